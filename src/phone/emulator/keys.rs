//! Keys as a computer's keyboard has them, as keys of the windows. Uses the machine.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use crate::phone::machine::Machine;
use crate::phone::tools::keycodes;
use crate::wire::emulator::messages::{KeyCodeType, KeyEventType, KeyboardEvent};

/// Longest text that one event types, in bytes.
const MOST_TEXT: usize = 4 << 10;
/// Keys that change what others do; only these are followed while they are down.
const MODIFIERS: [&str; 4] = ["SHIFT_LEFT", "SHIFT_RIGHT", "CTRL_LEFT", "CTRL_RIGHT"];

/// Why an event does nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Numbers of another system.
    #[error("key codes of type {0} are not known here; send those of Evdev (1) or XKB (2)")]
    Type(i32),
    /// A key that is not on Android's keyboard.
    #[error("there is no key {0:?} on this phone")]
    Unknown(String),
    /// Too much at once.
    #[error("a text of {0} bytes is too long; send at most {MOST_TEXT}")]
    Long(usize),
}

/// The keys that are held down.
#[derive(Debug, Default)]
pub struct Keys {
    held: Mutex<BTreeSet<u32>>,
}

impl Keys {
    /// Does what an event says: keys act when they go down, modifiers as long as they are.
    ///
    /// # Errors
    /// [`KeyError`] when the event names no key.
    pub fn press(&self, machine: &Machine, event: &KeyboardEvent) -> Result<(), KeyError> {
        if event.text.len() > MOST_TEXT || event.key.len() > MOST_TEXT {
            return Err(KeyError::Long(event.text.len().max(event.key.len())));
        }
        let code = match (event.key_code, event.key.as_str()) {
            (0, "") => {
                type_text(machine, &event.text);
                return Ok(());
            }
            (0, key) => match named(key) {
                Some(code) => code,
                None if key.chars().count() == 1 => {
                    // One sign, typed as it is.
                    type_text(machine, key);
                    return Ok(());
                }
                None => return Err(KeyError::Unknown(key.to_owned())),
            },
            (number, _) => {
                let linux = match event.code_type() {
                    KeyCodeType::Evdev => number,
                    KeyCodeType::Xkb => number.saturating_sub(8),
                    _ => return Err(KeyError::Type(event.code_type)),
                };
                of_linux(linux).ok_or_else(|| KeyError::Unknown(number.to_string()))?
            }
        };
        if let Some(codes) = self.codes(code, event.event_type()) {
            machine.clock.advance_millis(100);
            let mut state = machine.lock();
            let state = &mut *state;
            match codes[..] {
                [single] => state.windows.key(&mut state.system, single),
                _ => state.windows.key_combination(&mut state.system, &codes),
            }
        }
        Ok(())
    }

    /// The keys that are pressed together now, the last one being new; `None` when none is.
    fn codes(&self, code: u32, what: KeyEventType) -> Option<Vec<u32>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let modifier = MODIFIERS
            .iter()
            .any(|name| keycodes::parse(name) == Some(code));
        match (what, modifier) {
            (KeyEventType::Up, _) => {
                held.remove(&code);
                None
            }
            (KeyEventType::Down, true) => {
                held.insert(code);
                None
            }
            _ => Some(held.iter().copied().chain([code]).collect()),
        }
    }
}

fn type_text(machine: &Machine, text: &str) {
    if !text.is_empty() {
        machine.clock.advance_millis(100);
        let mut state = machine.lock();
        let state = &mut *state;
        state.windows.text(&mut state.system, text);
    }
}

/// Android's code of a key by its name in browsers.
fn named(key: &str) -> Option<u32> {
    let name = match key {
        "Enter" => "ENTER",
        "Backspace" => "DEL",
        "Delete" => "FORWARD_DEL",
        "Tab" => "TAB",
        "Escape" => "ESCAPE",
        "Home" | "GoHome" => "HOME",
        "GoBack" | "BrowserBack" => "BACK",
        "AppSwitch" => "APP_SWITCH",
        "End" => "MOVE_END",
        "ArrowUp" => "DPAD_UP",
        "ArrowDown" => "DPAD_DOWN",
        "ArrowLeft" => "DPAD_LEFT",
        "ArrowRight" => "DPAD_RIGHT",
        "PageUp" => "PAGE_UP",
        "PageDown" => "PAGE_DOWN",
        "Power" => "POWER",
        "AudioVolumeUp" => "VOLUME_UP",
        "AudioVolumeDown" => "VOLUME_DOWN",
        _ => return None,
    };
    keycodes::parse(name)
}

/// Android's code of a key by Linux's number (`linux/input-event-codes.h`), as an emulator's keyboard maps it.
fn of_linux(number: i32) -> Option<u32> {
    const ROWS: [(i32, &str); 4] = [
        (2, "1234567890"),
        (16, "QWERTYUIOP"),
        (30, "ASDFGHJKL"),
        (44, "ZXCVBNM"),
    ];
    for (first, letters) in ROWS {
        let letter = number
            .checked_sub(first)
            .and_then(|position| usize::try_from(position).ok())
            .and_then(|position| letters.get(position..=position));
        if let Some(letter) = letter {
            return keycodes::parse(&format!("KEYCODE_{letter}"));
        }
    }
    let name = match number {
        1 => "ESCAPE",
        12 => "MINUS",
        13 => "EQUALS",
        14 => "DEL",
        15 => "TAB",
        26 => "LEFT_BRACKET",
        27 => "RIGHT_BRACKET",
        28 => "ENTER",
        29 => "CTRL_LEFT",
        39 => "SEMICOLON",
        40 => "APOSTROPHE",
        41 => "GRAVE",
        42 => "SHIFT_LEFT",
        43 => "BACKSLASH",
        51 => "COMMA",
        52 => "PERIOD",
        53 => "SLASH",
        54 => "SHIFT_RIGHT",
        57 => "SPACE",
        96 => "NUMPAD_ENTER",
        97 => "CTRL_RIGHT",
        102 => "HOME",
        103 => "DPAD_UP",
        104 => "PAGE_UP",
        105 => "DPAD_LEFT",
        106 => "DPAD_RIGHT",
        107 => "MOVE_END",
        108 => "DPAD_DOWN",
        109 => "PAGE_DOWN",
        111 => "FORWARD_DEL",
        114 => "VOLUME_DOWN",
        115 => "VOLUME_UP",
        116 => "POWER",
        139 => "MENU",
        158 => "BACK",
        580 => "APP_SWITCH",
        _ => return None,
    };
    keycodes::parse(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linux_numbers_are_android_keys() {
        for (number, name) in [
            (2, "KEYCODE_1"),
            (11, "KEYCODE_0"),
            (16, "KEYCODE_Q"),
            (50, "KEYCODE_M"),
            (28, "ENTER"),
            (158, "BACK"),
            (102, "HOME"),
        ] {
            assert_eq!(of_linux(number), keycodes::parse(name), "{number}");
        }
        for number in [0, -1, i32::MIN, i32::MAX, 240] {
            assert_eq!(of_linux(number), None, "{number}");
        }
    }

    #[test]
    fn modifiers_act_while_they_are_down() {
        let keys = Keys::default();
        assert_eq!(keys.codes(59, KeyEventType::Down), None);
        assert_eq!(keys.codes(29, KeyEventType::Down), Some(vec![59, 29]));
        assert_eq!(keys.codes(29, KeyEventType::Up), None);
        assert_eq!(keys.codes(59, KeyEventType::Up), None);
        assert_eq!(keys.codes(29, KeyEventType::Press), Some(vec![29]));
    }
}
