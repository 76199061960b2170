//! LayerNormalization, with the mean and the inverse deviation that the forward node computed.

use super::{axis_of, only};
use crate::onnx::gradient::engine::Context;
use crate::onnx::proto::NodeProto;
use crate::onnx::{OnnxError, Value};

/// With `n` the normalised input and `h` the gradient times the scale:
/// `dx = (h - mean(h) - n mean(h n)) / deviation`.
pub fn layer_normalization(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let (x, scale) = (&node.input[0], &node.input[1]);
    let rank = context.rank(x)?;
    let axis = axis_of(node.int("axis", -1), rank)?;
    let axes: Vec<i64> = (axis..rank).map(|position| position as i64).collect();
    let element = context.value_type(x)?.element;
    // Both are 32-bit whatever the input is.
    let mean = context
        .builder
        .cast(&Value::named(&node.output[1]), element);
    let inverse = context
        .builder
        .cast(&Value::named(&node.output[2]), element);
    let centered = context.builder.sub(&Value::named(x), &mean);
    let normalised = context.builder.mul(&centered, &inverse);
    if context.wants(scale) {
        let product = context.builder.mul(&gradient, &normalised);
        context.give_broadcast(scale, x, product)?;
    }
    if let Some(bias) = node.input.get(2).filter(|bias| !bias.is_empty()) {
        context.give_broadcast(bias, x, gradient.clone())?;
    }
    if context.wants(x) {
        let scaled = context.builder.mul(&gradient, &Value::named(scale));
        let mean_scaled = context.builder.reduce_mean(&scaled, &axes, true);
        let product = context.builder.mul(&scaled, &normalised);
        let mean_product = context.builder.reduce_mean(&product, &axes, true);
        let along = context.builder.mul(&normalised, &mean_product);
        let without_mean = context.builder.sub(&scaled, &mean_scaled);
        let projected = context.builder.sub(&without_mean, &along);
        let result = context.builder.mul(&projected, &inverse);
        context.give(x, result);
    }
    Ok(())
}
