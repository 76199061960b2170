//! The register of devices that the processes of this user share: who holds a device, and how it stands. A hold is a
//! lock on a file, which the operating system takes back when its process dies; beside it lies a record for whoever
//! looks. Uses `domain` for nothing and the file system for everything.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::FarmError;
use super::standing::{DeviceState, Standing, now};

/// How often a held lock is tried again, and after how long: whoever looks at the register holds a lock for a moment,
/// and a process that is being started has a copy of every open file until its program begins.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(20);
/// How long a device that failed is known of, in milliseconds.
const WEEK: i64 = 7 * 24 * 3600 * 1000;
/// Longest record that is read, in bytes.
const LONGEST: u64 = 64 << 10;

/// A device in the register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Its serial, as `adb::connect` takes it.
    pub serial: String,
    /// `virtual`, `emulator`, `network` or `usb`.
    pub kind: String,
    /// How it stands, as its holder said last.
    pub standing: Standing,
    /// What it does, while it is busy.
    pub lease: Option<Lease>,
    /// Process that holds or held it.
    pub pid: u32,
    /// What that process does with it, e.g. `train runs/step`.
    pub purpose: String,
}

impl Record {
    /// Whether the device is gone with the process that holds it, having been started by it.
    fn is_of_its_process(&self) -> bool {
        self.kind == "virtual" || self.serial.starts_with("avd:")
    }

    /// Whether it is worth knowing of when nobody holds it: one that is bad or was refused, for as long as that is news.
    fn stays(&self) -> bool {
        matches!(
            self.standing.state,
            DeviceState::Quarantined | DeviceState::Refused
        ) && !self.is_of_its_process()
            && now().saturating_sub(self.standing.since) < WEEK
    }
}

/// One use of a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// What runs, e.g. a task's name.
    pub what: String,
    /// When it must have ended, in milliseconds since 1970.
    pub until: i64,
}

/// A record, and whether its process still holds the device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The record.
    pub record: Record,
    /// Whether it is held.
    pub held: bool,
}

/// The register's directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Register(PathBuf);

impl Register {
    /// `$XDG_STATE_HOME/stepdroid/register`, else below `~/.local/state`.
    ///
    /// # Errors
    /// When there is no home directory.
    pub fn find() -> Result<Register, FarmError> {
        let named = std::env::var_os("XDG_STATE_HOME").filter(|value| !value.is_empty());
        let base = named
            .map(PathBuf::from)
            .or_else(|| Some(std::env::home_dir()?.join(".local/state")));
        let base = base.ok_or_else(|| FarmError::Register {
            path: PathBuf::from("~/.local/state"),
            reason: "neither XDG_STATE_HOME nor HOME is set; set one of them".to_owned(),
        })?;
        Ok(Register(base.join("stepdroid/register")))
    }

    /// A directory of one's own.
    pub fn at(path: &Path) -> Register {
        Register(path.to_path_buf())
    }

    /// Takes a device for this process alone, until the hold is dropped. Two serials of one device of this machine
    /// (`emulator-5554` and `127.0.0.1:5555`) are the same.
    ///
    /// # Errors
    /// [`FarmError::Held`] where another process, or another part of this one, has it; [`FarmError::Register`] when
    /// the register can't be written.
    pub fn hold(&self, serial: &str, kind: &str, purpose: &str) -> Result<Hold, FarmError> {
        let path = self.path(serial, "lock");
        let failed = |error: io::Error| FarmError::Register {
            path: path.clone(),
            reason: format!("{error}; the register of devices must be writable"),
        };
        fs::create_dir_all(&self.0).map_err(failed)?;
        for attempt in 0..TRIES {
            if attempt > 0 {
                std::thread::sleep(PAUSE);
            }
            let file = open(&path).map_err(failed)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => continue,
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
            // Whoever held it may have removed the file after it was opened here: such a lock keeps nobody out.
            let (opened, named) = (file.metadata().map_err(failed)?, fs::metadata(&path));
            if named.is_ok_and(|named| (named.dev(), named.ino()) == (opened.dev(), opened.ino())) {
                let record = Record {
                    serial: serial.to_owned(),
                    kind: kind.to_owned(),
                    standing: Standing::now(DeviceState::Preparing, ""),
                    lease: None,
                    pid: std::process::id(),
                    purpose: purpose.to_owned(),
                };
                let hold = Hold {
                    register: self.clone(),
                    record: Arc::new(Mutex::new(record)),
                    _lock: file,
                };
                hold.write();
                return Ok(hold);
            }
        }
        let record = self.read(&self.path(serial, "json"));
        Err(FarmError::Held {
            serial: serial.to_owned(),
            by: record.map_or_else(
                || "another process".to_owned(),
                |record| format!("process {} ({})", record.pid, record.purpose),
            ),
        })
    }

