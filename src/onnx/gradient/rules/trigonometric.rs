//! Trigonometric and hyperbolic functions and their inverses.

use super::elementwise::{give_slope, x_of, y_of};
use super::{input, only};
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::NodeProto;
use crate::onnx::{OnnxError, Value};

type Result<T> = std::result::Result<T, OnnxError>;

/// `d(sin x) = cos(x) dx`
pub fn sin(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let slope = context.builder.node("Cos", &[&x_of(node)?], Vec::new());
    give_slope(context, node, outputs, &slope)
}

/// `d(cos x) = -sin(x) dx`
pub fn cos(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let sine = context.builder.node("Sin", &[&x_of(node)?], Vec::new());
    let slope = context.builder.neg(&sine);
    give_slope(context, node, outputs, &slope)
}

/// `d(tan x) = (1 + tan^2 x) dx`
pub fn tan(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let y = y_of(node)?;
    let square = context.builder.mul(&y, &y);
    let one = context.number(1.0, input(node, 0)?)?;
    let slope = context.builder.add(&square, &one);
    give_slope(context, node, outputs, &slope)
}

/// `d(sinh x) = cosh(x) dx`
pub fn sinh(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let slope = context.builder.node("Cosh", &[&x_of(node)?], Vec::new());
    give_slope(context, node, outputs, &slope)
}

/// `d(cosh x) = sinh(x) dx`
pub fn cosh(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let slope = context.builder.node("Sinh", &[&x_of(node)?], Vec::new());
    give_slope(context, node, outputs, &slope)
}

/// `d(asin x) = dx / sqrt(1 - x^2)`
pub fn asin(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let root = circle(context, node)?;
    give_quotient(context, node, outputs, &root)
}

/// `d(acos x) = -dx / sqrt(1 - x^2)`
pub fn acos(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let root = circle(context, node)?;
    let negative = context.builder.neg(&root);
    give_quotient(context, node, outputs, &negative)
}

/// `d(atan x) = dx / (1 + x^2)`
pub fn atan(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let sum = one_plus_square(context, node)?;
    give_quotient(context, node, outputs, &sum)
}

/// `d(asinh x) = dx / sqrt(1 + x^2)`
pub fn asinh(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let sum = one_plus_square(context, node)?;
    let root = context.builder.sqrt(&sum);
    give_quotient(context, node, outputs, &root)
}

/// `d(acosh x) = dx / sqrt((x - 1) (x + 1))`
pub fn acosh(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let (x, one) = (x_of(node)?, context.number(1.0, input(node, 0)?)?);
    let (below, above) = (context.builder.sub(&x, &one), context.builder.add(&x, &one));
    let product = context.builder.mul(&below, &above);
    let root = context.builder.sqrt(&product);
    give_quotient(context, node, outputs, &root)
}

/// `d(atanh x) = dx / ((1 - x) (1 + x))`
pub fn atanh(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let product = one_minus_square(context, node)?;
    give_quotient(context, node, outputs, &product)
}

/// `(1 - x) (1 + x)`, which loses nothing near the ends, as `1 - x^2` would.
fn one_minus_square(context: &mut Context, node: &NodeProto) -> Result<Value> {
    let (x, one) = (x_of(node)?, context.number(1.0, input(node, 0)?)?);
    let (below, above) = (context.builder.sub(&one, &x), context.builder.add(&one, &x));
    Ok(context.builder.mul(&below, &above))
}

fn circle(context: &mut Context, node: &NodeProto) -> Result<Value> {
    let product = one_minus_square(context, node)?;
    Ok(context.builder.sqrt(&product))
}

fn one_plus_square(context: &mut Context, node: &NodeProto) -> Result<Value> {
    let (x, one) = (x_of(node)?, context.number(1.0, input(node, 0)?)?);
    let square = context.builder.mul(&x, &x);
    Ok(context.builder.add(&square, &one))
}

fn give_quotient(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
    divisor: &Value,
) -> Result<()> {
    let quotient = context.builder.div(&only(outputs)?, divisor);
    context.give(input(node, 0)?, quotient);
    Ok(())
}
