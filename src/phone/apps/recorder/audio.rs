//! Recorded files: silence as M4A (ISO 14496-12 and -14 with AAC), 3GP (with AMR) or WAV, which every common
//! player opens. Pure.

use crate::phone::media::boxes::{Content, Sizes, Stream, boxed, full, words};

/// The longest sound that a file holds, in milliseconds: a phone without a microphone has no more to say.
const LONGEST: i64 = 10 * 60 * 1_000;
/// The most bytes of uncompressed sound.
const MOST_BYTES: usize = 8 << 20;
/// Sampling frequencies of AAC, by their index.
const AAC_RATES: [u32; 12] = [
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000,
];
/// Samples in a frame of AAC.
const AAC_FRAME: u32 = 1_024;
/// A silent frame of one channel, and of two.
const AAC_SILENCE: [&[u8]; 2] = [
    &[0x00, 0xC8, 0x00, 0x80, 0x23, 0x80],
    &[0x21, 0x00, 0x49, 0x90, 0x02, 0x19, 0x00, 0x23, 0x80],
];
/// The only frequency of AMR, and samples in one of its frames.
const AMR: (u32, u32) = (8_000, 160);
/// A frame of AMR without data.
const AMR_SILENCE: &[u8] = &[0x7C];

/// A format of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// AAC in an MPEG-4 file.
    M4a,
    /// Uncompressed.
    Wav,
    /// AMR in a 3GPP file.
    ThreeGp,
}

impl Format {
    /// All of them: extension, and name on the screen.
    pub const ALL: [(Format, &'static str, &'static str); 3] = [
        (Format::M4a, "m4a", "M4a"),
        (Format::Wav, "wav", "Wav"),
        (Format::ThreeGp, "3gp", "3gp"),
    ];

    /// The extension of its files, by which preferences name it too.
    pub fn extension(self) -> &'static str {
        let mut all = Format::ALL.iter();
        all.find(|(format, ..)| *format == self)
            .map_or("m4a", |(_, extension, _)| extension)
    }

    /// The format of an extension.
    pub fn of(extension: &str) -> Format {
        let mut all = Format::ALL.iter();
        all.find(|(_, other, _)| *other == extension)
            .map_or(Format::M4a, |(format, ..)| *format)
    }
}

/// How sound is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quality {
    /// Format.
    pub format: Format,
    /// Samples a second.
    pub rate: u32,
    /// Bits a second.
    pub bitrate: u32,
    /// One or two.
    pub channels: u16,
}

/// A descriptor of MPEG-4 with its content.
fn descriptor(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let size = u8::try_from(content.len()).unwrap_or(0);
    [&[tag, size][..], &content].concat()
}

/// How a file begins, which is all of it while it is recorded.
pub fn beginning(format: Format) -> Vec<u8> {
    match format {
        Format::M4a => boxed(b"ftyp", &[b"mp42\0\0\0\0isommp42"]),
        Format::ThreeGp => boxed(b"ftyp", &[b"3gp4\0\0\0\0isom3gp4"]),
        Format::Wav => wav_head(0, 44_100, 2),
    }
}

/// A file with that much silence; `created` is in seconds of the Unix epoch.
pub fn silence(quality: Quality, millis: i64, created: i64) -> Vec<u8> {
    let millis = millis.clamp(0, LONGEST) as u64;
    let samples = |rate: u32| u32::try_from(millis * u64::from(rate) / 1_000).unwrap_or(u32::MAX);
    let Quality { rate, channels, .. } = quality;
    match quality.format {
        Format::Wav => {
            let frame = usize::from(channels) * 2;
            let bytes = (samples(rate) as usize * frame).min(MOST_BYTES / frame * frame);
            let mut file = wav_head(bytes, rate, channels);
            file.resize(file.len() + bytes, 0);
            file
        }
        Format::M4a => {
            let count = samples(rate).div_ceil(AAC_FRAME).max(1);
            let frame = AAC_SILENCE[usize::from(channels > 1)];
            let entry = boxed(b"mp4a", &[&sound(rate, channels), &aac(quality)]);
            film(
                quality.format,
                frame,
                count,
                (rate, AAC_FRAME),
                entry,
                created,
            )
        }
        Format::ThreeGp => {
            let count = samples(AMR.0).div_ceil(AMR.1).max(1);
            let decoder = boxed(b"damr", &[b"step\0\x81\xFF\0\x01"]);
            let entry = boxed(b"samr", &[&sound(AMR.0, 1), &decoder]);
            film(quality.format, AMR_SILENCE, count, AMR, entry, created)
        }
    }
}

