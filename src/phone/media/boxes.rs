//! Writing MPEG-4 and 3GPP files with one stream (ISO 14496-12): boxes, and the tables that say where the
//! samples lie. Pure.

/// A box with its content.
pub fn boxed(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let size = u32::try_from(content.len() + 8).unwrap_or(u32::MAX);
    [&size.to_be_bytes()[..], kind, &content].concat()
}

/// A box with a version and flags before its content.
pub fn full(kind: &[u8; 4], flags: u32, parts: &[&[u8]]) -> Vec<u8> {
    boxed(kind, &[&flags.to_be_bytes(), &parts.concat()])
}

/// Numbers one after the other.
pub fn words(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// The matrix that leaves pictures as they are.
const UNITY: [u32; 9] = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];

/// What a stream is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Pictures, with their width and height.
    Pictures(u16, u16),
    /// Sound.
    Sound,
}

/// Sizes of samples in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sizes {
    /// That many of one size.
    Same(u32, u32),
    /// One after the other.
    Each(Vec<u32>),
}

/// A stream of samples that last equally long.
#[derive(Debug, Clone)]
pub struct Stream {
    /// What it is of.
    pub content: Content,
    /// How the samples are coded: the box of the table `stsd`.
    pub entry: Vec<u8>,
    /// Ticks in a second.
    pub rate: u32,
    /// Ticks of a sample.
    pub ticks: u32,
    /// Sizes of the samples.
    pub sizes: Sizes,
    /// The samples.
    pub samples: Vec<u8>,
}

impl Stream {
    /// A file that begins with a box `ftyp`; `created` is in seconds of the Unix epoch.
    pub fn file(&self, beginning: &[u8], created: i64) -> Vec<u8> {
        // Times count from 1904.
        let time = u32::try_from(created.saturating_add(2_082_844_800)).unwrap_or(0);
        let (count, sizes) = match &self.sizes {
            Sizes::Same(count, size) => (*count, words(&[*size, *count])),
            Sizes::Each(sizes) => {
                let count = u32::try_from(sizes.len()).unwrap_or(u32::MAX);
                (count, [words(&[0, count]), words(sizes)].concat())
            }
        };
        let duration = count.saturating_mul(self.ticks);
        let (head, handler, volume, [width, height]) = match self.content {
            Content::Pictures(width, height) => (
                full(b"vmhd", 1, &[&[0; 8]]),
                &b"vide\0\0\0\0\0\0\0\0\0\0\0\0VideoHandle\0"[..],
                0,
                [u32::from(width) << 16, u32::from(height) << 16],
            ),
            Content::Sound => (
                full(b"smhd", 0, &[&[0; 4]]),
                &b"soun\0\0\0\0\0\0\0\0\0\0\0\0SoundHandle\0"[..],
                0x0100_0000,
                [0, 0],
            ),
        };
        let first = u32::try_from(beginning.len() + 8).unwrap_or(0);
        let table = boxed(
            b"stbl",
            &[
                &full(b"stsd", 0, &[&words(&[1]), &self.entry]),
                &full(b"stts", 0, &[&words(&[1, count, self.ticks])]),
                &full(b"stsc", 0, &[&words(&[1, 1, count, 1])]),
                &full(b"stsz", 0, &[&sizes]),
                &full(b"stco", 0, &[&words(&[1, first])]),
            ],
        );
        let reference = full(b"dref", 0, &[&words(&[1]), &full(b"url ", 1, &[])]);
        let information = boxed(b"minf", &[&head, &boxed(b"dinf", &[&reference]), &table]);
        let times = words(&[time, time, self.rate, duration]);
        let media = boxed(
            b"mdia",
            &[
                &full(b"mdhd", 0, &[&times, &words(&[0x55C4_0000])]),
                &full(b"hdlr", 0, &[&[0; 4], handler]),
                &information,
            ],
        );
        let track_head = full(
            b"tkhd",
            3,
            &[
                &words(&[time, time, 1, 0, duration, 0, 0, 0, volume]),
                &words(&UNITY),
                &words(&[width, height]),
            ],
        );
        let movie_head = full(
            b"mvhd",
            0,
            &[
                &times,
                &words(&[0x1_0000, 0x0100_0000, 0, 0]),
                &words(&UNITY),
                &words(&[0, 0, 0, 0, 0, 0, 2]),
            ],
        );
        let track = boxed(b"trak", &[&track_head, &media]);
        let movie = boxed(b"moov", &[&movie_head, &track]);
        [beginning, &boxed(b"mdat", &[&self.samples]), &movie].concat()
    }
}
