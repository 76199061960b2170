//! What is going to be run, as data: the slots of a round, and the success rates that rounds leave
//! behind. Shared by the sampler that draws a plan and the store that keeps it.

use serde::{Deserialize, Serialize};

/// What a batch of episodes is run for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Scripted solutions, for cloning.
    Demonstrate,
    /// A round of training.
    Train,
    /// An evaluation.
    Evaluate,
}

impl Phase {
    /// The name in the store.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Demonstrate => "demonstrate",
            Phase::Train => "train",
            Phase::Evaluate => "evaluate",
        }
    }

    /// The phase of a name in the store.
    pub fn parse(name: &str) -> Option<Phase> {
        [Phase::Demonstrate, Phase::Train, Phase::Evaluate]
            .into_iter()
            .find(|phase| phase.name() == name)
    }
}

/// One trajectory to run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// Position in the plan, from 0.
    pub index: u32,
    /// The task that runs.
    pub task: String,
    /// Which copy of this task it is within the plan, from 0.
    pub copy: u32,
    /// The batch task whose copy this was; differs from `task` where it was replaced.
    pub batch_task: String,
    /// Whether the sampler gave the copy to a task of the cache.
    pub replaced: bool,
    /// Seed of the task instance.
    pub instance_seed: u64,
}

impl Slot {
    /// A slot that no sampler touched: copy `copy` of a task on one instance.
    pub fn plain(index: u32, task: &str, copy: u32, instance_seed: u64) -> Slot {
        Slot {
            index,
            task: task.to_string(),
            copy,
            batch_task: task.to_string(),
            replaced: false,
            instance_seed,
        }
    }
}

/// What one round did to the success rate of one task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RateEntry {
    /// Round, from 0.
    pub round: u64,
    /// Task name.
    pub task: String,
    /// Judged trajectories of the task in the round.
    pub judged: u32,
    /// Successes among them.
    pub successes: u32,
    /// The smoothed success rate after the round, in [0, 1].
    pub smoothed: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_have_stable_names() {
        for phase in [Phase::Demonstrate, Phase::Train, Phase::Evaluate] {
            assert_eq!(Phase::parse(phase.name()), Some(phase));
        }
        assert_eq!(Phase::parse("rest"), None);
    }
}
