//! A phone's whole state at one moment, to go back to, as an emulator's snapshots are for. Uses the
//! machine and the host's files.
//!
//! Kept are the files with their modes, owners and times, settings, packages, properties, clipboard,
//! log, clock and random stream. The windows are not: going back shows the home screen, as a boot
//! does, so that a kept state has no half-done gesture in it.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::sync::atomic::Ordering;

use filetime::FileTime;
use rand_chacha::ChaCha8Rng;

use super::Root;
use super::machine::Machine;
use super::system::{
    Files, KnownFiles, Log, Moment, Packages, PhoneError, Properties, Settings, Touched, paths,
};
use super::window::WindowManager;

/// Bytes of a file that are compared at a time.
const CHUNK: usize = 64 << 10;

/// A kept state. It belongs to the phone that it was taken of.
#[derive(Debug)]
pub struct Snapshot {
    /// A copy of the files.
    files: Root,
    /// The number that the phone's record of changes since then has.
    number: u64,
    known: KnownFiles,
    settings: Settings,
    packages: Packages,
    properties: Properties,
    clipboard: Option<String>,
    log: Log,
    clock: Moment,
    random: ChaCha8Rng,
    process: u32,
    root: bool,
}

impl Snapshot {
    /// Keeps the state of a machine on which nothing is at work.
    pub(super) fn take(machine: &Machine) -> Result<Snapshot, PhoneError> {
        let files = Root::temporary()?;
        let state = machine.lock();
        let system = &state.system;
        // What is changed while it is copied counts as changed since.
        let number = system.files.keep_record();
        mirror(system.files.root(), files.path(), None).map_err(|error| failed(&files, &error))?;
        Ok(Snapshot {
            number,
            known: system.files.known(),
            settings: system.settings.clone(),
            packages: system.packages.clone(),
            properties: system.properties.clone(),
            clipboard: system.clipboard.clone(),
            log: system.log.clone(),
            clock: system.clock.moment(),
            random: system.random.clone(),
            process: machine.process_counter().load(Ordering::Relaxed),
            root: machine.is_root(),
            files,
        })
    }

    /// Puts a machine on which nothing is at work back into the kept state.
    pub(super) fn restore(&self, machine: &Machine) -> Result<(), PhoneError> {
        let mut state = machine.lock();
        let state = &mut *state;
        let system = &mut state.system;
        self.put_files_back(&system.files, machine.has_jobs())
            .map_err(|error| failed(&self.files, &error))?;
        system.files.put_back(&self.known);
        system.settings = self.settings.clone();
        system.packages = self.packages.clone();
        system.properties = self.properties.clone();
        system.clipboard.clone_from(&self.clipboard);
        system.log = self.log.clone();
        let uptime = system.clock.uptime_micros();
        system.clock.put_back(&self.clock);
        let earlier = uptime.saturating_sub(system.clock.uptime_micros());
        machine.faults.went_back(earlier);
        system.random = self.random.clone();
        machine
            .process_counter()
            .store(self.process, Ordering::Relaxed);
        machine.set_root(self.root);
        machine.loopback.clear();
        state.windows = WindowManager::new(system);
        Ok(())
    }

    /// Makes the phone's files those that were kept. `busy`: somebody may still hold files open, whose
    /// changes nobody records.
    fn put_files_back(&self, files: &Files, busy: bool) -> io::Result<()> {
        let touched = files.take_record(self.number);
        // What is changed from here on counts as changed since.
        files.equal_to(self.number);
        let done = match &touched {
            Some(touched) => mirror_touched(self.files.path(), files.root(), touched),
            None => mirror(self.files.path(), files.root(), None),
        };
        if busy || done.is_err() {
            files.take_record(self.number);
        }
        done
    }
}

fn failed(root: &Root, error: &io::Error) -> PhoneError {
    PhoneError::Root {
        path: root.path().display().to_string(),
        error: error.to_string(),
    }
}

/// Makes `to` equal to `from` where it may differ, after whatever was touched since it was equal.
fn mirror_touched(from: &Path, to: &Path, touched: &Touched) -> io::Result<()> {
    // In this order what is above comes first, and has made what was gone.
    for directory in touched.directories() {
        let below = directory.trim_start_matches('/');
        let (source, target) = (from.join(below), to.join(below));
        // One that was made since goes with what it is in.
        let Ok(found) = fs::symlink_metadata(&source) else {
            continue;
        };
        if found.is_dir() {
            mirror(&source, &target, Some((touched, directory)))?;
            date(&target, &found)?;
        }
    }
    Ok(())
}

/// Makes `to` equal to `from`, times included. What is equal already stays as it is: contents are
/// compared, since the times of a phone whose clock stands still say nothing.
///
/// With what was touched, and the phone's path of the directory, only entries of the directory itself are
/// looked at: below those directories that are there nothing changed but what is touched itself or moved.
fn mirror(from: &Path, to: &Path, touched: Option<(&Touched, &str)>) -> io::Result<()> {
    let mut wanted: BTreeSet<OsString> = BTreeSet::new();
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let found = entry.metadata()?;
        if !found.is_dir() && !found.is_file() {
            continue;
        }
        wanted.insert(entry.file_name());
        let mut there = fs::symlink_metadata(&target).ok();
        if let Some(other) = &there
            && (other.is_dir() != found.is_dir() || other.file_type().is_symlink())
        {
            remove(&target)?;
            there = None;
        }
        let touched = touched.map(|(touched, directory)| {
            let path = paths::child(directory, &entry.file_name().to_string_lossy());
            (touched.has(&path), touched.moved.contains(&path))
        });
        if found.is_dir() {
            if there.is_none() {
                fs::create_dir(&target)?;
            }
            if there.is_none() || touched.is_none_or(|(_, moved)| moved) {
                mirror(&source, &target, None)?;
            }
        } else {
            let alike = there.as_ref().is_some_and(|it| it.len() == found.len());
            let equal = match touched {
                Some((false, _)) if alike && dates_of(there.as_ref()) == dates_of(Some(&found)) => {
                    continue;
                }
                _ => alike && is_same(&source, &target)?,
            };
            if !equal {
                fs::copy(&source, &target)?;
            }
        }
        date(&target, &found)?;
    }
    for entry in fs::read_dir(to)? {
        let entry = entry?;
        if !wanted.contains(&entry.file_name()) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

/// Gives an entry the times of another one, where it has not got them. The phone shows change times alone.
fn date(target: &Path, found: &fs::Metadata) -> io::Result<()> {
    if dates_of(fs::symlink_metadata(target).ok().as_ref()) == dates_of(Some(found)) {
        return Ok(());
    }
    filetime::set_file_times(
        target,
        FileTime::from_last_access_time(found),
        FileTime::from_last_modification_time(found),
    )
}

fn dates_of(found: Option<&fs::Metadata>) -> Option<FileTime> {
    found.map(FileTime::from_last_modification_time)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path)?.is_dir() {
        true => fs::remove_dir_all(path),
        false => fs::remove_file(path),
    }
}

/// Whether two files of one length hold the same.
fn is_same(left: &Path, right: &Path) -> io::Result<bool> {
    let open = |path| Ok::<_, io::Error>(BufReader::with_capacity(CHUNK, fs::File::open(path)?));
    let (mut left, mut right) = (open(left)?, open(right)?);
    loop {
        let (one, other) = (left.fill_buf()?, right.fill_buf()?);
        let length = one.len().min(other.len());
        if length == 0 {
            return Ok(one.len() == other.len());
        }
        if one[..length] != other[..length] {
            return Ok(false);
        }
        left.consume(length);
        right.consume(length);
    }
}
