//! The five filters of a PNG's rows undone (PNG specification, section 9), for four bytes a pixel. Uses nothing.
//!
//! A filter's prediction hangs on the pixel before, which keeps a processor from working on several. What a screen shows
//! is flat for the most part: there, all bytes up to the next difference are known at once, and where they are those of
//! the row above they are there already.

/// Bytes of a pixel.
const PIXEL: usize = 4;
/// Bytes that are known together.
const RUN: usize = 16;
/// Bytes that are looked at together where there may be no difference for long.
const BLOCK: usize = 8 * RUN;

/// Undoes the filter of a row.
///
/// `filtered`, `above` and `row` have the same length, which is a multiple of four bytes; `above` is the row before, of
/// zeros before the first one, and `row` begins as a copy of it. Returns whether there is such a filter.
pub(super) fn unfilter(filter: u8, filtered: &[u8], above: &[u8], row: &mut [u8]) -> bool {
    match filter {
        0 => row.copy_from_slice(filtered),
        1 => by_runs(filtered, above, row, left_repeated, |left, _, _| left),
        2 => {
            for (bytes, differences) in row.chunks_mut(BLOCK).zip(filtered.chunks(BLOCK)) {
                if !are_zero(differences) {
                    for (byte, difference) in bytes.iter_mut().zip(differences) {
                        *byte = byte.wrapping_add(*difference);
                    }
                }
            }
        }
        3 => by_runs(
            filtered,
            above,
            row,
            |_, _, _, _| 0,
            |left, above, _| average(left, above),
        ),
        4 => by_runs(filtered, above, row, paeth_repeated, paeth),
        _ => return false,
    }
    true
}

/// Pixels one after another, each from its left, upper and upper left neighbours. Of runs without a difference, `known`
/// does as many at once as it can, from the neighbours of the first, the runs above and the runs to fill; it returns how
/// many.
fn by_runs(
    filtered: &[u8],
    above: &[u8],
    row: &mut [u8],
    known: impl Fn(u32, u32, &[[u8; RUN]], &mut [[u8; RUN]]) -> usize,
    predict: impl Fn(u32, u32, u32) -> u32,
) {
    let (mut left, mut upper_left) = (0, 0);
    let (runs, rest) = row.as_chunks_mut::<RUN>();
    let (filtered_runs, filtered_rest) = filtered.as_chunks::<RUN>();
    let (above_runs, above_rest) = above.as_chunks::<RUN>();
    // Where the next run is, and up to where there is no difference.
    let (mut at, mut end) = (0, 0);
    while let (Some(ahead), Some([differences, ..]), Some(uppers @ [upper, ..])) = (
        runs.get_mut(at..),
        filtered_runs.get(at..),
        above_runs.get(at..),
    ) {
        if at >= end {
            end = at + zeros(&filtered_runs[at..]);
        }
        let same = (end - at).min(ahead.len());
        let done = match same {
            0 => 0,
            _ => known(left, upper_left, &uppers[..same], &mut ahead[..same]),
        };
        if let (Some(out), Some(upper)) = (ahead[..done].last(), uppers[..done].last()) {
            (left, upper_left) = (last_of(out), last_of(upper));
            at += done;
        } else if let Some(out) = ahead.first_mut() {
            (left, upper_left) = one_by_one(out, differences, upper, left, upper_left, &predict);
            at += 1;
        } else {
            break;
        }
    }
    one_by_one(rest, filtered_rest, above_rest, left, upper_left, &predict);
}

fn one_by_one(
    out: &mut [u8],
    differences: &[u8],
    above: &[u8],
    mut left: u32,
    mut upper_left: u32,
    predict: &impl Fn(u32, u32, u32) -> u32,
) -> (u32, u32) {
    let (pixels, _) = out.as_chunks_mut::<PIXEL>();
    let (differences, _) = differences.as_chunks::<PIXEL>();
    let (above, _) = above.as_chunks::<PIXEL>();
    for ((pixel, difference), above) in pixels.iter_mut().zip(differences).zip(above) {
        let upper = u32::from_le_bytes(*above);
        left = sum(
            u32::from_le_bytes(*difference),
            predict(left, upper, upper_left),
        );
        upper_left = upper;
        *pixel = left.to_le_bytes();
    }
    (left, upper_left)
}

fn are_zero(bytes: &[u8]) -> bool {
    bytes.iter().fold(0, |all, byte| all | byte) == 0
}

/// How many runs are of zeros, up to the first that is not.
fn zeros(runs: &[[u8; RUN]]) -> usize {
    let blocks = runs.chunks(BLOCK / RUN);
    let whole = blocks.take_while(|block| are_zero(block.as_flattened()));
    let count: usize = whole.map(<[_]>::len).sum();
    let rest = runs[count..].iter().take_while(|run| are_zero(*run));
    count + rest.count()
}

