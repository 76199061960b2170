//! Suites: which instances an evaluation runs, and running it. May use `rollout`, `farm`, `store`,
//! `config`, `tasks` and `domain`.

use crate::config::TrainConfig;
use crate::domain::{Phase, Slot};
use crate::farm::Farm;
use crate::rollout::{RolloutError, RolloutOptions, run_slots};
use crate::store::{Evaluation, RoundKey, RoundProgress, RoundState, Store};
use crate::tasks::{self, TaskError};

/// The tasks of a configuration's suite, in the catalogue's order.
///
/// # Errors
/// A task that is not in the catalogue; the message names the nearest.
pub fn suite(config: &TrainConfig) -> Result<Vec<String>, TaskError> {
    let known = tasks::catalogue().iter().map(|task| task.spec().name);
    if config.suite.tasks.is_empty() {
        return Ok(known.map(str::to_owned).collect());
    }
    for task in config.suite.tasks.iter().chain(&config.suite.held_out) {
        tasks::find(task)?;
    }
    Ok(known
        .filter(|name| config.suite.tasks.iter().any(|task| task == name))
        .map(str::to_owned)
        .collect())
}

/// The tasks that may be trained on: the suite without what is held out.
///
/// # Errors
/// As [`suite`].
pub fn training_suite(config: &TrainConfig) -> Result<Vec<String>, TaskError> {
    let mut suite = suite(config)?;
    suite.retain(|task| !config.suite.held_out.contains(task));
    Ok(suite)
}

/// The slots of an evaluation: every task on the first `episodes` seeds of `eval_seeds`. Every
/// evaluation of a suite runs the same instances, so that two of them can be compared pair by pair.
pub fn plan(config: &TrainConfig, suite: &[String], episodes: u32) -> Vec<Slot> {
    let mut slots = Vec::new();
    // Task by task within a seed: an interrupted evaluation has then seen every task.
    for copy in 0..episodes {
        for task in suite {
            let seed = config.suite.eval_seeds.first + u64::from(copy);
            slots.push(Slot::plain(slots.len() as u32, task, copy, seed));
        }
    }
    slots
}

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
        store.put_evaluation(evaluation, slots)?;
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
        store.advance_round(key, RoundState::Done, &progress)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_runs_on_the_same_unseen_seeds() {
        let config = crate::config::load(None, &[]).unwrap().config;
        let suite = ["A".to_owned(), "B".to_owned()];
        let slots = plan(&config, &suite, 3);
        assert_eq!(slots.len(), 6);
        assert_eq!(slots, plan(&config, &suite, 3));
        for slot in &slots {
            let range = config.suite.eval_seeds.range();
            assert!(range.contains(&slot.instance_seed));
            assert!(
                !config
                    .suite
                    .train_seeds
                    .range()
                    .contains(&slot.instance_seed)
            );
        }
        assert_eq!(slots[0].instance_seed, slots[1].instance_seed);
        assert_ne!(slots[0].instance_seed, slots[2].instance_seed);
    }
}
