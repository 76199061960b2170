//! One arm of an experiment: its runs, its mean curve, and what a round of it costs.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::{Judged, ReportError};
use crate::domain::statistics::{mean_and_error, mean_margin};
use crate::domain::{Phase, Slot};
use crate::report::summary::judged;
use crate::store::{RoundKey, RoundState, Store};

/// A success rate after some training.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CurvePoint {
    /// Trajectories that training had by then.
    pub trajectories: u64,
    /// Time that its rounds took by then, in seconds: rollouts and updates, no evaluations.
    pub seconds: f64,
    /// Success, in [0, 1].
    pub success: f64,
    /// Half of the width of the 95 % interval over seeds (Student); `None` with one seed.
    pub margin: Option<f64>,
}

/// One run of an arm.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct RunResult {
    /// Its seed.
    pub seed: u64,
    /// Success of each evaluation, by training.
    pub curve: Vec<CurvePoint>,
    /// Share of all successes that came from tasks above 80 % already.
    pub mastered_share: f64,
    /// Tasks above 60 % after the last round.
    pub tasks_above_60: f64,
    /// Means over the rounds, by the name of the metric.
    pub means: BTreeMap<String, f64>,
    /// Whether the run is at its end.
    pub finished: bool,
    /// The judged episodes of the last evaluation.
    #[serde(skip)]
    pub last: Vec<Judged>,
}

/// An arm over its seeds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ArmResult {
    /// Its name.
    pub name: String,
    /// What makes it, as `key=value`.
    pub sets: Vec<String>,
    /// The optimizer settings that the search chose for it.
    pub chosen: Vec<String>,
    /// Its finished runs, by seed.
    pub runs: Vec<RunResult>,
    /// Mean success of the last evaluations; `None` without a finished run.
    pub success: Option<f64>,
    /// Its standard error over seeds.
    pub error: Option<f64>,
    /// The mean curve.
    pub curve: Vec<CurvePoint>,
    /// Share of successes from tasks above 80 %, in the mean.
    pub mastered_share: f64,
    /// Tasks above 60 % at the end, in the mean.
    pub tasks_above_60: f64,
    /// Means over rounds and seeds, by the name of the metric.
    pub means: BTreeMap<String, f64>,
}

/// Reads one run of an arm. `warm` is the success that all runs of its seed began with.
///
/// # Errors
/// The database can't be read.
pub fn read_run(store: &Store, seed: u64, warm: Option<f64>) -> Result<RunResult, ReportError> {
    let metrics = store.metrics(Phase::Train)?;
    let mut by_round: BTreeMap<u64, BTreeMap<&str, f64>> = BTreeMap::new();
    for row in &metrics {
        if let Some(value) = row.value.filter(|value| value.is_finite()) {
            by_round
                .entry(row.number)
                .or_default()
                .insert(&row.name, value);
        }
    }
    let value = |round: u64, name: &str| {
        by_round
            .get(&round)
            .and_then(|row| row.get(name))
            .copied()
            .unwrap_or(0.0)
    };
    // Both axes of the curves: what the rounds up to one took.
    let mut spent: BTreeMap<u64, (u64, f64)> = BTreeMap::new();
    let (mut trajectories, mut seconds) = (0, 0.0);
    for round in store.rounds(Phase::Train)? {
        let slots: Vec<Slot> = store
            .slots(round.key)?
            .into_iter()
            .map(|row| row.slot)
            .collect();
        trajectories += slots.len() as u64;
        seconds +=
            value(round.key.number, "rollout_seconds") + value(round.key.number, "learn_seconds");
        spent.insert(round.key.number, (trajectories, seconds));
    }
    let mut result = RunResult {
        seed,
        ..RunResult::default()
    };
    result.curve.extend(warm.map(|success| CurvePoint {
        trajectories: 0,
        seconds: 0.0,
        success,
        margin: None,
    }));
    for evaluation in store.evaluations()? {
        let key = RoundKey::evaluate(evaluation.number);
        let done = store
            .round(key)?
            .is_some_and(|row| row.state == RoundState::Done);
        let episodes = judged(&store.episodes(key)?);
        if !done || episodes.is_empty() {
            continue;
        }
        let (trajectories, seconds) = evaluation
            .after_round
            .and_then(|round| spent.get(&round).copied())
            .unwrap_or((0, 0.0));
        let successes = episodes.iter().filter(|episode| episode.success).count();
        result.curve.push(CurvePoint {
            trajectories,
            seconds,
            success: successes as f64 / episodes.len() as f64,
            margin: None,
        });
        result.finished |= evaluation.label == "after";
        result.last = episodes;
    }
    result.curve.sort_by_key(|point| point.trajectories);
    let sum = |name: &str| {
        by_round
            .keys()
            .map(|round| value(*round, name))
            .sum::<f64>()
    };
    let mastered: f64 = by_round
        .keys()
        .map(|round| value(*round, "mastered_share") * value(*round, "successes"))
        .sum();
    result.mastered_share = mastered / sum("successes").max(1.0);
    result.tasks_above_60 = by_round
        .keys()
        .next_back()
        .map_or(0.0, |last| value(*last, "tasks_above_60"));
    let mut counted: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for (name, value) in by_round.values().flatten() {
        let entry = counted.entry(name).or_default();
        *entry = (entry.0 + value, entry.1 + 1.0);
    }
    result.means = counted
        .into_iter()
        .map(|(name, (sum, count))| (name.to_owned(), sum / count))
        .collect();
    Ok(result)
}

