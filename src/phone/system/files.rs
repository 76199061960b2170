//! The phone's file system: a directory of the host as the phone's root, with Android's layout,
//! links, modes, owners and times. Uses `paths`, `case`, `attributes` and the clock.
//!
//! Files are real, so SQLite databases are real files. Modes and owners are kept in memory: the
//! host's stay such that this process can always read what it wrote. Host symlinks are never
//! followed, and no path leaves the root.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use filetime::FileTime;

use super::attributes::{self, Attributes};
use super::case;
use super::clock::Clock;
use super::error::FileError;
use super::layout::{LAYOUT, MOUNTS};
use super::paths;

pub use super::writer::{FileWriter, WriteMode};

/// The most that [`Files::read`] takes into memory.
pub const MAX_READ: u64 = 256 << 20;
/// What `df` shows on a phone without a limit: the data partition of the stock AVD.
pub const DEFAULT_CAPACITY: u64 = 6_240_665_600;

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// One of the phone's fixed links.
    Link,
}

/// One entry as `stat` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// What it is.
    pub kind: FileKind,
    /// Bytes.
    pub size: u64,
    /// Type and permission bits.
    pub mode: u32,
    /// Owner.
    pub user: u32,
    /// Group.
    pub group: u32,
    /// Change time in microseconds of the Unix epoch, on the phone's clock; /data is mounted
    /// without access times, so they are the same.
    pub modified_micros: i64,
    /// The host's inode number.
    pub inode: u64,
    /// Hard links.
    pub links: u64,
    /// 512-byte blocks.
    pub blocks: u64,
}

impl Metadata {
    /// Whether it is a directory.
    pub fn is_directory(&self) -> bool {
        self.kind == FileKind::Directory
    }

    /// Change time in whole seconds.
    pub fn modified_seconds(&self) -> i64 {
        self.modified_micros.div_euclid(1_000_000)
    }
}

/// A name in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Name without directories.
    pub name: String,
    /// What it is.
    pub metadata: Metadata,
}

