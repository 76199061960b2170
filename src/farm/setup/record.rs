//! The record of a device's set-up: what was changed and how it was before, in a file that is whole on the disk before
//! the device is touched. Uses the files of this machine only.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Identity, SetupError};
use crate::emulator::StateDirectory;

/// Raised when records are written that older programs can't undo.
const VERSION: u32 = 1;
/// Longest record that is read, in bytes.
const LONGEST: u64 = 8 << 20;

/// One thing that is changed on a device, with how it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// A setting.
    Setting {
        /// `global`, `system` or `secure`.
        namespace: String,
        /// Its name.
        key: String,
        /// Its value before; nothing where it was not set.
        from: Option<String>,
        /// Its value now.
        to: String,
    },
    /// The time zone.
    TimeZone {
        /// Before.
        from: String,
        /// Now.
        to: String,
    },
    /// The clock.
    Clock {
        /// Seconds that the device's clock was ahead of this machine's.
        ahead: i64,
    },
    /// The chosen keyboard.
    InputMethod {
        /// Before.
        from: String,
        /// Now.
        to: String,
        /// Whether the chosen one could be chosen before.
        was_enabled: bool,
    },
    /// The holder of a role.
    Role {
        /// The role.
        role: String,
        /// Its holder before.
        from: String,
    },
    /// A package that is installed.
    Package {
        /// Its name.
        package: String,
        /// The APK's name.
        file: String,
        /// Number of the version, once it is installed.
        version: Option<i64>,
    },
    /// A file that is written.
    File {
        /// Its path.
        path: String,
        /// SHA-256 of what is written.
        sha256: String,
        /// SHA-256 of what was there, of which the device has a copy; nothing where there was no file.
        before: Option<String>,
    },
    /// A small text file that the apps' set-up writes.
    Text {
        /// Its path.
        path: String,
        /// What was in it; nothing where there was no file.
        from: Option<String>,
    },
    /// A folder that was not there.
    Folder {
        /// Its path.
        path: String,
    },
    /// An app that is set up for the first time: cleared, given permissions, taken past its first screens.
    App {
        /// Its package.
        package: String,
        /// The copy of its data, once it is whole. Before then the app is not touched.
        kept: Option<Kept>,
    },
}

/// How an app was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// The user id that owns its data.
    pub user: u32,
    /// Its folders, with a copy of each on the device.
    pub folders: Vec<KeptFolder>,
    /// Folders of its that were not there.
    pub missing: Vec<String>,
    /// Permissions that it had been granted.
    pub permissions: Vec<String>,
    /// Special accesses with their modes.
    pub operations: Vec<(String, String)>,
}

/// A folder of an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptFolder {
    /// Its path.
    pub path: String,
    /// Its permission bits, in octal.
    pub mode: String,
    /// User and group, `10062:10062`.
    pub owner: String,
    /// SHA-256 over the names, owners and contents of the copy's files.
    pub sha256: String,
}

impl Change {
    /// What it changes: two changes of the same thing have the same target.
    pub fn target(&self) -> String {
        match self {
            Change::Setting { namespace, key, .. } => format!("setting {namespace} {key}"),
            Change::TimeZone { .. } => "time zone".to_owned(),
            Change::Clock { .. } => "clock".to_owned(),
            Change::InputMethod { .. } => "keyboard".to_owned(),
            Change::Role { role, .. } => format!("role {role}"),
            Change::Package { package, .. } => format!("package {package}"),
            Change::File { path, .. } | Change::Text { path, .. } => format!("file {path}"),
            Change::Folder { path } => format!("folder {path}"),
            Change::App { package, .. } => format!("app {package}"),
        }
    }
}

/// What was changed on a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The format.
    version: u32,
    /// The device.
    pub device: Identity,
    /// The address that it had.
    pub address: String,
    /// When it was first set up, in seconds of the Unix epoch.
    pub made: u64,
    /// The changes, in the order in which they are made.
    pub changes: Vec<Change>,
}

impl Record {
    /// An empty one.
    pub fn new(device: &Identity, address: &str) -> Record {
        Record {
            version: VERSION,
            device: device.clone(),
            address: address.to_owned(),
            made: super::look::host_seconds().max(0) as u64,
            changes: Vec::new(),
        }
    }

    /// Takes a change up. Of a thing that was changed before, the first original stays.
    pub fn add(&mut self, change: Change) {
        let target = change.target();
        let old = self.changes.iter_mut().find(|one| one.target() == target);
        match (old, change) {
            (None, change) => self.changes.push(change),
            (Some(Change::Setting { to, .. }), Change::Setting { to: now, .. })
            | (Some(Change::TimeZone { to, .. }), Change::TimeZone { to: now, .. })
            | (Some(Change::InputMethod { to, .. }), Change::InputMethod { to: now, .. }) => {
                *to = now;
            }
            (Some(Change::File { sha256, .. }), Change::File { sha256: now, .. }) => *sha256 = now,
            (Some(_), _) => {}
        }
    }
}

/// The file of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordFile(PathBuf);

/// Held by the process that works with a record.
#[derive(Debug)]
pub struct RecordLock {
    _file: File,
}

impl RecordFile {
    /// A file of the user's choice.
    pub fn at(path: &Path) -> RecordFile {
        RecordFile(path.to_path_buf())
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.0
    }

    fn failed(&self, doing: &str, error: impl std::fmt::Display) -> SetupError {
        SetupError::Record {
            path: self.0.clone(),
            reason: format!(
                "{doing}: {error}; without a record nothing is changed, so name another place with --record"
            ),
        }
    }