impl ArmResult {
    /// Puts an arm together from its finished runs.
    pub fn of(
        name: String,
        sets: Vec<String>,
        chosen: Vec<String>,
        runs: Vec<RunResult>,
    ) -> ArmResult {
        let finals: Vec<f64> = runs.iter().filter_map(RunResult::success).collect();
        let mean = |of: &dyn Fn(&RunResult) -> f64| {
            mean_and_error(&runs.iter().map(of).collect::<Vec<f64>>()).0
        };
        let mut names: Vec<&String> = runs.iter().flat_map(|run| run.means.keys()).collect();
        names.sort();
        names.dedup();
        let means = names
            .into_iter()
            .map(|name| {
                let values: Vec<f64> = runs
                    .iter()
                    .filter_map(|run| run.means.get(name).copied())
                    .collect();
                (name.clone(), mean_and_error(&values).0)
            })
            .collect();
        ArmResult {
            success: (!finals.is_empty()).then(|| mean_and_error(&finals).0),
            error: (finals.len() > 1).then(|| mean_and_error(&finals).1),
            curve: mean_curve(&runs),
            mastered_share: mean(&|run| run.mastered_share),
            tasks_above_60: mean(&|run| run.tasks_above_60),
            means,
            name,
            sets,
            chosen,
            runs,
        }
    }
}

impl RunResult {
    /// Success of the last evaluation.
    pub fn success(&self) -> Option<f64> {
        self.curve.last().map(|point| point.success)
    }
}

/// The mean over the runs, at every number of trajectories that all of them were evaluated at.
fn mean_curve(runs: &[RunResult]) -> Vec<CurvePoint> {
    let Some(first) = runs.first() else {
        return Vec::new();
    };
    first
        .curve
        .iter()
        .filter_map(|point| {
            let at: Vec<&CurvePoint> = runs
                .iter()
                .filter_map(|run| {
                    run.curve
                        .iter()
                        .find(|other| other.trajectories == point.trajectories)
                })
                .collect();
            if at.len() < runs.len() {
                return None;
            }
            let successes: Vec<f64> = at.iter().map(|point| point.success).collect();
            let seconds: Vec<f64> = at.iter().map(|point| point.seconds).collect();
            Some(CurvePoint {
                trajectories: point.trajectories,
                seconds: mean_and_error(&seconds).0,
                success: mean_and_error(&successes).0,
                margin: mean_margin(&successes),
            })
        })
        .collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A run with these successes at 0, 100, 200, ... trajectories.
    pub(in super::super) fn run(seed: u64, successes: &[f64]) -> RunResult {
        RunResult {
            seed,
            curve: successes
                .iter()
                .enumerate()
                .map(|(step, success)| CurvePoint {
                    trajectories: 100 * step as u64,
                    seconds: 10.0 * step as f64,
                    success: *success,
                    margin: None,
                })
                .collect(),
            mastered_share: 0.25 * seed as f64,
            means: BTreeMap::from([("rows".to_owned(), seed as f64)]),
            finished: true,
            ..RunResult::default()
        }
    }

    #[test]
    fn an_arm_is_the_mean_of_its_runs() {
        let runs = vec![run(1, &[0.2, 0.4, 0.6]), run(3, &[0.2, 0.6, 0.8])];
        let arm = ArmResult::of("A".into(), vec![], vec![], runs);
        let close = |a: f64, b: f64| (a - b).abs() < 1e-12;
        assert!(close(arm.success.unwrap(), 0.7) && close(arm.error.unwrap(), 0.1));
        assert!(close(arm.mastered_share, 0.5) && close(arm.means["rows"], 2.0));
        assert_eq!(arm.curve.len(), 3);
        assert!(close(arm.curve[1].success, 0.5) && close(arm.curve[1].seconds, 10.0));
        assert_eq!(arm.curve[0].margin, Some(0.0));
        // t(0.975, 1) = 12.706.
        assert!((arm.curve[2].margin.unwrap() - 1.2706).abs() < 1e-3);
        let none = ArmResult::of("B".into(), vec![], vec![], vec![]);
        assert_eq!((none.success, none.curve.len()), (None, 0));
    }

    #[test]
    fn points_that_a_run_lacks_are_left_out() {
        let runs = [run(1, &[0.1, 0.2, 0.3]), run(2, &[0.1, 0.2])];
        assert_eq!(mean_curve(&runs).len(), 2);
    }
}
