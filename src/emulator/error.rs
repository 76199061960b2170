//! Why an emulator can't be had, each with what to do.

use std::io;
use std::path::{Path, PathBuf};

/// Why an emulator did not start or does not do what it must.
#[derive(Debug, thiserror::Error)]
pub enum EmulatorError {
    /// No SDK with an emulator in it.
    #[error(
        "no Android SDK with an emulator was found ({looked}); install the command line tools, run \
         `sdkmanager emulator platform-tools`, and set ANDROID_HOME to the SDK's directory"
    )]
    NoSdk {
        /// Where it was looked for.
        looked: String,
    },
    /// The system image of a definition is not installed.
    #[error(
        "the system image of AVD {name} is not installed: there is no {}; install it with \
         `sdkmanager \"{package}\"`", .directory.display()
    )]
    NoImage {
        /// The AVD.
        name: String,
        /// Where it would be.
        directory: PathBuf,
        /// What `sdkmanager` calls it.
        package: String,
    },
    /// A definition that makes no sense.
    #[error("{path}: {reason}")]
    Definition {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No such AVD.
    #[error(
        "there is no AVD {name:?} in {} (there: {known}); make it with `stepdroid emulators create`, or set \
         ANDROID_AVD_HOME", .home.display()
    )]
    NoAvd {
        /// The name that was asked for.
        name: String,
        /// Where AVDs are.
        home: PathBuf,
        /// Those that are there.
        known: String,
    },
    /// An AVD of this name is there.
    #[error(
        "there is an AVD {name:?} in {} already; take another name with --name, or --force to replace it and all \
         that is on it", .home.display()
    )]
    AvdExists {
        /// The name.
        name: String,
        /// Where AVDs are.
        home: PathBuf,
    },
    /// An AVD that another emulator writes to.
    #[error(
        "AVD {name:?} is in use by process {pid}; stop that emulator, or start this one without --writable"
    )]
    AvdBusy {
        /// The name.
        name: String,
        /// Who has it.
        pid: i32,
    },
    /// A snapshot that is not there, or can't be saved or loaded.
    #[error("snapshot {name:?} of AVD {avd:?}: {reason}")]
    Snapshot {
        /// The snapshot.
        name: String,
        /// The AVD.
        avd: String,
        /// Why.
        reason: String,
    },
    /// Too little memory for another emulator.
    #[error(
        "{free_mb} MB of memory are free (without {promised_mb} MB of others that are starting), and an emulator needs \
         {needed_mb} MB: start fewer emulators, end what else takes memory, or set \
         devices.emulators.needs_memory_mb (--needs-memory) lower if that is too much for this AVD"
    )]
    NoMemory {
        /// Free, in megabytes.
        free_mb: u64,
        /// Of those that start.
        promised_mb: u64,
        /// Wanted.
        needed_mb: u64,
    },
    /// Too little disk for an AVD.
    #[error(
        "{}: {free_mb} MB of the disk are free, and an emulator needs {needed_mb} MB: free some, set ANDROID_AVD_HOME to \
         another disk, or set devices.emulators.needs_disk_mb (--needs-disk) lower", .path.display()
    )]
    NoDisk {
        /// Where the AVDs are.
        path: PathBuf,
        /// Free, in megabytes.
        free_mb: u64,
        /// Wanted.
        needed_mb: u64,
    },
    /// No hardware virtualization.
    #[error("the emulator can't use hardware virtualization ({reason}); {fix}")]
    NoAcceleration {
        /// The emulator's words.
        reason: String,
        /// What helps.
        fix: &'static str,
    },
    /// Every port is taken.
    #[error(
        "no ports are free for another emulator: console ports go from {first} to {last} in steps of two, each with \
         the next one for ADB and the one 3000 above for gRPC; `stepdroid emulators status` shows who has them"
    )]
    NoPorts {
        /// First console port.
        first: u16,
        /// Last console port.
        last: u16,
    },
    /// A file or directory that can't be used.
    #[error("{}: {doing} failed: {source}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// The program could not be started.
    #[error("{} can't be started: {source}; reinstall it with `sdkmanager emulator`", .program.display())]
    Spawn {
        /// The program.
        program: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The process ended by itself.
    #[error("emulator-{console} ended ({status}): {cause}; its log is {}", .log.display())]
    Ended {
        /// Console port.
        console: u16,
        /// Exit status, as far as it is known.
        status: String,
        /// Why, as far as its log tells.
        cause: Cause,
        /// Its log.
        log: PathBuf,
    },
    /// It runs, and is not ready in time.
    #[error("emulator-{console} was not ready within {seconds} s: {missing}; its log is {}", .log.display())]
    NotReady {
        /// Console port.
        console: u16,
        /// The deadline.
        seconds: u64,
        /// What was still missing.
        missing: String,
        /// Its log.
        log: PathBuf,
    },
    /// The console does not answer as it should.
    #[error("the console of emulator-{console}: {reason}")]
    Console {
        /// Console port.
        console: u16,
        /// What went wrong.
        reason: String,
    },
    /// The control service does not answer as it should.
    #[error("the gRPC service on port {port}: {reason}")]
    Control {
        /// Its port.
        port: u16,
        /// What went wrong.
        reason: String,
    },
    /// Processes that survive everything.
    #[error(
        "emulator-{console}: processes {pids:?} live on after SIGKILL; they wait for a disk or a device of this \
         machine, which only a restart of it may end"
    )]
    Alive {
        /// Console port.
        console: u16,
        /// Which.
        pids: Vec<i32>,
    },
    /// Not one of ours.
    #[error(
        "{serial:?} is no emulator that stepdroid started; `stepdroid emulators status` lists them"
    )]
    Unknown {
        /// What was asked for.
        serial: String,
    },
}

