//! Where, Min, Max, Clip: the gradient follows the value that was taken.

use super::{input, only, optional, output};
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::NodeProto;
use crate::onnx::{GraphBuilder, OnnxError, Value};

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

/// Max: the largest value gets the gradient, equal ones share it.
pub fn max(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    extreme(context, node, outputs, GraphBuilder::greater_or_equal)
}

/// Min: the smallest value gets the gradient, equal ones share it.
pub fn min(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    extreme(context, node, outputs, GraphBuilder::less_or_equal)
}

/// A value was taken when it beats or equals all others. The values are compared with each other and not
/// with the result: an engine may keep more digits of some 16-bit values than of others.
fn extreme(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
    beats: fn(&mut GraphBuilder, &Value, &Value) -> Value,
) -> Result<()> {
    let gradient = only(outputs)?;
    let y = output(node, 0)?;
    if let [single] = node.input.as_slice() {
        context.give(single, gradient);
        return Ok(());
    }
    let element = context.value_type(y)?.element;
    let mut masks = Vec::new();
    for (position, name) in node.input.iter().enumerate() {
        let value = Value::named(name);
        let mut taken: Option<Value> = None;
        for (_, other) in node
            .input
            .iter()
            .enumerate()
            .filter(|(n, _)| *n != position)
        {
            let one = beats(&mut context.builder, &value, &Value::named(other));
            taken = Some(match taken {
                Some(taken) => context.builder.and(&taken, &one),
                None => one,
            });
        }
        if let Some(taken) = taken {
            masks.push(context.builder.cast(&taken, element));
        }
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
    let (name, y) = (input(node, 0)?, output(node, 0)?);
    let x = Value::named(name);
    let zero = context.number(0.0, name)?;
    let (lower, upper) = (optional(node, 1), optional(node, 2));
    if context.wants(name) {
        let above = lower.map(|bound| context.builder.greater_or_equal(&x, &Value::named(bound)));
        let below = upper.map(|bound| context.builder.less_or_equal(&x, &Value::named(bound)));
        let inside = match (above, below) {
            (Some(above), Some(below)) => Some(context.builder.and(&above, &below)),
            (one, other) => one.or(other),
        };
        let kept = match inside {
            Some(inside) => context.builder.choose(&inside, &gradient, &zero),
            None => gradient.clone(),
        };
        context.give(name, kept);
    }
    if let Some(bound) = lower.filter(|bound| context.wants(bound)) {
        let below = context.builder.less(&x, &Value::named(bound));
        let kept = context.builder.choose(&below, &gradient, &zero);
        context.give_broadcast(bound, y, kept)?;
    }
    if let Some(bound) = upper.filter(|bound| context.wants(bound)) {
        let above = context.builder.greater(&x, &Value::named(bound));
        let kept = context.builder.choose(&above, &gradient, &zero);
        context.give_broadcast(bound, y, kept)?;
    }
    Ok(())
}
