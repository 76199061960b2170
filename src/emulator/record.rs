//! What is known of an emulator beyond the life of this program: one file each, in a directory of the user's, written
//! before the emulator starts and removed when it has ended for certain.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::EmulatorError;
use super::process::{self, Process};

/// Longest record that is read, in bytes.
const LONGEST: u64 = 64 << 10;

/// An emulator that this program started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Console port; the serial is `emulator-` and this number.
    pub console: u16,
    /// Port of the ADB daemon.
    pub adb: u16,
    /// Port of the control service, if it was asked for.
    pub grpc: Option<u16>,
    /// The AVD.
    pub avd: String,
    /// The AVD's directory.
    pub directory: PathBuf,
    /// Whether what happens on it is forgotten at its end.
    pub read_only: bool,
    /// What its processes have in their environment.
    pub token: String,
    /// Its log.
    pub log: PathBuf,
    /// Who stops it at its end; nobody, where it is meant to live on.
    pub owner: Option<Process>,
    /// When it was launched, in seconds of the Unix epoch.
    pub launched: u64,
}

impl Record {
    /// Its serial behind an ADB server.
    pub fn serial(&self) -> String {
        format!("emulator-{}", self.console)
    }

    /// Its living processes.
    pub fn processes(&self) -> Vec<Process> {
        process::with_token(&self.token)
    }

    /// What has become of it.
    pub fn found(&self) -> Found {
        match (self.processes().is_empty(), self.owner) {
            (true, _) => Found::Ended,
            (false, Some(owner)) if !owner.lives() => Found::Orphan,
            (false, Some(_)) => Found::Owned,
            (false, None) => Found::Kept,
        }
    }
}

/// What has become of an emulator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Found {
    /// It runs, and so does whoever started it and will stop it.
    Owned,
    /// It runs until it is stopped by hand.
    Kept,
    /// It runs, and whoever was to stop it is gone.
    Orphan,
    /// It has ended without being stopped.
    Ended,
}

/// The directory of the records, logs and locks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateDirectory(PathBuf);

impl StateDirectory {
    /// `$XDG_STATE_HOME/stepdroid/emulators`, else below `~/.local/state`.
    ///
    /// # Errors
    /// When there is no home directory.
    pub fn find() -> Result<StateDirectory, EmulatorError> {
        let named = std::env::var_os("XDG_STATE_HOME").filter(|value| !value.is_empty());
        let base = named
            .map(PathBuf::from)
            .or_else(|| Some(std::env::home_dir()?.join(".local/state")));
        let missing = || {
            let error = std::io::Error::other("neither XDG_STATE_HOME nor HOME is set");
            EmulatorError::file(Path::new("~/.local/state"), "finding the directory", error)
        };
        Ok(StateDirectory(
            base.ok_or_else(missing)?.join("stepdroid/emulators"),
        ))
    }

    /// A directory of one's own.
    pub fn at(path: &Path) -> StateDirectory {
        StateDirectory(path.to_path_buf())
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Where locks of ports are.
    pub(super) fn ports(&self) -> PathBuf {
        self.0.join("ports")
    }

    /// Where an emulator's temporary files go.
    pub(super) fn temporary(&self, record: &Record) -> PathBuf {
        self.0.join("temporary").join(&record.token)
    }

    /// Where logs are.
    pub(super) fn logs(&self) -> PathBuf {
        self.0.join("logs")
    }

    fn file(&self, token: &str) -> PathBuf {
        self.0.join(format!("{token}.json"))
    }

    /// Writes a record, whole or not at all.
    pub(super) fn write(&self, record: &Record) -> Result<(), EmulatorError> {
        let path = self.file(&record.token);
        let failed = |error| EmulatorError::file(&path, "writing the emulator's record", error);
        fs::create_dir_all(&self.0).map_err(failed)?;
        let text = serde_json::to_string_pretty(record).map_err(|error| failed(error.into()))?;
        let draft = path.with_extension("draft");
        fs::write(&draft, text)
            .and_then(|()| fs::rename(&draft, &path))
            .map_err(failed)
    }

    /// Forgets an emulator that has ended.
    pub(super) fn remove(&self, record: &Record) {
        // What is not there need not go; a file that stays is found ended the next time.
        let _ = fs::remove_file(self.file(&record.token));
        let _ = fs::remove_dir_all(self.temporary(record));
    }

    /// The records, by console port. Files that are none are passed over with a remark in the log.
    pub fn records(&self) -> Vec<Record> {
        let entries = fs::read_dir(&self.0).into_iter().flatten().flatten();
        let mut records: Vec<Record> = entries
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
            .filter_map(|path| match read(&path) {
                Ok(record) => Some(record),
                Err(reason) => {
                    tracing::warn!(path = %path.display(), reason, "no record of an emulator; remove the file");
                    None
                }
            })
            .collect();
        records.sort_by_key(|record| (record.console, record.launched));
        records
    }

    /// The emulator with a serial.
    ///
    /// # Errors
    /// [`EmulatorError::Unknown`] when none of ours that lives has it.
    pub fn living(&self, serial: &str) -> Result<Record, EmulatorError> {
        let mut records = self.records().into_iter();
        let found =
            records.find(|record| record.serial() == serial && record.found() != Found::Ended);
        found.ok_or_else(|| EmulatorError::Unknown {
            serial: serial.to_owned(),
        })
    }
}

fn read(path: &Path) -> Result<Record, String> {
    let size = fs::metadata(path).map_err(|error| error.to_string())?.len();
    if size > LONGEST {
        return Err(format!("{size} bytes"));
    }
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let record: Record = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    // It names files and is looked for in environments: an empty one would be found nowhere or everywhere.
    match super::definition::is_name(&record.token) {
        true => Ok(record),
        false => Err("its token is none".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_outlive_the_program_and_broken_ones_are_passed_over() {
        let place = tempfile::tempdir().unwrap();
        let state = StateDirectory::at(&place.path().join("below"));
        assert!(state.records().is_empty());
        let record = Record {
            console: 5600,
            adb: 5601,
            grpc: Some(8600),
            avd: "A".into(),
            directory: place.path().into(),
            read_only: true,
            token: "t-1".into(),
            log: place.path().join("log"),
            owner: Process::this(),
            launched: 7,
        };
        state.write(&record).unwrap();
        fs::write(state.path().join("broken.json"), "{").unwrap();
        let empty = Record {
            token: String::new(),
            ..record.clone()
        };
        fs::write(
            state.path().join("empty.json"),
            serde_json::to_string(&empty).unwrap(),
        )
        .unwrap();
        assert_eq!(state.records(), std::slice::from_ref(&record));
        assert_eq!(record.found(), Found::Ended);
        assert!(matches!(
            state.living("emulator-5600"),
            Err(EmulatorError::Unknown { .. })
        ));
        state.remove(&record);
        assert!(state.records().is_empty());
    }
}
