//! Normalisations: SkipLayerNormalization, SimplifiedLayerNormalization (by the root of the mean
//! square), SkipSimplifiedLayerNormalization.

use super::scope::{Scope, is_half};
use crate::onnx::proto::{AttributeProto, NodeProto};
use crate::onnx::{ElementType, Value};

/// `com.microsoft.SkipLayerNormalization`: LayerNormalization of input and residual summed up.
pub fn skip_layer_normalization(scope: &mut Scope, node: &NodeProto) -> Result<(), String> {
    let sum = residual_sum(scope, node, 4)?;
    let scale = scope.needed(node, 2)?;
    let bias = scope.input(node, 3);
    let epsilon = node.float("epsilon", 1e-12);
    let result = layer_normalization(scope, &sum, &scale, bias.as_ref(), epsilon);
    scope.give(node, 0, result);
    scope.give(node, 3, sum);
    Ok(())
}

/// `com.microsoft.SkipSimplifiedLayerNormalization`
pub fn skip_simplified(scope: &mut Scope, node: &NodeProto) -> Result<(), String> {
    let sum = residual_sum(scope, node, 3)?;
    let scale = scope.needed(node, 2)?;
    let element = scope.element(&scale)?;
    let epsilon = node.float("epsilon", 1e-12);
    let normalised = root_mean_square(scope, &sum, element, element, &[-1], epsilon)?;
    let result = finish(scope, &normalised, &scale, -1)?;
    scope.give(node, 0, result);
    scope.give(node, 3, sum);
    Ok(())
}

/// `SimplifiedLayerNormalization`, which ONNX Runtime keeps in the standard domain.
pub fn simplified(scope: &mut Scope, node: &NodeProto) -> Result<(), String> {
    let (x, scale) = (scope.needed(node, 0)?, scope.needed(node, 1)?);
    let element = scope.element(&x)?;
    let axis = node.int("axis", -1);
    let axes: Vec<i64> = if axis == -1 {
        vec![-1]
    } else {
        let rank = scope.rank(&x)? as i64;
        let first = if axis < 0 { axis + rank } else { axis };
        if !(0..rank).contains(&first) {
            return Err(format!("its axis {axis} of {rank} dimensions"));
        }
        (first..rank).collect()
    };
    let scaled = scope.element(&scale)?;
    let epsilon = node.float("epsilon", 1e-5);
    let normalised = root_mean_square(scope, &x, element, scaled, &axes, epsilon)?;
    if scope.is_used(node, 1) {
        let inverse = inverse_of(scope, &normalised)?;
        scope.give(node, 1, inverse);
    }
    let result = finish(scope, &normalised, &scale, axis)?;
    scope.give(node, 0, result);
    Ok(())
}

/// Input, residual and an optional bias summed up.
fn residual_sum(scope: &mut Scope, node: &NodeProto, bias: usize) -> Result<Value, String> {
    for (index, what) in [(1, "the mean"), (2, "the inverse deviation")] {
        scope.forbid_output(node, index, what)?;
    }
    let (x, skip) = (scope.needed(node, 0)?, scope.needed(node, 1)?);
    let sum = scope.builder.add(&x, &skip);
    Ok(match scope.input(node, bias) {
        Some(bias) => scope.builder.add(&sum, &bias),
        None => sum,
    })
}

/// Standard LayerNormalization over the last axis, whose bias may be missing.
pub fn layer_normalization(
    scope: &mut Scope,
    x: &Value,
    scale: &Value,
    bias: Option<&Value>,
    epsilon: f32,
) -> Value {
    let attributes = vec![
        AttributeProto::int("axis", -1),
        AttributeProto::float("epsilon", epsilon),
    ];
    let inputs: Vec<&Value> = [x, scale].into_iter().chain(bias).collect();
    scope
        .builder
        .node("LayerNormalization", &inputs, attributes)
}

/// What a normalisation by the root of the mean square comes from.
struct Normalised {
    x: Value,
    /// Element type of the input, and that of the scale and the output.
    element: ElementType,
    output: ElementType,
    axes: Vec<i64>,
    epsilon: f32,
    /// Of basic operators: the input in the type that is computed with, and the inverse root.
    basic: Option<(Value, Value)>,
}

/// One operator since version 23, basic ones before; those compute 16-bit floats in 32 bits.
fn root_mean_square(
    scope: &mut Scope,
    x: &Value,
    element: ElementType,
    output: ElementType,
    axes: &[i64],
    epsilon: f32,
) -> Result<Normalised, String> {
    let mut normalised = Normalised {
        x: x.clone(),
        element,
        output,
        axes: axes.to_vec(),
        epsilon,
        basic: None,
    };
    if scope.builder.opset() < 23 {
        let inverse = inverse_root(scope, &normalised)?;
        normalised.basic = Some(inverse);
    }
    Ok(normalised)
}

fn inverse_root(scope: &mut Scope, of: &Normalised) -> Result<(Value, Value), String> {
    let (x, element) = if is_half(of.element) {
        let wide = ElementType::F32;
        (scope.builder.cast(&of.x, wide), wide)
    } else {
        (of.x.clone(), of.element)
    };
    let square = scope.builder.mul(&x, &x);
    let mean = scope.reduce("ReduceMean", &square, &of.axes);
    let epsilon = scope.number(f64::from(of.epsilon), element)?;
    let sum = scope.builder.add(&mean, &epsilon);
    let root = scope.builder.sqrt(&sum);
    let inverse = scope.builder.reciprocal(&root);
    Ok((x, inverse))
}

/// The inverse root as an output of its own: 32 bits.
fn inverse_of(scope: &mut Scope, of: &Normalised) -> Result<Value, String> {
    let (_, inverse) = match &of.basic {
        Some(basic) => basic.clone(),
        None => inverse_root(scope, of)?,
    };
    Ok(if of.element == ElementType::F64 {
        scope.builder.cast(&inverse, ElementType::F32)
    } else {
        inverse
    })
}

/// Times the scale.
fn finish(scope: &mut Scope, of: &Normalised, scale: &Value, axis: i64) -> Result<Value, String> {
    let Some((x, inverse)) = &of.basic else {
        let attributes = vec![
            AttributeProto::int("axis", axis),
            AttributeProto::float("epsilon", of.epsilon),
        ];
        return Ok(scope
            .builder
            .node("RMSNormalization", &[&of.x, scale], attributes));
    };
    let mut normalised = scope.builder.mul(x, inverse);
    if is_half(of.element) || of.element != of.output {
        normalised = scope.builder.cast(&normalised, of.output);
    }
    Ok(scope.builder.mul(&normalised, scale))
}
