//! Activations with corners: Relu and its relatives. At a corner the side of the smaller slope counts.

use super::elementwise::{give_slope, x_of, y_of};
use super::{input, only, output};
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::{AttributeProto, NodeProto};
use crate::onnx::{ElementType, OnnxError, Value};

type Result<T> = std::result::Result<T, OnnxError>;

/// `d(max(x, 0)) = dx` where the output is not zero. Two casts make the mask: on a CPU they are
/// quicker than a comparison and a choice.
pub fn relu(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let element = context.value_type(input(node, 0)?)?.element;
    let passes = context.builder.cast(&y_of(node)?, ElementType::Bool);
    let mask = context.builder.cast(&passes, element);
    give_slope(context, node, outputs, &mask)
}

/// `x` above 0, `alpha x` below.
pub fn leaky_relu(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<()> {
    let x = input(node, 0)?;
    let low = context.number(f64::from(node.float("alpha", 0.01)), x)?;
    let high = context.number(1.0, x)?;
    let positive = is_positive(context, node)?;
    let slope = context.builder.choose(&positive, &high, &low);
    give_slope(context, node, outputs, &slope)
}

/// PRelu: `x` above 0, `slope x` below; the slope broadcasts to the input.
pub fn parametric_relu(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<()> {
    let gradient = only(outputs)?;
    let (x, slope) = (input(node, 0)?, input(node, 1)?);
    if context.wants(slope) {
        let zero = context.number(0.0, x)?;
        let below = context.builder.min(&Value::named(x), &zero);
        let product = context.builder.mul(&gradient, &below);
        context.give_broadcast(slope, output(node, 0)?, product)?;
    }
    if context.wants(x) {
        let one = context.number(1.0, x)?;
        let positive = is_positive(context, node)?;
        let factor = context
            .builder
            .choose(&positive, &one, &Value::named(slope));
        give_slope(context, node, outputs, &factor)?;
    }
    Ok(())
}

/// `x` above `alpha`, else 0.
pub fn thresholded_relu(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<()> {
    let x = input(node, 0)?;
    let threshold = context.number(f64::from(node.float("alpha", 1.0)), x)?;
    let above = context.builder.greater(&Value::named(x), &threshold);
    give_where(context, node, outputs, &above)
}

/// `x` above 0, `alpha (e^x - 1)` below, whose slope is `y + alpha`.
pub fn elu(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let alpha = f64::from(node.float("alpha", 1.0));
    bent(context, node, outputs, [1.0, 1.0, alpha])
}

/// `x` above 0, `alpha (e^(x/alpha) - 1)` below, whose slope is `y / alpha + 1`.
pub fn celu(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let alpha = f64::from(node.float("alpha", 1.0));
    bent(context, node, outputs, [1.0, 1.0 / alpha, 1.0])
}

/// `gamma x` above 0, `gamma alpha (e^x - 1)` below, whose slope is `y + gamma alpha`.
pub fn selu(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let alpha = f64::from(node.float("alpha", 1.673_263_2));
    let gamma = f64::from(node.float("gamma", 1.050_701));
    bent(context, node, outputs, [gamma, 1.0, gamma * alpha])
}

/// A slope that is a number above 0, and `factor y + term` below.
fn bent(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
    [above, factor, term]: [f64; 3],
) -> Result<()> {
    let x = input(node, 0)?;
    let mut curve = y_of(node)?;
    if (factor - 1.0).abs() > f64::EPSILON {
        let factor = context.number(factor, x)?;
        curve = context.builder.mul(&curve, &factor);
    }
    let term = context.number(term, x)?;
    let below = context.builder.add(&curve, &term);
    let above = context.number(above, x)?;
    let positive = is_positive(context, node)?;
    let slope = context.builder.choose(&positive, &above, &below);
    give_slope(context, node, outputs, &slope)
}

/// `max(0, min(1, alpha x + beta))`
pub fn hard_sigmoid(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<()> {
    let x = input(node, 0)?;
    let y = y_of(node)?;
    let (zero, one) = (context.number(0.0, x)?, context.number(1.0, x)?);
    let alpha = context.number(f64::from(node.float("alpha", 0.2)), x)?;
    let (above, below) = (
        context.builder.greater(&y, &zero),
        context.builder.less(&y, &one),
    );
    let inside = context.builder.and(&above, &below);
    let slope = context.builder.choose(&inside, &alpha, &zero);
    give_slope(context, node, outputs, &slope)
}

/// `x max(0, min(1, x/6 + 1/2))`: between -3 and 3 the slope is `x/3 + 1/2`, outside 0 or 1.
pub fn hard_swish(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<()> {
    let (name, x) = (input(node, 0)?, x_of(node)?);
    let attributes = vec![
        AttributeProto::float("alpha", 1.0 / 6.0),
        AttributeProto::float("beta", 0.5),
    ];
    let gate = context.builder.node("HardSigmoid", &[&x], attributes);
    let third = context.number(1.0 / 3.0, name)?;
    let half = context.number(0.5, name)?;
    let three = context.number(3.0, name)?;
    let scaled = context.builder.mul(&x, &third);
    let line = context.builder.add(&scaled, &half);
    let size = context.builder.abs(&x);
    let inside = context.builder.less(&size, &three);
    let slope = context.builder.choose(&inside, &line, &gate);
    give_slope(context, node, outputs, &slope)
}

/// Shrink: `x + bias` below `-lambd`, `x - bias` above `lambd`, else 0.
pub fn shrink(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let name = input(node, 0)?;
    let bound = context.number(f64::from(node.float("lambd", 0.5)), name)?;
    let negative = context.builder.neg(&bound);
    let x = x_of(node)?;
    let (above, below) = (
        context.builder.greater(&x, &bound),
        context.builder.less(&x, &negative),
    );
    let outside = context.builder.node("Or", &[&above, &below], Vec::new());
    give_where(context, node, outputs, &outside)
}

fn is_positive(context: &mut Context, node: &NodeProto) -> Result<Value> {
    let zero = context.number(0.0, input(node, 0)?)?;
    Ok(context.builder.greater(&x_of(node)?, &zero))
}

fn give_where(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
    condition: &Value,
) -> Result<()> {
    let zero = context.number(0.0, input(node, 0)?)?;
    let kept = context.builder.choose(condition, &only(outputs)?, &zero);
    context.give(input(node, 0)?, kept);
    Ok(())
}
