//! Databases of the device as local copies (catalogue: DB-READ, DB-INSERT, DB-PUSH): the file is
//! pulled with its write-ahead log, used here, and pushed back whole.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::TaskError;
use super::apps::{self, App};
use crate::adb::quote;
use crate::device::Device;

/// A torn copy is read again this often.
const ATTEMPTS: u32 = 3;

/// A database of an app.
#[derive(Debug, Clone, Copy)]
pub(super) struct AppDatabase {
    /// The app that owns it.
    pub app: App,
    /// File name in the app's directory of databases.
    pub file: &'static str,
}

impl AppDatabase {
    fn directory(self) -> String {
        self.directory_in(&self.app.data())
    }

    fn directory_in(self, data: &str) -> String {
        // VLC's native library keeps its own.
        let directory = match self.app {
            apps::VLC => "app_db",
            _ => "databases",
        };
        format!("{data}/{directory}")
    }

    fn path(self) -> String {
        format!("{}/{}", self.directory(), self.file)
    }

    fn broken(self, device: &Device, reason: impl ToString) -> TaskError {
        TaskError::Database {
            serial: device.serial().to_owned(),
            path: self.path(),
            reason: reason.to_string(),
        }
    }

    /// Pulls a copy; `None` when the device has no such file.
    pub async fn pull(self, device: &Device) -> Result<Option<Copy>, TaskError> {
        self.pull_from(device, &self.directory()).await
    }

    async fn pull_from(self, device: &Device, directory: &str) -> Result<Option<Copy>, TaskError> {
        let path = format!("{directory}/{}", self.file);
        let log = format!("{path}-wal");
        let files = device.adb().read_files(&[&path, &log]).await?;
        let mut files = files.into_iter();
        let Some(Some(data)) = files.next() else {
            return Ok(None);
        };
        let copy = Copy::new(self.file, &data, files.next().flatten().as_deref());
        Ok(Some(copy.map_err(|error| self.broken(device, error))?))
    }

    /// Reads with a fresh copy, and again when the copy was torn. `None` when there is no database,
    /// or none with these tables.
    pub async fn read<T>(
        self,
        device: &Device,
        work: impl Fn(&Connection) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, TaskError> {
        let mut attempt = 1;
        loop {
            let Some(copy) = self.pull(device).await? else {
                return Ok(None);
            };
            let result = copy.open().and_then(|connection| work(&connection));
            match result {
                Ok(value) => return Ok(Some(value)),
                // A table that is not there: the app has not made it yet, or somebody removed it.
                Err(rusqlite::Error::SqliteFailure(error, _))
                    if error.code == rusqlite::ErrorCode::Unknown =>
                {
                    return Ok(None);
                }
                Err(rusqlite::Error::SqliteFailure(..)) if attempt < ATTEMPTS => {
                    attempt += 1;
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
                Err(error) => return Err(self.broken(device, error)),
            }
        }
    }

    /// Tries work on a copy of the snapshot's database, so that an app of another version is told of
    /// before anything on the device is changed. Without a snapshot nothing is tried.
    pub async fn rehearse<T>(
        self,
        device: &Device,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<(), TaskError> {
        let directory = self.directory_in(&self.app.snapshot());
        let Some(copy) = self.pull_from(device, &directory).await? else {
            return Ok(());
        };
        let tried = copy
            .open()
            .and_then(|connection| work(&connection).map(drop));
        tried.map_err(|error| {
            let reason = format!(
                "{error}; {} is another version than the tasks are made for",
                self.app.package
            );
            self.broken(device, reason)
        })
    }

    /// Changes the database: a copy is pulled, worked on and pushed back as the only file of the
    /// app's databases, with the app stopped. `None` when there is no database.
    pub async fn change<T>(
        self,
        device: &Device,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, TaskError> {
        let Some(copy) = self.pull(device).await? else {
            return Ok(None);
        };
        let changed = copy.open().and_then(|connection| {
            let value = work(&connection)?;
            // Everything must be in the one file that is pushed.
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            connection.close().map_err(|(_, error)| error)?;
            Ok(value)
        });
        let value = changed.map_err(|error| self.broken(device, error))?;
        let data = std::fs::read(&copy.file).map_err(|error| self.broken(device, error))?;
        let package = quote(self.app.package);
        let directory = quote(&self.directory());
        device
            .adb()
            .shell_ok(&format!("am force-stop {package}; rm -rf {directory}/*"))
            .await?;
        device.adb().write_file(&self.path(), &data, 0o777).await?;
        Ok(Some(value))
    }
}

/// A copy in a directory of its own, which goes with it.
#[derive(Debug)]
pub(super) struct Copy {
    directory: PathBuf,
    file: PathBuf,
}

impl Copy {
    fn new(name: &str, data: &[u8], log: Option<&[u8]>) -> std::io::Result<Copy> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let directory =
            std::env::temp_dir().join(format!("stepdroid-copy-{}-{number}", std::process::id()));
        // What a killed process of the same number left behind is of no use.
        let _ = std::fs::remove_dir_all(&directory);
        std::fs::create_dir_all(&directory)?;
        let file = directory.join(Path::new(name));
        // From here on the directory goes with the copy, whatever fails.
        let copy = Copy { directory, file };
        std::fs::write(&copy.file, data)?;
        if let Some(log) = log {
            std::fs::write(copy.directory.join(format!("{name}-wal")), log)?;
        }
        Ok(copy)
    }

    fn open(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Connection::open_with_flags(&self.file, flags)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // What cannot be removed is left to the host's own cleaning.
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}
