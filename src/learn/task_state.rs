//! What a task's success rate says about it, in one word.

use serde::Serialize;

use super::guard_metrics::MASTERED_RATE;

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskState {
    /// Never judged.
    Unknown,
    /// No success in its smoothed rate.
    Dead,
    /// `0 < s < s0`: copies of solved tasks are given to it (STEP section 1 [P]).
    Cache,
    /// From s0 on.
    Solved,
    /// Above 80 % (Figure 2 of the paper).
    Mastered,
}

impl TaskState {
    /// The state of a task with a smoothed rate, for the threshold s0.
    pub fn of(rate: Option<f64>, sr_threshold: f64) -> TaskState {
        match rate {
            None => TaskState::Unknown,
            Some(rate) if rate <= 0.0 => TaskState::Dead,
            Some(rate) if rate > MASTERED_RATE => TaskState::Mastered,
            Some(rate) if rate < sr_threshold => TaskState::Cache,
            Some(_) => TaskState::Solved,
        }
    }

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            TaskState::Unknown => "unknown",
            TaskState::Dead => "dead",
            TaskState::Cache => "cache",
            TaskState::Solved => "solved",
            TaskState::Mastered => "mastered",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_have_their_states() {
        let states: Vec<&str> = [
            None,
            Some(0.0),
            Some(0.01),
            Some(0.6),
            Some(0.8),
            Some(0.81),
        ]
        .map(|rate| TaskState::of(rate, 0.6).name())
        .into();
        assert_eq!(
            states,
            ["unknown", "dead", "cache", "solved", "solved", "mastered"]
        );
    }
}
