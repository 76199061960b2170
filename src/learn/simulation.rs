//! Allocation without devices: a sampler plans rounds over tasks whose success rates are fixed, and the
//! record learns from outcomes that are drawn. Shows what a sampler spends trajectories on.
//!
//! The rates follow Beta(.35, .5): a few tasks always succeed, more never do, and the rest lies
//! between, as with a policy in the middle of training (section 7 [P] has the shares that this gives).

use std::collections::{BTreeMap, BTreeSet};

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::guard_metrics::MASTERED_RATE;
use super::sampler::{Instances, draw_beta};
use super::{LearnError, RoundPlan, Sampler, SuccessRecord, Tally, draw_plan};
use crate::domain::streams::stream;

/// Parameters of the distribution of success rates.
const RATES: (f64, f64) = (0.35, 0.5);
/// Candidates that one task of a balanced suite is chosen from.
const STRATUM: usize = 64;

/// How a suite's success rates are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuiteDraw {
    /// One from each of as many equally likely parts of the distribution as there are tasks: each
    /// rate is still a draw from it, but a suite is never easy or hard by chance.
    Balanced,
    /// Each by itself.
    Independent,
}

/// What is simulated.
#[derive(Debug, Clone, PartialEq)]
pub struct Simulation {
    /// Tasks of the suite.
    pub tasks: u32,
    /// Seed of everything random.
    pub seed: u64,
    /// Rounds of a training.
    pub rounds: u64,
    /// Its first rounds, which are not counted: nearly all tasks are unknown in them.
    pub warm_up: u64,
    /// Trainings on the same suite, each with random streams of its own.
    pub repeats: u64,
    /// How the success rates are drawn.
    pub draw: SuiteDraw,
}

/// One task of a simulation, averaged over the counted rounds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SimulatedTask {
    /// Its name.
    pub task: String,
    /// Its fixed success rate.
    pub p: f64,
    /// Its smoothed rate, over the rounds that knew one.
    pub smoothed_rate: Option<f64>,
    /// Copies in a round.
    pub copies: f64,
}

/// What a sampler spent its trajectories on, averaged over the counted rounds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Allocation {
    /// Share of the successes that came from tasks with a fixed rate above 80 %.
    pub mastered_share: f64,
    /// The same by the smoothed rates, as a training records it.
    pub mastered_share_by_rate: f64,
    /// Different tasks in a round.
    pub distinct_tasks: f64,
    /// Successes in a round.
    pub successes: f64,
    /// Trajectories in a round.
    pub trajectories: f64,
    /// Copies given to a task of the cache.
    pub replaced_copies: f64,
    /// Tasks that replacements were drawn from.
    pub cache_size: f64,
    /// Rounds that were counted.
    pub counted_rounds: u64,
    /// The tasks, the easiest first.
    pub allocation: Vec<SimulatedTask>,
}

/// Sums over the counted rounds.
#[derive(Default)]
struct Sums {
    rounds: u64,
    mastered: u64,
    mastered_by_rate: u64,
    distinct: u64,
    successes: u64,
    trajectories: u64,
    replaced: u64,
    cache: u64,
    /// By task: copies, sum of the known smoothed rates, and how many there were.
    tasks: Vec<(u64, f64, u64)>,
}

impl Simulation {
    /// The fixed success rates, in suite order.
    pub fn rates(&self) -> Vec<f64> {
        let mut rng = stream(self.seed, "simulated tasks", 0);
        let count = self.tasks as usize;
        let one = |rng: &mut ChaCha8Rng| draw_beta(RATES.0, RATES.1, rng);
        if self.draw == SuiteDraw::Independent {
            return (0..count).map(|_| one(&mut rng)).collect();
        }
        let mut candidates: Vec<f64> = (0..count * STRATUM).map(|_| one(&mut rng)).collect();
        candidates.sort_by(f64::total_cmp);
        let mut rates: Vec<f64> = candidates
            .chunks(STRATUM)
            .map(|stratum| stratum[rng.random_range(0..stratum.len())])
            .collect();
        for position in (1..rates.len()).rev() {
            rates.swap(position, rng.random_range(0..=position));
        }
        rates
    }