    /// Takes the record for this process.
    ///
    /// # Errors
    /// [`SetupError::Locked`] where another one has it.
    pub fn lock(&self) -> Result<RecordLock, SetupError> {
        let path = self.0.with_extension("lock");
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            fs::create_dir_all(folder).map_err(|error| self.failed("making its folder", error))?;
        }
        let opened = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path);
        let file = opened.map_err(|error| self.failed("making its lock", error))?;
        match file.try_lock() {
            Ok(()) => Ok(RecordLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(SetupError::Locked {
                path: self.0.clone(),
            }),
            Err(TryLockError::Error(error)) => Err(self.failed("taking its lock", error)),
        }
    }

    /// Reads the record, if there is one.
    ///
    /// # Errors
    /// When it can't be read as a record.
    pub fn read(&self) -> Result<Option<Record>, SetupError> {
        let broken = |reason: String| SetupError::Record {
            path: self.0.clone(),
            reason: format!("can't be read as a record of a set-up: {reason}"),
        };
        let size = match fs::metadata(&self.0) {
            Ok(found) => found.len(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(broken(error.to_string())),
        };
        if size > LONGEST {
            return Err(broken(format!("{size} bytes are too many")));
        }
        let text = fs::read_to_string(&self.0).map_err(|error| broken(error.to_string()))?;
        let record: Record =
            serde_json::from_str(&text).map_err(|error| broken(error.to_string()))?;
        if record.version != VERSION {
            return Err(broken(format!(
                "it is of version {}, and this program knows version {VERSION}; use the program that wrote it",
                record.version
            )));
        }
        Ok(Some(record))
    }

    /// Writes the record, whole or not at all; it is on the disk when this returns.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn write(&self, record: &Record) -> Result<(), SetupError> {
        let text = serde_json::to_string_pretty(record)
            .map_err(|error| self.failed("writing it", error))?;
        let draft = self.0.with_extension("draft");
        let write = || {
            let mut file = File::create(&draft)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&draft, &self.0)?;
            match self
                .0
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty())
            {
                Some(folder) => File::open(folder)?.sync_all(),
                None => Ok(()),
            }
        };
        write().map_err(|error: std::io::Error| self.failed("writing it", error))
    }

    /// Forgets a device that is as before.
    ///
    /// # Errors
    /// When the file can't be removed.
    pub fn remove(&self) -> Result<(), SetupError> {
        fs::remove_file(&self.0).map_err(|error| SetupError::Record {
            path: self.0.clone(),
            reason: format!(
                "all is undone, but the record can't be removed: {error}; remove it by hand"
            ),
        })?;
        // A lock of no record is of no use; whoever waits for it makes another.
        let _ = fs::remove_file(self.0.with_extension("lock"));
        Ok(())
    }
}

/// The folder of the records, one file a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Records(PathBuf);

impl Records {
    /// `$XDG_STATE_HOME/stepdroid/devices`, else below `~/.local/state`.
    ///
    /// # Errors
    /// When there is no home directory.
    pub fn find() -> Result<Records, SetupError> {
        let emulators = StateDirectory::find().map_err(EmulatorsError::from)?;
        Ok(Records(emulators.path().with_file_name("devices")))
    }

    /// A folder of one's own.
    pub fn at(path: &Path) -> Records {
        Records(path.to_path_buf())
    }

    /// The file of a device.
    pub fn of(&self, device: &Identity) -> RecordFile {
        RecordFile(self.0.join(format!("{}.json", device.file_name())))
    }

    /// Other devices' records that have something in common with a device: its address or its serial number.
    pub fn similar(&self, device: &Identity, address: &str) -> Vec<Record> {
        let entries = fs::read_dir(&self.0).into_iter().flatten().flatten();
        let files = entries.map(|entry| RecordFile(entry.path()));
        files
            .filter(|file| {
                file.0
                    .extension()
                    .is_some_and(|extension| extension == "json")
            })
            .filter_map(|file| file.read().ok().flatten())
            .filter(|record| record.device != *device)
            .filter(|record| {
                record.address == address || record.device.serial_number == device.serial_number
            })
            .collect()
    }
}

use super::super::emulators::EmulatorsError;

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(from: Option<&str>, to: &str) -> Change {
        Change::Setting {
            namespace: "global".into(),
            key: "a".into(),
            from: from.map(str::to_owned),
            to: to.into(),
        }
    }

    #[test]
    fn the_first_original_stays() {
        let device = Identity {
            serial_number: "S".into(),
            android_id: "1".into(),
            model: "M".into(),
        };
        let mut record = Record::new(&device, "a:1");
        record.add(setting(None, "1"));
        record.add(setting(Some("1"), "2"));
        assert_eq!(record.changes, [setting(None, "2")]);
    }

    #[test]
    fn records_are_read_as_they_were_written_or_refused() {
        let place = tempfile::tempdir().unwrap();
        let file = RecordFile::at(&place.path().join("below/a.json"));
        assert_eq!(file.read().unwrap(), None);
        let lock = file.lock().unwrap();
        assert!(matches!(file.lock(), Err(SetupError::Locked { .. })));
        drop(lock);
        let device = Identity {
            serial_number: "S".into(),
            android_id: "1".into(),
            model: "M".into(),
        };
        let mut record = Record::new(&device, "a:1");
        record.add(setting(Some("x"), "1"));
        file.write(&record).unwrap();
        assert_eq!(file.read().unwrap(), Some(record.clone()));
        record.version += 1;
        file.write(&record).unwrap();
        assert!(file.read().unwrap_err().to_string().contains("version 2"));
        fs::write(file.path(), "{").unwrap();
        assert!(file.read().is_err());
        file.remove().unwrap();
        assert_eq!(file.read().unwrap(), None);
    }
}