impl EmulatorError {
    pub(super) fn file(path: &Path, doing: &'static str, source: io::Error) -> EmulatorError {
        EmulatorError::File {
            path: path.to_path_buf(),
            doing,
            source,
        }
    }

    /// Whether the snapshot is missing or can't be loaded.
    pub fn is_snapshot(&self) -> bool {
        matches!(
            self,
            EmulatorError::Snapshot { .. }
                | EmulatorError::Ended {
                    cause: Cause::Snapshot,
                    ..
                }
        )
    }

    /// Whether other ports may help.
    pub fn is_port_taken(&self) -> bool {
        matches!(
            self,
            EmulatorError::Ended {
                cause: Cause::PortTaken,
                ..
            }
        )
    }
}

/// Why an emulator ended, as its log tells it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// Somebody else listens on its ports.
    #[error("another program has its ports; start it again for others")]
    PortTaken,
    /// Another emulator writes to the AVD.
    #[error(
        "another emulator runs on this AVD; stop that one, or start this one without --writable"
    )]
    AvdInUse,
    /// The AVD is unknown to the emulator.
    #[error("it does not find the AVD; set ANDROID_AVD_HOME to where it is")]
    UnknownAvd,
    /// Its image is gone.
    #[error("it does not find the AVD's system image; install it with sdkmanager")]
    NoImage,
    /// No hardware virtualization.
    #[error(
        "it can't use hardware virtualization; make /dev/kvm usable (`sudo usermod -aG kvm $USER`, then log in again)"
    )]
    NoAcceleration,
    /// The disk is full.
    #[error("the disk is too full; free some 8 GB")]
    NoSpace,
    /// The snapshot could not be loaded.
    #[error(
        "it could not load the snapshot; make it anew with `stepdroid emulators snapshot save`"
    )]
    Snapshot,
    /// Killed from outside, for instance for want of memory.
    #[error(
        "it was killed (signal {0}); if nobody did it, the machine was short of memory: start fewer emulators"
    )]
    Killed(i32),
    /// Its last words.
    #[error("{0}")]
    Other(String),
}

/// Words of the emulator's log, in small letters, and what they mean. The first one that is found counts.
const SIGNS: [(&str, Cause); 12] = [
    (
        "running multiple emulators with the same avd",
        Cause::AvdInUse,
    ),
    ("another emulator instance", Cause::AvdInUse),
    ("unknown avd name", Cause::UnknownAvd),
    ("cannot find avd system path", Cause::NoImage),
    ("broken avd system path", Cause::NoImage),
    ("requires hardware acceleration", Cause::NoAcceleration),
    ("/dev/kvm", Cause::NoAcceleration),
    ("not enough space", Cause::NoSpace),
    ("not enough disk space", Cause::NoSpace),
    ("no space left on device", Cause::NoSpace),
    ("too many emulator instances", Cause::PortTaken),
    ("address already in use", Cause::PortTaken),
];

impl Cause {
    /// What a log says about an end.
    pub fn of_log(log: &str, signal: Option<i32>) -> Cause {
        // A kill from outside is not explained by anything that was written before it.
        if let Some(signal) = signal.filter(|signal| *signal == 9) {
            return Cause::Killed(signal);
        }
        let small = log.to_lowercase();
        if let Some((_, cause)) = SIGNS.iter().find(|(sign, _)| small.contains(sign)) {
            return cause.clone();
        }
        if small.contains("snapshot")
            && (small.contains("failed to load") || small.contains("does not exist"))
        {
            return Cause::Snapshot;
        }
        if let Some(signal) = signal {
            return Cause::Killed(signal);
        }
        let last = log.lines().rev().find(|line| !line.trim().is_empty());
        Cause::Other(match last {
            Some(line) => format!("its last words: {}", line.trim()),
            None => "it said nothing".to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_tell_why_an_emulator_ended() {
        let multiple = "INFO    | Found systemPath /sdk/system-images\n\
                        ERROR   | Running multiple emulators with the same AVD \n\
                        ERROR   | is an experimental feature.\n\
                        ERROR   | Please use -read-only flag to enable this feature.\n";
        for (log, signal, cause) in [
            (multiple, None, Cause::AvdInUse),
            (
                "ERROR   | Unknown AVD name [x], use -list-avds to see valid list.",
                None,
                Cause::UnknownAvd,
            ),
            (
                "PANIC: Cannot find AVD system path. Please define ANDROID_SDK_ROOT",
                None,
                Cause::NoImage,
            ),
            (
                "ERROR   | x86_64 emulation currently requires hardware acceleration!",
                None,
                Cause::NoAcceleration,
            ),
            (
                "FATAL   | Not enough space to create userdata partition.",
                None,
                Cause::NoSpace,
            ),
            (
                "ERROR   | It seems too many emulator instances are running on this machine. Aborting.",
                None,
                Cause::PortTaken,
            ),
            (
                "WARNING | Failed to load snapshot 'ready'",
                None,
                Cause::Snapshot,
            ),
            ("INFO    | booting", Some(9), Cause::Killed(9)),
            ("INFO    | booting", Some(11), Cause::Killed(11)),
            (
                "a\nlast one\n\n",
                None,
                Cause::Other("its last words: last one".into()),
            ),
            ("", None, Cause::Other("it said nothing".into())),
        ] {
            assert_eq!(Cause::of_log(log, signal), cause, "{log}");
        }
    }
}
