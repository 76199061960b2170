//! STEP's success-weighted advantage (section 3 [P]): only successes teach, the rarer the more.

use super::{Advantage, Credit, JudgedTrajectory};
use crate::learn::SuccessRecord;

/// `advantage = "sr_weighted"`: `(1 - s) R`, with the task's rate after this round [R].
#[derive(Debug, Clone, PartialEq)]
pub struct SuccessWeighted {
    /// Advantages below this are not learnt from [R].
    pub minimum: f64,
}

impl Default for SuccessWeighted {
    fn default() -> SuccessWeighted {
        SuccessWeighted { minimum: 1e-6 }
    }
}

impl Advantage for SuccessWeighted {
    fn name(&self) -> &'static str {
        "sr_weighted"
    }

    fn credits(&self, trajectories: &[JudgedTrajectory], record: &SuccessRecord) -> Vec<Credit> {
        trajectories
            .iter()
            .map(|trajectory| {
                let rate = record.rate(&trajectory.task).unwrap_or(0.0);
                let advantage = (1.0 - rate) * trajectory.reward;
                if trajectory.reward > 0.0 && advantage >= self.minimum {
                    Credit::Whole(advantage)
                } else {
                    Credit::None
                }
            })
            .collect()
    }
}
