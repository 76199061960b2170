//! Uniform sampling: every batch task runs all its N copies, whatever its success rate.

use rand_chacha::ChaCha8Rng;

use super::{Belief, RoundPlan, Sampler, draw_batch, whole_groups};
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
        Ok(whole_groups(self.name(), round, batch, self.group_size))
    }

    fn belief(&self, _record: &SuccessRecord, _task: &str, _round: u64) -> Belief {
        Belief {
            own_copies: f64::from(self.group_size),
            values: Default::default(),
        }
    }
}
