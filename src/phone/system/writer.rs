//! Files being written: streaming, within the capacity, closed with the phone's time.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

use super::error::FileError;
use super::files::Files;

/// What happens to the old content of a file that is opened for writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteMode {
    /// It goes.
    Truncate,
    /// It stays; new bytes come behind it.
    Append,
}

/// A file being written; honours the capacity. Call [`FileWriter::finish`] at the end.
#[derive(Debug)]
pub struct FileWriter {
    pub(super) files: Files,
    pub(super) normal: String,
    pub(super) host: PathBuf,
    pub(super) file: File,
    pub(super) budget: Option<u64>,
    pub(super) created: bool,
}

impl FileWriter {
    /// Closes the file with the phone's time.
    pub fn finish(self) -> Result<(), FileError> {
        let now = self.files.now_micros();
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
        let allowed = match self.budget {
            Some(0) if !bytes.is_empty() => return Err(io::ErrorKind::StorageFull.into()),
            Some(left) => bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX)),
            None => bytes.len(),
        };
        let written = self.file.write(&bytes[..allowed])?;
        if let Some(left) = &mut self.budget {
            *left -= written as u64;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
