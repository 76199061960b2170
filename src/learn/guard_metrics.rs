//! What a round must show besides its success rate: whether the sampler does what it is for, and
//! whether the numbers behind it are sound (STEP section 7: the standard series).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{RoundPlan, SuccessRecord};
use crate::domain::Outcome;

/// Rates above this count as solved (Figure 1 of the paper).
pub const SOLVED_RATE: f64 = 0.6;
/// Rates above this count as mastered (Figure 2 of the paper).
pub const MASTERED_RATE: f64 = 0.8;

/// The standard series of one round.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RoundMetrics {
    /// Trajectories that were judged.
    pub judged: u32,
    /// Successes among them.
    pub successes: u32,
    /// Tasks of the suite above 60 % after the round.
    pub tasks_above_60: u32,
    /// Tasks of the suite with a known rate.
    pub tasks_known: u32,
    /// Mean smoothed rate over the tasks with a known rate.
    pub mean_smoothed_rate: f64,
    /// Successes from tasks that were above 80 % already.
    pub mastered_successes: u32,
    /// Different tasks that ran.
    pub distinct_tasks: u32,
    /// Copies given to a task of the cache.
    pub replaced_copies: u32,
    /// Tasks that replacements could be drawn from.
    pub cache_size: u32,
    /// Tasks of the suite at exactly 0 after the round.
    pub dead_tasks: u32,
    /// Infrastructure failures by cause; in no rate and no gradient.
    pub infrastructure_losses: BTreeMap<String, u32>,
}

impl RoundMetrics {
    /// Counts a round. `outcomes` are all attempts, in any order, lost ones included; `before` and
    /// `after` are the record without and with the round.
    ///
    /// "Already above 80 %" is the rate before the round; for a task met for the first time it is
    /// its first rate [R].
    pub fn of_round<'a>(
        plan: &RoundPlan,
        outcomes: impl IntoIterator<Item = (&'a str, &'a Outcome)>,
        before: &SuccessRecord,
        after: &SuccessRecord,
        suite: &[String],
    ) -> RoundMetrics {
        let mut metrics = RoundMetrics {
            replaced_copies: plan.slots.iter().filter(|slot| slot.replaced).count() as u32,
            cache_size: plan.cache.len() as u32,
            ..RoundMetrics::default()
        };
        let mut distinct = BTreeSet::new();
        for (task, outcome) in outcomes {
            if let Some(cause) = outcome.cause() {
                *metrics
                    .infrastructure_losses
                    .entry(cause.to_string())
                    .or_insert(0) += 1;
            }
            let Some(reward) = outcome.reward() else {
                continue;
            };
            distinct.insert(task);
            metrics.judged += 1;
            if reward >= 1.0 {
                metrics.successes += 1;
                let rate = before.rate(task).or_else(|| after.rate(task));
                if rate.is_some_and(|rate| rate > MASTERED_RATE) {
                    metrics.mastered_successes += 1;
                }
            }
        }
        metrics.distinct_tasks = distinct.len() as u32;
        let rates: Vec<f64> = suite.iter().filter_map(|task| after.rate(task)).collect();
        metrics.tasks_known = rates.len() as u32;
        metrics.tasks_above_60 = rates.iter().filter(|rate| **rate > SOLVED_RATE).count() as u32;
        metrics.dead_tasks = rates.iter().filter(|rate| **rate == 0.0).count() as u32;
        if !rates.is_empty() {
            metrics.mean_smoothed_rate = rates.iter().sum::<f64>() / rates.len() as f64;
        }
        metrics
    }

    /// Share of judged trajectories that succeeded; 0 without any.
    pub fn success_rate(&self) -> f64 {
        share(self.successes, self.judged)
    }

    /// Share of the successes that came from tasks above 80 %; 0 without any.
    pub fn mastered_share(&self) -> f64 {
        share(self.mastered_successes, self.successes)
    }

    /// The metrics as named values, for the store and the report.
    pub fn series(&self) -> Vec<(String, f64)> {
        let mut series: Vec<(String, f64)> = [
            ("success_rate", self.success_rate()),
            ("judged", f64::from(self.judged)),
            ("successes", f64::from(self.successes)),
            ("tasks_above_60", f64::from(self.tasks_above_60)),
            ("tasks_known", f64::from(self.tasks_known)),
            ("mean_smoothed_rate", self.mean_smoothed_rate),
            ("mastered_share", self.mastered_share()),
            ("distinct_tasks", f64::from(self.distinct_tasks)),
            ("replaced_copies", f64::from(self.replaced_copies)),
            ("cache_size", f64::from(self.cache_size)),
            ("dead_tasks", f64::from(self.dead_tasks)),
        ]
        .map(|(name, value)| (name.to_string(), value))
        .into();
        let lost: u32 = self.infrastructure_losses.values().sum();
        series.push(("infrastructure_losses".into(), f64::from(lost)));
        series.extend(
            self.infrastructure_losses
                .iter()
                .map(|(cause, count)| (format!("lost.{cause}"), f64::from(*count))),
        );
        series
    }
}

fn share(part: u32, whole: u32) -> f64 {
    if whole == 0 {
        0.0
    } else {
        f64::from(part) / f64::from(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Slot;
    use crate::learn::Tally;

    #[test]
    fn a_round_is_counted() {
        let suite: Vec<String> = ["A", "B", "C", "D"].map(String::from).into();
        let mut before = SuccessRecord::new(2);
        let tally = |judged, successes| Tally { judged, successes };
        before
            .count_round(
                0,
                &BTreeMap::from([("A".into(), tally(10, 9)), ("B".into(), tally(10, 0))]),
            )
            .unwrap();
        let success = Outcome::Success { score: 1.0 };
        let lost = Outcome::Truncated {
            cause: "device_lost".into(),
        };
        let outcomes = [
            ("A", &success),
            ("A", &success),
            ("B", &Outcome::Failure),
            ("B", &lost),
            ("B", &Outcome::Failure),
            ("C", &success),
            ("C", &Outcome::Failure),
        ];
        let mut after = before.clone();
        after.count_round(1, &Tally::by_task(outcomes)).unwrap();
        let mut replaced = Slot::plain(5, "A", 1, 0);
        replaced.replaced = true;
        let plan = RoundPlan {
            round: 1,
            sampler: "step".into(),
            batch: vec!["A".into()],
            cache: vec!["C".into()],
            dead: vec![],
            slots: vec![Slot::plain(0, "A", 0, 0), replaced],
        };
        let metrics = RoundMetrics::of_round(&plan, outcomes, &before, &after, &suite);
        assert_eq!((metrics.judged, metrics.successes), (6, 3));
        assert_eq!(metrics.mastered_successes, 2);
        assert_eq!(metrics.tasks_above_60, 1);
        assert_eq!(metrics.dead_tasks, 1);
        assert_eq!(metrics.distinct_tasks, 3);
        assert_eq!((metrics.replaced_copies, metrics.cache_size), (1, 1));
        assert_eq!(metrics.infrastructure_losses["device_lost"], 1);
        let series: BTreeMap<String, f64> = metrics.series().into_iter().collect();
        assert!((series["mastered_share"] - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(series["lost.device_lost"], 1.0);
    }
}
