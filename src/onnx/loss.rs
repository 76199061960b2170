//! Losses as graphs over log-probabilities of choices, one row a step sample.

use super::{GraphBuilder, Value};

/// What PPO's clipped loss gives, all scalars but `ratio`.
#[derive(Debug, Clone)]
pub struct PpoLoss {
    /// To be minimised.
    pub loss: Value,
    /// Probability ratios, `[batch]`.
    pub ratio: Value,
    /// Weighted share of rows whose ratio lies outside the bounds.
    pub clip_fraction: Value,
    /// Approximate KL divergence from the old policy: mean of `(r - 1) - ln r`.
    pub approximate_kl: Value,
}

/// Mean of `values * weight` over the sum of weights: rows of padding weigh 0. `[batch]` each.
pub fn weighted_mean(builder: &mut GraphBuilder, values: &Value, weight: &Value) -> Value {
    let product = builder.mul(values, weight);
    let total = builder.reduce_sum(&product, &[], false);
    let weights = builder.reduce_sum(weight, &[], false);
    let floor = builder.scalar(1e-8);
    let weights = builder.max(&weights, &floor);
    builder.div(&total, &weights)
}

/// Cross-entropy of the choices taken, for cloning: minus the weighted mean log-probability.
pub fn cross_entropy(builder: &mut GraphBuilder, log_probability: &Value, weight: &Value) -> Value {
    let mean = weighted_mean(builder, log_probability, weight);
    builder.neg(&mean)
}

/// KL penalty towards a reference policy (STEP section 5): the weighted mean of
/// `k3 = exp(ref - logp) - (ref - logp) - 1`, at least 0. `[batch]` each.
pub fn k3(
    builder: &mut GraphBuilder,
    log_probability: &Value,
    reference: &Value,
    weight: &Value,
) -> Value {
    let difference = builder.sub(reference, log_probability);
    let raised = builder.exp(&difference);
    let rest = builder.sub(&raised, &difference);
    let one = builder.scalar(1.0);
    let each = builder.sub(&rest, &one);
    weighted_mean(builder, &each, weight)
}

/// PPO's clipped loss (STEP section 5): with `r = exp(logp - old_logp)`,
/// minus the weighted mean of `min(r A, clip(r, 1 - clip_low, 1 + clip_high) A)`.
pub fn ppo_clip(
    builder: &mut GraphBuilder,
    log_probability: &Value,
    old_log_probability: &Value,
    advantage: &Value,
    weight: &Value,
    clip_low: &Value,
    clip_high: &Value,
) -> PpoLoss {
    let one = builder.scalar(1.0);
    let difference = builder.sub(log_probability, old_log_probability);
    let ratio = builder.exp(&difference);
    let lower = builder.sub(&one, clip_low);
    let upper = builder.add(&one, clip_high);
    let raised = builder.max(&ratio, &lower);
    let clipped = builder.min(&raised, &upper);
    let plain = builder.mul(&ratio, advantage);
    let bounded = builder.mul(&clipped, advantage);
    let objective = builder.min(&plain, &bounded);
    let mean = weighted_mean(builder, &objective, weight);
    let loss = builder.neg(&mean);

    let moved = builder.sub(&ratio, &clipped);
    let moved = builder.abs(&moved);
    let tolerance = builder.scalar(1e-6);
    let outside = builder.greater(&moved, &tolerance);
    let outside = builder.cast(&outside, super::ElementType::F32);
    let clip_fraction = weighted_mean(builder, &outside, weight);
    let excess = builder.sub(&ratio, &one);
    let divergence = builder.sub(&excess, &difference);
    let approximate_kl = weighted_mean(builder, &divergence, weight);
    PpoLoss {
        loss,
        ratio,
        clip_fraction,
        approximate_kl,
    }
}

/// The k3 estimate of the KL divergence from a reference policy (STEP section 5):
/// weighted mean of `exp(ref - logp) - (ref - logp) - 1`.
pub fn kl_k3(
    builder: &mut GraphBuilder,
    log_probability: &Value,
    reference: &Value,
    weight: &Value,
) -> Value {
    let difference = builder.sub(reference, log_probability);
    let ratio = builder.exp(&difference);
    let excess = builder.sub(&ratio, &difference);
    let one = builder.scalar(1.0);
    let estimate = builder.sub(&excess, &one);
    weighted_mean(builder, &estimate, weight)
}
