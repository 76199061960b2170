//! Suites: which instances an evaluation runs, running it, and what came of it. May use `rollout`, `farm`,
//! `store`, `config`, `tasks` and `domain`.

mod given;
mod goals;
mod official;
mod plan;
mod summary;

use std::future::ready;

use crate::domain::{Phase, Slot};
use crate::farm::Farm;
use crate::rollout::{RolloutError, RolloutOptions, run_slots};
use crate::store::{Evaluation, RoundKey, RoundProgress, RoundState, Store};

pub use given::{Given, GivenError};
pub use goals::{Goals, GoalsError, Imported, Worded};
pub use official::{Official, OfficialError};
pub use plan::{
    androidworld_seed, compat, identities, plan, seeds_are_apart, suite, training_suite,
};
pub use summary::{Named, Rate, Summary, summarise, write_lines};

/// Successes and judged episodes of an evaluation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Score {
    /// Full successes.
    pub successes: u64,
    /// Episodes that a checker judged.
    pub judged: u64,
}

/// Runs an evaluation that may have been begun before, to its end.
///
/// # Errors
/// What [`run_slots`] reports.
pub async fn evaluate(
    store: &Store,
    farm: &Farm,
    evaluation: &Evaluation,
    slots: &[Slot],
    options: &RolloutOptions,
) -> Result<Score, RolloutError> {
    let key = RoundKey::evaluate(evaluation.number);
    if store.round(key)?.is_none() {
        let plan = || ready(store.put_evaluation(evaluation, slots));
        options.disk.keep(plan).await?;
    }
    let what = format!("evaluation {:?}", evaluation.label);
    run_slots(store, farm, key, &what, options).await?;
    let score = score(store, evaluation.number)?;
    let finished = store
        .round(key)?
        .is_some_and(|round| round.state == RoundState::Done);
    if !finished {
        let rate = score.successes as f64 / score.judged.max(1) as f64;
        let metrics = [
            ("success_rate".to_owned(), rate),
            ("judged".to_owned(), score.judged as f64),
        ];
        let progress = RoundProgress {
            metrics: &metrics,
            ..RoundProgress::default()
        };
        let done = || ready(store.advance_round(key, RoundState::Done, &progress));
        options.disk.keep(done).await?;
    }
    Ok(score)
}

/// Counts an evaluation's episodes.
///
/// # Errors
/// The store can't be read.
pub fn score(store: &Store, number: u64) -> Result<Score, RolloutError> {
    let key = RoundKey {
        phase: Phase::Evaluate,
        number,
    };
    let mut score = Score::default();
    for episode in store.episodes(key)? {
        if let Some(reward) = episode.outcome.reward() {
            score.judged += 1;
            score.successes += u64::from(reward >= 1.0);
        }
    }
    Ok(score)
}
