//! An episode and how it ended.

use serde::{Deserialize, Serialize};

use super::Action;

/// How an episode ended. The last two are infrastructure: stored and shown, never in a success
/// rate, never in a gradient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Outcome {
    /// The checker gave a score above zero; 1 is full success.
    Success {
        /// Checker's score in (0, 1].
        score: f64,
    },
    /// The checker gave zero, or the agent never declared the end.
    Failure,
    /// The device failed during the episode.
    Truncated {
        /// What failed, e.g. `device_lost`.
        cause: String,
    },
    /// The episode could not be set up or judged.
    Invalid {
        /// What failed, e.g. `init` or `check`.
        cause: String,
    },
}

impl Outcome {
    /// The outcome of a judged episode. Following AndroidWorld, an episode that was not declared
    /// done scores zero whatever the device shows (catalogue section 1.10).
    pub fn judged(score: f64, done: bool) -> Outcome {
        if done && score > 0.0 {
            Outcome::Success { score }
        } else {
            Outcome::Failure
        }
    }

    /// Whether the task's checker really judged the episode.
    pub fn is_judged(&self) -> bool {
        matches!(self, Outcome::Success { .. } | Outcome::Failure)
    }

    /// The terminal reward in {0, 1}: full score only (STEP, notation). `None` when not judged.
    pub fn reward(&self) -> Option<f64> {
        match self {
            Outcome::Success { score } => Some(if *score >= 1.0 { 1.0 } else { 0.0 }),
            Outcome::Failure => Some(0.0),
            Outcome::Truncated { .. } | Outcome::Invalid { .. } => None,
        }
    }

    /// The score of a judged episode.
    pub fn score(&self) -> Option<f64> {
        match self {
            Outcome::Success { score } => Some(*score),
            Outcome::Failure => Some(0.0),
            Outcome::Truncated { .. } | Outcome::Invalid { .. } => None,
        }
    }

    /// A stable name for the store: `success`, `failure`, `truncated`, `invalid`.
    pub fn name(&self) -> &'static str {
        match self {
            Outcome::Success { .. } => "success",
            Outcome::Failure => "failure",
            Outcome::Truncated { .. } => "truncated",
            Outcome::Invalid { .. } => "invalid",
        }
    }

    /// The cause of an infrastructure failure.
    pub fn cause(&self) -> Option<&str> {
        match self {
            Outcome::Truncated { cause } | Outcome::Invalid { cause } => Some(cause),
            Outcome::Success { .. } | Outcome::Failure => None,
        }
    }
}

/// One step of a trajectory, as recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct StepRecord {
    /// What was done.
    pub action: Action,
    /// Whether the device accepted it; a refused action changes nothing.
    pub executed: bool,
    /// A few words for people: the label of the target, or why it was refused.
    pub note: String,
    /// The observation that the action was chosen on, as the policy's step sample (named tensors).
    pub sample: Option<Vec<u8>>,
    /// Log-probability of the choices taken, at the temperature they were drawn with.
    pub log_probability: f64,
    /// Where the tap went in pixels, for the replay.
    pub touch: Option<(i32, i32)>,
    /// Content hash of the screenshot in the blob store.
    pub screenshot: Option<String>,
    /// Anchor of the state that the action was chosen on: equal for states that are the same but
    /// for what changes by itself. `None` where it was not looked for.
    pub anchor: Option<String>,
    /// Share of the task's sub-checks that held after the step, in [0, 1]. `None` where nobody
    /// measured it.
    pub progress: Option<f64>,
}

/// One attempt at a task instance.
#[derive(Debug, Clone, PartialEq)]
pub struct Trajectory {
    /// Steps in order.
    pub steps: Vec<StepRecord>,
    /// How it ended.
    pub outcome: Outcome,
    /// Last answer given.
    pub answer: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_declared_full_scores_are_rewarded() {
        assert_eq!(Outcome::judged(1.0, true).reward(), Some(1.0));
        assert_eq!(Outcome::judged(0.5, true).reward(), Some(0.0));
        assert_eq!(Outcome::judged(0.5, true).score(), Some(0.5));
        assert_eq!(Outcome::judged(1.0, false), Outcome::Failure);
        assert_eq!(
            Outcome::Truncated {
                cause: "device_lost".into()
            }
            .reward(),
            None
        );
        assert_eq!(
            Outcome::Invalid {
                cause: "init".into()
            }
            .reward(),
            None
        );
    }
}