fn wav_head(bytes: usize, rate: u32, channels: u16) -> Vec<u8> {
    let length = u32::try_from(bytes).unwrap_or(u32::MAX);
    let frame = channels * 2;
    let mut head = b"RIFF".to_vec();
    head.extend((length.saturating_add(36)).to_le_bytes());
    head.extend(b"WAVEfmt \x10\0\0\0\x01\0");
    head.extend(channels.to_le_bytes());
    head.extend(rate.to_le_bytes());
    head.extend((rate * u32::from(frame)).to_le_bytes());
    head.extend(frame.to_le_bytes());
    head.extend(b"\x10\0data");
    head.extend(length.to_le_bytes());
    head
}

/// What begins every entry of sound.
fn sound(rate: u32, channels: u16) -> Vec<u8> {
    let mut entry = vec![0; 6];
    entry.extend([0, 1]);
    entry.extend([0; 8]);
    entry.extend(channels.to_be_bytes());
    entry.extend([0, 16, 0, 0, 0, 0]);
    entry.extend((rate << 16).to_be_bytes());
    entry
}

/// What a decoder of AAC must know.
fn aac(quality: Quality) -> Vec<u8> {
    let index = AAC_RATES.iter().position(|rate| *rate == quality.rate);
    let index = u16::try_from(index.unwrap_or(4)).unwrap_or(4);
    let setup = (2_u16 << 11) | (index << 7) | (quality.channels << 3);
    let specific = descriptor(0x05, &[&setup.to_be_bytes()]);
    let rates = words(&[quality.bitrate, quality.bitrate]);
    let decoder = descriptor(0x04, &[&[0x40, 0x15, 0, 3, 0], &rates, &specific]);
    let stream = descriptor(0x03, &[&[0, 1, 0], &decoder, &descriptor(0x06, &[&[2]])]);
    full(b"esds", 0, &[&stream])
}

/// A file with `count` times the same frame of (rate, samples).
fn film(
    format: Format,
    frame: &[u8],
    count: u32,
    (rate, ticks): (u32, u32),
    entry: Vec<u8>,
    created: i64,
) -> Vec<u8> {
    let stream = Stream {
        content: Content::Sound,
        entry,
        rate,
        ticks,
        sizes: Sizes::Same(count, u32::try_from(frame.len()).unwrap_or(0)),
        samples: frame.repeat(count as usize),
    };
    stream.file(&beginning(format), created)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quality(format: Format) -> Quality {
        Quality {
            format,
            rate: 44_100,
            bitrate: 128_000,
            channels: 2,
        }
    }

    /// Kinds of the boxes, which must fill the bytes.
    fn kinds(mut bytes: &[u8]) -> Vec<String> {
        let mut found = Vec::new();
        while !bytes.is_empty() {
            let size = u32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize;
            found.push(String::from_utf8(bytes[4..8].to_vec()).unwrap());
            bytes = &bytes[size..];
        }
        found
    }

    #[test]
    fn compressed_files_are_boxes_that_begin_as_they_did_while_recorded() {
        for format in [Format::M4a, Format::ThreeGp] {
            let file = silence(quality(format), 2_000, 1_697_384_040);
            assert_eq!(kinds(&file), ["ftyp", "mdat", "moov"]);
            assert!(file.starts_with(&beginning(format)));
            assert!(file.len() < 4_000);
        }
        let seconds = |millis| silence(quality(Format::M4a), millis, 0).len();
        assert!(seconds(0) < seconds(2_000));
        assert_eq!(seconds(i64::MAX), seconds(LONGEST));
    }

    #[test]
    fn uncompressed_files_are_as_long_as_they_say_and_no_longer_than_allowed() {
        let file = silence(quality(Format::Wav), 1_000, 0);
        assert_eq!(file.len(), 44 + 44_100 * 4);
        let said = u32::from_le_bytes(file[40..44].try_into().unwrap());
        assert_eq!(said as usize + 44, file.len());
        let longest = silence(quality(Format::Wav), i64::MAX, 0);
        assert!(longest.len() <= MOST_BYTES + 44);
    }
}
