//! What applies gradients: AdamW and SGD with clipping by the global norm, groups of weights, loss
//! scaling and rounded copies of weights. Two forms give equal results: a loop over slices
//! ([`native`]), which is the faster one on a CPU, and a graph of standard operators ([`graph`]),
//! which leaves everything where it is on a device.

pub mod adamw;
pub mod graph;
mod kernels;
pub mod loss_scale;
pub mod native;
pub mod options;

pub use adamw::{AdamW, AdamWOptions};
pub use graph::{OptimizedWeight, accumulation_graph, optimizer_graph};
pub use kernels::add_scaled;
pub use loss_scale::{LossScale, LossScaleOptions};
pub(crate) use native::in_threads;
pub use native::{Part, apply, global_norm};
pub use options::{Algorithm, OptimizerOptions, StepNumbers, WeightGroup, WeightSettings};

/// Why an optimizer can't be set up.
#[derive(Debug, thiserror::Error)]
pub enum OptimizerError {
    /// A number that makes no sense.
    #[error("the optimizer's {name} can't be {value}: {reason}")]
    Setting {
        /// The setting.
        name: &'static str,
        /// Its value.
        value: f32,
        /// What it must be.
        reason: &'static str,
    },
    /// A group's pattern is no regular expression.
    #[error("the pattern {pattern:?} of a group of weights: {reason}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// Why.
        reason: String,
    },
    /// A group that no weight belongs to.
    #[error("the group {pattern:?} matches none of the weights")]
    EmptyGroup {
        /// Its pattern.
        pattern: String,
    },
    /// A weight that is no float.
    #[error("the weight {name:?} is of {element}, which can't be trained")]
    Weight {
        /// Its name.
        name: String,
        /// Its element type.
        element: super::ElementType,
    },
    /// The graph can't be built.
    #[error("the optimizer's graph: {0}")]
    Graph(#[from] super::OnnxError),
}
