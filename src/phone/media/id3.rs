//! ID3 tags in front of (version 2) and behind (version 1) the sound of an MP3 file. Pure.

use super::Tags;

/// Bytes of a version 2 tag's header.
pub const HEADER: usize = 10;
/// Bytes of a version 1 tag.
pub const OLD: usize = 128;
/// Longest text that is taken from a frame, in bytes.
const LONGEST: usize = 4096;

/// A tag's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// 2, 3 or 4.
    version: u8,
    /// Every 0xFF in it is followed by a 0 that must go.
    unsynchronised: bool,
    /// Whether frames are preceded by a header of their own.
    extended: bool,
    /// Bytes after the header.
    pub size: usize,
}

/// Reads the header of a tag; `None` when the file does not begin with one.
pub fn header(bytes: &[u8]) -> Option<Header> {
    let [b'I', b'D', b'3', version @ 2..=4, _, flags, size @ ..] = bytes.get(..HEADER)? else {
        return None;
    };
    Some(Header {
        version: *version,
        unsynchronised: flags & 0x80 != 0,
        extended: flags & 0x40 != 0,
        size: seven_bits(size)?,
    })
}

/// A number of four bytes with seven bits each.
fn seven_bits(bytes: &[u8]) -> Option<usize> {
    let [a, b, c, d] = *bytes else { return None };
    let all = [a, b, c, d];
    all.iter().all(|byte| *byte < 0x80).then(|| {
        all.iter()
            .fold(0, |sum, byte| (sum << 7) | usize::from(*byte))
    })
}

fn eight_bits(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .fold(0, |sum, byte| (sum << 8) | usize::from(*byte))
}

/// Reads the frames of a tag, as far as they are there.
pub fn frames(header: Header, body: &[u8], tags: &mut Tags) {
    let plain;
    let mut rest = body;
    if header.unsynchronised && header.version < 4 {
        plain = synchronise(body);
        rest = &plain;
    }
    if header.extended {
        rest = after_extension(header, rest).unwrap_or(&[]);
    }
    while let Some((name, content, next)) = frame(header, rest) {
        take(&name, content, tags);
        rest = next;
    }
}

fn synchronise(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for byte in bytes {
        if !(*byte == 0 && out.last() == Some(&0xff)) {
            out.push(*byte);
        }
    }
    out
}

fn after_extension(header: Header, bytes: &[u8]) -> Option<&[u8]> {
    let size = bytes.get(..4)?;
    let skipped = match header.version {
        4 => seven_bits(size)?,
        _ => eight_bits(size).checked_add(4)?,
    };
    bytes.get(skipped..)
}

/// The first frame: its name in the spelling of version 2.3, its content, and what follows.
fn frame(header: Header, bytes: &[u8]) -> Option<(String, &[u8], &[u8])> {
    let (name, size, start) = match header.version {
        2 => (bytes.get(..3)?, eight_bits(bytes.get(3..6)?), 6),
        3 => (bytes.get(..4)?, eight_bits(bytes.get(4..8)?), 10),
        _ => (bytes.get(..4)?, seven_bits(bytes.get(4..8)?)?, 10),
    };
    // Padding is zeros.
    if !name.iter().all(u8::is_ascii_alphanumeric) {
        return None;
    }
    let end = size.checked_add(start)?;
    let name = String::from_utf8_lossy(name).into_owned();
    Some((name, bytes.get(start..end)?, bytes.get(end..)?))
}

fn take(name: &str, content: &[u8], tags: &mut Tags) {
    let place = match name {
        "TIT2" | "TT2" => &mut tags.title,
        "TPE1" | "TP1" => &mut tags.artist,
        "TALB" | "TAL" => &mut tags.album,
        "TPE2" | "TP2" => &mut tags.album_artist,
        "TCOM" | "TCM" => &mut tags.composer,
        "TCON" | "TCO" => &mut tags.genre,
        "TYER" | "TDRC" | "TYE" => {
            tags.year = leading_number(&text(content));
            return;
        }
        "TRCK" | "TRK" => {
            tags.track = leading_number(&text(content));
            return;
        }
        _ => return,
    };
    *place = text(content);
}

/// The digits that a text begins with, as in `2009-05-01` and `3/12`.
fn leading_number(text: &str) -> i32 {
    let end = text
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(text.len());
    text[..end].parse().unwrap_or(0)
}

