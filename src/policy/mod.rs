//! Policies: from a goal and an observation to an action with its log-probability, and from step
//! samples to better weights.
//!
//! The `compact` policy is a small transformer over the goal's words, the elements on the screen,
//! the last actions and a small picture of the screen. What it learns from is a [`View`]: the part of
//! an observation that it looks at. [`features`] turns a view into tensors, for acting and for
//! learning alike. May use `onnx`, `runtime`, `pixels` and `domain`.

mod acting;
mod bundle;
mod choices;
mod context;
mod distributions;
mod features;
mod learner;
mod lengths;
mod loss_graph;
mod model;
mod optimizer;
mod past_screens;
mod service;
mod steps;
mod text;
mod view;

pub use crate::onnx::optimizer::Algorithm;
pub use acting::{Acting, Decision};
pub use bundle::{Bundle, BundleError};
pub use choices::{APPS, Choices, Kind};
pub use context::{Context, PastLengths, Seen, recall};
pub use distributions::LogProbabilities;
pub use features::{Batch, ELEMENTS, GOAL, features};
pub use learner::{Learner, Metrics, Objective, Row};
pub use lengths::Lengths;
pub use loss_graph::gradient_graph;
pub use model::{Shape, build_forward};
pub use optimizer::{Moments, OptimizerSettings};
pub use service::{Request, Service};
pub use steps::Steps;
pub use view::{Candidate, GoalToken, Past, View, goal_tokens};

use serde::{Deserialize, Serialize};

use crate::onnx::OnnxError;
use crate::runtime::RuntimeError;

/// One decision to learn from: what was seen and what was chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepSample {
    /// What was seen.
    pub view: View,
    /// What was chosen.
    pub choices: Choices,
    /// Temperature of the draw.
    pub temperature: f32,
    /// Of a step that is not learnt from, because the policy has no words for its action or it was a
    /// mistake on purpose: what the memory says of it. It is kept for the steps that look back at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only_seen: Option<Past>,
}

impl StepSample {
    /// The bytes that the store keeps.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads the bytes that the store kept.
    ///
    /// # Errors
    /// [`PolicyError::Sample`].
    pub fn from_bytes(bytes: &[u8]) -> Result<StepSample, PolicyError> {
        serde_json::from_slice(bytes).map_err(|error| PolicyError::Sample(error.to_string()))
    }
}

/// Why a policy can't act or learn.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The engine failed.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// A graph could not be built.
    #[error(transparent)]
    Onnx(#[from] OnnxError),
    /// The bundle can't be used.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// A stored step sample can't be read.
    #[error("a stored step sample can't be read: {0}")]
    Sample(String),
    /// The service that acts has stopped.
    #[error("the acting service has stopped")]
    Stopped,
}
