//! Files being written: streaming, within the partition's room, closed with the phone's time.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use super::Files;
use crate::phone::system::error::FileError;

/// What happens to the old content of a file that is opened for writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteMode {
    /// It goes.
    Truncate,
    /// It stays; new bytes come behind it.
    Append,
}

/// A file being written; takes room as it grows. Call [`FileWriter::finish`] at the end.
#[derive(Debug)]
pub struct FileWriter {
    files: Files,
    normal: String,
    host: PathBuf,
    file: File,
    created: bool,
}

impl FileWriter {
    /// Closes the file with the phone's time.
    pub fn finish(self) -> Result<(), FileError> {
        let now = self.files.clock.now_micros();
        self.finish_at(now)
    }

    /// Closes the file with the given change time, in microseconds of the Unix epoch.
    pub fn finish_at(mut self, micros: i64) -> Result<(), FileError> {
        self.file.flush()?;
        drop(self.file);
        self.files.stamp(&self.normal, &self.host, micros);
        if self.created {
            self.files.stamp_parent(&self.normal);
        }
        Ok(())
    }
}

impl Write for FileWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        let granted = self.files.take_bytes(bytes.len() as u64);
        // No more than was asked for, so it fits.
        match usize::try_from(granted).unwrap_or(bytes.len()) {
            0 => Err(io::ErrorKind::StorageFull.into()),
            granted => self.file.write(&bytes[..granted]),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Files {
    /// Writes a whole file, creating or truncating it; its directory must exist.
    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) -> Result<(), FileError> {
        let mut writer = self.open_write(path, WriteMode::Truncate)?;
        writer.write_all(bytes.as_ref())?;
        writer.finish()
    }

    /// Writes a whole file beside the old one and puts it in its place, as the system keeps its settings: when
    /// there is no room for it, the old one stays.
    pub fn replace(&self, path: &str, bytes: impl AsRef<[u8]>) -> Result<(), FileError> {
        let fresh = format!("{path}.new");
        let replaced = self
            .write(&fresh, bytes)
            .and_then(|()| self.rename(&fresh, path));
        if replaced.is_err() && self.is_file(&fresh) {
            self.remove_file(&fresh)?;
        }
        replaced
    }

    /// Adds to the end of a file, creating it when missing.
    pub fn append(&self, path: &str, bytes: impl AsRef<[u8]>) -> Result<(), FileError> {
        let mut writer = self.open_write(path, WriteMode::Append)?;
        writer.write_all(bytes.as_ref())?;
        writer.finish()
    }

    /// Opens a file for writing, for streaming.
    pub fn open_write(&self, path: &str, mode: WriteMode) -> Result<FileWriter, FileError> {
        let normal = self.normal(path)?;
        let host = self.host(&normal)?;
        let before = match fs::symlink_metadata(&host) {
            Ok(found) if found.is_dir() => return Err(FileError::IsADirectory),
            Ok(found) => Some(found.len()),
            Err(_) if path.ends_with('/') => return Err(FileError::IsADirectory),
            Err(_) => None,
        };
        if before.is_none() {
            self.take_entry(0)?;
        }
        self.touch(&normal);
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(mode == WriteMode::Truncate)
            .append(mode == WriteMode::Append)
            .mode(0o600)
            .open(&host)?;
        if mode == WriteMode::Truncate && before.is_some_and(|length| length > 0) {
            self.gave_back();
        }
        Ok(FileWriter {
            files: self.clone(),
            normal,
            host,
            file,
            created: before.is_none(),
        })
    }

    /// Copies one file's bytes; the copy gets the phone's time.
    pub fn copy_file(&self, from: &str, to: &str) -> Result<(), FileError> {
        let mut reader = self.open_read(from)?;
        if self.normal(from)? == self.normal(to)? {
            return Err(FileError::SameFile);
        }
        let mut writer = self.open_write(to, WriteMode::Truncate)?;
        io::copy(&mut reader, &mut writer)?;
        writer.finish()
    }
}
