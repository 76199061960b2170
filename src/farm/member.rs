//! One device of the pool: held for this process alone, opened when it is first wanted, kept while it works, repaired
//! when it was lost, left alone for growing times while it can't be.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::consent::until_recorded;
use super::host::Back;
use super::patience::QUARANTINE;
use super::refused::Refused;
use super::register::{Hold, Lease, Register};
use super::setup::Records;
use super::standing::{DeviceState, Standing, now};
use super::{FarmError, Host, Patience, Reboots};
use crate::channels::{ChannelOptions, Choice};
use crate::device::{Channels, Device, DeviceOptions};
use crate::domain::{Event, Observer};

/// How long a device that somebody else has is left alone before it is looked at again.
const TAKEN: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
struct State {
    device: Option<Device>,
    failures: u32,
    last: String,
    /// Why it may not be used.
    refused: Option<Refused>,
    standing: Option<Standing>,
    hold: Option<Arc<Hold>>,
    /// The names of the channels, fastest first, once they were measured.
    order: Option<[String; 3]>,
    /// Whether its host keeps the state after the set-up.
    kept: bool,
    /// `ro.serialno` of the device that answered first.
    hardware: Option<String>,
}

/// A device of the pool.
pub struct Member {
    pub(super) serial: String,
    pub(super) kind: &'static str,
    pub(super) options: DeviceOptions,
    pub(super) reboots: Reboots,
    pub(super) channels: ChannelOptions,
    patience: Patience,
    pub(super) observer: Observer,
    pub(super) host: Option<Arc<dyn Host>>,
    pub(super) tasks: Arc<[String]>,
    register: Option<(Register, String)>,
    pub(super) records: Option<Records>,
    state: Mutex<State>,
    /// Held by whoever opens or repairs it.
    mending: tokio::sync::Mutex<()>,
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
            reboots: Reboots::default(),
            channels: ChannelOptions::default(),
            patience,
            observer: Observer::default(),
            host: None,
            tasks: Arc::default(),
            register: None,
            records: None,
            state: Mutex::default(),
            mending: tokio::sync::Mutex::default(),
        }
    }

    /// The same device, telling of what happens to it.
    pub fn observed_by(mut self, observer: Observer) -> Member {
        self.observer = observer;
        self
    }

    /// The same device, run by this program.
    pub fn with_host(mut self, host: Arc<dyn Host>) -> Member {
        self.host = Some(host);
        self
    }

    /// The same device, which must have a record there where it is somebody's own phone.
    pub fn recorded_in(mut self, records: Option<Records>) -> Member {
        self.records = records;
        self
    }

    /// The same device, rebooted as a repair where that is allowed.
    pub fn with_reboots(mut self, reboots: Reboots) -> Member {
        self.reboots = reboots;
        self
    }

    /// The same device, seen and touched by these channels.
    pub fn through(mut self, channels: ChannelOptions) -> Member {
        self.channels = channels;
        self
    }

    /// The same device, held against other processes, which are told what for.
    pub fn held_in(mut self, register: Register, purpose: &str) -> Member {
        self.register = Some((register, purpose.to_owned()));
        self
    }

    /// The same device, refused where it can't do one of these tasks.
    pub fn for_tasks(mut self, tasks: Arc<[String]>) -> Member {
        self.tasks = tasks;
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

    /// How it stands.
    pub fn standing(&self) -> Standing {
        let standing = self.state().standing.clone();
        standing.unwrap_or_else(|| Standing::now(DeviceState::Absent, "it was not opened yet"))
    }

    /// Whether it was refused, or failed so often that it is no longer hoped for.
    pub fn is_given_up(&self) -> bool {
        let state = self.state();
        let failed = state.device.is_none() && state.failures >= self.patience.failures;
        failed || state.refused.is_some()
    }

    /// The error of a device that is no longer hoped for.
    pub fn given_up(&self) -> FarmError {
        let state = self.state();
        match &state.refused {
            Some(refused) => refused.error(&self.serial),
            None => FarmError::Quarantined {
                serial: self.serial.clone(),
                failures: state.failures,
                last: state.last.clone(),
            },
        }
    }

    /// Takes the device for this process, connects, repairs it where it failed before, looks whether it is well, and
    /// sets its apps up, once.
    ///
    /// # Errors
    /// When it can't be made ready; it counts as a failure.
    pub async fn open(self: &Arc<Self>) -> Result<Device, FarmError> {
        // Whoever asked may go away; what is begun on a device is ended.
        let member = self.clone();
        let opened = tokio::spawn(async move { member.open_alone().await }).await;
        opened.unwrap_or_else(|error| {
            Err(FarmError::Stopped {
                serial: self.serial.clone(),
                reason: error.to_string(),
            })
        })
    }

    async fn open_alone(&self) -> Result<Device, FarmError> {
        let _alone = self.mending.lock().await;
        if let Some(device) = &self.state().device {
            return Ok(device.clone());
        }
        if matches!(self.state().refused, Some(Refused::NoRoot(_))) {
            return Err(self.given_up());
        }
        let failures = self.failures();
        let result = match self.hold().await {
            Ok(()) => {
                self.stands(DeviceState::Preparing, "opening");
                self.repair(failures).await;
                self.open_now().await
            }
            Err(error) => Err(error),
        };
        match result {
            Ok(device) => {
                self.state().device = Some(device.clone());
                self.state().refused = None;
                let kind = if failures == 0 { "ready" } else { "back" };
                let place = self.ready_at();
                self.stands(DeviceState::Ready, &place);
                let channels = device.channels().names().join(", ");
                let place = match place.as_str() {
                    "" => place,
                    place => format!("{place}, "),
                };
                self.tell(
                    kind,
                    format!(
                        "{place}screen {}, seen and touched by {channels}",
                        device.screen()
                    ),
                );
                Ok(device)
            }
            Err(error) => {
                match Refused::by(&error) {
                    Some(refused) => self.refuse(&refused),
                    None if matches!(error, FarmError::Held { .. }) => {
                        self.taken(&error.to_string());
                    }
                    None => self.failed(&error.to_string(), DeviceState::after(&error)),
                }
                Err(error)
            }
        }
    }

    /// Takes the device for this process.
    async fn hold(&self) -> Result<(), FarmError> {
        let Some((register, purpose)) = &self.register else {
            return Ok(());
        };
        if self.state().hold.is_some() {
            return Ok(());
        }
        let (register, serial) = (register.clone(), self.serial.clone());
        let (kind, purpose) = (self.kind, purpose.clone());
        // It waits for others a little.
        let hold =
            tokio::task::spawn_blocking(move || register.hold(&serial, kind, &purpose)).await;
        let hold = hold.unwrap_or_else(|error| {
            Err(FarmError::Stopped {
                serial: self.serial.clone(),
                reason: error.to_string(),
            })
        })?;
        self.state().hold = Some(Arc::new(hold));
        Ok(())
    }

    /// `ro.serialno` of the device that answered first.
    pub(super) fn hardware(&self) -> Option<String> {
        self.state().hardware.clone()
    }

    /// Holds the answer against the device that answered first.
    pub(super) fn recognize(&self, hardware: &str) -> Result<(), FarmError> {
        let mut state = self.state();
        let known = state.hardware.get_or_insert_with(|| hardware.to_owned());
        match known == hardware {
            true => Ok(()),
            false => Err(FarmError::Swapped {
                serial: self.serial.clone(),
                before: known.clone(),
                now: hardware.to_owned(),
            }),
        }
    }

    /// The ways in which the device is seen and touched, measured when it is opened for the first time.
    pub(super) async fn channels(&self, device: &Device) -> Result<Channels, FarmError> {
        let mut options = self.channels.clone();
        if let Some(port) = self.host.as_ref().and_then(|host| host.grpc_port()) {
            options.grpc_port = Some(port);
        }
        let known = self.state().order.clone();
        if let Some([picture, tree, input]) = known {
            options.picture = Choice::parse(&picture);
            options.tree = Choice::parse(&tree);
            options.input = Choice::parse(&input);
        }
        let candidates = crate::channels::open(device.adb(), &options)?;
        if !candidates.is_open() {
            return Ok(candidates.ranked());
        }
        let (channels, rows) = candidates.measured().await;
        for row in &rows {
            tracing::debug!(serial = self.serial, ?row, "channel");
        }
        self.state().order = Some(channels.order().map(|names| names.join(",")));
        Ok(channels)
    }

    /// Puts the device back into the state that it had after its set-up, where that can be done: what
    /// ran on it before then shows nowhere, and every device of a kind starts an episode alike. Returns the device to go
    /// on with: whoever runs it may have started it anew.
    ///
    /// # Errors
    /// When it can't be put back now; it counts as lost.
    pub async fn put_back(self: &Arc<Self>, device: Device) -> Result<Device, FarmError> {
        let Some(host) = &self.host else {
            return Ok(device);
        };
        let done = match self.hosted(host.put_back().await) {
            Ok(Back::Still) => return Ok(device),
            Ok(Back::Anew) => self.reached_anew().await,
            Ok(Back::Unprepared) => {
                self.state().device = None;
                self.keeps(false);
                // What fails here is counted there.
                return self.open().await;
            }
            Err(error) => Err(error),
        };
        match done {
            Ok(device) => {
                self.state().device = Some(device.clone());
                Ok(device)
            }
            Err(error) => {
                self.failed(&error.to_string(), DeviceState::Offline);
                Err(error)
            }
        }
    }

    /// The device after it was started anew, seen and touched as before.
    async fn reached_anew(&self) -> Result<Device, FarmError> {
        let device = self.reached().await?;
        // It may have been kept, or have booted, as `shell`.
        device.adb().become_root().await?;
        let channels = self.channels(&device).await?;
        Ok(device.with_channels(channels))
    }

    pub(super) fn is_kept(&self) -> bool {
        self.state().kept
    }

    pub(super) fn keeps(&self, kept: bool) {
        self.state().kept = kept;
    }

    pub(super) fn hosted<T>(&self, result: Result<T, String>) -> Result<T, FarmError> {
        result.map_err(|reason| FarmError::Host {
            serial: self.serial.clone(),
            reason,
        })
    }

    /// The device, repaired and opened again where it was lost, with growing waits between attempts. Never gives up,
    /// and returns for one that was refused only once there is a record of it: whoever waits looks at [`Member::is_given_up`].
    pub async fn ready(self: &Arc<Self>) -> Device {
        loop {
            let (failures, refused) = {
                let state = self.state();
                if let Some(device) = &state.device {
                    return device.clone();
                }
                (state.failures, state.refused.clone())
            };
            match refused {
                // What the run needs does not change.
                Some(Refused::NoRoot(_)) => std::future::pending::<()>().await,
                Some(Refused::NoRecord(refusal)) => {
                    until_recorded(&refusal, self.patience.longest_wait).await;
                }
                None if failures > 0 => tokio::time::sleep(self.patience.wait(failures)).await,
                None => {}
            }
            match self.open().await {
                Ok(device) => return device,
                Err(FarmError::Held { .. }) => tokio::time::sleep(TAKEN).await,
                Err(_) => {}
            }
        }
    }

    /// The device is used for something until a time from now.
    pub fn leased(&self, what: &str, longest: Duration) {
        let lease = Lease {
            what: what.to_owned(),
            until: now().saturating_add(i64::try_from(longest.as_millis()).unwrap_or(i64::MAX)),
        };
        self.say(DeviceState::Busy, what, Some(lease));
    }

    /// The device was lost in the middle of something.
    pub fn lost(&self, reason: &str) {
        self.failed(reason, DeviceState::Offline);
    }

    /// The device did its work: earlier failures no longer count.
    pub fn worked(&self) {
        self.state().failures = 0;
        self.stands(DeviceState::Ready, &self.ready_at());
    }

    /// The use of it ended without saying anything of it.
    pub fn returned(&self) {
        if self.state().device.is_some() {
            self.stands(DeviceState::Ready, &self.ready_at());
        }
    }

    /// Where a device that goes by another name is now.
    fn ready_at(&self) -> String {
        let address = self.host.as_ref().and_then(|host| host.address());
        address.map_or_else(String::new, |address| format!("it is {address} now"))
    }

    /// What `adb::connect` takes for it.
    pub(super) fn address(&self) -> String {
        let address = self.host.as_ref().and_then(|host| host.address());
        address.unwrap_or_else(|| self.serial.clone())
    }

    /// Somebody else has it, which is no failure of the device: it is neither repaired for that nor given up.
    fn taken(&self, reason: &str) {
        let before = self.standing();
        self.stands(DeviceState::Busy, reason);
        if before.state != DeviceState::Busy {
            self.tell("taken", reason.to_owned());
        }
    }

    /// It may not be used: nothing is done on it, and it is given back, for whoever has use for it or sets it up.
    fn refuse(&self, refused: &Refused) {
        let before = {
            let mut state = self.state();
            state.device = None;
            state.refused.replace(refused.clone())
        };
        let reason = refused.reason();
        self.stands(DeviceState::Refused, &reason);
        let hold = self.state().hold.take();
        drop(hold);
        if before.as_ref() != Some(refused) {
            self.tell("refused", reason);
        }
    }

    fn failed(&self, reason: &str, state: DeviceState) {
        let failures = {
            let mut state = self.state();
            state.device = None;
            state.refused = None;
            state.failures += 1;
            state.last = reason.to_owned();
            state.failures
        };
        let state = match failures {
            ..QUARANTINE => state,
            _ => DeviceState::Quarantined,
        };
        self.stands(state, reason);
        self.tell("lost", reason.to_owned());
        if failures < QUARANTINE {
            return;
        }
        let wait = self.patience.wait(failures);
        self.tell(
            "quarantined",
            format!(
                "after {failures} failures in a row; it is looked at again in {} s",
                wait.as_secs_f64().ceil()
            ),
        );
    }

    /// What is done to repair it, for whoever looks.
    pub(super) fn repairs(&self, what: &str) {
        self.stands(DeviceState::Preparing, what);
        self.tell("repair", what.to_owned());
    }

    pub(super) fn stands(&self, state: DeviceState, reason: &str) {
        self.say(state, reason, None);
    }

    fn say(&self, state: DeviceState, reason: &str, lease: Option<Lease>) {
        let (standing, hold) = {
            let mut own = self.state();
            let standing = match &own.standing {
                Some(before) => before.then(state, reason),
                None => Standing::now(state, reason),
            };
            own.standing = Some(standing.clone());
            (standing, own.hold.clone())
        };
        if let Some(hold) = hold {
            hold.say(&standing, lease);
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