    /// Runs the trainings under a sampler of groups of `group_size`.
    ///
    /// # Errors
    /// [`LearnError::EmptySuite`] without tasks.
    pub fn run(&self, sampler: &dyn Sampler, group_size: u32) -> Result<Allocation, LearnError> {
        let rates = self.rates();
        let suite: Vec<String> = (0..rates.len())
            .map(|task| format!("task{task:04}"))
            .collect();
        let positions: BTreeMap<&str, usize> = suite
            .iter()
            .enumerate()
            .map(|(position, task)| (task.as_str(), position))
            .collect();
        let mut sums = Sums {
            tasks: vec![(0, 0.0, 0); suite.len()],
            ..Sums::default()
        };
        let mut seeds = stream(self.seed, "simulated trainings", 0);
        for _ in 0..self.repeats {
            let seed: u64 = seeds.random();
            let mut record = SuccessRecord::new(group_size);
            for round in 0..self.rounds {
                let plan = draw_plan(
                    sampler,
                    Instances::PerCopy,
                    0..1,
                    &record,
                    &suite,
                    seed,
                    round,
                )?;
                let mut outcomes = stream(seed, "simulated outcomes", round);
                let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
                for slot in &plan.slots {
                    let rate = rates[positions[slot.task.as_str()]];
                    let tally = tallies.entry(slot.task.clone()).or_default();
                    tally.judged += 1;
                    tally.successes += u32::from(outcomes.random::<f64>() < rate);
                }
                if round >= self.warm_up {
                    sums.count(&plan, &tallies, &record, &suite, &rates);
                }
                record.count_round(round, &tallies)?;
            }
        }
        Ok(sums.averaged(suite, &rates))
    }
}

impl Sums {
    fn count(
        &mut self,
        plan: &RoundPlan,
        tallies: &BTreeMap<String, Tally>,
        record: &SuccessRecord,
        suite: &[String],
        rates: &[f64],
    ) {
        self.rounds += 1;
        self.trajectories += plan.slots.len() as u64;
        self.replaced += plan.slots.iter().filter(|slot| slot.replaced).count() as u64;
        self.cache += plan.cache.len() as u64;
        self.distinct += tallies.keys().collect::<BTreeSet<_>>().len() as u64;
        for (position, task) in suite.iter().enumerate() {
            let known = record.rate(task);
            let sums = &mut self.tasks[position];
            if let Some(rate) = known {
                sums.1 += rate;
                sums.2 += 1;
            }
            let Some(tally) = tallies.get(task) else {
                continue;
            };
            sums.0 += u64::from(tally.judged);
            let successes = u64::from(tally.successes);
            self.successes += successes;
            if rates[position] > MASTERED_RATE {
                self.mastered += successes;
            }
            // A task met for the first time counts by its first rate, as in a training's record.
            let first = f64::from(tally.successes) / f64::from(tally.judged.max(1));
            if known.unwrap_or(first) > MASTERED_RATE {
                self.mastered_by_rate += successes;
            }
        }
    }

    fn averaged(self, suite: Vec<String>, rates: &[f64]) -> Allocation {
        let rounds = self.rounds.max(1) as f64;
        let successes = self.successes.max(1) as f64;
        let mut allocation: Vec<SimulatedTask> = suite
            .into_iter()
            .zip(rates)
            .zip(self.tasks)
            .map(|((task, p), (copies, sum, known))| SimulatedTask {
                task,
                p: *p,
                smoothed_rate: (known > 0).then(|| sum / known as f64),
                copies: copies as f64 / rounds,
            })
            .collect();
        allocation.sort_by(|a, b| b.p.total_cmp(&a.p));
        Allocation {
            mastered_share: self.mastered as f64 / successes,
            mastered_share_by_rate: self.mastered_by_rate as f64 / successes,
            distinct_tasks: self.distinct as f64 / rounds,
            successes: self.successes as f64 / rounds,
            trajectories: self.trajectories as f64 / rounds,
            replaced_copies: self.replaced as f64 / rounds,
            cache_size: self.cache as f64 / rounds,
            counted_rounds: self.rounds,
            allocation,
        }
    }
}