#[derive(Debug, Clone, Default)]
struct State {
    /// What was said about a path; missing fields follow the defaults.
    known: BTreeMap<String, Known>,
    /// User ids by package.
    apps: BTreeMap<String, u32>,
    /// Simulated size of the data partition in bytes.
    capacity: Option<u64>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Known {
    mode: Option<u32>,
    owner: Option<(u32, u32)>,
    /// The time that this process gave to the host's file, in microseconds.
    stamped: Option<i64>,
}

/// Modes, owners and times as they were; the files themselves are the host's.
#[derive(Debug, Clone)]
pub struct KnownFiles(State);

/// A shared handle to the phone's files. Paths may be relative to `/`.
#[derive(Debug, Clone)]
pub struct Files {
    root: Arc<PathBuf>,
    clock: Clock,
    started: SystemTime,
    state: Arc<Mutex<State>>,
}

impl Files {
    /// Opens a host directory as the phone's root and creates Android's layout in it.
    pub fn open(root: &Path, clock: Clock) -> Result<Files, FileError> {
        fs::create_dir_all(root)?;
        let root = root.canonicalize()?;
        let files = Files {
            root: Arc::new(root),
            clock,
            started: SystemTime::now() - Duration::from_secs(5),
            state: Arc::default(),
        };
        for directory in LAYOUT {
            files.make_dirs(directory)?;
        }
        Ok(files)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of the files beside their content.
    pub fn known(&self) -> KnownFiles {
        KnownFiles(self.state().clone())
    }

    /// Goes back to what was known before.
    pub fn put_back(&self, known: &KnownFiles) {
        *self.state() = known.0.clone();
    }

    /// The host directory that is the phone's root.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Limits the data partition to so many bytes (`None`: no limit), to simulate a full disk.
    pub fn set_capacity(&self, capacity: Option<u64>) {
        self.state().capacity = capacity;
    }

    /// Size and used bytes of the data partition, as `df` shows them.
    pub fn usage(&self) -> (u64, u64) {
        let capacity = self.state().capacity;
        (capacity.unwrap_or(DEFAULT_CAPACITY), used_bytes(&self.root))
    }

    /// Bytes that can still be written; `None` without a limit.
    pub fn free_bytes(&self) -> Option<u64> {
        let capacity = self.state().capacity?;
        Some(capacity.saturating_sub(used_bytes(&self.root)))
    }

    /// Tells which user owns a package's data.
    pub fn set_app_user(&self, package: &str, user: u32) {
        self.state().apps.insert(package.to_owned(), user);
    }

    /// The host's path behind a phone path, links followed. Errors on paths that leave the phone
    /// or pass a symlink of the host. The entry itself need not exist.
    pub fn host_path(&self, path: &str) -> Result<PathBuf, FileError> {
        let normal = paths::normalize("/", path).ok_or(FileError::InvalidPath)?;
        self.host(&case::as_stored(&self.root, normal))
    }

    fn normal(&self, path: &str) -> Result<String, FileError> {
        if path.len() > paths::MAX_PATH || path.split('/').any(|name| name.len() > paths::MAX_NAME)
        {
            return Err(FileError::NameTooLong);
        }
        let normal = paths::normalize("/", path).ok_or(FileError::InvalidPath)?;
        let normal = case::as_stored(&self.root, normal);
        if path.ends_with('/') && self.host(&normal)?.is_file() {
            return Err(FileError::NotADirectory);
        }
        Ok(normal)
    }

    fn host(&self, normal: &str) -> Result<PathBuf, FileError> {
        let mut host = self.root.as_path().to_path_buf();
        for name in normal.split('/').filter(|name| !name.is_empty()) {
            host.push(name);
            match fs::symlink_metadata(&host) {
                Ok(found) if found.file_type().is_symlink() => return Err(FileError::InvalidPath),
                Ok(_) => {}
                // The rest does not exist either.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(host)
    }

    /// Whether there is such an entry.
    pub fn exists(&self, path: &str) -> bool {
        self.metadata(path).is_ok()
    }

    /// Whether the path is a directory.
    pub fn is_dir(&self, path: &str) -> bool {
        self.metadata(path).is_ok_and(|found| found.is_directory())
    }

    /// Whether the path is a regular file.
    pub fn is_file(&self, path: &str) -> bool {
        self.metadata(path)
            .is_ok_and(|found| found.kind == FileKind::File)
    }

    /// An entry's metadata, links followed.
    pub fn metadata(&self, path: &str) -> Result<Metadata, FileError> {
        let normal = self.normal(path)?;
        self.metadata_of(&normal)
    }

    /// An entry's metadata; for one of the phone's links, the link's own.
    pub fn link_metadata(&self, path: &str) -> Result<Metadata, FileError> {
        match paths::normalize_link("/", path) {
            Some(plain) if !path.ends_with('/') && paths::link_target(&plain).is_some() => {
                let mut found = self.metadata_of(&self.normal(path)?)?;
                found.kind = FileKind::Link;
                found.mode = attributes::LINK | 0o777;
                found.size = paths::link_target(&plain).map_or(0, |shown| shown.len() as u64);
                (found.user, found.group) = (attributes::ROOT, attributes::ROOT);
                Ok(found)
            }
            _ => self.metadata(path),
        }
    }

    fn metadata_of(&self, normal: &str) -> Result<Metadata, FileError> {
        let host = self.host(normal)?;
        let found = fs::symlink_metadata(&host)?;
        let directory = found.is_dir();
        let attributes = self.attributes(normal, directory);
        Ok(Metadata {
            kind: if directory {
                FileKind::Directory
            } else {
                FileKind::File
            },
            size: if directory { 4096 } else { found.len() },
            mode: attributes.mode
                | if directory {
                    attributes::DIRECTORY
                } else {
                    attributes::REGULAR
                },
            user: attributes.user,
            group: attributes.group,
            modified_micros: self.modified(normal, &host, &found),
            inode: found.ino(),
            links: found.nlink(),
            blocks: if directory {
                8
            } else {
                found.len().div_ceil(4096) * 8
            },
        })
    }

    fn attributes(&self, normal: &str, directory: bool) -> Attributes {
        let state = self.state();
        let mut attributes = attributes::default_for(normal, directory, |package| {
            state.apps.get(package).copied()
        });
        if let Some(known) = state.known.get(normal) {
            attributes.mode = known.mode.unwrap_or(attributes.mode);
            (attributes.user, attributes.group) =
                known.owner.unwrap_or((attributes.user, attributes.group));
        }
        attributes
    }

    /// The change time on the phone's clock. SQLite writes through the host and so leaves the
    /// host's time: such a change gets the phone's time when it is first seen.
    fn modified(&self, normal: &str, host: &Path, found: &fs::Metadata) -> i64 {
        let micros = found.mtime() * 1_000_000 + found.mtime_nsec() / 1_000;
        let stamped = self
            .state()
            .known
            .get(normal)
            .and_then(|known| known.stamped);
        if stamped == Some(micros) {
            return micros;
        }
        let since = SystemTime::UNIX_EPOCH + Duration::from_micros(micros.max(0) as u64);
        if since < self.started {
            return micros;
        }
        let now = self.clock.now_micros();
        self.stamp(normal, host, now);
        now
    }

    pub(super) fn now_micros(&self) -> i64 {
        self.clock.now_micros()
    }

    pub(super) fn stamp(&self, normal: &str, host: &Path, micros: i64) {
        let time = FileTime::from_unix_time(
            micros.div_euclid(1_000_000),
            (micros.rem_euclid(1_000_000) * 1_000) as u32,
        );
        // A file that vanished meanwhile needs no time.
        if filetime::set_file_times(host, time, time).is_ok() {
            self.state()
                .known
                .entry(normal.to_owned())
                .or_default()
                .stamped = Some(micros);
        }
    }

    fn stamp_now(&self, normal: &str, host: &Path) {
        let now = self.clock.now_micros();
        self.stamp(normal, host, now);
    }

    pub(super) fn stamp_parent(&self, normal: &str) {
        if let Some((parent, _)) = paths::split(normal)
            && let Ok(host) = self.host(parent)
        {
            self.stamp_now(parent, &host);
        }
    }

    /// Names in a directory, sorted by bytes, hidden ones included.
    pub fn list(&self, path: &str) -> Result<Vec<Entry>, FileError> {
        let normal = self.normal(path)?;
        let host = self.host(&normal)?;
        if !fs::symlink_metadata(&host)?.is_dir() {
            return Err(FileError::NotADirectory);
        }
        let mut entries = Vec::new();
        for found in fs::read_dir(&host)? {
            let Ok(name) = found?.file_name().into_string() else {
                continue;
            };
            // An entry may vanish while we look, as on a real device.
            if let Ok(metadata) = self.metadata_of(&paths::child(&normal, &name)) {
                entries.push(Entry { name, metadata });
            }
        }
        for (link, _, _) in paths::LINKS {
            if let Some((parent, name)) = paths::split(link)
                && parent == normal
                && let Ok(metadata) = self.link_metadata(link)
            {
                entries.retain(|entry| entry.name != name);
                entries.push(Entry {
                    name: name.to_owned(),
                    metadata,
                });
            }
        }
        entries.sort_by(|left, right| left.name.cmp(&right.name));
        Ok(entries)
    }

    /// Opens a file for reading, for streaming.
    pub fn open_read(&self, path: &str) -> Result<File, FileError> {
        let normal = self.normal(path)?;
        let host = self.host(&normal)?;
        if fs::symlink_metadata(&host)?.is_dir() {
            return Err(FileError::IsADirectory);
        }
        Ok(File::open(host)?)
    }

    /// A whole file, at most [`MAX_READ`] bytes.
    pub fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        let mut file = self.open_read(path)?;
        let length = file.metadata()?.len();
        if length > MAX_READ {
            return Err(FileError::TooLarge);
        }
        let mut bytes = Vec::with_capacity(length as usize);
        Read::by_ref(&mut file)
            .take(MAX_READ)
            .read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// A whole file as text; bytes that are not UTF-8 are replaced.
    pub fn read_text(&self, path: &str) -> Result<String, FileError> {
        Ok(String::from_utf8_lossy(&self.read(path)?).into_owned())
    }

    /// Writes a whole file, creating or truncating it; its directory must exist.
    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) -> Result<(), FileError> {
        let mut writer = self.open_write(path, WriteMode::Truncate)?;
        writer.write_all(bytes.as_ref())?;
        writer.finish()
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
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(mode == WriteMode::Truncate)
            .append(mode == WriteMode::Append)
            .mode(0o600)
            .open(&host)?;
        let writer = FileWriter {
            budget: self.free_bytes(),
            files: self.clone(),
            normal,
            host,
            file,
            created: before.is_none(),
        };
        Ok(writer)
    }

    /// Creates one directory.
    pub fn make_dir(&self, path: &str) -> Result<(), FileError> {
        let normal = self.normal(path)?;
        let host = self.host(&normal)?;
        if host.exists() {
            return Err(FileError::Exists);
        }
        if self.free_bytes().is_some_and(|free| free < 4096) {
            return Err(FileError::NoSpace);
        }
        fs::create_dir(&host)?;
        self.stamp_now(&normal, &host);
        self.stamp_parent(&normal);
        Ok(())
    }

    /// Creates a directory with everything above it; existing ones are fine.
    pub fn make_dirs(&self, path: &str) -> Result<(), FileError> {
        let normal = self.normal(path)?;
        let mut partial = String::new();
        for name in normal.split('/').filter(|name| !name.is_empty()) {
            partial.push('/');
            partial.push_str(name);
            match self.make_dir(&partial) {
                Ok(()) => {}
                Err(FileError::Exists) if self.is_dir(&partial) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Removes one file.
    pub fn remove_file(&self, path: &str) -> Result<(), FileError> {
        let normal = self.normal(path)?;
        let host = self.host(&normal)?;
        if fs::symlink_metadata(&host)?.is_dir() {
            return Err(FileError::IsADirectory);
        }
        fs::remove_file(host)?;
        self.forget(&normal);
        self.stamp_parent(&normal);
        Ok(())
    }

    /// Removes one empty directory.
    pub fn remove_dir(&self, path: &str) -> Result<(), FileError> {
        let normal = self.normal(path)?;
        if normal == "/" {
            return Err(FileError::Busy);
        }
        fs::remove_dir(self.host(&normal)?)?;
        self.forget(&normal);
        self.stamp_parent(&normal);
        Ok(())
    }

    /// Removes a file or a directory with everything in it.
    pub fn remove_tree(&self, path: &str) -> Result<(), FileError> {
        let normal = self.normal(path)?;
        if MOUNTS.contains(&normal.as_str()) {
            return Err(FileError::Busy);
        }
        let host = self.host(&normal)?;
        if fs::symlink_metadata(&host)?.is_dir() {
            fs::remove_dir_all(&host)?;
        } else {
            fs::remove_file(&host)?;
        }
        self.forget(&normal);
        self.stamp_parent(&normal);
        Ok(())
    }

    /// Moves an entry; a file at the new place is replaced. A new name that differs only in case renames,
    /// on the shared storage too.
    pub fn rename(&self, from: &str, to: &str) -> Result<(), FileError> {
        let asked = paths::normalize("/", to).ok_or(FileError::InvalidPath)?;
        let (from, mut to) = (self.normal(from)?, self.normal(to)?);
        if to == from
            && let (Some((parent, _)), Some((_, name))) =
                (paths::split(&from), paths::split(&asked))
        {
            to = paths::child(parent, name);
        }
        if MOUNTS.contains(&from.as_str()) {
            return Err(FileError::Busy);
        }
        fs::rename(self.host(&from)?, self.host(&to)?)?;
        let mut state = self.state();
        let moved: Vec<String> = state
            .known
            .keys()
            .filter(|path| paths::is_within(path, &from))
            .cloned()
            .collect();
        for path in moved {
            if let Some(known) = state.known.remove(&path) {
                state
                    .known
                    .insert(format!("{to}{}", &path[from.len()..]), known);
            }
        }
        drop(state);
        self.stamp_parent(&from);
        self.stamp_parent(&to);
        Ok(())
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

    /// Sets permission bits. On the shared storage this succeeds and changes nothing, as there.
    pub fn set_mode(&self, path: &str, mode: u32) -> Result<(), FileError> {
        let normal = self.normal(path)?;
        self.metadata_of(&normal)?;
        if !attributes::is_shared_storage(&normal) {
            self.state().known.entry(normal).or_default().mode = Some(mode & 0o7777);
        }
        Ok(())
    }

    /// Sets owner and group. On the shared storage this succeeds and changes nothing.
    pub fn set_owner(&self, path: &str, user: u32, group: u32) -> Result<(), FileError> {
        let normal = self.normal(path)?;
        self.metadata_of(&normal)?;
        if !attributes::is_shared_storage(&normal) {
            self.state().known.entry(normal).or_default().owner = Some((user, group));
        }
        Ok(())
    }

    /// Sets the change time in microseconds of the Unix epoch.
    pub fn set_times(&self, path: &str, micros: i64) -> Result<(), FileError> {
        let normal = self.normal(path)?;
        let host = self.host(&normal)?;
        fs::symlink_metadata(&host)?;
        self.stamp(&normal, &host, micros);
        Ok(())
    }

    /// Every path below a directory, depth first, sorted by name, the directory itself not
    /// included.
    pub fn walk(&self, path: &str) -> Result<Vec<(String, Metadata)>, FileError> {
        let mut found = Vec::new();
        self.walk_into(&self.normal(path)?, &mut found)?;
        Ok(found)
    }

    fn walk_into(
        &self,
        directory: &str,
        found: &mut Vec<(String, Metadata)>,
    ) -> Result<(), FileError> {
        for entry in self.list(directory)? {
            let path = paths::child(directory, &entry.name);
            let descend = entry.metadata.is_directory();
            found.push((path.clone(), entry.metadata));
            if descend {
                self.walk_into(&path, found)?;
            }
        }
        Ok(())
    }

    fn forget(&self, normal: &str) {
        self.state()
            .known
            .retain(|path, _| !paths::is_within(path, normal));
    }
}

fn used_bytes(directory: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(directory) else {
        return 0;
    };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(found) if found.is_dir() => used_bytes(&entry.path()),
            Ok(found) => found.len(),
            Err(_) => 0,
        })
        .sum()
}
