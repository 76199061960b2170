//! Step-level GRPO augmentation (STEP section 4 [P]): a step of a rare success becomes a group of
//! G actions on the same state, told apart by whether they match the one that was taken. No device
//! is touched: the caller draws the other G - 1 actions from the policy.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::{LearnError, SampleSource, StepSample, SuccessRecord};

/// What becomes of the actions that do not match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Negatives {
    /// They are pushed down (the paper).
    Keep,
    /// They are left alone [R].
    Zero,
}

/// `augmentation = "step_grpo"` with its knobs.
#[derive(Debug, Clone, PartialEq)]
pub struct Augmentation {
    /// Tasks with a rate up to this are augmented: `low_sr`.
    pub low_rate: f64,
    /// G, the action taken included: N/2.
    pub group: u32,
    /// What becomes of misses.
    pub negatives: Negatives,
    /// Most states augmented in a round; 0 is no limit [R].
    pub max_states: u32,
}

impl Default for Augmentation {
    fn default() -> Augmentation {
        Augmentation {
            low_rate: 0.2,
            group: 8,
            negatives: Negatives::Keep,
            max_states: 0,
        }
    }
}

/// One action that the policy drew again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alternative {
    /// Whether it matches the action taken ([`super::Matcher`]).
    pub matches: bool,
    /// Choices ("tokens") it is made of.
    pub tokens: u32,
}

/// What the caller found for one chosen state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resampled {
    /// Whether the action taken matches itself: what could not be parsed does not, and its group
    /// is dropped.
    pub reference_matches: bool,
    /// The G - 1 actions drawn again.
    pub alternatives: Vec<Alternative>,
}

/// What came of one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepGroup {
    /// The step it grew from.
    pub source: SampleSource,
    /// m, matches among the G.
    pub matches: u32,
    /// G.
    pub size: u32,
    /// False where all matched (or none): there is nothing to tell apart, the group is dropped.
    pub kept: bool,
}

/// The rows of the update after augmentation.
#[derive(Debug, Clone, PartialEq)]
pub struct Augmented {
    /// Rows, groups in place of the steps they grew from.
    pub samples: Vec<StepSample>,
    /// One entry per chosen state; [`StepSample::group`] is the position here.
    pub groups: Vec<StepGroup>,
}

/// `(R - mean) / std` over a group of `size` with `matches` ones (section 4 [D]): the values of a
/// match and of a miss. `None` where all are equal.
pub fn group_advantages(matches: u32, size: u32) -> Option<(f64, f64)> {
    if matches == 0 || matches >= size {
        return None;
    }
    let (m, rest) = (f64::from(matches), f64::from(size - matches));
    Some(((rest / m).sqrt(), -(m / rest).sqrt()))
}

impl Augmentation {
    /// The rows whose states are to be augmented, as positions in `samples`, ascending: steps with
    /// a positive advantage of tasks at or below `low_rate`. Where there are more than
    /// `max_states`, a random choice of them.
    pub fn states(
        &self,
        samples: &[StepSample],
        record: &SuccessRecord,
        rng: &mut ChaCha8Rng,
    ) -> Vec<usize> {
        let mut eligible: Vec<usize> = (0..samples.len())
            .filter(|position| {
                let sample = &samples[*position];
                let rate = record.rate(&sample.task);
                sample.advantage > 0.0
                    && matches!(sample.source, SampleSource::Step { .. })
                    && rate.is_some_and(|rate| rate <= self.low_rate)
            })
            .collect();
        let limit = self.max_states as usize;
        if limit > 0 && eligible.len() > limit {
            for position in 0..limit {
                let other = rng.random_range(position..eligible.len());
                eligible.swap(position, other);
            }
            eligible.truncate(limit);
            eligible.sort_unstable();
        }
        eligible
    }

    /// Replaces each chosen row by its group. `resampled` answers `chosen` in order.
    ///
    /// # Errors
    /// [`LearnError::GroupSize`] where an answer is missing or has not G - 1 actions.
    pub fn augment(
        &self,
        samples: Vec<StepSample>,
        chosen: &[usize],
        resampled: &[Resampled],
    ) -> Result<Augmented, LearnError> {
        let wanted = self.group.saturating_sub(1) as usize;
        let wrong_size = |got| LearnError::GroupSize {
            expected: self.group as usize,
            wanted,
            got,
        };
        if resampled.len() < chosen.len() {
            return Err(wrong_size(0));
        }
        let mut rows = Vec::with_capacity(samples.len() + chosen.len() * wanted);
        let mut groups = Vec::with_capacity(chosen.len());
        let mut next = 0usize;
        for (position, sample) in samples.into_iter().enumerate() {
            if chosen.get(next) != Some(&position) {
                rows.push(sample);
                continue;
            }
            let found = &resampled[next];
            next += 1;
            if found.alternatives.len() != wanted {
                return Err(wrong_size(found.alternatives.len()));
            }
            let number = groups.len() as u32;
            groups.push(self.expand(sample, found, number, &mut rows));
        }
        Ok(Augmented {
            samples: rows,
            groups,
        })
    }

