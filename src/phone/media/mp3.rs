//! MP3 files: their tags, and their length by the header of the first frame of sound.

use std::io::{Seek, SeekFrom};

use super::{Tags, id3, read_up_to};
use crate::phone::system::{FileError, Files};

/// Longest tag that is read; what lies behind, usually a picture, is passed over.
const LONGEST_TAG: u64 = 512 << 10;
/// Bytes that are searched for the first frame of sound.
const SEARCHED: u64 = 16 << 10;

/// Reads a file's tags and length.
///
/// # Errors
/// When the file cannot be read.
pub fn read(files: &Files, path: &str) -> Result<Tags, FileError> {
    let mut file = files.open_read(path)?;
    let length = file.metadata()?.len();
    let mut tags = Tags::default();
    let mut start = 0;
    let beginning = read_up_to(&mut file, id3::HEADER as u64)?;
    if let Some(header) = id3::header(&beginning) {
        let size = header.size as u64;
        let body = read_up_to(&mut file, size.min(LONGEST_TAG))?;
        id3::frames(header, &body, &mut tags);
        start = id3::HEADER as u64 + size;
    }
    let mut end = length;
    if let Some(place) = length.checked_sub(id3::OLD as u64) {
        file.seek(SeekFrom::Start(place))?;
        if id3::old(&read_up_to(&mut file, id3::OLD as u64)?, &mut tags) {
            end = place;
        }
    }
    if start < end {
        file.seek(SeekFrom::Start(start))?;
        let sound = read_up_to(&mut file, SEARCHED)?;
        tags.duration_millis = duration(&sound, end - start).unwrap_or(0);
    }
    Ok(tags)
}

/// Kilobits a second of layer III by the number in the header: of version 1, and of versions 2 and 2.5.
const RATES: [[u64; 15]; 2] = [
    [
        0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320,
    ],
    [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];

/// What the header of a frame says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Frame {
    /// Version 1, not one of those with half the samples.
    full: bool,
    mono: bool,
    /// Kilobits a second.
    rate: u64,
    /// Samples a second.
    sampling: u64,
    /// Bytes of the frame, its header included.
    size: usize,
}

fn frame(bytes: &[u8]) -> Option<Frame> {
    let [0xff, second, third, fourth] = *bytes.get(..4)? else {
        return None;
    };
    let version = second >> 3 & 3;
    // Eleven bits of ones, layer III.
    if second >> 5 != 7 || second >> 1 & 3 != 1 || version == 1 {
        return None;
    }
    let full = version == 3;
    let rate = *RATES[usize::from(!full)].get(usize::from(third >> 4))?;
    let base: u64 = *[44_100, 48_000, 32_000].get(usize::from(third >> 2 & 3))?;
    let sampling = match version {
        3 => base,
        2 => base / 2,
        _ => base / 4,
    };
    let slots = if full { 144_000 } else { 72_000 };
    let size = usize::try_from(slots * rate / sampling + u64::from(third >> 1 & 1)).ok()?;
    (rate > 0).then_some(Frame {
        full,
        mono: fourth >> 6 == 3,
        rate,
        sampling,
        size,
    })
}

/// Length in milliseconds of `total` bytes of sound that begin with `bytes`.
fn duration(bytes: &[u8], total: u64) -> Option<i64> {
    let start = (0..bytes.len()).find(|start| begins_sound(bytes, *start))?;
    let first = frame(&bytes[start..])?;
    let millis = match counted_frames(&bytes[start..], first) {
        Some(frames) => {
            let samples = if first.full { 1_152 } else { 576 };
            u64::from(frames) * samples * 1_000 / first.sampling
        }
        None => total.checked_sub(start as u64)?.checked_mul(8)? / first.rate,
    };
    i64::try_from(millis).ok()
}

/// Whether a frame begins here, with another one like it behind, or with the end of what was read.
fn begins_sound(bytes: &[u8], start: usize) -> bool {
    let Some(first) = frame(&bytes[start..]) else {
        return false;
    };
    match bytes.get(start + first.size..) {
        None => true,
        Some(rest) if rest.len() < 4 => true,
        Some(rest) => frame(rest)
            .is_some_and(|next| next.full == first.full && next.sampling == first.sampling),
    }
}

/// The number of frames that a file of changing rates tells in its first frame.
fn counted_frames(bytes: &[u8], first: Frame) -> Option<u32> {
    let number = |at: usize| {
        let bytes = bytes.get(at..at + 4)?;
        Some(u32::from_be_bytes(bytes.try_into().ok()?))
    };
    let side = match (first.full, first.mono) {
        (true, false) => 32,
        (true, true) | (false, false) => 17,
        (false, true) => 9,
    };
    let at = 4 + side;
    match bytes.get(at..at + 4) {
        Some(b"Xing" | b"Info") if number(at + 4)? & 1 != 0 => return number(at + 8),
        _ => {}
    }
    match bytes.get(36..40) {
        Some(b"VBRI") => number(36 + 14),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Version 1, 128 kbit/s, 44.1 kHz, stereo: 417 bytes.
    fn stereo(frames: usize) -> Vec<u8> {
        let mut frame = vec![0; 417];
        frame[..4].copy_from_slice(&[0xff, 0xfb, 0x90, 0x00]);
        frame.repeat(frames)
    }

    #[test]
    fn the_length_follows_from_the_rate() {
        let bytes = stereo(40);
        let first = frame(&bytes).unwrap();
        assert_eq!((first.rate, first.sampling, first.size), (128, 44_100, 417));
        // A minute of 128 kbit/s.
        assert_eq!(duration(&bytes, 960_000), Some(60_000));
        // Version 2, 8 kbit/s, 16 kHz, mono: 36 bytes, 36 ms.
        let mut slow = vec![0; 36];
        slow[..4].copy_from_slice(&[0xff, 0xf3, 0x18, 0xc0]);
        assert_eq!(frame(&slow).unwrap().size, 36);
        assert_eq!(duration(&slow.repeat(100), 3_600), Some(3_600));
    }

    #[test]
    fn the_length_of_changing_rates_is_counted() {
        let mut bytes = stereo(3);
        bytes[36..40].copy_from_slice(b"Xing");
        bytes[43] = 1;
        bytes[44..48].copy_from_slice(&1_000_u32.to_be_bytes());
        assert_eq!(duration(&bytes, 5_000), Some(1_152_000_000 / 44_100));
        let mut bytes = stereo(3);
        bytes[36..40].copy_from_slice(b"VBRI");
        bytes[50..54].copy_from_slice(&500_u32.to_be_bytes());
        assert_eq!(duration(&bytes, 5_000), Some(576_000_000 / 44_100));
    }

    #[test]
    fn rubbish_has_no_length() {
        assert_eq!(duration(b"no sound at all", 15), None);
        assert_eq!(duration(&[0xff; 64], 64), None);
        assert_eq!(duration(&[], 0), None);
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(bytes in proptest::collection::vec(any::<u8>(), 0..300), total in 0u64..1_000) {
            let _ = duration(&bytes, total);
        }
    }
}
