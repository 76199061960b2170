//! MP4 files: how long a video is, and where its pictures lie. Only pictures that stand for themselves
//! (Motion JPEG) can be shown; of other videos just the length is known.

use std::io::{Read, Seek, SeekFrom};

use crate::phone::system::Files;

/// Bytes of the box that describes the video.
const MAX_MOOV: u64 = 16 << 20;
/// Pictures of a video.
const MAX_SAMPLES: usize = 1 << 20;
/// Bytes of one picture.
const MAX_PICTURE: u32 = 4 << 20;
/// Boxes before the description that are skipped.
const MAX_BOXES: usize = 1_000;

/// A video's pictures in their order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Video {
    /// Length in milliseconds.
    pub duration_millis: i64,
    /// Ticks in a second.
    timescale: u32,
    /// How many pictures are shown for how many ticks each, one run after the other.
    runs: Vec<(u32, u32)>,
    /// Where each picture lies, and how many bytes it has.
    samples: Vec<(u64, u32)>,
}

impl Video {
    /// Reads a file's description; `None` when it is no MP4 with pictures.
    pub fn open(files: &Files, path: &str) -> Option<Video> {
        parse(&description(files, path)?)
    }

    /// The number of the picture that is seen at a time; the last one after the end.
    pub fn picture_at(&self, millis: i64) -> usize {
        let ticks = u64::try_from(millis).unwrap_or(0) * u64::from(self.timescale) / 1_000;
        let last = self.samples.len().saturating_sub(1);
        let (mut start, mut number) = (0u64, 0usize);
        for (count, each) in &self.runs {
            let length = u64::from(*count) * u64::from(*each);
            if ticks < start + length {
                let inside = (ticks - start) / u64::from((*each).max(1));
                return (number + usize::try_from(inside).unwrap_or(0)).min(last);
            }
            start += length;
            number += *count as usize;
        }
        last
    }

    /// Where a picture lies; pictures that are the same share a place.
    pub fn place(&self, number: usize) -> Option<u64> {
        self.samples.get(number).map(|(offset, _)| *offset)
    }

    /// The bytes of a picture.
    pub fn picture(&self, files: &Files, path: &str, number: usize) -> Option<Vec<u8>> {
        let (offset, size) = *self.samples.get(number)?;
        if size > MAX_PICTURE {
            return None;
        }
        let mut file = files.open_read(path).ok()?;
        file.seek(SeekFrom::Start(offset)).ok()?;
        let bytes = super::read_up_to(&mut file, u64::from(size)).ok()?;
        (bytes.len() == size as usize).then_some(bytes)
    }
}

/// The content of the box `moov`.
fn description(files: &Files, path: &str) -> Option<Vec<u8>> {
    let mut file = files.open_read(path).ok()?;
    let mut at = 0u64;
    for _ in 0..MAX_BOXES {
        file.seek(SeekFrom::Start(at)).ok()?;
        let mut head = [0u8; 16];
        file.read_exact(&mut head[..8]).ok()?;
        let (mut size, mut header) = (u64::from(number(&head, 0)?), 8);
        if size == 1 {
            file.read_exact(&mut head[8..]).ok()?;
            size = (u64::from(number(&head, 8)?) << 32) | u64::from(number(&head, 12)?);
            header = 16;
        }
        if &head[4..8] == b"moov" {
            let length = size.checked_sub(header).filter(|size| *size <= MAX_MOOV)?;
            return super::read_up_to(&mut file, length).ok();
        }
        // A box of size 0 reaches to the end.
        if size < header {
            return None;
        }
        at = at.checked_add(size)?;
    }
    None
}

/// A big-endian number at a place.
fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(four.try_into().ok()?))
}

/// The boxes in a box: name and content.
fn boxes(mut bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    std::iter::from_fn(move || {
        let size = number(bytes, 0)? as usize;
        let found = (bytes.get(4..8)?, bytes.get(8..size)?);
        bytes = bytes.get(size..)?;
        Some(found)
    })
}

fn inside<'a>(bytes: &'a [u8], path: &[&[u8; 4]]) -> Option<&'a [u8]> {
    path.iter().try_fold(bytes, |bytes, name| {
        boxes(bytes)
            .find(|(found, _)| *found == name.as_slice())
            .map(|(_, content)| content)
    })
}

/// The entries of a table with so many numbers each; its head is `skip` bytes long with the count at the end.
fn table<const N: usize>(bytes: &[u8], skip: usize) -> Option<Vec<[u32; N]>> {
    let count = number(bytes, skip.checked_sub(4)?)? as usize;
    let rows = bytes.get(skip..)?;
    if count > MAX_SAMPLES || rows.len() < count * N * 4 {
        return None;
    }
    let mut entries = Vec::with_capacity(count);
    for row in rows.chunks_exact(N * 4).take(count) {
        let mut entry = [0; N];
        for (place, value) in entry.iter_mut().enumerate() {
            *value = number(row, place * 4)?;
        }
        entries.push(entry);
    }
    Some(entries)
}

