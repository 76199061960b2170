//! Dropout as it is outside of training: it changes nothing.

use super::{input, only, optional, refused};
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::NodeProto;
use crate::onnx::{OnnxError, Value};

/// The same gradient. A node that does drop values, or may at run time, is refused: it would draw another
/// mask in every run.
pub fn dropout(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let trains = match optional(node, 2) {
        Some(mode) => context.known_flag(mode).unwrap_or(true),
        None => false,
    };
    let drops = match optional(node, 1) {
        Some(ratio) => context
            .known_floats(ratio)
            .is_none_or(|ratio| ratio.iter().any(|ratio| *ratio > 0.0)),
        None => true,
    };
    if trains && drops {
        return Err(refused(node, "in training mode"));
    }
    // The mask is of truth values; nothing flows through it.
    if outputs.first().is_some_and(Option::is_some) {
        context.give(input(node, 0)?, only(outputs)?);
    }
    Ok(())
}
