//! Which keys type which character on the device's virtual keyboard, and which codes keys have. Plain data.

/// The meta state of a key with Shift.
const SHIFT: u32 = 1;
/// ENTER.
pub(super) const ENTER: u32 = 66;

/// The code of a key by its Android name, of those that an action can press.
pub(super) fn key_code(name: &str) -> Option<u32> {
    const KEYS: [(&str, u32); 16] = [
        ("HOME", 3),
        ("BACK", 4),
        ("DPAD_UP", 19),
        ("DPAD_DOWN", 20),
        ("DPAD_LEFT", 21),
        ("DPAD_RIGHT", 22),
        ("DPAD_CENTER", 23),
        ("VOLUME_UP", 24),
        ("VOLUME_DOWN", 25),
        ("POWER", 26),
        ("TAB", 61),
        ("ENTER", ENTER),
        ("DEL", 67),
        ("MENU", 82),
        ("ESCAPE", 111),
        ("APP_SWITCH", 187),
    ];
    let name = name.strip_prefix("KEYCODE_").unwrap_or(name);
    KEYS.iter()
        .find(|(known, _)| *known == name)
        .map(|(_, code)| *code)
}

/// Code and meta state of the key that types a character; `None` for one that no key types.
pub(super) fn typing(character: char) -> Option<(u32, u32)> {
    const PLAIN: &str = " ,.`-=[]\\;'/\t";
    const CODES: [u32; 13] = [62, 55, 56, 68, 69, 70, 71, 72, 73, 74, 75, 76, 61];
    const SHIFTED: &str = " <>~_+{}|:\"?";
    const DIGITS: &str = ")!@#$%^&*(";
    let at = |row: &str| row.chars().position(|one| one == character);
    let from = |first: u32, base: char| first + (character as u32 - base as u32);
    Some(match character {
        'a'..='z' => (from(29, 'a'), 0),
        'A'..='Z' => (from(29, 'A'), SHIFT),
        '0'..='9' => (from(7, '0'), 0),
        '\n' => (ENTER, 0),
        _ => {
            let code = |index: usize| CODES.get(index).copied();
            match (at(PLAIN), at(DIGITS), at(SHIFTED)) {
                (Some(index), ..) => (code(index)?, 0),
                (_, Some(index), _) => (7 + u32::try_from(index).ok()?, SHIFT),
                (.., Some(index)) => (code(index)?, SHIFT),
                _ => return None,
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_printable_character_has_one_key() {
        let mut known = Vec::new();
        for byte in b' '..=b'~' {
            let key = typing(char::from(byte)).unwrap();
            assert!(!known.contains(&key), "{}", char::from(byte));
            known.push(key);
        }
        assert_eq!(typing('a'), Some((29, 0)));
        assert_eq!(typing('Z'), Some((54, 1)));
        assert_eq!(typing(')'), Some((7, 1)));
        assert_eq!(typing('#'), Some((10, 1)));
        assert_eq!(typing('"'), Some((75, 1)));
        assert_eq!(typing('\n'), Some((66, 0)));
        assert_eq!(typing('é'), None);
        assert_eq!(typing('\u{7}'), None);
    }

    #[test]
    fn keys_have_androids_codes() {
        assert_eq!(key_code("KEYCODE_BACK"), Some(4));
        assert_eq!(key_code("ENTER"), Some(66));
        assert_eq!(key_code("KEYCODE_NONE"), None);
    }
}