fn parse(moov: &[u8]) -> Option<Video> {
    let track = boxes(moov).find(|(name, content)| {
        let handler = inside(content, &[b"mdia", b"hdlr"]);
        *name == b"trak" && handler.and_then(|handler| handler.get(8..12)) == Some(b"vide")
    })?;
    let media = inside(track.1, &[b"mdia"])?;
    let header = inside(media, &[b"mdhd"])?;
    // Version 1 has times of eight bytes.
    let long = header.first() == Some(&1);
    let timescale = number(header, if long { 20 } else { 12 })?;
    if timescale == 0 {
        return None;
    }
    let tables = inside(media, &[b"minf", b"stbl"])?;
    let of = |name: &[u8; 4]| inside(tables, &[name]);
    let runs: Vec<(u32, u32)> = table::<2>(of(b"stts")?, 8)?
        .into_iter()
        .map(|[count, each]| (count, each))
        .collect();
    let ticks: u64 = runs
        .iter()
        .map(|(count, each)| u64::from(*count) * u64::from(*each))
        .sum();
    let millis = ticks.checked_mul(1_000)? / u64::from(timescale);
    Some(Video {
        duration_millis: i64::try_from(millis).ok()?,
        timescale,
        runs,
        samples: samples(tables)?,
    })
}

/// Where the samples lie, from the tables of sizes, chunks and offsets.
fn samples(tables: &[u8]) -> Option<Vec<(u64, u32)>> {
    let of = |name: &[u8; 4]| inside(tables, &[name]);
    let stsz = of(b"stsz")?;
    let (same, count) = (number(stsz, 4)?, number(stsz, 8)? as usize);
    if count > MAX_SAMPLES {
        return None;
    }
    let sizes: Vec<u32> = match same {
        0 => table::<1>(stsz, 12)?
            .into_iter()
            .map(|[size]| size)
            .collect(),
        same => vec![same; count],
    };
    let chunks: Vec<u64> = match of(b"stco") {
        Some(stco) => {
            let short = table::<1>(stco, 8)?;
            short.into_iter().map(|[offset]| offset.into()).collect()
        }
        None => table::<2>(of(b"co64")?, 8)?
            .into_iter()
            .map(|[high, low]| (u64::from(high) << 32) | u64::from(low))
            .collect(),
    };
    let groups = table::<3>(of(b"stsc")?, 8)?;
    let mut sizes = sizes.into_iter();
    let mut samples = Vec::with_capacity(count);
    let mut group = 0;
    for (chunk, offset) in (1u32..).zip(chunks) {
        while groups
            .get(group + 1)
            .is_some_and(|[first, ..]| *first <= chunk)
        {
            group += 1;
        }
        let [_, in_chunk, _] = *groups.get(group)?;
        let mut at = offset;
        for size in sizes.by_ref().take(in_chunk as usize) {
            samples.push((at, size));
            at = at.checked_add(size.into())?;
        }
    }
    Some(samples)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let mut bytes = (content.len() as u32 + 8).to_be_bytes().to_vec();
        bytes.extend_from_slice(name);
        bytes.extend_from_slice(content);
        bytes
    }

    fn numbers(values: &[u32]) -> Vec<u8> {
        values
            .iter()
            .flat_map(|value| value.to_be_bytes())
            .collect()
    }

    fn moov() -> Vec<u8> {
        let stbl = [
            boxed(b"stts", &numbers(&[0, 2, 2, 500, 1, 1_000])),
            boxed(b"stsc", &numbers(&[0, 2, 1, 2, 1, 2, 1, 1])),
            boxed(b"stsz", &numbers(&[0, 0, 3, 10, 20, 30])),
            boxed(b"stco", &numbers(&[0, 2, 100, 900])),
        ]
        .concat();
        let minf = boxed(b"minf", &boxed(b"stbl", &stbl));
        let mut handler = numbers(&[0, 0]);
        handler.extend_from_slice(b"vide");
        let mdhd = boxed(b"mdhd", &numbers(&[0, 0, 0, 1_000, 2_000, 0]));
        let mdia = [mdhd, boxed(b"hdlr", &handler), minf].concat();
        boxed(b"trak", &boxed(b"mdia", &mdia))
    }

    #[test]
    fn pictures_are_found_by_time_and_place() {
        let video = parse(&moov()).unwrap();
        assert_eq!(video.duration_millis, 2_000);
        assert_eq!(video.samples, [(100, 10), (110, 20), (900, 30)]);
        let seen = [0, 499, 500, 999, 1_000, 1_999, 5_000, -3].map(|at| video.picture_at(at));
        assert_eq!(seen, [0, 0, 1, 1, 2, 2, 2, 0]);
    }

    #[test]
    fn broken_descriptions_are_refused() {
        let whole = moov();
        for cut in 0..whole.len() {
            let _ = parse(&whole[..cut]);
        }
        for place in 0..whole.len() {
            let mut broken = whole.clone();
            broken[place] = 0xFF;
            if let Some(video) = parse(&broken) {
                assert!(video.samples.len() <= MAX_SAMPLES);
            }
        }
        assert_eq!(parse(&[]), None);
    }
}
