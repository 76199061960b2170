//! ADB frames as pure codecs: packets, shell v2, sync, smart-socket strings; the messages of an emulator's control
//! service, of the accessibility forwarder and of scrcpy, and what H.264 says of its pictures. No I/O; used by the
//! clients (`adb`, `channels`) and by the virtual phone (`phone`). Bytes from outside are checked before anything
//! is allocated for them.

pub mod emulator;
pub mod forwarder;
pub mod h264;
pub mod packet;
pub mod scrcpy;
pub mod shell_v2;
pub mod smart_socket;
pub mod sync;

/// Why bytes from the other side are not what the protocol says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// The header's magic word is not the complement of the command.
    #[error("not an adb packet: command {command:#010x} with magic {magic:#010x}")]
    Magic {
        /// Command word.
        command: u32,
        /// Magic word.
        magic: u32,
    },
    /// A length beyond the limit.
    #[error("a {what} of {length} bytes is over the limit of {limit}")]
    TooLong {
        /// What is too long.
        what: &'static str,
        /// Announced length in bytes.
        length: u64,
        /// Limit in bytes.
        limit: u64,
    },
    /// The payload's sum does not fit the header.
    #[error("packet payload is corrupt: checksum {found:#010x}, header says {expected:#010x}")]
    Checksum {
        /// In the header.
        expected: u32,
        /// Of the payload.
        found: u32,
    },
    /// An id or packet kind that does not exist.
    #[error("unknown {what} {value}")]
    Unknown {
        /// What is unknown.
        what: &'static str,
        /// The value, readable.
        value: String,
    },
}
