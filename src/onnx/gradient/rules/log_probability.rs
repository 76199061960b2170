//! GatherElements, and its pair with LogSoftmax: the log-probabilities of labels.

use super::{axis_of, only, place};
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::{AttributeProto, NodeProto};
use crate::onnx::{Dimension, OnnxError, Value};

/// `data` gets each gradient back at the place that was gathered.
///
/// Gathered out of a log-softmax along the same axis, the pair is differentiated at once: the input of
/// the softmax gets `-softmax sum(g)`, with `g` added at the labels. That is one pass over all classes
/// less than zeros, a scatter, and the rule of the softmax, and two arrays of that size less.
pub fn gather_elements(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let (Some(data), Some(indices)) = (node.input.first(), node.input.get(1)) else {
        return Err(OnnxError::Invalid("GatherElements needs two inputs".into()));
    };
    if !context.wants(data) {
        return Ok(());
    }
    let axis = node.int("axis", 0);
    let positions = Value::named(indices);
    let Some(logits) = normalised(context, data, indices, axis)? else {
        let result = place::scatter_add_elements(context, data, &positions, &gradient, axis)?;
        context.give(data, result);
        return Ok(());
    };
    let rank = context.rank(data)?;
    let one = context
        .value_type(indices)?
        .dimensions
        .get(axis_of(axis, rank)?)
        == Some(&Dimension::Fixed(1));
    let probability = context.builder.exp(&Value::named(data));
    let total = if one {
        gradient.clone()
    } else {
        context.builder.reduce_sum(&gradient, &[axis], true)
    };
    let total = context.builder.neg(&total);
    let spread = context.builder.mul(&probability, &total);
    let result = scatter(context, &spread, &positions, &gradient, axis);
    context.give(&logits, result);
    Ok(())
}

fn scatter(context: &mut Context, to: &Value, at: &Value, values: &Value, axis: i64) -> Value {
    let attributes = vec![
        AttributeProto::int("axis", axis),
        AttributeProto::text("reduction", "add"),
    ];
    let inputs = [to, at, values];
    context.builder.node("ScatterElements", &inputs, attributes)
}

/// The input of the LogSoftmax that made `data` along the same axis, when something is gathered for
/// every row of it.
fn normalised(
    context: &Context,
    data: &str,
    indices: &str,
    axis: i64,
) -> Result<Option<String>, OnnxError> {
    let Some(producer) = context.producer(data) else {
        return Ok(None);
    };
    let (Some(logits), "LogSoftmax") = (producer.input.first(), producer.op()) else {
        return Ok(None);
    };
    let rank = context.rank(data)?;
    let axis = axis_of(axis, rank)?;
    if axis_of(producer.int("axis", -1), rank)? != axis || context.rank(indices)? != rank {
        return Ok(None);
    }
    let rows = &context.value_type(data)?.dimensions;
    let gathered = &context.value_type(indices)?.dimensions;
    let mut others = rows.iter().zip(gathered).enumerate();
    let whole = others.all(|(position, (rows, gathered))| position == axis || rows.same(gathered));
    Ok(whole.then(|| logits.clone()))
}
