//! A file in this machine's memory that an emulator puts pictures into. Uses the host's files.
//!
//! A picture is torn when it is read while it is written. An emulator writes all of one before it answers, and nobody
//! but the one call under way may write, so a picture that was answered for is whole. Two things guard that: a file
//! whose call did not end well is never used again, because the emulator may still be writing to it; and marks that are
//! set before a call must be gone after it, as what is left of the picture before would show them.
//!
//! Reading instead of mapping: a picture must be copied out of the file in any case, as the next one takes its place,
//! and a read is that copy; so a mapping, which is not to be had without `unsafe`, would save nothing.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::domain::Frame;
use crate::emulator::Placed;

/// Where files are memory.
const SHARED_MEMORY: &str = "/dev/shm";
/// How the files' names begin.
const PREFIX: &str = "stepdroid-screen-";
/// Marks in a file, evenly over a picture.
const MARKS: u64 = 64;
/// Bytes of a mark: one pixel.
const MARK: usize = 4;
/// A file that is younger may be one that is being made, and not locked yet.
const YOUNG: Duration = Duration::from_secs(60);
/// Files that this process made, for their names.
static COUNT: AtomicU64 = AtomicU64::new(0);

/// The file, deleted when it is dropped.
#[derive(Debug)]
pub struct Memory {
    file: File,
    path: PathBuf,
    length: u64,
    mark: [u8; MARK],
}

impl Memory {
    /// Makes a file with room for so many bytes, and deletes those that crashed processes left behind.
    ///
    /// # Errors
    /// When there is no such room.
    pub fn create(length: u64) -> io::Result<Memory> {
        let folder = match Path::new(SHARED_MEMORY).is_dir() {
            true => PathBuf::from(SHARED_MEMORY),
            // Where memory is not a folder, the page cache does nearly as well.
            false => std::env::temp_dir(),
        };
        sweep(&folder, YOUNG);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!(
            "{PREFIX}{}-{number}-{:08x}",
            std::process::id(),
            rand::random::<u32>()
        );
        let path = folder.join(name);
        let mut options = OpenOptions::new();
        let file = options
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        let memory = Memory {
            file,
            path,
            length,
            mark: [0; MARK],
        };
        // Says that somebody uses it.
        memory.file.try_lock().map_err(io::Error::other)?;
        memory.file.set_len(length)?;
        Ok(memory)
    }

    /// The file as an emulator names it.
    pub fn handle(&self) -> String {
        format!("file://{}", self.path.display())
    }

    /// Sets the marks, which differ from call to call: no picture has them by chance.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn mark(&mut self) -> io::Result<()> {
        self.mark = rand::random::<u32>().to_le_bytes();
        for at in places(self.length) {
            self.file.write_all_at(&self.mark, at)?;
        }
        Ok(())
    }

    /// The picture that an emulator says it put here.
    ///
    /// # Errors
    /// When it can't be there, or is not all there; the words say why.
    pub fn read(&self, placed: Placed) -> Result<Frame, String> {
        let Placed { width, height, .. } = placed;
        let length = (u64::from(width) * u64::from(height)).saturating_mul(4);
        if length != self.length {
            return Err(format!(
                "a picture of {width}x{height} does not fit the {} bytes that the one before had",
                self.length
            ));
        }
        let count = usize::try_from(length).map_err(|error| error.to_string())?;
        let mut pixels = vec![0; count];
        self.file
            .read_exact_at(&mut pixels, 0)
            .map_err(|error| error.to_string())?;
        let left = places(length).filter(|at| {
            let at = usize::try_from(*at).unwrap_or(usize::MAX);
            pixels.get(at..at.saturating_add(MARK)) == Some(&self.mark)
        });
        match left.count() {
            0 => Frame::new(width, height, pixels).ok_or_else(|| "an odd size".to_owned()),
            left => Err(format!(
                "the picture is torn: {left} of {MARKS} places in it were not written"
            )),
        }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // Whoever still has it mapped keeps it until then.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Where the marks are: one at the very end, and the others before it.
fn places(length: u64) -> impl Iterator<Item = u64> {
    let pixels = length / MARK as u64;
    let last = pixels.saturating_sub(1);
    (1..=MARKS)
        .map(move |number| last * number / MARKS * MARK as u64)
        .filter(move |_| pixels > 0)
}

/// Deletes files of some age that nobody has locked: those of processes that are gone.
fn sweep(folder: &Path, age: Duration) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        let Some(file) = ours.then(|| File::open(entry.path()).ok()).flatten() else {
            continue;
        };
        let modified = file.metadata().and_then(|metadata| metadata.modified());
        let since = modified.ok().and_then(|time| time.elapsed().ok());
        if since.is_some_and(|since| since >= age) && file.try_lock().is_ok() {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(width: u32, height: u32) -> Placed {
        Placed {
            width,
            height,
            held: 0,
        }
    }

    #[test]
    fn half_a_picture_is_torn_and_a_whole_one_is_not() {
        let (width, height) = (40, 30);
        let whole: Vec<u8> = (0..width * height * 4).map(|at| (at / 7) as u8).collect();
        let mut memory = Memory::create(whole.len() as u64).unwrap();
        let path = memory.path.clone();
        for length in [
            whole.len(),
            whole.len() / 2,
            whole.len() - 4,
            0,
            whole.len(),
        ] {
            memory.mark().unwrap();
            memory.file.write_all_at(&whole[..length], 0).unwrap();
            let read = memory.read(placed(width, height));
            match length == whole.len() {
                true => assert_eq!(read.unwrap().rgba[..], whole),
                false => assert!(read.unwrap_err().contains("torn"), "{length}"),
            }
        }
        // A stripe in the middle that another writer left out.
        memory.mark().unwrap();
        memory.file.write_all_at(&whole[..2_000], 0).unwrap();
        memory.file.write_all_at(&whole[3_000..], 3_000).unwrap();
        assert!(memory.read(placed(width, height)).is_err());
        for (width, height) in [(40, 31), (0, 0), (u32::MAX, u32::MAX), (30, 20)] {
            assert!(memory.read(placed(width, height)).is_err());
        }
        // What is in use stays, and what is not goes.
        let folder = path.parent().unwrap();
        sweep(folder, YOUNG);
        assert!(path.exists());
        drop(memory);
        assert!(!path.exists());
        std::fs::write(&path, "left behind").unwrap();
        let old = std::time::SystemTime::now() - 2 * YOUNG;
        File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(old)
            .unwrap();
        sweep(folder, YOUNG);
        assert!(!path.exists());
    }
}
