//! One writer per run: a lock on a file that the operating system takes back when the process dies.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use super::StoreError;

/// How often a held lock is tried again, and after how long. A child process that is being started has a
/// copy of every open file until its program begins: for that moment it holds a lock that was given back.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(20);

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
        for _ in 0..TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(RunLock { _file: file }),
                Err(TryLockError::WouldBlock) => sleep(PAUSE),
                Err(TryLockError::Error(error)) => {
                    return Err(StoreError::io(&path, "taking the lock", error));
                }
            }
        }
        Err(StoreError::Locked(directory.to_path_buf()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_that_is_given_back_in_a_moment_is_taken() {
        let directory = tempfile::tempdir().unwrap();
        let held = RunLock::take(directory.path()).unwrap();
        let releasing = std::thread::spawn(move || {
            sleep(2 * PAUSE);
            drop(held);
        });
        let again = RunLock::take(directory.path());
        releasing.join().unwrap();
        assert!(again.is_ok(), "{again:?}");
        assert!(matches!(
            RunLock::take(directory.path()),
            Err(StoreError::Locked(_))
        ));
    }
}
