//! Shell protocol v2: inside a `shell,v2` stream, packets of a one-byte id, a four-byte
//! little-endian length and data.

use bytes::{Buf, BufMut, Bytes, BytesMut};

use super::WireError;

/// Largest data of one packet that is taken, in bytes.
pub const MAX_DATA: u32 = 16 << 20;

/// What a packet carries. The numbers are the protocol's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// To the command.
    Stdin = 0,
    /// From the command.
    Stdout = 1,
    /// From the command.
    Stderr = 2,
    /// One byte: the exit code. Without it a command has not ended well.
    Exit = 3,
    /// No more standard input.
    CloseStdin = 4,
    /// Terminal size as text.
    WindowSize = 5,
}

/// One packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellPacket {
    /// What it carries.
    pub kind: Kind,
    /// The data.
    pub data: Bytes,
}

impl ShellPacket {
    /// Builds a packet.
    pub fn new(kind: Kind, data: impl Into<Bytes>) -> ShellPacket {
        ShellPacket {
            kind,
            data: data.into(),
        }
    }

    /// The exit packet.
    pub fn exit(code: u8) -> ShellPacket {
        ShellPacket::new(Kind::Exit, vec![code])
    }

    /// Appends the packet to a buffer.
    pub fn encode(&self, out: &mut BytesMut) {
        out.put_u8(self.kind as u8);
        out.put_u32_le(self.data.len() as u32);
        out.put_slice(&self.data);
    }

    /// Takes one packet off the front of a buffer; `None` until enough bytes are there.
    ///
    /// # Errors
    /// [`WireError`] for an unknown id or a length over [`MAX_DATA`].
    pub fn decode(buffer: &mut BytesMut) -> Result<Option<ShellPacket>, WireError> {
        if buffer.len() < 5 {
            return Ok(None);
        }
        let kind = match buffer[0] {
            0 => Kind::Stdin,
            1 => Kind::Stdout,
            2 => Kind::Stderr,
            3 => Kind::Exit,
            4 => Kind::CloseStdin,
            5 => Kind::WindowSize,
            other => {
                return Err(WireError::Unknown {
                    what: "shell packet id",
                    value: other.to_string(),
                });
            }
        };
        let length = (&buffer[1..5]).get_u32_le();
        if length > MAX_DATA {
            return Err(WireError::TooLong {
                what: "shell packet",
                length: u64::from(length),
                limit: u64::from(MAX_DATA),
            });
        }
        if buffer.len() < 5 + length as usize {
            return Ok(None);
        }
        buffer.advance(5);
        Ok(Some(ShellPacket {
            kind,
            data: buffer.split_to(length as usize).freeze(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn exit_is_three_and_close_is_four() {
        let mut bytes = BytesMut::new();
        ShellPacket::exit(7).encode(&mut bytes);
        assert_eq!(&bytes[..], [3, 1, 0, 0, 0, 7]);
        assert_eq!(Kind::CloseStdin as u8, 4);
    }

    proptest! {
        #[test]
        fn packets_round_trip(data: Vec<u8>) {
            let packet = ShellPacket::new(Kind::Stderr, data);
            let mut bytes = BytesMut::new();
            packet.encode(&mut bytes);
            prop_assert_eq!(ShellPacket::decode(&mut bytes), Ok(Some(packet)));
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
            let mut buffer = BytesMut::from(&bytes[..]);
            while let Ok(Some(_)) = ShellPacket::decode(&mut buffer) {}
        }
    }
}
