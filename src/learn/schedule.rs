//! In which order, in which portions and with which weights the rows of a round are learnt from
//! (STEP section 5). The number of optimizer steps is known before the first of them.

use std::collections::BTreeMap;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::{Granularity, StepSample};

/// How the rows of a round become optimizer steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateMode {
    /// All rows, accumulated, one optimizer step an epoch.
    WholeRound,
    /// Minibatches of about this many rows; their number grows with the rows.
    Chunked {
        /// Rows wanted in a minibatch.
        minibatch: usize,
    },
    /// This many minibatches an epoch, however many rows there are [R].
    Parts {
        /// Minibatches an epoch.
        parts: usize,
    },
}

/// How the terms of a minibatch are averaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LossAggregation {
    /// Every choice counts alike.
    TokenMean,
    /// Every row counts alike, whatever its number of choices.
    SequenceMean,
}

/// One row of a minibatch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightedRow {
    /// Position among the round's samples.
    pub sample: usize,
    /// Factor of the *sum* of the row's choice terms in the loss. Summed over a minibatch
    /// (all its micro-batches) these factors times the choices are 1.
    pub weight: f64,
}

/// One optimizer step: gradients of its micro-batches are added up, then applied.
#[derive(Debug, Clone, PartialEq)]
pub struct OptimizerStep {
    /// Position in the round's update, from 0.
    pub index: usize,
    /// Epoch, from 0.
    pub epoch: usize,
    /// Rows, in portions that fit into memory.
    pub micro_batches: Vec<Vec<WeightedRow>>,
}

impl OptimizerStep {
    /// Rows in all micro-batches.
    pub fn rows(&self) -> usize {
        self.micro_batches.iter().map(Vec::len).sum()
    }
}

/// The order of an update.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// How rows become optimizer steps.
    pub mode: UpdateMode,
    /// Times that every row is learnt from.
    pub epochs: usize,
    /// Most rows in one run of the gradient graph.
    pub micro_batch: usize,
    /// How terms are averaged.
    pub aggregation: LossAggregation,
    /// What must not be split between minibatches.
    pub granularity: Granularity,
}

impl Schedule {
    /// The optimizer steps for a round's samples. The same samples and the same state of `rng`
    /// give the same steps. Without samples there are none.
    pub fn steps(&self, samples: &[StepSample], rng: &mut ChaCha8Rng) -> Vec<OptimizerStep> {
        let units = self.units(samples);
        let mut steps = Vec::new();
        for epoch in 0..self.epochs {
            let mut order: Vec<usize> = (0..units.len()).collect();
            for position in (1..order.len()).rev() {
                order.swap(position, rng.random_range(0..=position));
            }
            let rows: Vec<&[usize]> = order.iter().map(|unit| units[*unit].as_slice()).collect();
            for minibatch in self.portions(&rows) {
                steps.push(OptimizerStep {
                    index: steps.len(),
                    epoch,
                    micro_batches: self
                        .weighted(samples, &minibatch)
                        .chunks(self.micro_batch.max(1))
                        .map(<[WeightedRow]>::to_vec)
                        .collect(),
                });
            }
        }
        steps
    }

    /// Rows that stay together: a trajectory, a pair, or a single row.
    fn units(&self, samples: &[StepSample]) -> Vec<Vec<usize>> {
        let mut places: BTreeMap<(bool, (u64, u64)), usize> = BTreeMap::new();
        let mut units: Vec<Vec<usize>> = Vec::new();
        for (row, sample) in samples.iter().enumerate() {
            let key = match (self.granularity, sample.source.pair()) {
                (_, Some((branch, _))) => (true, (0, u64::from(branch))),
                (Granularity::Trajectory, None) => (false, sample.source.unit()),
                (Granularity::Step, None) => {
                    units.push(vec![row]);
                    continue;
                }
            };
            let place = *places.entry(key).or_insert(units.len());
            match units.get_mut(place) {
                Some(unit) => unit.push(row),
                None => units.push(vec![row]),
            }
        }
        units
    }

