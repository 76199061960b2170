//! A log file that never grows beyond its bound: at a size it becomes `.1`, what was `.1` becomes `.2`, and
//! so on; the oldest goes. It is opened anew when somebody else moved it away. Nothing that goes wrong with
//! it reaches whoever logs.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// How often [`super::reopen`] was called.
pub(super) static REOPENED: AtomicU64 = AtomicU64::new(0);

/// How much of a log is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotation {
    /// Size in bytes at which a file is put aside; 0 is no limit.
    pub max_bytes: u64,
    /// Files that are kept beside the current one.
    pub files: u32,
}

impl Default for Rotation {
    /// 16 MiB, and four older files.
    fn default() -> Rotation {
        Rotation {
            max_bytes: 16 << 20,
            files: 4,
        }
    }
}

/// The file of the moment. Lines that can't be written are lost, as on a full disk.
#[derive(Debug)]
pub(super) struct RotatingFile {
    path: PathBuf,
    rotation: Rotation,
    file: Option<File>,
    length: u64,
    seen: u64,
    /// The last line may have been written in part.
    torn: bool,
}

impl RotatingFile {
    /// Opens a file; lines are appended.
    ///
    /// # Errors
    /// It can't be written.
    pub(super) fn open(path: &Path, rotation: Rotation) -> io::Result<RotatingFile> {
        let mut opened = RotatingFile {
            path: path.to_owned(),
            rotation,
            file: None,
            length: 0,
            seen: REOPENED.load(Ordering::SeqCst),
            torn: false,
        };
        opened.open_again()?;
        Ok(opened)
    }

    fn open_again(&mut self) -> io::Result<()> {
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.path)?;
        self.length = file.metadata()?.len();
        self.file = Some(file);
        Ok(())
    }

    /// Puts the file aside and begins a new one.
    fn rotate(&mut self) -> io::Result<()> {
        self.file = None;
        let aside = |number: u32| aside(&self.path, number);
        if self.rotation.files == 0 {
            fs::remove_file(&self.path)?;
            return Ok(());
        }
        for number in (1..self.rotation.files).rev() {
            if aside(number).exists() {
                fs::rename(aside(number), aside(number + 1))?;
            }
        }
        fs::rename(&self.path, aside(1))
    }

    fn line(&mut self, bytes: &[u8]) -> io::Result<()> {
        let asked = REOPENED.load(Ordering::SeqCst);
        if asked != self.seen {
            self.seen = asked;
            self.file = None;
        }
        if self.file.is_none() {
            self.open_again()?;
        }
        let bound = self.rotation.max_bytes;
        let over = bound > 0 && self.length.saturating_add(bytes.len() as u64) > bound;
        if over && self.length > 0 {
            self.rotate()?;
            self.open_again()?;
        }
        if let Some(file) = &mut self.file {
            if self.torn {
                file.write_all(b"\n")?;
                self.torn = false;
            }
            file.write_all(bytes)?;
            self.length += bytes.len() as u64;
        }
        Ok(())
    }
}

impl Write for RotatingFile {
    /// Takes whole lines.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.line(bytes).is_err() {
            self.file = None;
            self.torn = true;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Where a file is put aside.
pub(super) fn aside(path: &Path, number: u32) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{number}"));
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &Path) -> String {
        fs::read_to_string(path).unwrap_or_default()
    }

    #[test]
    fn old_lines_move_on_and_go() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let rotation = Rotation {
            max_bytes: 10,
            files: 2,
        };
        let mut log = RotatingFile::open(&path, rotation).unwrap();
        for line in ["one one\n", "two\n", "three 3\n", "four\n", "five 55\n"] {
            log.write_all(line.as_bytes()).unwrap();
        }
        assert_eq!(read(&path), "five 55\n");
        assert_eq!(read(&aside(&path, 1)), "four\n");
        assert_eq!(read(&aside(&path, 2)), "three 3\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
        // A line above the bound is written as a whole, and alone.
        log.write_all(b"a line that is longer\n").unwrap();
        assert_eq!(read(&path), "a line that is longer\n");
    }

    #[test]
    fn what_was_there_counts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        fs::write(&path, "12345678\n").unwrap();
        let rotation = Rotation {
            max_bytes: 12,
            files: 1,
        };
        let mut log = RotatingFile::open(&path, rotation).unwrap();
        log.write_all(b"next\n").unwrap();
        assert_eq!(read(&path), "next\n");
        assert_eq!(read(&aside(&path, 1)), "12345678\n");
    }

    #[test]
    fn a_log_that_can_t_be_written_fails_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("log");
        fs::create_dir(&below).unwrap();
        let path = below.join("a.log");
        let mut log = RotatingFile::open(&path, Rotation::default()).unwrap();
        fs::remove_dir_all(&below).unwrap();
        // As after a signal that asks for it.
        log.seen = u64::MAX;
        log.write_all(b"lost\n").unwrap();
        fs::create_dir(&below).unwrap();
        log.write_all(b"kept\n").unwrap();
        assert_eq!(read(&path), "\nkept\n");
    }

    #[test]
    fn a_file_that_was_moved_away_is_begun_anew_when_asked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let mut log = RotatingFile::open(&path, Rotation::default()).unwrap();
        log.write_all(b"one\n").unwrap();
        fs::rename(&path, folder.path().join("moved")).unwrap();
        crate::telemetry::reopen();
        log.write_all(b"two\n").unwrap();
        assert_eq!(read(&path), "two\n");
        assert_eq!(read(&folder.path().join("moved")), "one\n");
    }
}
