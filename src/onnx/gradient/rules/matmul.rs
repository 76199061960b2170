//! MatMul. What is frozen is never transposed by a node of its own: constant folding would keep a
//! second copy of it. A Transpose of the last two dimensions that only a MatMul reads costs nothing,
//! since ONNX Runtime makes one node of both.

use super::{input, only, output, refused};
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::{AttributeProto, NodeProto};
use crate::onnx::{Dimension, OnnxError, Value};

/// `dA = dY B^T`, `dB = A^T dY`, summed over what was broadcast. Either side may be a vector.
pub fn matmul(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let (a, b) = (input(node, 0)?, input(node, 1)?);
    match (context.rank(a)?, context.rank(b)?) {
        (0, _) | (_, 0) => Err(refused(node, "of values without dimensions")),
        (1, 1) => dot(context, a, b, &gradient),
        (1, rank) => vector_left(context, a, b, rank, &gradient),
        (rank, 1) => vector_right(context, a, rank, b, &gradient),
        (_, 2) => rows(context, a, b, &gradient),
        _ => batched(context, a, b, output(node, 0)?, &gradient),
    }
}

/// `[K] [K] -> []`
fn dot(context: &mut Context, a: &str, b: &str, gradient: &Value) -> Result<(), OnnxError> {
    for (this, other) in [(a, b), (b, a)] {
        if context.wants(this) {
            let product = context.builder.mul(gradient, &Value::named(other));
            context.give(this, product);
        }
    }
    Ok(())
}

/// `[K] [..., K, N] -> [..., N]`
fn vector_left(
    context: &mut Context,
    a: &str,
    b: &str,
    rank: usize,
    gradient: &Value,
) -> Result<(), OnnxError> {
    if context.wants(a) {
        let product = if rank == 2 {
            context.builder.matmul(&Value::named(b), gradient)
        } else {
            let column = context.builder.unsqueeze(gradient, &[-1]);
            let columns = context.builder.matmul(&Value::named(b), &column);
            let summed: Vec<i64> = (0..rank as i64).filter(|d| *d != rank as i64 - 2).collect();
            context.builder.reduce_sum(&columns, &summed, false)
        };
        context.give(a, product);
    }
    if context.wants(b) {
        let column = context.builder.unsqueeze(&Value::named(a), &[-1]);
        let row = context.builder.unsqueeze(gradient, &[-2]);
        let outer = context.builder.mul(&column, &row);
        context.give(b, outer);
    }
    Ok(())
}

/// `[..., M, K] [K] -> [..., M]`
fn vector_right(
    context: &mut Context,
    a: &str,
    rank: usize,
    b: &str,
    gradient: &Value,
) -> Result<(), OnnxError> {
    if context.wants(a) {
        let column = context.builder.unsqueeze(gradient, &[-1]);
        let outer = context.builder.mul(&column, &Value::named(b));
        context.give(a, outer);
    }
    if context.wants(b) {
        let product = if rank == 2 {
            context.builder.matmul(gradient, &Value::named(a))
        } else {
            let all = context.builder.reshape(gradient, &[-1]);
            let matrix = flat(context, &Value::named(a), a, rank)?;
            context.builder.matmul(&all, &matrix)
        };
        context.give(b, product);
    }
    Ok(())
}

/// A stack of rows times one matrix: `[..., K] [K, N] -> [..., N]`
fn rows(context: &mut Context, a: &str, b: &str, gradient: &Value) -> Result<(), OnnxError> {
    let rank = context.rank(a)?;
    let columns = context.value_type(b)?.dimensions[1].clone();
    if context.wants(b) {
        let input = flat(context, &Value::named(a), a, rank)?;
        let output = flat_to(context, gradient, &columns, rank);
        let product = context.builder.gemm(&input, &output, true, false);
        context.give(b, product);
    }
    if context.wants(a) {
        let weight = Value::named(b);
        // A weight that is trained is no constant, so that nothing is folded. 16-bit products are
        // not fused on every device.
        let product = if rank == 2 {
            context.builder.gemm(gradient, &weight, false, true)
        } else if context.wants(b) && !is_half(context, b)? {
            let transposed = context.builder.transpose(&weight, &[1, 0]);
            context.builder.matmul(gradient, &transposed)
        } else {
            let output = flat_to(context, gradient, &columns, rank);
            let product = context.builder.gemm(&output, &weight, false, true);
            unflatten(context, &product, a, (gradient, rank))?
        };
        context.give(a, product);
    }
    Ok(())
}

