//! What each row of an optimizer step counts for, as far as that depends on the weights just before
//! the step.

use super::TrainError;
use crate::learn::reweight::{ir_dro, row_loss};
use crate::learn::{OptimizerStep, Recipe, StepSample as Sample};
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
    let Some(lambda) = recipe.reweight_lambda else {
        return Ok(terms);
    };
    let wanted: Vec<&StepSample> = order.iter().map(|row| samples[*row]).collect();
    let now = running.log_probabilities(&wanted)?;
    let losses: Vec<f64> = terms
        .iter()
        .zip(&now)
        .map(|(term, now)| row_loss(term.advantage, *now))
        .collect();
    for (term, weight) in terms.iter_mut().zip(ir_dro(&losses, lambda)) {
        term.factor = weight;
    }
    Ok(terms)
}
