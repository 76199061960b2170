//! What an answer is compared with, and how (catalogue section 3.0.2): the pieces between commas are
//! as many as the expected values, and every piece is one of them.

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use super::super::comparison::{fuzzy, have_partners};
use super::moments;
use crate::domain::Compat;

/// The expected answer. The order of the values does not matter. Saying one of them twice counts as two
/// for the benchmark; mended, each must be said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in super::super) enum Expected {
    /// Words; capitals and small slips do not matter.
    Texts(Vec<String>),
    /// Numbers, with nothing around them.
    Numbers {
        /// The numbers.
        values: Vec<f64>,
        /// An answer is right when it is nearer than this; `None` when it must be the same.
        tolerance: Option<f64>,
    },
    /// Days, as `October 16 2023`.
    Days(Vec<String>),
    /// Times, as `17:30`.
    Times(Vec<String>),
    /// Days with times, as `October 16 2023 17:30`.
    Moments(Vec<String>),
}

impl Expected {
    /// One number, and how far beside it an answer may lie.
    pub fn number(value: f64, tolerance: Option<f64>) -> Expected {
        Expected::Numbers {
            values: vec![value],
            tolerance,
        }
    }

    /// Whether an answer is right.
    pub fn is_met(&self, answer: &str, compat: Compat) -> bool {
        let pieces: Vec<&str> = answer.split(',').map(str::trim).collect();
        match self {
            Expected::Texts(values) => all_among(&pieces, values, compat, |piece, value| {
                fuzzy(Some(piece), Some(value))
            }),
            Expected::Numbers { values, tolerance } => {
                all_among(&pieces, values, compat, |piece, value| {
                    number(piece).is_some_and(|said| match tolerance {
                        Some(tolerance) => (said - value).abs() < *tolerance,
                        None => said == *value,
                    })
                })
            }
            Expected::Days(values) => all_among(&pieces, values, compat, same(moments::day)),
            Expected::Times(values) => all_among(&pieces, values, compat, same(moments::time)),
            Expected::Moments(values) => {
                all_among(&pieces, values, compat, same::<DateTime>(moments::moment))
            }
        }
    }
}

/// Whether there are as many pieces as values, and each is one of the values.
fn all_among<T>(
    pieces: &[&str],
    values: &[T],
    compat: Compat,
    is: impl Fn(&str, &T) -> bool,
) -> bool {
    let known = match compat {
        Compat::AndroidWorld => pieces
            .iter()
            .all(|piece| values.iter().any(|value| is(piece, value))),
        Compat::Fixed => have_partners(pieces, values, |piece, value| is(piece, value)),
    };
    pieces.len() == values.len() && known
}

/// Whether two texts can be read and mean the same.
fn same<T: PartialEq>(read: impl Fn(&str) -> Option<T>) -> impl Fn(&str, &String) -> bool {
    move |piece, value| read(piece).is_some_and(|said| Some(said) == read(value))
}

/// Reads a number as Python's `float` does, which lets `_` stand between digits.
fn number(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let is_digit = |index: Option<usize>| {
        index
            .and_then(|index| bytes.get(index))
            .is_some_and(u8::is_ascii_digit)
    };
    let between = |index: usize| is_digit(index.checked_sub(1)) && is_digit(Some(index + 1));
    let plain = bytes
        .iter()
        .enumerate()
        .all(|(index, byte)| *byte != b'_' || between(index));
    plain.then(|| text.replace('_', "").parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `[expected, answer, right]`, as Python's `float`, `strptime` and `difflib` judge them.
    const GOLDEN: &str = include_str!("golden.json");

    #[test]
    fn it_agrees_with_python() {
        let golden: Vec<(Expected, String, bool)> = serde_json::from_str(GOLDEN).unwrap();
        assert!(golden.len() > 100);
        assert!(golden.iter().any(|(.., right)| *right));
        for (expected, answer, right) in golden {
            assert_eq!(
                expected.is_met(&answer, Compat::AndroidWorld),
                right,
                "{expected:?} {answer:?}"
            );
        }
    }

    #[test]
    fn mended_one_title_said_three_times_is_not_three() {
        let titles = ["Bug Bash", "Data Dive", "Gym"].map(str::to_owned);
        let expected = Expected::Texts(titles.to_vec());
        let both = |answer| {
            [Compat::AndroidWorld, Compat::Fixed].map(|compat| expected.is_met(answer, compat))
        };
        assert_eq!(both("Gym, Data Dive, bug bash"), [true, true]);
        assert_eq!(both("Gym, Gym, Gym"), [true, false]);
        assert_eq!(both("Gym, Data Dive"), [false, false]);
    }
}
