//! Control messages: what the client has the device do. Pure.

use bytes::{Buf, BufMut, BytesMut};

use super::{WireError, put_text, text};

/// `MotionEvent`'s actions, and who touches.
pub mod touch {
    /// A finger comes down.
    pub const DOWN: u8 = 0;
    /// A finger goes up.
    pub const UP: u8 = 1;
    /// A finger moves.
    pub const MOVE: u8 = 2;
    /// The gesture is taken back.
    pub const CANCEL: u8 = 3;
    /// A finger that is no mouse.
    pub const FINGER: u64 = u64::MAX - 1;
    /// All of the pressure that there is.
    pub const PRESSED: u16 = u16::MAX;
}

/// `KeyEvent`'s states of keys that change others.
pub mod meta {
    /// Shift, with its left key.
    pub const SHIFT: u32 = 0x41;
    /// Ctrl, with its left key.
    pub const CTRL: u32 = 0x3000;
    /// Whether any Shift is held.
    pub const ANY_SHIFT: u32 = 0x1;
    /// Whether any Ctrl is held.
    pub const ANY_CTRL: u32 = 0x1000;
}

/// A pixel of the video, with the size that the video had when it was chosen. One of another size than the video has
/// when it arrives is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Pixels from the left.
    pub x: i32,
    /// Pixels from the top.
    pub y: i32,
    /// The video's pixels across.
    pub width: u16,
    /// The video's pixels down.
    pub height: u16,
}

/// One message. What its numbers mean is Android's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ControlMessage {
    /// A key goes down (action 0) or up (1).
    Key {
        /// `KeyEvent`'s action.
        action: u8,
        /// `KeyEvent`'s key code.
        code: u32,
        /// How often it was repeated.
        repeat: u32,
        /// See [`meta`].
        meta: u32,
    },
    /// Characters, typed one by one as keys; those without keys are dropped.
    Text(String),
    /// A finger, or the mouse as one.
    Touch {
        /// See [`touch`].
        action: u8,
        /// Which finger.
        pointer: u64,
        /// Where.
        at: Position,
        /// Of 65535.
        pressure: u16,
        /// The mouse's button that changed.
        changed: u32,
        /// The mouse's buttons that are held.
        buttons: u32,
    },
    /// The wheel, in parts of 16/32768 of a notch.
    Scroll {
        /// Where.
        at: Position,
        /// To the right.
        horizontal: i16,
        /// Up.
        vertical: i16,
        /// The mouse's buttons that are held.
        buttons: u32,
    },
    /// BACK goes down (0) or up (1); where the screen is off, it is turned on instead.
    BackOrScreenOn(u8),
    /// Opens the notifications.
    Notifications,
    /// Opens the quick settings.
    QuickSettings,
    /// Closes both.
    Collapse,
    /// Asks for the clipboard, after copying (1) or cutting (2) what is selected, or as it is (0).
    GetClipboard(u8),
    /// Sets the clipboard.
    SetClipboard {
        /// What the answer shall say; 0 asks for none.
        sequence: u64,
        /// Whether to press PASTE then.
        paste: bool,
        /// What it holds then.
        text: String,
    },
    /// Turns the display on or off.
    DisplayPower(bool),
    /// Turns the screen by a quarter.
    Rotate,
    /// Something about an input device that the client plays (12 to 14).
    InputDevice(u8),
    /// Opens the settings of real keyboards.
    KeyboardSettings,
    /// Starts an app by its package, `?` and its name, or `+` and either to stop it before.
    StartApp(String),
    /// Starts the video anew: a configuration and a key frame follow.
    ResetVideo,
}

impl ControlMessage {
    /// Appends it to a buffer. [`ControlMessage::InputDevice`] is for reading only and appends nothing.
    pub fn encode(&self, out: &mut BytesMut) {
        match self {
            ControlMessage::Key {
                action,
                code,
                repeat,
                meta,
            } => {
                out.put_slice(&[0, *action]);
                out.put_u32(*code);
                out.put_u32(*repeat);
                out.put_u32(*meta);
            }
            ControlMessage::Text(text) => {
                out.put_u8(1);
                put_text(out, text);
            }
            ControlMessage::Touch {
                action,
                pointer,
                at,
                pressure,
                changed,
                buttons,
            } => {
                out.put_slice(&[2, *action]);
                out.put_u64(*pointer);
                at.encode(out);
                out.put_u16(*pressure);
                out.put_u32(*changed);
                out.put_u32(*buttons);
            }
            ControlMessage::Scroll {
                at,
                horizontal,
                vertical,
                buttons,
            } => {
                out.put_u8(3);
                at.encode(out);
                out.put_i16(*horizontal);
                out.put_i16(*vertical);
                out.put_u32(*buttons);
            }
            ControlMessage::BackOrScreenOn(action) => out.put_slice(&[4, *action]),
            ControlMessage::Notifications => out.put_u8(5),
            ControlMessage::QuickSettings => out.put_u8(6),
            ControlMessage::Collapse => out.put_u8(7),
            ControlMessage::GetClipboard(key) => out.put_slice(&[8, *key]),
            ControlMessage::SetClipboard {
                sequence,
                paste,
                text,
            } => {
                out.put_u8(9);
                out.put_u64(*sequence);
                out.put_u8(u8::from(*paste));
                put_text(out, text);
            }
            ControlMessage::DisplayPower(on) => out.put_slice(&[10, u8::from(*on)]),
            ControlMessage::Rotate => out.put_u8(11),
            ControlMessage::InputDevice(_) => {}
            ControlMessage::KeyboardSettings => out.put_u8(15),
            ControlMessage::StartApp(name) => {
                let name = &name.as_bytes()[..name.len().min(255)];
                out.put_slice(&[16, name.len() as u8]);
                out.put_slice(name);
            }
            ControlMessage::ResetVideo => out.put_u8(17),
        }
    }

