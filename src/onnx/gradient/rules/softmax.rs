//! Softmax and LogSoftmax along one axis.

use super::{input, only, output};
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::NodeProto;
use crate::onnx::{OnnxError, Value};

/// `dx = y (g - sum(g y))`
pub fn softmax(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let axis = node.int("axis", -1);
    let y = Value::named(output(node, 0)?);
    let product = context.builder.mul(&gradient, &y);
    let total = context.builder.reduce_sum(&product, &[axis], true);
    let rest = context.builder.sub(&gradient, &total);
    let result = context.builder.mul(&rest, &y);
    context.give(input(node, 0)?, result);
    Ok(())
}

/// `dx = g - exp(y) sum(g)`
pub fn log_softmax(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let axis = node.int("axis", -1);
    let probability = context.builder.exp(&Value::named(output(node, 0)?));
    let total = context.builder.reduce_sum(&gradient, &[axis], true);
    let scaled = context.builder.mul(&probability, &total);
    let result = context.builder.sub(&gradient, &scaled);
    context.give(input(node, 0)?, result);
    Ok(())
}
