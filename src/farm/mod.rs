//! The pool of devices: virtual phones that it starts, and devices by serial or of an adb server. Each one is held
//! against other processes, opened, set up once, repaired after a loss and left alone for growing times while it does
//! not answer. May use `device`, `tasks` (for the first set-up), `adb`, `config`; the one room besides the command
//! line that starts virtual phones.

mod consent;
pub mod emulators;
mod host;
mod member;
mod opening;
mod patience;
mod purpose;
mod refused;
mod register;
mod repair;
pub mod setup;
mod standing;
mod survey;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::adb::{self, AdbError, Deadlines, ServerAddress};
use crate::channels::{ChannelOptions, Choice, ChoiceError};
use crate::config::{Clock, Devices, RebootKind, SettleKind, WithoutRootKind};
use crate::device::{DeviceError, DeviceOptions, Settle, WithoutRoot};
use crate::domain::{Event, Observer, ScreenSize};
use crate::phone::{ClockMode, Phone, PhoneError, PhoneOptions};
use crate::tasks::TaskError;

pub use consent::{Refusal, consent};
use emulators::EmulatorHost;
use host::PhoneHost;
pub use host::{Back, Host};
pub use member::Member;
pub use patience::Patience;
pub use purpose::Purpose;
pub use register::{Entry, Hold, Lease, Record, Register, canonical};
pub use standing::{DeviceState, Standing};
pub use survey::{Holder, Places, Surveyed, survey};

