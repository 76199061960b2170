//! The keys of what updates learn from besides a round's samples, and of how they move the weights:
//! their values and their rules.

use serde::{Deserialize, Serialize};

use super::model::{ProviderKind, choice};
use super::validate::{Bounds, first_outside};
use super::{GranularityKind, TrainConfig};

choice! {
    /// `train.optimizer`
    OptimizerKind {
        /// Adam with decoupled weight decay.
        Adamw = "adamw",
        /// Gradient descent with momentum.
        Sgd = "sgd",
        /// `sgd` with gradients taken ahead of the weights.
        Extrap = "extrap",
    }
}
choice! {
    /// `train.replay`
    ReplayKind {
        /// The round's own samples only.
        None = "none",
        /// Past successes, all alike.
        Success = "success",
        /// Past successes by the size of their gradients.
        Aes = "aes",
    }
}
choice! {
    /// `train.critical_steps`
    CriticalStepsKind {
        /// Nothing.
        None = "none",
        /// The action of a successful run in the same state.
        Fork = "fork",
        /// Pairs of actions whose branches were run.
        Cso = "cso",
    }
}
choice! {
    /// `train.calibration`
    CalibrationKind {
        /// None.
        None = "none",
        /// The scripted solution shows the way back.
        Steca = "steca",
    }
}
choice! {
    /// `train.loss_reweight`
    LossReweightKind {
        /// All rows alike.
        None = "none",
        /// Hard rows more.
        IrDro = "ir_dro",
    }
}

/// The first broken rule of these keys: the key and what is wrong.
pub(super) fn broken_rule(config: &TrainConfig) -> Option<(&'static str, String)> {
    number_out_of_bounds(config).or_else(|| misfit(config))
}

fn number_out_of_bounds(config: &TrainConfig) -> Option<(&'static str, String)> {
    let train = &config.train;
    let many = 1e6;
    let (rows, branches) = (train.replay_rows, train.cso_branches);
    let recoveries = train.calibration_branches;
    let ahead = train.off_policy_rounds as f64;
    let bounds: [Bounds<'static>; 13] = [
        // Further ahead, ratios are clipped away more than they are learnt from.
        ("train.off_policy_rounds", ahead, 0.0, 8.0, true),
        ("train.momentum", train.momentum, 0.0, 0.999_999, true),
        ("train.extrap_step", train.extrap_step, 0.0, 10.0, false),
        (
            "train.replay_rounds",
            train.replay_rounds as f64,
            1.0,
            many,
            true,
        ),
        ("train.replay_rows", f64::from(rows), 1.0, many, true),
        // Without a uniform share a row without a gradient would have an infinite weight.
        (
            "train.replay_exploration",
            train.replay_exploration,
            0.0,
            1.0,
            false,
        ),
        (
            "train.reweight_lambda",
            train.reweight_lambda,
            0.0,
            many,
            false,
        ),
        (
            "train.critical_coef",
            train.critical_coef,
            0.0,
            100.0,
            false,
        ),
        ("train.cso_beta", train.cso_beta, 0.0, 100.0, false),
        ("train.cso_branches", f64::from(branches), 1.0, many, true),
        (
            "train.calibration_fall",
            train.calibration_fall,
            0.0,
            1.0,
            true,
        ),
        (
            "train.calibration_coef",
            train.calibration_coef,
            0.0,
            100.0,
            false,
        ),
        (
            "train.calibration_branches",
            f64::from(recoveries),
            1.0,
            many,
            true,
        ),
    ];
    first_outside(bounds)
}

fn misfit(config: &TrainConfig) -> Option<(&'static str, String)> {
    let train = &config.train;
    let whole_trajectories = train.granularity != GranularityKind::Step;
    let rules: [(bool, &'static str, String); 5] = [
        (
            train.replay != ReplayKind::None
                && train.keep_samples > 0
                && train.keep_samples < train.replay_rounds,
            "train.keep_samples",
            format!(
                "samples of {} rounds are kept, replay wants {} (train.replay_rounds); keep as \
                 many, or 0 for all",
                train.keep_samples, train.replay_rounds
            ),
        ),
        (
            train.critical_steps != CriticalStepsKind::None && whole_trajectories,
            "train.critical_steps",
            format!(
                "{:?} adds single steps: it needs granularity \"step\", or set critical_steps = \
                 \"none\"",
                train.critical_steps.name()
            ),
        ),
        (
            train.calibration != CalibrationKind::None && whole_trajectories,
            "train.calibration",
            format!(
                "{:?} adds single steps: it needs granularity \"step\", or set calibration = \
                 \"none\"",
                train.calibration.name()
            ),
        ),
        (
            train.off_policy_rounds > 0
                && train.rounds > 0
                && train.off_policy_rounds >= train.rounds,
            "train.off_policy_rounds",
            format!(
                "{} rounds ahead in {} (train.rounds) leaves none that acts with what was learnt; \
                 use fewer, or 0",
                train.off_policy_rounds, train.rounds
            ),
        ),
        (
            train.optimizer == OptimizerKind::Extrap
                && config.policy.provider == ProviderKind::Cuda,
            "train.optimizer",
            "\"extrap\" is not built for CUDA; set policy.provider = \"cpu\", or use \"adamw\" or \
             \"sgd\""
                .into(),
        ),
    ];
    rules
        .into_iter()
        .find_map(|(broken, key, problem)| broken.then_some((key, problem)))
}
