//! Operators that rearrange or mask and are undone by one of their own kind: Trilu, DepthToSpace,
//! SpaceToDepth, ReverseSequence.

use super::place::{self, Amount};
use super::{input, only, output, refused};
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::{AttributeProto, NodeProto};
use crate::onnx::{OnnxError, Value};

/// The same node for the gradient: masks, and orders that are their own inverse.
pub fn again(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let data = input(node, 0)?;
    let mut inputs = vec![gradient];
    inputs.extend(node.input[1..].iter().map(|name| Value::named(name)));
    let inputs: Vec<&Value> = inputs.iter().collect();
    let result = context
        .builder
        .node(node.op(), &inputs, node.attribute.clone());
    context.give(data, result);
    Ok(())
}

/// SpaceToDepth brings the pieces of each block back to the channels.
pub fn depth_to_space(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let (data, output) = (input(node, 0)?, output(node, 0)?);
    let size = AttributeProto::int("blocksize", block(node)?);
    let gathered = context
        .builder
        .node("SpaceToDepth", &[&gradient], vec![size]);
    let result = if node.text("mode", "DCR") == "CRD" {
        // [N, block * block * C, H, W]: the channel, not the place in the block, changes slowest.
        let (batch, channels) = (
            place::length(context, output, 0)?,
            place::length(context, output, 1)?,
        );
        let places = Amount::Known(block(node)?.pow(2));
        let shape = place::list(context, &[&batch, &places, &channels, &Amount::Known(-1)]);
        let apart = context.builder.reshape_to(&gathered, &shape);
        let moved = context.builder.transpose(&apart, &[0, 2, 1, 3]);
        context.reshape_like(&moved, data)?
    } else {
        gathered
    };
    context.give(data, result);
    Ok(())
}

/// DepthToSpace brings the channels back to the places in each block.
pub fn space_to_depth(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let size = AttributeProto::int("blocksize", block(node)?);
    let mode = AttributeProto::text("mode", node.text("mode", "DCR"));
    let spread = context
        .builder
        .node("DepthToSpace", &[&gradient], vec![size, mode]);
    context.give(input(node, 0)?, spread);
    Ok(())
}

fn block(node: &NodeProto) -> Result<i64, OnnxError> {
    match node.int("blocksize", 0) {
        size @ 1..=65536 => Ok(size),
        size => Err(refused(node, &format!("with blocks of {size}"))),
    }
}
