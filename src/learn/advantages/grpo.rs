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
        let relative = self.relative(trajectories);
        let credit = |value: &f64| match *value {
            0.0 => Credit::None,
            value => Credit::Whole(value),
        };
        relative.iter().map(credit).collect()
    }
}

impl GroupRelative {
    /// The advantage of each trajectory over its task's group, in their order; 0 where all of a
    /// group are equal. A trajectory counts once, however many steps it has.
    pub(super) fn relative(&self, trajectories: &[JudgedTrajectory]) -> Vec<f64> {
        let mut groups: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for trajectory in trajectories {
            groups
                .entry(&trajectory.task)
                .or_default()
                .push(trajectory.reward);
        }
        let moments: BTreeMap<&str, Moments> = groups
            .into_iter()
            .map(|(task, rewards)| (task, Moments::of(rewards)))
            .collect();
        trajectories
            .iter()
            .map(|trajectory| match moments.get(trajectory.task.as_str()) {
                Some(moments) => moments.relative(trajectory.reward, self.epsilon),
                None => 0.0,
            })
            .collect()
    }
}

/// Mean and standard deviation (the population's [R]) of a group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::learn) struct Moments {
    pub mean: f64,
    pub deviation: f64,
}

impl Moments {
    /// Of values in any order: they are sorted first, so that the order in which devices finish
    /// changes no bit of a sum. Zeros for no values.
    pub fn of(mut values: Vec<f64>) -> Moments {
        values.sort_by(f64::total_cmp);
        let count = values.len().max(1) as f64;
        let mean = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / count;
        // Equal values have a mean that may differ from them in the last bit.
        let equal = values.first() == values.last();
        Moments {
            mean,
            deviation: if equal { 0.0 } else { variance.sqrt() },
        }
    }

    /// `(value - mean) / (std + epsilon)`; 0 where all values are equal.
    pub fn relative(self, value: f64, epsilon: f64) -> f64 {
        if self.deviation > 0.0 {
            (value - self.mean) / (self.deviation + epsilon)
        } else {
            0.0
        }
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
            ..JudgedTrajectory::default()
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
