//! Operators that only move elements around.

use super::{axis_of, only};
use crate::onnx::gradient::engine::Context;
use crate::onnx::proto::{AttributeProto, NodeProto};
use crate::onnx::{Dimension, OnnxError, Value};

/// Reshape, Squeeze, Unsqueeze, Flatten: the gradient in the input's shape.
pub fn reshape(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let dimensions = context.value_type(&node.input[0])?.dimensions.clone();
    let unknown = dimensions
        .iter()
        .filter(|dimension| !matches!(dimension, Dimension::Fixed(_)))
        .count();
    let shaped = if unknown <= 1 && !dimensions.contains(&Dimension::Fixed(0)) {
        let shape: Vec<i64> = dimensions
            .iter()
            .map(|dimension| match dimension {
                Dimension::Fixed(length) => *length as i64,
                _ => -1,
            })
            .collect();
        context.builder.reshape(&gradient, &shape)
    } else {
        let shape = context.builder.shape(&Value::named(&node.input[0]));
        context.builder.reshape_to(&gradient, &shape)
    };
    context.give(&node.input[0], shaped);
    Ok(())
}

/// The inverse order.
pub fn transpose(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let rank = context.rank(&node.input[0])?;
    let order: Vec<i64> = match node.ints("perm") {
        Some(order) if !order.is_empty() => order.to_vec(),
        _ => (0..rank as i64).rev().collect(),
    };
    let mut inverse = vec![0; rank];
    for (position, from) in order.iter().enumerate() {
        inverse[axis_of(*from, rank)?] = position as i64;
    }
    let moved = context.builder.transpose(&only(outputs)?, &inverse);
    context.give(&node.input[0], moved);
    Ok(())
}

/// Sums over what was repeated.
pub fn expand(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    context.give_broadcast(&node.input[0], &node.output[0], only(outputs)?)
}

/// Each input gets its piece.
pub fn concat(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let rank = context.rank(&node.output[0])?;
    let axis = axis_of(node.int("axis", 0), rank)?;
    let mut lengths = Vec::new();
    let mut fixed = Some(Vec::new());
    for input in &node.input {
        match (&context.value_type(input)?.dimensions[axis], &mut fixed) {
            (Dimension::Fixed(length), Some(list)) => list.push(*length as i64),
            _ => fixed = None,
        }
    }
    let sizes = match fixed {
        Some(list) => context.builder.integers(&list),
        None => {
            for input in &node.input {
                let shape = context.builder.shape(&Value::named(input));
                lengths.push(
                    context
                        .builder
                        .slice(&shape, 0, axis as i64, axis as i64 + 1),
                );
            }
            let references: Vec<&Value> = lengths.iter().collect();
            context.builder.concat(&references, 0)
        }
    };
    let attributes = vec![AttributeProto::int("axis", axis as i64)];
    let pieces = context
        .builder
        .nodes("Split", &[&gradient, &sizes], attributes, node.input.len());
    for (input, piece) in node.input.iter().zip(pieces) {
        context.give(input, piece);
    }
    Ok(())
}

/// The pieces put together again; a piece that nobody used is zero.
pub fn split(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let rank = context.rank(&node.input[0])?;
    let axis = axis_of(node.int("axis", 0), rank)?;
    let mut pieces = Vec::new();
    for (name, gradient) in node.output.iter().zip(outputs) {
        pieces.push(match gradient {
            Some(gradient) => gradient.clone(),
            None => {
                let zero = context.number(0.0, name)?;
                context.builder.mul(&Value::named(name), &zero)
            }
        });
    }
    let references: Vec<&Value> = pieces.iter().collect();
    let joined = context.builder.concat(&references, axis as i64);
    context.give(&node.input[0], joined);
    Ok(())
}
