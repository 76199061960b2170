//! Direct preference optimisation (DPO): the log-odds that the chosen answer of a pair is better than
//! the rejected one, under the policy's own change from a reference.

use super::{number, weighted_mean};
use crate::onnx::{ElementType, GraphBuilder, Tensor, Value};

/// What the loss gives.
#[derive(Debug, Clone)]
pub struct PreferenceLoss {
    /// To be minimised.
    pub loss: Value,
    /// `beta` times how much more the chosen answer gained than the rejected one, `[pairs]`.
    pub margin: Value,
    /// Weighted share of pairs with a positive margin.
    pub accuracy: Value,
}

/// Minus the weighted mean of `ln sigmoid(margin)`, with
/// `margin = beta ((logp_chosen - ref_chosen) - (logp_rejected - ref_rejected))`.
///
/// Log-probabilities of whole answers come as `[2 * pairs]`: chosen, rejected, chosen, rejected, ...;
/// the weight is `[pairs]`, or none; `beta` is a scalar.
pub fn preference(
    builder: &mut GraphBuilder,
    log_probability: &Value,
    reference: &Value,
    weight: Option<&Value>,
    beta: &Value,
    element: ElementType,
) -> PreferenceLoss {
    let gained = builder.sub(log_probability, reference);
    let scaled = builder.mul(&gained, beta);
    let pairs = builder.reshape(&scaled, &[-1, 2]);
    // The log-softmax of two numbers is the log-sigmoid of their difference: exact when it is far from
    // zero, and smooth at zero, where every run begins.
    let odds = builder.log_softmax(&pairs, -1);
    let chosen = column(builder, &odds, 0);
    let signs = match element {
        ElementType::F64 => Tensor::f64(&[2], [1.0, -1.0]),
        _ => Tensor::f32(&[2], [1.0, -1.0]),
    };
    let signs = builder.constant(&signs);
    let signed = builder.mul(&pairs, &signs);
    let margin = builder.reduce_sum(&signed, &[1], false);
    let zero = number(builder, 0.0, element);
    let better = builder.greater(&margin, &zero);
    let better = builder.cast(&better, element);
    let mut mean = |values: &Value| match weight {
        Some(weight) => weighted_mean(builder, values, weight, element),
        None => builder.reduce_mean(values, &[], false),
    };
    let likely = mean(&chosen);
    let accuracy = mean(&better);
    PreferenceLoss {
        loss: builder.neg(&likely),
        margin,
        accuracy,
    }
}

fn column(builder: &mut GraphBuilder, pairs: &Value, position: i64) -> Value {
    let index = builder.constant(&Tensor {
        shape: Vec::new(),
        ..Tensor::i64(&[1], [position])
    });
    builder.gather(pairs, &index, 1)
}
