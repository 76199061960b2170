//! MaxPool, with the positions of the maxima that the operator itself gives.

use super::window::{Window, spatial};
use super::{only, operand};
use crate::onnx::gradient::engine::Context;
use crate::onnx::proto::{AttributeProto, NodeProto};
use crate::onnx::{Dimension, OnnxError, Value};

/// Adds every gradient where its maximum was found; the first of equal ones.
pub fn max_pool(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let x = operand(node, 0)?;
    if !context.wants(x) {
        return Ok(());
    }
    let value = context.value_type(x)?.clone();
    let window = Window::of(node, &spatial(&value.dimensions)?, None)?;
    let positions = match node.output.get(1).filter(|name| !name.is_empty()) {
        // Counted in rows; the other order is asked for again.
        Some(name) if node.int("storage_order", 0) == 0 => Value::named(name),
        _ => {
            let mut attributes = node.attribute.clone();
            attributes.retain(|attribute| attribute.name.as_deref() != Some("storage_order"));
            let mut both = context
                .builder
                .nodes("MaxPool", &[&Value::named(x)], attributes, 2);
            both.remove(1)
        }
    };
    let size = match value.fixed() {
        Some(lengths) => {
            let size = lengths.iter().product::<usize>() as i64;
            context.builder.integers(&[size])
        }
        None => {
            let size = context
                .builder
                .node("Size", &[&Value::named(x)], Vec::new());
            context.builder.reshape(&size, &[1])
        }
    };
    let zeros = context.zeros(&size, x)?;
    let places = context.builder.reshape(&positions, &[-1]);
    let updates = context.builder.reshape(&gradient, &[-1]);
    let mut attributes = vec![AttributeProto::int("axis", 0)];
    // Windows that do not overlap never hit the same element.
    let apart = window.extents().is_some_and(|extents| {
        let mut pairs = extents.iter().zip(&window.strides);
        pairs.all(|(extent, stride)| extent <= stride)
    });
    if !apart {
        attributes.push(AttributeProto::text("reduction", "add"));
    }
    let flat = context
        .builder
        .node("ScatterElements", &[&zeros, &places, &updates], attributes);
    let unknown = |dimension: &&Dimension| !matches!(dimension, Dimension::Fixed(_));
    let result = if value.dimensions.iter().filter(unknown).count() <= 1 {
        let shape: Vec<i64> = value
            .dimensions
            .iter()
            .map(|dimension| match dimension {
                Dimension::Fixed(length) => *length as i64,
                _ => -1,
            })
            .collect();
        context.builder.reshape(&flat, &shape)
    } else {
        let shape = context.shape_of(x)?;
        context.builder.reshape_to(&flat, &shape)
    };
    context.give(x, result);
    Ok(())
}
