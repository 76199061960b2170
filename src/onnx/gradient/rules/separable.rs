//! Operators that are linear and act on one axis after the other, such as pools and resizes: along
//! each axis they are a matrix, which is what the operator itself makes of a unit matrix.

use super::axis_of;
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::AttributeProto;
use crate::onnx::{Dimension, ElementType, OnnxError, Value};

/// The unit matrix of the length of an axis, in 32 bits.
pub(super) fn unit(context: &mut Context, name: &str, axis: usize) -> Result<Value, OnnxError> {
    let shape = match context.value_type(name)?.dimensions.get(axis) {
        Some(Dimension::Fixed(length)) => context.builder.integers(&[*length as i64; 2]),
        _ => {
            let length = context.length_of(name, axis)?;
            context.builder.concat(&[&length, &length], 0)
        }
    };
    let zeros = context
        .builder
        .node("ConstantOfShape", &[&shape], Vec::new());
    Ok(context.builder.node("EyeLike", &[&zeros], Vec::new()))
}

/// Takes a gradient back along an axis by the operator's matrix `[input length, output length]`, which
/// is in 32 bits.
pub(super) fn backward(
    context: &mut Context,
    gradient: &Value,
    matrix: &Value,
    (axis, rank): (usize, usize),
    element: ElementType,
) -> Result<Value, OnnxError> {
    let axis = axis_of(axis as i64, rank)?;
    let builder = &mut context.builder;
    let matrix = if element == ElementType::F32 {
        matrix.clone()
    } else {
        builder.cast(matrix, element)
    };
    if axis + 1 == rank {
        let transposed = builder.transpose(&matrix, &[1, 0]);
        return Ok(builder.matmul(gradient, &transposed));
    }
    if axis + 2 == rank {
        return Ok(builder.matmul(&matrix, gradient));
    }
    let mut order: Vec<i64> = (0..rank as i64).collect();
    order.swap(axis, rank - 2);
    let turned = builder.transpose(gradient, &order);
    let product = builder.matmul(&matrix, &turned);
    Ok(builder.transpose(&product, &order))
}

/// A scale per axis behind batch and channels, as Resize takes them.
pub(super) fn spatial_scales(context: &mut Context, factors: &[i64]) -> Value {
    let scales: Vec<f32> = [1, 1]
        .iter()
        .chain(factors)
        .map(|factor| *factor as f32)
        .collect();
    context
        .builder
        .constant(&crate::onnx::Tensor::f32(&[scales.len()], scales))
}

/// Attributes of a nearest-neighbour Resize that repeats every element.
pub(super) fn repeating() -> Vec<AttributeProto> {
    vec![
        AttributeProto::text("mode", "nearest"),
        AttributeProto::text("coordinate_transformation_mode", "asymmetric"),
        AttributeProto::text("nearest_mode", "floor"),
    ]
}
