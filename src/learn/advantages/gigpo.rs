//! GiGPO (arXiv 2505.10978): a group of episodes, and within it groups of steps that were taken in
//! the same state.

use std::collections::BTreeMap;

use super::grpo::{GroupRelative, Moments};
use super::{Advantage, Credit, JudgedTrajectory, mixed};
use crate::learn::SuccessRecord;

/// `advantage = "gigpo"`: `A = A_E + w A_S` for each step.
///
/// `A_E` is the episode's return relative to its task's group, normalised over episodes, not over
/// step rows (a long episode counts once). `A_S` compares what came of one state: the steps of the
/// group with one anchor on one instance form a sub-group, also where an episode came back to the
/// state, and `A_S` is the step's discounted return `gamma^(T-1-t) R` minus the sub-group's mean. A
/// step that is alone in its sub-group, or has no anchor, has `A_S = 0`.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupInGroup {
    /// gamma, the discount for each step that is still to go, in [0, 1].
    pub discount: f64,
    /// w, the weight of the step part.
    pub step_weight: f64,
    /// The episode part.
    pub episodes: GroupRelative,
}

impl Default for GroupInGroup {
    fn default() -> GroupInGroup {
        GroupInGroup {
            discount: 0.95,
            step_weight: 1.0,
            episodes: GroupRelative::default(),
        }
    }
}

/// The anchor of a step, where it has one.
fn anchor(trajectory: &JudgedTrajectory, step: usize) -> Option<&str> {
    trajectory.anchors.get(step)?.as_deref()
}

impl GroupInGroup {
    /// `gamma^(T-1-t) R`: the only reward comes with the last step.
    fn discounted(&self, trajectory: &JudgedTrajectory, step: usize) -> f64 {
        let to_go = trajectory.step_tokens.len().saturating_sub(step + 1);
        trajectory.reward * self.discount.powi(to_go.min(i32::MAX as usize) as i32)
    }

    /// `A_S` of every step of every trajectory, `[trajectories][steps]`.
    pub fn step_parts(&self, trajectories: &[JudgedTrajectory]) -> Vec<Vec<f64>> {
        let mut groups: BTreeMap<(&str, &str, &str), Vec<f64>> = BTreeMap::new();
        for trajectory in trajectories {
            for step in 0..trajectory.step_tokens.len() {
                if let Some(anchor) = anchor(trajectory, step) {
                    groups
                        .entry((&trajectory.task, &trajectory.instance, anchor))
                        .or_default()
                        .push(self.discounted(trajectory, step));
                }
            }
        }
        let means: BTreeMap<_, f64> = groups
            .into_iter()
            .filter(|(_, returns)| returns.len() > 1)
            .map(|(key, returns)| (key, Moments::of(returns).mean))
            .collect();
        trajectories
            .iter()
            .map(|trajectory| {
                (0..trajectory.step_tokens.len())
                    .map(|step| {
                        let key = anchor(trajectory, step)
                            .map(|anchor| (&*trajectory.task, &*trajectory.instance, anchor));
                        let mean = key.and_then(|key| means.get(&key));
                        mean.map_or(0.0, |mean| self.discounted(trajectory, step) - mean)
                    })
                    .collect()
            })
            .collect()
    }
}

impl Advantage for GroupInGroup {
    fn name(&self) -> &'static str {
        "gigpo"
    }

    fn credits(&self, trajectories: &[JudgedTrajectory], _record: &SuccessRecord) -> Vec<Credit> {
        let whole = self.episodes.relative(trajectories);
        let steps = self.step_parts(trajectories);
        mixed(whole, steps, |episode, step| {
            episode + self.step_weight * step
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(reward: f64, instance: &str, anchors: &[&str]) -> JudgedTrajectory {
        JudgedTrajectory {
            task: "A".into(),
            reward,
            step_tokens: vec![1; anchors.len()],
            instance: instance.into(),
            anchors: anchors
                .iter()
                .map(|anchor| (!anchor.is_empty()).then(|| anchor.to_string()))
                .collect(),
            ..JudgedTrajectory::default()
        }
    }

    #[test]
    fn steps_in_the_same_state_are_compared() {
        let estimator = GroupInGroup {
            discount: 0.5,
            ..GroupInGroup::default()
        };
        let steps = estimator.step_parts(&[
            of(1.0, "x", &["home", "list", ""]),
            of(0.0, "x", &["home", "alone"]),
            of(1.0, "x", &["list", "list"]),
            of(1.0, "y", &["home"]),
        ]);
        // home on x: 0.25 and 0; list on x: 0.5 of the first, then 0.5 and 1 of the third.
        let mean = 2.0 / 3.0;
        assert_eq!(
            steps,
            [
                vec![0.125, 0.5 - mean, 0.0],
                vec![-0.125, 0.0],
                vec![0.5 - mean, 1.0 - mean],
                vec![0.0],
            ]
        );
    }

    #[test]
    fn both_parts_add_up() {
        let estimator = GroupInGroup {
            discount: 1.0,
            step_weight: 0.5,
            ..GroupInGroup::default()
        };
        let credits = estimator.credits(
            &[of(1.0, "x", &["home"]), of(0.0, "x", &["home", "lost"])],
            &SuccessRecord::new(2),
        );
        let Credit::PerStep(up) = &credits[0] else {
            panic!("{credits:?}")
        };
        assert!((up[0] - 1.25).abs() < 1e-5, "{up:?}");
        let Credit::PerStep(down) = &credits[1] else {
            panic!("{credits:?}")
        };
        assert!((down[0] + 1.25).abs() < 1e-5 && (down[1] + 1.0).abs() < 1e-5);
    }
}
