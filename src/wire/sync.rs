//! The sync service: four-letter ids with little-endian fields, versions 1 and 2 (AOSP `SYNC.TXT`
//! and `file_sync_protocol.h`).

use bytes::{Buf, BufMut, BytesMut};

use super::WireError;

/// Largest DATA chunk, in bytes.
pub const MAX_CHUNK: u32 = 64 * 1024;
/// Longest path that is taken, in bytes.
pub const MAX_PATH: u32 = 1024;
/// Longest failure text that is taken, in bytes.
pub const MAX_MESSAGE: u32 = 64 * 1024;

/// A four-letter id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Id(pub [u8; 4]);

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        impl Id {
            $($(#[$doc])* pub const $name: Id = Id(*$text);)*
        }
    };
}

ids! {
    /// Metadata, version 1 (follows no link).
    STAT = b"STAT";
    /// Metadata, version 2, following links.
    STAT_V2 = b"STA2";
    /// Metadata, version 2, of a link itself.
    LSTAT_V2 = b"LST2";
    /// List a directory, version 1.
    LIST = b"LIST";
    /// List a directory, version 2.
    LIST_V2 = b"LIS2";
    /// One entry, version 1.
    ENTRY = b"DENT";
    /// One entry, version 2.
    ENTRY_V2 = b"DNT2";
    /// Send a file to the device, version 1: `path,mode`.
    SEND = b"SEND";
    /// Send, version 2: path, then mode and flags.
    SEND_V2 = b"SND2";
    /// Receive a file from the device.
    RECEIVE = b"RECV";
    /// Receive, version 2: path, then flags.
    RECEIVE_V2 = b"RCV2";
    /// A chunk of a file.
    DATA = b"DATA";
    /// The end of a file (with its modification time) or of a list.
    DONE = b"DONE";
    /// Success.
    OKAY = b"OKAY";
    /// Failure with a text.
    FAIL = b"FAIL";
    /// End of the session.
    QUIT = b"QUIT";
}

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", String::from_utf8_lossy(&self.0).escape_default())
    }
}

/// An id with one 32-bit field, the form of most messages. The field is a length or a number.
pub fn put_header(out: &mut BytesMut, id: Id, value: u32) {
    out.put_slice(&id.0);
    out.put_u32_le(value);
}

/// An id with a text and its length.
pub fn put_text(out: &mut BytesMut, id: Id, text: &[u8]) {
    put_header(out, id, text.len() as u32);
    out.put_slice(text);
}

/// Reads an id and its 32-bit field.
pub fn read_header(bytes: &[u8; 8]) -> (Id, u32) {
    let mut id = [0; 4];
    id.copy_from_slice(&bytes[..4]);
    (
        Id(id),
        u32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]),
    )
}

/// Checks an announced length before anything is allocated.
///
/// # Errors
/// [`WireError::TooLong`].
pub fn check_length(what: &'static str, length: u32, limit: u32) -> Result<usize, WireError> {
    if length > limit {
        return Err(WireError::TooLong {
            what,
            length: u64::from(length),
            limit: u64::from(limit),
        });
    }
    Ok(length as usize)
}

/// Metadata of version 1: mode 0 means that the file is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StatV1 {
    /// File type and permissions as in `st_mode`.
    pub mode: u32,
    /// Bytes, cut to 32 bits.
    pub size: u32,
    /// Seconds since 1970.
    pub mtime: u32,
}

impl StatV1 {
    /// Bytes after the id.
    pub const LENGTH: usize = 12;

    /// Appends the three fields.
    pub fn put(&self, out: &mut BytesMut) {
        out.put_u32_le(self.mode);
        out.put_u32_le(self.size);
        out.put_u32_le(self.mtime);
    }

    /// Reads the three fields.
    pub fn read(bytes: &[u8; StatV1::LENGTH]) -> StatV1 {
        let mut bytes = &bytes[..];
        StatV1 {
            mode: bytes.get_u32_le(),
            size: bytes.get_u32_le(),
            mtime: bytes.get_u32_le(),
        }
    }
}

