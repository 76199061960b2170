//! What failed runs can teach: where a failed run left the way of a successful one, and which of its
//! steps cost it the success. States are compared by their anchors: equal strings are equal states.

use std::collections::{BTreeMap, BTreeSet};

/// One judged run, as far as its states tell.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Identity for the caller.
    pub trajectory: u64,
    /// Task name.
    pub task: String,
    /// What was asked. An action that is right for another goal may be wrong for this one.
    pub goal: String,
    /// Whether the checker gave the full score.
    pub succeeded: bool,
    /// The anchor of the state before each step, `[steps]`.
    pub anchors: Vec<String>,
}

/// A step of a run: position in the list of runs, and step from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    /// Position of the run.
    pub run: usize,
    /// Step.
    pub step: usize,
}

/// Where a failed run did something else than a successful one in the same state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fork {
    /// The failed run's step.
    pub failed: At,
    /// The successful run's step in the same state: what was right there.
    pub right: At,
}

/// The forks of failed runs (UI-Voyager, arXiv 2603.24533), at most one for each, in their order.
///
/// A failed run is gone through backwards. The first state met that a successful run of the same
/// task and goal was in, and left by another action, is its fork: the last moment at which success
/// was known to be possible. Where a successful run was in a state several times, its last time
/// counts; of several successful runs the one that had the fewest steps left, then the first.
/// `same(failed, right)` says whether two steps did the same.
pub fn forks(runs: &[Run], same: impl Fn(At, At) -> bool) -> Vec<Fork> {
    // The last time that each successful run was in a state, by task, goal and anchor.
    let mut ways: BTreeMap<(&str, &str, &str), BTreeMap<usize, usize>> = BTreeMap::new();
    for (position, run) in runs.iter().enumerate().filter(|(_, run)| run.succeeded) {
        for (step, anchor) in run.anchors.iter().enumerate() {
            let key = (run.task.as_str(), run.goal.as_str(), anchor.as_str());
            ways.entry(key).or_default().insert(position, step);
        }
    }
    let mut found = Vec::new();
    for (position, run) in runs.iter().enumerate().filter(|(_, run)| !run.succeeded) {
        let fork = (0..run.anchors.len()).rev().find_map(|step| {
            let failed = At {
                run: position,
                step,
            };
            let key = (
                run.task.as_str(),
                run.goal.as_str(),
                run.anchors[step].as_str(),
            );
            let mut rights: Vec<At> = ways
                .get(&key)?
                .iter()
                .map(|(run, step)| At {
                    run: *run,
                    step: *step,
                })
                .collect();
            rights.sort_by_key(|at| (runs[at.run].anchors.len() - at.step, at.run));
            let right = *rights.first()?;
            // An action that some successful run took as well was no mistake.
            let differs = rights.iter().all(|right| !same(failed, *right));
            differs.then_some(Fork { failed, right })
        });
        found.extend(fork);
    }
    found
}

/// Value of each state by task and anchor: the share of the judged runs through it that succeeded. A
/// run counts once, however often it came by.
pub fn values(runs: &[Run]) -> BTreeMap<(&str, &str), f64> {
    let mut counts: BTreeMap<(&str, &str), (u32, u32)> = BTreeMap::new();
    for run in runs {
        let states: BTreeSet<&str> = run.anchors.iter().map(String::as_str).collect();
        for state in states {
            let count = counts.entry((run.task.as_str(), state)).or_default();
            count.0 += 1;
            count.1 += u32::from(run.succeeded);
        }
    }
    let share = |(runs, successes): (u32, u32)| f64::from(successes) / f64::from(runs);
    counts
        .into_iter()
        .map(|(state, count)| (state, share(count)))
        .collect()
}

/// The step of each failed run after which the value of its state fell most (the earliest of equal
/// ones), where it fell by more than `least`; by how much, the largest falls first. The end of a
/// failed run has the value 0.
pub fn falls(runs: &[Run], least: f64) -> Vec<(At, f64)> {
    let values = values(runs);
    let value = |run: &Run, step: usize| {
        let anchor = run.anchors.get(step);
        let known = anchor.and_then(|anchor| values.get(&(run.task.as_str(), anchor.as_str())));
        known.copied().unwrap_or(0.0)
    };
    let mut found = Vec::new();
    for (position, run) in runs.iter().enumerate().filter(|(_, run)| !run.succeeded) {
        let mut worst: Option<(At, f64)> = None;
        for step in 0..run.anchors.len() {
            let fall = value(run, step) - value(run, step + 1);
            if fall > least && worst.is_none_or(|(_, most)| fall > most) {
                worst = Some((
                    At {
                        run: position,
                        step,
                    },
                    fall,
                ));
            }
        }
        found.extend(worst);
    }
    found.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
    found
}
