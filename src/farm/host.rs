//! Whoever runs a device can do more with it than whoever reaches it: keep its state and go back to it, start it anew.
//! A device of somebody else's has no host here; its tasks clean up what they know of, as the benchmark's do.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use crate::adb::Adb;
use crate::phone::{Phone, PhoneError, Snapshot};

/// How a device came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Back {
    /// As it is wanted, and what was connected to it still is.
    Still,
    /// As it is wanted, and must be connected to anew.
    Anew,
    /// There is no such state, any more or yet: its set-up is due.
    Unprepared,
}

/// Runs a device, keeps its state and goes back to it. Errors are words for people.
#[async_trait]
pub trait Host: Send + Sync {
    /// Has the device run, and says how it is reached where that is not by its serial.
    async fn start(&self) -> Result<Option<Adb>, String> {
        Ok(None)
    }

    /// Port of its control service (gRPC), where it is an emulator that has one.
    fn grpc_port(&self) -> Option<u16> {
        None
    }

    /// Whether it has been started, as far as is known.
    fn runs(&self) -> bool {
        true
    }

    /// What `adb::connect` calls the device now, where that is not its serial.
    fn address(&self) -> Option<String> {
        None
    }

    /// Keeps the state of now, instead of the one that was kept before; false where this host can't.
    async fn keep(&self) -> Result<bool, String>;

    /// Goes back to the state that was kept, and starts the device anew where it has died or its time has come. One
    /// whose state can't be kept is left as it is.
    async fn put_back(&self) -> Result<Back, String>;

    /// Ends the device, whatever it does, and starts it anew; it may come back without what was kept.
    async fn restart(&self) -> Result<(), String>;

    /// Ends the device for good.
    async fn stop(&self) {}
}

/// Runs a virtual phone.
pub(super) struct PhoneHost {
    phone: Arc<Phone>,
    kept: Mutex<Option<Arc<Snapshot>>>,
}

impl PhoneHost {
    /// Nothing is kept yet.
    pub(super) fn new(phone: Arc<Phone>) -> PhoneHost {
        PhoneHost {
            phone,
            kept: Mutex::default(),
        }
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Option<Arc<Snapshot>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Host for PhoneHost {
    async fn keep(&self) -> Result<bool, String> {
        let snapshot = self.phone.snapshot().await;
        let snapshot = snapshot.map_err(|error: PhoneError| error.to_string())?;
        *self.kept() = Some(Arc::new(snapshot));
        Ok(true)
    }

    async fn put_back(&self) -> Result<Back, String> {
        let kept = self.kept().clone();
        let Some(kept) = kept else {
            return Ok(Back::Unprepared);
        };
        let restored = self.phone.restore(&kept).await;
        restored
            .map(|()| Back::Still)
            .map_err(|error| error.to_string())
    }

    /// Going back shows the home screen, as a boot does.
    async fn restart(&self) -> Result<(), String> {
        self.put_back().await.map(|_| ())
    }
}
