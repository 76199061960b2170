//! What every way to a device can do.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;

use super::{AdbError, ServiceStream};

/// What a shell command left behind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ShellOutput {
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
    /// Exit code.
    pub exit_code: u8,
}

impl ShellOutput {
    /// Standard output as text; what is not UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }
}

/// Metadata of a file on the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileStat {
    /// File type and permissions as in `st_mode`.
    pub mode: u32,
    /// Bytes.
    pub size: u64,
    /// Last modification, seconds since 1970.
    pub mtime: i64,
}

impl FileStat {
    /// Whether it is a directory.
    pub fn is_directory(&self) -> bool {
        self.mode & 0o170_000 == 0o040_000
    }
}

/// One entry of a directory on the device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteEntry {
    /// Name without the directory.
    pub name: String,
    /// Metadata.
    pub stat: FileStat,
}

/// A file to write on the device.
#[derive(Debug, Clone, Copy)]
pub struct Upload<'a> {
    /// Where it goes.
    pub path: &'a str,
    /// What it holds.
    pub data: &'a [u8],
}

/// A way to one device. Every call ends within its deadline; dropping the future cancels it.
#[async_trait]
pub trait Transport: Send + Sync + Debug {
    /// The serial that messages name.
    fn serial(&self) -> &str;

    /// How often the device was asked for something so far: each shell command and each session of
    /// file transfers is one round trip, however many bytes it moved.
    fn round_trips(&self) -> u64;

    /// Runs a shell command and returns its output and exit code. A stream that ends without an
    /// exit code is an error.
    async fn shell(&self, command: &str, deadline: Duration) -> Result<ShellOutput, AdbError>;

    /// Runs a command without a terminal and returns its raw standard output.
    async fn exec_out(&self, command: &str, deadline: Duration) -> Result<Vec<u8>, AdbError>;

    /// Metadata of a path, following links.
    async fn stat(&self, path: &str, deadline: Duration) -> Result<FileStat, AdbError>;

    /// Entries of a directory, without `.` and `..`.
    async fn list(&self, path: &str, deadline: Duration) -> Result<Vec<RemoteEntry>, AdbError>;

    /// Writes files, in one session. `mode` holds the permission bits, `mtime` seconds since 1970.
    async fn push(
        &self,
        files: &[Upload<'_>],
        mode: u32,
        mtime: u32,
        deadline: Duration,
    ) -> Result<(), AdbError>;

    /// Reads a file of at most `limit` bytes.
    async fn pull(&self, path: &str, limit: u64, deadline: Duration) -> Result<Vec<u8>, AdbError>;

    /// Opens a raw stream to a service of the device, such as `tcp:9008` or `localabstract:NAME`. The deadline is for
    /// the opening; whoever reads and writes watches the clock on their own.
    ///
    /// # Errors
    /// When nothing answers for the service, or this way to the device has no such streams.
    async fn open(
        &self,
        service: &str,
        deadline: Duration,
    ) -> Result<Box<dyn ServiceStream>, AdbError>;

    /// Drops the connection, so that the next call makes a new one.
    async fn reset(&self);
}
