//! Smooth functions of one value, element by element. Where the output helps, it is used again.

use super::{input, only, output};
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::NodeProto;
use crate::onnx::{ElementType, OnnxError, Value};

type Result<T> = std::result::Result<T, OnnxError>;

/// Gives the input the output's gradient times a slope.
pub(super) fn give_slope(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
    slope: &Value,
) -> Result<()> {
    let product = context.builder.mul(&only(outputs)?, slope);
    context.give(input(node, 0)?, product);
    Ok(())
}

/// The input, by its name in the forward graph.
pub(super) fn x_of(node: &NodeProto) -> Result<Value> {
    Ok(Value::named(input(node, 0)?))
}

/// The output, by its name in the forward graph.
pub(super) fn y_of(node: &NodeProto) -> Result<Value> {
    Ok(Value::named(output(node, 0)?))
}

/// `d(-x) = -dx`
pub fn neg(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let negative = context.builder.neg(&only(outputs)?);
    context.give(input(node, 0)?, negative);
    Ok(())
}

/// `d(e^x) = e^x dx`
pub fn exp(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    give_slope(context, node, outputs, &y_of(node)?)
}

/// `d(ln x) = dx / x`
pub fn log(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let quotient = context.builder.div(&only(outputs)?, &x_of(node)?);
    context.give(input(node, 0)?, quotient);
    Ok(())
}

/// `d(sqrt x) = dx / (2 sqrt x)`
pub fn sqrt(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let half = context.number(0.5, input(node, 0)?)?;
    let scaled = context.builder.mul(&only(outputs)?, &half);
    let quotient = context.builder.div(&scaled, &y_of(node)?);
    context.give(input(node, 0)?, quotient);
    Ok(())
}

/// `d(erf x) = 2/sqrt(pi) e^(-x^2) dx`, with the factor inside the exponent: `e^(ln(2/sqrt(pi)) - x^2)`.
pub fn erf(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let x = x_of(node)?;
    let square = context.builder.mul(&x, &x);
    let factor = context.number(std::f64::consts::FRAC_2_SQRT_PI.ln(), input(node, 0)?)?;
    let exponent = context.builder.sub(&factor, &square);
    let slope = context.builder.exp(&exponent);
    give_slope(context, node, outputs, &slope)
}

/// `d(tanh x) = (1 - tanh^2 x) dx`
pub fn tanh(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let y = y_of(node)?;
    let square = context.builder.mul(&y, &y);
    let one = context.number(1.0, input(node, 0)?)?;
    let slope = context.builder.sub(&one, &square);
    give_slope(context, node, outputs, &slope)
}

/// `d(sigmoid x) = y (1 - y) dx`
pub fn sigmoid(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let y = y_of(node)?;
    let one = context.number(1.0, input(node, 0)?)?;
    let rest = context.builder.sub(&one, &y);
    let slope = context.builder.mul(&y, &rest);
    give_slope(context, node, outputs, &slope)
}

/// `d|x| = sign(x) dx`
pub fn abs(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let sign = context.builder.sign(&x_of(node)?);
    give_slope(context, node, outputs, &sign)
}

/// `d(1/x) = -1/x^2 dx`
pub fn reciprocal(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<()> {
    let y = y_of(node)?;
    let square = context.builder.mul(&y, &y);
    let slope = context.builder.neg(&square);
    give_slope(context, node, outputs, &slope)
}

/// `d ln(1 + e^x) = sigmoid(x) dx`
pub fn softplus(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let slope = context.builder.sigmoid(&x_of(node)?);
    give_slope(context, node, outputs, &slope)
}

/// `d(x / (1 + |x|)) = (1 - |y|)^2 dx`
pub fn softsign(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let size = context.builder.abs(&y_of(node)?);
    let one = context.number(1.0, input(node, 0)?)?;
    let rest = context.builder.sub(&one, &size);
    let slope = context.builder.mul(&rest, &rest);
    give_slope(context, node, outputs, &slope)
}

/// The same gradient.
pub fn identity(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    context.give(input(node, 0)?, only(outputs)?);
    Ok(())
}

/// Cast and CastLike: the gradient in the element type of the input.
pub fn cast(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let x = input(node, 0)?;
    let gradient = only(outputs)?;
    // Whole numbers have gradients only where they stand for real ones; those are in 32 bits.
    let from = match context.value_type(x)?.element {
        element if element.is_float() => element,
        _ => ElementType::F32,
    };
    let converted = if from == context.value_type(output(node, 0)?)?.element {
        gradient
    } else {
        context.builder.cast(&gradient, from)
    };
    context.give(x, converted);
    Ok(())
}
