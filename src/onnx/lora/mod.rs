//! Low-rank adapters (LoRA, arXiv 2106.09685) at the level of the graph: beside a product with a
//! frozen matrix stands a branch `scale * (x A) B` of two small matrices, which alone are trained.
//!
//! `add` puts branches beside chosen products, `merge` adds what they learnt to the matrices and takes
//! them away. What was added is noted in the model's metadata.

mod add;
mod merge;
mod packed;

use serde::{Deserialize, Serialize};

use super::proto::StringStringEntryProto;
use super::{Model, OnnxError};

pub use add::{LoraOptions, add};
pub use merge::merge;

/// What the names of all weights of adapters begin with: a pattern for what is to be trained.
pub const PREFIX: &str = "lora.";
/// Key of the note in the model's metadata.
const NOTE: &str = "stepdroid.lora";

/// A branch beside a matrix product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Adapter {
    /// What the layer is called.
    pub label: String,
    /// Weight `[rows, rank]`, the first factor.
    pub a: String,
    /// Weight `[rank, columns]`, the second factor, zero at first.
    pub b: String,
    /// What the branch is multiplied by: alpha over rank.
    pub scale: f32,
    /// The constant that holds the elements of the matrix.
    pub weight: String,
    /// The value that the product reads as its matrix.
    pub operand: String,
    /// What the product alone makes.
    base: String,
    /// What the product and the branch make together.
    output: String,
    /// Length of what is multiplied.
    pub rows: usize,
    /// Length of the result.
    pub columns: usize,
    /// Whether the product reads its matrix as `[columns, rows]`.
    transposed: bool,
}

/// The adapters that a model notes.
///
/// # Errors
/// [`OnnxError::Invalid`] when the note can't be read.
pub fn adapters(model: &Model) -> Result<Vec<Adapter>, OnnxError> {
    let mut notes = model.proto.metadata_props.iter();
    let Some(note) = notes.find(|note| note.key.as_deref() == Some(NOTE)) else {
        return Ok(Vec::new());
    };
    serde_json::from_str(note.value.as_deref().unwrap_or(""))
        .map_err(|error| OnnxError::Invalid(format!("the note of its adapters: {error}")))
}

/// Writes the note, or takes it away when there is no adapter.
fn note(model: &mut Model, adapters: &[Adapter]) -> Result<(), OnnxError> {
    let notes = &mut model.proto.metadata_props;
    notes.retain(|note| note.key.as_deref() != Some(NOTE));
    if !adapters.is_empty() {
        let text = serde_json::to_string(adapters)
            .map_err(|error| OnnxError::Invalid(format!("the note of its adapters: {error}")))?;
        notes.push(StringStringEntryProto {
            key: Some(NOTE.into()),
            value: Some(text),
        });
    }
    Ok(())
}
