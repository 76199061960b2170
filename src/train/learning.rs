//! From the finished episodes of a round to what its update learns from: credits, step samples,
//! augmentation (STEP sections 3 and 4).
//!
//! The compact policy makes one joint choice a step (kind, target, text), so that here a step is one
//! "token" of the paper's loss.

use std::collections::BTreeMap;

use super::TrainError;
use super::judging::{self, Asked};
use super::passes::Passes;
use super::resampling::{augment, draw_again, drawn_before};
use crate::config::TrainConfig;
use crate::learn::{
    JudgedTrajectory, Recipe, SampleSource, StepSample as Sample, SuccessRecord, step_samples,
};
use crate::policy::{Acting, StepSample, recall};
use crate::store::{EpisodeRow, RoundKey, RoundProgress, RoundState, Store};

/// What was seen and chosen, with the log-probability of the draw.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// What was seen and chosen.
    pub sample: StepSample,
    /// Log-probability when it was drawn.
    pub log_probability: f64,
}

/// Everything that a round's update learns from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RoundSamples {
    /// The rows in order.
    pub rows: Vec<Sample>,
    /// What each row's source is.
    pub drawn: BTreeMap<SampleSource, Drawn>,
    /// States that were augmented.
    pub augmented_states: u32,
    /// Groups that were dropped because all of their actions matched, or none.
    pub groups_dropped: u32,
    /// What a judge was asked.
    pub asked: Asked,
    /// Updates between the weights that acted in the round and those that learn from it; above 0 the
    /// ratios of the loss begin elsewhere than at 1.
    pub age: u64,
}

/// The rows of a round before its augmentation, with the trajectories that they come from.
pub(super) struct Collected {
    /// The rows, and what was seen and chosen in them.
    pub found: RoundSamples,
    /// The judged trajectories.
    pub trajectories: Vec<JudgedTrajectory>,
}

/// The step samples of a round that was rolled out. `record` has the round counted already
/// (section 3 [R]); `acting` draws the actions of the augmentation, from streams of the run's seed
/// and the round. They are stored with the round's state before anything is learnt from them; a round
/// that is gone on with takes them from there.
///
/// # Errors
/// When the store or the engine fails, or a sample is gone.
pub fn round_samples(
    store: &Store,
    round: u64,
    config: &TrainConfig,
    recipe: &Recipe,
    record: &SuccessRecord,
    acting: &Acting,
) -> Result<RoundSamples, TrainError> {
    let none = Passes::default();
    if let Some(rows) = draw_again(store, round, config, recipe, record, acting, &none)? {
        let progress = RoundProgress {
            resampled: &rows,
            ..RoundProgress::default()
        };
        store.advance_round(RoundKey::train(round), RoundState::Augmented, &progress)?;
    }
    augmented_samples(store, round, config, recipe, record)
}

/// The step samples of a round whose actions were drawn again.
pub(super) fn augmented_samples(
    store: &Store,
    round: u64,
    config: &TrainConfig,
    recipe: &Recipe,
    record: &SuccessRecord,
) -> Result<RoundSamples, TrainError> {
    let Collected {
        mut found,
        trajectories,
    } = collect(store, round, recipe, record)?;
    let place = (round, config.run.seed);
    if recipe.augmentation.is_some() {
        let drawn = drawn_before(store, round, &found)?;
        augment(&mut found, place, recipe, record, drawn)?;
    } else if recipe.judged_steps.is_some() {
        let drawn = drawn_before(store, round, &found)?;
        judging::augment(
            &mut found,
            &trajectories,
            store,
            place,
            recipe,
            record,
            drawn,
        )?;
    }
    Ok(found)
}

/// Collects what a round's episodes have to learn from.
pub(super) fn collect(
    store: &Store,
    round: u64,
    recipe: &Recipe,
    record: &SuccessRecord,
) -> Result<Collected, TrainError> {
    let (episodes, mut trajectories) = judged(store, round)?;
    let asked = judging::complete(&mut trajectories, &episodes, store, round, recipe)?;
    let credits = recipe.advantage.credits(&trajectories, record);
    let mut rows = step_samples(&trajectories, &credits, recipe.granularity);
    if let Some(judged) = &recipe.judged_steps {
        rows.extend(judged.candidates(&trajectories, record));
        rows.sort_by_key(|row| row.source);
    }

    let mut drawn = BTreeMap::new();
    for episode in &episodes {
        let slot = u64::from(episode.slot);
        if !rows.iter().any(|row| row.source.trajectory() == slot) {
            continue;
        }
        let mut steps = Vec::with_capacity(episode.steps as usize);
        for (step, record) in store.steps(episode.id, true)?.into_iter().enumerate() {
            let bytes = record.sample.ok_or(TrainError::NoSample {
                round,
                slot: episode.slot,
                step,
            })?;
            let source = SampleSource::Step {
                trajectory: slot,
                step: step as u32,
            };
            let drawn = Drawn {
                sample: StepSample::from_bytes(&bytes)?,
                log_probability: record.log_probability,
            };
            steps.push((source, drawn));
        }
        recall(&[], steps.iter_mut().map(|(_, drawn)| &mut drawn.sample));
        drawn.extend(steps);
    }
    let found = RoundSamples {
        rows,
        drawn,
        asked,
        ..RoundSamples::default()
    };
    Ok(Collected {
        found,
        trajectories,
    })
}

/// The judged episodes of a round, and what learning sees of them before [`judging::complete`].
pub(super) fn judged(
    store: &Store,
    round: u64,
) -> Result<(Vec<EpisodeRow>, Vec<JudgedTrajectory>), TrainError> {
    let episodes: Vec<_> = store
        .episodes(RoundKey::train(round))?
        .into_iter()
        .filter(|episode| episode.outcome.is_judged())
        .collect();
    let trajectories = episodes
        .iter()
        .map(|episode| JudgedTrajectory {
            trajectory: u64::from(episode.slot),
            task: episode.instance.task.clone(),
            reward: episode.outcome.reward().unwrap_or(0.0),
            step_tokens: vec![1; episode.steps as usize],
            instance: serde_json::Value::Object(episode.instance.params.clone()).to_string(),
            ..JudgedTrajectory::default()
        })
        .collect();
    Ok((episodes, trajectories))
}
