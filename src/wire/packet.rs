//! The transport packet: a 24-byte little-endian header `command, arg0, arg1, length, checksum,
//! magic` and a payload (AOSP `protocol.txt`).

use bytes::{Buf, BufMut, Bytes, BytesMut};

use super::WireError;

/// Protocol version in which checksums are not computed any more.
pub const VERSION_SKIP_CHECKSUM: u32 = 0x0100_0001;
/// The oldest protocol version.
pub const VERSION_MIN: u32 = 0x0100_0000;
/// Largest payload that this side announces and takes, in bytes.
pub const MAX_PAYLOAD: u32 = 1 << 20;
/// Bytes in a header.
pub const HEADER_LENGTH: usize = 24;

/// What a packet is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Command {
    /// Connect: version, max payload, banner.
    Connect,
    /// Authentication: kind in arg0.
    Auth,
    /// Upgrade to TLS.
    StartTls,
    /// Open a stream: local id, window with delayed acknowledgement, service.
    Open,
    /// Ready for more: local id, remote id, acknowledged bytes with delayed acknowledgement.
    Okay,
    /// Close: local id (0 when refused), remote id.
    Close,
    /// Data: local id, remote id, bytes.
    Write,
}

impl Command {
    const ALL: [Command; 7] = [
        Command::Connect,
        Command::Auth,
        Command::StartTls,
        Command::Open,
        Command::Okay,
        Command::Close,
        Command::Write,
    ];

    /// The word on the wire.
    pub fn word(self) -> u32 {
        u32::from_le_bytes(match self {
            Command::Connect => *b"CNXN",
            Command::Auth => *b"AUTH",
            Command::StartTls => *b"STLS",
            Command::Open => *b"OPEN",
            Command::Okay => *b"OKAY",
            Command::Close => *b"CLSE",
            Command::Write => *b"WRTE",
        })
    }

    fn from_word(word: u32) -> Result<Command, WireError> {
        Command::ALL
            .into_iter()
            .find(|command| command.word() == word)
            .ok_or_else(|| WireError::Unknown {
                what: "adb command",
                value: format!("{word:#010x}"),
            })
    }
}

/// One packet. In every packet arg0 is the sender's stream id and arg1 the receiver's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// What it is about.
    pub command: Command,
    /// First argument.
    pub arg0: u32,
    /// Second argument.
    pub arg1: u32,
    /// Payload.
    pub payload: Bytes,
}

impl Packet {
    /// Builds a packet.
    pub fn new(command: Command, arg0: u32, arg1: u32, payload: impl Into<Bytes>) -> Packet {
        Packet {
            command,
            arg0,
            arg1,
            payload: payload.into(),
        }
    }

    /// Appends the packet to a buffer, in one piece. `checksum` as agreed: only for a peer whose
    /// version is below [`VERSION_SKIP_CHECKSUM`].
    pub fn encode(&self, checksum: bool, out: &mut BytesMut) {
        let word = self.command.word();
        out.reserve(HEADER_LENGTH + self.payload.len());
        out.put_u32_le(word);
        out.put_u32_le(self.arg0);
        out.put_u32_le(self.arg1);
        out.put_u32_le(self.payload.len() as u32);
        out.put_u32_le(if checksum { sum(&self.payload) } else { 0 });
        out.put_u32_le(!word);
        out.put_slice(&self.payload);
    }

    /// Takes one packet off the front of a buffer; `None` until enough bytes are there.
    /// `verify_checksum` as agreed with the peer's version.
    ///
    /// # Errors
    /// [`WireError`] for anything that is not a packet; the connection can't go on after it.
    pub fn decode(
        buffer: &mut BytesMut,
        verify_checksum: bool,
    ) -> Result<Option<Packet>, WireError> {
        if buffer.len() < HEADER_LENGTH {
            return Ok(None);
        }
        let mut header = &buffer[..HEADER_LENGTH];
        let word = header.get_u32_le();
        let (arg0, arg1) = (header.get_u32_le(), header.get_u32_le());
        let length = header.get_u32_le();
        let checksum = header.get_u32_le();
        let magic = header.get_u32_le();
        if magic != !word {
            return Err(WireError::Magic {
                command: word,
                magic,
            });
        }
        let command = Command::from_word(word)?;
        if length > MAX_PAYLOAD {
            return Err(WireError::TooLong {
                what: "packet payload",
                length: u64::from(length),
                limit: u64::from(MAX_PAYLOAD),
            });
        }
        let total = HEADER_LENGTH + length as usize;
        if buffer.len() < total {
            buffer.reserve(total - buffer.len());
            return Ok(None);
        }
        buffer.advance(HEADER_LENGTH);
        let payload = buffer.split_to(length as usize).freeze();
        if verify_checksum {
            let found = sum(&payload);
            if found != checksum {
                return Err(WireError::Checksum {
                    expected: checksum,
                    found,
                });
            }
        }
        Ok(Some(Packet {
            command,
            arg0,
            arg1,
            payload,
        }))
    }
}

/// The checksum of old peers: the sum of all bytes.
fn sum(payload: &[u8]) -> u32 {
    payload
        .iter()
        .fold(0u32, |total, byte| total.wrapping_add(u32::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn packets_round_trip(kind in 0usize..7, arg0: u32, arg1: u32, payload: Vec<u8>, checksum: bool, cut in 0usize..64) {
            let packet = Packet::new(Command::ALL[kind], arg0, arg1, payload);
            let mut bytes = BytesMut::new();
            packet.encode(checksum, &mut bytes);
            let mut partial = BytesMut::from(&bytes[..cut.min(bytes.len() - 1)]);
            prop_assert_eq!(Packet::decode(&mut partial, checksum), Ok(None));
            prop_assert_eq!(Packet::decode(&mut bytes, checksum), Ok(Some(packet)));
            prop_assert!(bytes.is_empty());
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>, verify: bool) {
            let mut buffer = BytesMut::from(&bytes[..]);
            while let Ok(Some(_)) = Packet::decode(&mut buffer, verify) {}
        }
    }

    #[test]
    fn hostile_headers_are_refused() {
        let mut bytes = BytesMut::new();
        Packet::new(Command::Write, 1, 2, vec![1, 2, 3]).encode(true, &mut bytes);
        let mut long = bytes.clone();
        long[12..16].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(matches!(
            Packet::decode(&mut long, false),
            Err(WireError::TooLong { .. })
        ));
        let mut magic = bytes.clone();
        magic[20] ^= 1;
        assert!(matches!(
            Packet::decode(&mut magic, false),
            Err(WireError::Magic { .. })
        ));
        let mut corrupt = bytes.clone();
        corrupt[24] ^= 1;
        assert!(matches!(
            Packet::decode(&mut corrupt, true),
            Err(WireError::Checksum { .. })
        ));
    }
}
