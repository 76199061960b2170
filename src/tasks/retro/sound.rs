//! Silence as an MP3 file with a title and an artist, for the songs of a task.

/// A frame of layer III, version 2: 8 kilobits a second at 16 kHz, one channel. The header is followed by
/// zeros, which are silence.
const HEADER: [u8; 4] = [0xff, 0xf3, 0x18, 0xc0];
/// Bytes of a frame.
const FRAME: usize = 36;
/// Milliseconds of a frame: 576 samples.
const FRAME_MILLIS: u64 = 36;
/// Longest silence that is made.
const LONGEST_MILLIS: u64 = 60 * 60 * 1_000;

/// A file of about this length; shorter than a frame it has no sound at all.
pub(super) fn silence(title: &str, artist: &str, millis: u64) -> Vec<u8> {
    let mut file = tag(&[("TIT2", title), ("TPE1", artist)]);
    let mut frame = [0; FRAME];
    frame[..HEADER.len()].copy_from_slice(&HEADER);
    let frames = (millis.min(LONGEST_MILLIS) + FRAME_MILLIS / 2) / FRAME_MILLIS;
    for _ in 0..frames {
        file.extend(frame);
    }
    file
}

/// An ID3 tag of version 2.4 with texts in UTF-8.
fn tag(texts: &[(&str, &str)]) -> Vec<u8> {
    let mut frames = Vec::new();
    for (name, text) in texts {
        frames.extend(name.as_bytes());
        frames.extend(seven_bits(text.len() + 1));
        // No flags; the encoding.
        frames.extend([0, 0, 3]);
        frames.extend(text.as_bytes());
    }
    let mut tag = b"ID3\x04\x00\x00".to_vec();
    tag.extend(seven_bits(frames.len()));
    tag.extend(frames);
    tag
}

/// A number in four bytes of seven bits.
fn seven_bits(number: usize) -> [u8; 4] {
    [21, 14, 7, 0].map(|shift| (number >> shift & 0x7f) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_a_tag_and_frames() {
        let file = silence("Blue Door", "Ana", 180_000);
        assert_eq!(&file[..10], b"ID3\x04\x00\x00\x00\x00\x00\x22");
        assert_eq!(&file[10..30], b"TIT2\x00\x00\x00\x0a\x00\x00\x03Blue Door");
        assert_eq!(file.len(), 10 + 34 + 5_000 * FRAME);
        assert_eq!(file[44..48], HEADER);
        assert_eq!(silence("A", "B", 0).len(), 10 + 12 + 12);
        assert_eq!(seven_bits(300), [0, 0, 2, 44]);
    }
}
