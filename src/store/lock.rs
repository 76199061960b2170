//! One writer per run: a lock on a file that the operating system takes back when the process dies.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use super::StoreError;

/// Held while a process writes to a run.
#[derive(Debug)]
pub struct RunLock {
    _file: File,
}

impl RunLock {
    /// Takes the lock of a run directory.
    ///
    /// # Errors
    /// [`StoreError::Locked`] where another process has it.
    pub fn take(directory: &Path) -> Result<RunLock, StoreError> {
        let path = directory.join("run.lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| StoreError::io(&path, "opening the lock", error))?;
        match file.try_lock() {
            Ok(()) => Ok(RunLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Locked(directory.to_path_buf())),
            Err(TryLockError::Error(error)) => Err(StoreError::io(&path, "taking the lock", error)),
        }
    }
}
