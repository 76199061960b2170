//! The paths of a shell's commands, and what its user may do with them. Uses the phone's files.

use super::interpreter::Shell;
use crate::phone::system::files::Entry;
use crate::phone::system::{FileError, Metadata, access, attributes, paths};

impl Shell {
    fn is_root(&self) -> bool {
        self.user == attributes::ROOT
    }

    /// The absolute path behind a command's argument, where this shell's user may reach it.
    pub fn path(&self, argument: &str) -> Result<String, FileError> {
        if argument.is_empty() {
            return Err(FileError::NotFound);
        }
        if argument.split('/').any(|name| name.len() > paths::MAX_NAME)
            || argument.len() > paths::MAX_PATH
        {
            return Err(FileError::NameTooLong);
        }
        let mut path =
            paths::normalize_link(&self.directory, argument).ok_or(FileError::InvalidPath)?;
        if argument.ends_with('/') && path != "/" {
            path.push('/');
        }
        // A link out of a directory that may not be passed is none.
        let asked = paths::join(&self.directory, argument).ok_or(FileError::InvalidPath)?;
        match self.is_root() || (access::may_use(&asked) && access::may_use(&path)) {
            true => Ok(path),
            false => Err(FileError::Denied),
        }
    }

    /// The same for an entry that is made, changed or removed.
    pub fn path_to_change(&self, argument: &str) -> Result<String, FileError> {
        let path = self.path(argument)?;
        self.may_change(&path).map(|()| path)
    }

    /// Whether this shell's user may make, change or remove an entry.
    pub fn may_change(&self, path: &str) -> Result<(), FileError> {
        let real = paths::normalize("/", path).ok_or(FileError::InvalidPath)?;
        match self.is_root() || access::may_change(&real) {
            true => Ok(()),
            false => Err(FileError::Denied),
        }
    }

    /// What is in a directory.
    pub fn entries(&self, directory: &str) -> Result<Vec<Entry>, FileError> {
        match self.is_root() || access::may_list(directory) {
            true => self.machine.files.list(directory),
            false => Err(FileError::Denied),
        }
    }

    /// Everything below a directory that this shell's user may see.
    pub fn walk(&self, directory: &str) -> Result<Vec<(String, Metadata)>, FileError> {
        let mut found = self.machine.files.walk(directory)?;
        let seen = |path: &str| {
            let parent = paths::split(path).map_or("/", |(parent, _)| parent);
            access::may_list(parent)
        };
        if !self.is_root() {
            found.retain(|(path, _)| seen(path));
        }
        Ok(found)
    }
}
