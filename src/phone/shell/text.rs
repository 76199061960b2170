//! Backslash escapes of `echo`, `printf` and `$'...'`. Pure.

/// Replaces `\n`, `\t`, `\\`, `\e`, `\0NNN`, `\xHH` and friends; unknown ones stay.
pub fn unescape(text: &str) -> String {
    let (bytes, _) = unescape_bytes(text);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Like [`unescape`], as bytes; the flag tells that `\c` ended the text.
pub fn unescape_bytes(text: &str) -> (Vec<u8>, bool) {
    let source = text.as_bytes();
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
            b'\'' => bytes.push(b'\''),
            b'"' => bytes.push(b'"'),
            b'c' => return (bytes, true),
            b'0' => at += number(&source[at..], 8, 3, &mut bytes, &[0]),
            b'x' => at += number(&source[at..], 16, 2, &mut bytes, b"\\x"),
            _ => bytes.extend_from_slice(&[b'\\', kind]),
        }
    }
    (bytes, false)
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
        assert_eq!(unescape_bytes("a\\cb"), (b"a".to_vec(), true));
        assert_eq!(unescape("end\\"), "end\\");
    }
}
