//! Resize in every mode: it is linear and acts on one axis after the other.

use super::separable::{backward, unit};
use super::window::{lengths, product};
use super::{axis_of, input, only, optional, unsupported};
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::{AttributeProto, NodeProto};
use crate::onnx::{Dimension, OnnxError, Value};

/// Takes the gradient back axis by axis, by the matrix that Resize makes of a unit matrix.
pub fn resize(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let x = input(node, 0)?;
    if !context.wants(x) {
        return Ok(());
    }
    if node.text("keep_aspect_ratio_policy", "stretch") != "stretch" {
        return Err(unsupported(node, "it keeps the aspect ratio"));
    }
    let value = context.value_type(x)?.clone();
    let rank = value.rank();
    let axes: Vec<usize> = match node.ints("axes") {
        Some(axes) if !axes.is_empty() => axes
            .iter()
            .map(|axis| axis_of(*axis, rank))
            .collect::<Result<_, _>>()?,
        _ => (0..rank).collect(),
    };
    let targets = Targets::of(context, node, &axes, &value.dimensions)?;
    if let Some(factors) = targets.blocks(node, &axes, rank) {
        let result = collect(context, x, &gradient, &factors)?;
        context.give(x, result);
        return Ok(());
    }
    let mut result = gradient;
    for (position, axis) in axes.iter().enumerate() {
        let cropped = node.text("coordinate_transformation_mode", "") == "tf_crop_and_resize";
        if targets.unchanged(position, *axis, rank) && !(cropped && *axis + 2 >= rank) {
            continue;
        }
        let matrix = matrix(context, node, (position, axes.len()), *axis)?;
        result = backward(context, &result, &matrix, (*axis, rank), value.element)?;
    }
    context.give(x, result);
    Ok(())
}

/// What is known of how much every axis is resized, in the order of the axes.
struct Targets {
    scales: Option<Vec<f64>>,
    lengths: Vec<(Dimension, Dimension)>,
}

impl Targets {
    fn of(
        context: &Context,
        node: &NodeProto,
        axes: &[usize],
        input: &[Dimension],
    ) -> Result<Targets, OnnxError> {
        let scales = optional(node, 2).and_then(|name| context.known_floats(name));
        let name = node.output.first().map_or("", String::as_str);
        let output = &context.value_type(name)?.dimensions;
        let lengths = axes.iter().map(|axis| {
            let length = |dimensions: &[Dimension]| {
                dimensions.get(*axis).cloned().unwrap_or(Dimension::Unknown)
            };
            (length(input), length(output))
        });
        Ok(Targets {
            scales: scales.filter(|scales| scales.len() == axes.len()),
            lengths: lengths.collect(),
        })
    }

    /// Whether an axis stays as it is. Where nothing is known, batch and channels do.
    fn unchanged(&self, position: usize, axis: usize, rank: usize) -> bool {
        if let Some(scales) = &self.scales {
            return scales[position] == 1.0;
        }
        match &self.lengths[position] {
            (Dimension::Fixed(input), Dimension::Fixed(output)) => input == output,
            (input, output) => input.same(output) || (rank > 2 && axis < 2),
        }
    }

    /// The factors of the spatial axes, when every element is repeated over a block of its own and
    /// the axes are batch, channels, and one or two more.
    fn blocks(&self, node: &NodeProto, axes: &[usize], rank: usize) -> Option<Vec<i64>> {
        let floor = node.text("nearest_mode", "round_prefer_floor") == "floor";
        let aligned = match node.text("coordinate_transformation_mode", "half_pixel") {
            "asymmetric" => floor,
            "half_pixel" => node
                .text("nearest_mode", "round_prefer_floor")
                .starts_with("round_prefer"),
            _ => false,
        };
        if !aligned || node.text("mode", "nearest") != "nearest" || !(3..=4).contains(&rank) {
            return None;
        }
        let mut factors = vec![1; rank];
        for (position, axis) in axes.iter().enumerate() {
            factors[*axis] = match (&self.scales, &self.lengths[position]) {
                (Some(scales), _) if scales[position] >= 1.0 && scales[position].fract() == 0.0 => {
                    scales[position] as i64
                }
                (None, (Dimension::Fixed(input), Dimension::Fixed(output)))
                    if *input > 0 && output % input == 0 =>
                {
                    (output / input) as i64
                }
                (None, (input, output)) if input.same(output) => 1,
                _ => return None,
            };
        }
        (factors[..2] == [1, 1]).then(|| factors.split_off(2))
    }
}

/// The sum over blocks that were made by repeating.
fn collect(
    context: &mut Context,
    x: &str,
    gradient: &Value,
    factors: &[i64],
) -> Result<Value, OnnxError> {
    let attributes = vec![
        AttributeProto::ints("kernel_shape", factors),
        AttributeProto::ints("strides", factors),
    ];
    let mean = context.builder.node("AveragePool", &[gradient], attributes);
    let count = context.number(product(factors), x)?;
    Ok(context.builder.mul(&mean, &count))
}

/// The matrix `[input length, output length]` of one axis.
fn matrix(
    context: &mut Context,
    node: &NodeProto,
    (position, count): (usize, usize),
    axis: usize,
) -> Result<Value, OnnxError> {
    let mut attributes: Vec<AttributeProto> = node
        .attribute
        .iter()
        .filter(|attribute| {
            // What lies outside is a constant: nothing flows from there.
            !matches!(
                attribute.name.as_deref(),
                Some("axes" | "extrapolation_value" | "keep_aspect_ratio_policy")
            )
        })
        .cloned()
        .collect();
    attributes.push(AttributeProto::ints("axes", &[1]));
    let unit = unit(context, input(node, 0)?, axis)?;
    let one = |context: &mut Context, name: &str| {
        let position = position as i64;
        context
            .builder
            .slice(&Value::named(name), 0, position, position + 1)
    };
    let none = Value::named("");
    let region = match optional(node, 1) {
        Some(name) if node.text("coordinate_transformation_mode", "") == "tf_crop_and_resize" => {
            let (start, end) = (position as i64, (position + count) as i64);
            let both = context.builder.integers(&[start, end]);
            context.builder.gather(&Value::named(name), &both, 0)
        }
        _ => none.clone(),
    };
    let (scales, sizes) = match (optional(node, 2), optional(node, 3)) {
        (_, Some(sizes)) => {
            let output = node.output.first().map_or("", String::as_str);
            let length = context.value_type(output)?.dimensions.get(axis).cloned();
            let size = match length.as_ref().map(std::slice::from_ref).and_then(lengths) {
                Some(length) => context.builder.integers(&length),
                None => one(context, sizes),
            };
            (none, size)
        }
        (Some(scales), None) => (one(context, scales), none),
        (None, None) => return Err(OnnxError::Invalid("Resize without scales or sizes".into())),
    };
    let inputs = [&unit, &region, &scales, &sizes];
    Ok(context.builder.node("Resize", &inputs, attributes))
}
