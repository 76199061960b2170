//! One device of the pool: opened when it is first wanted, kept while it works, opened again after it
//! was lost, given up after too many failures in a row.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{FarmError, Rewind};
use crate::adb;
use crate::device::{Device, DeviceOptions};
use crate::domain::{Event, Observer};
use crate::tasks;

/// How much is put up with.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Wait before the first new attempt after a loss; it doubles with every failure.
    pub first_wait: Duration,
    /// Longest wait.
    pub longest_wait: Duration,
    /// Failures in a row after which a device is given up.
    pub failures: u32,
}

impl Default for Patience {
    /// A device that reboots (a minute or two) is waited for; one that stays away costs ten minutes.
    fn default() -> Patience {
        Patience {
            first_wait: Duration::from_millis(250),
            longest_wait: Duration::from_secs(60),
            failures: 16,
        }
    }
}

#[derive(Debug, Default)]
struct State {
    device: Option<Device>,
    failures: u32,
    last: String,
    /// Whether the state after the set-up is kept.
    kept: bool,
}

/// A device of the pool.
pub struct Member {
    serial: String,
    kind: &'static str,
    options: DeviceOptions,
    patience: Patience,
    observer: Observer,
    rewind: Option<Arc<dyn Rewind>>,
    state: Mutex<State>,
}

impl Member {
    /// A device that has not been opened.
    pub fn new(
        serial: String,
        kind: &'static str,
        options: DeviceOptions,
        patience: Patience,
    ) -> Member {
        Member {
            serial,
            kind,
            options,
            patience,
            observer: Observer::default(),
            rewind: None,
            state: Mutex::default(),
        }
    }

    /// The same device, telling of what happens to it.
    pub fn observed_by(mut self, observer: Observer) -> Member {
        self.observer = observer;
        self
    }

    /// The same device, which can be put back.
    pub fn with_rewind(mut self, rewind: Arc<dyn Rewind>) -> Member {
        self.rewind = Some(rewind);
        self
    }

    /// The serial.
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// `virtual`, `emulator`, `network` or `usb`.
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// Failures in a row.
    pub fn failures(&self) -> u32 {
        self.state().failures
    }

    /// Connects, reads the screen's size and sets the apps up, once.
    ///
    /// # Errors
    /// When the device does not answer or can't be set up; it counts as a failure.
    pub async fn open(&self) -> Result<Device, FarmError> {
        match self.open_now().await {
            Ok(device) => {
                let before = {
                    let mut state = self.state();
                    state.device = Some(device.clone());
                    state.failures
                };
                let kind = if before == 0 { "ready" } else { "back" };
                self.tell(kind, format!("screen {}", device.screen()));
                Ok(device)
            }
            Err(error) => {
                self.failed(&error.to_string());
                Err(error)
            }
        }
    }

    async fn open_now(&self) -> Result<Device, FarmError> {
        if let Some(rewind) = self.rewind.as_ref().filter(|_| !self.state().kept) {
            // A set-up that broke off begins anew, so that it ends like any other.
            self.rewound(rewind.put_back().await)?;
        }
        let adb = adb::connect(&self.serial).await?;
        let device = Device::open(adb, self.options.clone()).await?;
        tasks::prepare(&device)
            .await
            .map_err(|source| FarmError::SetUp {
                serial: self.serial.clone(),
                source,
            })?;
        if let Some(rewind) = self.rewind.as_ref().filter(|_| !self.state().kept) {
            self.rewound(rewind.keep().await)?;
            self.state().kept = true;
        }
        Ok(device)
    }

    /// Puts the device back into the state that it had after its set-up, where that can be done: what
    /// ran on it before then shows nowhere, and every device of a kind starts an episode alike.
    ///
    /// # Errors
    /// When it can't be put back now; it counts as lost.
    pub async fn put_back(&self) -> Result<(), FarmError> {
        let Some(rewind) = self.rewind.as_ref().filter(|_| self.state().kept) else {
            return Ok(());
        };
        let done = self.rewound(rewind.put_back().await);
        if let Err(error) = &done {
            self.failed(&error.to_string());
        }
        done
    }

    fn rewound(&self, result: Result<(), String>) -> Result<(), FarmError> {
        result.map_err(|reason| FarmError::Rewind {
            serial: self.serial.clone(),
            reason,
        })
    }

    /// The device, opened again where it was lost, with growing waits between attempts.
    ///
    /// # Errors
    /// [`FarmError::Quarantined`] after too many failures in a row.
    pub async fn ready(&self) -> Result<Device, FarmError> {
        loop {
            let failures = {
                let state = self.state();
                if let Some(device) = &state.device {
                    return Ok(device.clone());
                }
                if state.failures >= self.patience.failures {
                    return Err(FarmError::Quarantined {
                        serial: self.serial.clone(),
                        failures: state.failures,
                        last: state.last.clone(),
                    });
                }
                state.failures
            };
            if failures > 0 {
                let doubled = self
                    .patience
                    .first_wait
                    .saturating_mul(1 << (failures - 1).min(20));
                tokio::time::sleep(doubled.min(self.patience.longest_wait)).await;
            }
            if let Ok(device) = self.open().await {
                return Ok(device);
            }
        }
    }

    /// The device was lost in the middle of something.
    pub fn lost(&self, reason: &str) {
        self.failed(reason);
    }

    /// The device did its work: earlier failures no longer count.
    pub fn worked(&self) {
        self.state().failures = 0;
    }

    fn failed(&self, reason: &str) {
        let given_up = {
            let mut state = self.state();
            state.device = None;
            state.failures += 1;
            state.last = reason.to_owned();
            state.failures >= self.patience.failures
        };
        self.tell("lost", reason.to_owned());
        if given_up {
            self.tell(
                "quarantined",
                format!("after {} failures in a row", self.patience.failures),
            );
        }
    }

    fn tell(&self, kind: &'static str, detail: String) {
        self.observer.tell(&Event::Device {
            serial: self.serial.clone(),
            kind,
            detail,
        });
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // Nothing panics while the lock is held, and the state would be sound if it did.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
