//! Allowed values of the keys of `[train]` that name a part of the algorithm, and of `[judge]`.

use serde::{Deserialize, Serialize};

use super::model::choice;

choice! {
    /// `train.sampler`
    SamplerKind {
        /// STEP section 1.
        Step = "step",
        /// All copies to their own task.
        Uniform = "uniform",
        /// Tasks drawn by a softmax over their success rates.
        SrSoftmax = "sr_softmax",
        /// Bayesian online task selection.
        Bots = "bots",
    }
}

impl SamplerKind {
    /// All of them, in the order in which they are shown.
    pub const ALL: [SamplerKind; 4] = [
        SamplerKind::Uniform,
        SamplerKind::Step,
        SamplerKind::SrSoftmax,
        SamplerKind::Bots,
    ];
}

choice! {
    /// `train.cache_draw`
    CacheDrawKind {
        /// Every task of the cache alike.
        Uniform = "uniform",
        /// By 1 - s.
        Weighted = "weighted",
    }
}
choice! {
    /// `train.instances`
    InstanceKind {
        /// Every copy its own parameters.
        PerCopy = "per_copy",
        /// One instance for all copies of a task.
        PerGroup = "per_group",
    }
}
choice! {
    /// `train.advantage`
    AdvantageKind {
        /// STEP section 3.
        SrWeighted = "sr_weighted",
        /// Group-relative.
        Grpo = "grpo",
        /// Groups of episodes, and groups of steps in one state.
        Gigpo = "gigpo",
        /// Progress at equal times, and the end.
        Tgrpo = "tgrpo",
    }
}
choice! {
    /// `train.granularity`
    GranularityKind {
        /// Each step.
        Step = "step",
        /// A whole trajectory.
        Trajectory = "trajectory",
    }
}
choice! {
    /// `train.augmentation`
    AugmentationKind {
        /// No augmentation.
        None = "none",
        /// STEP section 4.
        StepGrpo = "step_grpo",
        /// Section 4 with a judge's scores.
        Judge = "judge",
    }
}
choice! {
    /// `judge.kind`
    JudgeKind {
        /// Nobody.
        None = "none",
        /// The task's sub-checks, measured on the device.
        Rules = "rules",
        /// A model at an HTTP endpoint.
        Http = "http",
    }
}
choice! {
    /// `train.aug_negatives`
    NegativesKind {
        /// Pushed down.
        Keep = "keep",
        /// Left alone.
        Zero = "zero",
    }
}
choice! {
    /// `train.text_match`
    TextMatchKind {
        /// Equal.
        Equal = "equal",
        /// One holds the other.
        Contains = "contains",
        /// Words in common.
        F1 = "f1",
    }
}
choice! {
    /// `train.update_mode`
    UpdateModeKind {
        /// One optimizer step an epoch.
        WholeRound = "whole_round",
        /// Minibatches of a size.
        Chunked = "chunked",
        /// A number of minibatches.
        Parts = "parts",
    }
}
choice! {
    /// `train.loss_agg`
    LossAggregationKind {
        /// Every choice counts alike.
        TokenMean = "token_mean",
        /// Every sample counts alike.
        SeqMean = "seq_mean",
    }
}
