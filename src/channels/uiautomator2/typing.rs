//! Which keys type which character on the device's virtual keyboard. Plain data; may use `keys`.

use crate::channels::keys::ENTER;

/// The meta state of a key with Shift.
const SHIFT: u32 = 1;

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
}
