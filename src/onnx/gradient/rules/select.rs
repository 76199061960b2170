//! Where, Min, Max, Clip: the gradient follows the value that was taken.

use super::{input, only, optional, output};
use crate::onnx::gradient::engine::Context;
use crate::onnx::proto::NodeProto;
use crate::onnx::{OnnxError, Value};

type Result<T> = std::result::Result<T, OnnxError>;

/// Each side gets the gradient where it was chosen.
pub fn choose(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let gradient = only(outputs)?;
    let condition = Value::named(input(node, 0)?);
    let (yes, no, y) = (input(node, 1)?, input(node, 2)?, output(node, 0)?);
    let zero = context.number(0.0, y)?;
    if context.wants(yes) {
        let kept = context.builder.choose(&condition, &gradient, &zero);
        context.give_broadcast(yes, y, kept)?;
    }
    if context.wants(no) {
        let kept = context.builder.choose(&condition, &zero, &gradient);
        context.give_broadcast(no, y, kept)?;
    }
    Ok(())
}

/// Min and Max of any number of values: the one that was taken gets the gradient, equal ones share it.
pub fn extreme(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let gradient = only(outputs)?;
    let y = output(node, 0)?;
    if let [single] = node.input.as_slice() {
        context.give(single, gradient);
        return Ok(());
    }
    let element = context.value_type(y)?.element;
    let mut masks = Vec::new();
    for name in &node.input {
        let hit = context.builder.equal(&Value::named(name), &Value::named(y));
        masks.push(context.builder.cast(&hit, element));
    }
    let total = masks.iter().cloned();
    let Some(total) = total.reduce(|sum, next| context.builder.add(&sum, &next)) else {
        return Ok(());
    };
    let share = context.builder.div(&gradient, &total);
    for (name, mask) in node.input.iter().zip(masks) {
        if context.wants(name) {
            let product = context.builder.mul(&share, &mask);
            context.give_broadcast(name, y, product)?;
        }
    }
    Ok(())
}

/// Clip: the gradient passes between the bounds, the bounds included; outside it goes to the bound that
/// was taken.
pub fn clip(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let gradient = only(outputs)?;
    let (name, output) = (input(node, 0)?, output(node, 0)?);
    let (x, y) = (Value::named(name), Value::named(output));
    let zero = context.number(0.0, name)?;
    if context.wants(name) {
        // Clip leaves what is inside as it is.
        let inside = context.builder.equal(&x, &y);
        let kept = context.builder.choose(&inside, &gradient, &zero);
        context.give(name, kept);
    }
    let lower = optional(node, 1).filter(|bound| context.wants(bound));
    if let Some(bound) = lower {
        let below = context.builder.less(&x, &y);
        let kept = context.builder.choose(&below, &gradient, &zero);
        context.give_broadcast(bound, output, kept)?;
    }
    let upper = optional(node, 2).filter(|bound| context.wants(bound));
    if let Some(bound) = upper {
        let above = context.builder.greater(&x, &y);
        let kept = context.builder.choose(&above, &gradient, &zero);
        context.give_broadcast(bound, output, kept)?;
    }
    Ok(())
}
