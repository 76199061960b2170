//! Tasks drawn by a softmax over their success rates (Xiaomi-GUI-0, arXiv 2606.31410): in the
//! beginning tasks that mostly succeed, towards the end those that mostly fail.

use rand_chacha::ChaCha8Rng;

use super::beta::positive;
use super::{Belief, RoundPlan, Sampler, lowest_scores, whole_groups};
use crate::learn::{LearnError, SuccessRecord};

/// A value that changes in a line over training.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ramp {
    /// In the first round.
    pub first: f64,
    /// In the last round, and after it.
    pub last: f64,
}

impl Ramp {
    /// The value in `round`, from 0, of `rounds`.
    pub fn at(self, round: u64, rounds: u64) -> f64 {
        let last = rounds.saturating_sub(1).max(1) as f64;
        let way = (round as f64 / last).min(1.0);
        self.first + way * (self.last - self.first)
    }
}

/// `sampler = "sr_softmax"`: `p ~ exp((a ln SR + b ln(1 - SR)) / eta)`. The B tasks are drawn without
/// replacement, each runs all its N copies [R].
#[derive(Debug, Clone, PartialEq)]
pub struct SrSoftmaxSampler {
    /// B, tasks in a round.
    pub tasks_per_round: u32,
    /// N, copies of each.
    pub group_size: u32,
    /// Share of the old moving average that a round leaves.
    pub ema_decay: f64,
    /// a, over training.
    pub success_power: Ramp,
    /// b, over training.
    pub failure_power: Ramp,
    /// eta.
    pub temperature: f64,
    /// Rounds of the training that the exponents change over.
    pub rounds: u64,
}

impl Default for SrSoftmaxSampler {
    /// The published values, for 30 rounds.
    fn default() -> SrSoftmaxSampler {
        SrSoftmaxSampler {
            tasks_per_round: 16,
            group_size: 16,
            ema_decay: 0.9,
            success_power: Ramp {
                first: 1.5,
                last: 0.5,
            },
            failure_power: Ramp {
                first: 1.0,
                last: 2.0,
            },
            temperature: 1.0,
            rounds: 30,
        }
    }
}

impl SrSoftmaxSampler {
    /// SR: the moving average of the raw rates of the rounds that judged the task, the first of
    /// them as it is [R]; `None` before. Clamped to `[1/(2N), 1 - 1/(2N)]`.
    pub fn average(&self, record: &SuccessRecord, task: &str) -> Option<f64> {
        let raw = record
            .history(task)
            .iter()
            .map(|entry| f64::from(entry.successes) / f64::from(entry.judged.max(1)));
        let average =
            raw.reduce(|average, rate| self.ema_decay * average + (1.0 - self.ema_decay) * rate)?;
        let edge = 0.5 / f64::from(self.group_size.max(1));
        Some(average.clamp(edge, 1.0 - edge))
    }

    /// `(a ln SR + b ln(1 - SR)) / eta`: the logarithm of a task's weight. A task that was never
    /// judged weighs as much as the best one could, so that it is soon met [R].
    pub fn log_weight(&self, record: &SuccessRecord, task: &str, round: u64) -> f64 {
        let a = self.success_power.at(round, self.rounds);
        let b = self.failure_power.at(round, self.rounds);
        let edge = 0.5 / f64::from(self.group_size.max(1));
        let best = if a + b > 0.0 { a / (a + b) } else { 0.5 };
        let rate = self
            .average(record, task)
            .unwrap_or_else(|| best.clamp(edge, 1.0 - edge));
        (a * rate.ln() + b * (1.0 - rate).ln()) / self.temperature
    }
}

