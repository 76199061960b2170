//! Smooth gated activations, `x` times a gate of `x`: Gelu, Swish, Mish. Each node that is emitted
//! here is a pass over the widest values of a network, so that the forms are the shortest ones.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_PI, PI};

use super::elementwise::{give_slope, x_of, y_of};
use super::input;
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::{AttributeProto, NodeProto};
use crate::onnx::{ElementType, OnnxError, Value};

type Result<T> = std::result::Result<T, OnnxError>;

/// The cubic term in the approximation of Gelu by a hyperbolic tangent.
const CUBIC: f64 = 0.044715;

/// Gelu in both forms. Only the input is read (and in the approximate form the output), so that the
/// forward pass stays one operator.
pub fn gelu(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let slope = match node.text("approximate", "none") {
        "tanh" => approximate(context, node)?,
        _ => exact(context, node)?,
    };
    give_slope(context, node, outputs, &slope)
}

/// `cdf(x) + x pdf(x)` of the normal distribution. With `s = x / sqrt(2)` that is
/// `erf(s)/2 + 1/2 + s e^(-ln(pi)/2 - s^2)`: the factor of the density goes into its exponent.
fn exact(context: &mut Context, node: &NodeProto) -> Result<Value> {
    let name = input(node, 0)?;
    let scale = context.number(FRAC_1_SQRT_2, name)?;
    let half = context.number(0.5, name)?;
    let single = context.value_type(name)?.element == ElementType::F32;
    let factor = context.number(-PI.ln() / 2.0, name)?;
    let builder = &mut context.builder;
    let scaled = builder.mul(&x_of(node)?, &scale);
    let erf = builder.erf(&scaled);
    let cumulated = if single {
        // It is never outside of 0 to 1, so that this is the straight line in one pass.
        let line = ["alpha", "beta"].map(|name| AttributeProto::float(name, 0.5));
        builder.node("HardSigmoid", &[&erf], line.to_vec())
    } else {
        let erf = builder.mul(&erf, &half);
        builder.add(&erf, &half)
    };
    let square = builder.mul(&scaled, &scaled);
    let exponent = builder.sub(&factor, &square);
    let density = builder.exp(&exponent);
    let bend = builder.mul(&scaled, &density);
    Ok(builder.add(&cumulated, &bend))
}

/// With the gate `s = sigmoid(2u)` for `u = sqrt(2/pi) (x + c x^3)` and the output `y = x s` the slope is
/// `s + y (1 - s) 2u'`. The input is scaled so that the cubic term needs no factor of its own.
fn approximate(context: &mut Context, node: &NodeProto) -> Result<Value> {
    let name = input(node, 0)?;
    let linear = 2.0 * FRAC_2_PI.sqrt();
    let scale = (linear * CUBIC).cbrt();
    let one = context.number(1.0, name)?;
    let steepness = context.number(3.0 * scale, name)?;
    let start = context.number(linear, name)?;
    let offset = context.number(linear / scale, name)?;
    let scale = context.number(scale, name)?;
    let builder = &mut context.builder;
    let scaled = builder.mul(&x_of(node)?, &scale);
    let square = builder.mul(&scaled, &scaled);
    let sum = builder.add(&square, &offset);
    let argument = builder.mul(&scaled, &sum);
    let gate = builder.sigmoid(&argument);
    let growth = builder.mul(&square, &steepness);
    let growth = builder.add(&growth, &start);
    let rest = builder.sub(&one, &gate);
    let rest = builder.mul(&y_of(node)?, &rest);
    let bend = builder.mul(&rest, &growth);
    Ok(builder.add(&gate, &bend))
}

/// Swish: `y = x sigmoid(alpha x)`, with the slope `s + alpha y (1 - s)`.
pub fn swish(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let name = input(node, 0)?;
    let alpha = f64::from(node.float("alpha", 1.0));
    let plain = (alpha - 1.0).abs() < f64::EPSILON;
    let one = context.number(1.0, name)?;
    let factor = context.number(alpha, name)?;
    let builder = &mut context.builder;
    let mut argument = x_of(node)?;
    if !plain {
        argument = builder.mul(&argument, &factor);
    }
    let gate = builder.sigmoid(&argument);
    let rest = builder.sub(&one, &gate);
    let mut bend = builder.mul(&y_of(node)?, &rest);
    if !plain {
        bend = builder.mul(&bend, &factor);
    }
    let slope = builder.add(&gate, &bend);
    give_slope(context, node, outputs, &slope)
}

/// Mish: `y = x t` for `t = tanh(ln(1 + e^x))`, with the slope `t + x (1 - t^2) sigmoid(x)`.
pub fn mish(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let one = context.number(1.0, input(node, 0)?)?;
    let x = x_of(node)?;
    let builder = &mut context.builder;
    let soft = builder.node("Softplus", &[&x], Vec::new());
    let gate = builder.tanh(&soft);
    let square = builder.mul(&gate, &gate);
    let rest = builder.sub(&one, &square);
    let sigmoid = builder.sigmoid(&x);
    let bend = builder.mul(&x, &sigmoid);
    let bend = builder.mul(&bend, &rest);
    let slope = builder.add(&gate, &bend);
    give_slope(context, node, outputs, &slope)
}
