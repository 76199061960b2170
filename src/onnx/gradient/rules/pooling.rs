//! AveragePool, LpPool and the pools over whole images.

use super::separable::{backward, repeating, spatial_scales, unit};
use super::window::{Padding, Window, lengths, list, product, spatial};
use super::{input, only};
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::{AttributeProto, NodeProto};
use crate::onnx::{ElementType, OnnxError, Value};

/// Every element gets its share of the averages that it is part of.
pub fn average(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let (x, y) = (input(node, 0)?, result(node)?);
    if !context.wants(x) {
        return Ok(());
    }
    let input = spatial(&context.value_type(x)?.dimensions)?;
    let output = spatial(&context.value_type(y)?.dimensions)?;
    let window = Window::of(node, &input, None)?;
    let rounded_up = node.int("ceil_mode", 0) != 0;
    let plain = !rounded_up && window.dilations.iter().all(|dilation| *dilation == 1);
    let counts_padding = node.int("count_include_pad", 0) != 0 || window.padding.is_none();
    if plain
        && let (Padding::Known { begin, end }, Some(kernel)) = (&window.padding, &window.kernel)
    {
        // With steps of one element the backward pass is an average too, of a window that looks the
        // other way.
        if window.dense() && counts_padding {
            let other = |padding: &[i64]| -> Vec<i64> {
                let pairs = kernel.iter().zip(padding);
                pairs
                    .map(|(kernel, padding)| kernel - 1 - padding)
                    .collect()
            };
            let pads = [other(begin), other(end)].concat();
            if pads.iter().all(|length| *length >= 0) {
                let attributes = vec![
                    AttributeProto::ints("kernel_shape", kernel),
                    AttributeProto::ints("pads", &pads),
                    AttributeProto::int("count_include_pad", 1),
                ];
                let result = context
                    .builder
                    .node("AveragePool", &[&gradient], attributes);
                context.give(x, result);
                return Ok(());
            }
        }
        // Windows side by side: every gradient is repeated over its window.
        if window.padding.is_none()
            && *kernel == window.strides
            && let (Some(input), Some(output)) = (lengths(&input), lengths(&output))
        {
            let result = repeat(context, x, &gradient, kernel, (&input, &output))?;
            context.give(x, result);
            return Ok(());
        }
    }
    let result = by_matrices(context, node, x, &gradient, false)?;
    context.give(x, result);
    Ok(())
}

/// Repeats every element over a window and divides it by the window's size; what no window reached
/// gets nothing.
fn repeat(
    context: &mut Context,
    x: &str,
    gradient: &Value,
    kernel: &[i64],
    (input, output): (&[i64], &[i64]),
) -> Result<Value, OnnxError> {
    let share = 1.0 / product(kernel);
    let share = context.number(share, x)?;
    let shared = context.builder.mul(gradient, &share);
    let scales = spatial_scales(context, kernel);
    let builder = &mut context.builder;
    let repeated = builder.node(
        "Resize",
        &[&shared, &Value::named(""), &scales],
        repeating(),
    );
    let mut pads = vec![0; 4 + input.len()];
    pads.extend((0..input.len()).map(|axis| input[axis] - output[axis] * kernel[axis]));
    if pads.iter().all(|length| *length == 0) {
        return Ok(repeated);
    }
    let pads = builder.integers(&pads);
    Ok(builder.node("Pad", &[&repeated, &pads], Vec::new()))
}

/// `y = (sum |x|^p)^(1/p)` over windows: `dx = sign(x) |x|^(p-1) sum(dy y^(1-p))`.
pub fn lp(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let x = input(node, 0)?;
    if context.wants(x) {
        let outer = root_gradient(context, node, &only(outputs)?)?;
        let summed = by_matrices(context, node, x, &outer, true)?;
        power_gradient(context, node, &summed)?;
    }
    Ok(())
}

/// LpPool over a whole image.
pub fn global_lp(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    if context.wants(input(node, 0)?) {
        let outer = root_gradient(context, node, &only(outputs)?)?;
        power_gradient(context, node, &outer)?;
    }
    Ok(())
}

/// `dy y^(1-p)`, nothing where `y` is 0.
fn root_gradient(
    context: &mut Context,
    node: &NodeProto,
    gradient: &Value,
) -> Result<Value, OnnxError> {
    let (p, y) = (node.int("p", 2), result(node)?);
    if p == 1 {
        return Ok(gradient.clone());
    }
    let output = Value::named(y);
    let zero = context.number(0.0, y)?;
    let divisor = match p {
        2 => output.clone(),
        _ => {
            let exponent = context.number((p - 1) as f64, y)?;
            context.builder.pow(&output, &exponent)
        }
    };
    let quotient = context.builder.div(gradient, &divisor);
    let positive = context.builder.greater(&output, &zero);
    Ok(context.builder.choose(&positive, &quotient, &zero))
}

