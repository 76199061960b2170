//! PNGs as a device's `screencap` writes them: RGBA of 8 bits, rows from the top, nothing beside the picture. They are
//! inflated a few rows at a time, which stay in the cache, straight into memory that becomes the frame's. Whatever is
//! otherwise in any way, also what is broken, is left to `image`, which says what it is. May use `domain`.

use fdeflate::Decompressor;

use super::unfilter::unfilter;
use super::{MAX_BYTES, MAX_SIDE, PixelsError};
use crate::domain::Frame;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// What the header says after the size: 8 bits, RGBA, deflated, the five filters, not interlaced.
const KIND: [u8; 5] = [8, 6, 0, 0, 0];
/// Chunks that change nothing of the pixels.
const BESIDE: [&[u8]; 6] = [b"sBIT", b"sRGB", b"gAMA", b"cHRM", b"pHYs", b"tEXt"];
/// How far back inflating looks.
const WINDOW: usize = 32 << 10;
/// Room for inflated rows, beside the window.
const ROOM: usize = 96 << 10;

/// Decodes a PNG; `None` where it is not just as a device writes it.
///
/// # Errors
/// [`PixelsError::Decode`] where it is too large.
pub(super) fn decode(bytes: &[u8]) -> Result<Option<Frame>, PixelsError> {
    let Some((header, data)) = parts(bytes) else {
        return Ok(None);
    };
    let (width, height) = (header.width, header.height);
    let size = u64::from(width) * u64::from(height) * 4;
    if width > MAX_SIDE || height > MAX_SIDE || size > MAX_BYTES as u64 {
        return Err(PixelsError::Decode("it is too large".to_owned()));
    }
    let rgba = pixels(&data, width as usize * 4, height as usize);
    Ok(rgba.and_then(|rgba| Frame::new(width, height, rgba)))
}

struct Header {
    width: u32,
    height: u32,
}

/// The header and the deflated data.
fn parts(bytes: &[u8]) -> Option<(Header, Vec<u8>)> {
    let mut rest = bytes.strip_prefix(SIGNATURE)?;
    let (kind, first) = chunk(&mut rest)?;
    let (width, first) = first.split_first_chunk()?;
    let (height, first) = first.split_first_chunk()?;
    if kind != b"IHDR" || first != KIND {
        return None;
    }
    let header = Header {
        width: u32::from_be_bytes(*width),
        height: u32::from_be_bytes(*height),
    };
    if header.width == 0 || header.height == 0 {
        return None;
    }
    let mut data = Vec::with_capacity(rest.len());
    let mut is_over = false;
    loop {
        match chunk(&mut rest)? {
            (b"IDAT", part) if !is_over => data.extend_from_slice(part),
            (b"IEND", []) if rest.is_empty() => return Some((header, data)),
            (kind, _) if BESIDE.contains(&kind.as_slice()) => is_over = !data.is_empty(),
            _ => return None,
        }
    }
}

/// Takes the next chunk, if it is whole: its kind and its contents.
fn chunk<'a>(rest: &mut &'a [u8]) -> Option<(&'a [u8; 4], &'a [u8])> {
    let (length, after) = rest.split_first_chunk()?;
    let length = u32::from_be_bytes(*length) as usize;
    let (summed, after) = after.split_at_checked(length.checked_add(4)?)?;
    let (checksum, after) = after.split_first_chunk()?;
    if crc32fast::hash(summed) != u32::from_be_bytes(*checksum) {
        return None;
    }
    *rest = after;
    summed.split_first_chunk()
}

/// The rows of `width` bytes, inflated and unfiltered; nothing unless there are exactly so many.
fn pixels(data: &[u8], width: usize, height: usize) -> Option<Vec<u8>> {
    let (mut inflater, mut data) = (Decompressor::new(), data);
    // As `image` does: the chunks have checksums of their own.
    inflater.ignore_adler32();
    let mut room = vec![0; WINDOW + ROOM.max(2 * (width + 1))];
    // Inflated so far, and where the next row begins.
    let (mut filled, mut start) = (0, 0);
    let nothing = vec![0; width];
    let mut rgba = Vec::with_capacity(width * height);
    while rgba.len() < width * height {
        if room.len() - filled <= width {
            let kept = start.min(filled.saturating_sub(WINDOW));
            room.copy_within(kept..filled, 0);
            (filled, start) = (filled - kept, start - kept);
        }
        let (read, written) = inflater.read(data, &mut room, filled, true).ok()?;
        data = data.get(read..)?;
        filled += written;
        let before = start;
        while let Some((filter, filtered)) = room
            .get(start..filled)
            .and_then(|left| left.get(..=width))
            .and_then(<[u8]>::split_first)
            .filter(|_| rgba.len() < width * height)
        {
            let end = rgba.len();
            // Most of a row is as the one above.
            match end.checked_sub(width) {
                Some(above) => rgba.extend_from_within(above..),
                None => rgba.extend_from_slice(&nothing),
            }
            let (done, row) = rgba.split_at_mut_checked(end)?;
            let above = match end.checked_sub(width) {
                Some(above) => done.get(above..)?,
                None => &nothing,
            };
            if !unfilter(*filter, filtered, above, row) {
                return None;
            }
            start += width + 1;
        }
        if written == 0 && start == before {
            return None;
        }
    }
    // The data end where the rows do: there is room for more, and nothing comes.
    let (_, more) = inflater.read(data, &mut room, WINDOW, true).ok()?;
    (filled == start && more == 0 && inflater.is_done()).then_some(rgba)
}

