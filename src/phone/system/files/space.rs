//! How much of the data partition is taken. The tree is measured from time to time, as databases grow without
//! asking, and what files take is counted in between; near the end it is measured more often.

use std::fs;
use std::path::Path;
use std::sync::{MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Files;
use crate::phone::system::error::FileError;

/// Bytes of the data partition unless said otherwise: those of the stock AVD.
pub const DEFAULT_CAPACITY: u64 = 6_240_665_600;

/// Files and directories take whole blocks.
const BLOCK: u64 = 4_096;
/// Bytes of the partition for each entry that it can hold, as `mke2fs` counts them.
const BYTES_PER_ENTRY: u64 = 16_384;
/// Entries that the smallest partition can hold.
const LEAST_ENTRIES: u64 = 65_536;
/// Less room than this is near the end.
const NEAR: u64 = 64 << 20;
/// How old a measurement may be, far from the end and near it.
const CALM: Duration = Duration::from_secs(5);
const WARY: Duration = Duration::from_millis(200);
/// Between two measurements passes this many times what one takes, so that a full tree costs little.
const PAUSES: u32 = 20;

/// The state of the partition.
#[derive(Debug)]
pub(super) struct Space {
    capacity: u64,
    used: u64,
    entries: u64,
    measured: Option<Instant>,
    took: Duration,
    /// Nothing more can be written, whatever room there is.
    full: bool,
    /// Something was written or removed since, so that a measurement may say something else.
    changed: bool,
}

impl Default for Space {
    fn default() -> Space {
        Space {
            capacity: DEFAULT_CAPACITY,
            used: 0,
            entries: 0,
            measured: None,
            took: Duration::ZERO,
            full: false,
            changed: true,
        }
    }
}

impl Space {
    fn free(&self) -> u64 {
        match self.full {
            true => 0,
            false => self.capacity.saturating_sub(self.used),
        }
    }

    fn free_entries(&self) -> u64 {
        let most = (self.capacity / BYTES_PER_ENTRY).max(LEAST_ENTRIES);
        match self.full {
            true => 0,
            false => most.saturating_sub(self.entries),
        }
    }

    /// Measures again where what is known is too old. Nobody is told that there is less than `needed` by an
    /// estimate: it counts what was written over twice, and does not know what was removed.
    fn know(&mut self, root: &Path, needed: u64) {
        let near = self.free() < needed.saturating_add(NEAR) || self.free_entries() < 1_024;
        let short = self.free() < needed || self.free_entries() == 0;
        let age = if near { WARY } else { CALM };
        let due = self.measured.is_none_or(|at| {
            at.elapsed() >= age.max(self.took * PAUSES) || (short && self.changed)
        });
        if due {
            self.measure(root);
        }
    }

    fn measure(&mut self, root: &Path) {
        let started = Instant::now();
        (self.used, self.entries) = measured(root);
        self.took = started.elapsed();
        self.measured = Some(started);
        self.changed = false;
    }
}

/// Bytes and entries below a directory of the host.
fn measured(root: &Path) -> (u64, u64) {
    let (mut bytes, mut entries) = (0_u64, 0);
    let mut open = vec![root.to_path_buf()];
    while let Some(directory) = open.pop() {
        // What vanishes meanwhile takes nothing.
        let Ok(found) = fs::read_dir(&directory) else {
            continue;
        };
        for entry in found.flatten() {
            let Ok(metadata) = entry.metadata() else {
                continue;
            };
            entries += 1;
            if metadata.is_dir() {
                bytes += BLOCK;
                open.push(entry.path());
            } else {
                bytes += metadata.len().div_ceil(BLOCK) * BLOCK;
            }
        }
    }
    (bytes, entries)
}

impl Files {
    fn space(&self) -> MutexGuard<'_, Space> {
        self.space.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says how many bytes the data partition has; what is there stays, whatever it takes.
    pub fn set_capacity(&self, capacity: u64) {
        self.space().capacity = capacity;
    }

    /// Makes the partition full, whatever is on it, or takes that back.
    pub fn set_full(&self, full: bool) {
        self.space().full = full;
    }

    /// Size and used bytes of the data partition, measured now, as `df` shows them.
    pub fn usage(&self) -> (u64, u64) {
        let mut space = self.space();
        space.measure(&self.root);
        match space.full {
            true => (space.capacity, space.capacity),
            false => (space.capacity, space.used),
        }
    }

    /// Bytes and entries of the tree, measured now.
    pub(super) fn taken(&self) -> (u64, u64) {
        let mut space = self.space();
        space.measure(&self.root);
        (space.used, space.entries)
    }

    /// The tree is again one that was measured before.
    pub(super) fn measured_as(&self, used: u64, entries: u64) {
        let mut space = self.space();
        (space.used, space.entries) = (used, entries);
        space.measured = Some(Instant::now());
        space.changed = false;
    }

    /// Bytes that can still be written.
    pub fn free_bytes(&self) -> u64 {
        let mut space = self.space();
        space.know(&self.root, NEAR);
        space.free()
    }

    /// Takes room for as many of these bytes as there is room for; says how many.
    pub(super) fn take_bytes(&self, wanted: u64) -> u64 {
        let mut space = self.space();
        space.know(&self.root, wanted);
        let granted = wanted.min(space.free());
        space.used += granted;
        space.changed |= granted > 0;
        granted
    }

    /// Takes room for a new entry with so many blocks.
    pub(super) fn take_entry(&self, blocks: u64) -> Result<(), FileError> {
        let mut space = self.space();
        space.know(&self.root, blocks * BLOCK);
        if space.free() < blocks * BLOCK || space.free_entries() == 0 {
            return Err(FileError::NoSpace);
        }
        space.used += blocks * BLOCK;
        space.entries += 1;
        space.changed = true;
        Ok(())
    }

    /// Remembers that something was removed, so that room for the next is looked for on the disk.
    pub(super) fn gave_back(&self) {
        self.space().changed = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::system::{Clock, ClockMode};

    fn files(capacity: u64) -> (Files, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::open(folder.path(), Clock::new(ClockMode::Steps)).unwrap();
        let (_, used) = files.usage();
        files.set_capacity(used + capacity);
        (files, folder)
    }

    #[test]
    fn writers_share_what_is_left_and_removing_makes_room() {
        let (files, _folder) = files(1 << 20);
        let half = vec![1; 700_000];
        files.write("/sdcard/one", &half).unwrap();
        assert_eq!(files.write("/sdcard/two", &half), Err(FileError::NoSpace));
        files.remove_file("/sdcard/two").unwrap();
        files.remove_file("/sdcard/one").unwrap();
        files.write("/sdcard/two", &half).unwrap();
        // Writing it anew takes the room of what it held.
        files.write("/sdcard/two", &half).unwrap();
        assert!(files.free_bytes() < 400_000);
        let (capacity, used) = files.usage();
        assert!(used <= capacity, "{used} of {capacity}");
    }

    #[test]
    fn what_is_replaced_stays_where_there_is_no_room_for_the_new() {
        let (files, _folder) = files(40 * BLOCK);
        files.replace("/data/local/tmp/kept", "first").unwrap();
        files.write("/sdcard/filler", vec![1; 1 << 20]).unwrap_err();
        assert_eq!(
            files.replace("/data/local/tmp/kept", "second"),
            Err(FileError::NoSpace)
        );
        assert_eq!(files.read_text("/data/local/tmp/kept").unwrap(), "first");
        assert!(!files.exists("/data/local/tmp/kept.new"));
        files.remove_file("/sdcard/filler").unwrap();
        files.replace("/data/local/tmp/kept", "second").unwrap();
        assert_eq!(files.read_text("/data/local/tmp/kept").unwrap(), "second");
    }

    #[test]
    fn many_small_entries_end_too() {
        let (files, _folder) = files(40 * BLOCK);
        let made = (0..100).take_while(|number| {
            let made = files.make_dir(&format!("/sdcard/{number}"));
            assert!(made.is_ok() || made == Err(FileError::NoSpace), "{made:?}");
            made.is_ok()
        });
        let made = made.count();
        assert!((30..=40).contains(&made), "{made}");
    }

    #[test]
    fn what_grows_without_asking_is_seen() {
        let (files, folder) = files(1 << 20);
        let host = folder.path().join("data/grown.db");
        fs::write(host, vec![1; 900_000]).unwrap();
        files.space().measured = None;
        let left = (1 << 20) - 900_000_u64.div_ceil(BLOCK) * BLOCK;
        assert_eq!(files.free_bytes(), left);
        let all = files.write("/sdcard/all", vec![1; 1 << 20]);
        assert_eq!(all, Err(FileError::NoSpace));
        let (capacity, used) = files.usage();
        assert_eq!(used, capacity);
    }
}
