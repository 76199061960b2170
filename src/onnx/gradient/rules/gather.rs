//! Gather: the gradient of each row goes back to where it came from, rows that were read twice get
//! the sum.

use super::{axis_of, only};
use crate::onnx::gradient::engine::Context;
use crate::onnx::proto::{AttributeProto, NodeProto};
use crate::onnx::{OnnxError, Value};

/// Scatters the gradient with addition. Other axes than the first are moved to the front and back.
pub fn gather(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let data = &node.input[0];
    if !context.wants(data) {
        return Ok(());
    }
    let rank = context.rank(data)?;
    let index_rank = context.rank(&node.input[1])?;
    let axis = axis_of(node.int("axis", 0), rank)?;
    let zero = context.number(0.0, data)?;
    // In the output the index dimensions stand in the place of the axis: bring them to the front.
    let output_rank = rank - 1 + index_rank;
    let order: Vec<i64> = (axis..axis + index_rank)
        .chain(0..axis)
        .chain(axis + index_rank..output_rank)
        .map(|position| position as i64)
        .collect();
    let front = if axis == 0 {
        gradient
    } else {
        context.builder.transpose(&gradient, &order)
    };
    let data_order: Vec<i64> = std::iter::once(axis)
        .chain((0..rank).filter(|p| *p != axis))
        .map(|p| p as i64)
        .collect();
    let shape = context.builder.shape(&Value::named(data));
    let moved_shape = if axis == 0 {
        shape
    } else {
        let order = context.builder.integers(&data_order);
        context.builder.gather(&shape, &order, 0)
    };
    let zeros = context.builder.expand_to(&zero, &moved_shape);
    let indices = context
        .builder
        .unsqueeze(&Value::named(&node.input[1]), &[-1]);
    let add = vec![AttributeProto::text("reduction", "add")];
    let scattered = context
        .builder
        .node("ScatterND", &[&zeros, &indices, &front], add);
    let result = if axis == 0 {
        scattered
    } else {
        let mut back = vec![0; rank];
        for (position, from) in data_order.iter().enumerate() {
            back[*from as usize] = position as i64;
        }
        context.builder.transpose(&scattered, &back)
    };
    context.give(data, result);
    Ok(())
}
