//! The keys of the samplers that have a table of their own, and the rules for the keys of all samplers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::SamplerKind;
use super::model::Train;
use super::validate::{Bounds, first_outside};

/// `[train.sr_softmax]`: the sampler of that name (arXiv 2606.31410).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SrSoftmaxConfig {
    /// Share of the old value that a round leaves in the moving average of a task's success rate.
    pub ema_decay: f64,
    /// Exponent of the success rate in the first round.
    pub success_power: f64,
    /// The same in the last one.
    pub success_power_final: f64,
    /// Exponent of the failure rate in the first round.
    pub failure_power: f64,
    /// The same in the last one.
    pub failure_power_final: f64,
    /// eta of the softmax.
    pub temperature: f64,
    /// Rounds over which the exponents change; 0 is `train.rounds`.
    pub anneal_rounds: u64,
}

/// `[train.bots]`: the sampler of that name (arXiv 2510.26374).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BotsConfig {
    /// The success rate that is looked for.
    pub target: f64,
    /// Share of the evidence that a round forgets.
    pub forgetting: f64,
    /// Successes of the prior.
    pub prior_successes: f64,
    /// Failures of the prior.
    pub prior_failures: f64,
    /// Share of the evidence that comes from the reference rates.
    pub implicit: f64,
    /// Success rates of a weak policy, by task.
    pub weak_rates: BTreeMap<String, f64>,
    /// Success rates of a strong policy, by task.
    pub strong_rates: BTreeMap<String, f64>,
}

impl Train {
    /// Rounds over which `sr_softmax` changes its exponents, with the default worked out.
    pub fn effective_anneal_rounds(&self) -> u64 {
        match self.sr_softmax.anneal_rounds {
            0 => self.rounds,
            rounds => rounds,
        }
    }
}

/// The first broken rule about samplers: its key, and what is wrong.
pub(super) fn broken_rule(train: &Train) -> Option<(&'static str, String)> {
    out_of_bounds(train).or_else(|| reference_rates(train))
}

fn out_of_bounds(train: &Train) -> Option<(&'static str, String)> {
    let (softmax, bots) = (&train.sr_softmax, &train.bots);
    let power = |key, value| -> Bounds<'static> { (key, value, 0.0, 100.0, true) };
    let share = |key, value| -> Bounds<'static> { (key, value, 0.0, 1.0, true) };
    let prior = |key, value| -> Bounds<'static> { (key, value, 0.0, 1e6, false) };
    let rounds = softmax.anneal_rounds as f64;
    first_outside([
        share("train.sr_softmax.ema_decay", softmax.ema_decay),
        power("train.sr_softmax.success_power", softmax.success_power),
        power(
            "train.sr_softmax.success_power_final",
            softmax.success_power_final,
        ),
        power("train.sr_softmax.failure_power", softmax.failure_power),
        power(
            "train.sr_softmax.failure_power_final",
            softmax.failure_power_final,
        ),
        (
            "train.sr_softmax.temperature",
            softmax.temperature,
            0.0,
            1e6,
            false,
        ),
        ("train.sr_softmax.anneal_rounds", rounds, 0.0, 1e6, true),
        share("train.bots.target", bots.target),
        share("train.bots.forgetting", bots.forgetting),
        prior("train.bots.prior_successes", bots.prior_successes),
        prior("train.bots.prior_failures", bots.prior_failures),
        share("train.bots.implicit", bots.implicit),
    ])
}

/// Reference rates come in pairs, are rates, and are there when they are wanted.
fn reference_rates(train: &Train) -> Option<(&'static str, String)> {
    const WEAK: &str = "train.bots.weak_rates";
    const STRONG: &str = "train.bots.strong_rates";
    let bots = &train.bots;
    for (key, rates, other_key, others) in [
        (WEAK, &bots.weak_rates, STRONG, &bots.strong_rates),
        (STRONG, &bots.strong_rates, WEAK, &bots.weak_rates),
    ] {
        for (task, rate) in rates {
            if !(0.0..=1.0).contains(rate) {
                let problem = format!("{rate} of task {task} is not a rate; write 0 to 1");
                return Some((key, problem));
            }
            if !others.contains_key(task) {
                let problem = format!(
                    "task {task} has a rate here but none in {other_key}; give it both, or neither"
                );
                return Some((key, problem));
            }
        }
    }
    let wanted = train.sampler == SamplerKind::Bots && bots.implicit > 0.0;
    (wanted && bots.weak_rates.is_empty()).then(|| {
        let problem = format!(
            "implicit evidence is made of reference rates and there are none; fill in {WEAK} and \
             {STRONG}, or set implicit = 0"
        );
        ("train.bots.implicit", problem)
    })
}
