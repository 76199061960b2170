//! How an emulator is started: its command line and environment.

use std::ffi::OsString;
use std::path::Path;

use super::EmulatorError;
use super::definition::is_name;
use super::ports::Ports;

/// From what an emulator starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// A full boot.
    Cold,
    /// A snapshot of this name; the emulator gives up when it can't be loaded.
    Snapshot(String),
}

/// How an emulator is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaunchOptions {
    /// The AVD.
    pub avd: String,
    /// Whether what happens on it lasts. Then it is the only emulator of its AVD, and can save snapshots.
    pub writable: bool,
    /// From what it starts.
    pub start: Start,
    /// First console port that is tried.
    pub first_port: u16,
    /// Whether its control service (gRPC) is on.
    pub grpc: bool,
    /// Whether it shows a window.
    pub window: bool,
    /// How it draws: `swiftshader_indirect`, `host`, `off`.
    pub gpu: String,
    /// Memory in megabytes, if not the AVD's.
    pub memory_mb: Option<u32>,
    /// Further options of the emulator.
    pub further: Vec<String>,
}

impl LaunchOptions {
    /// A headless emulator that forgets what happens on it and ends with this program.
    pub fn new(avd: &str) -> LaunchOptions {
        LaunchOptions {
            avd: avd.to_owned(),
            writable: false,
            start: Start::Cold,
            first_port: super::FIRST_PORT,
            grpc: true,
            window: false,
            gpu: "swiftshader_indirect".to_owned(),
            memory_mb: None,
            further: Vec::new(),
        }
    }

    /// Refuses a snapshot that is not there, before minutes are spent on a boot.
    pub(super) fn check(&self, directory: &Path) -> Result<(), EmulatorError> {
        let Start::Snapshot(name) = &self.start else {
            return Ok(());
        };
        let there = is_name(name) && directory.join("snapshots").join(name).is_dir();
        match there {
            true => Ok(()),
            false => Err(EmulatorError::Snapshot {
                name: name.clone(),
                avd: self.avd.clone(),
                reason: "it is not there; start the AVD with --writable and without a snapshot, then save it with \
                         `stepdroid emulators snapshot save`"
                    .to_owned(),
            }),
        }
    }

    /// The emulator's command line.
    pub(super) fn arguments(&self, ports: &Ports) -> Vec<OsString> {
        let mut words: Vec<String> = vec!["-avd".into(), self.avd.clone()];
        words.push("-ports".into());
        words.push(format!("{},{}", ports.console, ports.adb));
        if self.grpc {
            words.extend(["-grpc".into(), ports.grpc.to_string()]);
        }
        if !self.writable {
            words.push("-read-only".into());
        }
        match &self.start {
            Start::Cold => words.push("-no-snapshot".into()),
            Start::Snapshot(name) => {
                // Saved by word only: a kill must leave a snapshot as it was.
                words.extend(
                    [
                        "-snapshot",
                        name,
                        "-force-snapshot-load",
                        "-no-snapshot-save",
                    ]
                    .map(str::to_owned),
                );
            }
        }
        if !self.window {
            words.push("-no-window".into());
        }
        words.extend(["-no-audio", "-no-boot-anim", "-gpu", &self.gpu].map(str::to_owned));
        if let Some(memory) = self.memory_mb {
            words.extend(["-memory".into(), memory.to_string()]);
        }
        words.extend(self.further.iter().cloned());
        words.into_iter().map(OsString::from).collect()
    }
}
