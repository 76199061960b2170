//! Whoever acts in an episode: a policy, a scripted solution, later a person.

use async_trait::async_trait;

use crate::domain::{Action, Observation};
use crate::policy::{Past, PolicyError, View};

/// What an agent acts on.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// Goal text.
    pub goal: &'a str,
    /// What is seen.
    pub observation: &'a Observation,
    /// The anchor of what is seen ([`crate::learn::anchors::anchor`]), where it is looked for.
    pub anchor: Option<&'a str>,
    /// Step, from 0.
    pub step: u32,
    /// Steps allowed.
    pub budget: u32,
}

impl Moment<'_> {
    /// What the compact policy looks at now; `past` are its actions, the oldest first.
    pub fn view(&self, past: &[Past]) -> View {
        View::new(self.goal, past, self.observation, self.step, self.budget)
    }
}

/// What an agent decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// What to do.
    pub action: Action,
    /// What can be learnt from it, as the policy's step sample; `None` where nothing can.
    pub sample: Option<Vec<u8>>,
    /// Log-probability of the choices taken; 0 where there was no choice.
    pub log_probability: f64,
    /// A few words for people; empty for the label of the target.
    pub note: String,
}

/// Why an agent could not act. This is never the device's fault, and ends the run.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// The policy failed.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// Nobody is at the terminal any more.
    #[error("the terminal ended; the episodes that are finished are stored")]
    TerminalEnded,
    /// The terminal failed.
    #[error("the terminal can't be used: {0}")]
    Terminal(String),
}

/// Acts, one step after the other. One value lives for one episode.
#[async_trait]
pub trait Agent: Send {
    /// Whether it looks at the screenshot.
    fn wants_frame(&self) -> bool;

    /// Decides what to do now.
    ///
    /// # Errors
    /// When the agent itself can't go on.
    async fn act(&mut self, moment: Moment<'_>) -> Result<Choice, AgentError>;
}
