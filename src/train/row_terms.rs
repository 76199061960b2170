//! What each row of an optimizer step counts for, as far as that depends on the weights just before
//! the step.

use std::collections::BTreeMap;

use super::TrainError;
use crate::learn::preference::pair_factor;
use crate::learn::reweight::{ir_dro, row_loss};
use crate::learn::{CriticalSteps, OptimizerStep, Recipe, StepSample as Sample};
use crate::policy::{StepSample, Steps};

/// One row's part in the loss of a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct RowTerm {
    /// Factor on the row's weight.
    pub factor: f64,
    /// Its advantage.
    pub advantage: f64,
    /// The log-probability that its ratio is relative to.
    pub old_log_probability: f64,
}

/// The terms of a step's rows in the order of its micro-batches. `old` are the rows' old
/// log-probabilities.
///
/// # Errors
/// When the engine fails.
pub(super) fn row_terms(
    step: &OptimizerStep,
    rows: &[Sample],
    old: &[f64],
    samples: &[&StepSample],
    recipe: &Recipe,
    running: &mut Steps<'_>,
) -> Result<Vec<RowTerm>, TrainError> {
    let order: Vec<usize> = step
        .micro_batches
        .iter()
        .flatten()
        .map(|row| row.sample)
        .collect();
    let mut terms: Vec<RowTerm> = order
        .iter()
        .map(|row| RowTerm {
            factor: 1.0,
            advantage: rows[*row].advantage,
            old_log_probability: old[*row],
        })
        .collect();
    let pairs = pairs(&order, rows);
    if pairs.is_empty() && recipe.reweight_lambda.is_none() {
        return Ok(terms);
    }
    let wanted: Vec<&StepSample> = order.iter().map(|row| samples[*row]).collect();
    let now = running.log_probabilities(&wanted)?;
    if let CriticalSteps::Verified { beta, .. } = recipe.critical_steps {
        for (preferred, other) in pairs.values().filter_map(|(one, two)| one.zip(*two)) {
            // The policy before the update is the reference.
            let gain = |place: usize| now[place] - old[order[place]];
            let factor = pair_factor(beta, gain(preferred) - gain(other));
            for place in [preferred, other] {
                terms[place].advantage *= factor;
                terms[place].old_log_probability = now[place];
            }
        }
    }
    if let Some(lambda) = recipe.reweight_lambda {
        // The two rows of a pair are one loss; no factor may come between them.
        let single = |place: &usize| rows[order[*place]].source.pair().is_none();
        let places: Vec<usize> = (0..order.len()).filter(single).collect();
        let losses: Vec<f64> = places
            .iter()
            .map(|place| row_loss(terms[*place].advantage, now[*place]))
            .collect();
        for (place, weight) in places.into_iter().zip(ir_dro(&losses, lambda)) {
            terms[place].factor = weight;
        }
    }
    Ok(terms)
}

/// Places of the preferred and the other action of each pair in the order of a step.
fn pairs(order: &[usize], rows: &[Sample]) -> BTreeMap<u32, (Option<usize>, Option<usize>)> {
    let mut pairs: BTreeMap<u32, (Option<usize>, Option<usize>)> = BTreeMap::new();
    for (place, row) in order.iter().enumerate() {
        if let Some((pair, preferred)) = rows[*row].source.pair() {
            let entry = pairs.entry(pair).or_default();
            match preferred {
                true => entry.0 = Some(place),
                false => entry.1 = Some(place),
            }
        }
    }
    pairs
}

/// The mean ratio of a step's rows that the weights of now drew; `None` where there are none. `now`
/// are the log-probabilities in the order of the step's rows, `old` those that were recorded, by row.
pub(super) fn fresh_ratio(
    step: &OptimizerStep,
    rows: &[Sample],
    now: &[f64],
    old: &[f64],
) -> Option<f64> {
    let (mut sum, mut total) = (0.0, 0.0);
    for (row, now) in step.micro_batches.iter().flatten().zip(now) {
        if rows[row.sample].source.is_fresh() {
            sum += row.weight * (now - old[row.sample]).exp();
            total += row.weight;
        }
    }
    (total > 0.0).then(|| sum / total)
}
