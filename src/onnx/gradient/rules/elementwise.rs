//! Functions of one value, element by element. Where the output helps, it is used again.

use super::only;
use crate::onnx::gradient::engine::Context;
use crate::onnx::proto::NodeProto;
use crate::onnx::{ElementType, OnnxError, Value};

type Result<T> = std::result::Result<T, OnnxError>;

/// `d(-x) = -dx`
pub fn neg(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let negative = context.builder.neg(&only(outputs)?);
    context.give(&node.input[0], negative);
    Ok(())
}

/// `d(e^x) = e^x dx`
pub fn exp(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let product = context
        .builder
        .mul(&only(outputs)?, &Value::named(&node.output[0]));
    context.give(&node.input[0], product);
    Ok(())
}

/// `d(ln x) = dx / x`
pub fn log(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let quotient = context
        .builder
        .div(&only(outputs)?, &Value::named(&node.input[0]));
    context.give(&node.input[0], quotient);
    Ok(())
}

/// `d(sqrt x) = dx / (2 sqrt x)`
pub fn sqrt(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let half = context.number(0.5, &node.input[0])?;
    let scaled = context.builder.mul(&only(outputs)?, &half);
    let quotient = context.builder.div(&scaled, &Value::named(&node.output[0]));
    context.give(&node.input[0], quotient);
    Ok(())
}

/// `d(erf x) = 2/sqrt(pi) e^(-x^2) dx`
pub fn erf(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let x = Value::named(&node.input[0]);
    let square = context.builder.mul(&x, &x);
    let negative = context.builder.neg(&square);
    let bell = context.builder.exp(&negative);
    let scale = context.number(std::f64::consts::FRAC_2_SQRT_PI, &node.input[0])?;
    let slope = context.builder.mul(&bell, &scale);
    let product = context.builder.mul(&only(outputs)?, &slope);
    context.give(&node.input[0], product);
    Ok(())
}

/// `d(tanh x) = (1 - tanh^2 x) dx`
pub fn tanh(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let y = Value::named(&node.output[0]);
    let square = context.builder.mul(&y, &y);
    let one = context.number(1.0, &node.input[0])?;
    let slope = context.builder.sub(&one, &square);
    let product = context.builder.mul(&only(outputs)?, &slope);
    context.give(&node.input[0], product);
    Ok(())
}

/// `d(sigmoid x) = y (1 - y) dx`
pub fn sigmoid(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let y = Value::named(&node.output[0]);
    let one = context.number(1.0, &node.input[0])?;
    let rest = context.builder.sub(&one, &y);
    let slope = context.builder.mul(&y, &rest);
    let product = context.builder.mul(&only(outputs)?, &slope);
    context.give(&node.input[0], product);
    Ok(())
}

/// `d(max(x, 0)) = dx` where x is positive.
pub fn relu(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let zero = context.number(0.0, &node.input[0])?;
    let positive = context
        .builder
        .greater(&Value::named(&node.input[0]), &zero);
    let kept = context.builder.choose(&positive, &only(outputs)?, &zero);
    context.give(&node.input[0], kept);
    Ok(())
}

/// `d|x| = sign(x) dx`
pub fn abs(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let sign = context.builder.sign(&Value::named(&node.input[0]));
    let product = context.builder.mul(&only(outputs)?, &sign);
    context.give(&node.input[0], product);
    Ok(())
}

/// `d(1/x) = -1/x^2 dx`
pub fn reciprocal(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<()> {
    let y = Value::named(&node.output[0]);
    let square = context.builder.mul(&y, &y);
    let product = context.builder.mul(&only(outputs)?, &square);
    let negative = context.builder.neg(&product);
    context.give(&node.input[0], negative);
    Ok(())
}

/// The same gradient.
pub fn identity(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    context.give(&node.input[0], only(outputs)?);
    Ok(())
}

/// The gradient in the element type of the input.
pub fn cast(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    // Whole numbers have gradients only where they stand for real ones; those are in 32 bits.
    let element = match context.value_type(&node.input[0])?.element {
        element if element.is_float() => element,
        _ => ElementType::F32,
    };
    let converted = context.builder.cast(&only(outputs)?, element);
    context.give(&node.input[0], converted);
    Ok(())
}
