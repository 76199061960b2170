//! Errors of the phone's system, with the texts that a phone prints for them.

use std::io;

/// What a file operation can fail with; the text is the one of `strerror` on Android.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// ENOENT.
    #[error("No such file or directory")]
    NotFound,
    /// EEXIST.
    #[error("File exists")]
    Exists,
    /// ENOTDIR.
    #[error("Not a directory")]
    NotADirectory,
    /// EISDIR.
    #[error("Is a directory")]
    IsADirectory,
    /// ENOTEMPTY.
    #[error("Directory not empty")]
    NotEmpty,
    /// ENOSPC.
    #[error("No space left on device")]
    NoSpace,
    /// EFBIG.
    #[error("File too large")]
    TooLarge,
    /// ENAMETOOLONG.
    #[error("File name too long")]
    NameTooLong,
    /// EBUSY.
    #[error("Device or resource busy")]
    Busy,
    /// EACCES.
    #[error("Permission denied")]
    Denied,
    /// EPERM.
    #[error("Operation not permitted")]
    NotPermitted,
    /// EINVAL: an empty path, a NUL byte, a symlink of the host.
    #[error("Invalid argument")]
    InvalidPath,
    /// Source and target are one file.
    #[error("same file")]
    SameFile,
    /// Anything else the host says.
    #[error("{0}")]
    Host(String),
}

impl FileError {
    /// The `errno` of the error, as the sync protocol sends it.
    pub fn errno(&self) -> u32 {
        match self {
            FileError::NotPermitted => 1,
            FileError::NotFound => 2,
            FileError::Denied => 13,
            FileError::Busy => 16,
            FileError::Exists => 17,
            FileError::NotADirectory => 20,
            FileError::IsADirectory => 21,
            FileError::InvalidPath | FileError::SameFile => 22,
            FileError::TooLarge => 27,
            FileError::NoSpace => 28,
            FileError::NameTooLong => 36,
            FileError::NotEmpty => 39,
            FileError::Host(_) => 5,
        }
    }
}

impl From<io::Error> for FileError {
    fn from(error: io::Error) -> FileError {
        match error.kind() {
            io::ErrorKind::NotFound => FileError::NotFound,
            io::ErrorKind::AlreadyExists => FileError::Exists,
            io::ErrorKind::NotADirectory => FileError::NotADirectory,
            io::ErrorKind::IsADirectory => FileError::IsADirectory,
            io::ErrorKind::DirectoryNotEmpty => FileError::NotEmpty,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => FileError::NoSpace,
            io::ErrorKind::FileTooLarge => FileError::TooLarge,
            io::ErrorKind::InvalidFilename => FileError::NameTooLong,
            io::ErrorKind::PermissionDenied => FileError::Denied,
            io::ErrorKind::ResourceBusy => FileError::Busy,
            io::ErrorKind::InvalidInput => FileError::InvalidPath,
            _ => FileError::Host(error.to_string()),
        }
    }
}

/// Errors of the virtual phone.
#[derive(Debug, thiserror::Error)]
pub enum PhoneError {
    /// A file operation.
    #[error("{path}: {error}")]
    File {
        /// The phone's path.
        path: String,
        /// What went wrong.
        error: FileError,
    },
    /// A database operation.
    #[error("database {path}: {error}")]
    Database {
        /// The phone's path.
        path: String,
        /// What SQLite says.
        error: rusqlite::Error,
    },
    /// The port cannot be listened on.
    #[error("cannot listen on 127.0.0.1:{port}: {error}; choose another port, or 0 for any")]
    Listen {
        /// The port asked for.
        port: u16,
        /// What the host says.
        error: io::Error,
    },
    /// The phone's root directory cannot be used.
    #[error("cannot use {path} as the phone's files: {error}")]
    Root {
        /// The host's path.
        path: String,
        /// What the host says.
        error: String,
    },
    /// An option does not fit.
    #[error("{0}")]
    Options(String),
    /// There is no such package.
    #[error("unknown package: {0}")]
    UnknownPackage(String),
    /// No activity answers an intent.
    #[error("no activity for {0}")]
    NoActivity(String),
}

impl PhoneError {
    /// Names the path of a file error.
    pub fn file(path: &str, error: FileError) -> PhoneError {
        PhoneError::File {
            path: path.to_owned(),
            error,
        }
    }

    /// Names the path of a database error.
    pub fn database(path: &str, error: rusqlite::Error) -> PhoneError {
        PhoneError::Database {
            path: path.to_owned(),
            error,
        }
    }
}
