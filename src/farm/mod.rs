//! The pool of devices: virtual phones that it starts, and devices by serial. Each one is opened,
//! set up once, probed after a loss and left alone for growing times while it does not answer. May
//! use `device`, `tasks` (for the first set-up), `adb`, `config`; the one room besides the command
//! line that starts virtual phones.

pub mod emulators;
mod member;
mod rewind;

use std::sync::Arc;
use std::time::Duration;

use crate::adb::{AdbError, Deadlines};
use crate::config::{Clock, Devices, SettleKind};
use crate::device::{DeviceError, DeviceOptions, Settle};
use crate::domain::{Observer, ScreenSize};
use crate::phone::{ClockMode, Phone, PhoneError, PhoneOptions};
use crate::tasks::TaskError;

pub use member::{Member, Patience};
use rewind::PhoneRewind;
pub use rewind::Rewind;

/// Why there are no devices.
#[derive(Debug, thiserror::Error)]
pub enum FarmError {
    /// A virtual phone did not start.
    #[error("virtual phone {number} did not start: {source}")]
    Phone {
        /// Which one, from 1.
        number: u32,
        /// Why.
        source: PhoneError,
    },
    /// The configured screen size makes no sense.
    #[error("devices.virtual.size {0:?} is not of the form WIDTHxHEIGHT, as in 540x1200")]
    Size(String),
    /// A device does not answer.
    #[error(transparent)]
    Connect(#[from] AdbError),
    /// A device answers, but does not do what it must.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// The apps of a device could not be set up.
    #[error("device {serial} could not be set up: {source}")]
    SetUp {
        /// The device.
        serial: String,
        /// Why.
        source: TaskError,
    },
    /// A device that can be put back could not be.
    #[error("device {serial} could not be put back into the state after its set-up: {reason}")]
    Rewind {
        /// The device.
        serial: String,
        /// Why.
        reason: String,
    },
    /// A device failed too often in a row.
    #[error("device {serial} is given up after {failures} failures in a row; the last one: {last}")]
    Quarantined {
        /// The device.
        serial: String,
        /// How often.
        failures: u32,
        /// What happened last.
        last: String,
    },
}

/// The devices of a run.
pub struct Farm {
    members: Vec<Arc<Member>>,
    // The phones stop with the farm.
    phones: Vec<Arc<Phone>>,
}

impl Farm {
    /// Starts virtual phones where no serials are given; opens and sets up every device, all at
    /// once. A device that does not answer now is left out with a note as long as another one does.
    ///
    /// # Errors
    /// When a virtual phone does not start, or no device answers.
    pub async fn start(
        config: &Devices,
        seed: u64,
        patience: Patience,
        observer: &Observer,
    ) -> Result<Farm, FarmError> {
        let phones = if config.serials.is_empty() {
            start_phones(config, seed).await?
        } else {
            Vec::new()
        };
        let options = device_options(config);
        let named = config
            .serials
            .iter()
            .map(|serial| (serial.clone(), kind_of(serial)));
        let started = phones.iter().map(|phone| (phone.serial(), "virtual"));
        let mut members = Vec::new();
        for (position, (serial, kind)) in started.chain(named).enumerate() {
            let member = Member::new(serial.clone(), kind, options.clone(), patience);
            let mut member = member.observed_by(observer.clone());
            if let Some(phone) = phones.get(position) {
                let rewind = Arc::new(PhoneRewind::new(phone.clone()));
                // As it was started, in case that its set-up breaks off.
                let kept = rewind.keep().await;
                kept.map_err(|reason| FarmError::Rewind { serial, reason })?;
                member = member.with_rewind(rewind);
            }
            members.push(Arc::new(member));
        }
        let mut opening = tokio::task::JoinSet::new();
        for member in &members {
            let member = member.clone();
            opening.spawn(async move { member.open().await });
        }
        let mut last_error = None;
        let mut ready = 0;
        while let Some(result) = opening.join_next().await {
            match result {
                Ok(Ok(_)) => ready += 1,
                Ok(Err(error)) => last_error = Some(error),
                // A panic in an opening shows as a missing device; the message is on stderr.
                Err(_) => {}
            }
        }
        match last_error {
            Some(error) if ready == 0 => Err(error),
            _ => Ok(Farm { members, phones }),
        }
    }

    /// The devices.
    pub fn members(&self) -> &[Arc<Member>] {
        &self.members
    }

    /// The virtual phones among them, for whoever plans faults.
    pub fn phones(&self) -> &[Arc<Phone>] {
        &self.phones
    }
}

async fn start_phones(config: &Devices, seed: u64) -> Result<Vec<Arc<Phone>>, FarmError> {
    let size = ScreenSize::parse(&config.virtual_phones.size)
        .ok_or_else(|| FarmError::Size(config.virtual_phones.size.clone()))?;
    let mut phones = Vec::new();
    for number in 0..config.virtual_phones.count {
        let options = PhoneOptions {
            size,
            // Phones of one run are alike: which of them runs an episode must not matter.
            seed,
            clock: match config.virtual_phones.clock {
                Clock::Steps => ClockMode::Steps,
                Clock::Real => ClockMode::Real,
            },
            ..PhoneOptions::default()
        };
        let phone = Phone::start(options)
            .await
            .map_err(|source| FarmError::Phone {
                number: number + 1,
                source,
            })?;
        phones.push(Arc::new(phone));
    }
    Ok(phones)
}

/// What a serial says about its device.
fn kind_of(serial: &str) -> &'static str {
    if serial.starts_with("emulator-") {
        "emulator"
    } else if serial.contains(':') {
        "network"
    } else {
        "usb"
    }
}

/// How the configuration wants devices to be driven.
pub fn device_options(config: &Devices) -> DeviceOptions {
    let millis = Duration::from_millis;
    DeviceOptions {
        settle: match config.settle {
            SettleKind::Stable => Settle::Stable {
                equal: config.settle_equal,
                interval: millis(config.settle_interval_ms),
                deadline: millis(config.settle_deadline_ms),
            },
            SettleKind::Pause => Settle::Pause(millis(config.settle_pause_ms)),
            SettleKind::Idle => Settle::Idle,
        },
        focus_pause: millis(config.focus_pause_ms),
        wait: millis(config.wait_ms),
        deadlines: Deadlines {
            shell: millis(config.deadline_ms),
            capture: millis(config.deadline_ms),
            ..Deadlines::default()
        },
        ..DeviceOptions::default()
    }
}
