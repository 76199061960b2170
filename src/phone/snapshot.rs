//! A phone's whole state at one moment, to go back to, as an emulator's snapshots are for. Uses the
//! machine and the host's files.
//!
//! Kept are the files with their modes, owners and times, settings, packages, properties, clipboard,
//! log, clock and random stream. The windows are not: going back shows the home screen, as a boot
//! does, so that a kept state has no half-done gesture in it.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::atomic::Ordering;

use filetime::FileTime;
use rand_chacha::ChaCha8Rng;

use super::Root;
use super::machine::Machine;
use super::system::{KnownFiles, Log, Moment, Packages, PhoneError, Properties, Settings};
use super::window::WindowManager;

/// A kept state. It belongs to the phone that it was taken of.
#[derive(Debug)]
pub struct Snapshot {
    /// A copy of the files.
    files: Root,
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
        mirror(system.files.root(), files.path()).map_err(|error| failed(&files, &error))?;
        Ok(Snapshot {
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
        mirror(self.files.path(), system.files.root())
            .map_err(|error| failed(&self.files, &error))?;
        system.files.put_back(&self.known);
        system.settings = self.settings.clone();
        system.packages = self.packages.clone();
        system.properties = self.properties.clone();
        system.clipboard.clone_from(&self.clipboard);
        system.log = self.log.clone();
        system.clock.put_back(&self.clock);
        system.random = self.random.clone();
        machine
            .process_counter()
            .store(self.process, Ordering::Relaxed);
        machine.set_root(self.root);
        machine.loopback.clear();
        state.windows = WindowManager::new(system);
        Ok(())
    }
}

fn failed(root: &Root, error: &io::Error) -> PhoneError {
    PhoneError::Root {
        path: root.path().display().to_string(),
        error: error.to_string(),
    }
}

/// Makes `to` equal to `from`, times included. What is equal already stays as it is: contents are
/// compared, since the times of a phone whose clock stands still say nothing.
fn mirror(from: &Path, to: &Path) -> io::Result<()> {
    let mut wanted: BTreeSet<OsString> = BTreeSet::new();
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if !kind.is_dir() && !kind.is_file() {
            continue;
        }
        wanted.insert(entry.file_name());
        let there = fs::symlink_metadata(&target).ok();
        if let Some(there) = &there
            && (there.is_dir() != kind.is_dir() || there.file_type().is_symlink())
        {
            remove(&target)?;
        }
        if kind.is_dir() {
            if !target.is_dir() {
                fs::create_dir(&target)?;
            }
            mirror(&source, &target)?;
        } else if !is_same(&source, &target)? {
            fs::copy(&source, &target)?;
        }
        let found = fs::metadata(&source)?;
        filetime::set_file_times(
            &target,
            FileTime::from_last_access_time(&found),
            FileTime::from_last_modification_time(&found),
        )?;
    }
    for entry in fs::read_dir(to)? {
        let entry = entry?;
        if !wanted.contains(&entry.file_name()) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path)?.is_dir() {
        true => fs::remove_dir_all(path),
        false => fs::remove_file(path),
    }
}

fn is_same(left: &Path, right: &Path) -> io::Result<bool> {
    let Ok(found) = fs::metadata(right) else {
        return Ok(false);
    };
    if found.len() != fs::metadata(left)?.len() {
        return Ok(false);
    }
    Ok(fs::read(left)? == fs::read(right)?)
}
