//! Changes of the tree: directories made, entries removed, moved, and given modes, owners and times.

use std::fs;

use super::Files;
use crate::phone::system::attributes;
use crate::phone::system::error::FileError;
use crate::phone::system::layout::MOUNTS;
use crate::phone::system::paths;

impl Files {
    /// Creates one directory.
    pub fn make_dir(&self, path: &str) -> Result<(), FileError> {
        let normal = self.normal(path)?;
        let host = self.host(&normal)?;
        if host.exists() {
            return Err(FileError::Exists);
        }
        self.take_entry(1)?;
        self.touch(&normal);
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
        self.touch(&normal);
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
        self.touch(&normal);
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
        // Should the removal break off in the middle, anything below may be gone.
        self.touch_moved(&normal);
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
        self.touch(&from);
        self.touch_moved(&to);
        fs::rename(self.host(&from)?, self.host(&to)?)?;
        self.gave_back();
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

    fn forget(&self, normal: &str) {
        self.gave_back();
        self.state()
            .known
            .retain(|path, _| !paths::is_within(path, normal));
    }
}
