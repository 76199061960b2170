//! What training did over the rounds, as points to draw.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Rate, ReportError};
use crate::domain::Phase;
use crate::store::{Evaluation, Store};

/// Smoothed rates above this count as solved.
const SOLVED: f64 = 0.6;

/// A value after a number of rounds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Point {
    /// Rounds of training that were done; 0 is before training.
    pub rounds: u64,
    /// Value.
    pub value: f64,
}

/// A success rate after a number of rounds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RatedPoint {
    /// Rounds of training that were done; 0 is before training.
    pub rounds: u64,
    /// Success.
    pub rate: Rate,
    /// The evaluation's label; empty for a round of training.
    pub label: String,
}

/// The smoothed success rate of one task over the rounds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeatRow {
    /// Task name.
    pub task: String,
    /// One value for each round from 0; `None` before the task was first met. A round that did not
    /// run the task keeps its value.
    pub smoothed: Vec<Option<f64>>,
}

/// Learning curves of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Curves {
    /// Success of the episodes of each training round.
    pub training: Vec<RatedPoint>,
    /// Success of each evaluation.
    pub evaluations: Vec<RatedPoint>,
    /// Tasks whose smoothed rate is above 60 %.
    pub tasks_above_60: Vec<Point>,
    /// Share of a round's successes that came from tasks above 80 % already.
    pub mastered_share: Vec<Point>,
    /// Smoothed rate of every task.
    pub heat: Vec<HeatRow>,
}

/// Reads the curves. `rates` are the evaluations with at least one judged episode.
pub(super) fn curves(store: &Store, rates: &[(&Evaluation, Rate)]) -> Result<Curves, ReportError> {
    let mut totals: BTreeMap<u64, (u32, u32)> = BTreeMap::new();
    let entries = store.success_rates()?;
    for entry in &entries {
        let total = totals.entry(entry.round).or_default();
        total.0 += entry.successes;
        total.1 += entry.judged;
    }
    let training = totals
        .into_iter()
        .filter_map(|(round, (successes, judged))| {
            Some(RatedPoint {
                rounds: round + 1,
                rate: Rate::of(successes, judged)?,
                label: String::new(),
            })
        })
        .collect();
    let evaluations = rates
        .iter()
        .map(|(evaluation, rate)| RatedPoint {
            rounds: evaluation.after_round.map_or(0, |round| round + 1),
            rate: *rate,
            label: evaluation.label.clone(),
        })
        .collect();
    let metrics = store.metrics(Phase::Train)?;
    let series = |name: &str| -> Vec<Point> {
        metrics
            .iter()
            .filter(|row| row.name == name)
            .filter_map(|row| {
                Some(Point {
                    rounds: row.number + 1,
                    value: row.value.filter(|value| value.is_finite())?,
                })
            })
            .collect()
    };
    let heat = heat(&entries);
    let mut tasks_above_60 = series("tasks_above_60");
    if tasks_above_60.is_empty() {
        tasks_above_60 = count_solved(&heat);
    }
    Ok(Curves {
        training,
        evaluations,
        tasks_above_60,
        mastered_share: series("mastered_share"),
        heat,
    })
}

fn heat(entries: &[crate::domain::RateEntry]) -> Vec<HeatRow> {
    // A run has as many rounds as its highest number says; a damaged number must not take memory.
    const MOST_ROUNDS: u64 = 100_000;
    let rounds = entries
        .iter()
        .map(|entry| entry.round + 1)
        .filter(|count| *count <= MOST_ROUNDS)
        .max()
        .unwrap_or(0) as usize;
    let mut rows: BTreeMap<&str, Vec<Option<f64>>> = BTreeMap::new();
    for entry in entries {
        let row = rows
            .entry(&entry.task)
            .or_insert_with(|| vec![None; rounds]);
        if let Some(cell) = row.get_mut(entry.round as usize) {
            *cell = Some(entry.smoothed);
        }
    }
    rows.into_iter()
        .map(|(task, mut smoothed)| {
            let mut known = None;
            for cell in &mut smoothed {
                known = cell.or(known);
                *cell = known;
            }
            HeatRow {
                task: task.to_string(),
                smoothed,
            }
        })
        .collect()
}

fn count_solved(heat: &[HeatRow]) -> Vec<Point> {
    let rounds = heat.first().map_or(0, |row| row.smoothed.len());
    (0..rounds)
        .map(|round| Point {
            rounds: round as u64 + 1,
            value: heat
                .iter()
                .filter(|row| row.smoothed[round].is_some_and(|rate| rate > SOLVED))
                .count() as f64,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::RateEntry;

    #[test]
    fn rates_last_until_the_next_one() {
        let entry = |round, task: &str, smoothed| RateEntry {
            round,
            task: task.into(),
            judged: 4,
            successes: 2,
            smoothed,
        };
        let rows = heat(&[
            entry(0, "A", 0.2),
            entry(1, "B", 0.9),
            entry(3, "A", 0.7),
            entry(u64::MAX - 1, "A", 0.1),
        ]);
        assert_eq!(
            rows[0].smoothed,
            [Some(0.2), Some(0.2), Some(0.2), Some(0.7)]
        );
        assert_eq!(rows[1].smoothed, [None, Some(0.9), Some(0.9), Some(0.9)]);
        let solved: Vec<f64> = count_solved(&rows)
            .iter()
            .map(|point| point.value)
            .collect();
        assert_eq!(solved, [0.0, 1.0, 1.0, 2.0]);
    }
}
