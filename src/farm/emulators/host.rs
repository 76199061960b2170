//! Emulators as devices of a farm: each started when it is first wanted, put back between episodes, launched anew when
//! its time has come or it has died, and ended with the farm. Uses `config`, `emulator` and the rest of this folder.
//!
//! An emulator with an AVD of its own keeps the state after its set-up in a snapshot, and loads it before each
//! episode. A read-only copy can't: its images are temporary overlays, which know no other snapshot than the one it was
//! launched from, so that nothing can be saved on it, and what it could go back to lies before the set-up. Between
//! episodes it is left as it is, as somebody else's device is; a renewal is its way back.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::{ApkList, BUILT_IN_APKS, EmulatorsError, Owned, Reach, Renewal, Starts};
use crate::adb::Adb;
use crate::config::{AvdKind, EmulatorDevices, ReachKind};
use crate::emulator::{
    AvdHome, BUILT_IN, Definition, EmulatorError, Instance, LaunchOptions, Needs, Sdk, Start,
    StateDirectory,
};
use crate::farm::host::{Back, Host};
use crate::farm::register::{Hold, Register};
use crate::farm::standing::{DeviceState, Standing};

/// The snapshot that the state after the set-up is kept in.
const KEPT: &str = "stepdroid";

/// Runs one emulator.
#[derive(Debug)]
pub struct EmulatorHost {
    name: String,
    /// Whether its AVD is its own.
    own: bool,
    emulator: tokio::sync::Mutex<Emulator>,
    /// The serial of the one that runs.
    address: Mutex<Option<String>>,
    /// Port of its control service; 0 where it has none.
    grpc: AtomicU16,
    register: Register,
    ended: CancellationToken,
}

#[derive(Debug)]
struct Emulator {
    owned: Owned,
    /// From what it starts while nothing is kept.
    start: Start,
    kept: bool,
    /// Keeps the ports' own serial from others, while it runs.
    hold: Option<Hold>,
}

/// The emulators of a configuration, none of them started. AVDs of their own are made where they are missing; what a
/// crash of an earlier run left is ended.
///
/// # Errors
/// When there is no SDK, a definition or a list of APKs makes no sense, or an AVD is missing and can't be made.
pub async fn hosts(
    config: &EmulatorDevices,
    register: &Register,
    ended: &CancellationToken,
) -> Result<Vec<Arc<EmulatorHost>>, EmulatorsError> {
    let sdk = match &*config.sdk {
        "" => Sdk::find()?,
        root => Sdk::at(Path::new(root)).ok_or_else(|| EmulatorError::NoSdk {
            looked: format!("devices.emulators.sdk: {root} has no emulator/emulator"),
        })?,
    };
    let home = match &*config.avd_home {
        "" => AvdHome::find()?,
        path => AvdHome::at(&absolute(path)?),
    };
    let state = match &*config.state {
        "" => StateDirectory::find()?,
        path => StateDirectory::at(&absolute(path)?),
    };
    for (record, result) in Instance::clean(&state).await {
        match result {
            Ok(how) => tracing::info!(serial = record.serial(), ?how, "left by an earlier run"),
            Err(error) => tracing::warn!(%error, "left by an earlier run"),
        }
    }
    let apks = apks(config)?;
    let needs = Needs {
        memory_mb: config.needs_memory_mb,
        disk_mb: config.needs_disk_mb,
        acceleration: !config.options.iter().any(|option| {
            matches!(option.as_str(), "-accel" | "-no-accel") || option.starts_with("-accel=")
        }),
    };
    let starts = Arc::new(Starts::new(config.at_once as usize, needs));
    let mut hosts = Vec::new();
    for number in 1..=config.count {
        let avd = match config.avds {
            AvdKind::Own => format!("{}-{number}", config.avd),
            AvdKind::Shared => config.avd.clone(),
        };
        match config.avds {
            AvdKind::Own => make(&avd, &config.definition, &sdk, &home)?,
            AvdKind::Shared => home.avd(&avd).map(|_| ())?,
        }
        let mut owned = Owned::new(
            (sdk.clone(), home.clone(), state.clone()),
            options(config, &avd),
            match config.reach {
                ReachKind::Server => Reach::Server,
                ReachKind::Direct => Reach::Direct,
            },
            Duration::from_secs(config.patience_s),
            Renewal {
                uses: config.renew_uses,
                age: Duration::from_secs_f64(config.renew_hours * 3600.0),
            },
        )
        .with_starts(starts.clone())
        .with_cancel(ended.clone());
        if let Some((list, folder)) = &apks {
            owned = owned.with_apks(list.clone(), folder.clone());
        }
        hosts.push(Arc::new(EmulatorHost {
            name: format!("avd:{}#{number}", config.avd),
            own: config.avds == AvdKind::Own,
            emulator: tokio::sync::Mutex::new(Emulator {
                start: owned.options().start.clone(),
                owned,
                kept: false,
                hold: None,
            }),
            address: Mutex::default(),
            grpc: AtomicU16::new(0),
            register: register.clone(),
            ended: ended.clone(),
        }));
    }
    Ok(hosts)
}