/// Gives the input `sign(x) |x|^(p-1)` times what came back from the sum.
fn power_gradient(
    context: &mut Context,
    node: &NodeProto,
    gradient: &Value,
) -> Result<(), OnnxError> {
    let (p, x) = (node.int("p", 2), input(node, 0)?);
    let input = Value::named(x);
    let factor = match p {
        2 => input,
        _ => {
            let sign = context.builder.sign(&input);
            if p == 1 {
                sign
            } else {
                let size = context.builder.abs(&input);
                let exponent = context.number((p - 1) as f64, x)?;
                let power = context.builder.pow(&size, &exponent);
                context.builder.mul(&sign, &power)
            }
        }
    };
    let product = context.builder.mul(gradient, &factor);
    context.give(x, product);
    Ok(())
}

/// The mean over all spatial axes: every element gets the same share.
pub fn global_average(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let x = input(node, 0)?;
    if !context.wants(x) {
        return Ok(());
    }
    let value = context.value_type(x)?.clone();
    let count = match lengths(&spatial(&value.dimensions)?) {
        Some(lengths) => context.number(product(&lengths), x)?,
        None => {
            let start = vec![AttributeProto::int("start", 2)];
            let builder = &mut context.builder;
            let lengths = builder.node("Shape", &[&Value::named(x)], start);
            let keep = vec![AttributeProto::int("keepdims", 0)];
            let count = builder.node("ReduceProd", &[&lengths], keep);
            builder.cast(&count, value.element)
        }
    };
    let share = context.builder.div(&gradient, &count);
    let shape = context.shape_of(x)?;
    let result = context.builder.expand_to(&share, &shape);
    context.give(x, result);
    Ok(())
}

/// The maximum over all spatial axes: the elements that are the maximum share its gradient.
pub fn global_max(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let x = input(node, 0)?;
    if !context.wants(x) {
        return Ok(());
    }
    let value = context.value_type(x)?.clone();
    let axes: Vec<i64> = (2..value.rank() as i64).collect();
    let (mut input, mut maximum) = (Value::named(x), Value::named(result(node)?));
    let builder = &mut context.builder;
    if !matches!(value.element, ElementType::F32 | ElementType::F64) {
        // An engine without kernels of 16 bits may have rounded one and not the other.
        input = builder.cast(&input, ElementType::F32);
        maximum = builder.reduce_max(&input, &axes, true);
    }
    let hit = builder.equal(&input, &maximum);
    let mask = builder.cast(&hit, value.element);
    let hits = builder.reduce_sum(&mask, &axes, true);
    let share = builder.div(&gradient, &hits);
    let product = builder.mul(&mask, &share);
    context.give(x, product);
    Ok(())
}

/// The backward pass of a pool that averages, or sums, as one matrix per axis: what the pool makes of
/// a unit matrix, whatever its padding and rounding are.
fn by_matrices(
    context: &mut Context,
    node: &NodeProto,
    x: &str,
    gradient: &Value,
    sum: bool,
) -> Result<Value, OnnxError> {
    let value = context.value_type(x)?.clone();
    let axes = spatial(&value.dimensions)?.len();
    let mut result = gradient.clone();
    for axis in 0..axes {
        let mut attributes = along(node, axis, axes)?;
        if sum {
            attributes.retain(|attribute| attribute.name.as_deref() != Some("p"));
            attributes.push(AttributeProto::int("p", 1));
        }
        let unit = unit(context, x, axis + 2)?;
        let builder = &mut context.builder;
        let rows = builder.unsqueeze(&unit, &[0]);
        let pooled = builder.node(node.op(), &[&rows], attributes);
        let matrix = builder.squeeze(&pooled, &[0]);
        result = backward(
            context,
            &result,
            &matrix,
            (axis + 2, axes + 2),
            value.element,
        )?;
    }
    Ok(result)
}

/// The attributes of a pool for one of its axes alone.
fn along(node: &NodeProto, axis: usize, axes: usize) -> Result<Vec<AttributeProto>, OnnxError> {
    let mut attributes = Vec::new();
    for attribute in &node.attribute {
        let name = attribute.name.as_deref().unwrap_or("");
        attributes.push(match name {
            "kernel_shape" | "strides" | "dilations" => {
                AttributeProto::ints(name, &[list(node, name, axes, 1)?[axis]])
            }
            "pads" => {
                let pads = list(node, name, 2 * axes, 0)?;
                AttributeProto::ints(name, &[pads[axis], pads[axes + axis]])
            }
            _ => attribute.clone(),
        });
    }
    Ok(attributes)
}

fn result(node: &NodeProto) -> Result<&str, OnnxError> {
    node.output
        .first()
        .map(String::as_str)
        .ok_or_else(|| OnnxError::Invalid(format!("{} without an output", node.op())))
}
