//! The similarity of two texts exactly as Python's `difflib.SequenceMatcher(None, a, b).ratio()` has
//! it, with its automatic junk: in a second text of 200 characters and more, characters that are
//! popular there start no match (catalogue section 3.0.1). Published rule: Python's documentation of
//! `difflib` and the behaviour of CPython, which golden vectors in the tests hold.

use std::collections::HashMap;

/// Length of the second text from which popular characters are left out of the index.
const AUTO_JUNK_FROM: usize = 200;

/// Twice the matched characters over the characters of both; 1 for two empty texts.
pub(super) fn ratio(a: &str, b: &str) -> f64 {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let total = a.len() + b.len();
    if total == 0 {
        return 1.0;
    }
    2.0 * matched(&a, &b) as f64 / total as f64
}

/// Positions of each character of `b`, without the popular ones.
fn index(b: &[char]) -> HashMap<char, Vec<usize>> {
    let mut positions: HashMap<char, Vec<usize>> = HashMap::new();
    for (position, character) in b.iter().enumerate() {
        positions.entry(*character).or_default().push(position);
    }
    if b.len() >= AUTO_JUNK_FROM {
        let most = b.len() / 100 + 1;
        positions.retain(|_, places| places.len() <= most);
    }
    positions
}

/// Characters in matching blocks: the longest block first, then the same left and right of it.
fn matched(a: &[char], b: &[char]) -> usize {
    let positions = index(b);
    let mut open = vec![(0, a.len(), 0, b.len())];
    let mut sum = 0;
    while let Some((a_low, a_high, b_low, b_high)) = open.pop() {
        let (i, j, size) = longest(a, b, &positions, (a_low, a_high, b_low, b_high));
        if size == 0 {
            continue;
        }
        sum += size;
        if a_low < i && b_low < j {
            open.push((a_low, i, b_low, j));
        }
        if i + size < a_high && j + size < b_high {
            open.push((i + size, a_high, j + size, b_high));
        }
    }
    sum
}

/// The longest matching block of a range: its start in `a` and `b` and its length. The earliest in
/// `a`, then in `b`, of those equally long. Characters without a place in the index only extend it.
fn longest(
    a: &[char],
    b: &[char],
    positions: &HashMap<char, Vec<usize>>,
    (a_low, a_high, b_low, b_high): (usize, usize, usize, usize),
) -> (usize, usize, usize) {
    let (mut best_i, mut best_j, mut best) = (a_low, b_low, 0);
    // Length of the match that ends at a[i - 1] and b[j], by j.
    let mut lengths: HashMap<usize, usize> = HashMap::new();
    for (i, character) in a.iter().enumerate().take(a_high).skip(a_low) {
        let mut next = HashMap::new();
        for &j in positions.get(character).map_or(&[][..], Vec::as_slice) {
            if j < b_low {
                continue;
            }
            if j >= b_high {
                break;
            }
            let before = j.checked_sub(1).and_then(|j| lengths.get(&j));
            let length = before.copied().unwrap_or(0) + 1;
            next.insert(j, length);
            if length > best {
                (best_i, best_j, best) = (i + 1 - length, j + 1 - length, length);
            }
        }
        lengths = next;
    }
    while best_i > a_low && best_j > b_low && a[best_i - 1] == b[best_j - 1] {
        (best_i, best_j, best) = (best_i - 1, best_j - 1, best + 1);
    }
    while best_i + best < a_high && best_j + best < b_high && a[best_i + best] == b[best_j + best] {
        best += 1;
    }
    (best_i, best_j, best)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `[a, b, ratio]` as CPython 3.11 computes it.
    const GOLDEN: &str = include_str!("difflib_golden.json");

    #[test]
    fn it_agrees_with_python() {
        let golden: Vec<(String, String, f64)> = serde_json::from_str(GOLDEN).unwrap();
        assert!(golden.len() > 100);
        for (a, b, expected) in golden {
            let actual = ratio(&a, &b);
            assert!(
                (actual - expected).abs() < 1e-12,
                "{a:?} {b:?}: {actual} is not {expected}"
            );
        }
    }

    proptest! {
        #[test]
        fn it_is_a_share(a in "[a-c]{0,30}", b in "[a-c]{0,30}") {
            let value = ratio(&a, &b);
            prop_assert!((0.0..=1.0).contains(&value));
            prop_assert_eq!(ratio(&a, &a), 1.0);
        }
    }
}
