//! The numbers that show whether training is sound: diagnostics of the update, the sampler's work,
//! and what infrastructure cost.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Point, ReportError};
use crate::domain::Phase;
use crate::store::{EpisodeRow, RoundKey, Store};

/// Episodes lost to infrastructure, by cause and phase.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Losses {
    /// Attempts that were lost.
    pub total: u32,
    /// Cause, then phase, then number.
    pub by_cause: BTreeMap<String, BTreeMap<&'static str, u32>>,
}

/// Counts the lost attempts among a round's episodes.
pub(super) fn losses(into: &mut Losses, phase: Phase, episodes: &[EpisodeRow]) {
    for cause in episodes
        .iter()
        .filter_map(|episode| episode.outcome.cause())
    {
        into.total += 1;
        *into
            .by_cause
            .entry(cause.to_string())
            .or_default()
            .entry(phase.name())
            .or_insert(0) += 1;
    }
}

/// One guard metric over the rounds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GuardSeries {
    /// Its name in the store.
    pub name: String,
    /// For people.
    pub title: String,
    /// What to look for.
    pub hint: &'static str,
    /// Finite values by rounds done.
    pub points: Vec<Point>,
    /// What is wrong with it, in words.
    pub warning: Option<String>,
}

/// What is known of a metric: accepted names, title, hint.
struct Known {
    names: &'static [&'static str],
    title: &'static str,
    hint: &'static str,
}

const fn known(names: &'static [&'static str], title: &'static str, hint: &'static str) -> Known {
    Known { names, title, hint }
}

/// In the order in which they are shown; the first name is the usual one.
const KNOWN: [Known; 24] = [
    known(
        &["tasks_above_60"],
        "Tasks above 60 %",
        "Should rise; this is what training is for.",
    ),
    known(
        &["mastered_share"],
        "Successes from mastered tasks",
        "Share from tasks above 80 %; high means effort on what is known already.",
    ),
    known(
        &["entropy"],
        "Entropy",
        "Falls slowly. A sudden drop to zero ends exploration.",
    ),
    known(
        &["approximate_kl", "approx_kl", "kl"],
        "Approximate KL",
        "How far an update moved the policy from the one that acted.",
    ),
    known(
        &["clip_fraction"],
        "Clip fraction",
        "Share of rows outside the clip bounds.",
    ),
    known(
        &[
            "first_ratio",
            "ratio_first",
            "ratio_at_first_step",
            "first_step_ratio",
        ],
        "Ratio at first step",
        "1 when acting and learning compute the same probabilities.",
    ),
    known(
        &["log_probability_gap"],
        "Log-probability gap",
        "Largest difference between what was recorded when acting and what learning computes.",
    ),
    known(
        &["policy_age"],
        "Age of the acting policy",
        "Updates that the weights that acted are behind those that learn; 0 is on-policy.",
    ),
    known(
        &["effective_share"],
        "Effective share",
        "What the older policy's actions are worth of as many new ones; low means too far ahead.",
    ),
    known(
        &["gradient_norm", "grad_norm"],
        "Gradient norm",
        "Global norm before clipping.",
    ),
    known(
        &["loss"],
        "Loss",
        "Of the policy objective; small by nature.",
    ),
    known(
        &["optimizer_steps"],
        "Optimizer steps",
        "Steps of the optimizer in the round.",
    ),
    known(&["rows", "samples"], "Rows", "Step samples learnt from."),
    known(
        &["replaced_copies"],
        "Replaced copies",
        "Copies that the sampler took from solved tasks.",
    ),
    known(
        &["cache_size"],
        "Cache size",
        "Tasks that replacements are drawn from.",
    ),
    known(&["dead_tasks"], "Dead tasks", "Tasks at exactly zero."),
    known(
        &["distinct_tasks"],
        "Distinct tasks",
        "Different tasks that ran in the round.",
    ),
    known(
        &["anchor_repeats"],
        "Anchor repeats",
        "Share of steps whose state another trajectory of the task saw too.",
    ),
    known(
        &["mean_smoothed_rate"],
        "Mean smoothed rate",
        "Over the tasks with a known rate.",
    ),
    known(
        &["augmented_states", "augmented"],
        "Augmented states",
        "States of rare successes drawn again.",
    ),
    known(
        &["groups_dropped"],
        "Groups dropped",
        "Groups of drawn actions that teach nothing, because all of them matched.",
    ),
    known(
        &["judge_questions"],
        "Judge's questions",
        "Trajectories or states that a judge was asked about.",
    ),
    known(
        &["judge_unanswered"],
        "Judge's silence",
        "Questions without a judgement; they count as none, never as a bad score.",
    ),
    known(
        &["infrastructure_losses"],
        "Infrastructure losses",
        "Attempts lost to devices; in no rate and no gradient.",
    ),
];

/// Metrics that other parts of the page show, and those that say nothing as a mean.
const SHOWN_ELSEWHERE: [&str; 5] = [
    "success_rate",
    "judged",
    "successes",
    "tasks_known",
    "epoch",
];

/// Values by round; `None` is a value that was not a number.
type Series = BTreeMap<u64, Option<f64>>;

