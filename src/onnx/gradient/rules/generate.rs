//! Operators that fill a value from a few numbers: Range and OneHot.

use super::{axis_of, input, only, output};
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::{AttributeProto, NodeProto};
use crate::onnx::{OnnxError, Tensor, Value};

type Result<T> = std::result::Result<T, OnnxError>;

/// Range: element `i` is `start + i step`. The end decides only how many there are.
pub fn range(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let gradient = only(outputs)?;
    let (start, step, y) = (input(node, 0)?, input(node, 2)?, output(node, 0)?);
    if context.wants(start) {
        let total = context.builder.reduce_sum(&gradient, &[], false);
        give_scalar(context, start, &total)?;
    }
    if context.wants(step) {
        let element = context.value_type(y)?.element;
        let builder = &mut context.builder;
        let size = builder.node("Size", &[&Value::named(y)], Vec::new());
        let mut whole = |number| {
            builder.constant(&Tensor {
                shape: vec![],
                ..Tensor::i64(&[1], [number])
            })
        };
        let (zero, one) = (whole(0), whole(1));
        let positions = builder.node("Range", &[&zero, &size, &one], Vec::new());
        let positions = builder.cast(&positions, element);
        let product = builder.mul(&gradient, &positions);
        let total = builder.reduce_sum(&product, &[], false);
        give_scalar(context, step, &total)?;
    }
    Ok(())
}

/// A single number may come as a value without dimensions or as a list of one.
fn give_scalar(context: &mut Context, name: &str, value: &Value) -> Result<()> {
    let shape = context.shape_of(name)?;
    let shaped = context.builder.reshape_to(value, &shape);
    context.give(name, shaped);
    Ok(())
}

/// OneHot: the two values `[off, on]` get what went to the places where they stand.
pub fn one_hot(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let gradient = only(outputs)?;
    let values = input(node, 2)?;
    if !context.wants(values) {
        return Ok(());
    }
    let rank = context.rank(output(node, 0)?)?;
    let axis = axis_of(node.int("axis", -1), rank)? as i64;
    let (off, on) = (context.number(0.0, values)?, context.number(1.0, values)?);
    let builder = &mut context.builder;
    let one = builder.integers(&[1]);
    let (off, on) = (
        builder.reshape_to(&off, &one),
        builder.reshape_to(&on, &one),
    );
    let plain = builder.concat(&[&off, &on], 0);
    let inputs = [
        &Value::named(input(node, 0)?),
        &Value::named(input(node, 1)?),
        &plain,
    ];
    let mask = builder.node("OneHot", &inputs, vec![AttributeProto::int("axis", axis)]);
    let hot = builder.mul(&gradient, &mask);
    let cold = builder.sub(&gradient, &hot);
    let (hot, cold) = (
        builder.reduce_sum(&hot, &[], false),
        builder.reduce_sum(&cold, &[], false),
    );
    let (hot, cold) = (
        builder.reshape_to(&hot, &one),
        builder.reshape_to(&cold, &one),
    );
    let both = builder.concat(&[&cold, &hot], 0);
    context.give(values, both);
    Ok(())
}
