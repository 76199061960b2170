//! Who may start an emulator now: a few at a time, and only while the machine has what one needs. Emulators that boot
//! together make each other late, and one too many has all of them killed. Uses `emulator`.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::EmulatorsError;
use crate::emulator::{Needs, Sdk};

/// The starts of one farm or command.
#[derive(Debug)]
pub struct Starts {
    turns: Semaphore,
    needs: Needs,
    /// Memory of those that start: they have been let in, and do not use it yet.
    promised_mb: AtomicU64,
}

/// Leave to start one; it counts as starting until this is dropped.
#[derive(Debug)]
pub struct Start<'a> {
    starts: &'a Starts,
    _turn: SemaphorePermit<'a>,
}

impl Starts {
    /// So many at the same time, each with what it needs.
    pub fn new(at_once: usize, needs: Needs) -> Starts {
        Starts {
            turns: Semaphore::new(at_once.max(1)),
            needs,
            promised_mb: AtomicU64::new(0),
        }
    }

    /// Waits for a turn, and looks whether the machine has what an emulator needs.
    ///
    /// # Errors
    /// When it has not; the error names what is missing and the way out.
    pub async fn turn(&self, sdk: &Sdk, avds: &Path) -> Result<Start<'_>, EmulatorsError> {
        // Nobody closes it.
        let turn = self.turns.acquire().await;
        let turn = turn.map_err(|_| EmulatorsError::Interrupted)?;
        let mine = self.needs.memory_mb;
        // Promised before it is looked, so that two that look at once both see the other.
        let others = self.promised_mb.fetch_add(mine, Ordering::SeqCst);
        let start = Start {
            starts: self,
            _turn: turn,
        };
        self.needs.check(sdk, avds, others).await?;
        Ok(start)
    }
}

impl Drop for Start<'_> {
    fn drop(&mut self) {
        let mine = self.starts.needs.memory_mb;
        self.starts.promised_mb.fetch_sub(mine, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_so_many_start_at_once_and_memory_is_promised_once() {
        let place = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(place.path().join("emulator")).unwrap();
        std::fs::write(place.path().join("emulator/emulator"), "").unwrap();
        let sdk = Sdk::at(place.path()).unwrap();
        let needs = Needs {
            memory_mb: 1,
            disk_mb: 0,
            acceleration: false,
        };
        let starts = Starts::new(2, needs);
        let first = starts.turn(&sdk, place.path()).await.unwrap();
        let second = starts.turn(&sdk, place.path()).await.unwrap();
        assert_eq!(starts.promised_mb.load(Ordering::SeqCst), 2);
        assert!(starts.turns.try_acquire().is_err());
        drop(first);
        assert!(starts.turns.try_acquire().is_ok());
        drop(second);
        assert_eq!(starts.promised_mb.load(Ordering::SeqCst), 0);
        // One that is refused has given its turn and its promise back.
        let starts = Starts::new(
            1,
            Needs {
                memory_mb: 1 << 40,
                ..needs
            },
        );
        for _ in 0..2 {
            assert!(starts.turn(&sdk, place.path()).await.is_err());
        }
        assert_eq!(starts.promised_mb.load(Ordering::SeqCst), 0);
    }
}
