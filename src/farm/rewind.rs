//! Putting a device back: whoever starts a device can keep its state and go back to it. A device of
//! somebody else's can't be put back; its tasks then clean up what they know of, as the benchmark's do.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use crate::phone::{Phone, PhoneError, Snapshot};

/// Keeps a device's state and goes back to it.
#[async_trait]
pub trait Rewind: Send + Sync {
    /// Keeps the state of now, instead of the one that was kept before.
    ///
    /// # Errors
    /// Why it can't be done, for people.
    async fn keep(&self) -> Result<(), String>;

    /// Goes back to the state that was kept; nothing where none was.
    ///
    /// # Errors
    /// Why it can't be done, for people.
    async fn put_back(&self) -> Result<(), String>;
}

/// A virtual phone's kept state.
pub(super) struct PhoneRewind {
    phone: Arc<Phone>,
    kept: Mutex<Option<Arc<Snapshot>>>,
}

impl PhoneRewind {
    /// Nothing is kept yet.
    pub(super) fn new(phone: Arc<Phone>) -> PhoneRewind {
        PhoneRewind {
            phone,
            kept: Mutex::default(),
        }
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Option<Arc<Snapshot>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Rewind for PhoneRewind {
    async fn keep(&self) -> Result<(), String> {
        let snapshot = self.phone.snapshot().await;
        let snapshot = snapshot.map_err(|error: PhoneError| error.to_string())?;
        *self.kept() = Some(Arc::new(snapshot));
        Ok(())
    }

    async fn put_back(&self) -> Result<(), String> {
        let kept = self.kept().clone();
        match kept {
            Some(kept) => self.phone.restore(&kept).await.map_err(|e| e.to_string()),
            None => Ok(()),
        }
    }
}
