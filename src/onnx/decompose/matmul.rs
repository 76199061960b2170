//! Fused matrix products of `com.microsoft`: FusedMatMul, FusedGemm and their kin.

use super::activation;
use super::scope::Scope;
use crate::onnx::proto::{AttributeProto, NodeProto};
use crate::onnx::{ElementType, Value};

/// `com.microsoft.FusedMatMul`, its older name TransposeMatMul, and FusedMatMulActivation:
/// `alpha op(A) op(B)`, where `op` may transpose the matrix, and move the first axis behind the other
/// batch axes.
pub fn fused_matmul(scope: &mut Scope, node: &NodeProto) -> Result<(), String> {
    let (a, b) = (scope.needed(node, 0)?, scope.needed(node, 1)?);
    let element = scope.element(&b).or_else(|_| scope.element(&a))?;
    let alpha = f64::from(node.float("alpha", 1.0));
    let flags = |matrix: &str, batch: &str| (node.int(matrix, 0) != 0, node.int(batch, 0) != 0);
    let (flags_a, flags_b) = (
        flags("transA", "transBatchA"),
        flags("transB", "transBatchB"),
    );
    let rows_by_weight = flags_a == (false, false)
        && flags_b == (true, false)
        && scope.rank(&b).is_ok_and(|rank| rank == 2);
    let product = match scope.rank(&a) {
        Ok(rank) if rows_by_weight && rank >= 2 => rows_by_transposed(scope, &a, &b, rank)?,
        _ => {
            let a = arrange(scope, &a, flags_a)?;
            let b = arrange(scope, &b, flags_b)?;
            scope.builder.matmul(&a, &b)
        }
    };
    let scaled = scope.scale(&product, alpha, element)?;
    let result = with_activation(scope, node, &scaled, element)?;
    scope.give(node, 0, result);
    Ok(())
}

/// Rows times a transposed weight matrix: a Gemm, so that no transposed copy of it is kept.
fn rows_by_transposed(
    scope: &mut Scope,
    a: &Value,
    b: &Value,
    rank: usize,
) -> Result<Value, String> {
    if rank == 2 {
        return Ok(scope.builder.gemm(a, b, false, true));
    }
    let flattened = vec![AttributeProto::int("axis", rank as i64 - 1)];
    let rows = scope.builder.node("Flatten", &[a], flattened);
    let product = scope.builder.gemm(&rows, b, false, true);
    let last = rank - 1;
    let leading: Vec<Option<usize>> = (0..last).map(|axis| scope.known(a, axis)).collect();
    let width = scope.known(b, 0);
    // At most one length may be left open, and none when another is 0.
    if leading.iter().filter(|length| length.is_none()).count() <= 1
        && !leading.contains(&Some(0))
        && let Some(width) = width
    {
        let shape: Vec<i64> = leading
            .iter()
            .map(|length| length.map_or(-1, |length| length as i64))
            .chain([width as i64])
            .collect();
        return Ok(scope.reshape(&product, &shape));
    }
    let attributes = vec![AttributeProto::int("end", last as i64)];
    let leading = scope.builder.node("Shape", &[a], attributes);
    let width = scope.length(b, 0)?.value;
    let shape = scope.builder.concat(&[&leading, &width], 0);
    Ok(scope.builder.reshape_to(&product, &shape))
}

/// An operand in the order that a plain MatMul takes.
fn arrange(scope: &mut Scope, x: &Value, (matrix, batch): (bool, bool)) -> Result<Value, String> {
    if !matrix && !batch {
        return Ok(x.clone());
    }
    let rank = scope.rank(x)?;
    if rank < 2 {
        // A vector has nothing to transpose.
        return Ok(x.clone());
    }
    let mut order: Vec<i64> = (0..rank as i64).collect();
    if batch {
        order[..rank - 1].rotate_left(1);
    }
    if matrix {
        order.swap(rank - 2, rank - 1);
    }
    Ok(scope.builder.transpose(x, &order))
}

/// `com.microsoft.FusedGemm`: a Gemm and an activation.
pub fn fused_gemm(scope: &mut Scope, node: &NodeProto) -> Result<(), String> {
    let (a, b) = (scope.needed(node, 0)?, scope.needed(node, 1)?);
    let element = scope.element(&a)?;
    let mut inputs = vec![a, b];
    inputs.extend(scope.input(node, 2));
    let inputs: Vec<&Value> = inputs.iter().collect();
    let attributes = node
        .attribute
        .iter()
        .filter(|attribute| {
            let name = attribute.name.as_deref();
            matches!(name, Some("alpha" | "beta" | "transA" | "transB"))
        })
        .cloned()
        .collect();
    let product = scope.builder.node("Gemm", &inputs, attributes);
    let result = with_activation(scope, node, &product, element)?;
    scope.give(node, 0, result);
    Ok(())
}

/// `com.microsoft.GemmFastGelu`: a product, an optional bias, and Gelu by the hyperbolic tangent.
pub fn gemm_fast_gelu(scope: &mut Scope, node: &NodeProto) -> Result<(), String> {
    let (x, weight) = (scope.needed(node, 0)?, scope.needed(node, 1)?);
    let element = scope.element(&weight).or_else(|_| scope.element(&x))?;
    let mut sum = scope.builder.matmul(&x, &weight);
    if let Some(bias) = scope.input(node, 2) {
        sum = scope.builder.add(&sum, &bias);
    }
    let result = activation::tanh_gelu(scope, &sum, element)?;
    scope.give(node, 0, result);
    Ok(())
}

fn with_activation(
    scope: &mut Scope,
    node: &NodeProto,
    x: &Value,
    element: ElementType,
) -> Result<Value, String> {
    let numbers: Vec<f32> = ["activation_alpha", "activation_beta", "activation_gamma"]
        .into_iter()
        .filter_map(|name| node.find(name)?.f)
        .collect();
    activation::by_name(scope, x, node.text("activation", ""), &numbers, element)
}