/// An emulator has another working directory.
fn absolute(path: &str) -> Result<PathBuf, EmulatorsError> {
    std::path::absolute(path).map_err(|error| EmulatorsError::List {
        path: path.to_owned(),
        reason: error.to_string(),
    })
}

fn apks(config: &EmulatorDevices) -> Result<Option<(ApkList, PathBuf)>, EmulatorsError> {
    if config.apks.is_empty() {
        return Ok(None);
    }
    let list = match &*config.apps {
        "" => ApkList::parse(BUILT_IN_APKS, "the built-in list of apps")?,
        path => {
            let text = std::fs::read_to_string(path).map_err(|error| EmulatorsError::List {
                path: path.to_owned(),
                reason: format!("can't be read: {error}"),
            })?;
            ApkList::parse(&text, path)?
        }
    };
    Ok(Some((list, PathBuf::from(&config.apks))))
}

/// Makes an AVD that is not there.
fn make(avd: &str, definition: &str, sdk: &Sdk, home: &AvdHome) -> Result<(), EmulatorsError> {
    if home.list().iter().any(|there| there == avd) {
        return Ok(());
    }
    let mut definition = match definition {
        "" => Definition::parse(BUILT_IN, "the built-in definition")?,
        path => Definition::read(Path::new(path))?,
    };
    avd.clone_into(&mut definition.name);
    home.create(&definition, sdk, false)?;
    tracing::info!(avd, "AVD made");
    Ok(())
}

fn options(config: &EmulatorDevices, avd: &str) -> LaunchOptions {
    LaunchOptions {
        writable: config.avds == AvdKind::Own,
        start: match &*config.snapshot {
            "" => Start::Cold,
            name => Start::Snapshot(name.to_owned()),
        },
        first_port: config.first_port,
        grpc: config.grpc,
        gpu: config.gpu.clone(),
        memory_mb: (config.memory_mb > 0).then_some(config.memory_mb),
        further: config.options.clone(),
        ..LaunchOptions::new(avd)
    }
}

impl EmulatorHost {
    /// What the store and the register call it, whatever its ports.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Launches it from what was kept, else from where it starts; a full boot where that snapshot is gone. Whether it
    /// is in the state that was kept.
    async fn launch(&self, emulator: &mut Emulator) -> Result<bool, EmulatorsError> {
        self.runs_no_more(emulator);
        let start = match emulator.kept {
            true => Start::Snapshot(KEPT.to_owned()),
            false => emulator.start.clone(),
        };
        emulator.owned.start_from(start.clone());
        let mut launched = emulator.owned.relaunch().await;
        if let Err(EmulatorsError::Emulator(error)) = &launched
            && error.is_snapshot()
            && start != Start::Cold
        {
            tracing::info!(device = self.name, %error, "a full boot instead");
            emulator.kept = false;
            emulator.owned.start_from(Start::Cold);
            launched = emulator.owned.relaunch().await;
        }
        launched?;
        self.runs(emulator);
        Ok(emulator.kept)
    }

    fn runs(&self, emulator: &mut Emulator) {
        let address = emulator.owned.address();
        let serial = emulator.owned.instance().map(Instance::serial);
        if let Some(serial) = serial {
            // Whoever waits for another emulator at these ports must not take this one for it.
            match self.register.hold(&serial, "emulator", &self.name) {
                Ok(hold) => {
                    let what = format!("it is {}", self.name);
                    hold.say(&Standing::now(DeviceState::Busy, what), None);
                    emulator.hold = Some(hold);
                }
                Err(error) => tracing::warn!(device = self.name, %error, "its ports are not held"),
            }
        }
        let record = emulator.owned.instance().map(Instance::record);
        let port = record.and_then(|record| record.grpc).unwrap_or(0);
        self.grpc.store(port, Ordering::Relaxed);
        *self.place() = address;
    }

