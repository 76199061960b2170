//! Operators that change the shape: Reshape, Squeeze, Unsqueeze, Flatten, Transpose, Expand, Tile.

use super::place::{self, Amount};
use super::{axis_of, input, only, optional, output};
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::{AttributeProto, NodeProto};
use crate::onnx::{OnnxError, Value};

/// Reshape, Flatten: the gradient in the input's shape.
pub fn reshape(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let data = input(node, 0)?;
    let from = context.value_type(output(node, 0)?)?.dimensions.clone();
    let shaped = context.reshape_between(&gradient, &from, data)?;
    context.give(data, shaped);
    Ok(())
}

/// Squeeze and Unsqueeze undo each other along the same axes. Squeeze without axes takes all lengths
/// of 1, which are seen in the shape only.
pub fn squeeze(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let Some(axes) = optional(node, 1) else {
        return reshape(context, node, outputs);
    };
    let opposite = if node.op() == "Squeeze" {
        "Unsqueeze"
    } else {
        "Squeeze"
    };
    let (gradient, axes) = (only(outputs)?, Value::named(axes));
    let result = context
        .builder
        .node(opposite, &[&gradient, &axes], Vec::new());
    context.give(input(node, 0)?, result);
    Ok(())
}

/// The inverse order.
pub fn transpose(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let data = input(node, 0)?;
    let rank = context.rank(data)?;
    let order: Vec<i64> = match node.ints("perm") {
        Some(order) if !order.is_empty() => order.to_vec(),
        _ => (0..rank as i64).rev().collect(),
    };
    let mut inverse = vec![0; rank];
    for (position, from) in order.iter().enumerate() {
        inverse[axis_of(*from, rank)?] = position as i64;
    }
    let moved = context.builder.transpose(&only(outputs)?, &inverse);
    context.give(data, moved);
    Ok(())
}

/// Sums over what was repeated.
pub fn expand(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    context.give_broadcast(input(node, 0)?, output(node, 0)?, only(outputs)?)
}

/// Tile: each repeated axis is taken apart into repetitions and length, and summed over the
/// repetitions.
pub fn tile(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let (data, repeats) = (input(node, 0)?, input(node, 1)?);
    let rank = context.rank(data)?;
    let known = context.known_integers(repeats).filter(|k| k.len() == rank);
    let mut parts = Vec::new();
    let mut summed = Vec::new();
    for axis in 0..rank {
        let repeat = known.as_ref().map(|known| known[axis]);
        if repeat != Some(1) {
            summed.push(parts.len() as i64);
            parts.push(match repeat {
                Some(repeat) => Amount::Known(repeat),
                None => {
                    let axis = axis as i64;
                    let repeats = Value::named(repeats);
                    Amount::Later(context.builder.slice(&repeats, 0, axis, axis + 1))
                }
            });
        }
        parts.push(place::length(context, data, axis)?);
    }
    if summed.is_empty() {
        context.give(data, gradient);
        return Ok(());
    }
    let parts: Vec<&Amount> = parts.iter().collect();
    let shape = place::list(context, &parts);
    let honest = vec![AttributeProto::int("allowzero", 1)];
    let apart = context
        .builder
        .node("Reshape", &[&gradient, &shape], honest);
    let result = context.builder.reduce_sum(&apart, &summed, false);
    context.give(data, result);
    Ok(())
}
