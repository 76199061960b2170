//! A policy at the acting service, with a memory of its last actions and draws of its own.

use std::sync::Arc;

use async_trait::async_trait;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::{Agent, AgentError, Choice, Moment, Recorded};
use crate::policy::{Past, Request, Seen, Service, StepSample, recall};

/// Acts by a policy. The draws come from the episode's own stream: which other episodes share a
/// batch never changes what is drawn.
pub struct PolicyAgent {
    service: Service,
    temperature: f32,
    draws: ChaCha8Rng,
    past: Vec<Past>,
    earlier: Vec<Arc<Seen>>,
}

impl PolicyAgent {
    /// An agent for one episode; temperature 0 takes the likeliest choices.
    pub fn new(service: Service, temperature: f64, draws: ChaCha8Rng) -> PolicyAgent {
        PolicyAgent {
            service,
            temperature: temperature as f32,
            draws,
            past: Vec::new(),
            earlier: Vec::new(),
        }
    }

    /// The same agent with the memory of actions before its first one, the oldest first.
    pub fn remembering(mut self, past: Vec<Past>) -> PolicyAgent {
        self.past = past;
        self
    }

    /// The same agent with the screens before its first action, as the steps of the way that led there
    /// have them.
    pub fn having_seen(mut self, way: &[Recorded]) -> PolicyAgent {
        let mut way: Vec<StepSample> = way.iter().map(|step| step.sample.clone()).collect();
        self.earlier = recall(&[], &mut way);
        self
    }
}

#[async_trait]
impl Agent for PolicyAgent {
    fn wants_frame(&self) -> bool {
        true
    }

    async fn act(&mut self, moment: Moment<'_>) -> Result<Choice, AgentError> {
        let mut view = moment.view(&self.past);
        view.earlier.clone_from(&self.earlier);
        let draws = std::array::from_fn(|_| self.draws.random::<f64>());
        let decision = self
            .service
            .decide(Request {
                view,
                temperature: self.temperature,
                draws,
            })
            .await?;
        self.past.push(decision.sample.past());
        Seen::add(&mut self.earlier, &decision.sample);
        Ok(Choice {
            sample: Some(decision.sample.to_bytes()),
            action: decision.action,
            log_probability: decision.log_probability,
            note: String::new(),
        })
    }
}
