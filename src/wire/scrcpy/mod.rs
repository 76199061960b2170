//! What scrcpy's server 3.3.4 and its client say to each other: the heads of the video stream here, control messages
//! in `control`, what the device answers in `device`. All numbers are big-endian. Pure.

mod control;
mod device;

pub use control::{ControlMessage, Position, meta, touch};
pub use device::DeviceMessage;

use bytes::{Buf, BufMut, BytesMut};

use super::WireError;

/// The version whose words these are. Server and client refuse any other.
pub const VERSION: &str = "3.3.4";
/// The name of the server's class, which `app_process` runs.
pub const SERVER_CLASS: &str = "com.genymobile.scrcpy.Server";
/// Bytes of the device's name, padded with zeros.
pub const NAME_LENGTH: usize = 64;
/// `h264` as a number.
pub const H264: u32 = u32::from_be_bytes(*b"h264");
/// Largest packet of video that is taken, in bytes.
pub const MAX_PACKET: u32 = 16 << 20;
/// Longest text of a control or a device message, in bytes.
pub const MAX_TEXT: u32 = (1 << 18) - 5;

/// Set in a packet's time when it configures the decoder.
const CONFIG: u64 = 1 << 63;
/// Set in a packet's time when it needs no packet before it.
const KEY_FRAME: u64 = 1 << 62;

/// The abstract socket of a server with this number.
pub fn socket_name(scid: u32) -> String {
    format!("scrcpy_{scid:08x}")
}

/// How the video is encoded and how large it is, once at its beginning; later sizes are in the video itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VideoHeader {
    /// [`H264`], or another codec's.
    pub codec: u32,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

impl VideoHeader {
    /// Bytes of it.
    pub const LENGTH: usize = 12;

    /// Appends it to a buffer.
    pub fn encode(&self, out: &mut BytesMut) {
        out.put_u32(self.codec);
        out.put_u32(self.width);
        out.put_u32(self.height);
    }

    /// Reads it.
    pub fn read(bytes: &[u8; VideoHeader::LENGTH]) -> VideoHeader {
        let mut bytes = &bytes[..];
        VideoHeader {
            codec: bytes.get_u32(),
            width: bytes.get_u32(),
            height: bytes.get_u32(),
        }
    }
}

/// What stands in front of every packet of video.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PacketHeader {
    /// It configures the decoder and shows nothing.
    pub config: bool,
    /// It needs no packet before it but the configuration.
    pub key_frame: bool,
    /// When it was shown, in microseconds of the device's own clock; 0 for a configuration.
    pub time: u64,
    /// Bytes that follow.
    pub length: u32,
}

impl PacketHeader {
    /// Bytes of it.
    pub const LENGTH: usize = 12;

    /// Appends it to a buffer.
    pub fn encode(&self, out: &mut BytesMut) {
        let mut word = self.time & !(CONFIG | KEY_FRAME);
        if self.config {
            word = CONFIG;
        } else if self.key_frame {
            word |= KEY_FRAME;
        }
        out.put_u64(word);
        out.put_u32(self.length);
    }

    /// Reads it.
    ///
    /// # Errors
    /// [`WireError`] for a packet of no bytes or of more than [`MAX_PACKET`].
    pub fn read(bytes: &[u8; PacketHeader::LENGTH]) -> Result<PacketHeader, WireError> {
        let mut bytes = &bytes[..];
        let word = bytes.get_u64();
        let length = bytes.get_u32();
        if length == 0 {
            return Err(WireError::Unknown {
                what: "length of a video packet:",
                value: "0".to_owned(),
            });
        }
        if length > MAX_PACKET {
            return Err(WireError::TooLong {
                what: "video packet",
                length: length.into(),
                limit: MAX_PACKET.into(),
            });
        }
        Ok(PacketHeader {
            config: word & CONFIG != 0,
            key_frame: word & CONFIG == 0 && word & KEY_FRAME != 0,
            time: word & !(CONFIG | KEY_FRAME),
            length,
        })
    }
}

/// A text of so many bytes as its length says, at the front of `bytes`; `None` until it is all there.
fn text(bytes: &mut &[u8]) -> Result<Option<String>, WireError> {
    let Ok(length) = bytes.try_get_u32() else {
        return Ok(None);
    };
    if length > MAX_TEXT {
        return Err(WireError::TooLong {
            what: "text",
            length: length.into(),
            limit: MAX_TEXT.into(),
        });
    }
    let length = length as usize;
    if bytes.len() < length {
        return Ok(None);
    }
    let (text, rest) = bytes.split_at(length);
    *bytes = rest;
    Ok(Some(String::from_utf8_lossy(text).into_owned()))
}

/// Appends a text with its length; one that is too long is cut between characters.
fn put_text(out: &mut BytesMut, text: &str) {
    let mut length = text.len().min(MAX_TEXT as usize);
    while !text.is_char_boundary(length) {
        length -= 1;
    }
    out.put_u32(length as u32);
    out.put_slice(&text.as_bytes()[..length]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_have_the_servers_bytes() {
        let mut out = BytesMut::new();
        let header = VideoHeader {
            codec: H264,
            width: 1080,
            height: 2400,
        };
        header.encode(&mut out);
        assert_eq!(out[..], *b"h264\0\0\x04\x38\0\0\x09\x60");
        let bytes: [u8; 12] = out[..].try_into().unwrap();
        assert_eq!(VideoHeader::read(&bytes), header);
        for (config, key_frame, time, first) in [
            (true, false, 0, 0x80),
            (false, true, 1_000, 0x40),
            (false, false, 1_000, 0),
        ] {
            let header = PacketHeader {
                config,
                key_frame,
                time,
                length: 7,
            };
            let mut out = BytesMut::new();
            header.encode(&mut out);
            assert_eq!((out[0], out[11]), (first, 7));
            let bytes: [u8; 12] = out[..].try_into().unwrap();
            assert_eq!(PacketHeader::read(&bytes).unwrap(), header);
        }
        assert_eq!(socket_name(0x1f), "scrcpy_0000001f");
    }

    #[test]
    fn lengths_are_checked() {
        for length in [0, MAX_PACKET + 1, u32::MAX] {
            let mut bytes = [0; 12];
            bytes[8..].copy_from_slice(&length.to_be_bytes());
            assert!(PacketHeader::read(&bytes).is_err(), "{length}");
        }
    }
}
