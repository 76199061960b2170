//! The five filters of a PNG's rows undone (PNG specification, section 9), for four bytes a pixel. Uses nothing.
//!
//! A filter's prediction hangs on the pixel before, which keeps a processor from working on several. What a screen shows
//! is flat for the most part: there, sixteen bytes that are as predicted are known at once.

/// Bytes of a pixel.
const PIXEL: usize = 4;
/// Bytes that are looked at together.
const RUN: usize = 16;

/// Undoes the filter of a row.
///
/// `filtered` and `row` have the same length, which is a multiple of four bytes; `above` is the row before, as long, of
/// zeros before the first one. Returns whether there is such a filter.
pub(super) fn unfilter(filter: u8, filtered: &[u8], above: &[u8], row: &mut [u8]) -> bool {
    match filter {
        0 => row.copy_from_slice(filtered),
        1 => by_runs(filtered, above, row, same_as_left, |left, _, _| left),
        2 => {
            for ((byte, difference), above) in row.iter_mut().zip(filtered).zip(above) {
                *byte = difference.wrapping_add(*above);
            }
        }
        3 => by_runs(filtered, above, row, never, |left, above, _| {
            average(left, above)
        }),
        4 => by_runs(filtered, above, row, paeth_of_run, paeth),
        _ => return false,
    }
    true
}

/// Pixels one after another, each from its left, upper and upper left neighbours; runs without a difference at once,
/// where `run` knows them.
fn by_runs(
    filtered: &[u8],
    above: &[u8],
    row: &mut [u8],
    run: impl Fn(u32, u32, u128, u128) -> Option<u128>,
    predict: impl Fn(u32, u32, u32) -> u32,
) {
    let (mut left, mut upper_left) = (0, 0);
    let (runs, rest) = row.as_chunks_mut::<RUN>();
    let (filtered_runs, filtered_rest) = filtered.as_chunks::<RUN>();
    let (above_runs, above_rest) = above.as_chunks::<RUN>();
    for ((out, differences), above) in runs.iter_mut().zip(filtered_runs).zip(above_runs) {
        let upper = u128::from_le_bytes(*above);
        if u128::from_le_bytes(*differences) == 0 {
            // The upper left neighbours of all four.
            let diagonal = upper << (8 * PIXEL) | u128::from(upper_left);
            if let Some(known) = run(left, upper_left, upper, diagonal) {
                *out = known.to_le_bytes();
                (left, upper_left) = (last(known), last(upper));
                continue;
            }
        }
        (left, upper_left) = one_by_one(out, differences, above, left, upper_left, &predict);
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

/// The last pixel of a run.
fn last(run: u128) -> u32 {
    (run >> (8 * (RUN - PIXEL))) as u32
}

/// A run of one pixel.
fn repeated(pixel: u32) -> u128 {
    u128::from(pixel) * 0x0000_0001_0000_0001_0000_0001_0000_0001
}

fn same_as_left(left: u32, _: u32, _: u128, _: u128) -> Option<u128> {
    Some(repeated(left))
}

fn never(_: u32, _: u32, _: u128, _: u128) -> Option<u128> {
    None
}

/// Where the upper neighbours equal the upper left ones, the left one is predicted all along; where the left one equals
/// the upper left one, the upper ones are.
fn paeth_of_run(left: u32, upper_left: u32, upper: u128, diagonal: u128) -> Option<u128> {
    if upper == diagonal {
        Some(repeated(left))
    } else {
        (left == upper_left).then_some(upper)
    }
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

/// Paeth's predictor for four bytes: whichever of the neighbours is nearest to left + upper - upper left.
fn paeth(left: u32, upper: u32, upper_left: u32) -> u32 {
    let of = |pixel: u32| pixel.to_le_bytes().map(i16::from);
    let (left, upper, upper_left) = (of(left), of(upper), of(upper_left));
    let predicted: [u8; PIXEL] = std::array::from_fn(|byte| {
        let (a, b, c) = (left[byte], upper[byte], upper_left[byte]);
        let (to_a, to_b) = ((b - c).abs(), (a - c).abs());
        let to_c = (a + b - 2 * c).abs();
        let nearest = match (to_a <= to_b && to_a <= to_c, to_b <= to_c) {
            (true, _) => a,
            (false, true) => b,
            (false, false) => c,
        };
        nearest as u8
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
            let mut row = vec![0; length];
            prop_assert!(unfilter(filter, &filtered, &above[..length], &mut row));
            prop_assert_eq!(row, plainly(filter, &filtered, &above[..length]));
        }

        #[test]
        fn rows_of_noise_are_as_the_specification_says(
            filter in 0u8..5,
            noise in prop::collection::vec(any::<u8>(), 200),
        ) {
            let (filtered, above) = noise.split_at(100);
            let mut row = vec![0; 100];
            prop_assert!(unfilter(filter, filtered, above, &mut row));
            prop_assert_eq!(row, plainly(filter, filtered, above));
        }
    }

    #[test]
    fn there_is_no_sixth_filter() {
        assert!(!unfilter(5, &[0; 4], &[0; 4], &mut [0; 4]));
    }
}
