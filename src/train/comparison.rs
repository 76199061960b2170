//! Samplers compared on one log: what each would have planned in the rounds of a recorded run, from the
//! same success rates and the same random streams. Reads a run, touches no device and changes nothing.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{RunDirectory, TrainError};
use crate::config::{SamplerKind, Train};
use crate::domain::{Phase, Slot};
use crate::eval;
use crate::learn::guard_metrics::MASTERED_RATE;
use crate::learn::{Recipe, RoundPlan, SuccessRecord, draw_plan};
use crate::store::{RoundRow, Store, StoreError};

/// What the samplers would have planned.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Name of the run.
    pub run: String,
    /// The run's own sampler.
    pub sampler: String,
    /// Whether the replay of the run's own sampler gives exactly the plans that the run stored.
    pub matches_stored_plan: bool,
    /// The first slot in which it does not.
    pub first_difference: Option<String>,
    /// One entry for each sampler.
    pub samplers: Vec<Replayed>,
}

/// The rounds of a run under one sampler.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Replayed {
    /// Its name.
    pub sampler: String,
    /// Whether it is the run's own.
    pub own: bool,
    /// For the run's own: whether its plans are the stored ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matches_stored_plan: Option<bool>,
    /// Different tasks, as a mean over the rounds.
    pub distinct_tasks: f64,
    /// Copies given to a task of the cache, as a mean over the rounds.
    pub replaced_copies: f64,
    /// Expected successes, as a mean over the rounds.
    pub expected_successes: f64,
    /// Expected share of the successes from tasks above 80 %, over all rounds.
    pub mastered_share: f64,
    /// Copies of each task over all rounds.
    pub copies: BTreeMap<String, u64>,
    /// The rounds.
    pub rounds: Vec<ReplayedRound>,
}

/// One round under one sampler.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReplayedRound {
    /// Round, from 0.
    pub round: u64,
    /// Different tasks.
    pub distinct_tasks: u32,
    /// Copies given to a task of the cache.
    pub replaced_copies: u32,
    /// Successes to be expected by the tasks' smoothed rates.
    pub expected_successes: f64,
    /// Share of them from tasks above 80 %; 0 without any.
    pub mastered_share: f64,
    /// Copies of tasks that the run never judged: nothing can be expected of them.
    pub unrated_copies: u32,
    /// Copies by task.
    pub copies: BTreeMap<String, u32>,
}

/// Replays the recorded rounds of a run under every sampler with the run's own settings.
///
/// A task counts by its smoothed rate before the round; where there was none, by its first one.
///
/// # Errors
/// The store can't be read, or a task of the suite is unknown.
pub fn compare_samplers(run: &RunDirectory) -> Result<Comparison, TrainError> {
    let (store, config) = (&run.store, &run.config);
    let rounds = store.rounds(Phase::Train)?;
    let suite = eval::training_suite(config)?;
    let record = SuccessRecord::from_entries(config.train.group_size, store.success_rates()?)?;
    let own = config.train.sampler;
    let mut comparison = Comparison {
        run: config.run.name.clone(),
        sampler: own.name().to_owned(),
        matches_stored_plan: true,
        first_difference: None,
        samplers: Vec::new(),
    };
    let mut replays: Vec<(SamplerKind, Recipe, Vec<ReplayedRound>)> = SamplerKind::ALL
        .into_iter()
        .map(|sampler| {
            let recipe = Recipe::of(&Train {
                sampler,
                ..config.train.clone()
            });
            (sampler, recipe, Vec::new())
        })
        .collect();
    let mut before = SuccessRecord::new(config.train.group_size);
    for row in &rounds {
        let round = row.key.number;
        before.advance(&record, round);
        for (sampler, recipe, replayed) in &mut replays {
            let plan = draw_plan(
                recipe.sampler.as_ref(),
                recipe.instances,
                config.suite.train_seeds.range(),
                &before,
                &suite,
                config.run.seed,
                round,
            )?;
            if *sampler == own && comparison.first_difference.is_none() {
                comparison.first_difference = difference(store, row, &plan)?;
            }
            replayed.push(expected(&plan, &before, &record));
        }
    }
    for (sampler, _, replayed) in replays {
        let name = sampler.name().to_owned();
        comparison
            .samplers
            .push(sum_up(name, sampler == own, replayed));
    }
    let matches = comparison.first_difference.is_none();
    comparison.matches_stored_plan = matches;
    for replayed in comparison.samplers.iter_mut().filter(|sampler| sampler.own) {
        replayed.matches_stored_plan = Some(matches);
    }
    Ok(comparison)
}

