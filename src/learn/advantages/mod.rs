//! What a trajectory is worth. One file per estimator.

mod gigpo;
mod grpo;
mod sr_weighted;
mod tgrpo;

pub use gigpo::GroupInGroup;
pub use grpo::GroupRelative;
pub(super) use grpo::Moments;
pub use sr_weighted::SuccessWeighted;
pub use tgrpo::StepAndTrajectory;

use super::SuccessRecord;

/// A trajectory that the task's checker judged, as learning sees it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct JudgedTrajectory {
    /// Identity for the caller, e.g. the episode's row in the store.
    pub trajectory: u64,
    /// Task name.
    pub task: String,
    /// Terminal reward R in {0, 1}.
    pub reward: f64,
    /// For each step, how many choices ("tokens") the policy made.
    pub step_tokens: Vec<u32>,
    /// What tells the instances of a task apart: equal where the same thing was asked.
    pub instance: String,
    /// Anchor of the state before each step, `[steps]`; what is missing counts as `None`.
    pub anchors: Vec<Option<String>>,
    /// Progress after each step in [0, 1], `[steps]`; what is missing counts as `None`.
    pub progress: Vec<Option<f64>>,
}

/// What an estimator says about one trajectory.
#[derive(Debug, Clone, PartialEq)]
pub enum Credit {
    /// Not learnt from.
    None,
    /// One advantage for every step.
    Whole(f64),
    /// An advantage for each step, `[steps]`.
    PerStep(Vec<f64>),
}

/// Estimates advantages from the judged trajectories of one round.
pub trait Advantage: Send + Sync {
    /// The name in the configuration.
    fn name(&self) -> &'static str;

    /// One credit per trajectory, in their order. `record` holds the rates with this round already
    /// counted (section 3 [R]).
    fn credits(&self, trajectories: &[JudgedTrajectory], record: &SuccessRecord) -> Vec<Credit>;

    /// Whether it looks at [`JudgedTrajectory::progress`], which costs to find out.
    fn wants_progress(&self) -> bool {
        false
    }
}

/// Credits for steps out of a part of the whole trajectory and a part of each of its steps.
fn mixed(whole: Vec<f64>, steps: Vec<Vec<f64>>, mix: impl Fn(f64, f64) -> f64) -> Vec<Credit> {
    whole
        .into_iter()
        .zip(steps)
        .map(|(whole, steps)| {
            Credit::PerStep(steps.into_iter().map(|step| mix(whole, step)).collect())
        })
        .collect()
}
