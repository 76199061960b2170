//! What `stat` and a listing say of the phone's entries.

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
