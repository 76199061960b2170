//! Where, Min, Max, Clip: the gradient follows the value that was taken.

use super::only;
use crate::onnx::gradient::engine::Context;
use crate::onnx::proto::NodeProto;
use crate::onnx::{OnnxError, Value};

/// Each side gets the gradient where it was chosen.
pub fn choose(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let condition = Value::named(&node.input[0]);
    let zero = context.number(0.0, &node.output[0])?;
    if context.wants(&node.input[1]) {
        let kept = context.builder.choose(&condition, &gradient, &zero);
        context.give_broadcast(&node.input[1], &node.output[0], kept)?;
    }
    if context.wants(&node.input[2]) {
        let kept = context.builder.choose(&condition, &zero, &gradient);
        context.give_broadcast(&node.input[2], &node.output[0], kept)?;
    }
    Ok(())
}

/// The smaller one gets the gradient; equal ones share it.
pub fn min(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    extreme(context, node, outputs)
}

/// The larger one gets the gradient; equal ones share it.
pub fn max(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    extreme(context, node, outputs)
}

fn extreme(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let result = Value::named(&node.output[0]);
    let element = context.value_type(&node.output[0])?.element;
    let mut masks = Vec::new();
    for input in &node.input {
        let hit = context.builder.equal(&Value::named(input), &result);
        masks.push(context.builder.cast(&hit, element));
    }
    let Some(total) = masks
        .clone()
        .into_iter()
        .reduce(|sum, next| context.builder.add(&sum, &next))
    else {
        return Ok(());
    };
    let share = context.builder.div(&gradient, &total);
    for (input, mask) in node.input.iter().zip(masks) {
        if context.wants(input) {
            let product = context.builder.mul(&share, &mask);
            context.give_broadcast(input, &node.output[0], product)?;
        }
    }
    Ok(())
}

/// The gradient passes between the bounds, the bounds included. The bounds themselves get none.
pub fn clip(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    // Clip leaves what is inside as it is.
    let inside = context.builder.equal(
        &Value::named(&node.input[0]),
        &Value::named(&node.output[0]),
    );
    let zero = context.number(0.0, &node.input[0])?;
    let kept = context.builder.choose(&inside, &gradient, &zero);
    context.give(&node.input[0], kept);
    Ok(())
}