    /// What is in the register, by serial. Of devices that nobody holds only those stay that were quarantined in the
    /// last week; files that are no records are passed over with a remark in the log.
    pub fn entries(&self) -> Vec<Entry> {
        let files = fs::read_dir(&self.0).into_iter().flatten().flatten();
        let mut entries: Vec<Entry> = files
            .map(|entry| entry.path())
            .filter(|path| {
                path.extension()
                    .is_some_and(|extension| extension == "json")
            })
            .filter_map(|path| self.read(&path))
            .filter_map(|record| {
                let held = self.is_held(&record.serial);
                if !held && !record.stays() {
                    self.forget(&record.serial);
                    return None;
                }
                Some(Entry { record, held })
            })
            .collect();
        entries.sort_by(|one, other| one.record.serial.cmp(&other.record.serial));
        entries
    }

    /// The entry of a device.
    pub fn entry(&self, serial: &str) -> Option<Entry> {
        let record = self.read(&self.path(serial, "json"))?;
        let held = self.is_held(serial);
        Some(Entry { record, held })
    }

    /// Forgets a device that nobody holds.
    pub fn forget(&self, serial: &str) {
        let lock = self.path(serial, "lock");
        if let Ok(file) = open(&lock)
            && file.try_lock().is_ok()
        {
            // What is not there need not go.
            let _ = fs::remove_file(self.path(serial, "json"));
            let _ = fs::remove_file(&lock);
        }
    }

    fn is_held(&self, serial: &str) -> bool {
        let file = File::open(self.path(serial, "lock"));
        file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    fn read(&self, path: &Path) -> Option<Record> {
        let read = || -> io::Result<Record> {
            if fs::metadata(path)?.len() > LONGEST {
                return Err(io::Error::other("it is too long"));
            }
            Ok(serde_json::from_str(&fs::read_to_string(path)?)?)
        };
        read()
            .map_err(|error| {
                if error.kind() != io::ErrorKind::NotFound {
                    tracing::warn!(path = %path.display(), %error, "no record of a device");
                }
            })
            .ok()
    }

    fn path(&self, serial: &str, extension: &str) -> PathBuf {
        let mut name = String::new();
        for byte in canonical(serial).bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => {
                    name.push(char::from(byte));
                }
                _ => name.push_str(&format!("%{byte:02x}")),
            }
        }
        self.0.join(format!("{name}.{extension}"))
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
}

/// One name for the serials that a device of this machine has.
pub fn canonical(serial: &str) -> String {
    let Some((host, port)) = serial.rsplit_once(':') else {
        return serial.to_owned();
    };
    let Ok(port) = port.parse::<u16>() else {
        return serial.to_owned();
    };
    let host = match host {
        "localhost" | "[::1]" | "::1" => "127.0.0.1",
        host => host,
    };
    // An emulator's daemon is on the port after its console's.
    match (host, port) {
        ("127.0.0.1", 5555..=5683) if port % 2 == 1 => format!("emulator-{}", port - 1),
        _ => format!("{host}:{port}"),
    }
}

/// A device that this process holds. Dropping it gives the device back.
#[derive(Debug)]
pub struct Hold {
    register: Register,
    record: Arc<Mutex<Record>>,
    _lock: File,
}

impl Hold {
    /// Says how the device stands. A register that can't be written costs whoever looks the news, not the run.
    pub fn say(&self, standing: &Standing, lease: Option<Lease>) {
        {
            let mut record = self.record();
            if record.standing == *standing && record.lease == lease {
                return;
            }
            record.standing = standing.clone();
            record.lease = lease;
        }
        self.write();
    }