impl Sampler for SrSoftmaxSampler {
    fn name(&self) -> &'static str {
        "sr_softmax"
    }

    fn plan(
        &self,
        record: &SuccessRecord,
        suite: &[String],
        round: u64,
        rng: &mut ChaCha8Rng,
    ) -> Result<RoundPlan, LearnError> {
        // The lowest of exponential draws with these rates are a weighted draw without replacement
        // (Efraimidis and Spirakis 2006); compared by their logarithms.
        let batch = lowest_scores(suite, self.tasks_per_round as usize, round, |task| {
            (-positive(rng).ln()).ln() - self.log_weight(record, task, round)
        })?;
        Ok(whole_groups(self.name(), round, batch, self.group_size))
    }

    fn belief(&self, record: &SuccessRecord, task: &str, round: u64) -> Belief {
        let mut values = std::collections::BTreeMap::new();
        values.insert("weight", self.log_weight(record, task, round).exp());
        values.extend(self.average(record, task).map(|rate| ("average", rate)));
        Belief {
            own_copies: f64::from(self.group_size),
            values,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::RateEntry;
    use crate::domain::streams::stream;

    fn record(histories: &[(&str, &[(u64, u32)])]) -> SuccessRecord {
        let entries = histories.iter().flat_map(|(task, rounds)| {
            rounds.iter().map(|(round, successes)| RateEntry {
                round: *round,
                task: (*task).to_owned(),
                judged: 10,
                successes: *successes,
                smoothed: 0.5,
            })
        });
        SuccessRecord::from_entries(16, entries).unwrap()
    }

    #[test]
    fn averages_follow_the_raw_rates() {
        let record = record(&[
            ("A", &[(0, 2), (4, 10)]),
            ("B", &[(1, 0)]),
            ("C", &[(1, 10)]),
        ]);
        let sampler = SrSoftmaxSampler::default();
        assert!((sampler.average(&record, "A").unwrap() - (0.9 * 0.2 + 0.1)).abs() < 1e-12);
        assert_eq!(sampler.average(&record, "B"), Some(1.0 / 32.0));
        assert_eq!(sampler.average(&record, "C"), Some(31.0 / 32.0));
        assert_eq!(sampler.average(&record, "D"), None);
    }

    #[test]
    fn exponents_change_in_a_line() {
        let ramp = Ramp {
            first: 1.5,
            last: 0.5,
        };
        let values: Vec<f64> = [0, 1, 2, 9].map(|round| ramp.at(round, 3)).into();
        assert_eq!(values, [1.5, 1.0, 0.5, 0.5]);
        assert_eq!(ramp.at(0, 1), 1.5);
    }

    #[test]
    fn tasks_are_drawn_by_their_weights() {
        let record = record(&[("A", &[(0, 2)]), ("B", &[(0, 6)]), ("C", &[(0, 10)])]);
        let suite = ["A", "B", "C"].map(String::from);
        let sampler = SrSoftmaxSampler {
            tasks_per_round: 1,
            ..SrSoftmaxSampler::default()
        };
        let weight = |rate: f64| rate.powf(1.5) * (1.0 - rate);
        let weights = [weight(0.2), weight(0.6), weight(31.0 / 32.0)];
        let total: f64 = weights.iter().sum();
        let mut drawn = [0u32; 3];
        for seed in 0..6000 {
            let plan = sampler
                .plan(&record, &suite, 0, &mut stream(seed, "plan", 0))
                .unwrap();
            assert_eq!(plan.slots.len(), 16);
            let index = suite.iter().position(|task| *task == plan.batch[0]);
            drawn[index.unwrap()] += 1;
        }
        for (count, weight) in drawn.iter().zip(weights) {
            let share = f64::from(*count) / 6000.0;
            // Standard error below 0.0065.
            assert!((share - weight / total).abs() < 0.03, "{drawn:?}");
        }
    }

    #[test]
    fn what_was_never_met_comes_first_and_failures_gain_over_training() {
        let record = record(&[("low", &[(0, 1)]), ("high", &[(0, 8)])]);
        let sampler = SrSoftmaxSampler::default();
        let weight = |task, round| sampler.log_weight(&record, task, round);
        for round in [0, 15, 29] {
            assert!(weight("unmet", round) >= weight("low", round).max(weight("high", round)));
        }
        let lead = |round| weight("low", round) - weight("high", round);
        assert!(lead(0) < 0.0 && lead(29) > 0.0);
        // A run of many rounds stays at its last exponents.
        assert_eq!(lead(29), lead(3000));
    }
}
