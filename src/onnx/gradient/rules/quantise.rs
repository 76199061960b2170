//! Quantised activations, straight through: rounding counts as the identity, and nothing flows where
//! a value was cut off at the end of the range. The gradient of a whole number is one in 32-bit
//! floats, as if it were a real number. Quantised weights are frozen.

use super::convolution::{conv_window, image_gradient};
use super::{axis_of, input, only, optional, unsupported};
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::{AttributeProto, NodeProto};
use crate::onnx::{Dimension, ElementType, OnnxError, Tensor, Value};

/// `y = (q - zero) scale`: `dq = dy scale`, and `dscale = sum(dy y) / scale`.
pub fn dequantize_linear(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let (q, scale) = (input(node, 0)?, input(node, 1)?);
    let (wants_q, wants_scale) = (context.wants(q), context.wants(scale));
    if !wants_q && !wants_scale {
        return Ok(());
    }
    if node.int("block_size", 0) != 0 {
        return Err(unsupported(node, "its scales are those of blocks"));
    }
    let element = context.value_type(scale)?.element;
    let rank = context.rank(q)?;
    if wants_q {
        let scale = per_axis(context, node, &Value::named(scale), scale, rank)?;
        let mut product = context.builder.mul(&gradient, &scale);
        if element != ElementType::F32 {
            product = context.builder.cast(&product, ElementType::F32);
        }
        context.give(q, product);
    }
    if wants_scale {
        let output = node.output.first().map_or("", String::as_str);
        let product = context.builder.mul(&gradient, &Value::named(output));
        let sum = match one_per_axis(context, node, scale, rank)? {
            Some(axis) => {
                let others: Vec<i64> = (0..rank as i64).filter(|other| *other != axis).collect();
                if others.is_empty() {
                    product
                } else {
                    context.builder.reduce_sum(&product, &others, false)
                }
            }
            None => {
                let sum = context.builder.reduce_sum(&product, &[], false);
                let shape = context.shape_of(scale)?;
                context.builder.reshape_to(&sum, &shape)
            }
        };
        let quotient = context.builder.div(&sum, &Value::named(scale));
        context.give(scale, quotient);
    }
    Ok(())
}

/// `q = cut(round(x / scale) + zero)`: `dx = dq / scale` inside the range.
pub fn quantize_linear(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let (x, scale) = (input(node, 0)?, input(node, 1)?);
    if !context.wants(x) {
        return Ok(());
    }
    if node.int("block_size", 0) != 0 {
        return Err(unsupported(node, "its scales are those of blocks"));
    }
    let output = node.output.first().map_or("", String::as_str);
    let (low, high) = range(context.value_type(output)?.element)
        .ok_or_else(|| unsupported(node, "it does not quantise to whole numbers"))?;
    let (element, rank) = (context.value_type(x)?.element, context.rank(x)?);
    let step = Value::named(scale);
    let bound = |context: &mut Context, end: f64| -> Result<Value, OnnxError> {
        let mut end = context.number(end, scale)?;
        if let Some(zero) = optional(node, 2) {
            let of = context.value_type(scale)?.element;
            let zero = context.builder.cast(&Value::named(zero), of);
            end = context.builder.sub(&end, &zero);
        }
        let end = context.builder.mul(&end, &step);
        per_axis(context, node, &end, scale, rank)
    };
    // What rounds to the ends of the range is inside.
    let (low, high) = (bound(context, low - 0.5)?, bound(context, high + 0.5)?);
    let wide = per_axis(context, node, &step, scale, rank)?;
    let input = Value::named(x);
    let zero = context.number(0.0, x)?;
    let gradient = if element == ElementType::F32 {
        gradient
    } else {
        context.builder.cast(&gradient, element)
    };
    let builder = &mut context.builder;
    let above = builder.greater_or_equal(&input, &low);
    let below = builder.less_or_equal(&input, &high);
    let inside = builder.and(&above, &below);
    let quotient = builder.div(&gradient, &wide);
    let kept = builder.choose(&inside, &quotient, &zero);
    context.give(x, kept);
    Ok(())
}

/// Quantises to the range of the values themselves, so that nothing is cut off: `dx = dq / scale`. The
/// scale counts as a constant.
pub fn dynamic_quantize_linear(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let Some(gradient) = outputs.first().cloned().flatten() else {
        return Ok(());
    };
    let scale = node.output.get(1).filter(|name| !name.is_empty());
    let scale = scale.ok_or_else(|| unsupported(node, "its scale is not used"))?;
    let quotient = context.builder.div(&gradient, &Value::named(scale));
    context.give(input(node, 0)?, quotient);
    Ok(())
}