/// Reads every guard metric: those of the rounds, and means over the optimizer steps for the
/// diagnostics that only the updates have.
pub(super) fn guards(store: &Store) -> Result<Vec<GuardSeries>, ReportError> {
    let mut found: BTreeMap<String, Series> = BTreeMap::new();
    for row in store.metrics(Phase::Train)? {
        found
            .entry(row.name)
            .or_default()
            .insert(row.number, row.value);
    }
    let mut updates: BTreeMap<String, Series> = BTreeMap::new();
    for round in store.rounds(Phase::Train)? {
        let steps = store.updates(RoundKey::train(round.key.number))?;
        if steps.is_empty() {
            continue;
        }
        let mut put = |name: &str, value: Option<f64>| {
            updates
                .entry(name.to_string())
                .or_default()
                .insert(round.key.number, value);
        };
        put("optimizer_steps", Some(steps.len() as f64));
        if let Some(ratio) = steps[0].metrics.get("ratio") {
            put("first_ratio", ratio.as_f64());
        }
        let mut sums: BTreeMap<&str, (f64, u32, bool)> = BTreeMap::new();
        for (name, value) in steps.iter().flat_map(|step| &step.metrics) {
            let sum = sums.entry(name).or_default();
            match value.as_f64() {
                Some(value) => (sum.0, sum.1) = (sum.0 + value, sum.1 + 1),
                // JSON has no NaN: it is stored as null.
                None => sum.2 |= value.is_null(),
            }
        }
        for (name, (sum, count, broken)) in sums {
            if broken {
                put(name, None);
            } else if count > 0 {
                // Rows add up over the minibatches; everything else is a mean.
                let share = if name == "rows" {
                    1.0
                } else {
                    f64::from(count)
                };
                put(name, Some(sum / share));
            }
        }
    }
    updates.remove("ratio");
    for (name, series) in updates {
        found.entry(name).or_insert(series);
    }
    Ok(arrange(found))
}

/// Known metrics in their order, then the others by name.
fn arrange(mut found: BTreeMap<String, Series>) -> Vec<GuardSeries> {
    // A cause is stored only in the rounds that lost something to it: the others lost nothing.
    let rounds: Vec<u64> = found.values().flat_map(Series::keys).copied().collect();
    for (_, series) in found
        .iter_mut()
        .filter(|(name, _)| name.starts_with("lost."))
    {
        for round in &rounds {
            series.entry(*round).or_insert(Some(0.0));
        }
    }
    let mut shown = Vec::new();
    for known in &KNOWN {
        let Some(name) = known.names.iter().find(|name| found.contains_key(**name)) else {
            continue;
        };
        if let Some(series) = found.remove(*name) {
            shown.push(guard(name, known.title.into(), known.hint, &series));
        }
    }
    for (name, series) in &found {
        if SHOWN_ELSEWHERE.contains(&name.as_str())
            || KNOWN
                .iter()
                .any(|known| known.names.contains(&name.as_str()))
        {
            continue;
        }
        let (title, hint) = match name.strip_prefix("lost.") {
            Some(cause) => (
                format!("Lost: {}", words(cause)),
                "Attempts lost to this cause.",
            ),
            None => (words(name), ""),
        };
        shown.push(guard(name, title, hint, series));
    }
    shown
}

fn guard(name: &str, title: String, hint: &'static str, series: &Series) -> GuardSeries {
    let points: Vec<Point> = series
        .iter()
        .filter_map(|(round, value)| {
            Some(Point {
                rounds: round + 1,
                value: value.filter(|value| value.is_finite())?,
            })
        })
        .collect();
    let broken = series.len() - points.len();
    let is_ratio = title == "Ratio at first step";
    let furthest = points
        .iter()
        .map(|point| (point.value - 1.0).abs())
        .fold(0.0, f64::max);
    let warning = if broken > 0 {
        Some(format!(
            "not a number in {broken} {}",
            if broken == 1 { "round" } else { "rounds" }
        ))
    } else if is_ratio && furthest > 0.01 {
        Some(format!("off by up to {furthest:.3}"))
    } else {
        None
    };
    GuardSeries {
        name: name.to_string(),
        title,
        hint,
        points,
        warning,
    }
}

/// `device_lost` as `Device lost`.
pub(super) fn words(name: &str) -> String {
    let text = name.replace(['_', '.'], " ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guards_are_ordered_named_and_checked() {
        let series = |values: &[Option<f64>]| -> Series {
            values
                .iter()
                .enumerate()
                .map(|(round, value)| (round as u64, *value))
                .collect()
        };
        let found = BTreeMap::from([
            ("zebra_count".to_string(), series(&[Some(1.0)])),
            ("lost.device_lost".to_string(), series(&[Some(2.0)])),
            ("grad_norm".to_string(), series(&[Some(1.0), None])),
            ("entropy".to_string(), series(&[Some(2.0), Some(1.5)])),
            ("first_ratio".to_string(), series(&[Some(1.0), Some(0.9)])),
            ("success_rate".to_string(), series(&[Some(0.5)])),
        ]);
        let shown = arrange(found);
        let titles: Vec<&str> = shown.iter().map(|guard| guard.title.as_str()).collect();
        assert_eq!(
            titles,
            [
                "Entropy",
                "Ratio at first step",
                "Gradient norm",
                "Lost: Device lost",
                "Zebra count"
            ]
        );
        assert_eq!(shown[0].warning, None);
        assert_eq!(shown[1].warning.as_deref(), Some("off by up to 0.100"));
        assert_eq!(shown[2].warning.as_deref(), Some("not a number in 1 round"));
        assert_eq!(shown[2].points.len(), 1);
        let lost: Vec<f64> = shown[3].points.iter().map(|point| point.value).collect();
        assert_eq!(lost, [2.0, 0.0]);
    }
}