    /// Takes one message off the front of a buffer; `None` until enough bytes are there.
    ///
    /// # Errors
    /// [`WireError`] for an unknown type or a text that is too long.
    pub fn decode(buffer: &mut BytesMut) -> Result<Option<ControlMessage>, WireError> {
        let mut bytes = &buffer[..];
        let message = read(&mut bytes)?;
        if message.is_some() {
            let used = buffer.len() - bytes.len();
            buffer.advance(used);
        }
        Ok(message)
    }
}

impl Position {
    fn encode(&self, out: &mut BytesMut) {
        out.put_i32(self.x);
        out.put_i32(self.y);
        out.put_u16(self.width);
        out.put_u16(self.height);
    }

    /// From 12 bytes that are there.
    fn read(bytes: &mut &[u8]) -> Position {
        Position {
            x: bytes.get_i32(),
            y: bytes.get_i32(),
            width: bytes.get_u16(),
            height: bytes.get_u16(),
        }
    }
}

fn read(bytes: &mut &[u8]) -> Result<Option<ControlMessage>, WireError> {
    let Ok(kind) = bytes.try_get_u8() else {
        return Ok(None);
    };
    // Bytes behind the type that are always there.
    let fixed = match kind {
        0 => 13,
        2 => 31,
        3 => 20,
        4 | 8 | 10 => 1,
        9 => 9,
        1 | 5..=7 | 11 | 15 | 17 => 0,
        12 => return Ok(skip(bytes, kind, 6, &[1, 2])),
        13 => return Ok(skip(bytes, kind, 2, &[2])),
        14 => return Ok(skip(bytes, kind, 2, &[])),
        16 => 1,
        other => {
            return Err(WireError::Unknown {
                what: "control message",
                value: other.to_string(),
            });
        }
    };
    if bytes.len() < fixed {
        return Ok(None);
    }
    Ok(Some(match kind {
        0 => ControlMessage::Key {
            action: bytes.get_u8(),
            code: bytes.get_u32(),
            repeat: bytes.get_u32(),
            meta: bytes.get_u32(),
        },
        1 => match text(bytes)? {
            Some(text) => ControlMessage::Text(text),
            None => return Ok(None),
        },
        2 => ControlMessage::Touch {
            action: bytes.get_u8(),
            pointer: bytes.get_u64(),
            at: Position::read(bytes),
            pressure: bytes.get_u16(),
            changed: bytes.get_u32(),
            buttons: bytes.get_u32(),
        },
        3 => ControlMessage::Scroll {
            at: Position::read(bytes),
            horizontal: bytes.get_i16(),
            vertical: bytes.get_i16(),
            buttons: bytes.get_u32(),
        },
        4 => ControlMessage::BackOrScreenOn(bytes.get_u8()),
        5 => ControlMessage::Notifications,
        6 => ControlMessage::QuickSettings,
        7 => ControlMessage::Collapse,
        8 => ControlMessage::GetClipboard(bytes.get_u8()),
        9 => {
            let (sequence, paste) = (bytes.get_u64(), bytes.get_u8() != 0);
            match text(bytes)? {
                Some(text) => ControlMessage::SetClipboard {
                    sequence,
                    paste,
                    text,
                },
                None => return Ok(None),
            }
        }
        10 => ControlMessage::DisplayPower(bytes.get_u8() != 0),
        11 => ControlMessage::Rotate,
        15 => ControlMessage::KeyboardSettings,
        16 => {
            let length = usize::from(bytes.get_u8());
            if bytes.len() < length {
                return Ok(None);
            }
            let (name, rest) = bytes.split_at(length);
            *bytes = rest;
            ControlMessage::StartApp(String::from_utf8_lossy(name).into_owned())
        }
        _ => ControlMessage::ResetVideo,
    }))
}

/// Passes over a message of so many plain bytes, and after them blocks of bytes with lengths of so many bytes each.
fn skip(bytes: &mut &[u8], kind: u8, plain: usize, lengths: &[usize]) -> Option<ControlMessage> {
    let mut left = bytes.get(plain..)?;
    for size in lengths {
        let length = left
            .get(..*size)?
            .iter()
            .fold(0, |length, byte| length << 8 | usize::from(*byte));
        left = left.get(size + length..)?;
    }
    *bytes = left;
    Some(ControlMessage::InputDevice(kind))
}