/// The plan of a round as the run stored it.
///
/// # Errors
/// [`StoreError::Value`] where it can't be read.
pub(super) fn stored_plan(store: &Store, row: &RoundRow) -> Result<RoundPlan, StoreError> {
    serde_json::from_str(&row.plan).map_err(|error| StoreError::Value {
        path: store.path().to_path_buf(),
        place: format!("the plan of {}", row.key),
        problem: error.to_string(),
    })
}

/// The first thing in which a stored round differs from a plan, its slots included.
fn difference(
    store: &Store,
    row: &RoundRow,
    plan: &RoundPlan,
) -> Result<Option<String>, StoreError> {
    let stored = stored_plan(store, row)?;
    let slots: Vec<Slot> = store
        .slots(row.key)?
        .into_iter()
        .map(|slot| slot.slot)
        .collect();
    for kept in [&stored.slots, &slots] {
        let pairs = kept.iter().zip(&plan.slots);
        if let Some((was, is)) = pairs.clone().find(|(was, is)| was != is) {
            return Ok(Some(format!(
                "{}, slot {}: stored {}, replayed {}",
                row.key,
                was.index,
                described(was),
                described(is)
            )));
        }
        if kept.len() != plan.slots.len() {
            return Ok(Some(format!(
                "{}: stored {} slots, replayed {}",
                row.key,
                kept.len(),
                plan.slots.len()
            )));
        }
    }
    Ok((stored != *plan).then(|| format!("{}: the batch or the cache differs", row.key)))
}

fn described(slot: &Slot) -> String {
    let batch = if slot.replaced {
        format!(" instead of {}", slot.batch_task)
    } else {
        String::new()
    };
    format!(
        "copy {} of {}{batch} (seed {})",
        slot.copy, slot.task, slot.instance_seed
    )
}

fn expected(plan: &RoundPlan, before: &SuccessRecord, whole: &SuccessRecord) -> ReplayedRound {
    let copies: BTreeMap<String, u32> = plan
        .copies()
        .into_iter()
        .map(|(task, copies)| (task.to_owned(), copies))
        .collect();
    let (mut successes, mut mastered, mut unrated) = (0.0, 0.0, 0);
    for (task, copies) in &copies {
        let first = || whole.history(task).first().map(|entry| entry.smoothed);
        match before.rate(task).or_else(first) {
            None => unrated += copies,
            Some(rate) => {
                let wins = rate * f64::from(*copies);
                successes += wins;
                if rate > MASTERED_RATE {
                    mastered += wins;
                }
            }
        }
    }
    ReplayedRound {
        round: plan.round,
        distinct_tasks: copies.len() as u32,
        replaced_copies: plan.slots.iter().filter(|slot| slot.replaced).count() as u32,
        expected_successes: successes,
        mastered_share: share(mastered, successes),
        unrated_copies: unrated,
        copies,
    }
}

fn sum_up(sampler: String, own: bool, rounds: Vec<ReplayedRound>) -> Replayed {
    let count = rounds.len() as f64;
    let sum = |value: fn(&ReplayedRound) -> f64| rounds.iter().map(value).sum::<f64>();
    let successes = sum(|round| round.expected_successes);
    let mastered = sum(|round| round.mastered_share * round.expected_successes);
    let mut copies: BTreeMap<String, u64> = BTreeMap::new();
    for (task, number) in rounds.iter().flat_map(|round| &round.copies) {
        *copies.entry(task.clone()).or_default() += u64::from(*number);
    }
    Replayed {
        sampler,
        own,
        matches_stored_plan: None,
        distinct_tasks: share(sum(|round| f64::from(round.distinct_tasks)), count),
        replaced_copies: share(sum(|round| f64::from(round.replaced_copies)), count),
        expected_successes: share(successes, count),
        mastered_share: share(mastered, successes),
        copies,
        rounds,
    }
}

fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}
