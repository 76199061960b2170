//! Means that leave out what does not count.

use super::number;
use crate::onnx::{ElementType, GraphBuilder, Value};

/// How the tokens of a batch of sequences are averaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Average {
    /// Every token counts the same, so that long sequences count more.
    Tokens,
    /// Every sequence counts the same: the mean over its tokens.
    Sequences,
}

/// Mean of `values * weight` over the sum of weights: what weighs 0 does not count. Both have the same
/// shape; the sum of weights is taken to be at least `1e-8`.
pub fn weighted_mean(
    builder: &mut GraphBuilder,
    values: &Value,
    weight: &Value,
    element: ElementType,
) -> Value {
    let product = builder.mul(values, weight);
    let total = builder.reduce_sum(&product, &[], false);
    let weights = builder.reduce_sum(weight, &[], false);
    let floor = number(builder, 1e-8, element);
    let weights = builder.max(&weights, &floor);
    builder.div(&total, &weights)
}

/// Mean of `values` `[batch, tokens]` where `mask` (of the same shape) is not 0, averaged as told, with
/// a weight for each sequence (`[batch]`) where there is one. A sequence without tokens does not count.
pub fn masked_mean(
    builder: &mut GraphBuilder,
    values: &Value,
    mask: &Value,
    weight: Option<&Value>,
    average: Average,
    element: ElementType,
) -> Value {
    match average {
        Average::Tokens => {
            let weights = match weight {
                Some(weight) => {
                    let column = builder.unsqueeze(weight, &[1]);
                    builder.mul(mask, &column)
                }
                None => mask.clone(),
            };
            weighted_mean(builder, values, &weights, element)
        }
        Average::Sequences => {
            let product = builder.mul(values, mask);
            let totals = builder.reduce_sum(&product, &[1], false);
            let lengths = builder.reduce_sum(mask, &[1], false);
            let floor = number(builder, 1e-8, element);
            let divisors = builder.max(&lengths, &floor);
            let means = builder.div(&totals, &divisors);
            let filled = builder.greater(&lengths, &floor);
            let filled = builder.cast(&filled, element);
            let weights = match weight {
                Some(weight) => builder.mul(&filled, weight),
                None => filled,
            };
            weighted_mean(builder, &means, &weights, element)
        }
    }
}