/// `y = (a - a_zero) (b - b_zero)` with a frozen matrix `b [K,N]`: `da = dy (b - b_zero)^T`.
pub fn matmul_integer(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let (a, b) = (input(node, 0)?, input(node, 1)?);
    let (rank, matrix) = (context.rank(a)?, context.value_type(b)?.dimensions.clone());
    let [_, Dimension::Fixed(width)] = matrix[..] else {
        return Err(unsupported(
            node,
            "its right side is not a matrix of known width",
        ));
    };
    if context.wants(b) || rank < 2 {
        return Err(unsupported(
            node,
            "only its left side, rows, can be trained through",
        ));
    }
    if !context.wants(a) {
        return Ok(());
    }
    let weight = centered(context, node, b, 3, 1)?;
    let rows = if rank == 2 {
        gradient
    } else {
        context.builder.reshape(&gradient, &[-1, width as i64])
    };
    let product = context.builder.gemm(&rows, &weight, false, true);
    let shaped = if rank == 2 {
        product
    } else {
        let shape = context.shape_of(a)?;
        context.builder.reshape_to(&product, &shape)
    };
    context.give(a, shaped);
    Ok(())
}

/// As Conv with a frozen kernel `w - w_zero`.
pub fn conv_integer(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let (x, w) = (input(node, 0)?, input(node, 1)?);
    if context.wants(w) {
        return Err(unsupported(node, "its kernel can't be trained"));
    }
    if context.wants(x) {
        let weight = centered(context, node, w, 3, 0)?;
        let window = conv_window(context, node, x, w)?;
        let result = image_gradient(context, node, x, &weight, &gradient, &window)?;
        context.give(x, result);
    }
    Ok(())
}

/// A weight of whole numbers less its zero point, in 32 bits. As a node of its own that engines keep:
/// the weight is not stored a second time.
fn centered(
    context: &mut Context,
    node: &NodeProto,
    weight: &str,
    zero: usize,
    axis: i64,
) -> Result<Value, OnnxError> {
    let zero = optional(node, zero);
    let shape = match zero {
        Some(zero) => context.value_type(zero)?.fixed(),
        None => Some(Vec::new()),
    };
    let shape = shape
        .filter(|shape| shape.len() <= 1)
        .ok_or_else(|| unsupported(node, "its zero points are those of rows"))?;
    let ones = vec![1.0; shape.iter().product()];
    let scale = context.builder.constant(&Tensor::f32(&shape, ones));
    let (weight, zero) = (Value::named(weight), zero.map(Value::named));
    let mut inputs = vec![&weight, &scale];
    inputs.extend(&zero);
    let attributes = vec![AttributeProto::int("axis", axis)];
    Ok(context
        .builder
        .node("DequantizeLinear", &inputs, attributes))
}

/// The axis that has a scale for each of its elements.
fn one_per_axis(
    context: &Context,
    node: &NodeProto,
    scale: &str,
    rank: usize,
) -> Result<Option<i64>, OnnxError> {
    let dimensions = &context.value_type(scale)?.dimensions;
    Ok(match dimensions[..] {
        [] | [Dimension::Fixed(1)] => None,
        _ => Some(axis_of(node.int("axis", 1), rank)? as i64),
    })
}

/// A value with one element per scale, in a shape that broadcasts against the whole tensor.
fn per_axis(
    context: &mut Context,
    node: &NodeProto,
    value: &Value,
    scale: &str,
    rank: usize,
) -> Result<Value, OnnxError> {
    Ok(match one_per_axis(context, node, scale, rank)? {
        Some(axis) if axis + 1 < rank as i64 => {
            let behind: Vec<i64> = (1..rank as i64 - axis).collect();
            context.builder.unsqueeze(value, &behind)
        }
        _ => value.clone(),
    })
}

/// The ends of a type of whole numbers.
fn range(element: ElementType) -> Option<(f64, f64)> {
    Some(match element.code() {
        2 => (0.0, 255.0),
        3 => (-128.0, 127.0),
        4 => (0.0, 65535.0),
        5 => (-32768.0, 32767.0),
        21 => (0.0, 15.0),
        22 => (-8.0, 7.0),
        _ => return None,
    })
}
