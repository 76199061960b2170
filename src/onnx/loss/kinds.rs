//! The losses that can be put behind a model, and the ways to do it.

use crate::onnx::ValueType;

/// Losses that can be put behind a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LossKind {
    /// Cross-entropy of labels `[..]` under logits `[.., classes]`.
    CrossEntropy,
    /// PPO's clipped loss of one choice a row: logits `[batch, classes]`.
    PpoStep,
    /// The same of tokens, every token counting alike: logits `[batch, tokens, classes]`.
    PpoToken,
    /// The same, every sequence counting alike.
    PpoSequence,
    /// Direct preference optimisation: logits `[2 * pairs, tokens, classes]`, each chosen answer
    /// followed by the rejected one.
    Dpo,
    /// Mean squared error of any output.
    SquaredError,
}

impl LossKind {
    /// All of them.
    pub const ALL: [LossKind; 6] = [
        LossKind::CrossEntropy,
        LossKind::PpoStep,
        LossKind::PpoToken,
        LossKind::PpoSequence,
        LossKind::Dpo,
        LossKind::SquaredError,
    ];

    /// The name in commands and configurations.
    pub fn name(self) -> &'static str {
        match self {
            LossKind::CrossEntropy => "cross-entropy",
            LossKind::PpoStep => "ppo-step",
            LossKind::PpoToken => "ppo-token",
            LossKind::PpoSequence => "ppo-sequence",
            LossKind::Dpo => "dpo",
            LossKind::SquaredError => "squared-error",
        }
    }

    /// The loss with a name.
    pub fn named(name: &str) -> Option<LossKind> {
        LossKind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The rank that the logits must have, if only one will do.
    pub(super) fn rank(self) -> Option<usize> {
        match self {
            LossKind::CrossEntropy | LossKind::SquaredError => None,
            LossKind::PpoStep => Some(2),
            LossKind::PpoToken | LossKind::PpoSequence | LossKind::Dpo => Some(3),
        }
    }
}

/// How a loss is put behind a model.
#[derive(Debug, Clone, Default)]
pub struct LossOptions {
    /// The output that holds the logits.
    pub logits: String,
    /// Their type, where the graph does not declare it.
    pub value_type: Option<ValueType>,
    /// What the names of new inputs and outputs begin with.
    pub prefix: String,
    /// Whether there is an input `weight`: `[batch]` (for pairs `[pairs]`); for cross-entropy of the
    /// labels' shape and for the squared error of the output's.
    pub weight: bool,
    /// Whether logits are divided by an input `temperature`, a scalar.
    pub temperature: bool,
    /// Whether the mean entropy is an output, and its `entropy_coefficient`-fold a bonus.
    pub entropy: bool,
    /// Whether the k3 estimate from `reference_log_probability` is an output `kl`, and its
    /// `kl_coefficient`-fold a penalty.
    pub kl: bool,
    /// Whether each token has an advantage of its own, `[batch, tokens]` instead of `[batch]`.
    pub token_advantages: bool,
}
