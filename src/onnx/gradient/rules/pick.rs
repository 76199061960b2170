//! GatherND and TopK: pieces that are picked by coordinates or by their size.

use super::place;
use super::{input, only, output};
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::{AttributeProto, NodeProto};
use crate::onnx::{OnnxError, Value};

/// GatherND: pieces by coordinates; the first `batch_dims` dimensions are common to data and indices.
pub fn gather_nd(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let (data, indices) = (input(node, 0)?, input(node, 1)?);
    if !context.wants(data) {
        return Ok(());
    }
    let batch = usize::try_from(node.int("batch_dims", 0)).unwrap_or(0);
    let value = Value::named(indices);
    let coordinates = if batch == 0 {
        value
    } else {
        with_batch(context, indices, batch)?
    };
    let shape = context.shape_of(data)?;
    let scattered = place::scatter_add(context, data, &shape, &coordinates, &gradient)?;
    context.give(data, scattered);
    Ok(())
}

/// Coordinates with the batch's own in front: `[..., k]` becomes `[..., batch + k]`.
fn with_batch(context: &mut Context, indices: &str, batch: usize) -> Result<Value, OnnxError> {
    let rank = context.rank(indices)?;
    if batch >= rank {
        return Err(OnnxError::Invalid(format!(
            "{batch} batch dimensions of indices with {rank}"
        )));
    }
    let shape = context.shape_of(indices)?;
    let lines = context.builder.slice(&shape, 0, 0, rank as i64 - 1);
    let one = context.builder.integers(&[1]);
    let column = context.builder.concat(&[&lines, &one], 0);
    let (zero, step) = (place::scalar(context, 0), place::scalar(context, 1));
    let mut parts = Vec::with_capacity(batch + 1);
    for dimension in 0..batch {
        let length = context.length_of(indices, dimension)?;
        let builder = &mut context.builder;
        let end = builder.squeeze(&length, &[0]);
        let numbers = builder.node("Range", &[&zero, &end, &step], Vec::new());
        let mut line = vec![1; rank];
        line[dimension] = -1;
        let numbers = builder.reshape(&numbers, &line);
        parts.push(builder.expand_to(&numbers, &column));
    }
    parts.push(Value::named(indices));
    let parts: Vec<&Value> = parts.iter().collect();
    Ok(context.builder.concat(&parts, -1))
}

/// TopK: the values' gradient goes to the places that the node's second output names.
pub fn top_k(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let Some(gradient) = outputs.first().cloned().flatten() else {
        return Ok(());
    };
    let data = input(node, 0)?;
    let taken = Value::named(output(node, 1)?);
    let shape = context.shape_of(data)?;
    let zeros = context.zeros(&shape, data)?;
    // No place is taken twice.
    let axis = vec![AttributeProto::int("axis", node.int("axis", -1))];
    let scattered = context
        .builder
        .node("ScatterElements", &[&zeros, &taken, &gradient], axis);
    context.give(data, scattered);
    Ok(())
}
