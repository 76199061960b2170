//! Films: MP4 files (ISO 14496-12, 14496-14) whose frames are JPEG pictures, which every common player
//! decodes. Pure.

/// Ticks in a second.
const SCALE: u32 = 1_000;
/// Object type of JPEG pictures in an `esds` box.
const JPEG: u8 = 0x6C;

/// A box with its content.
fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let size = u32::try_from(content.len() + 8).unwrap_or(u32::MAX);
    let mut bytes = Vec::with_capacity(content.len() + 8);
    bytes.extend(size.to_be_bytes());
    bytes.extend(kind);
    bytes.extend(content);
    bytes
}

/// A box with a version and flags before its content.
fn full(kind: &[u8; 4], flags: u32, content: &[u8]) -> Vec<u8> {
    boxed(kind, &[&flags.to_be_bytes(), content].concat())
}

fn words(values: &[u32]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_be_bytes())
        .collect()
}

/// The matrix that leaves pictures as they are.
const UNITY: [u32; 9] = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];

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
    entry.extend(full(b"esds", 0, &descriptors));
    boxed(b"mp4v", &entry)
}

/// A film of that size in pixels. Every frame is shown for `frame_millis`; `created` is in seconds of the
/// Unix epoch.
pub fn mp4(frames: &[Vec<u8>], frame_millis: u32, size: (u16, u16), created: i64) -> Vec<u8> {
    // Times count from 1904.
    let time = u32::try_from(created.saturating_add(2_082_844_800)).unwrap_or(0);
    let count = u32::try_from(frames.len()).unwrap_or(u32::MAX);
    let duration = count.saturating_mul(frame_millis);
    let (width, height) = (u32::from(size.0) << 16, u32::from(size.1) << 16);
    let head = boxed(b"ftyp", b"isom\0\0\x02\0isomiso2mp41");
    let data = boxed(b"mdat", &frames.concat());
    let sizes: Vec<u32> = frames
        .iter()
        .map(|frame| u32::try_from(frame.len()).unwrap_or(u32::MAX))
        .collect();
    let first = u32::try_from(head.len() + 8).unwrap_or(0);
    let table = boxed(
        b"stbl",
        &[
            full(
                b"stsd",
                0,
                &[words(&[1]), sample_entry(size.0, size.1)].concat(),
            ),
            full(b"stts", 0, &words(&[1, count, frame_millis])),
            full(b"stsc", 0, &words(&[1, 1, count, 1])),
            full(b"stsz", 0, &[words(&[0, count]), words(&sizes)].concat()),
            full(b"stco", 0, &words(&[1, first])),
        ]
        .concat(),
    );
    let reference = full(b"dref", 0, &[words(&[1]), full(b"url ", 1, &[])].concat());
    let information = boxed(
        b"minf",
        &[full(b"vmhd", 1, &[0; 8]), boxed(b"dinf", &reference), table].concat(),
    );
    let handler = [&words(&[0])[..], b"vide", &[0; 12], b"VideoHandle\0"].concat();
    let media = boxed(
        b"mdia",
        &[
            full(
                b"mdhd",
                0,
                &words(&[time, time, SCALE, duration, 0x55C4_0000]),
            ),
            full(b"hdlr", 0, &handler),
            information,
        ]
        .concat(),
    );
    let track_head = [
        words(&[time, time, 1, 0, duration, 0, 0, 0, 0]),
        words(&UNITY),
        words(&[width, height]),
    ]
    .concat();
    let track = boxed(b"trak", &[full(b"tkhd", 3, &track_head), media].concat());
    let movie_head = [
        words(&[time, time, SCALE, duration, 0x1_0000, 0x0100_0000, 0, 0]),
        words(&UNITY),
        words(&[0, 0, 0, 0, 0, 0, 2]),
    ]
    .concat();
    let movie = boxed(b"moov", &[full(b"mvhd", 0, &movie_head), track].concat());
    [head, data, movie].concat()
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
