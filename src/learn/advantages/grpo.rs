//! Group-relative advantages, for T-GRPO (trajectory granularity) and GiGRPO (step granularity)
//! as the STEP paper names its baselines.

use std::collections::BTreeMap;

use super::{Advantage, Credit, JudgedTrajectory};
use crate::learn::SuccessRecord;

/// `advantage = "grpo"`: `(R - mean) / (std + eps)` over a task's trajectories of the round; where
/// all are equal there is nothing to learn. The standard deviation is the population's [R].
#[derive(Debug, Clone, PartialEq)]
pub struct GroupRelative {
    /// Added to the standard deviation.
    pub epsilon: f64,
}

impl Default for GroupRelative {
    fn default() -> GroupRelative {
        GroupRelative { epsilon: 1e-6 }
    }
}

impl Advantage for GroupRelative {
    fn name(&self) -> &'static str {
        "grpo"
    }

    fn credits(&self, trajectories: &[JudgedTrajectory], _record: &SuccessRecord) -> Vec<Credit> {
        let mut groups: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for trajectory in trajectories {
            groups
                .entry(&trajectory.task)
                .or_default()
                .push(trajectory.reward);
        }
        let moments: BTreeMap<&str, (f64, f64)> = groups
            .into_iter()
            .map(|(task, mut rewards)| {
                // Sorted, so that the order in which devices finish changes no bit of the sum.
                rewards.sort_by(f64::total_cmp);
                let count = rewards.len() as f64;
                let mean = rewards.iter().sum::<f64>() / count;
                let variance = rewards.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / count;
                (task, (mean, variance.sqrt()))
            })
            .collect();
        trajectories
            .iter()
            .map(|trajectory| match moments.get(trajectory.task.as_str()) {
                Some((mean, deviation)) if *deviation > 0.0 => {
                    Credit::Whole((trajectory.reward - mean) / (deviation + self.epsilon))
                }
                _ => Credit::None,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_normalised_apart() {
        let of = |task: &str, reward| JudgedTrajectory {
            trajectory: 0,
            task: task.into(),
            reward,
            step_tokens: vec![1],
        };
        let credits = GroupRelative::default().credits(
            &[of("A", 1.0), of("B", 1.0), of("A", 0.0), of("B", 1.0)],
            &SuccessRecord::new(2),
        );
        let Credit::Whole(up) = credits[0] else {
            panic!("{credits:?}")
        };
        let Credit::Whole(down) = credits[2] else {
            panic!("{credits:?}")
        };
        assert!((up - 1.0).abs() < 1e-5 && (down + 1.0).abs() < 1e-5);
        assert_eq!(credits[1], Credit::None);
        assert_eq!(credits[3], Credit::None);
    }
}
