//! Pad and CenterCropPad.

use super::place;
use super::{axis_of, input, only, optional, refused};
use crate::onnx::gradient::context::Context;
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
    let inner = match opposite(context, node, data, pads)? {
        Some(opposite) => {
            let opposite = context.builder.integers(&opposite);
            let inputs = [&gradient, &opposite];
            context.builder.node("Pad", &inputs, Vec::new())
        }
        None => {
            let opposite = context.builder.neg(&Value::named(pads));
            let mut inputs = vec![&gradient, &opposite];
            inputs.extend(axes.iter().flat_map(|axes| [&left_out, axes]));
            context.builder.node("Pad", &inputs, Vec::new())
        }
    };
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

/// What undoes the padding, for every axis, where that is known: see [`place::pad`] for why all axes.
fn opposite(
    context: &Context,
    node: &NodeProto,
    data: &str,
    pads: &str,
) -> Result<Option<Vec<i64>>, OnnxError> {
    let Some(pads) = context.known_integers(pads) else {
        return Ok(None);
    };
    let Some(axes) = optional(node, 3) else {
        return Ok(Some(pads.iter().map(|pad| pad.saturating_neg()).collect()));
    };
    let Some(axes) = context.known_integers(axes) else {
        return Ok(None);
    };
    if pads.len() != 2 * axes.len() {
        return Err(refused(node, "with lists of different lengths"));
    }
    let rank = context.rank(data)?;
    let mut opposite = vec![0_i64; 2 * rank];
    for (position, axis) in axes.iter().enumerate() {
        let axis = axis_of(*axis, rank)?;
        opposite[axis] = pads[position].saturating_neg();
        opposite[rank + axis] = pads[axes.len() + position].saturating_neg();
    }
    Ok(Some(opposite))
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
            let counted = axes.ints.iter().map(|axis| axis_of(*axis, rank));
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
