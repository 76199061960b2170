//! MatMul and Gemm. A weight matrix is never transposed as a node of its own: constant folding
//! would keep a second copy of it.

use super::only;
use crate::onnx::gradient::engine::Context;
use crate::onnx::proto::NodeProto;
use crate::onnx::{Dimension, OnnxError, Value};

/// `dA = dY B^T`, `dB = A^T dY`, summed over what was broadcast.
pub fn matmul(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let (a, b) = (&node.input[0], &node.input[1]);
    let (rank_a, rank_b) = (context.rank(a)?, context.rank(b)?);
    if rank_a < 2 || rank_b < 2 {
        return Err(OnnxError::Unsupported(vec![format!(
            "MatMul of vectors (node {:?})",
            node.name.as_deref().unwrap_or("")
        )]));
    }
    if rank_b == 2 {
        return weight(context, node, &gradient);
    }
    let output = context.value_type(&node.output[0])?.dimensions.clone();
    let batch = &output[..output.len() - 2];
    if context.wants(a) {
        let transposed = transpose_last(context, b, rank_b);
        let product = context.builder.matmul(&gradient, &transposed);
        let matrix = context.value_type(a)?.dimensions.clone();
        give_batched(context, a, product, batch, &matrix)?;
    }
    if context.wants(b) {
        let transposed = transpose_last(context, a, rank_a);
        let product = context.builder.matmul(&transposed, &gradient);
        let matrix = context.value_type(b)?.dimensions.clone();
        give_batched(context, b, product, batch, &matrix)?;
    }
    Ok(())
}

/// A stack of rows times one matrix.
fn weight(context: &mut Context, node: &NodeProto, gradient: &Value) -> Result<(), OnnxError> {
    let (a, b) = (&node.input[0], &node.input[1]);
    let rank_a = context.rank(a)?;
    let matrix = context.value_type(b)?.dimensions.clone();
    let width = |dimension: &Dimension| match dimension {
        Dimension::Fixed(length) => *length as i64,
        _ => -1,
    };
    let flat = |context: &mut Context, value: &Value, columns: i64| {
        if rank_a == 2 {
            return value.clone();
        }
        if columns >= 0 {
            return context.builder.reshape(value, &[-1, columns]);
        }
        let flattened = vec![crate::onnx::proto::AttributeProto::int(
            "axis",
            rank_a as i64 - 1,
        )];
        context.builder.node("Flatten", &[value], flattened)
    };
    let rows = flat(context, gradient, width(&matrix[1]));
    if context.wants(b) {
        let input = flat(context, &Value::named(a), width(&matrix[0]));
        let product = context.builder.gemm(&input, &rows, true, false);
        context.give(b, product);
    }
    if context.wants(a) {
        let product = context.builder.gemm(&rows, &Value::named(b), false, true);
        let shaped = if rank_a == 2 {
            product
        } else {
            let shape = context.builder.shape(&Value::named(a));
            context.builder.reshape_to(&product, &shape)
        };
        context.give(a, shaped);
    }
    Ok(())
}

fn transpose_last(context: &mut Context, name: &str, rank: usize) -> Value {
    let mut order: Vec<i64> = (0..rank as i64).collect();
    order.swap(rank - 2, rank - 1);
    context.builder.transpose(&Value::named(name), &order)
}

/// The product has the output's batch dimensions and the input's matrix: sum what was broadcast.
fn give_batched(
    context: &mut Context,
    name: &str,
    product: Value,
    batch: &[Dimension],
    to: &[Dimension],
) -> Result<(), OnnxError> {
    let from: Vec<Dimension> = batch.iter().chain(&to[to.len() - 2..]).cloned().collect();
    // The matrix dimensions are equal by construction, even where nothing is known of them.
    let known = |dimensions: &[Dimension]| -> Vec<Dimension> {
        let start = dimensions.len() - 2;
        let named = (0..2).map(|position| Dimension::Symbol(format!("matrix {position}")));
        dimensions[..start].iter().cloned().chain(named).collect()
    };
    let reduced = context.sum_dimensions(&product, &known(&from), &known(to), name)?;
    context.give(name, reduced);
    Ok(())
}

/// `Y = alpha op(A) op(B) + beta C`
pub fn gemm(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let (a, b) = (&node.input[0], &node.input[1]);
    let (transpose_a, transpose_b) = (node.int("transA", 0) != 0, node.int("transB", 0) != 0);
    let alpha = f64::from(node.float("alpha", 1.0));
    let scaled = if (alpha - 1.0).abs() < f64::EPSILON {
        gradient.clone()
    } else {
        let alpha = context.number(alpha, a)?;
        context.builder.mul(&gradient, &alpha)
    };
    let (value_a, value_b) = (Value::named(a), Value::named(b));
    if context.wants(a) {
        let product = if transpose_a {
            context.builder.gemm(&value_b, &scaled, transpose_b, true)
        } else {
            context.builder.gemm(&scaled, &value_b, false, !transpose_b)
        };
        context.give(a, product);
    }
    if context.wants(b) {
        let product = if transpose_b {
            context.builder.gemm(&scaled, &value_a, true, transpose_a)
        } else {
            context.builder.gemm(&value_a, &scaled, !transpose_a, false)
        };
        context.give(b, product);
    }
    if let Some(c) = node.input.get(2).filter(|c| !c.is_empty())
        && context.wants(c)
    {
        let beta = f64::from(node.float("beta", 1.0));
        let scaled = if (beta - 1.0).abs() < f64::EPSILON {
            gradient
        } else {
            let beta = context.number(beta, c)?;
            context.builder.mul(&gradient, &beta)
        };
        context.give_broadcast(c, &node.output[0], scaled)?;
    }
    Ok(())
}
