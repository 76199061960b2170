//! Films: MP4 files (ISO 14496-12, 14496-14) whose frames are JPEG pictures, which every common player
//! decodes. Pure.

use crate::phone::media::boxes::{Content, Sizes, Stream, boxed, full, words};

/// Ticks in a second.
const SCALE: u32 = 1_000;
/// Object type of JPEG pictures in an `esds` box.
const JPEG: u8 = 0x6C;

/// How the samples are coded: `mp4v` with JPEG as its object type.
fn sample_entry(width: u16, height: u16) -> Vec<u8> {
    let decoder = [
        &[0x04, 13, JPEG, 0x11, 0, 0, 0][..],
        &words(&[0, 0]),
        &[0x06, 1, 0x02],
    ]
    .concat();
    let descriptor_size = u8::try_from(decoder.len() + 3).unwrap_or(0);
    let descriptors = [&[0x03, descriptor_size, 0, 1, 0][..], &decoder].concat();
    let mut entry = vec![0; 6];
    entry.extend([0, 1]);
    entry.extend([0; 16]);
    entry.extend(width.to_be_bytes());
    entry.extend(height.to_be_bytes());
    entry.extend(words(&[0x48_0000, 0x48_0000, 0]));
    entry.extend([0, 1]);
    entry.extend([0; 32]);
    entry.extend([0, 24, 0xFF, 0xFF]);
    entry.extend(full(b"esds", 0, &[&descriptors]));
    boxed(b"mp4v", &[&entry])
}

/// A film of that size in pixels. Every frame is shown for `frame_millis`; `created` is in seconds of the
/// Unix epoch.
pub fn mp4(frames: &[Vec<u8>], frame_millis: u32, size: (u16, u16), created: i64) -> Vec<u8> {
    let sizes = frames
        .iter()
        .map(|frame| u32::try_from(frame.len()).unwrap_or(u32::MAX))
        .collect();
    let stream = Stream {
        content: Content::Pictures(size.0, size.1),
        entry: sample_entry(size.0, size.1),
        rate: SCALE,
        ticks: frame_millis,
        sizes: Sizes::Each(sizes),
        samples: frames.concat(),
    };
    let beginning = boxed(b"ftyp", &[b"isom\0\0\x02\0isomiso2mp41"]);
    stream.file(&beginning, created)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The boxes of a file or of a box's content: kind and content.
    fn boxes(mut bytes: &[u8]) -> Vec<(String, &[u8])> {
        let mut found = Vec::new();
        while bytes.len() >= 8 {
            let size = u32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize;
            let kind = String::from_utf8(bytes[4..8].to_vec()).unwrap();
            found.push((kind, &bytes[8..size]));
            bytes = &bytes[size..];
        }
        assert!(bytes.is_empty());
        found
    }

    fn inner<'a>(bytes: &'a [u8], path: &str) -> &'a [u8] {
        path.split('/').fold(bytes, |bytes, kind| {
            let all = boxes(bytes);
            all.iter().find(|(found, _)| found == kind).unwrap().1
        })
    }

    #[test]
    fn frames_lie_where_the_tables_say() {
        let frames = [b"first".to_vec(), b"second one".to_vec()];
        let film = mp4(&frames, 500, (320, 240), 1_697_384_040);
        let table = "moov/trak/mdia/minf/stbl";
        let sizes = inner(&film, &format!("{table}/stsz"));
        assert_eq!(sizes[4..], words(&[0, 2, 5, 10]));
        let place = inner(&film, &format!("{table}/stco"));
        let place = u32::from_be_bytes(place[8..12].try_into().unwrap()) as usize;
        assert_eq!(&film[place..place + 15], b"firstsecond one");
        let head = inner(&film, "moov/mvhd");
        assert_eq!(head.len(), 100);
        assert_eq!(head[12..20], words(&[SCALE, 1_000]));
        assert_eq!(inner(&film, "moov/trak/tkhd").len(), 84);
        let entry = inner(&film, &format!("{table}/stsd"));
        assert_eq!(&entry[12..16], b"mp4v");
    }
}