/// The last pixel of a run.
fn last_of(run: &[u8; RUN]) -> u32 {
    (u128::from_le_bytes(*run) >> (8 * (RUN - PIXEL))) as u32
}

/// A run of one pixel.
fn repeated(pixel: u32) -> [u8; RUN] {
    (u128::from(pixel) * 0x0000_0001_0000_0001_0000_0001_0000_0001).to_le_bytes()
}

fn left_repeated(left: u32, _: u32, _: &[[u8; RUN]], row: &mut [[u8; RUN]]) -> usize {
    row.fill(repeated(left));
    row.len()
}

/// Where the left neighbour equals the upper left one, the upper ones are predicted all along, and are there; where the
/// upper neighbours equal the upper left ones, the left one is.
fn paeth_repeated(left: u32, upper_left: u32, above: &[[u8; RUN]], row: &mut [[u8; RUN]]) -> usize {
    if left == upper_left {
        return row.len();
    }
    let flat = repeated(upper_left);
    let count = above.iter().take_while(|run| **run == flat).count();
    row[..count].fill(repeated(left));
    count
}

/// Four sums of bytes, each without what it carries.
fn sum(one: u32, other: u32) -> u32 {
    const LOW: u32 = 0x7f7f_7f7f;
    ((one & LOW) + (other & LOW)) ^ ((one ^ other) & !LOW)
}

/// Four averages of bytes, rounded down.
fn average(one: u32, other: u32) -> u32 {
    (one & other) + (((one ^ other) & 0xfefe_fefe) >> 1)
}

/// Paeth's predictor for four bytes: whichever of the neighbours is nearest to left + upper - upper left. Written
/// without branches, so that a processor does all four bytes at once.
fn paeth(left: u32, upper: u32, upper_left: u32) -> u32 {
    let of = |pixel: u32| pixel.to_le_bytes().map(i16::from);
    let (left, upper, upper_left) = (of(left), of(upper), of(upper_left));
    let predicted: [u8; PIXEL] = std::array::from_fn(|byte| {
        let (a, b, c) = (left[byte], upper[byte], upper_left[byte]);
        let (less, more) = (a.min(b), a.max(b));
        let edge = 3 * c - (a + b);
        let nearest = if more <= edge { less } else { c };
        (if edge <= less { more } else { nearest }) as u8
    });
    u32::from_le_bytes(predicted)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// By the specification, byte for byte.
    fn plainly(filter: u8, filtered: &[u8], above: &[u8]) -> Vec<u8> {
        let mut row: Vec<u8> = Vec::new();
        for (at, difference) in filtered.iter().enumerate() {
            let before =
                |values: &[u8]| at.checked_sub(PIXEL).map_or(0, |at| i32::from(values[at]));
            let (a, b, c) = (before(&row), i32::from(above[at]), before(above));
            let p = a + b - c;
            let nearest = [a, b, c].into_iter().min_by_key(|value| (p - value).abs());
            let predicted = [0, a, b, (a + b) / 2, nearest.unwrap()][usize::from(filter)];
            row.push(difference.wrapping_add(predicted as u8));
        }
        row
    }

    proptest! {
        /// Flat stretches, with a few differences in between, and the same under them.
        #[test]
        fn rows_are_as_the_specification_says(
            filter in 0u8..5,
            pixels in 0usize..40,
            above in prop::collection::vec(prop::sample::select(vec![0u8, 0, 0, 7, 255]), 160),
            marks in prop::collection::vec((0usize..160, any::<u8>()), 0..12),
            flat in any::<bool>(),
        ) {
            let length = pixels * PIXEL;
            let mut filtered = vec![0; length];
            let mut above = above;
            if flat {
                above = above.chunks(40).flat_map(|part| [part[0]; 40]).collect();
            }
            for (at, value) in marks {
                if let Some(byte) = filtered.get_mut(at) {
                    *byte = value;
                }
            }
            let mut row = above[..length].to_vec();
            prop_assert!(unfilter(filter, &filtered, &above[..length], &mut row));
            prop_assert_eq!(row, plainly(filter, &filtered, &above[..length]));
        }

        #[test]
        fn rows_of_noise_are_as_the_specification_says(
            filter in 0u8..5,
            noise in prop::collection::vec(any::<u8>(), 200),
        ) {
            let (filtered, above) = noise.split_at(100);
            let mut row = above.to_vec();
            prop_assert!(unfilter(filter, filtered, above, &mut row));
            prop_assert_eq!(row, plainly(filter, filtered, above));
        }
    }

    #[test]
    fn there_is_no_sixth_filter() {
        assert!(!unfilter(5, &[0; 4], &[0; 4], &mut [0; 4]));
    }
}
