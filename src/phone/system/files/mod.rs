//! The phone's file system: a directory of the host as the phone's root, with Android's layout,
//! links, modes, owners, times and an end of its room. Uses `paths`, `case`, `attributes` and the clock.
//!
//! Files are real, so SQLite databases are real files. Modes and owners are kept in memory: the
//! host's stay such that this process can always read what it wrote. Host symlinks are never
//! followed, and no path leaves the root.

mod change;
mod entry;
mod space;
mod times;
mod touched;
mod writer;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use super::attributes::{self, Attributes};
use super::case;
use super::clock::Clock;
use super::error::FileError;
use super::layout::LAYOUT;
use super::paths;
use space::Space;
use touched::Record;

pub use entry::{Entry, FileKind, Metadata};
pub use space::DEFAULT_CAPACITY;
pub use touched::Touched;
pub use writer::{FileWriter, WriteMode};

/// The most that [`Files::read`] takes into memory.
pub const MAX_READ: u64 = 256 << 20;

#[derive(Debug, Clone, Default)]
struct State {
    /// What was said about a path; missing fields follow the defaults.
    known: BTreeMap<String, Known>,
    /// User ids by package.
    apps: BTreeMap<String, u32>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Known {
    mode: Option<u32>,
    owner: Option<(u32, u32)>,
    /// The time that this process gave to the host's file, in microseconds.
    stamped: Option<i64>,
}

/// Modes, owners and times as they were, and what the files took; the files themselves are the host's.
#[derive(Debug, Clone)]
pub struct KnownFiles {
    state: State,
    used: u64,
    entries: u64,
}

/// A shared handle to the phone's files. Paths may be relative to `/`.
#[derive(Debug, Clone)]
pub struct Files {
    root: Arc<PathBuf>,
    clock: Clock,
    started: SystemTime,
    state: Arc<Mutex<State>>,
    space: Arc<Mutex<Space>>,
    record: Arc<Mutex<Record>>,
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
            space: Arc::default(),
            record: Arc::default(),
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
        let (used, entries) = self.taken();
        KnownFiles {
            state: self.state().clone(),
            used,
            entries,
        }
    }

    /// Goes back to what was known before, once the files are those of then.
    pub fn put_back(&self, known: &KnownFiles) {
        *self.state() = known.state.clone();
        self.measured_as(known.used, known.entries);
    }

    /// Removes everything; Android's layout is there again afterwards.
    ///
    /// # Errors
    /// When the host does not let go of something.
    pub fn empty(&self) -> Result<(), FileError> {
        self.end_record();
        for entry in fs::read_dir(self.root())? {
            let path = entry?.path();
            match fs::symlink_metadata(&path)?.is_dir() {
                true => fs::remove_dir_all(&path)?,
                false => fs::remove_file(&path)?,
            }
        }
        *self.state() = State::default();
        self.measured_as(0, 0);
        for directory in LAYOUT {
            self.make_dirs(directory)?;
        }
        Ok(())
    }

    /// The host directory that is the phone's root.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Tells which user owns a package's data.
    pub fn set_app_user(&self, package: &str, user: u32) {
        self.state().apps.insert(package.to_owned(), user);
    }

    /// The host's path behind a phone path, links followed, for whoever writes there. Errors on paths that
    /// leave the phone or pass a symlink of the host. The entry itself need not exist.
    pub fn host_path(&self, path: &str) -> Result<PathBuf, FileError> {
        let normal = paths::normalize("/", path).ok_or(FileError::InvalidPath)?;
        let normal = case::as_stored(&self.root, normal);
        self.touch(&normal);
        self.host(&normal)
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
}
