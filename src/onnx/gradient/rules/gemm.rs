//! Gemm: a matrix product with factors, transposed operands and an addend.

use super::{input, only, optional, output};
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::{AttributeProto, NodeProto};
use crate::onnx::{OnnxError, Value};

/// `Y = alpha op(A) op(B) + beta C`, where `op` transposes when the node says so and `C` is broadcast
/// or left out.
pub fn gemm(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let (a, b) = (input(node, 0)?, input(node, 1)?);
    let (value_a, value_b) = (Value::named(a), Value::named(b));
    let (across_a, across_b) = (node.int("transA", 0) != 0, node.int("transB", 0) != 0);
    let alpha = node.float("alpha", 1.0);
    if context.wants(a) {
        let product = if across_a {
            product(context, alpha, (&value_b, across_b), (&gradient, true))
        } else {
            product(context, alpha, (&gradient, false), (&value_b, !across_b))
        };
        context.give(a, product);
    }
    if context.wants(b) {
        let product = if across_b {
            product(context, alpha, (&gradient, true), (&value_a, across_a))
        } else {
            product(context, alpha, (&value_a, !across_a), (&gradient, false))
        };
        context.give(b, product);
    }
    let Some(c) = optional(node, 2).filter(|c| context.wants(c)) else {
        return Ok(());
    };
    let beta = node.float("beta", 1.0);
    let share = if beta == 0.0 {
        let shape = context.shape_of(c)?;
        context.zeros(&shape, c)?
    } else {
        let summed = context.sum_to(&gradient, output(node, 0)?, c)?;
        if (beta - 1.0).abs() < f32::EPSILON {
            summed
        } else {
            let beta = context.number(f64::from(beta), c)?;
            context.builder.mul(&summed, &beta)
        }
    };
    context.give(c, share);
    Ok(())
}

/// `alpha op(left) op(right)`; each operand comes with whether it is transposed.
fn product(
    context: &mut Context,
    alpha: f32,
    left: (&Value, bool),
    right: (&Value, bool),
) -> Value {
    let mut attributes = vec![
        AttributeProto::int("transA", i64::from(left.1)),
        AttributeProto::int("transB", i64::from(right.1)),
    ];
    if (alpha - 1.0).abs() >= f32::EPSILON {
        attributes.push(AttributeProto::float("alpha", alpha));
    }
    context.builder.node("Gemm", &[left.0, right.0], attributes)
}
