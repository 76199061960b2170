//! Concat and Split: pieces that are put together and taken apart.

use super::place::{self, Amount, Margin};
use super::{axis_of, input, only, refused};
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::{AttributeProto, NodeProto};
use crate::onnx::{OnnxError, Value};

/// Concat: each input gets its piece. Where only some inputs are trained, just their pieces are cut.
pub fn concat(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let axis = axis_of(node.int("axis", 0), context.rank(input(node, 0)?)?)?;
    if let [input] = node.input.as_slice() {
        context.give(input, gradient);
        return Ok(());
    }
    let mut lengths = Vec::with_capacity(node.input.len());
    for input in &node.input {
        lengths.push(place::length(context, input, axis)?);
    }
    if node.input.iter().all(|input| context.wants(input)) {
        let lengths: Vec<&Amount> = lengths.iter().collect();
        let sizes = place::list(context, &lengths);
        let attributes = vec![AttributeProto::int("axis", axis as i64)];
        let pieces =
            context
                .builder
                .nodes("Split", &[&gradient, &sizes], attributes, node.input.len());
        for (input, piece) in node.input.iter().zip(pieces) {
            context.give(input, piece);
        }
        return Ok(());
    }
    let axes = context.builder.integers(&[axis as i64]);
    let mut start = Amount::Known(0);
    for (input, length) in node.input.iter().zip(lengths) {
        let end = start.plus(&length, context);
        if context.wants(input) {
            let (from, to) = (start.value(context), end.value(context));
            let piece = context
                .builder
                .node("Slice", &[&gradient, &from, &to, &axes], Vec::new());
            context.give(input, piece);
        }
        start = end;
    }
    Ok(())
}

/// Split: the pieces put together again. A piece that nobody used is zero; when only one was used,
/// zeros are put around it.
pub fn split(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let input = input(node, 0)?;
    if !context.wants(input) {
        return Ok(());
    }
    let axis = axis_of(node.int("axis", 0), context.rank(input)?)?;
    let used: Vec<usize> = (0..outputs.len())
        .filter(|o| outputs[*o].is_some())
        .collect();
    if let ([position], true) = (used.as_slice(), outputs.len() > 1)
        && let Some(piece) = &outputs[*position]
    {
        let mut before = Amount::Known(0);
        for name in &node.output[..*position] {
            let length = piece_length(context, node, name, axis)?;
            before = before.plus(&length, context);
        }
        let own = piece_length(context, node, &node.output[*position], axis)?;
        let whole = place::length(context, input, axis)?;
        let after = whole.minus(&before, context).minus(&own, context);
        let margin = Margin {
            axis,
            before,
            after,
        };
        let rank = context.rank(input)?;
        let restored = place::pad(context, piece, rank, &[margin]);
        context.give(input, restored);
        return Ok(());
    }
    let mut pieces = Vec::with_capacity(outputs.len());
    for (name, gradient) in node.output.iter().zip(outputs) {
        pieces.push(match gradient {
            Some(gradient) => gradient.clone(),
            None if name.is_empty() => return Err(refused(node, "with an unnamed output")),
            None => {
                let shape = context.shape_of(name)?;
                context.zeros(&shape, name)?
            }
        });
    }
    let joined = match pieces.as_slice() {
        [piece] => piece.clone(),
        _ => {
            let pieces: Vec<&Value> = pieces.iter().collect();
            context.builder.concat(&pieces, axis as i64)
        }
    };
    context.give(input, joined);
    Ok(())
}

fn piece_length(
    context: &mut Context,
    node: &NodeProto,
    name: &str,
    axis: usize,
) -> Result<Amount, OnnxError> {
    if name.is_empty() {
        return Err(refused(node, "with an unnamed output"));
    }
    place::length(context, name, axis)
}
