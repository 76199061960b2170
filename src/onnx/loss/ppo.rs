//! PPO's clipped loss (STEP section 5), of choices or of tokens.

use super::{number, weighted_mean};
use crate::onnx::{ElementType, GraphBuilder, Value};

/// What PPO's clipped loss gives, all scalars but `ratio`.
#[derive(Debug, Clone)]
pub struct PpoLoss {
    /// To be minimised.
    pub loss: Value,
    /// Probability ratios, one a choice.
    pub ratio: Value,
    /// Weighted share of choices whose ratio lies outside the bounds.
    pub clip_fraction: Value,
    /// Approximate KL divergence from the old policy: mean of `(r - 1) - ln r`.
    pub approximate_kl: Value,
}

/// What is averaged into [`PpoLoss`], one number a choice or token each.
#[derive(Debug, Clone)]
pub struct PpoTerms {
    /// `min(r A, clip(r, 1 - clip_low, 1 + clip_high) A)`, to be maximised.
    pub objective: Value,
    /// `r`.
    pub ratio: Value,
    /// 1 where the ratio lies outside the bounds, else 0.
    pub outside: Value,
    /// `(r - 1) - ln r`.
    pub divergence: Value,
}

/// The terms of the clipped loss, from `logp - old_logp` and the advantage, which is broadcast. The
/// bounds are scalars.
pub fn ppo_terms(
    builder: &mut GraphBuilder,
    difference: &Value,
    advantage: &Value,
    clip_low: &Value,
    clip_high: &Value,
    element: ElementType,
) -> PpoTerms {
    let one = number(builder, 1.0, element);
    let ratio = builder.exp(difference);
    let lower = builder.sub(&one, clip_low);
    let upper = builder.add(&one, clip_high);
    let raised = builder.max(&ratio, &lower);
    let clipped = builder.min(&raised, &upper);
    let plain = builder.mul(&ratio, advantage);
    let bounded = builder.mul(&clipped, advantage);
    let objective = builder.min(&plain, &bounded);
    let moved = builder.sub(&ratio, &clipped);
    let moved = builder.abs(&moved);
    let tolerance = number(builder, 1e-6, element);
    let outside = builder.greater(&moved, &tolerance);
    let outside = builder.cast(&outside, element);
    let excess = builder.sub(&ratio, &one);
    let divergence = builder.sub(&excess, difference);
    PpoTerms {
        objective,
        ratio,
        outside,
        divergence,
    }
}

/// The clipped loss of choices, one number a choice each: with `r = exp(logp - old_logp)`, minus the
/// weighted mean of `min(r A, clip(r, 1 - clip_low, 1 + clip_high) A)`.
#[allow(clippy::too_many_arguments)] // They are the symbols of the formula.
pub fn ppo_clip(
    builder: &mut GraphBuilder,
    log_probability: &Value,
    old_log_probability: &Value,
    advantage: &Value,
    weight: &Value,
    clip_low: &Value,
    clip_high: &Value,
    element: ElementType,
) -> PpoLoss {
    let difference = builder.sub(log_probability, old_log_probability);
    let terms = ppo_terms(
        builder,
        &difference,
        advantage,
        clip_low,
        clip_high,
        element,
    );
    let mut mean = |values| weighted_mean(builder, values, weight, element);
    let objective = mean(&terms.objective);
    let clip_fraction = mean(&terms.outside);
    let approximate_kl = mean(&terms.divergence);
    PpoLoss {
        loss: builder.neg(&objective),
        ratio: terms.ratio,
        clip_fraction,
        approximate_kl,
    }
}
