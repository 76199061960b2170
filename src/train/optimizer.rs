//! The optimizer that the configuration names.

use crate::config::{OptimizerKind, Train};
use crate::policy::{Algorithm, OptimizerSettings};

/// The optimizer of the rounds' updates.
pub(super) fn training_optimizer(train: &Train) -> OptimizerSettings {
    let descent = Algorithm::Sgd {
        momentum: train.momentum as f32,
        nesterov: train.nesterov,
    };
    let (algorithm, extrapolation) = match train.optimizer {
        OptimizerKind::Adamw => (adamw(train), 0.0),
        OptimizerKind::Sgd => (descent, 0.0),
        OptimizerKind::Extrap => (descent, train.extrap_step),
    };
    OptimizerSettings {
        algorithm,
        weight_decay: train.weight_decay as f32,
        max_norm: train.max_grad_norm as f32,
        extrapolation: extrapolation as f32,
    }
}

/// The optimizer of cloning: AdamW, whatever the rounds use, since `[pretrain]` has a learning rate
/// that is meant for it.
pub(super) fn cloning_optimizer(train: &Train) -> OptimizerSettings {
    OptimizerSettings {
        algorithm: adamw(train),
        extrapolation: 0.0,
        ..training_optimizer(train)
    }
}

fn adamw(train: &Train) -> Algorithm {
    Algorithm::AdamW {
        beta1: train.beta1 as f32,
        beta2: train.beta2 as f32,
        epsilon: 1e-8,
    }
}
