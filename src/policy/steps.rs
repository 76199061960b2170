//! Optimizer steps in a row. While they go on, weights, sums of gradients and moments stay on the
//! device that computes; they come back to the learner when the steps are finished.

use super::{Learner, Metrics, Objective, PolicyError, Row};
use crate::onnx::Tensor;
use crate::onnx::optimizer::{AdamW, AdamWOptions, Algorithm, OptimizerOptions};
use crate::runtime::{OptimizerState, TrainingOptions, TrainingSession};

/// A session that trains, and the settings that it was made with.
#[derive(Debug)]
pub(super) struct Training {
    session: TrainingSession,
    options: AdamWOptions,
}

/// Steps under way. Dropped without [`Steps::finish`], they leave the learner as it was.
#[derive(Debug)]
pub struct Steps<'a> {
    learner: &'a mut Learner,
    place: usize,
    training: Option<Training>,
}

impl Learner {
    /// Begins steps of a kind of objective, with the weights and moments of now.
    ///
    /// # Errors
    /// When a graph can't be built or loaded.
    pub fn begin(&mut self, objective: Objective) -> Result<Steps<'_>, PolicyError> {
        let place = match objective {
            Objective::Clone { .. } => 0,
            Objective::Ppo { .. } => 1,
        };
        let settings = self.options;
        let kept = self.training[place].take();
        let mut training = match kept.filter(|training| training.options == settings) {
            Some(training) => training,
            None => {
                let graph = self.graph_of(objective)?;
                let (library, provider, threads) = self.parts();
                let options = TrainingOptions {
                    threads,
                    optimizer: optimizer_options(&settings),
                    ..TrainingOptions::default()
                };
                let session =
                    TrainingSession::new(library, provider, "gradient", graph, options, None)?;
                Training {
                    session,
                    options: settings,
                }
            }
        };
        training.session.load(&self.weights)?;
        training
            .session
            .load_state(&state(&self.optimizer, &self.weights))?;
        Ok(Steps {
            learner: self,
            place,
            training: Some(training),
        })
    }
}

impl Steps<'_> {
    fn session(&mut self) -> Result<&mut TrainingSession, PolicyError> {
        match &mut self.training {
            Some(training) => Ok(&mut training.session),
            None => Err(PolicyError::Stopped),
        }
    }

    /// Adds a share of the gradients of some rows to the sums.
    ///
    /// # Errors
    /// When the engine fails.
    pub(super) fn accumulate(
        &mut self,
        rows: &[Row],
        objective: Objective,
        share: f32,
    ) -> Result<Metrics, PolicyError> {
        let inputs = Learner::inputs(rows, Some(objective));
        let inputs: Vec<(&str, &Tensor)> = inputs
            .iter()
            .map(|(name, tensor)| (*name, tensor))
            .collect();
        let outputs = self.session()?.accumulate(&inputs, share)?;
        let find = |name: &str| {
            let found = outputs.iter().find(|(known, _)| known == name);
            found.and_then(|(_, tensor)| tensor.to_f64()?.first().copied())
        };
        let or_zero = |name: &str| find(name).unwrap_or(0.0);
        Ok(Metrics {
            loss: find("loss").unwrap_or(f64::NAN),
            gradient_norm: 0.0,
            entropy: or_zero("entropy"),
            ratio: or_zero("ratio"),
            clip_fraction: or_zero("clip_fraction"),
            approximate_kl: or_zero("approximate_kl"),
            kl: or_zero("kl"),
        })
    }

    /// The sums of the gradients.
    pub(super) fn gradients(&mut self) -> Result<Vec<(String, Tensor)>, PolicyError> {
        Ok(self.session()?.gradients()?)
    }

    /// One optimizer step on rows in portions that fit into memory: the gradients of the portions'
    /// means are added up by their weight, so that the result is that of all rows at once. The
    /// objective is of the kind that the steps were begun with.
    ///
    /// # Errors
    /// When the engine fails.
    pub fn step(
        &mut self,
        portions: &[Vec<Row>],
        objective: Objective,
        learning_rate: f32,
    ) -> Result<Metrics, PolicyError> {
        let weight = |rows: &[Row]| rows.iter().map(|row| row.weight).sum::<f32>();
        let total = portions.iter().map(|rows| weight(rows)).sum::<f32>();
        let total = total.max(f32::MIN_POSITIVE);
        let mut metrics = Metrics::default();
        for rows in portions.iter().filter(|rows| !rows.is_empty()) {
            let share = weight(rows) / total;
            let part = self.accumulate(rows, objective, share)?;
            metrics.add(&part, f64::from(share));
        }
        metrics.gradient_norm = self.session()?.step(learning_rate)?.norm;
        Ok(metrics)
    }

    /// Ends the steps: the learner gets what was learnt.
    ///
    /// # Errors
    /// When the device can't be read.
    pub fn finish(mut self) -> Result<(), PolicyError> {
        let session = self.session()?;
        let (weights, state) = (session.masters()?, session.state()?);
        let moments = |kind: &str| {
            let moments = state.moments.iter();
            let of_kind = moments.filter(|(name, _)| name.split('.').next() == Some(kind));
            let values = of_kind.map(|(_, tensor)| tensor.as_f32().unwrap_or(&[]).to_vec());
            values.collect()
        };
        self.learner.optimizer = AdamW {
            steps: state.steps,
            first: moments("first"),
            second: moments("second"),
        };
        self.learner.weights = weights;
        Ok(())
    }
}

impl Drop for Steps<'_> {
    fn drop(&mut self) {
        self.learner.training[self.place] = self.training.take();
    }
}

fn optimizer_options(settings: &AdamWOptions) -> OptimizerOptions {
    OptimizerOptions {
        algorithm: Algorithm::AdamW {
            beta1: settings.beta1,
            beta2: settings.beta2,
            epsilon: settings.epsilon,
        },
        weight_decay: settings.weight_decay,
        max_norm: Some(settings.max_norm),
        groups: Vec::new(),
    }
}

/// What the optimizer of a learner knows, by the names of the weights.
fn state(optimizer: &AdamW, weights: &[(String, Tensor)]) -> OptimizerState {
    let mut moments = Vec::with_capacity(2 * weights.len());
    for (kind, values) in [("first", &optimizer.first), ("second", &optimizer.second)] {
        for ((name, tensor), values) in weights.iter().zip(values) {
            let tensor = Tensor::f32(&tensor.shape, values.as_slice());
            moments.push((format!("{kind}.{name}"), tensor));
        }
    }
    OptimizerState {
        steps: optimizer.steps,
        moments,
        loss_scale: None,
    }
}
