//! Checkpoints: policy bundles in the run directory, named in the store. The row comes after the
//! files: a bundle without a row is not there yet, and is written again.

use std::path::Path;
use std::sync::Arc;

use super::{RunDirectory, TrainError, Trainer};
use crate::policy::{Bundle, BundleError, PolicyError};
use crate::store::{Checkpoint, Store, StoreError, is_full};

/// What a full disk interrupts.
const DOING: &str = "writing a checkpoint";

/// Writes a bundle into the run directory and says what the store has to know. The store's row is
/// written later, with the round that made the weights.
fn save_checkpoint(
    directory: &Path,
    store: &Store,
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
    store.admits(&folder, DOING)?;
    bundle.save(&folder).map_err(|error| match error {
        PolicyError::Bundle(BundleError::File { path, source }) if is_full(&source) => {
            StoreError::Full { path, doing: DOING }.into()
        }
        error => TrainError::from(error),
    })?;
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
        description_hash: Bundle::description_hash(&folder)
            .map_err(crate::policy::PolicyError::from)?,
    })
}

impl Trainer {
    /// Writes a checkpoint's files; they are written anew as a whole where there was no room for all of them.
    pub(super) async fn save(
        &self,
        bundle: Bundle,
        round: Option<u64>,
    ) -> Result<Checkpoint, TrainError> {
        let bundle = Arc::new(bundle);
        let saved = || {
            let (directory, store) = (self.directory().to_path_buf(), self.store().clone());
            let bundle = bundle.clone();
            let saved = tokio::task::spawn_blocking(move || {
                save_checkpoint(&directory, &store, &bundle, round)
            });
            async { saved.await.map_err(|_| TrainError::Panicked)? }
        };
        self.disk().keep(saved).await
    }
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
/// [`TrainError::BrokenCheckpoint`] names the file that is missing, damaged or another's.
pub fn load_checkpoint(directory: &Path, checkpoint: &Checkpoint) -> Result<Bundle, TrainError> {
    let path = directory.join(&checkpoint.path);
    let broken = |reason: String| TrainError::BrokenCheckpoint {
        path: path.clone(),
        reason,
        way_out: way_out(directory, checkpoint),
    };
    let bundle = Bundle::load(&path).map_err(|error| broken(error.to_string()))?;
    if bundle.version != checkpoint.policy_version {
        return Err(broken(format!(
            "it has version {}, the run's database says {}",
            bundle.version, checkpoint.policy_version
        )));
    }
    if !checkpoint.description_hash.is_empty() {
        let found = Bundle::description_hash(&path).map_err(|error| broken(error.to_string()))?;
        if found != checkpoint.description_hash {
            return Err(broken(format!(
                "{} is not the one that the run wrote",
                path.join("policy.toml").display()
            )));
        }
    }
    Ok(bundle)
}

/// What can be done about a checkpoint that can't be used.
fn way_out(directory: &Path, checkpoint: &Checkpoint) -> String {
    let earlier = (0..checkpoint.policy_version)
        .rev()
        .map(|version| directory.join(RunDirectory::checkpoint_path(version)))
        .find(|path| Bundle::load(path).is_ok());
    match earlier {
        Some(path) => format!(
            "put it back from a copy, or begin a new run with the one before it: --set policy.bundle={}",
            path.display()
        ),
        None => "put it back from a copy, or begin a new run".to_owned(),
    }
}

/// Removes the files of checkpoints that are neither the first, nor the newest, nor one of the `ahead`
/// before it, which may act yet, nor of a round that `every` divides. Their rows stay, as the record of
/// what was.
pub(super) fn prune(
    directory: &Path,
    store: &Store,
    every: u64,
    ahead: u64,
) -> Result<(), TrainError> {
    let checkpoints = store.checkpoints()?;
    let last = checkpoints.len().saturating_sub(1);
    for (position, checkpoint) in checkpoints.iter().enumerate() {
        let kept = position == 0
            || position as u64 + ahead >= last as u64
            || checkpoint
                .round
                .is_none_or(|round| (round + 1).is_multiple_of(every.max(1)));
        let path = directory.join(&checkpoint.path);
        if kept {
            continue;
        }
        match std::fs::remove_dir_all(&path) {
            // Gone before, or at this moment to make room.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            removed => removed.map_err(|source| TrainError::File {
                path,
                doing: "removing an old checkpoint",
                source,
            })?,
        }
    }
    Ok(())
}
