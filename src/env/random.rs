//! Chance as an agent, with the weights of AndroidWorld's (catalogue section 1.11). It never says that it
//! is done, so it always scores 0: a floor that every policy must be above.

use async_trait::async_trait;
use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

use super::{Agent, AgentError, Choice, Moment};
use crate::domain::{Action, ActionType, Direction};

/// Kinds of action; clicks are ten times as likely as each other kind.
const OTHERS: [ActionType; 8] = [
    ActionType::DoubleTap,
    ActionType::Scroll,
    ActionType::Swipe,
    ActionType::NavigateHome,
    ActionType::NavigateBack,
    ActionType::KeyboardEnter,
    ActionType::Wait,
    ActionType::InputText,
];
/// Share of the clicks: 0.5 of 0.9.
const CLICKS: f64 = 0.5 / 0.9;
/// Characters of a typed text.
const LENGTH: usize = 10;
const CHARACTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// Acts by chance.
pub struct RandomAgent {
    draws: ChaCha8Rng,
}

impl RandomAgent {
    /// An agent for one episode.
    pub fn new(draws: ChaCha8Rng) -> RandomAgent {
        RandomAgent { draws }
    }

    fn kind(&mut self) -> ActionType {
        if self.draws.random::<f64>() < CLICKS {
            return ActionType::Click;
        }
        OTHERS[self.draws.random_range(0..OTHERS.len())]
    }
}

#[async_trait]
impl Agent for RandomAgent {
    fn wants_frame(&self) -> bool {
        false
    }

    async fn act(&mut self, moment: Moment<'_>) -> Result<Choice, AgentError> {
        let mut action = Action::new(self.kind());
        let screen = moment.observation.screen;
        match action.action_type {
            ActionType::Click | ActionType::DoubleTap | ActionType::InputText => {
                action.x = Some(self.draws.random_range(0..screen.width.max(1)));
                action.y = Some(self.draws.random_range(0..screen.height.max(1)));
            }
            ActionType::Scroll | ActionType::Swipe => {
                action.direction = Direction::ALL.choose(&mut self.draws).copied();
            }
            _ => {}
        }
        if action.action_type == ActionType::InputText {
            let text = (0..LENGTH)
                .map(|_| char::from(CHARACTERS[self.draws.random_range(0..CHARACTERS.len())]));
            action.text = Some(text.collect());
        }
        Ok(Choice {
            action,
            sample: None,
            log_probability: 0.0,
            note: String::new(),
        })
    }
}
