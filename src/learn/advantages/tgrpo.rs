//! TGRPO (arXiv 2506.08440): how far a trajectory is at a time, and how it ended, each relative to
//! the other trajectories of its task.

use std::collections::BTreeMap;

use super::grpo::{GroupRelative, Moments};
use super::{Advantage, Credit, JudgedTrajectory, mixed};
use crate::learn::SuccessRecord;

/// `advantage = "tgrpo"`: `A_it = c1 (r_it - mean_t) / std_t + c2 (R_i - mean) / std`.
///
/// `r_it` is the progress that trajectory i shows after its step t; it is compared with those of the
/// task that have a step t too: trajectories end at different times here, while the paper runs all
/// of a group for the same time [R]. A step without a judgement has no first part and takes part in
/// no mean. Where all are equal, a part is 0.
#[derive(Debug, Clone, PartialEq)]
pub struct StepAndTrajectory {
    /// c1, the weight of the step part.
    pub step_weight: f64,
    /// c2, the weight of the trajectory part.
    pub trajectory_weight: f64,
    /// The trajectory part; its epsilon serves the step part too.
    pub trajectories: GroupRelative,
}

impl Default for StepAndTrajectory {
    fn default() -> StepAndTrajectory {
        StepAndTrajectory {
            step_weight: 1.0,
            trajectory_weight: 1.0,
            trajectories: GroupRelative::default(),
        }
    }
}

impl StepAndTrajectory {
    /// `(r_it - mean_t) / std_t` of every step, `[trajectories][steps]`.
    pub fn step_parts(&self, trajectories: &[JudgedTrajectory]) -> Vec<Vec<f64>> {
        let progress = |trajectory: &JudgedTrajectory, step: usize| {
            trajectory.progress.get(step).copied().flatten()
        };
        let mut groups: BTreeMap<(&str, usize), Vec<f64>> = BTreeMap::new();
        for trajectory in trajectories {
            for step in 0..trajectory.step_tokens.len() {
                if let Some(value) = progress(trajectory, step) {
                    let group = groups.entry((&trajectory.task, step)).or_default();
                    group.push(value);
                }
            }
        }
        let moments: BTreeMap<(&str, usize), Moments> = groups
            .into_iter()
            .map(|(key, values)| (key, Moments::of(values)))
            .collect();
        trajectories
            .iter()
            .map(|trajectory| {
                (0..trajectory.step_tokens.len())
                    .map(|step| {
                        let moments = moments.get(&(trajectory.task.as_str(), step));
                        match moments.zip(progress(trajectory, step)) {
                            Some((moments, value)) => {
                                moments.relative(value, self.trajectories.epsilon)
                            }
                            None => 0.0,
                        }
                    })
                    .collect()
            })
            .collect()
    }
}

impl Advantage for StepAndTrajectory {
    fn name(&self) -> &'static str {
        "tgrpo"
    }

    fn credits(&self, trajectories: &[JudgedTrajectory], _record: &SuccessRecord) -> Vec<Credit> {
        let whole = self.trajectories.relative(trajectories);
        let steps = self.step_parts(trajectories);
        mixed(whole, steps, |whole, step| {
            self.step_weight * step + self.trajectory_weight * whole
        })
    }

    fn wants_progress(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(reward: f64, progress: &[Option<f64>]) -> JudgedTrajectory {
        JudgedTrajectory {
            task: "A".into(),
            reward,
            step_tokens: vec![1; progress.len()],
            progress: progress.to_vec(),
            ..JudgedTrajectory::default()
        }
    }

    #[test]
    fn equal_times_are_compared() {
        let estimator = StepAndTrajectory {
            step_weight: 0.5,
            trajectory_weight: 2.0,
            ..StepAndTrajectory::default()
        };
        let credits = estimator.credits(
            &[
                of(1.0, &[Some(0.0), Some(0.5), Some(1.0)]),
                of(0.0, &[Some(0.0), Some(0.25)]),
                of(0.0, &[Some(0.0), None]),
            ],
            &SuccessRecord::new(3),
        );
        // R: mean 1/3, std sqrt(2)/3. Time 0: all equal. Time 1: 0.5 and 0.25. Time 2: alone.
        let (up, down) = (2f64.sqrt(), -(0.5f64).sqrt());
        let expected = [
            vec![2.0 * up, 0.5 + 2.0 * up, 2.0 * up],
            vec![2.0 * down, -0.5 + 2.0 * down],
            vec![2.0 * down, 2.0 * down],
        ];
        for (credit, expected) in credits.iter().zip(expected) {
            let Credit::PerStep(found) = credit else {
                panic!("{credit:?}")
            };
            assert_eq!(found.len(), expected.len());
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-4, "{credits:?}");
            }
        }
    }
}
