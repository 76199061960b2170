//! Whether the benchmark's known defects are kept or mended.

use serde::{Deserialize, Serialize};

/// What becomes of the defects that `docs/tasks.md` lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compat {
    /// They are kept, so that scores can be compared with AndroidWorld's.
    #[default]
    AndroidWorld,
    /// They are mended.
    Fixed,
}

impl Compat {
    /// Whether defects are mended.
    pub fn is_fixed(self) -> bool {
        self == Compat::Fixed
    }

    /// Whether this is what goes without saying.
    pub fn is_default(&self) -> bool {
        *self == Compat::default()
    }

    /// The score of a task with parts that are reached or not: the benchmark gives a share of it, although
    /// a goal that is half reached is not reached.
    pub fn score(self, parts: &[bool]) -> f64 {
        let reached = parts.iter().filter(|part| **part).count();
        match self {
            Compat::AndroidWorld => reached as f64 / parts.len().max(1) as f64,
            Compat::Fixed if reached == parts.len() => 1.0,
            Compat::Fixed => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_a_goal_counts_only_for_the_benchmark() {
        let both = |parts: [bool; 2]| {
            [Compat::AndroidWorld, Compat::Fixed].map(|compat| compat.score(&parts))
        };
        assert_eq!(both([false, false]), [0.0, 0.0]);
        assert_eq!(both([false, true]), [0.5, 0.0]);
        assert_eq!(both([true, true]), [1.0, 1.0]);
    }

    #[test]
    fn it_is_written_in_small_letters() {
        let written = |compat: Compat| serde_json::to_value(compat).unwrap();
        assert_eq!(written(Compat::AndroidWorld), "androidworld");
        assert_eq!(written(Compat::Fixed), "fixed");
    }
}
