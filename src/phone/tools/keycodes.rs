//! Android's key codes and their names. Pure.

/// The code of a number, `BACK` or `KEYCODE_BACK`.
pub fn parse(text: &str) -> Option<u32> {
    if let Ok(code) = text.parse() {
        return Some(code);
    }
    let upper = text.to_ascii_uppercase();
    let name = upper.strip_prefix("KEYCODE_").unwrap_or(&upper);
    let mut letters = name.chars();
    match (letters.next(), letters.next()) {
        (Some(digit @ '0'..='9'), None) => return Some(7 + u32::from(digit) - u32::from('0')),
        (Some(letter @ 'A'..='Z'), None) => return Some(29 + u32::from(letter) - u32::from('A')),
        _ => {}
    }
    if let Some(number) = name
        .strip_prefix('F')
        .and_then(|number| number.parse::<u32>().ok())
        && (1..=12).contains(&number)
    {
        return Some(130 + number);
    }
    if let Some(digit) = name
        .strip_prefix("NUMPAD_")
        .and_then(|digit| digit.parse::<u32>().ok())
        && digit <= 9
    {
        return Some(144 + digit);
    }
    NAMES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, code)| *code)
}

const NAMES: &[(&str, u32)] = &[
    ("UNKNOWN", 0),
    ("SOFT_LEFT", 1),
    ("SOFT_RIGHT", 2),
    ("HOME", 3),
    ("BACK", 4),
    ("CALL", 5),
    ("ENDCALL", 6),
    ("STAR", 17),
    ("POUND", 18),
    ("DPAD_UP", 19),
    ("DPAD_DOWN", 20),
    ("DPAD_LEFT", 21),
    ("DPAD_RIGHT", 22),
    ("DPAD_CENTER", 23),
    ("VOLUME_UP", 24),
    ("VOLUME_DOWN", 25),
    ("POWER", 26),
    ("CAMERA", 27),
    ("CLEAR", 28),
    ("COMMA", 55),
    ("PERIOD", 56),
    ("ALT_LEFT", 57),
    ("ALT_RIGHT", 58),
    ("SHIFT_LEFT", 59),
    ("SHIFT_RIGHT", 60),
    ("TAB", 61),
    ("SPACE", 62),
    ("SYM", 63),
    ("EXPLORER", 64),
    ("ENVELOPE", 65),
    ("ENTER", 66),
    ("DEL", 67),
    ("GRAVE", 68),
    ("MINUS", 69),
    ("EQUALS", 70),
    ("LEFT_BRACKET", 71),
    ("RIGHT_BRACKET", 72),
    ("BACKSLASH", 73),
    ("SEMICOLON", 74),
    ("APOSTROPHE", 75),
    ("SLASH", 76),
    ("AT", 77),
    ("NUM", 78),
    ("HEADSETHOOK", 79),
    ("FOCUS", 80),
    ("PLUS", 81),
    ("MENU", 82),
    ("NOTIFICATION", 83),
    ("SEARCH", 84),
    ("MEDIA_PLAY_PAUSE", 85),
    ("MEDIA_STOP", 86),
    ("MEDIA_NEXT", 87),
    ("MEDIA_PREVIOUS", 88),
    ("MEDIA_REWIND", 89),
    ("MEDIA_FAST_FORWARD", 90),
    ("MUTE", 91),
    ("PAGE_UP", 92),
    ("PAGE_DOWN", 93),
    ("ESCAPE", 111),
    ("FORWARD_DEL", 112),
    ("CTRL_LEFT", 113),
    ("CTRL_RIGHT", 114),
    ("CAPS_LOCK", 115),
    ("META_LEFT", 117),
    ("META_RIGHT", 118),
    ("FUNCTION", 119),
    ("MOVE_HOME", 122),
    ("MOVE_END", 123),
    ("INSERT", 124),
    ("FORWARD", 125),
    ("MEDIA_PLAY", 126),
    ("MEDIA_PAUSE", 127),
    ("NUM_LOCK", 143),
    ("NUMPAD_DIVIDE", 154),
    ("NUMPAD_MULTIPLY", 155),
    ("NUMPAD_SUBTRACT", 156),
    ("NUMPAD_ADD", 157),
    ("NUMPAD_DOT", 158),
    ("NUMPAD_ENTER", 160),
    ("VOLUME_MUTE", 164),
    ("SETTINGS", 176),
    ("APP_SWITCH", 187),
    ("CONTACTS", 207),
    ("CALENDAR", 208),
    ("MUSIC", 209),
    ("CALCULATOR", 210),
    ("ASSIST", 219),
    ("BRIGHTNESS_DOWN", 220),
    ("BRIGHTNESS_UP", 221),
    ("SLEEP", 223),
    ("WAKEUP", 224),
    ("VOICE_ASSIST", 231),
    ("CUT", 277),
    ("COPY", 278),
    ("PASTE", 279),
    ("ALL_APPS", 284),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_numbers_and_names() {
        for (text, code) in [
            ("4", Some(4)),
            ("KEYCODE_BACK", Some(4)),
            ("ENTER", Some(66)),
            ("KEYCODE_A", Some(29)),
            ("z", Some(54)),
            ("KEYCODE_7", Some(14)),
            ("F12", Some(142)),
            ("NUMPAD_9", Some(153)),
            ("NOPE", None),
        ] {
            assert_eq!(parse(text), code, "{text}");
        }
    }
}
