//! An agent that goes through a recorded run again and then leaves it to another agent: how a device
//! is brought to the state of a step where it can't be put there at once.

use std::collections::VecDeque;

use async_trait::async_trait;

use super::{Agent, AgentError, Choice, Moment};
use crate::domain::Action;
use crate::policy::{Past, StepSample};

/// One step of a recorded run.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The anchor of the state before it ([`crate::learn::anchors::anchor`]).
    pub anchor: String,
    /// What was seen and chosen.
    pub sample: StepSample,
}

/// Does what was recorded, as long as the states on the way are those of the record, then leaves the
/// device to another agent. Where a state is another one, it ends the episode: what follows would be
/// learnt about a state that was never reached.
pub struct BranchAgent {
    way: VecDeque<Recorded>,
    then: Box<dyn Agent>,
    strayed: bool,
}

impl BranchAgent {
    /// An agent that follows `way` and then lets `then` act, whose memory should be
    /// [`BranchAgent::memory`] of the way.
    pub fn new(way: Vec<Recorded>, then: Box<dyn Agent>) -> BranchAgent {
        BranchAgent {
            way: way.into(),
            then,
            strayed: false,
        }
    }

    /// The memory that an agent has after a way, the oldest action first.
    pub fn memory(way: &[Recorded]) -> Vec<Past> {
        way.iter().map(|recorded| recorded.sample.past()).collect()
    }

    /// Whether a state was not that of the record.
    pub fn strayed(&self) -> bool {
        self.strayed
    }
}

#[async_trait]
impl Agent for BranchAgent {
    fn wants_frame(&self) -> bool {
        self.way.is_empty() && self.then.wants_frame()
    }

    async fn act(&mut self, moment: Moment<'_>) -> Result<Choice, AgentError> {
        let Some(recorded) = self.way.pop_front() else {
            return self.then.act(moment).await;
        };
        let view = moment.view(&[]);
        let sample = &recorded.sample;
        let same_state = moment.anchor == Some(recorded.anchor.as_str());
        let (action, note) = if same_state && sample.choices.fit(&sample.view, &view) {
            (sample.choices.action(&view), "as recorded")
        } else {
            self.strayed = true;
            (Action::complete(), "not the state of the record")
        };
        Ok(Choice {
            action,
            sample: None,
            log_probability: 0.0,
            note: note.into(),
        })
    }
}