    fn runs_no_more(&self, emulator: &mut Emulator) {
        emulator.hold = None;
        *self.place() = None;
    }

    fn place(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.address.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As [`Host::put_back`], for an emulator that runs and answers.
    async fn back(&self, emulator: &mut Emulator) -> Result<Back, EmulatorsError> {
        let Some(instance) = emulator.owned.instance() else {
            return Ok(Back::Unprepared);
        };
        let avd = instance.record().avd.clone();
        // One that is frozen shows here, before an episode is spent on it.
        let mut console = instance.console().await?;
        if !emulator.kept {
            return Ok(match self.own {
                // Its set-up broke off, or was never begun.
                true => Back::Unprepared,
                false => Back::Still,
            });
        }
        console.load_snapshot(&avd, KEPT).await?;
        emulator.owned.reconnected().await?;
        Ok(Back::Anew)
    }

    /// Ends it now, without waiting; for when nobody can.
    pub fn end_at_once(&self) {
        if let Ok(mut emulator) = self.emulator.try_lock() {
            self.runs_no_more(&mut emulator);
            emulator.owned.abandon();
        }
    }
}

#[async_trait]
impl Host for EmulatorHost {
    fn runs(&self) -> bool {
        self.place().is_some()
    }

    fn address(&self) -> Option<String> {
        self.place().clone()
    }

    fn grpc_port(&self) -> Option<u16> {
        Some(self.grpc.load(Ordering::Relaxed)).filter(|port| *port != 0)
    }

    async fn start(&self) -> Result<Option<Adb>, String> {
        let mut emulator = self.emulator.lock().await;
        if let Ok(Some(adb)) = emulator.owned.way() {
            return Ok(Some(adb));
        }
        let launched = self.launch(&mut emulator).await;
        launched.map_err(|error| error.to_string())?;
        emulator.owned.way().map_err(|error| error.to_string())
    }

    async fn keep(&self) -> Result<bool, String> {
        if !self.own {
            return Ok(false);
        }
        let mut emulator = self.emulator.lock().await;
        let Some(instance) = emulator.owned.instance() else {
            return Err("it does not run".to_owned());
        };
        let avd = instance.record().avd.clone();
        let saved = async {
            let mut console = instance.console().await?;
            console.save_snapshot(&avd, KEPT).await
        };
        saved.await.map_err(|error| error.to_string())?;
        emulator.kept = true;
        Ok(true)
    }

    async fn put_back(&self) -> Result<Back, String> {
        let mut emulator = self.emulator.lock().await;
        let used_up = emulator.owned.used_up();
        let failed = match emulator.owned.way() {
            // It is started when it is reached for; where a state is kept, that is what it starts from.
            Ok(None) if !emulator.kept => return Ok(Back::Unprepared),
            Ok(None) => None,
            Ok(Some(_)) if used_up => {
                tracing::info!(device = self.name, "emulator renewed");
                None
            }
            Ok(Some(_)) => match self.back(&mut emulator).await {
                Ok(back) => return Ok(back),
                Err(error) => Some(error),
            },
            Err(error) => Some(error.into()),
        };
        if let Some(error) = failed {
            tracing::warn!(device = self.name, %error, "emulator launched again");
        }
        match self.launch(&mut emulator).await {
            Ok(true) => {
                // This is its first use; after a set-up anew the next time of being put back is.
                emulator.owned.used_up();
                Ok(Back::Anew)
            }
            Ok(false) => Ok(Back::Unprepared),
            Err(error) => Err(error.to_string()),
        }
    }

    async fn restart(&self) -> Result<(), String> {
        let mut emulator = self.emulator.lock().await;
        let launched = self.launch(&mut emulator).await;
        launched.map(|_| ()).map_err(|error| error.to_string())
    }

    async fn stop(&self) {
        self.ended.cancel();
        let mut emulator = self.emulator.lock().await;
        self.runs_no_more(&mut emulator);
        if let Err(error) = emulator.owned.stop().await {
            tracing::warn!(device = self.name, %error, "emulator not stopped");
        }
    }
}
