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

    /// The score of a task with parts of which so many are reached: the benchmark gives a share of it,
    /// although a goal that is half reached is not reached.
    pub fn score(self, reached: usize, parts: usize) -> f64 {
        match self {
            Compat::AndroidWorld => reached as f64 / parts.max(1) as f64,
            Compat::Fixed if reached == parts => 1.0,
            Compat::Fixed => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_a_goal_counts_only_for_the_benchmark() {
        let both = |reached| {
            (
                Compat::AndroidWorld.score(reached, 2),
                Compat::Fixed.score(reached, 2),
            )
        };
        assert_eq!(both(0), (0.0, 0.0));
        assert_eq!(both(1), (0.5, 0.0));
        assert_eq!(both(2), (1.0, 1.0));
    }

    #[test]
    fn it_is_written_in_small_letters() {
        let written = |compat: Compat| serde_json::to_value(compat).unwrap();
        assert_eq!(written(Compat::AndroidWorld), "androidworld");
        assert_eq!(written(Compat::Fixed), "fixed");
    }
}
