//! Pictures in files of the host that the client made, as an emulator maps them. Uses the host's files.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Where such files may be; a service that everybody on this machine can call is not to write just anywhere.
fn places() -> [PathBuf; 2] {
    [PathBuf::from("/dev/shm"), std::env::temp_dir()]
}

/// Why a picture was not written.
#[derive(Debug, thiserror::Error)]
pub enum SharedError {
    /// No file that may be written.
    #[error(
        "{handle:?} is no file for pictures; name one as file:///dev/shm/NAME that is there already: {reason}"
    )]
    Handle {
        /// What was named.
        handle: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file without room.
    #[error("the shared memory region needs to have a size of at least {0}")]
    Small(usize),
}

/// Writes a picture to the file of a handle: `written` is what there is of it, and `whole` how many bytes it has.
///
/// # Errors
/// [`SharedError`] when the file is not there, too small or somewhere else.
pub fn write(handle: &str, written: &[u8], whole: usize) -> Result<(), SharedError> {
    let wrong = |reason: String| SharedError::Handle {
        handle: handle.to_owned(),
        reason,
    };
    let path = handle.strip_prefix("file://").unwrap_or_default();
    let path = check(Path::new(path)).map_err(|error| wrong(error.to_string()))?;
    let file = OpenOptions::new().write(true).open(path);
    let file = file.map_err(|error| wrong(error.to_string()))?;
    let length = file.metadata().map_err(|error| wrong(error.to_string()))?;
    if length.len() < whole as u64 {
        return Err(SharedError::Small(whole));
    }
    file.write_all_at(written, 0)
        .map_err(|error| wrong(error.to_string()))
}

/// The file's path without links, where it is a plain file in one of the places.
fn check(path: &Path) -> io::Result<PathBuf> {
    let path = path.canonicalize()?;
    let folder = path.parent().unwrap_or(Path::new("/"));
    let mut places = places()
        .into_iter()
        .filter_map(|place| place.canonicalize().ok());
    if !places.any(|place| folder.starts_with(place)) {
        return Err(io::Error::other(
            "it is neither in /dev/shm nor among temporary files",
        ));
    }
    match path.metadata()?.is_file() {
        true => Ok(path),
        false => Err(io::Error::other("it is no plain file")),
    }
}
