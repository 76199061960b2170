//! What the device sends on the control socket. Pure.

use bytes::{Buf, BufMut, Bytes, BytesMut};

use super::{WireError, put_text, text};

/// One message of the device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceMessage {
    /// What is on the clipboard.
    Clipboard(String),
    /// A clipboard was set; the number is the client's.
    ClipboardSet(u64),
    /// For an input device that the client plays.
    InputDevice {
        /// Which.
        id: u16,
        /// A report of it.
        data: Bytes,
    },
}

impl DeviceMessage {
    /// Appends it to a buffer. A clipboard that is too long is cut between characters.
    pub fn encode(&self, out: &mut BytesMut) {
        match self {
            DeviceMessage::Clipboard(text) => {
                out.put_u8(0);
                put_text(out, text);
            }
            DeviceMessage::ClipboardSet(sequence) => {
                out.put_u8(1);
                out.put_u64(*sequence);
            }
            DeviceMessage::InputDevice { id, data } => {
                let data = &data[..data.len().min(usize::from(u16::MAX))];
                out.put_u8(2);
                out.put_u16(*id);
                out.put_u16(data.len() as u16);
                out.put_slice(data);
            }
        }
    }

    /// Takes one message off the front of a buffer; `None` until enough bytes are there.
    ///
    /// # Errors
    /// [`WireError`] for an unknown type or a text that is too long.
    pub fn decode(buffer: &mut BytesMut) -> Result<Option<DeviceMessage>, WireError> {
        let mut bytes = &buffer[..];
        let message = read(&mut bytes)?;
        if message.is_some() {
            let used = buffer.len() - bytes.len();
            buffer.advance(used);
        }
        Ok(message)
    }
}

fn read(bytes: &mut &[u8]) -> Result<Option<DeviceMessage>, WireError> {
    let Ok(kind) = bytes.try_get_u8() else {
        return Ok(None);
    };
    Ok(match kind {
        0 => text(bytes)?.map(DeviceMessage::Clipboard),
        1 => bytes.try_get_u64().ok().map(DeviceMessage::ClipboardSet),
        2 => input_device(bytes),
        other => {
            return Err(WireError::Unknown {
                what: "device message",
                value: other.to_string(),
            });
        }
    })
}

fn input_device(bytes: &mut &[u8]) -> Option<DeviceMessage> {
    let id = bytes.try_get_u16().ok()?;
    let length = usize::from(bytes.try_get_u16().ok()?);
    let data = Bytes::copy_from_slice(bytes.get(..length)?);
    bytes.advance(length);
    Some(DeviceMessage::InputDevice { id, data })
}

#[cfg(test)]
mod tests {
    use super::super::{ControlMessage, MAX_TEXT, Position, meta, touch};
    use super::*;

    fn control() -> Vec<(ControlMessage, Vec<u8>)> {
        let at = Position {
            x: 260,
            y: -1,
            width: 1080,
            height: 2400,
        };
        let place = [0, 0, 1, 4, 255, 255, 255, 255, 4, 56, 9, 96];
        let finger = [255, 255, 255, 255, 255, 255, 255, 254];
        let touched = [&[2, 0][..], &finger, &place, &[255, 255], &[0; 8]].concat();
        let wheel = [&[3][..], &place, &[0, 0, 248, 0, 0, 0, 0, 1]].concat();
        vec![
            (
                ControlMessage::Key {
                    action: 1,
                    code: 29,
                    repeat: 0,
                    meta: meta::CTRL,
                },
                vec![0, 1, 0, 0, 0, 29, 0, 0, 0, 0, 0, 0, 0x30, 0],
            ),
            (
                ControlMessage::Text("aé".to_owned()),
                b"\x01\0\0\0\x03a\xc3\xa9".to_vec(),
            ),
            (
                ControlMessage::Touch {
                    action: touch::DOWN,
                    pointer: touch::FINGER,
                    at,
                    pressure: touch::PRESSED,
                    changed: 0,
                    buttons: 0,
                },
                touched,
            ),
            (
                ControlMessage::Scroll {
                    at,
                    horizontal: 0,
                    vertical: -2048,
                    buttons: 1,
                },
                wheel,
            ),
            (ControlMessage::BackOrScreenOn(1), vec![4, 1]),
            (ControlMessage::Notifications, vec![5]),
            (ControlMessage::QuickSettings, vec![6]),
            (ControlMessage::Collapse, vec![7]),
            (ControlMessage::GetClipboard(2), vec![8, 2]),
            (
                ControlMessage::SetClipboard {
                    sequence: 258,
                    paste: true,
                    text: "x".to_owned(),
                },
                b"\x09\0\0\0\0\0\0\x01\x02\x01\0\0\0\x01x".to_vec(),
            ),
            (ControlMessage::DisplayPower(false), vec![10, 0]),
            (ControlMessage::Rotate, vec![11]),
            (ControlMessage::KeyboardSettings, vec![15]),
            (
                ControlMessage::StartApp("?maps".to_owned()),
                b"\x10\x05?maps".to_vec(),
            ),
            (ControlMessage::ResetVideo, vec![17]),
        ]
    }

