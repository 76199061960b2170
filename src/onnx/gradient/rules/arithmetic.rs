//! Add, Sub, Mul, Div, Mod and the variadic Sum and Mean: broadcast, so that every gradient is summed
//! back. What only changes the size of a gradient comes after that sum, where there is less to do.

use super::{input, only, output};
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::NodeProto;
use crate::onnx::{OnnxError, Value};

type Result<T> = std::result::Result<T, OnnxError>;

/// Add and Sum: every term gets the gradient.
pub fn add(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let gradient = only(outputs)?;
    for term in &node.input {
        context.give_broadcast(term, output(node, 0)?, gradient.clone())?;
    }
    Ok(())
}

/// `d(a-b) = da - db`
pub fn sub(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let gradient = only(outputs)?;
    let (a, b, y) = (input(node, 0)?, input(node, 1)?, output(node, 0)?);
    context.give_broadcast(a, y, gradient.clone())?;
    if context.wants(b) {
        let summed = context.sum_to(&gradient, y, b)?;
        let negative = context.builder.neg(&summed);
        context.give(b, negative);
    }
    Ok(())
}

/// `d(ab) = b da + a db`, for a square `2 a da`.
pub fn mul(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let gradient = only(outputs)?;
    let (a, b, y) = (input(node, 0)?, input(node, 1)?, output(node, 0)?);
    if a == b {
        let two = context.number(2.0, a)?;
        let product = context.builder.mul(&gradient, &Value::named(a));
        let doubled = context.builder.mul(&product, &two);
        context.give(a, doubled);
        return Ok(());
    }
    for (this, other) in [(a, b), (b, a)] {
        if context.wants(this) {
            let product = context.builder.mul(&gradient, &Value::named(other));
            context.give_broadcast(this, y, product)?;
        }
    }
    Ok(())
}

/// `d(a/b) = da/b - y/b db`
pub fn div(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let gradient = only(outputs)?;
    let (a, b, y) = (input(node, 0)?, input(node, 1)?, output(node, 0)?);
    let divisor = Value::named(b);
    if context.wants(b) {
        let product = context.builder.mul(&gradient, &Value::named(y));
        let summed = context.sum_to(&product, y, b)?;
        let quotient = context.builder.div(&summed, &divisor);
        let negative = context.builder.neg(&quotient);
        context.give(b, negative);
    }
    if context.wants(a) {
        let quotient = context.builder.div(&gradient, &divisor);
        context.give_broadcast(a, y, quotient)?;
    }
    Ok(())
}

/// Mod: `a - n b` with a whole number `n` that does not change: `da - n db`.
pub fn modulo(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let gradient = only(outputs)?;
    let (a, b, y) = (input(node, 0)?, input(node, 1)?, output(node, 0)?);
    if context.wants(b) {
        let whole = context.builder.sub(&Value::named(y), &Value::named(a));
        let times = context.builder.div(&whole, &Value::named(b));
        let times = context.builder.node("Round", &[&times], Vec::new());
        let product = context.builder.mul(&gradient, &times);
        context.give_broadcast(b, y, product)?;
    }
    context.give_broadcast(a, y, gradient)
}

/// Mean: every term gets its share.
pub fn mean(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let y = output(node, 0)?;
    let mut share = only(outputs)?;
    if node.input.len() > 1 {
        let factor = context.number(1.0 / node.input.len() as f64, y)?;
        share = context.builder.mul(&share, &factor);
    }
    for term in &node.input {
        context.give_broadcast(term, y, share.clone())?;
    }
    Ok(())
}
