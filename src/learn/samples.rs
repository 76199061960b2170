//! Step samples: what the update learns from, one row per step of a trajectory (STEP section 3).

use super::{Credit, JudgedTrajectory};

/// What one sample of the loss is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Granularity {
    /// A whole trajectory: its steps share one weight and one minibatch (T-GRPO).
    Trajectory,
    /// Each step by itself (STEP, GiGRPO).
    Step,
}

/// Where the action and the log-probability of a sample are to be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SampleSource {
    /// The action that was taken.
    Step {
        /// [`JudgedTrajectory::trajectory`].
        trajectory: u64,
        /// Step, from 0.
        step: u32,
    },
    /// An action that was drawn again on the same state and never executed (section 4).
    Resampled {
        /// [`JudgedTrajectory::trajectory`].
        trajectory: u64,
        /// Step, from 0.
        step: u32,
        /// Which of the G - 1 drawn again, from 0.
        alternative: u32,
    },
    /// An action that was taken in an earlier round ([`super::replay`]).
    Replayed {
        /// The round.
        round: u64,
        /// [`JudgedTrajectory::trajectory`] of that round.
        trajectory: u64,
        /// Step, from 0.
        step: u32,
    },
    /// The right action in a state that a failed run left by another one
    /// ([`super::critical::forks`]).
    Fork {
        /// [`JudgedTrajectory::trajectory`] of the failed run.
        trajectory: u64,
        /// Its step, from 0.
        step: u32,
    },
    /// One action of a pair in the state that a failed run was branched at ([`super::preference`]).
    Pair {
        /// The branch.
        branch: u32,
        /// Whether this is the action that led to success.
        preferred: bool,
        /// [`JudgedTrajectory::trajectory`] of the failed run.
        trajectory: u64,
        /// Its step, from 0.
        step: u32,
    },
    /// An action that led back from a mistake.
    Recovery {
        /// The branch.
        branch: u32,
        /// [`JudgedTrajectory::trajectory`] of the failed run.
        trajectory: u64,
        /// Step of the branch, from 0.
        step: u32,
    },
}

impl SampleSource {
    /// The trajectory whose state this is.
    pub fn trajectory(self) -> u64 {
        match self {
            SampleSource::Step { trajectory, .. }
            | SampleSource::Resampled { trajectory, .. }
            | SampleSource::Replayed { trajectory, .. }
            | SampleSource::Fork { trajectory, .. }
            | SampleSource::Pair { trajectory, .. }
            | SampleSource::Recovery { trajectory, .. } => trajectory,
        }
    }

    /// Whether the weights of now drew the action, so that its ratio is 1 before the first step.
    pub fn is_fresh(self) -> bool {
        matches!(
            self,
            SampleSource::Step { .. } | SampleSource::Resampled { .. }
        )
    }

    /// Whether a policy drew the action and wrote down with which log-probability. The others take
    /// the log-probability of now for the old one.
    pub fn was_drawn(self) -> bool {
        self.is_fresh() || matches!(self, SampleSource::Replayed { .. })
    }

    /// The pair that the action belongs to, and whether it is the preferred one.
    pub fn pair(self) -> Option<(u32, bool)> {
        match self {
            SampleSource::Pair {
                branch, preferred, ..
            } => Some((branch, preferred)),
            _ => None,
        }
    }

    /// Rows that share it are learnt from in one minibatch where whole trajectories are.
    pub fn unit(self) -> (u64, u64) {
        match self {
            SampleSource::Replayed {
                round, trajectory, ..
            } => (round + 1, trajectory),
            other => (0, other.trajectory()),
        }
    }

    /// The step whose state this is.
    pub fn step(self) -> u32 {
        match self {
            SampleSource::Step { step, .. }
            | SampleSource::Resampled { step, .. }
            | SampleSource::Replayed { step, .. }
            | SampleSource::Fork { step, .. }
            | SampleSource::Pair { step, .. }
            | SampleSource::Recovery { step, .. } => step,
        }
    }
}

/// One row of the update.
#[derive(Debug, Clone, PartialEq)]
pub struct StepSample {
    /// State and action.
    pub source: SampleSource,
    /// Task name.
    pub task: String,
    /// A_z of the loss.
    pub advantage: f64,
    /// Share in the loss before normalisation: 1, or 1/T where a sample is a whole trajectory.
    pub weight: f64,
    /// Choices ("tokens") of the action, at least 1.
    pub tokens: u32,
    /// Augmentation group it belongs to.
    pub group: Option<u32>,
}

/// Expands credited trajectories into step samples (section 3 [P]: every step gets the
/// trajectory's advantage). Rows are ordered by trajectory and step, whatever order the
/// trajectories came in; steps with an advantage of exactly 0 are left out.
pub fn step_samples(
    trajectories: &[JudgedTrajectory],
    credits: &[Credit],
    granularity: Granularity,
) -> Vec<StepSample> {
    let mut samples = Vec::new();
    for (trajectory, credit) in trajectories.iter().zip(credits) {
        let length = trajectory.step_tokens.len();
        let weight = match granularity {
            Granularity::Step => 1.0,
            Granularity::Trajectory => 1.0 / length.max(1) as f64,
        };
        for (step, tokens) in trajectory.step_tokens.iter().enumerate() {
            let advantage = match credit {
                Credit::None => 0.0,
                Credit::Whole(advantage) => *advantage,
                Credit::PerStep(advantages) => advantages.get(step).copied().unwrap_or(0.0),
            };
            if advantage != 0.0 {
                samples.push(StepSample {
                    source: SampleSource::Step {
                        trajectory: trajectory.trajectory,
                        step: step as u32,
                    },
                    task: trajectory.task.clone(),
                    advantage,
                    weight,
                    tokens: (*tokens).max(1),
                    group: None,
                });
            }
        }
    }
    samples.sort_by_key(|sample| sample.source);
    samples
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_gets_the_advantage_of_its_trajectory() {
        let trajectories = [
            JudgedTrajectory {
                trajectory: 9,
                task: "A".into(),
                reward: 1.0,
                step_tokens: vec![2, 0],
                ..JudgedTrajectory::default()
            },
            JudgedTrajectory {
                trajectory: 4,
                task: "B".into(),
                reward: 0.0,
                step_tokens: vec![1; 3],
                ..JudgedTrajectory::default()
            },
        ];
        let samples = step_samples(
            &trajectories,
            &[Credit::Whole(0.5), Credit::None],
            Granularity::Trajectory,
        );
        assert_eq!(samples.len(), 2);
        assert!(
            samples
                .iter()
                .all(|s| s.advantage == 0.5 && s.weight == 0.5)
        );
        assert_eq!(samples[1].tokens, 1);
        let per_step = step_samples(
            &trajectories,
            &[
                Credit::PerStep(vec![0.0, 1.0]),
                Credit::PerStep(vec![-1.0, 2.0, 3.0]),
            ],
            Granularity::Step,
        );
        let advantages: Vec<f64> = per_step.iter().map(|s| s.advantage).collect();
        assert_eq!(advantages, [-1.0, 2.0, 3.0, 1.0]);
    }
}
