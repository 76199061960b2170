//! Operators for which ONNX Runtime has no kernel of 64 bits, as compositions of others. They are put
//! in after a gradient graph was built, so that the rules of the operators themselves are checked.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI, PI};

use crate::onnx::proto::NodeProto;
use crate::onnx::{GraphBuilder, Model, OnnxError, Tensor, Value};

/// Nodes of the quadrature for the error function: enough for 14 digits up to [`FARTHEST`].
const NODES: usize = 40;
/// Beyond this the error function is 1 in 64 bits.
const FARTHEST: f64 = 6.0;

/// The model with `Erf`, `Gelu`, `Softplus` and `LeakyRelu` replaced by what computes the same in 64
/// bits.
///
/// # Errors
/// [`OnnxError::Invalid`] for nodes without input or output.
pub fn substituted(model: &Model) -> Result<Model, OnnxError> {
    let mut model = model.clone();
    let nodes = std::mem::take(&mut model.graph_mut().node);
    let prefix = (1..)
        .map(|number| format!("double{number}/"))
        .find(|prefix| {
            let mut names = nodes.iter().flat_map(|node| &node.output);
            !names.any(|name| name.starts_with(prefix))
        })
        .unwrap_or_default();
    let mut builder = GraphBuilder::extend(model, &prefix);
    for node in nodes {
        let standard = matches!(node.domain.as_deref(), None | Some("" | "ai.onnx"));
        let replaced = match node.op() {
            _ if !standard => None,
            "Erf" => Some(erf(&mut builder, &input(&node)?)),
            "Gelu" => Some(gelu(&mut builder, &node)?),
            "Softplus" => Some(softplus(&mut builder, &input(&node)?)),
            "LeakyRelu" => Some(leaky_relu(&mut builder, &node)?),
            _ => None,
        };
        match (replaced, node.output.first()) {
            (Some(value), Some(output)) => {
                builder.alias(&value, output);
            }
            (Some(_), None) => return Err(incomplete(&node)),
            (None, _) => builder.graph().node.push(node),
        }
    }
    builder.finish()
}

fn incomplete(node: &NodeProto) -> OnnxError {
    OnnxError::Invalid(format!("{} without input or output", node.op()))
}

fn input(node: &NodeProto) -> Result<Value, OnnxError> {
    let name = node.input.first().filter(|name| !name.is_empty());
    Ok(Value::named(name.ok_or_else(|| incomplete(node))?))
}

fn number(builder: &mut GraphBuilder, value: f64) -> Value {
    builder.constant(&Tensor {
        shape: Vec::new(),
        ..Tensor::f64(&[1], [value])
    })
}

/// `erf x = 2 x / sqrt(pi) * integral over t from 0 to 1 of exp(-(x t)^2)`, by quadrature along a new
/// last axis.
fn erf(builder: &mut GraphBuilder, x: &Value) -> Value {
    let (low, high) = (number(builder, -FARTHEST), number(builder, FARTHEST));
    let x = builder.node("Clip", &[x, &low, &high], Vec::new());
    let (places, weights) = legendre(NODES);
    let places = builder.constant(&Tensor::f64(&[NODES], places));
    let weights: Vec<f64> = weights
        .iter()
        .map(|weight| weight * FRAC_2_SQRT_PI)
        .collect();
    let weights = builder.constant(&Tensor::f64(&[NODES, 1], weights));
    let column = builder.unsqueeze(&x, &[-1]);
    let along = builder.mul(&column, &places);
    let squares = builder.mul(&along, &along);
    let negative = builder.neg(&squares);
    let heights = builder.exp(&negative);
    let sums = builder.matmul(&heights, &weights);
    let sums = builder.squeeze(&sums, &[-1]);
    builder.mul(&x, &sums)
}

fn gelu(builder: &mut GraphBuilder, node: &NodeProto) -> Result<Value, OnnxError> {
    let x = input(node)?;
    let inner = if node.text("approximate", "none") == "tanh" {
        let square = builder.mul(&x, &x);
        let small = number(builder, 0.044715);
        let bent = builder.mul(&square, &small);
        let one = number(builder, 1.0);
        let bent = builder.add(&bent, &one);
        let bent = builder.mul(&bent, &x);
        let scale = number(builder, (2.0 / PI).sqrt());
        let bent = builder.mul(&bent, &scale);
        builder.tanh(&bent)
    } else {
        let scale = number(builder, FRAC_1_SQRT_2);
        let scaled = builder.mul(&x, &scale);
        erf(builder, &scaled)
    };
    let one = number(builder, 1.0);
    let sum = builder.add(&inner, &one);
    let product = builder.mul(&x, &sum);
    let half = number(builder, 0.5);
    Ok(builder.mul(&product, &half))
}

/// `max(x, 0) + ln(1 + exp(-|x|))`
fn softplus(builder: &mut GraphBuilder, x: &Value) -> Value {
    let zero = number(builder, 0.0);
    let positive = builder.max(x, &zero);
    let magnitude = builder.abs(x);
    let negative = builder.neg(&magnitude);
    let small = builder.exp(&negative);
    let one = number(builder, 1.0);
    let sum = builder.add(&small, &one);
    let rest = builder.log(&sum);
    builder.add(&positive, &rest)
}

fn leaky_relu(builder: &mut GraphBuilder, node: &NodeProto) -> Result<Value, OnnxError> {
    let x = input(node)?;
    let slope = number(builder, f64::from(node.float("alpha", 0.01)));
    let zero = number(builder, 0.0);
    let leaked = builder.mul(&x, &slope);
    let negative = builder.less(&x, &zero);
    Ok(builder.choose(&negative, &leaked, &x))
}

/// Places and weights of the Gauss-Legendre quadrature between 0 and 1: the roots of the Legendre
/// polynomial, by Newton's method.
fn legendre(count: usize) -> (Vec<f64>, Vec<f64>) {
    let (mut places, mut weights) = (Vec::new(), Vec::new());
    for root in 0..count {
        let mut x = (PI * (root as f64 + 0.75) / (count as f64 + 0.5)).cos();
        let mut slope = 1.0;
        for _ in 0..100 {
            let (mut before, mut value) = (1.0, x);
            for degree in 2..=count {
                let degree = degree as f64;
                let next = ((2.0 * degree - 1.0) * x * value - (degree - 1.0) * before) / degree;
                (before, value) = (value, next);
            }
            slope = count as f64 * (x * value - before) / (x * x - 1.0);
            let step = value / slope;
            x -= step;
            if step.abs() < 1e-15 {
                break;
            }
        }
        places.push((1.0 - x) / 2.0);
        weights.push(1.0 / ((1.0 - x * x) * slope * slope));
    }
    (places, weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quadrature_is_exact_for_polynomials() {
        let (places, weights) = legendre(NODES);
        for power in [0, 1, 7, 30] {
            let pairs = places.iter().zip(&weights);
            let sum: f64 = pairs.map(|(x, w)| w * x.powi(power)).sum();
            let exact = 1.0 / f64::from(power + 1);
            assert!((sum - exact).abs() < 1e-14, "{power}: {sum}");
        }
        // erf(0.5) and erf(3), to as many digits as 64 bits have.
        for (x, exact) in [
            (0.5, 0.520_499_877_813_046_5),
            (3.0, 0.999_977_909_503_001_4),
        ] {
            let pairs = places.iter().zip(&weights);
            let sum: f64 = pairs.map(|(t, w)| w * (-(x * t) * (x * t)).exp()).sum();
            let found: f64 = FRAC_2_SQRT_PI * x * sum;
            assert!((found - exact).abs() < 1e-14, "erf {x}: {found}");
        }
    }
}