/// Metadata of version 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StatV2 {
    /// 0, or the device's errno, e.g. 2 for a file that is not there.
    pub error: u32,
    /// Device number.
    pub dev: u64,
    /// Inode.
    pub ino: u64,
    /// File type and permissions.
    pub mode: u32,
    /// Links.
    pub nlink: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Bytes.
    pub size: u64,
    /// Last access, seconds since 1970.
    pub atime: i64,
    /// Last modification, seconds since 1970.
    pub mtime: i64,
    /// Last change, seconds since 1970.
    pub ctime: i64,
}

impl StatV2 {
    /// Bytes after the id.
    pub const LENGTH: usize = 68;

    /// Appends all fields.
    pub fn put(&self, out: &mut BytesMut) {
        out.put_u32_le(self.error);
        out.put_u64_le(self.dev);
        out.put_u64_le(self.ino);
        out.put_u32_le(self.mode);
        out.put_u32_le(self.nlink);
        out.put_u32_le(self.uid);
        out.put_u32_le(self.gid);
        out.put_u64_le(self.size);
        out.put_i64_le(self.atime);
        out.put_i64_le(self.mtime);
        out.put_i64_le(self.ctime);
    }

    /// Reads all fields.
    pub fn read(bytes: &[u8; StatV2::LENGTH]) -> StatV2 {
        let mut bytes = &bytes[..];
        StatV2 {
            error: bytes.get_u32_le(),
            dev: bytes.get_u64_le(),
            ino: bytes.get_u64_le(),
            mode: bytes.get_u32_le(),
            nlink: bytes.get_u32_le(),
            uid: bytes.get_u32_le(),
            gid: bytes.get_u32_le(),
            size: bytes.get_u64_le(),
            atime: bytes.get_i64_le(),
            mtime: bytes.get_i64_le(),
            ctime: bytes.get_i64_le(),
        }
    }
}

/// Splits `path,mode` of SEND at the last comma. The mode is C's `strtoul(.., 0)`: decimal, octal
/// with a leading 0, hexadecimal with 0x; clients use all of them.
pub fn split_send(argument: &str) -> Option<(&str, u32)> {
    let (path, mode) = argument.rsplit_once(',')?;
    let mode = if let Some(digits) = mode.strip_prefix("0x") {
        u32::from_str_radix(digits, 16).ok()?
    } else if mode.len() > 1 && mode.starts_with('0') {
        u32::from_str_radix(mode, 8).ok()?
    } else {
        mode.parse().ok()?
    };
    Some((path, mode))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn modes_come_in_three_notations() {
        assert_eq!(
            split_send("/sdcard/a,b.txt,33188"),
            Some(("/sdcard/a,b.txt", 0o100_644))
        );
        assert_eq!(split_send("/sdcard/a,0777"), Some(("/sdcard/a", 0o777)));
        assert_eq!(split_send("/sdcard/a,0x1ff"), Some(("/sdcard/a", 0o777)));
        assert_eq!(split_send("/sdcard/a,0"), Some(("/sdcard/a", 0)));
        for bad in ["/sdcard/a", "/sdcard/a,", "/sdcard/a,x", "/sdcard/a,09"] {
            assert_eq!(split_send(bad), None, "{bad}");
        }
    }

    #[test]
    fn lengths_are_checked() {
        assert_eq!(check_length("path", 10, MAX_PATH), Ok(10));
        assert!(check_length("path", 4_000_000_000, MAX_PATH).is_err());
    }

    proptest! {
        #[test]
        fn metadata_round_trips(mode: u32, size: u64, mtime: i64, error: u32, ino: u64) {
            let stat = StatV2 { error, ino, mode, size, mtime, ..StatV2::default() };
            let mut bytes = BytesMut::new();
            stat.put(&mut bytes);
            prop_assert_eq!(StatV2::read(bytes[..].try_into().unwrap()), stat);
            let old = StatV1 { mode, size: size as u32, mtime: mtime as u32 };
            let mut bytes = BytesMut::new();
            old.put(&mut bytes);
            prop_assert_eq!(StatV1::read(bytes[..].try_into().unwrap()), old);
        }
    }
}
