//! ReduceSum, ReduceMean, ReduceMax.

use super::{axis_of, only};
use crate::onnx::gradient::engine::Context;
use crate::onnx::proto::NodeProto;
use crate::onnx::{OnnxError, Tensor, Value};

/// Brings a reduced value back to a shape that broadcasts against the input: dimensions that were
/// taken away return with length 1.
fn restore(context: &mut Context, node: &NodeProto, value: &Value) -> Result<Value, OnnxError> {
    if node.int("keepdims", 1) != 0 {
        return Ok(value.clone());
    }
    let rank = context.rank(&node.input[0])?;
    if let Some(axes) = node.input.get(1).filter(|name| !name.is_empty()) {
        return Ok(context
            .builder
            .node("Unsqueeze", &[value, &Value::named(axes)], Vec::new()));
    }
    let axes: Vec<i64> = match node.ints("axes") {
        Some(axes) if !axes.is_empty() => axes
            .iter()
            .map(|axis| Ok(axis_of(*axis, rank)? as i64))
            .collect::<Result<_, OnnxError>>()?,
        _ => (0..rank as i64).collect(),
    };
    Ok(context.builder.unsqueeze(value, &axes))
}

fn spread(context: &mut Context, node: &NodeProto, value: &Value) -> Result<Value, OnnxError> {
    let restored = restore(context, node, value)?;
    let shape = context.builder.shape(&Value::named(&node.input[0]));
    Ok(context.builder.expand_to(&restored, &shape))
}

/// Every element of a sum gets the sum's gradient.
pub fn sum(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = spread(context, node, &only(outputs)?)?;
    context.give(&node.input[0], gradient);
    Ok(())
}

/// As a sum, divided by the number of elements that were averaged.
pub fn mean(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = spread(context, node, &only(outputs)?)?;
    let (input, output) = (&node.input[0], &node.output[0]);
    let (all, kept) = (
        context.value_type(input)?.fixed(),
        context.value_type(output)?.fixed(),
    );
    let count = match (all, kept) {
        (Some(all), Some(kept)) => {
            let count =
                all.iter().product::<usize>() as f64 / kept.iter().product::<usize>().max(1) as f64;
            context.number(count, input)?
        }
        _ => {
            let element = context.value_type(input)?.element;
            let size = |context: &mut Context, name: &str| {
                let size = context
                    .builder
                    .node("Size", &[&Value::named(name)], Vec::new());
                context.builder.cast(&size, element)
            };
            let (all, kept) = (size(context, input), size(context, output));
            context.builder.div(&all, &kept)
        }
    };
    let divided = context.builder.div(&gradient, &count);
    context.give(input, divided);
    Ok(())
}

/// The elements that are the maximum share its gradient.
pub fn max(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let input = &node.input[0];
    let gradient = spread(context, node, &only(outputs)?)?;
    let maximum = spread(context, node, &Value::named(&node.output[0]))?;
    let hit = context.builder.equal(&Value::named(input), &maximum);
    let element = context.value_type(input)?.element;
    let mask = context.builder.cast(&hit, element);
    // The number of hits per reduced group: the same reduction, as a sum.
    let keep = crate::onnx::proto::AttributeProto::int("keepdims", 1);
    let axes = match (
        node.input.get(1).filter(|name| !name.is_empty()),
        node.ints("axes"),
    ) {
        (Some(axes), _) => Some(Value::named(axes)),
        (None, Some(axes)) if !axes.is_empty() => {
            Some(context.builder.constant(&Tensor::i64(&[axes.len()], axes)))
        }
        _ => None,
    };
    let hits = match axes {
        Some(axes) => context
            .builder
            .node("ReduceSum", &[&mask, &axes], vec![keep]),
        None => context.builder.node("ReduceSum", &[&mask], vec![keep]),
    };
    let share = context.builder.div(&mask, &hits);
    let product = context.builder.mul(&gradient, &share);
    context.give(input, product);
    Ok(())
}
