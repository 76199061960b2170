//! The training loop: demonstrations, cloning, rounds, evaluations, checkpoints, resume. May use
//! everything below.
//!
//! Every stage is a stored state of the run. [`Trainer::run`] looks at the store, does what is not
//! done yet and stores that it is; a run that was killed at any moment is simply run again.

mod branches;
mod bundle;
mod checkpoint;
mod cloning;
mod comparison;
mod critical;
mod demonstrations;
mod judging;
mod lanes;
mod learning;
mod off_policy;
mod optimizer;
mod passes;
mod replay;
mod resampling;
mod retention;
mod round;
mod round_line;
mod row_terms;
mod run_directory;
mod trainer;
mod unchanged;
mod update;

use std::path::PathBuf;

use crate::config::ConfigError;
use crate::farm::FarmError;
use crate::judge::JudgeError;
use crate::learn::LearnError;
use crate::policy::PolicyError;
use crate::rollout::{MayBeFull, RolloutError};
use crate::runtime::RuntimeError;
use crate::store::{StoreError, is_full};
use crate::tasks::TaskError;

pub use bundle::first_bundle;
pub use checkpoint::{load_checkpoint, newest_checkpoint};
pub use cloning::{CloningReport, clone_policy};
pub use comparison::{Comparison, Replayed, ReplayedRound, compare_samplers};
pub use learning::round_samples;
pub use retention::{Collected, Keep, Part, collect_garbage, disk};
pub use run_directory::RunDirectory;
pub use trainer::{Outline, Trainer};
pub use update::{UpdateReport, update_policy};

impl MayBeFull for TrainError {
    fn full_while(&self) -> Option<&'static str> {
        match self {
            TrainError::Store(error) => error.full_while(),
            TrainError::Rollout(error) => error.full_while(),
            TrainError::File { doing, source, .. } => is_full(source).then_some(doing),
            _ => None,
        }
    }
}

/// Why training can't go on.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// ONNX Runtime.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The policy.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The devices.
    #[error(transparent)]
    Farm(#[from] FarmError),
    /// The episodes.
    #[error(transparent)]
    Rollout(#[from] RolloutError),
    /// The suite.
    #[error(transparent)]
    Task(#[from] TaskError),
    /// The algorithm.
    #[error(transparent)]
    Learn(#[from] LearnError),
    /// The judge.
    #[error(transparent)]
    Judge(#[from] JudgeError),
    /// A run named in `pretrain.from` that shows nothing.
    #[error(
        "{}: `pretrain.from` names a run without a successful episode to learn from: on a task that \
         is trained on, on an instance that evaluations don't use, with its step samples kept",
        .0.display()
    )]
    NothingToImport(PathBuf),
    /// A file of the run directory.
    #[error("{}: {doing} failed: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// The disk is nearly full.
    #[error(
        "{}: {free} MiB of the disk are free, and {wanted} MiB are to be before episodes are run \
         (retention.min_free_bytes); nothing old of this run is left to remove, and nothing was begun. \
         Free some space (`stepdroid gc RUN` for other runs), then go on with `stepdroid train --resume`, or set \
         retention.min_free_bytes lower", path.display()
    )]
    DiskLow {
        /// The run.
        path: PathBuf,
        /// Free space, in MiB.
        free: u64,
        /// What is wanted, in MiB.
        wanted: u64,
    },
    /// The run has no weights where it must have some.
    #[error(
        "{}: the run has no checkpoint; it was stopped before its first one. Go on with `stepdroid train --resume`",
        .0.display()
    )]
    NoCheckpoint(PathBuf),
    /// A checkpoint can't be used.
    #[error("{}: the checkpoint can't be used: {reason}. To go on, {way_out}", path.display())]
    BrokenCheckpoint {
        /// Its directory.
        path: PathBuf,
        /// What is wrong, with the file.
        reason: String,
        /// What can be done.
        way_out: String,
    },
    /// A bundle that is not what the configuration says.
    #[error(
        "`{field}`: the policy bundle {} has {bundle}, the configuration says {config}; set {way_out}, or name another `policy.bundle`",
        path.display()
    )]
    OtherPolicy {
        /// The key of the configuration.
        field: &'static str,
        /// The bundle.
        path: PathBuf,
        /// What the bundle has.
        bundle: String,
        /// What the configuration says.
        config: String,
        /// Settings that fit the bundle.
        way_out: String,
    },
    /// A run is gone on with under something else than it was begun with.
    #[error("`{field}`: the run was begun with {before}, now it is {now}; {way_out}")]
    Changed {
        /// What changed: a key of the configuration, or what else identifies a run.
        field: String,
        /// What it was.
        before: String,
        /// What it is.
        now: String,
        /// What can be done.
        way_out: String,
    },
    /// No demonstration can be learnt from.
    #[error(
        "none of {episodes} demonstrations succeeded, so there is nothing to clone; look at their causes with `stepdroid report`"
    )]
    NoDemonstrations {
        /// How many were tried.
        episodes: usize,
    },
    /// The optimizer does not work on the graphics card.
    #[error(
        "train.optimizer \"extrap\" moves weights to and fro on the host, which is not built for \
         CUDA; set policy.provider = \"cpu\", or train.optimizer = \"adamw\" or \"sgd\""
    )]
    ExtrapolationOnCuda,
    /// A step sample is gone.
    #[error(
        "round {round}, slot {slot}, step {step}: the step sample is missing, the round can't be learnt from again"
    )]
    NoSample {
        /// Round.
        round: u64,
        /// Slot.
        slot: u32,
        /// Step.
        step: usize,
    },
    /// A thread panicked.
    #[error("a part of the training stopped unexpectedly; please report this")]
    Panicked,
}
