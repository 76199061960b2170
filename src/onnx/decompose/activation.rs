//! The Gelu family of `com.microsoft`, and the activations that other fused operators end with.

use super::scope::Scope;
use crate::onnx::proto::{AttributeProto, NodeProto};
use crate::onnx::{ElementType, Value};

/// `com.microsoft.Gelu`: `x` times the normal distribution function of `x`.
pub fn gelu(scope: &mut Scope, node: &NodeProto) -> Result<(), String> {
    let x = scope.needed(node, 0)?;
    let element = scope.element(&x)?;
    let result = exact_gelu(scope, &x, element)?;
    scope.give(node, 0, result);
    Ok(())
}

/// `com.microsoft.BiasGelu`: Gelu of the sum of two inputs.
pub fn bias_gelu(scope: &mut Scope, node: &NodeProto) -> Result<(), String> {
    let (x, bias) = (scope.needed(node, 0)?, scope.needed(node, 1)?);
    let element = scope.element(&x)?;
    let sum = scope.builder.add(&x, &bias);
    let result = exact_gelu(scope, &sum, element)?;
    scope.give(node, 0, result);
    Ok(())
}

/// `com.microsoft.FastGelu`: Gelu by the hyperbolic tangent, after an optional bias.
pub fn fast_gelu(scope: &mut Scope, node: &NodeProto) -> Result<(), String> {
    let x = scope.needed(node, 0)?;
    let element = scope.element(&x)?;
    let sum = match scope.input(node, 1) {
        Some(bias) => scope.builder.add(&x, &bias),
        None => x,
    };
    let result = tanh_gelu(scope, &sum, element)?;
    scope.give(node, 0, result);
    Ok(())
}

/// `com.microsoft.QuickGelu`: `x sigmoid(alpha x)`.
pub fn quick_gelu(scope: &mut Scope, node: &NodeProto) -> Result<(), String> {
    let x = scope.needed(node, 0)?;
    let element = scope.element(&x)?;
    let alpha = f64::from(node.float("alpha", 1.702));
    let scaled = scope.scale(&x, alpha, element)?;
    let gate = scope.builder.sigmoid(&scaled);
    let result = scope.builder.mul(&x, &gate);
    scope.give(node, 0, result);
    Ok(())
}

/// `com.microsoft.BiasSplitGelu`: after the bias, the left half times Gelu of the right half.
pub fn bias_split_gelu(scope: &mut Scope, node: &NodeProto) -> Result<(), String> {
    let (x, bias) = (scope.needed(node, 0)?, scope.needed(node, 1)?);
    let element = scope.element(&bias)?;
    let sum = scope.builder.add(&x, &bias);
    let halves = scope.split_evenly(&sum, -1, 2);
    let gate = exact_gelu(scope, &halves[1], element)?;
    let result = scope.builder.mul(&halves[0], &gate);
    scope.give(node, 0, result);
    Ok(())
}

/// Gelu in its exact form: one operator since version 20, basic ones before.
pub fn exact_gelu(scope: &mut Scope, x: &Value, element: ElementType) -> Result<Value, String> {
    if scope.builder.opset() >= 20 {
        return Ok(scope.builder.node("Gelu", &[x], Vec::new()));
    }
    let scaled = scope.scale(x, std::f64::consts::FRAC_1_SQRT_2, element)?;
    let erf = scope.builder.erf(&scaled);
    gate_by_half(scope, x, &erf, element)
}

/// Gelu by the hyperbolic tangent.
pub fn tanh_gelu(scope: &mut Scope, x: &Value, element: ElementType) -> Result<Value, String> {
    if scope.builder.opset() >= 20 {
        let attributes = vec![AttributeProto::text("approximate", "tanh")];
        return Ok(scope.builder.node("Gelu", &[x], attributes));
    }
    // sqrt(2 / pi) (x + 0.044715 x^3), as x (a + b x^2).
    let outer = (2.0 / std::f64::consts::PI).sqrt();
    let square = scope.builder.mul(x, x);
    let cubic = scope.scale(&square, outer * 0.044_715, element)?;
    let linear = scope.number(outer, element)?;
    let factor = scope.builder.add(&cubic, &linear);
    let argument = scope.builder.mul(x, &factor);
    let tanh = scope.builder.tanh(&argument);
    gate_by_half(scope, x, &tanh, element)
}

/// `x (1 + s) / 2`
fn gate_by_half(
    scope: &mut Scope,
    x: &Value,
    s: &Value,
    element: ElementType,
) -> Result<Value, String> {
    let one = scope.number(1.0, element)?;
    let sum = scope.builder.add(s, &one);
    let half = scope.scale(x, 0.5, element)?;
    Ok(scope.builder.mul(&half, &sum))
}

/// An activation by the name that fused operators use, with its numbers in the operator's order.
pub fn by_name(
    scope: &mut Scope,
    x: &Value,
    name: &str,
    numbers: &[f32],
    element: ElementType,
) -> Result<Value, String> {
    let labels: &[&str] = match name {
        "" => return Ok(x.clone()),
        "Relu" | "Sigmoid" | "Tanh" | "Softplus" | "Softsign" | "HardSwish" => &[],
        "LeakyRelu" | "Elu" | "ThresholdedRelu" => &["alpha"],
        "HardSigmoid" => &["alpha", "beta"],
        "Selu" => &["alpha", "gamma"],
        "Clip" => {
            let [low, high] = numbers else {
                return Err("its activation Clip has no two bounds".into());
            };
            let low = scope.number(f64::from(*low), element)?;
            let high = scope.number(f64::from(*high), element)?;
            return Ok(scope.builder.node("Clip", &[x, &low, &high], Vec::new()));
        }
        other => return Err(format!("its activation is {other:?}")),
    };
    let attributes = labels
        .iter()
        .zip(numbers)
        .map(|(label, number)| AttributeProto::float(label, *number))
        .collect();
    Ok(scope.builder.node(name, &[x], attributes))
}
