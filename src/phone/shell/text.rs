//! Backslash escapes of `echo`, `printf` and `$'...'`, and quotes around what is listed. Pure.

/// A word as mksh lists it: in single quotes when the shell would take it for something else.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "%+,-./:@_".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    match word.contains('\'') {
        false => format!("'{word}'"),
        true => word
            .split('\'')
            .map(|part| match part {
                "" => String::new(),
                part => format!("'{part}'"),
            })
            .collect::<Vec<_>>()
            .join("\\'"),
    }
}

/// What is between `$'` and `'`: quotes are escaped too, and octal numbers need no zero.
pub fn ansi_c(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            plain.push(character);
            continue;
        }
        match characters.next() {
            Some(quote @ ('\'' | '"' | '?')) => plain.push(quote),
            Some(digit @ '1'..='7') => plain.extend(['\\', '0', digit]),
            Some(other) => plain.extend(['\\', other]),
            None => plain.push('\\'),
        }
    }
    unescape(&plain)
}

/// Replaces `\n`, `\t`, `\\`, `\e`, `\0NNN`, `\xHH` and friends; unknown ones stay. `\c` ends it.
pub fn unescape(text: &str) -> String {
    let (bytes, _) = unescape_bytes(text, true);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Like [`unescape`], as bytes; the flag tells that there was `\c`, which vanishes or, with `ends`,
/// ends the text.
pub fn unescape_bytes(text: &str, ends: bool) -> (Vec<u8>, bool) {
    let source = text.as_bytes();
    let mut stopped = false;
    let mut bytes = Vec::with_capacity(source.len());
    let mut at = 0;
    while at < source.len() {
        if source[at] != b'\\' || at + 1 == source.len() {
            bytes.push(source[at]);
            at += 1;
            continue;
        }
        let kind = source[at + 1];
        at += 2;
        match kind {
            b'a' => bytes.push(7),
            b'b' => bytes.push(8),
            b'e' | b'E' => bytes.push(27),
            b'f' => bytes.push(12),
            b'n' => bytes.push(b'\n'),
            b'r' => bytes.push(b'\r'),
            b't' => bytes.push(b'\t'),
            b'v' => bytes.push(11),
            b'\\' => bytes.push(b'\\'),
            b'c' if ends => return (bytes, true),
            b'c' => stopped = true,
            b'0' => at += number(&source[at..], 8, 3, &mut bytes, &[0]),
            b'x' => at += number(&source[at..], 16, 2, &mut bytes, b"\\x"),
            b'u' | b'U' => {
                let most = if kind == b'u' { 4 } else { 8 };
                let digits = source[at..].iter().take(most);
                let length = digits.take_while(|byte| byte.is_ascii_hexdigit()).count();
                let code = std::str::from_utf8(&source[at..at + length]).ok();
                let code = code.and_then(|digits| u32::from_str_radix(digits, 16).ok());
                match code.and_then(char::from_u32) {
                    Some(character) => {
                        bytes.extend_from_slice(character.to_string().as_bytes());
                        at += length;
                    }
                    None => bytes.extend_from_slice(&[b'\\', kind]),
                }
            }
            _ => bytes.extend_from_slice(&[b'\\', kind]),
        }
    }
    (bytes, stopped)
}

/// Reads up to `most` digits and pushes their byte, or `otherwise` when there is none; returns how
/// many were read.
fn number(source: &[u8], base: u32, most: usize, into: &mut Vec<u8>, otherwise: &[u8]) -> usize {
    let digits: Vec<u32> = source
        .iter()
        .take(most)
        .map_while(|byte| char::from(*byte).to_digit(base))
        .collect();
    if digits.is_empty() {
        into.extend_from_slice(otherwise);
    } else {
        let value = digits.iter().fold(0, |sum, digit| sum * base + digit);
        into.push((value & 0xff) as u8);
    }
    digits.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_replaced() {
        assert_eq!(unescape("a\\tb\\n\\\\c\\x41\\0101\\q"), "a\tb\n\\cAA\\q");
        assert_eq!(unescape_bytes("a\\cb", true), (b"a".to_vec(), true));
        assert_eq!(unescape("end\\"), "end\\");
    }
}