    #[test]
    fn control_messages_have_the_servers_bytes() {
        for (message, expected) in control() {
            let mut out = BytesMut::new();
            message.encode(&mut out);
            assert_eq!(out[..], expected, "{message:?}");
            // Half a message waits for the rest.
            for length in 0..expected.len() {
                let mut part = BytesMut::from(&expected[..length]);
                assert_eq!(ControlMessage::decode(&mut part), Ok(None), "{message:?}");
                assert_eq!(part.len(), length);
            }
            out.put_u8(99);
            assert_eq!(ControlMessage::decode(&mut out), Ok(Some(message)));
            assert_eq!(out[..], [99]);
        }
    }

    #[test]
    fn messages_of_played_input_devices_are_passed_over() {
        for bytes in [
            &b"\x0c\0\x01\0\0\0\0\x02kb\0\x03abc"[..],
            b"\x0d\0\x01\0\x02xy",
            b"\x0e\0\x01",
        ] {
            for length in 0..bytes.len() {
                let mut part = BytesMut::from(&bytes[..length]);
                assert_eq!(ControlMessage::decode(&mut part), Ok(None));
            }
            let mut whole = BytesMut::from(bytes);
            let read = ControlMessage::decode(&mut whole);
            assert_eq!(read, Ok(Some(ControlMessage::InputDevice(bytes[0]))));
            assert!(whole.is_empty());
        }
    }

    #[test]
    fn device_messages_round_trip() {
        for message in [
            DeviceMessage::Clipboard("text".to_owned()),
            DeviceMessage::Clipboard(String::new()),
            DeviceMessage::ClipboardSet(u64::MAX),
            DeviceMessage::InputDevice {
                id: 7,
                data: Bytes::from_static(b"abc"),
            },
        ] {
            let mut out = BytesMut::new();
            message.encode(&mut out);
            for length in 0..out.len() {
                let mut part = BytesMut::from(&out[..length]);
                assert_eq!(DeviceMessage::decode(&mut part), Ok(None), "{message:?}");
            }
            assert_eq!(DeviceMessage::decode(&mut out), Ok(Some(message)));
            assert!(out.is_empty());
        }
        let mut long = BytesMut::new();
        let text = format!("x{}", "é".repeat(MAX_TEXT as usize));
        DeviceMessage::Clipboard(text).encode(&mut long);
        let read = DeviceMessage::decode(&mut long);
        assert!(matches!(read, Ok(Some(DeviceMessage::Clipboard(text))) if text.ends_with('é')));
    }

    #[test]
    fn what_is_no_message_is_refused_before_it_is_all_there() {
        for bytes in [
            &[18][..],
            &[255, 0, 0],
            &[1, 255, 255, 255, 255],
            &[9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0],
        ] {
            let mut buffer = BytesMut::from(bytes);
            assert!(ControlMessage::decode(&mut buffer).is_err(), "{bytes:?}");
        }
        for bytes in [&[3][..], &[0, 255, 255, 255, 255], &[0, 0, 4, 0, 0]] {
            let mut buffer = BytesMut::from(bytes);
            assert!(DeviceMessage::decode(&mut buffer).is_err(), "{bytes:?}");
        }
    }
}
