//! Checkpoints: policy bundles in the run directory, named in the store.

use std::path::Path;

use super::{RunDirectory, TrainError};
use crate::policy::Bundle;
use crate::store::{Checkpoint, Store};

/// Writes a bundle into the run directory and says what the store has to know. The store's row is
/// written later, with the round that made the weights; a bundle without a row is written again.
pub(super) fn save_checkpoint(
    directory: &Path,
    bundle: &Bundle,
    round: Option<u64>,
) -> Result<Checkpoint, TrainError> {
    let path = RunDirectory::checkpoint_path(bundle.version);
    let folder = directory.join(&path);
    if let Some(parent) = folder.parent() {
        std::fs::create_dir_all(parent).map_err(|source| TrainError::File {
            path: parent.to_path_buf(),
            doing: "making the checkpoints' folder",
            source,
        })?;
    }
    bundle.save(&folder)?;
    let weights = folder.join("weights.safetensors");
    let bytes = std::fs::read(&weights).map_err(|source| TrainError::File {
        path: weights,
        doing: "reading the weights back",
        source,
    })?;
    Ok(Checkpoint {
        policy_version: bundle.version,
        round,
        path,
        hash: blake3::hash(&bytes).to_hex().to_string(),
        bytes: bytes.len() as u64,
    })
}

/// The newest checkpoint of a run.
///
/// # Errors
/// [`TrainError::NoCheckpoint`] where there is none.
pub fn newest_checkpoint(directory: &Path, store: &Store) -> Result<Checkpoint, TrainError> {
    store
        .checkpoints()?
        .pop()
        .ok_or_else(|| TrainError::NoCheckpoint(directory.to_path_buf()))
}

/// Loads a checkpoint's bundle.
///
/// # Errors
/// A file is missing or damaged, or is of another version.
pub fn load_checkpoint(directory: &Path, checkpoint: &Checkpoint) -> Result<Bundle, TrainError> {
    let path = directory.join(&checkpoint.path);
    let bundle = Bundle::load(&path)?;
    if bundle.version != checkpoint.policy_version {
        return Err(TrainError::WrongCheckpoint {
            path,
            found: bundle.version,
            expected: checkpoint.policy_version,
        });
    }
    Ok(bundle)
}

/// Removes the files of checkpoints that are neither the first, nor the newest, nor of a round that
/// `every` divides. Their rows stay, as the record of what was.
pub(super) fn prune(directory: &Path, store: &Store, every: u64) -> Result<(), TrainError> {
    let checkpoints = store.checkpoints()?;
    let last = checkpoints.len().saturating_sub(1);
    for (position, checkpoint) in checkpoints.iter().enumerate() {
        let kept = position == 0
            || position == last
            || checkpoint
                .round
                .is_none_or(|round| (round + 1).is_multiple_of(every.max(1)));
        let path = directory.join(&checkpoint.path);
        if !kept && path.exists() {
            std::fs::remove_dir_all(&path).map_err(|source| TrainError::File {
                path,
                doing: "removing an old checkpoint",
                source,
            })?;
        }
    }
    Ok(())
}
