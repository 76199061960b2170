//! Groups of operators that stay in the forward graph and are differentiated as one, with the values that
//! the forward pass computes anyway. `patterns` finds them.

pub use super::softmax::softmax;
use super::{input, only, output};
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::NodeProto;
use crate::onnx::{OnnxError, Value};

type Result<T> = std::result::Result<T, OnnxError>;

/// `y = x s` with `s = sigmoid(x)`, from `x` and `s`: `dx = g (s + y (1 - s))`.
pub fn silu(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let gradient = only(outputs)?;
    let x = input(node, 0)?;
    let gate = Value::named(input(node, 1)?);
    let one = context.number(1.0, x)?;
    let builder = &mut context.builder;
    let rest = builder.sub(&one, &gate);
    let bend = builder.mul(&Value::named(output(node, 0)?), &rest);
    let slope = builder.add(&gate, &bend);
    let result = builder.mul(&gradient, &slope);
    context.give(x, result);
    Ok(())
}

/// `z = y b` with `y = x s` and `s = sigmoid(x)`, all of one shape, from `x`, `s`, `y` and `b`: with
/// `db = g y` the other gradient is `dx = b (db + s (g - db))`.
pub fn gated_linear(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<()> {
    let gradient = only(outputs)?;
    let (x, other) = (input(node, 0)?, input(node, 3)?);
    let gate = Value::named(input(node, 1)?);
    let of_other = context
        .builder
        .mul(&gradient, &Value::named(input(node, 2)?));
    if context.wants(x) {
        let builder = &mut context.builder;
        let rest = builder.sub(&gradient, &of_other);
        let bend = builder.mul(&gate, &rest);
        let sum = builder.add(&of_other, &bend);
        let result = builder.mul(&sum, &Value::named(other));
        context.give(x, result);
    }
    context.give(other, of_other);
    Ok(())
}

/// `y = x r` with `r = 1 / sqrt(mean(x^2) + epsilon)`, from `x` and `r`, or from `x` and `1 / r` for the
/// operator Div. The mean is over `axes`: `dx = r (g - y mean(g y))`.
pub fn root_mean_square(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<()> {
    let gradient = only(outputs)?;
    let axes = node.ints("axes").unwrap_or_default();
    let y = Value::named(output(node, 0)?);
    let size = Value::named(input(node, 1)?);
    let builder = &mut context.builder;
    let product = builder.mul(&gradient, &y);
    let along = builder.reduce_mean(&product, axes, true);
    let along = builder.mul(&y, &along);
    let rest = builder.sub(&gradient, &along);
    let result = match node.op() {
        "Div" => builder.div(&rest, &size),
        _ => builder.mul(&rest, &size),
    };
    context.give(input(node, 0)?, result);
    Ok(())
}