/// Batches of matrices, broadcast against each other.
fn batched(
    context: &mut Context,
    a: &str,
    b: &str,
    output: &str,
    gradient: &Value,
) -> Result<(), OnnxError> {
    let dimensions = context.value_type(output)?.dimensions.clone();
    let batch = &dimensions[..dimensions.len().saturating_sub(2)];
    let rank = context.rank(a)?.max(context.rank(b)?);
    let (value_a, value_b) = (Value::named(a), Value::named(b));
    if context.wants(a) {
        let product = if context.wants(b) {
            let rank_b = context.rank(b)?;
            let transposed = transpose_last(context, &value_b, rank_b);
            context.builder.matmul(gradient, &transposed)
        } else {
            // (B dY^T)^T
            let transposed = transpose_last(context, gradient, rank);
            let product = context.builder.matmul(&value_b, &transposed);
            transpose_last(context, &product, rank)
        };
        give_batched(context, a, product, batch)?;
    }
    if context.wants(b) {
        let product = if context.wants(a) {
            let rank_a = context.rank(a)?;
            let transposed = transpose_last(context, &value_a, rank_a);
            context.builder.matmul(&transposed, gradient)
        } else {
            // (dY^T A)^T
            let transposed = transpose_last(context, gradient, rank);
            let product = context.builder.matmul(&transposed, &value_a);
            transpose_last(context, &product, rank)
        };
        give_batched(context, b, product, batch)?;
    }
    Ok(())
}

fn is_half(context: &Context, name: &str) -> Result<bool, OnnxError> {
    Ok(matches!(context.value_type(name)?.element.code(), 10 | 16))
}

/// A forward value as a matrix of all its rows.
fn flat(context: &mut Context, value: &Value, name: &str, rank: usize) -> Result<Value, OnnxError> {
    let columns = context.value_type(name)?.dimensions[rank - 1].clone();
    Ok(flat_to(context, value, &columns, rank))
}

fn flat_to(context: &mut Context, value: &Value, columns: &Dimension, rank: usize) -> Value {
    match columns {
        _ if rank == 2 => value.clone(),
        Dimension::Fixed(columns) if *columns > 0 => context.as_rows(value, *columns),
        _ => {
            let axis = vec![AttributeProto::int("axis", rank as i64 - 1)];
            context.builder.node("Flatten", &[value], axis)
        }
    }
}

/// Rows in the shape of `a`, whose leading lengths are those of the gradient.
fn unflatten(
    context: &mut Context,
    rows: &Value,
    a: &str,
    (gradient, rank): (&Value, usize),
) -> Result<Value, OnnxError> {
    let known = |dimension: &&Dimension| matches!(dimension, Dimension::Fixed(_));
    let dimensions = &context.value_type(a)?.dimensions;
    if dimensions.iter().filter(known).count() + 1 >= rank || context.has_shape(a)? {
        return context.reshape_like(rows, a);
    }
    let end = vec![AttributeProto::int("end", rank as i64 - 1)];
    let leading = context.builder.node("Shape", &[gradient], end);
    let width = context.length_of(a, rank - 1)?;
    let shape = context.builder.concat(&[&leading, &width], 0);
    let honest = vec![AttributeProto::int("allowzero", 1)];
    Ok(context.builder.node("Reshape", &[rows, &shape], honest))
}

fn transpose_last(context: &mut Context, value: &Value, rank: usize) -> Value {
    let mut order: Vec<i64> = (0..rank as i64).collect();
    order.swap(rank - 2, rank - 1);
    context.builder.transpose(value, &order)
}

/// The product has the output's batch dimensions and the input's matrix: sum what was broadcast.
fn give_batched(
    context: &mut Context,
    name: &str,
    product: Value,
    batch: &[Dimension],
) -> Result<(), OnnxError> {
    // The matrix dimensions are equal by construction, even where nothing is known of them.
    let matrix = (0..2).map(|position| Dimension::Symbol(format!("matrix {position}")));
    let own = context.value_type(name)?.dimensions.clone();
    let from: Vec<Dimension> = batch.iter().cloned().chain(matrix.clone()).collect();
    let to: Vec<Dimension> = own[..own.len() - 2].iter().cloned().chain(matrix).collect();
    let reduced = context.sum_dimensions(&product, &from, &to, name)?;
    context.give(name, reduced);
    Ok(())
}
