//! Which places of the tree may differ from a state that was kept, so that going back to it looks at those
//! alone. A tree that somebody else may change too is not recorded, and is looked at as a whole.

use std::collections::BTreeSet;
use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{MutexGuard, PoisonError};

use super::Files;
use crate::phone::system::paths;

/// More places than this are not worth a record: the tree is looked at as a whole.
const MOST: usize = 10_000;

/// What may differ from a kept state: phone paths, normalized.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// Entries that were made, written, removed or dated. What is in a directory that is named here may be
    /// new or gone, but is as it was where it is not named itself.
    pub places: BTreeSet<String>,
    /// Entries that came here with all that is in them, so that anything below may be another.
    pub moved: BTreeSet<String>,
}

impl Touched {
    /// The directories to look into: touched entries, and what they are in.
    pub fn directories(&self) -> BTreeSet<&str> {
        self.places
            .iter()
            .flat_map(|place| {
                let parent = paths::split(place).map(|(parent, _)| parent);
                [Some(place.as_str()), parent]
            })
            .flatten()
            .collect()
    }

    /// Whether an entry was touched, or belongs to a database that was: SQLite writes its journals beside it.
    pub fn has(&self, path: &str) -> bool {
        let database = path.rsplit_once('-').map(|(database, _)| database);
        self.places.contains(path) || database.is_some_and(|it| self.places.contains(it))
    }
}

/// The record; it begins with a state that was kept.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// Whether only this process changes the tree.
    alone: bool,
    /// The kept state that the tree was equal to when the record began.
    kept: Option<u64>,
    touched: Touched,
}

impl Record {
    fn make_room(&mut self) {
        if self.touched.places.len() + self.touched.moved.len() >= MOST {
            self.kept = None;
            self.touched = Touched::default();
        }
    }
}

impl Files {
    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says that nobody but this handle and its clones changes the tree.
    pub fn is_ours_alone(&self) {
        self.record().alone = true;
    }

    /// Begins the record: from now on the tree is equal to a new kept state; says its number.
    pub fn keep_record(&self) -> u64 {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        self.equal_to(number);
        number
    }

    /// The tree is equal to the kept state of this number.
    pub fn equal_to(&self, number: u64) {
        let mut record = self.record();
        record.kept = record.alone.then_some(number);
        record.touched = Touched::default();
    }

    /// Ends the record and says what it holds; `None` where it does not begin with the kept state of this
    /// number, so that anything may differ.
    pub fn take_record(&self, number: u64) -> Option<Touched> {
        let mut record = self.record();
        let touched = mem::take(&mut record.touched);
        record.kept.take().filter(|kept| *kept == number)?;
        Some(touched)
    }

    /// Ends the record: anything may differ from whatever was kept.
    pub(super) fn end_record(&self) {
        let mut record = self.record();
        record.kept = None;
        record.touched = Touched::default();
    }

    /// Records an entry that is made, written, removed or dated.
    pub(super) fn touch(&self, normal: &str) {
        let mut record = self.record();
        if record.kept.is_none() || record.touched.places.contains(normal) {
            return;
        }
        record.make_room();
        record.touched.places.insert(normal.to_owned());
    }

    /// Records an entry that comes to a place with all that is in it.
    pub(super) fn touch_moved(&self, normal: &str) {
        self.touch(normal);
        let mut record = self.record();
        if record.kept.is_some() {
            record.make_room();
            record.touched.moved.insert(normal.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::system::{Clock, ClockMode};

    fn files() -> (Files, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::open(folder.path(), Clock::new(ClockMode::Steps)).unwrap();
        (files, folder)
    }

    #[test]
    fn a_record_belongs_to_one_kept_state() {
        let (files, _folder) = files();
        files.is_ours_alone();
        let first = files.keep_record();
        files.write("/sdcard/a.txt", "a").unwrap();
        let touched = files.take_record(first).unwrap();
        assert!(touched.has("/storage/emulated/0/a.txt"));
        assert!(touched.has("/storage/emulated/0/a.txt-journal"));
        assert!(!touched.has("/storage/emulated/0/b.txt"));
        assert!(touched.directories().contains("/storage/emulated/0"));
        // It has ended.
        assert_eq!(files.take_record(first), None);
        files.equal_to(first);
        let second = files.keep_record();
        assert_eq!(files.take_record(first), None);
        files.equal_to(second);
        assert_eq!(files.take_record(second), Some(Touched::default()));
    }

    #[test]
    fn a_tree_that_others_change_has_no_record() {
        let (files, _folder) = files();
        let kept = files.keep_record();
        assert_eq!(files.take_record(kept), None);
    }

    #[test]
    fn too_many_places_end_the_record() {
        let (files, _folder) = files();
        files.is_ours_alone();
        let kept = files.keep_record();
        for number in 0..=MOST {
            files.touch(&format!("/data/{number}"));
        }
        assert_eq!(files.take_record(kept), None);
    }
}