    fn expand(
        &self,
        sample: StepSample,
        found: &Resampled,
        number: u32,
        rows: &mut Vec<StepSample>,
    ) -> StepGroup {
        let others = found.alternatives.iter().filter(|other| other.matches);
        let matches = if found.reference_matches {
            1 + others.count() as u32
        } else {
            0
        };
        let values = group_advantages(matches, self.group);
        if let Some((hit, miss)) = values {
            for (alternative, other) in found.alternatives.iter().enumerate() {
                if !other.matches && self.negatives == Negatives::Zero {
                    continue;
                }
                let value = if other.matches { hit } else { miss };
                rows.push(StepSample {
                    source: SampleSource::Resampled {
                        trajectory: sample.source.trajectory(),
                        step: sample.source.step(),
                        alternative: alternative as u32,
                    },
                    advantage: sample.advantage * value,
                    tokens: other.tokens.max(1),
                    group: Some(number),
                    ..sample.clone()
                });
            }
            rows.push(StepSample {
                advantage: sample.advantage * hit,
                group: Some(number),
                ..sample.clone()
            });
        }
        StepGroup {
            source: sample.source,
            matches,
            size: self.group,
            kept: values.is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::streams::stream;
    use crate::learn::Tally;
    use std::collections::BTreeMap;

    fn sample(task: &str, step: u32, advantage: f64) -> StepSample {
        StepSample {
            source: SampleSource::Step {
                trajectory: 1,
                step,
            },
            task: task.into(),
            advantage,
            weight: 1.0,
            tokens: 2,
            group: None,
        }
    }

    fn record() -> SuccessRecord {
        let mut record = SuccessRecord::new(8);
        let tally = |successes| Tally {
            judged: 10,
            successes,
        };
        record
            .count_round(
                0,
                &BTreeMap::from([("Rare".into(), tally(2)), ("Often".into(), tally(3))]),
            )
            .unwrap();
        record
    }

    fn found(matching: usize, reference_matches: bool) -> Resampled {
        Resampled {
            reference_matches,
            alternatives: (0..7)
                .map(|k| Alternative {
                    matches: k < matching,
                    tokens: 1,
                })
                .collect(),
        }
    }

    #[test]
    fn only_rare_successes_are_augmented() {
        let samples = [
            sample("Often", 0, 0.7),
            sample("Rare", 0, 0.8),
            sample("Rare", 1, -0.8),
            sample("Unknown", 0, 1.0),
            sample("Rare", 2, 0.8),
        ];
        let augmentation = Augmentation::default();
        let states = augmentation.states(&samples, &record(), &mut stream(1, "augment", 0));
        assert_eq!(states, [1, 4]);
        let limited = Augmentation {
            max_states: 1,
            ..augmentation
        };
        let states = limited.states(&samples, &record(), &mut stream(1, "augment", 0));
        assert_eq!(states.len(), 1);
    }

    #[test]
    fn groups_take_the_place_of_their_steps() {
        let samples = vec![
            sample("Rare", 0, 0.8),
            sample("Rare", 1, 0.8),
            sample("Rare", 2, 0.8),
            sample("Rare", 3, 0.8),
        ];
        let answers = [found(1, true), found(7, true), found(3, false)];
        let kept = Augmentation::default()
            .augment(samples.clone(), &[0, 1, 3], &answers)
            .unwrap();
        // Step 0: m = 2 of 8; step 1 all matched; step 3 could not be parsed.
        assert_eq!(kept.samples.len(), 8 + 1);
        assert_eq!(
            kept.groups.iter().map(|g| g.kept).collect::<Vec<_>>(),
            [true, false, false]
        );
        let sum: f64 = kept.samples[..8].iter().map(|s| s.advantage).sum();
        assert!(sum.abs() < 1e-12);
        assert!((kept.samples[7].advantage - 0.8 * 3f64.sqrt()).abs() < 1e-12);
        assert_eq!(kept.samples[7].source, samples[0].source);
        assert_eq!(kept.samples[8], samples[2]);

        let zero = Augmentation {
            negatives: Negatives::Zero,
            ..Augmentation::default()
        };
        let rows = zero.augment(samples, &[0, 1, 3], &answers).unwrap().samples;
        assert_eq!(rows.len(), 2 + 1);
        assert!(rows.iter().all(|row| row.advantage > 0.0));
    }

    #[test]
    fn missing_answers_are_refused() {
        let samples = vec![sample("Rare", 0, 0.8)];
        let augmentation = Augmentation::default();
        assert!(augmentation.augment(samples.clone(), &[0], &[]).is_err());
        let mut short = found(1, true);
        short.alternatives.pop();
        assert!(augmentation.augment(samples, &[0], &[short]).is_err());
    }
}
