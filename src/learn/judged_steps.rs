//! Step-level augmentation with a judge (SLATE, arXiv 2602.23440): as STEP section 4, a step becomes
//! a group of actions on the same state, told apart by a judge's ternary scores instead of by
//! whether they match; also for steps of trajectories that failed.

use std::collections::BTreeSet;

use rand_chacha::ChaCha8Rng;

use super::advantages::Moments;
use super::augmentation::{Augmentation, Augmented, Negatives, StepGroup};
use super::judge::Score;
use super::{JudgedTrajectory, LearnError, SampleSource, StepSample, SuccessRecord};

/// `augmentation = "judge"` with its knobs.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedSteps {
    /// Which states, how large a group, what becomes of values below zero.
    pub groups: Augmentation,
    /// Whether steps of failed trajectories are judged too.
    pub failed_runs: bool,
}

/// What the caller found for one chosen state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoredState {
    /// The judge's scores, `[G]`: of the action taken, then of those drawn again. `None` where it
    /// said nothing.
    pub scores: Vec<Option<Score>>,
    /// Choices ("tokens") that the actions drawn again are made of, `[G - 1]`.
    pub tokens: Vec<u32>,
}

/// `(score - mean) / std` over the scores there are, at their places (population standard deviation,
/// as in section 4). `None` where nothing tells them apart: all equal, or fewer than two.
pub fn score_advantages(scores: &[Option<Score>]) -> Option<Vec<Option<f64>>> {
    let known: Vec<f64> = scores.iter().flatten().map(|score| score.value()).collect();
    let moments = Moments::of(known);
    if moments.deviation == 0.0 {
        return None;
    }
    let value = |score: &Option<Score>| score.map(|score| moments.relative(score.value(), 0.0));
    Some(scores.iter().map(value).collect())
}

impl JudgedSteps {
    /// Rows for the steps of failed trajectories whose tasks are at or below `low_rate`, with the
    /// advantage that the same trajectory had had as a success, `1 - s` [R]: the judge's score takes
    /// the place of the reward. They are no rows of the update before a judge has spoken.
    pub fn candidates(
        &self,
        trajectories: &[JudgedTrajectory],
        record: &SuccessRecord,
    ) -> Vec<StepSample> {
        let mut rows = Vec::new();
        if !self.failed_runs {
            return rows;
        }
        for trajectory in trajectories.iter().filter(|one| one.reward <= 0.0) {
            let Some(rate) = record.rate(&trajectory.task) else {
                continue;
            };
            if rate > self.groups.low_rate {
                continue;
            }
            for (step, tokens) in trajectory.step_tokens.iter().enumerate() {
                rows.push(StepSample {
                    source: SampleSource::Step {
                        trajectory: trajectory.trajectory,
                        step: step as u32,
                    },
                    task: trajectory.task.clone(),
                    advantage: 1.0 - rate,
                    weight: 1.0,
                    tokens: (*tokens).max(1),
                    group: None,
                });
            }
        }
        rows.sort_by_key(|row| row.source);
        rows
    }

    /// The rows whose states are to be judged, as positions in `samples`, ascending: as section 4
    /// chooses them, those of failed trajectories among them.
    pub fn states(
        &self,
        samples: &[StepSample],
        record: &SuccessRecord,
        rng: &mut ChaCha8Rng,
    ) -> Vec<usize> {
        self.groups.states(samples, record, rng)
    }

    /// Replaces each chosen row by its group. `found` answers `chosen` in order; `failed` are the
    /// trajectories whose rows came from [`JudgedSteps::candidates`].
    ///
    /// A state without a judgement stays the row that it was, or no row for a failed trajectory. A
    /// group whose scores are all equal is dropped, as in section 4. An action without a score is
    /// left out of its group.
    ///
    /// # Errors
    /// [`LearnError::GroupSize`] where an answer is missing or has not G actions.
    pub fn augment(
        &self,
        samples: Vec<StepSample>,
        failed: &BTreeSet<u64>,
        chosen: &[usize],
        found: &[ScoredState],
    ) -> Result<Augmented, LearnError> {
        let size = self.groups.group as usize;
        let wrong_size = |got| LearnError::GroupSize {
            expected: size,
            wanted: size.saturating_sub(1),
            got,
        };
        if found.len() < chosen.len() {
            return Err(wrong_size(0));
        }
        let mut rows = Vec::with_capacity(samples.len() + chosen.len() * size);
        let mut groups = Vec::with_capacity(chosen.len());
        let mut next = 0usize;
        for (position, sample) in samples.into_iter().enumerate() {
            let has_failed = failed.contains(&sample.source.trajectory());
            if chosen.get(next) != Some(&position) {
                rows.extend((!has_failed).then_some(sample));
                continue;
            }
            let state = &found[next];
            next += 1;
            if state.scores.len() != size || state.tokens.len() + 1 != size {
                return Err(wrong_size(state.tokens.len()));
            }
            if state.scores.iter().all(Option::is_none) {
                rows.extend((!has_failed).then_some(sample));
                continue;
            }
            let number = groups.len() as u32;
            groups.push(self.expand(&sample, state, number, &mut rows));
        }
        Ok(Augmented {
            samples: rows,
            groups,
        })
    }

