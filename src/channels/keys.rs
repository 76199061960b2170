//! Android's key codes (`android.view.KeyEvent`) by name. Pure.

/// Ctrl.
pub const CTRL: u32 = 113;
/// The letter A.
pub const A: u32 = 29;
/// The key that deletes backwards.
pub const DEL: u32 = 67;
/// ENTER.
pub const ENTER: u32 = 66;

/// The code of a key such as `KEYCODE_BACK`.
pub fn code(name: &str) -> Option<u32> {
    let short = name.strip_prefix("KEYCODE_").unwrap_or(name);
    if let [letter] = short.as_bytes() {
        match letter {
            b'0'..=b'9' => return Some(7 + u32::from(letter - b'0')),
            b'A'..=b'Z' => return Some(A + u32::from(letter - b'A')),
            _ => {}
        }
    }
    NAMES
        .iter()
        .find(|(known, _)| *known == short)
        .map(|(_, code)| *code)
}

const NAMES: [(&str, u32); 41] = [
    ("HOME", 3),
    ("BACK", 4),
    ("CALL", 5),
    ("ENDCALL", 6),
    ("DPAD_UP", 19),
    ("DPAD_DOWN", 20),
    ("DPAD_LEFT", 21),
    ("DPAD_RIGHT", 22),
    ("DPAD_CENTER", 23),
    ("VOLUME_UP", 24),
    ("VOLUME_DOWN", 25),
    ("POWER", 26),
    ("CAMERA", 27),
    ("COMMA", 55),
    ("PERIOD", 56),
    ("TAB", 61),
    ("SPACE", 62),
    ("ENTER", ENTER),
    ("DEL", DEL),
    ("MENU", 82),
    ("NOTIFICATION", 83),
    ("SEARCH", 84),
    ("MEDIA_PLAY_PAUSE", 85),
    ("PAGE_UP", 92),
    ("PAGE_DOWN", 93),
    ("ESCAPE", 111),
    ("FORWARD_DEL", 112),
    ("CTRL_LEFT", CTRL),
    ("MOVE_HOME", 122),
    ("MOVE_END", 123),
    ("FORWARD", 125),
    ("NUMPAD_ENTER", 160),
    ("VOLUME_MUTE", 164),
    ("SETTINGS", 176),
    ("APP_SWITCH", 187),
    ("BRIGHTNESS_DOWN", 220),
    ("BRIGHTNESS_UP", 221),
    ("WAKEUP", 224),
    ("CUT", 277),
    ("COPY", 278),
    ("PASTE", 279),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_androids_codes() {
        for (name, expected) in [
            ("KEYCODE_BACK", Some(4)),
            ("KEYCODE_HOME", Some(3)),
            ("KEYCODE_ENTER", Some(66)),
            ("ENTER", Some(66)),
            ("KEYCODE_A", Some(29)),
            ("KEYCODE_7", Some(14)),
            ("KEYCODE_NONE", None),
            ("", None),
        ] {
            assert_eq!(code(name), expected, "{name}");
        }
    }
}
