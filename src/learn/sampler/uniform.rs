//! Uniform sampling: every batch task runs all its N copies, whatever its success rate.

use rand_chacha::ChaCha8Rng;

use super::{RoundPlan, Sampler, SlotWriter, draw_batch};
use crate::learn::{LearnError, SuccessRecord};

/// `sampler = "uniform"`: the allocation of GRPO and of STEP's ablation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UniformSampler {
    /// B, tasks in a round.
    pub tasks_per_round: u32,
    /// N, copies of each.
    pub group_size: u32,
}

impl Sampler for UniformSampler {
    fn name(&self) -> &'static str {
        "uniform"
    }

    fn plan(
        &self,
        _record: &SuccessRecord,
        suite: &[String],
        round: u64,
        rng: &mut ChaCha8Rng,
    ) -> Result<RoundPlan, LearnError> {
        let batch = draw_batch(suite, self.tasks_per_round as usize, round, rng)?;
        let mut writer = SlotWriter::default();
        for task in &batch {
            for _ in 0..self.group_size {
                writer.push(task, None);
            }
        }
        Ok(RoundPlan {
            round,
            sampler: self.name().into(),
            batch,
            cache: Vec::new(),
            dead: Vec::new(),
            slots: writer.slots,
        })
    }
}
