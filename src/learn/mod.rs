//! STEP and its baselines, pure and synchronous: which tasks a round runs, what its trajectories
//! are worth, which step samples come of them and in which order they are learnt from.
//!
//! Uses `domain` alone, but for [`recipe`], which reads the configuration. The objective's graph
//! is built by the policy; [`objective`] is its plain reference.
//!
//! Sections and grades in the doc comments are those of STEP as this program implements it:
//! `[P]` the paper (arXiv 2511.13091v1) says so, `[D]` it follows by arithmetic, `[R]` the paper is
//! silent and this is a reconstruction with a named knob.

pub mod advantages;
pub mod anchors;
pub mod augmentation;
pub mod critical;
pub mod guard_metrics;
pub mod judge;
pub mod judged_steps;
pub mod matching;
pub mod objective;
pub mod preference;
pub mod recipe;
pub mod replay;
pub mod reweight;
pub mod sampler;
pub mod samples;
pub mod schedule;
pub mod simulation;
pub mod success_record;
pub mod task_state;

pub use advantages::{
    Advantage, Credit, GroupInGroup, GroupRelative, JudgedTrajectory, StepAndTrajectory,
    SuccessWeighted,
};
pub use augmentation::{Augmentation, Negatives, StepGroup};
pub use guard_metrics::RoundMetrics;
pub use judge::{Judge, Score, SubChecks};
pub use judged_steps::{JudgedSteps, ScoredState};
pub use matching::{Matcher, Scene, TextMatch};
pub use recipe::{Calibration, CriticalSteps, Recipe};
pub use replay::{Replay, ReplayRule};
pub use sampler::{
    Belief, BotsSampler, CacheDraw, RoundPlan, Sampler, SrSoftmaxSampler, StepSampler,
    UniformSampler, draw_plan,
};
pub use samples::{Granularity, SampleSource, StepSample, step_samples};
pub use schedule::{LossAggregation, OptimizerStep, Schedule, UpdateMode, WeightedRow};
pub use simulation::{Allocation, Simulation, SuiteDraw};
pub use success_record::{SuccessRecord, Tally, least_rate, smoothed_rate};
pub use task_state::TaskState;

/// Why learning can't go on.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LearnError {
    /// Nothing to draw from.
    #[error("round {round}: the suite has no tasks; name some under [suite] tasks")]
    EmptySuite {
        /// The round.
        round: u64,
    },
    /// A round would be counted twice.
    #[error(
        "round {round} of task {task} is already counted in its success rate (last counted: round \
         {last}); load the record from the store instead of repeating the round"
    )]
    RoundAlreadyCounted {
        /// The task.
        task: String,
        /// The round that came again.
        round: u64,
        /// The last round in the record.
        last: u64,
    },
    /// A tally that can't be.
    #[error("task {task}: {successes} successes of {judged} judged trajectories can't be")]
    ImpossibleTally {
        /// The task.
        task: String,
        /// Successes.
        successes: u32,
        /// Judged trajectories.
        judged: u32,
    },
    /// A rate outside [0, 1].
    #[error("task {task}, round {round}: the stored success rate {rate} is not in [0, 1]")]
    RateOutOfRange {
        /// The task.
        task: String,
        /// The round.
        round: u64,
        /// The rate.
        rate: f64,
    },
    /// Fewer or more results than asked for.
    #[error("an augmentation group of {expected} needs {wanted} resampled actions, got {got}")]
    GroupSize {
        /// Size of a group, the action taken included.
        expected: usize,
        /// Resampled actions wanted.
        wanted: usize,
        /// Resampled actions given.
        got: usize,
    },
}
