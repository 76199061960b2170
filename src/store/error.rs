//! What can go wrong with a store, on which file, and what to do about it.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use super::free_bytes;

/// Free space in bytes below which a failure of the database's files is one of space: some of its calls
/// (of its shared memory, of waiting for the disk) do not say which it was.
const NONE_LEFT: u64 = 64 << 10;

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no run.
    #[error("{}: there is no run here; check the directory, or start one with `stepdroid train`", .0.display())]
    Missing(PathBuf),
    /// There is a run already.
    #[error(
        "{}: there is a run here already; go on with it (`stepdroid train --resume`) or choose another name (run.name)", .0.display()
    )]
    Exists(PathBuf),
    /// The database is damaged.
    #[error(
        "{}: the run's database is damaged ({detail}); nothing was changed. Keep a copy of it, then try `sqlite3 run.sqlite .recover`, or start a new run", path.display()
    )]
    Corrupt {
        /// The database.
        path: PathBuf,
        /// What SQLite says.
        detail: String,
    },
    /// Another program's database.
    #[error("{}: this is an SQLite database, but not a run of stepdroid", .0.display())]
    Foreign(PathBuf),
    /// Written by a newer program.
    #[error(
        "{}: written by a newer stepdroid (schema {found}, this program knows up to {known}); nothing was changed. Use that version, or start a new run", path.display()
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest schema of this program.
        known: i64,
    },
    /// Another process is writing.
    #[error(
        "{}: another process is using this run; wait until it ends, or stop it", .0.display()
    )]
    Locked(PathBuf),
    /// The disk is full.
    #[error(
        "{}: the disk is full while {doing}; what was written before is safe. Free some space, then go on with `stepdroid train --resume`", path.display()
    )]
    Full {
        /// The file.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
    },
    /// The file may not be written.
    #[error("{}: not writable while {doing}; check the permissions", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
    },
    /// A file can't be read or written.
    #[error("{}: {doing} failed: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// Any other failure of SQLite.
    #[error("{}: {doing} failed: {source}", path.display())]
    Sql {
        /// The database.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// Why.
        source: rusqlite::Error,
    },
    /// A stored value makes no sense.
    #[error("{}: {place} holds {problem}", path.display())]
    Value {
        /// The database.
        path: PathBuf,
        /// Table and row.
        place: String,
        /// What is wrong.
        problem: String,
    },
    /// The slot has its result.
    #[error("{place} is finished already; a trajectory counts once")]
    AlreadyFinished {
        /// Phase, number and slot.
        place: String,
    },
    /// There is no such row.
    #[error("{}: there is no {what}", path.display())]
    NotFound {
        /// The database.
        path: PathBuf,
        /// What was asked for.
        what: String,
    },
    /// A round's states go forward only.
    #[error("{place} is {found}, it can't become {wanted}")]
    WrongState {
        /// Phase and number.
        place: String,
        /// State it is in.
        found: &'static str,
        /// State asked for.
        wanted: &'static str,
    },
    /// A blob is not what its name says.
    #[error("{}: the blob is damaged: its content does not have the hash of its name", .0.display())]
    BlobDamaged(PathBuf),
    /// Not a content hash.
    #[error("{0:?} is not a content hash (64 hexadecimal digits)")]
    NotAHash(String),
}

/// Whether an error of the file system says that the disk, or the user's share of it, is full.
pub fn is_full(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded)
}

impl StoreError {
    /// What was being done when the disk turned out to be full; `None` for any other error.
    pub fn full_while(&self) -> Option<&'static str> {
        match self {
            StoreError::Full { doing, .. } => Some(doing),
            _ => None,
        }
    }

    /// Sorts an SQLite error.
    pub(super) fn sql(path: &Path, doing: &'static str, source: rusqlite::Error) -> StoreError {
        let path = path.to_path_buf();
        match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Corrupt {
                path,
                detail: source.to_string(),
            },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Locked(path),
            Some(ErrorCode::DiskFull) => StoreError::Full { path, doing },
            Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen)
                if free_bytes(path.parent().unwrap_or(&path))
                    .is_ok_and(|free| free < NONE_LEFT) =>
            {
                StoreError::Full { path, doing }
            }
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                StoreError::ReadOnly { path, doing }
            }
            _ => StoreError::Sql {
                path,
                doing,
                source,
            },
        }
    }

    /// Sorts an error of the file system.
    pub(super) fn io(path: &Path, doing: &'static str, source: std::io::Error) -> StoreError {
        let path = path.to_path_buf();
        match source.kind() {
            _ if is_full(&source) => StoreError::Full { path, doing },
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                StoreError::ReadOnly { path, doing }
            }
            _ => StoreError::Io {
                path,
                doing,
                source,
            },
        }
    }
}