#[cfg(test)]
mod tests {
    use png::{BitDepth, ColorType, Encoder, Filter};
    use proptest::prelude::*;

    use super::*;
    use crate::pixels::{decode_any_png, decode_png};

    #[derive(Debug, Clone)]
    struct Kind {
        size: (u32, u32),
        color: ColorType,
        depth: BitDepth,
        filter: Filter,
        /// Whether one colour, or the first entries of a palette, are not opaque.
        key: bool,
    }

    const PLAIN: Kind = Kind {
        size: (9, 7),
        color: ColorType::Rgba,
        depth: BitDepth::Eight,
        filter: Filter::Adaptive,
        key: false,
    };

    /// A PNG whose data are these bytes over and over.
    fn encoded(kind: &Kind, seed: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let (width, height) = kind.size;
        let mut encoder = Encoder::new(&mut bytes, width, height);
        encoder.set_color(kind.color);
        encoder.set_depth(kind.depth);
        encoder.set_filter(kind.filter);
        if kind.color == ColorType::Indexed {
            let palette: Vec<u8> = (0..=255)
                .flat_map(|value| [value, 255 - value, 7])
                .collect();
            encoder.set_palette(palette);
        }
        let first = seed[0];
        match kind.color {
            ColorType::Rgb if kind.key => encoder.set_trns(vec![0, first, 0, first, 0, first]),
            ColorType::Grayscale if kind.key => encoder.set_trns(vec![0, first]),
            ColorType::Indexed if kind.key => encoder.set_trns(vec![1, 2, 3]),
            _ => {}
        }
        let bits = width as usize * kind.color.samples() * kind.depth as usize;
        let count = bits.div_ceil(8) * height as usize;
        let data: Vec<u8> = seed.iter().copied().cycle().take(count).collect();
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&data).unwrap();
        writer.finish().unwrap();
        bytes
    }

    fn any_kind() -> impl Strategy<Value = Kind> {
        let colors = [
            ColorType::Rgba,
            ColorType::Rgb,
            ColorType::Indexed,
            ColorType::Grayscale,
            ColorType::GrayscaleAlpha,
        ];
        let filters = [
            Filter::NoFilter,
            Filter::Sub,
            Filter::Up,
            Filter::Avg,
            Filter::Paeth,
            Filter::Adaptive,
        ];
        let sizes = (1u32..40, 1u32..40);
        let (colors, filters) = (
            prop::sample::select(colors.to_vec()),
            prop::sample::select(filters.to_vec()),
        );
        (sizes, colors, any::<bool>(), filters, any::<bool>()).prop_map(
            |(size, color, sixteen, filter, key)| Kind {
                size,
                color,
                depth: match sixteen && color != ColorType::Indexed {
                    true => BitDepth::Sixteen,
                    false => BitDepth::Eight,
                },
                filter,
                key,
            },
        )
    }

    proptest! {
        /// To the bit what `image` makes of them.
        #[test]
        fn pictures_are_the_same_in_both_ways(
            kind in any_kind(),
            seed in prop::collection::vec(any::<u8>(), 1..200),
        ) {
            let bytes = encoded(&kind, &seed);
            prop_assert!(decode_png(&bytes).unwrap() == decode_any_png(&bytes).unwrap());
            let plain = kind.depth == BitDepth::Eight && kind.color == ColorType::Rgba;
            prop_assert_eq!(decode(&bytes).unwrap().is_some(), plain);
        }

        #[test]
        fn torn_and_garbled_pictures_are_errors_in_both_ways_or_in_neither(
            seed in prop::collection::vec(any::<u8>(), 1..200),
            at: prop::sample::Index,
            mask in 1u8..,
            torn: bool,
        ) {
            let mut bytes = encoded(&PLAIN, &seed);
            let at = at.index(bytes.len());
            match torn {
                true => bytes.truncate(at),
                false => bytes[at] ^= mask,
            }
            prop_assert_eq!(decode_png(&bytes).ok(), decode_any_png(&bytes).ok());
        }
    }

    /// More rows than there is room for at once, rows longer than what inflating looks back, and all filters.
    #[test]
    fn large_pictures_are_the_same_in_both_ways() {
        for size in [(1_500, 200), (16_384, 9)] {
            for filter in [
                Filter::Sub,
                Filter::Up,
                Filter::Avg,
                Filter::Paeth,
                Filter::Adaptive,
            ] {
                let kind = Kind {
                    size,
                    filter,
                    ..PLAIN
                };
                let seed: Vec<u8> = (0..60_013u32).map(|at| (at * at / 5_000) as u8).collect();
                let bytes = encoded(&kind, &seed);
                let frame = decode(&bytes).unwrap();
                assert!(frame == Some(decode_any_png(&bytes).unwrap()), "{kind:?}");
            }
        }
    }

    #[test]
    fn sizes_are_checked_before_memory_is_taken() {
        for (width, height) in [(MAX_SIDE + 1, 1), (1, MAX_SIDE + 1), (MAX_SIDE, MAX_SIDE)] {
            let mut bytes = encoded(&PLAIN, &[1]);
            // The header, with the checksum behind it.
            bytes[16..20].copy_from_slice(&width.to_be_bytes());
            bytes[20..24].copy_from_slice(&height.to_be_bytes());
            let checksum = crc32fast::hash(&bytes[12..29]);
            bytes[29..33].copy_from_slice(&checksum.to_be_bytes());
            let error = decode_png(&bytes).unwrap_err().to_string();
            assert!(error.contains("too large"), "{width}x{height}: {error}");
        }
    }
}