    fn expand(
        &self,
        sample: &StepSample,
        state: &ScoredState,
        number: u32,
        rows: &mut Vec<StepSample>,
    ) -> StepGroup {
        let helpful = |score: &&Option<Score>| **score == Some(Score::Helpful);
        let values = score_advantages(&state.scores);
        for (place, value) in values.iter().flatten().enumerate() {
            let Some(value) = value else { continue };
            if *value < 0.0 && self.groups.negatives == Negatives::Zero {
                continue;
            }
            let (source, tokens) = match place.checked_sub(1) {
                None => (sample.source, sample.tokens),
                Some(alternative) => (
                    SampleSource::Resampled {
                        trajectory: sample.source.trajectory(),
                        step: sample.source.step(),
                        alternative: alternative as u32,
                    },
                    state.tokens[alternative].max(1),
                ),
            };
            rows.push(StepSample {
                source,
                advantage: sample.advantage * value,
                tokens,
                group: Some(number),
                ..sample.clone()
            });
        }
        StepGroup {
            source: sample.source,
            matches: state.scores.iter().filter(helpful).count() as u32,
            size: state.scores.iter().flatten().count() as u32,
            kept: values.is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::Tally;
    use std::collections::BTreeMap;

    const SCORES: [Option<Score>; 4] = [
        Some(Score::Helpful),
        Some(Score::Harmful),
        None,
        Some(Score::Neutral),
    ];

    fn judged(failed_runs: bool) -> JudgedSteps {
        JudgedSteps {
            groups: Augmentation {
                group: 4,
                ..Augmentation::default()
            },
            failed_runs,
        }
    }

    fn row(trajectory: u64, advantage: f64) -> StepSample {
        StepSample {
            source: SampleSource::Step {
                trajectory,
                step: 0,
            },
            task: "Rare".into(),
            advantage,
            weight: 1.0,
            tokens: 1,
            group: None,
        }
    }

    fn state(scores: &[Option<Score>]) -> ScoredState {
        ScoredState {
            scores: scores.to_vec(),
            tokens: vec![1; 3],
        }
    }

    #[test]
    fn scores_become_advantages_that_sum_to_zero() {
        let values = score_advantages(&SCORES).unwrap();
        // 1, -1, 0: mean 0, variance 2/3.
        let expected = [1.5f64.sqrt(), -1.5f64.sqrt(), 0.0];
        let known: Vec<f64> = values.iter().flatten().copied().collect();
        for (found, expected) in known.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12);
        }
        assert_eq!(values[2], None);
        assert_eq!(score_advantages(&[Some(Score::Helpful); 3]), None);
        assert_eq!(score_advantages(&[Some(Score::Helpful), None]), None);
        assert_eq!(score_advantages(&[None, None]), None);
    }

    #[test]
    fn failed_trajectories_have_rows_only_where_a_judge_spoke() {
        let samples = vec![row(1, 0.8), row(2, 0.8), row(3, 0.8), row(4, 0.8)];
        let failed = BTreeSet::from([3, 4]);
        let silent = state(&[None; 4]);
        let answers = [silent.clone(), state(&SCORES), silent];
        let made = judged(true)
            .augment(samples.clone(), &failed, &[0, 2, 3], &answers)
            .unwrap();
        let sources: Vec<(u64, f64)> = made
            .samples
            .iter()
            .map(|row| (row.source.trajectory(), row.advantage))
            .collect();
        let high = 0.8 * 1.5f64.sqrt();
        let expected = [(1, 0.8), (2, 0.8), (3, high), (3, -high), (3, 0.0)];
        assert_eq!(sources.len(), expected.len());
        for (found, expected) in sources.iter().zip(expected) {
            assert_eq!(found.0, expected.0);
            assert!((found.1 - expected.1).abs() < 1e-12);
        }
        assert_eq!(made.groups.len(), 1);
        assert_eq!((made.groups[0].matches, made.groups[0].size), (1, 3));
        // Equal scores drop the group, as section 4 does.
        let equal = [state(&[Some(Score::Helpful); 4])];
        let made = judged(true).augment(samples.clone(), &failed, &[1], &equal);
        assert_eq!(made.unwrap().samples.len(), 1);
        assert!(judged(true).augment(samples, &failed, &[0], &[]).is_err());
    }

    #[test]
    fn failed_trajectories_of_rare_tasks_are_candidates() {
        let mut record = SuccessRecord::new(8);
        let tally = |successes| Tally {
            judged: 10,
            successes,
        };
        let tallies = BTreeMap::from([("Rare".into(), tally(1)), ("Often".into(), tally(9))]);
        record.count_round(0, &tallies).unwrap();
        let of = |task: &str, reward| JudgedTrajectory {
            trajectory: 7,
            task: task.into(),
            reward,
            step_tokens: vec![1, 1],
            ..JudgedTrajectory::default()
        };
        let all = [
            of("Rare", 0.0),
            of("Rare", 1.0),
            of("Often", 0.0),
            of("New", 0.0),
        ];
        let rows = judged(true).candidates(&all, &record);
        assert_eq!(rows.len(), 2);
        assert!(
            rows.iter()
                .all(|row| row.task == "Rare" && row.advantage == 0.9)
        );
        assert!(judged(false).candidates(&all, &record).is_empty());
    }
}