    fn record(&self) -> std::sync::MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) {
        let record = self.record().clone();
        let path = self.register.path(&record.serial, "json");
        let draft = path.with_extension("draft");
        let written = serde_json::to_vec(&record)
            .map_err(io::Error::from)
            .and_then(|text| fs::write(&draft, text))
            .and_then(|()| fs::rename(&draft, &path));
        if let Err(error) = written {
            tracing::debug!(path = %path.display(), %error, "the register of devices could not be written");
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let record = self.record().clone();
        // A device that is known to be bad stays known; the others are as good as ones never seen.
        if record.stays() {
            return;
        }
        // Removed while it is locked: see `hold`.
        let _ = fs::remove_file(self.register.path(&record.serial, "json"));
        let _ = fs::remove_file(self.register.path(&record.serial, "lock"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_a_device_under_whatever_name() {
        let directory = tempfile::tempdir().unwrap();
        let register = Register::at(&directory.path().join("devices"));
        let hold = register
            .hold("emulator-5554", "emulator", "a test")
            .unwrap();
        let standing = Standing::now(DeviceState::Busy, "a task");
        hold.say(&standing, None);
        let error = register
            .hold("localhost:5555", "network", "another")
            .unwrap_err();
        assert!(
            matches!(&error, FarmError::Held { by, .. } if by.contains("a test")),
            "{error}"
        );
        let entries = register.entries();
        assert_eq!(entries.len(), 1);
        assert!(entries[0].held);
        assert_eq!(entries[0].record.standing, standing);
        drop(hold);
        assert_eq!(register.entries(), []);
        assert!(
            register
                .hold("127.0.0.1:5555", "network", "another")
                .is_ok()
        );
    }

    #[test]
    fn a_bad_device_stays_known() {
        let directory = tempfile::tempdir().unwrap();
        let register = Register::at(directory.path());
        for (kind, known) in [("usb", 1), ("virtual", 0)] {
            let hold = register.hold(kind, kind, "a test").unwrap();
            hold.say(
                &Standing::now(DeviceState::Quarantined, "it does not answer"),
                None,
            );
            drop(hold);
            let entries = register.entries();
            assert_eq!(entries.len(), known, "{kind}");
            assert!(entries.iter().all(|entry| !entry.held));
            register.forget(kind);
            assert_eq!(register.entries(), []);
        }
        let hold = register.hold("usb", "usb", "a test").unwrap();
        hold.say(&Standing::now(DeviceState::Refused, "no record"), None);
        drop(hold);
        assert_eq!(register.entries().len(), 1);
        // Whoever uses it after all has changed that.
        drop(register.hold("usb", "usb", "a test").unwrap());
        assert_eq!(register.entries(), []);
        // One whose process was killed is as good as never seen.
        let hold = register.hold("usb", "usb", "a test").unwrap();
        hold.say(&Standing::now(DeviceState::Busy, "a task"), None);
        let left = std::fs::read(directory.path().join("usb.json")).unwrap();
        drop(hold);
        std::fs::write(directory.path().join("usb.json"), left).unwrap();
        assert_eq!(register.entries(), []);
        assert!(!directory.path().join("usb.json").exists());
        std::fs::write(directory.path().join("odd.json"), "{").unwrap();
        assert_eq!(register.entries(), []);
    }

    #[test]
    fn names_of_one_device_are_one() {
        for (one, other, same) in [
            ("localhost:5555", "emulator-5554", true),
            ("127.0.0.1:40000", "localhost:40000", true),
            ("192.168.1.2:5555", "emulator-5554", false),
            ("127.0.0.1:5556", "emulator-5556", false),
            ("10.0.0.1:5037/a", "a", false),
        ] {
            assert_eq!(canonical(one) == canonical(other), same, "{one} {other}");
        }
        let register = Register::at(Path::new("/r"));
        assert_eq!(
            register.path("10.0.0.1:5037/../a", "json"),
            Path::new("/r/10%2e0%2e0%2e1%3a5037%2f%2e%2e%2fa.json")
        );
    }
}
