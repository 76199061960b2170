//! Losses as graphs: of log-probabilities of choices, and of the logits that a model gives.
//!
//! Each file has one loss as a function over a [`GraphBuilder`]; [`attach`] puts one behind a forward
//! model, with inputs for what only training knows. Losses are computed in 32 bits, or in 64 bits where
//! the model is; numbers in a formula have that [`ElementType`] too.

mod attach;
mod cross_entropy;
mod entropy;
mod example;
mod kinds;
mod kl;
mod log_probability;
mod means;
mod ppo;
mod preference;
mod squared_error;

pub use attach::{attach, declared_output};
pub use cross_entropy::cross_entropy;
pub use entropy::entropy;
pub use example::make_sensible;
pub use kinds::{LossKind, LossOptions};
pub use kl::{k3, k3_each};
pub use log_probability::{LogProbability, of_labels};
pub use means::{Average, masked_mean, weighted_mean};
pub use ppo::{PpoLoss, PpoTerms, ppo_clip, ppo_terms};
pub use preference::{PreferenceLoss, preference};
pub use squared_error::squared_error;

use super::{ElementType, GraphBuilder, Tensor, Value};

/// A number of an element type, for formulas.
fn number(builder: &mut GraphBuilder, value: f64, element: ElementType) -> Value {
    let tensor = match element {
        ElementType::F64 => Tensor {
            shape: Vec::new(),
            ..Tensor::f64(&[1], [value])
        },
        _ => Tensor::scalar(value as f32),
    };
    builder.constant(&tensor)
}