/// A frame's text: a byte that tells the encoding, then the characters up to a zero.
fn text(content: &[u8]) -> String {
    let Some((encoding, bytes)) = content.split_first() else {
        return String::new();
    };
    let bytes = &bytes[..bytes.len().min(LONGEST)];
    let text: String = match encoding {
        0 => bytes.iter().map(|byte| char::from(*byte)).collect(),
        1 | 2 => {
            let little = bytes.starts_with(&[0xff, 0xfe]);
            let units: Vec<u16> = bytes
                .chunks_exact(2)
                .map(|pair| match (little, pair) {
                    (true, [low, high]) => u16::from_le_bytes([*low, *high]),
                    (_, [high, low]) => u16::from_be_bytes([*high, *low]),
                    _ => 0,
                })
                .collect();
            String::from_utf16_lossy(&units)
        }
        _ => String::from_utf8_lossy(bytes).into_owned(),
    };
    trimmed(&text)
}

fn trimmed(text: &str) -> String {
    let text = text.trim_start_matches('\u{feff}');
    let end = text.find('\0').unwrap_or(text.len());
    text[..end].trim().to_owned()
}

/// Reads a version 1 tag, the file's last bytes, into what is still empty; whether there is one.
pub fn old(bytes: &[u8], tags: &mut Tags) -> bool {
    let Some(tag) = bytes
        .len()
        .checked_sub(OLD)
        .and_then(|start| bytes.get(start..))
    else {
        return false;
    };
    if !tag.starts_with(b"TAG") {
        return false;
    }
    let part = |start: usize, end: usize| {
        let latin: String = tag[start..end]
            .iter()
            .map(|byte| char::from(*byte))
            .collect();
        trimmed(&latin)
    };
    for (place, value) in [
        (&mut tags.title, part(3, 33)),
        (&mut tags.artist, part(33, 63)),
        (&mut tags.album, part(63, 93)),
    ] {
        if place.is_empty() {
            *place = value;
        }
    }
    if tags.year == 0 {
        tags.year = leading_number(&part(93, 97));
    }
    if tags.track == 0 && tag[125] == 0 {
        tags.track = i32::from(tag[126]);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tag(version: u8, flags: u8, frames: &[u8]) -> Vec<u8> {
        let size = frames.len();
        let mut bytes = vec![b'I', b'D', b'3', version, 0, flags];
        bytes.extend([
            0,
            (size >> 14) as u8 & 0x7f,
            (size >> 7) as u8 & 0x7f,
            size as u8 & 0x7f,
        ]);
        bytes.extend(frames);
        bytes
    }

    fn parse(bytes: &[u8]) -> Tags {
        let mut tags = Tags::default();
        if let Some(header) = header(bytes) {
            frames(header, &bytes[HEADER..], &mut tags);
        }
        tags
    }

    #[test]
    fn texts_are_read_in_every_version_and_encoding() {
        let new = tag(
            4,
            0,
            b"TIT2\0\0\0\x07\0\0\x03Caf\xc3\xa9\0TPE1\0\0\0\x09\0\0\x01\xff\xfeA\0n\0a\0TRCK\0\0\0\x05\0\0\x003/12\0\0\0\0\0\0",
        );
        let tags = parse(&new);
        assert_eq!(
            (&*tags.title, &*tags.artist, tags.track),
            ("Café", "Ana", 3)
        );
        let third = tag(
            3,
            0,
            b"TALB\0\0\0\x05\0\0\0D\xe9j\xe0TYER\0\0\0\x05\0\0\x002009",
        );
        let tags = parse(&third);
        assert_eq!((&*tags.album, tags.year), ("Déjà", 2009));
        let second = tag(2, 0, b"TT2\0\0\x06\0TitleTCM\0\0\x04\x02\0A\0");
        let tags = parse(&second);
        assert_eq!((&*tags.title, &*tags.composer), ("Title", "A"));
    }

    #[test]
    fn old_tags_fill_what_is_missing() {
        let mut bytes = vec![0; OLD];
        bytes[..3].copy_from_slice(b"TAG");
        bytes[3..8].copy_from_slice(b"Other");
        bytes[33..36].copy_from_slice(b"Ben");
        bytes[93..97].copy_from_slice(b"1998");
        bytes[126] = 7;
        let mut tags = Tags {
            title: "Kept".to_owned(),
            ..Tags::default()
        };
        assert!(old(&bytes, &mut tags));
        assert_eq!((&*tags.title, &*tags.artist), ("Kept", "Ben"));
        assert_eq!((tags.year, tags.track), (1998, 7));
        assert!(!old(b"TAG", &mut tags));
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(version in 2u8..5, flags: u8, body in proptest::collection::vec(any::<u8>(), 0..200)) {
            parse(&tag(version, flags, &body));
            old(&body, &mut Tags::default());
        }
    }
}