    /// Cuts shuffled units into minibatches of nearly equal numbers of rows: a last minibatch of a
    /// few rows would get a full-sized step from Adam [R].
    fn portions(&self, units: &[&[usize]]) -> Vec<Vec<usize>> {
        let rows: usize = units.iter().map(|unit| unit.len()).sum();
        let wanted = match self.mode {
            UpdateMode::WholeRound => 1,
            UpdateMode::Chunked { minibatch } => rows.div_ceil(minibatch.max(1)),
            UpdateMode::Parts { parts } => parts.max(1),
        };
        let count = wanted.min(units.len());
        let mut portions = Vec::with_capacity(count);
        let (mut unit, mut taken) = (0usize, 0usize);
        for portion in 0..count {
            let mut rows_here = Vec::new();
            // Units that must be left for the portions after this one.
            let last_unit = units.len() - (count - portion - 1);
            let goal = rows * (portion + 1) / count;
            while unit < last_unit && (rows_here.is_empty() || taken < goal) {
                rows_here.extend_from_slice(units[unit]);
                taken += units[unit].len();
                unit += 1;
            }
            portions.push(rows_here);
        }
        portions
    }

    fn weighted(&self, samples: &[StepSample], rows: &[usize]) -> Vec<WeightedRow> {
        let factor = |row: &usize| {
            let sample = &samples[*row];
            match self.aggregation {
                LossAggregation::TokenMean => sample.weight,
                LossAggregation::SequenceMean => sample.weight / f64::from(sample.tokens.max(1)),
            }
        };
        let total: f64 = rows
            .iter()
            .map(|row| factor(row) * f64::from(samples[*row].tokens.max(1)))
            .sum();
        rows.iter()
            .map(|row| WeightedRow {
                sample: *row,
                weight: factor(row) / total,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::streams::stream;
    use crate::learn::SampleSource;

    fn samples(lengths: &[u32]) -> Vec<StepSample> {
        let mut samples = Vec::new();
        for (trajectory, length) in lengths.iter().enumerate() {
            for step in 0..*length {
                samples.push(StepSample {
                    source: SampleSource::Step {
                        trajectory: trajectory as u64,
                        step,
                    },
                    task: "A".into(),
                    advantage: 1.0,
                    weight: 1.0 / f64::from(*length),
                    tokens: 1 + step % 3,
                    group: None,
                });
            }
        }
        samples
    }

    fn schedule(mode: UpdateMode, granularity: Granularity) -> Schedule {
        Schedule {
            mode,
            epochs: 2,
            micro_batch: 7,
            aggregation: LossAggregation::TokenMean,
            granularity,
        }
    }

    #[test]
    fn modes_have_the_steps_they_say() {
        let samples = samples(&[5, 8, 3, 4]);
        let count = |mode| {
            schedule(mode, Granularity::Step)
                .steps(&samples, &mut stream(1, "update", 0))
                .len()
        };
        assert_eq!(count(UpdateMode::WholeRound), 2);
        assert_eq!(count(UpdateMode::Chunked { minibatch: 6 }), 8);
        assert_eq!(count(UpdateMode::Parts { parts: 3 }), 6);
        assert_eq!(count(UpdateMode::Parts { parts: 99 }), 40);
        let none = schedule(UpdateMode::WholeRound, Granularity::Step)
            .steps(&[], &mut stream(1, "update", 0));
        assert!(none.is_empty());
    }

    #[test]
    fn trajectories_are_not_split() {
        let samples = samples(&[5, 8, 3, 4, 1, 1, 9]);
        let steps = schedule(UpdateMode::Parts { parts: 3 }, Granularity::Trajectory)
            .steps(&samples, &mut stream(1, "update", 0));
        assert_eq!(steps.len(), 6);
        for step in &steps {
            let mut seen = std::collections::BTreeMap::new();
            for row in step.micro_batches.iter().flatten() {
                *seen
                    .entry(samples[row.sample].source.trajectory())
                    .or_insert(0u32) += 1;
            }
            for (trajectory, rows) in seen {
                assert_eq!(rows, [5, 8, 3, 4, 1, 1, 9][trajectory as usize]);
            }
        }
    }

    #[test]
    fn sequence_mean_weighs_rows_alike() {
        let mut rows = samples(&[3]);
        rows.iter_mut().for_each(|row| row.weight = 1.0);
        let steps = Schedule {
            aggregation: LossAggregation::SequenceMean,
            epochs: 1,
            ..schedule(UpdateMode::WholeRound, Granularity::Step)
        }
        .steps(&rows, &mut stream(1, "update", 0));
        for row in steps[0].micro_batches.iter().flatten() {
            let share = row.weight * f64::from(rows[row.sample].tokens);
            assert!((share - 1.0 / 3.0).abs() < 1e-12);
        }
    }
}
