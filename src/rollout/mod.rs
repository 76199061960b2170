//! A worker's loop: trajectories from a stored plan onto devices. May use `env`, `farm`, `tasks`,
//! `policy`, `store` and `domain`.
//!
//! One worker per device leases a slot, runs its episode, and stores the result in one transaction.
//! A slot whose device was lost opens again for whoever is free. Which device runs a slot, and in
//! which order they finish, changes nothing of what is drawn.

mod crew;
mod disk;
mod source;
mod stop;
mod worker;

use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;

use crate::domain::streams::stream;
use crate::domain::{Compat, Instance, Observer, Outcome, Slot};
use crate::env::{
    Agent, AgentError, Demonstrator, HumanAgent, Measure, PolicyAgent, RandomAgent, Terminal,
};
use crate::farm::FarmError;
use crate::policy::Service;
use crate::store::{RoundKey, StoreError};
use crate::tasks::{Task, TaskError};

pub use crew::run_slots;
pub use disk::{Disk, MayBeFull};
pub use source::{Drawn, InstanceSource};
pub use stop::Stop;
pub use worker::longest_episode;

/// Why a plan could not be run to its end. What was finished is stored.
#[derive(Debug, thiserror::Error)]
pub enum RolloutError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The agent failed.
    #[error(transparent)]
    Agent(#[from] AgentError),
    /// A planned task can't be made.
    #[error(transparent)]
    Task(#[from] TaskError),
    /// No device is left.
    #[error("no device is left to run {unfinished} more episodes: {last}")]
    NoDevices {
        /// Slots without a result.
        unfinished: usize,
        /// Why the last device was given up.
        last: FarmError,
    },
    /// A worker panicked; its message is on standard error.
    #[error("a worker stopped unexpectedly; please report this")]
    WorkerPanicked,
    /// Somebody asked to stop.
    #[error("interrupted; finished episodes are stored, go on with --resume")]
    Interrupted,
}

/// Who acts in the episodes of a plan.
#[derive(Clone)]
pub enum Actor {
    /// A policy, at a temperature; 0 is greedy.
    Policy {
        /// Where decisions are made.
        service: Service,
        /// Temperature of the draws.
        temperature: f64,
    },
    /// Each task's scripted solution, which errs in this share of its steps.
    Solution {
        /// Share of stray steps, in [0, 1).
        noise: f64,
    },
    /// Chance (catalogue section 1.11): never done, so always 0.
    Random,
    /// A person.
    Human(Terminal),
}

impl Actor {
    /// The agent for one episode. Its draws depend on the seed of the run and on what is run, not
    /// on when or where, nor on how often it was tried: an episode whose device was lost is run again
    /// as if it had not been.
    fn agent(
        &self,
        seed: u64,
        key: RoundKey,
        slot: &Slot,
        task: &dyn Task,
        instance: &Instance,
    ) -> Result<Box<dyn Agent>, TaskError> {
        let purpose = format!("act {key}");
        let draws = stream(seed, &purpose, u64::from(slot.index));
        Ok(match self {
            Actor::Policy {
                service,
                temperature,
            } => Box::new(PolicyAgent::new(service.clone(), *temperature, draws)),
            Actor::Solution { noise } => {
                Box::new(Demonstrator::new(task.solution(instance)?, *noise, draws))
            }
            Actor::Random => Box::new(RandomAgent::new(draws)),
            Actor::Human(terminal) => Box::new(HumanAgent::new(terminal.clone())),
        })
    }
}

/// An episode that was judged and stored.
#[derive(Debug, Clone, PartialEq)]
pub struct EpisodeEnd {
    /// Its id in the store.
    pub id: i64,
    /// Its slot.
    pub slot: u32,
    /// Its task.
    pub task: String,
    /// How it ended.
    pub outcome: Outcome,
}

/// How a plan is run.
#[derive(Clone)]
pub struct RolloutOptions {
    /// Who acts.
    pub actor: Actor,
    /// What runs in the slots.
    pub source: Arc<dyn InstanceSource>,
    /// What becomes of the benchmark's known defects.
    pub compat: Compat,
    /// Seed of the run.
    pub seed: u64,
    /// Version of the weights that act.
    pub policy_version: u64,
    /// Copies of each task whose screenshots are kept.
    pub screenshots: u32,
    /// Whether step samples are kept, which are most of the database: only what is learnt from needs them.
    pub samples: bool,
    /// Whether the anchors of states are looked for.
    pub anchors: bool,
    /// When the tasks' progress is measured.
    pub measure: Measure,
    /// Most steps of an episode; `None` leaves each task its budget.
    pub max_steps: Option<u32>,
    /// Episodes of one slot that may be lost to infrastructure before it is given up.
    pub attempts: u32,
    /// Who listens.
    pub observer: Observer,
    /// Who is told of each judged episode as soon as it is stored, while others still run.
    pub ended: Option<UnboundedSender<EpisodeEnd>>,
    /// Asked when no more slots are to be leased, and when everything is to end.
    pub stop: Stop,
    /// Where it is stored, and what is done while there is no room.
    pub disk: Disk,
}

impl RolloutOptions {
    /// The options that most plans share.
    pub fn new(actor: Actor, seed: u64, policy_version: u64) -> RolloutOptions {
        RolloutOptions {
            actor,
            source: Arc::new(Drawn),
            compat: Compat::default(),
            seed,
            policy_version,
            screenshots: 0,
            samples: true,
            anchors: false,
            measure: Measure::Never,
            max_steps: None,
            attempts: 10,
            observer: Observer::default(),
            ended: None,
            stop: Stop::new(),
            disk: Disk::default(),
        }
    }
}
