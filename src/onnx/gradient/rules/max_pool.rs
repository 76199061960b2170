//! MaxPool. Windows side by side are compared with their maxima; windows that overlap use the positions
//! that the operator gives, which takes it many times as long.

use super::separable::{repeating, spatial_scales};
use super::window::{Window, lengths, product, spatial};
use super::{input, only};
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::{AttributeProto, NodeProto};
use crate::onnx::{Dimension, ElementType, OnnxError, Value};

/// Adds every gradient where its maximum was found.
pub fn max_pool(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let x = input(node, 0)?;
    if !context.wants(x) {
        return Ok(());
    }
    let window = Window::of(node, &spatial(&context.value_type(x)?.dimensions)?, None)?;
    let result = match side_by_side(context, node, x, &window)? {
        Some(tiles) => by_comparison(context, node, x, &gradient, &tiles)?,
        None => by_positions(context, node, x, &gradient, &window)?,
    };
    context.give(x, result);
    Ok(())
}

/// Windows that cover an image without a gap: their lengths, and per axis what is left at the end.
struct Tiles {
    kernel: Vec<i64>,
    rest: Vec<i64>,
}

fn side_by_side(
    context: &Context,
    node: &NodeProto,
    x: &str,
    window: &Window,
) -> Result<Option<Tiles>, OnnxError> {
    let value = context.value_type(x)?;
    let plain = window.padding.is_none()
        && window.dilations.iter().all(|dilation| *dilation == 1)
        && node.int("ceil_mode", 0) == 0
        // There is no repeating Resize for 64 bits; and in 16 bits an engine without kernels of that
        // width may compare what it has not rounded yet with what it has.
        && value.element == ElementType::F32;
    Ok(
        match (&window.kernel, lengths(&spatial(&value.dimensions)?)) {
            (Some(kernel), Some(input)) if plain && *kernel == window.strides => Some(Tiles {
                rest: input.iter().zip(kernel).map(|(i, k)| i % k).collect(),
                kernel: kernel.clone(),
            }),
            _ => None,
        },
    )
}

/// Elements that equal the maximum of their window share its gradient.
fn by_comparison(
    context: &mut Context,
    node: &NodeProto,
    x: &str,
    gradient: &Value,
    tiles: &Tiles,
) -> Result<Value, OnnxError> {
    let element = context.value_type(x)?.element;
    let axes = tiles.kernel.len();
    let count = context.number(product(&tiles.kernel), x)?;
    let scales = spatial_scales(context, &tiles.kernel);
    let builder = &mut context.builder;
    let whole = tiles.rest.iter().all(|rest| *rest == 0);
    let covered = if whole {
        Value::named(x)
    } else {
        let starts = builder.integers(&vec![0; axes]);
        let ends: Vec<i64> = tiles
            .rest
            .iter()
            .map(|rest| if *rest == 0 { i64::MAX } else { -rest })
            .collect();
        let ends = builder.integers(&ends);
        let along: Vec<i64> = (2..2 + axes as i64).collect();
        let along = builder.integers(&along);
        let inputs = [&Value::named(x), &starts, &ends, &along];
        builder.node("Slice", &inputs, Vec::new())
    };
    let none = Value::named("");
    let maxima = Value::named(node.output.first().map_or("", String::as_str));
    let repeated = builder.node("Resize", &[&maxima, &none, &scales], repeating());
    let hit = builder.equal(&covered, &repeated);
    let mask = builder.cast(&hit, element);
    let attributes = vec![
        AttributeProto::ints("kernel_shape", &tiles.kernel),
        AttributeProto::ints("strides", &tiles.kernel),
    ];
    let share_of_hits = builder.node("AveragePool", &[&mask], attributes);
    let hits = builder.mul(&share_of_hits, &count);
    let share = builder.div(gradient, &hits);
    let spread = builder.node("Resize", &[&share, &none, &scales], repeating());
    let result = builder.mul(&mask, &spread);
    if whole {
        return Ok(result);
    }
    let mut pads = vec![0; 4 + axes];
    pads.extend(&tiles.rest);
    let pads = builder.integers(&pads);
    Ok(builder.node("Pad", &[&result, &pads], Vec::new()))
}

/// The first of equal elements gets the gradient.
fn by_positions(
    context: &mut Context,
    node: &NodeProto,
    x: &str,
    gradient: &Value,
    window: &Window,
) -> Result<Value, OnnxError> {
    let value = context.value_type(x)?.clone();
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
    // Not every engine adds up in 16 bits.
    let narrow = !matches!(value.element, ElementType::F32 | ElementType::F64);
    let places = context.builder.reshape(&positions, &[-1]);
    let mut updates = context.builder.reshape(gradient, &[-1]);
    let zeros = if narrow {
        updates = context.builder.cast(&updates, ElementType::F32);
        context
            .builder
            .node("ConstantOfShape", &[&size], Vec::new())
    } else {
        context.zeros(&size, x)?
    };
    let mut attributes = vec![AttributeProto::int("axis", 0)];
    // Windows that do not overlap never hit the same element.
    let apart = window.extents().is_some_and(|extents| {
        let mut pairs = extents.iter().zip(&window.strides);
        pairs.all(|(extent, stride)| extent <= stride)
    });
    if !apart {
        attributes.push(AttributeProto::text("reduction", "add"));
    }
    let mut flat =
        context
            .builder
            .node("ScatterElements", &[&zeros, &places, &updates], attributes);
    if narrow {
        flat = context.builder.cast(&flat, value.element);
    }
    let unknown = |dimension: &&Dimension| !matches!(dimension, Dimension::Fixed(_));
    if value.dimensions.iter().filter(unknown).count() <= 1 {
        let length = |dimension: &Dimension| match dimension {
            Dimension::Fixed(length) => *length as i64,
            _ => -1,
        };
        let shape: Vec<i64> = value.dimensions.iter().map(length).collect();
        return Ok(context.builder.reshape(&flat, &shape));
    }
    let shape = context.shape_of(x)?;
    Ok(context.builder.reshape_to(&flat, &shape))
}
