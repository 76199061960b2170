//! Pad and CenterCropPad.

use super::place;
use super::{input, only, optional};
use crate::onnx::gradient::engine::Context;
use crate::onnx::proto::NodeProto;
use crate::onnx::{OnnxError, Value};

/// Pad in every mode. A constant margin is cut off again, what a negative one cut off returns as
/// zeros; the value of the margin gets the sum of the margin's gradient. In the other modes each
/// element of the margin adds to the element that it copies.
pub fn pad(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let (data, pads) = (input(node, 0)?, input(node, 1)?);
    let axes = optional(node, 3).map(Value::named);
    let left_out = Value::named("");
    if node.text("mode", "constant") != "constant" {
        if context.wants(data) {
            let positions = place::positions(context, data)?;
            let margins = Value::named(pads);
            let mut inputs = vec![&positions, &margins];
            inputs.extend(axes.iter().flat_map(|axes| [&left_out, axes]));
            let mode = node.find("mode").cloned().into_iter().collect();
            let copied = context.builder.node("Pad", &inputs, mode);
            let summed = place::scatter_positions(context, data, &copied, &gradient)?;
            context.give(data, summed);
        }
        return Ok(());
    }
    let value = optional(node, 2).filter(|value| context.wants(value));
    if value.is_none() && !context.wants(data) {
        return Ok(());
    }
    let opposite = match context.known_integers(pads) {
        Some(pads) => {
            let opposite: Vec<i64> = pads.iter().map(|pad| pad.saturating_neg()).collect();
            context.builder.integers(&opposite)
        }
        None => context.builder.neg(&Value::named(pads)),
    };
    let mut inputs = vec![&gradient, &opposite];
    inputs.extend(axes.iter().flat_map(|axes| [&left_out, axes]));
    let inner = context.builder.node("Pad", &inputs, Vec::new());
    context.give(data, inner.clone());
    if let Some(value) = value {
        let all = context.builder.reduce_sum(&gradient, &[], false);
        let inside = context.builder.reduce_sum(&inner, &[], false);
        let margin = context.builder.sub(&all, &inside);
        let margin = context.reshape_like(&margin, value)?;
        context.give(value, margin);
    }
    Ok(())
}

/// CenterCropPad: padding undoes cropping and the other way round, around the same centre.
pub fn center_crop_pad(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let data = input(node, 0)?;
    let whole = context.shape_of(data)?;
    let (lengths, attributes) = match node.find("axes").filter(|axes| !axes.ints.is_empty()) {
        Some(axes) => {
            let rank = context.rank(data)?;
            let counted = axes.ints.iter().map(|axis| super::axis_of(*axis, rank));
            let counted = counted.collect::<Result<Vec<_>, _>>()?;
            let counted: Vec<i64> = counted.iter().map(|axis| *axis as i64).collect();
            let list = context.builder.integers(&counted);
            (context.builder.gather(&whole, &list, 0), vec![axes.clone()])
        }
        None => (whole, Vec::new()),
    };
    let restored = context
        .builder
        .node("CenterCropPad", &[&gradient, &lengths], attributes);
    context.give(data, restored);
    Ok(())
}
