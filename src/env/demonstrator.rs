//! A task's scripted solution as an agent: it shows a policy how the task is done.

use async_trait::async_trait;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::{Agent, AgentError, Choice, Moment};
use crate::domain::{Action, Direction};
use crate::policy::{Choices, Kind, Past, StepSample, View};
use crate::tasks::Solution;

/// Acts by a scripted solution and writes down, where the policy has words for it, what was seen and
/// chosen. With noise it now and then does something else instead, and the solution shows the way
/// back: a policy that has only seen straight paths does not know one (DAgger, arXiv 1011.0686).
pub struct Demonstrator {
    solution: Box<dyn Solution>,
    noise: f64,
    draws: ChaCha8Rng,
    past: Vec<Past>,
}

impl Demonstrator {
    /// A demonstrator that errs in a share of `noise` of its steps, in [0, 1).
    pub fn new(solution: Box<dyn Solution>, noise: f64, draws: ChaCha8Rng) -> Demonstrator {
        Demonstrator {
            solution,
            noise,
            draws,
            past: Vec::new(),
        }
    }

    /// The same agent with the memory of actions before its first one, the oldest first.
    pub fn remembering(mut self, past: Vec<Past>) -> Demonstrator {
        self.past = past;
        self
    }

    /// Something that the solution would not do: a tap, or a scroll.
    fn stray(&mut self, view: &View) -> Option<Action> {
        let touchable: Vec<usize> = view
            .candidates
            .iter()
            .filter(|candidate| candidate.flag(0))
            .map(|candidate| candidate.index)
            .collect();
        if touchable.is_empty() || self.draws.random::<f64>() < 0.2 {
            let direction = [Direction::Down, Direction::Up][self.draws.random_range(0..2)];
            return Some(Action::scroll(direction));
        }
        Some(Action::click(
            touchable[self.draws.random_range(0..touchable.len())],
        ))
    }
}

#[async_trait]
impl Agent for Demonstrator {
    fn wants_frame(&self) -> bool {
        true
    }

    async fn act(&mut self, moment: Moment<'_>) -> Result<Choice, AgentError> {
        // A stray step costs two of the budget, so there is none when it gets short.
        let room = moment.step * 2 < moment.budget;
        if self.noise > 0.0
            && room
            && self.draws.random::<f64>() < self.noise
            && let Some(action) = self.stray(&moment.view(&self.past))
        {
            let sample = shown(&action, &moment, &mut self.past, true);
            return Ok(Choice {
                action,
                sample: Some(sample),
                log_probability: 0.0,
                note: "a stray step, to show the way back".into(),
            });
        }
        let action = self.solution.next(moment.observation);
        let sample = shown(&action, &moment, &mut self.past, false);
        Ok(Choice {
            action,
            sample: Some(sample),
            log_probability: 0.0,
            note: String::new(),
        })
    }
}

/// The step sample of an action that was shown. It is kept for later steps to look back at, but not
/// learnt from, where the policy has no words for it or it is a `mistake`. Remembers the action in
/// `past`.
pub(super) fn shown(
    action: &Action,
    moment: &Moment<'_>,
    past: &mut Vec<Past>,
    mistake: bool,
) -> Vec<u8> {
    let view = moment.view(past);
    let choices = Choices::encode(action, &view, moment.observation);
    let is_learnt = choices.is_some() && !mistake;
    let choices = choices.unwrap_or(Choices::of(Kind::Wait));
    let done = view.past_of(action, choices.kind as usize, choices.candidate);
    past.push(done.clone());
    let sample = StepSample {
        view,
        choices,
        temperature: 1.0,
        only_seen: (!is_learnt).then_some(done),
    };
    sample.to_bytes()
}
