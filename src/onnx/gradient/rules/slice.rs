//! Slice, with any starts, ends and steps: the same slice of a list of positions says where each
//! element came from.

use super::only;
use crate::onnx::gradient::engine::Context;
use crate::onnx::proto::NodeProto;
use crate::onnx::{OnnxError, Tensor, Value};

/// Slices the positions `0..n` of the flat input the way the forward node sliced the input, and
/// scatters the gradient there.
pub fn slice(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let input = Value::named(&node.input[0]);
    let zero = context.number(0.0, &node.input[0])?;
    let fixed = context.value_type(&node.input[0])?.fixed();
    let builder = &mut context.builder;
    let shape = builder.shape(&input);
    let positions = match fixed {
        Some(lengths) => {
            let count: usize = lengths.iter().product();
            let positions: Vec<i64> = (0..count as i64).collect();
            builder.constant(&Tensor::i64(&lengths, positions))
        }
        None => {
            let size = builder.node("Size", &[&input], Vec::new());
            let start = builder.constant(&Tensor {
                shape: vec![],
                ..Tensor::i64(&[1], [0])
            });
            let step = builder.constant(&Tensor {
                shape: vec![],
                ..Tensor::i64(&[1], [1])
            });
            let flat = builder.node("Range", &[&start, &size, &step], Vec::new());
            builder.reshape_to(&flat, &shape)
        }
    };
    let mut inputs = vec![positions];
    inputs.extend(node.input[1..].iter().map(|name| Value::named(name)));
    let references: Vec<&Value> = inputs.iter().collect();
    let taken = builder.node("Slice", &references, Vec::new());
    let indices = builder.reshape(&taken, &[-1, 1]);
    let updates = builder.reshape(&gradient, &[-1]);
    let size = builder.node("Size", &[&input], Vec::new());
    let size = builder.reshape(&size, &[1]);
    let zeros = builder.expand_to(&zero, &size);
    // Positions are distinct, so that no reduction is needed and the order does not matter.
    let scattered = builder.node("ScatterND", &[&zeros, &indices, &updates], Vec::new());
    let result = builder.reshape_to(&scattered, &shape);
    context.give(&node.input[0], result);
    Ok(())
}
