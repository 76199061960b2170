//! Half-open ranges of instance seeds, written `"first..end"`.

use std::ops::Range;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Instance seeds `first <= seed < end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeedRange {
    /// First seed.
    pub first: u64,
    /// One past the last seed.
    pub end: u64,
}

impl SeedRange {
    /// Parses `"0..1000"`; an empty range is refused.
    pub fn parse(text: &str) -> Option<SeedRange> {
        let (first, end) = text.split_once("..")?;
        let number = |part: &str| part.trim().replace('_', "").parse::<u64>().ok();
        let range = SeedRange {
            first: number(first)?,
            end: number(end)?,
        };
        (range.first < range.end).then_some(range)
    }

    /// As a range.
    pub fn range(self) -> Range<u64> {
        self.first..self.end
    }

    /// How many seeds there are.
    pub fn count(self) -> u64 {
        self.end - self.first
    }

    /// Whether both hold some seed.
    pub fn overlaps(self, other: SeedRange) -> bool {
        self.first < other.end && other.first < self.end
    }
}

impl std::fmt::Display for SeedRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}..{}", self.first, self.end)
    }
}

impl Serialize for SeedRange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SeedRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<SeedRange, D::Error> {
        let text = String::deserialize(deserializer)?;
        SeedRange::parse(&text).ok_or_else(|| {
            D::Error::custom(format!(
                "{text:?} is not a range of seeds; write \"first..end\" with first below end, as in \
                 \"0..1000\""
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_and_compared() {
        let range = SeedRange::parse("10..1_000").unwrap();
        assert_eq!((range.first, range.end, range.count()), (10, 1000, 990));
        assert_eq!(SeedRange::parse(&range.to_string()), Some(range));
        for bad in ["", "5", "5..5", "6..5", "a..b", "-1..4", "1..2..3"] {
            assert_eq!(SeedRange::parse(bad), None, "{bad}");
        }
        let other = |first, end| SeedRange { first, end };
        assert!(range.overlaps(other(999, 2000)));
        assert!(!range.overlaps(other(1000, 2000)));
        assert!(!range.overlaps(other(0, 10)));
    }
}
