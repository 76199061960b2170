//! ONNX Runtime: the library, providers, sessions. The only room that names the `ort` crate.
//! May use `onnx` for tensors and models.

mod acting_session;
mod device_memory;
mod device_optimizer;
mod difference;
mod host_optimizer;
mod input_check;
mod library;
mod oracle;
mod provider;
mod session;
mod shared_weights;
mod trained_weight;
mod training_session;

pub use acting_session::{ActingSession, ActingWeights};
pub use difference::{
    DifferenceError, DifferenceOptions, Differences, Direction, Verdict, differences,
};
pub use library::{Library, candidates};
pub use oracle::SessionOracle;
pub use provider::{Chosen, Provider};
pub use session::{Session, SessionOptions};
pub use shared_weights::{Prepacking, SMALLEST_SHARED, SharedWeights};
pub use training_session::{ApplyBy, OptimizerState, StepReport, TrainingOptions, TrainingSession};

use std::path::PathBuf;

use crate::onnx::ElementType;
use crate::onnx::optimizer::OptimizerError;

/// Why a model could not be run.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// No library was found.
    #[error(
        "ONNX Runtime's library was not found (looked at {}); run `make setup`, or name it with --onnxruntime or \
         ORT_DYLIB_PATH",
        .0.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
    )]
    LibraryMissing(Vec<PathBuf>),
    /// A library was found but can't be used.
    #[error(
        "ONNX Runtime's library {path} can't be used: {reason}; `make setup` fetches one that fits"
    )]
    LibraryUnusable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The provider that was asked for does not work here.
    #[error("the {name} provider does not work here: {reason}; use --provider auto or cpu")]
    Provider {
        /// Its name.
        name: &'static str,
        /// Why.
        reason: String,
    },
    /// The provider does not compute in a kind of float.
    #[error("the {provider} provider does not compute in {element} here: {reason}")]
    ElementType {
        /// The provider's name.
        provider: &'static str,
        /// The element type.
        element: ElementType,
        /// Why.
        reason: String,
    },
    /// The optimizer can't be set up.
    #[error(transparent)]
    Optimizer(#[from] OptimizerError),
    /// The model was refused.
    #[error("ONNX Runtime refused the model {name}: {reason}")]
    Model {
        /// The model's name or file.
        name: String,
        /// Why.
        reason: String,
    },
    /// A run failed.
    #[error("running the model {name} failed: {reason}")]
    Run {
        /// The model's name or file.
        name: String,
        /// Why.
        reason: String,
    },
}

impl RuntimeError {
    /// Whether this machine, rather than the model, is at fault.
    pub fn is_environment(&self) -> bool {
        !matches!(
            self,
            RuntimeError::Model { .. } | RuntimeError::Run { .. } | RuntimeError::Optimizer(_)
        )
    }
}