/// Which devices may be rebooted as a repair.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reboots {
    /// None.
    Never,
    /// Emulators; phones that this program runs are started anew in any case.
    #[default]
    Emulators,
    /// All: a person's phone may want its code after it.
    Always,
}

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
    /// The shell of a device is not root. It stays so until people change it.
    #[error("device {serial} has no root: {reason}")]
    NoRoot {
        /// The device.
        serial: String,
        /// What needs it, and what to do.
        reason: String,
    },
    /// A device that this program runs could not be started.
    #[error("device {serial} could not be started: {reason}")]
    Start {
        /// The device.
        serial: String,
        /// Why.
        reason: String,
    },
    /// The emulators of the configuration can't be had.
    #[error("[devices.emulators]: {0}")]
    Emulators(#[from] emulators::EmulatorsError),
    /// A device that this program runs could not be put back.
    #[error("device {serial} could not be put back into the state after its set-up: {reason}")]
    Host {
        /// The device.
        serial: String,
        /// Why.
        reason: String,
    },
    /// Another device than before answers at a serial.
    #[error(
        "another device answers at {serial}: its serial number was {before}, now it is {now}; put the old one back, or \
         start anew with this one"
    )]
    Swapped {
        /// The serial.
        serial: String,
        /// `ro.serialno` of the one that answered first.
        before: String,
        /// `ro.serialno` of the one that answers.
        now: String,
    },
    /// Somebody else has the device.
    #[error(
        "device {serial} is used by {by}; stop that, or leave the device out (`stepdroid devices` shows all)"
    )]
    Held {
        /// The device.
        serial: String,
        /// Who.
        by: String,
    },
    /// Somebody's own phone without a record of how it was.
    #[error("device {} is not used: {}", .0.serial, .0.reason)]
    Refused(Refusal),
    /// The register of devices can't be used.
    #[error("{}: {reason}", .path.display())]
    Register {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// One device under two serials.
    #[error("devices.serials: {one} and {other} are the same device; leave one of them out")]
    Twice {
        /// One serial.
        one: String,
        /// The other.
        other: String,
    },
    /// No device was configured that is there.
    #[error(
        "no device: the adb servers of devices.servers have none; connect one, or start `stepdroid phone`"
    )]
    None,
    /// Work on a device stopped unexpectedly; its message is on standard error.
    #[error("device {serial}: opening it stopped unexpectedly ({reason}); please report this")]
    Stopped {
        /// The device.
        serial: String,
        /// What is known.
        reason: String,
    },
    /// A channel that is not there.
    #[error("devices.channels: {0}")]
    Channel(#[from] ChoiceError),
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

impl FarmError {
    /// Whether the device is refused for good.
    pub fn is_refusal(&self) -> bool {
        matches!(self, FarmError::Refused(_) | FarmError::NoRoot { .. })
    }
}

/// The devices of a run.
pub struct Farm {
    members: Vec<Arc<Member>>,
    // The phones stop with the farm.
    phones: Vec<Arc<Phone>>,
    emulators: Owners,
    patience: Patience,
}

/// The emulators of a farm. They end with it, for certain: at the latest when this is dropped.
struct Owners {
    hosts: Vec<Arc<EmulatorHost>>,
    ended: CancellationToken,
}

impl Drop for Owners {
    fn drop(&mut self) {
        // What is being started breaks off; whoever stopped them before has left nothing.
        self.ended.cancel();
        for host in &self.hosts {
            host.end_at_once();
        }
    }
}

impl Farm {
    /// The devices of a configuration, opened: [`Farm::of`] and [`Farm::open`].
    ///
    /// # Errors
    /// As theirs.
    pub async fn start(
        config: &Devices,
        seed: u64,
        purpose: impl Into<Purpose>,
        patience: Patience,
        observer: &Observer,
    ) -> Result<Farm, FarmError> {
        let farm = Farm::of(config, seed, purpose, patience, observer).await?;
        farm.open().await?;
        Ok(farm)
    }

    /// The devices of a configuration, none of which is open yet. Virtual phones are started where nothing else is
    /// configured. `purpose` is what the devices are used for; one that can't do all of its tasks is refused.
    ///
    /// # Errors
    /// When a virtual phone does not start, one device is configured twice, or there is none.
    pub async fn of(
        config: &Devices,
        seed: u64,
        purpose: impl Into<Purpose>,
        patience: Patience,
        observer: &Observer,
    ) -> Result<Farm, FarmError> {
        let Purpose { what, tasks } = purpose.into();
        let tasks: Arc<[String]> = tasks.into();
        let serials = named(config, observer).await?;
        let phones = if config.starts_virtual_phones() {
            start_phones(config, seed).await?
        } else {
            Vec::new()
        };
        let register = Register::find()?;
        let records = consent::wanted(config)?;
        let options = device_options(config);
        let member = |serial: String, kind| {
            let channels = channel_options(config, &serial);
            Member::new(serial, kind, options.clone(), patience)
                .through(channels)
                .observed_by(observer.clone())
                .with_reboots(reboots(config))
                .held_in(register.clone(), &what)
                .for_tasks(tasks.clone())
        };
        let ended = CancellationToken::new();
        let others = !phones.is_empty() || !serials.is_empty();
        let emulators = Owners {
            hosts: start_emulators(config, &register, &ended, others, observer).await?,
            ended,
        };
        let mut members = Vec::new();
        for phone in &phones {
            let host = Arc::new(PhoneHost::new(phone.clone()));
            let member = member(phone.serial(), "virtual");
            // As it was started, in case that its set-up breaks off.
            member.hosted(host.keep().await)?;
            members.push(Arc::new(member.with_host(host)));
        }
        for serial in serials {
            let kind = kind_of(&serial);
            members.push(Arc::new(member(serial, kind).recorded_in(records.clone())));
        }
        for host in &emulators.hosts {
            let member = member(host.name().to_owned(), "emulator");
            members.push(Arc::new(member.with_host(host.clone())));
        }
        if members.is_empty() {
            return Err(FarmError::None);
        }
        Ok(Farm {
            members,
            phones,
            emulators,
            patience,
        })
    }

    /// Opens and sets up every device, all at once. Those that are not ready within the patience's grace after the
    /// first one are opened while the others work.
    ///
    /// # Errors
    /// When none can be opened.
    pub async fn open(&self) -> Result<(), FarmError> {
        opening::open_all(&self.members, self.patience).await
    }

    /// Ends what was started for the farm and does not end by itself, all at once. The farm is of no use then.
    pub async fn stop(&self) {
        self.emulators.ended.cancel();
        let mut stopping = tokio::task::JoinSet::new();
        for host in &self.emulators.hosts {
            let host = host.clone();
            stopping.spawn(async move { host.stop().await });
        }
        stopping.join_all().await;
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

/// The serials that a configuration names, and those of its adb servers' devices.
async fn named(config: &Devices, observer: &Observer) -> Result<Vec<String>, FarmError> {
    let mut serials: Vec<String> = Vec::new();
    let mut add = |serial: String, twice: bool| -> Result<(), FarmError> {
        let same = |other: &&String| canonical(other) == canonical(&serial);
        match serials.iter().find(same) {
            // What a server has beside what is named is the same device, and no mistake.
            Some(_) if twice => {}
            Some(other) => {
                return Err(FarmError::Twice {
                    one: other.clone(),
                    other: serial,
                });
            }
            None => serials.push(serial),
        }
        Ok(())
    };
    for serial in &config.serials {
        add(serial.clone(), false)?;
    }
    for text in &config.servers {
        let server = ServerAddress::parse(text)?;
        let listed = match adb::list_devices_of(&server).await {
            Ok(listed) => listed,
            Err(error) if config.serials.is_empty() && config.servers.len() == 1 => {
                return Err(error.into());
            }
            // The other devices can be used all the same.
            Err(error) => {
                observer.tell(&Event::Note(format!("{error}; its devices are left out")));
                continue;
            }
        };
        let here = ServerAddress::from_environment().ok();
        for device in listed {
            let serial = match here.as_ref() == Some(&server) {
                true => device.serial,
                false => format!("{}:{}/{}", server.host, server.port, device.serial),
            };
            add(serial, true)?;
        }
    }
    Ok(serials)
}

/// Emulators as they are configured; none is started yet. Where there are other devices, they go on without.
async fn start_emulators(
    config: &Devices,
    register: &Register,
    ended: &CancellationToken,
    others: bool,
    observer: &Observer,
) -> Result<Vec<Arc<EmulatorHost>>, FarmError> {
    if config.emulators.count == 0 {
        return Ok(Vec::new());
    }
    match emulators::hosts(&config.emulators, register, ended).await {
        Ok(hosts) => Ok(hosts),
        Err(error) if others => {
            observer.tell(&Event::Note(format!(
                "no emulators: {error}; the other devices go on without them"
            )));
            Ok(Vec::new())
        }
        Err(error) => Err(error.into()),
    }
}

fn reboots(config: &Devices) -> Reboots {
    match config.reboot {
        RebootKind::Never => Reboots::Never,
        RebootKind::Emulators => Reboots::Emulators,
        RebootKind::Always => Reboots::Always,
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
pub fn kind_of(serial: &str) -> &'static str {
    let serial = serial.split_once('/').map_or(serial, |(_, device)| device);
    if serial.starts_with("usb:") {
        "usb"
    } else if serial.starts_with("emulator-") {
        "emulator"
    } else if serial.contains(':') {
        "network"
    } else {
        "usb"
    }
}

/// How the configuration wants a device to be seen and touched.
pub fn channel_options(config: &Devices, serial: &str) -> ChannelOptions {
    let channels = &config.channels;
    let jar = |path: &String| (!path.is_empty()).then(|| PathBuf::from(path));
    ChannelOptions {
        scrcpy_jar: jar(&channels.scrcpy_jar),
        uiautomator2_jar: jar(&channels.uiautomator2_jar),
        forwarder: channels.forwarder,
        grpc_port: channels.grpc.get(serial).copied(),
        picture: Choice::parse(&channels.picture),
        tree: Choice::parse(&channels.tree),
        input: Choice::parse(&channels.input),
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
        without_root: match config.without_root {
            WithoutRootKind::Refuse => WithoutRoot::Refuse,
            WithoutRootKind::Run => WithoutRoot::Run,
        },
        ..DeviceOptions::default()
    }
}
