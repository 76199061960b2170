//! Add, Sub, Mul, Div, Pow: broadcast, so that every gradient is summed back.

use super::only;
use crate::onnx::gradient::engine::Context;
use crate::onnx::proto::NodeProto;
use crate::onnx::{OnnxError, Value};

/// `d(a+b) = da + db`
pub fn add(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    context.give_broadcast(&node.input[0], &node.output[0], gradient.clone())?;
    context.give_broadcast(&node.input[1], &node.output[0], gradient)
}

/// `d(a-b) = da - db`
pub fn sub(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    context.give_broadcast(&node.input[0], &node.output[0], gradient.clone())?;
    if context.wants(&node.input[1]) {
        let negative = context.builder.neg(&gradient);
        context.give_broadcast(&node.input[1], &node.output[0], negative)?;
    }
    Ok(())
}

/// `d(ab) = b da + a db`
pub fn mul(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    for (this, other) in [(0, 1), (1, 0)] {
        if context.wants(&node.input[this]) {
            let product = context
                .builder
                .mul(&gradient, &Value::named(&node.input[other]));
            context.give_broadcast(&node.input[this], &node.output[0], product)?;
        }
    }
    Ok(())
}

/// `d(a/b) = da/b - (a/b)/b db`
pub fn div(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let divided = context
        .builder
        .div(&gradient, &Value::named(&node.input[1]));
    if context.wants(&node.input[1]) {
        let product = context
            .builder
            .mul(&divided, &Value::named(&node.output[0]));
        let negative = context.builder.neg(&product);
        context.give_broadcast(&node.input[1], &node.output[0], negative)?;
    }
    context.give_broadcast(&node.input[0], &node.output[0], divided)
}

/// `d(a^b) = b a^(b-1) da + a^b ln(a) db`
pub fn pow(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let (base, exponent) = (Value::named(&node.input[0]), Value::named(&node.input[1]));
    if context.wants(&node.input[0]) {
        let one = context.number(1.0, &node.input[1])?;
        let lower = context.builder.sub(&exponent, &one);
        let power = context.builder.pow(&base, &lower);
        let product = context.builder.mul(&gradient, &power);
        let scaled = context.builder.mul(&product, &exponent);
        context.give_broadcast(&node.input[0], &node.output[0], scaled)?;
    }
    if context.wants(&node.input[1]) {
        let logarithm = context.builder.log(&base);
        let product = context
            .builder
            .mul(&gradient, &Value::named(&node.output[0]));
        let scaled = context.builder.mul(&product, &logarithm);
        context.give_broadcast(&node.input[1], &node.output[0], scaled)?;
    }
    Ok(())
}
