//! Samplers: which tasks a round runs, and how often (STEP section 1). One file per sampler; all
//! of them draw the whole plan first, from one random stream per (run seed, round) [R].

mod beta;
mod bots;
mod sr_softmax;
mod step;
mod uniform;

pub use beta::draw_beta;
pub use bots::{BotsSampler, Posterior, ReferenceRates};
pub use sr_softmax::{Ramp, SrSoftmaxSampler};
pub use step::{CacheDraw, StepSampler};
pub use uniform::UniformSampler;

use std::collections::BTreeMap;
use std::ops::Range;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::{LearnError, SuccessRecord};
use crate::domain::Slot;
use crate::domain::streams::stream;

/// Everything that a round is going to run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoundPlan {
    /// Round, from 0.
    pub round: u64,
    /// Name of the sampler that drew it.
    pub sampler: String,
    /// The batch tasks in the order drawn; B of them.
    pub batch: Vec<String>,
    /// The tasks that replacements were drawn from.
    pub cache: Vec<String>,
    /// Batch tasks that were treated as dead.
    pub dead: Vec<String>,
    /// The trajectories; `B * N` of them.
    pub slots: Vec<Slot>,
}

/// Draws the plan of a round.
pub trait Sampler: Send + Sync {
    /// The name in the configuration.
    fn name(&self) -> &'static str;

    /// Draws the plan of `round` over the tasks of `suite`, from the rates up to the round before.
    /// The same arguments and the same state of `rng` give the same plan.
    ///
    /// # Errors
    /// [`LearnError::EmptySuite`].
    fn plan(
        &self,
        record: &SuccessRecord,
        suite: &[String],
        round: u64,
        rng: &mut ChaCha8Rng,
    ) -> Result<RoundPlan, LearnError>;

    /// What the sampler makes of a task's history when it draws the plan of `round`.
    fn belief(&self, record: &SuccessRecord, task: &str, round: u64) -> Belief;
}

/// What a sampler makes of one task.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Belief {
    /// Copies that the task is expected to keep of its N when it is in the batch and others can
    /// take its copies.
    pub own_copies: f64,
    /// The sampler's own numbers, by name.
    pub values: BTreeMap<&'static str, f64>,
}

/// Draws the whole plan of a round with its instances, each from the round's own stream of the
/// run's seed [R]: the same record and the same seed give the same plan, in a run, in a simulation
/// and in a replay. `seeds` are the instance seeds, half open, and must not be empty.
///
/// # Errors
/// [`LearnError::EmptySuite`].
pub fn draw_plan(
    sampler: &dyn Sampler,
    instances: Instances,
    seeds: Range<u64>,
    record: &SuccessRecord,
    suite: &[String],
    seed: u64,
    round: u64,
) -> Result<RoundPlan, LearnError> {
    let mut draws = stream(seed, "plan", round);
    let mut plan = sampler.plan(record, suite, round, &mut draws)?;
    plan.draw_instances(instances, seeds, &mut stream(seed, "instances", round));
    Ok(plan)
}

/// Which instances the copies of a task run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instances {
    /// Every copy draws its own parameters.
    PerCopy,
    /// All copies of a task in the round share one instance.
    PerGroup,
}

impl RoundPlan {
    /// Draws the instance seed of every slot from `seeds` (half open), which must not be empty.
    pub fn draw_instances(
        &mut self,
        instances: Instances,
        seeds: Range<u64>,
        rng: &mut ChaCha8Rng,
    ) {
        let mut shared: BTreeMap<String, u64> = BTreeMap::new();
        for slot in &mut self.slots {
            slot.instance_seed = match instances {
                Instances::PerCopy => draw_seed(&seeds, rng),
                Instances::PerGroup => *shared
                    .entry(slot.task.clone())
                    .or_insert_with(|| draw_seed(&seeds, rng)),
            };
        }
    }

    /// How many trajectories each task got, whatever it was drawn as.
    pub fn copies(&self) -> BTreeMap<&str, u32> {
        let mut copies = BTreeMap::new();
        for slot in &self.slots {
            *copies.entry(slot.task.as_str()).or_insert(0) += 1;
        }
        copies
    }
}

fn draw_seed(seeds: &Range<u64>, rng: &mut ChaCha8Rng) -> u64 {
    if seeds.is_empty() {
        return seeds.start;
    }
    rng.random_range(seeds.clone())
}

/// Draws B batch tasks uniformly without replacement; a suite smaller than B is gone through
/// again, so that no task is ahead of another by more than one [R].
fn draw_batch(
    suite: &[String],
    tasks_per_round: usize,
    round: u64,
    rng: &mut ChaCha8Rng,
) -> Result<Vec<String>, LearnError> {
    if suite.is_empty() {
        return Err(LearnError::EmptySuite { round });
    }
    let mut batch = Vec::with_capacity(tasks_per_round);
    while batch.len() < tasks_per_round {
        let mut order: Vec<usize> = (0..suite.len()).collect();
        let wanted = (tasks_per_round - batch.len()).min(suite.len());
        for position in 0..wanted {
            let other = rng.random_range(position..order.len());
            order.swap(position, other);
            batch.push(suite[order[position]].clone());
        }
    }
    Ok(batch)
}

/// Takes the B tasks with the lowest of scores that `score` draws; a suite smaller than B is gone
/// through again with new draws, so that no task is ahead of another by more than one [R].
fn lowest_scores(
    suite: &[String],
    tasks_per_round: usize,
    round: u64,
    mut score: impl FnMut(&str) -> f64,
) -> Result<Vec<String>, LearnError> {
    if suite.is_empty() {
        return Err(LearnError::EmptySuite { round });
    }
    let mut batch = Vec::with_capacity(tasks_per_round);
    while batch.len() < tasks_per_round {
        let mut order: Vec<(f64, &String)> = suite.iter().map(|task| (score(task), task)).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0));
        let wanted = (tasks_per_round - batch.len()).min(suite.len());
        batch.extend(order.into_iter().take(wanted).map(|(_, task)| task.clone()));
    }
    Ok(batch)
}

/// The plan that gives every task of a batch all its N copies.
fn whole_groups(name: &str, round: u64, batch: Vec<String>, group_size: u32) -> RoundPlan {
    let mut writer = SlotWriter::default();
    for task in &batch {
        for _ in 0..group_size {
            writer.push(task, None);
        }
    }
    RoundPlan {
        round,
        sampler: name.into(),
        batch,
        cache: Vec::new(),
        dead: Vec::new(),
        slots: writer.slots,
    }
}

/// Numbers slots and their copies while a plan grows.
#[derive(Default)]
struct SlotWriter {
    slots: Vec<Slot>,
    copies: BTreeMap<String, u32>,
}

impl SlotWriter {
    fn push(&mut self, batch_task: &str, replacement: Option<&str>) {
        let task = replacement.unwrap_or(batch_task);
        let copy = self.copies.entry(task.to_string()).or_insert(0);
        self.slots.push(Slot {
            index: self.slots.len() as u32,
            task: task.to_string(),
            copy: *copy,
            batch_task: batch_task.to_string(),
            replaced: replacement.is_some(),
            instance_seed: 0,
        });
        *copy += 1;
    }
}
