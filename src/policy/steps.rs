//! Optimizer steps in a row. While they go on, weights, sums of gradients and moments stay on the
//! device that computes; they come back to the learner when the steps are finished.

use super::optimizer::{Moments, OptimizerSettings, ahead};
use super::{Learner, Metrics, Objective, PolicyError, Row, StepSample};
use crate::onnx::Tensor;
use crate::runtime::{TrainingOptions, TrainingSession};

/// A session that trains, and the settings that it was made with.
#[derive(Debug)]
pub(super) struct Training {
    session: TrainingSession,
    options: OptimizerSettings,
}

/// Steps under way. Dropped without [`Steps::finish`], they leave the learner as it was.
#[derive(Debug)]
pub struct Steps<'a> {
    learner: &'a mut Learner,
    place: usize,
    training: Option<Training>,
    /// The gradient of the step before, for an optimizer that extrapolates along it.
    previous: Option<Vec<Vec<f32>>>,
    /// Whether there are gradients that no step has used.
    pending: bool,
    /// Log-probabilities of the last step's rows, before it moved.
    log_probabilities: Vec<f64>,
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
                    optimizer: settings.options(),
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
        let moments = self.optimizer.fitting(&settings, &self.weights);
        training
            .session
            .load_state(&moments.state(&settings.algorithm, &self.weights))?;
        Ok(Steps {
            learner: self,
            place,
            training: Some(training),
            previous: moments.previous(),
            pending: false,
            log_probabilities: Vec::new(),
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
        let inputs = self.learner.inputs(rows, Some(objective));
        let inputs: Vec<(&str, &Tensor)> = inputs
            .iter()
            .map(|(name, tensor)| (*name, tensor))
            .collect();
        self.pending = true;
        let outputs = self.session()?.accumulate(&inputs, share)?;
        let of_rows = outputs.iter().find(|(name, _)| name == "log_probability");
        let of_rows = of_rows.and_then(|(_, tensor)| tensor.to_f64());
        self.log_probabilities.extend(of_rows.unwrap_or_default());
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
        self.log_probabilities.clear();
        let settings = self.learner.options;
        let mut here = None;
        if let Some(previous) = self.previous.take() {
            let session = self.session()?;
            let weights = session.masters()?;
            let length = settings.extrapolation * learning_rate;
            session.load(&ahead(&weights, &previous, length))?;
            here = Some(weights);
            self.previous = Some(previous);
        }
        let most = portions.iter().map(Vec::len).max().unwrap_or(0);
        let rows = portions.iter().flatten().copied();
        let mut places = Vec::new();
        for portion in self.learner.by_length(rows, most) {
            let (own, rows): (Vec<usize>, Vec<Row>) = portion.into_iter().unzip();
            let share = weight(&rows) / total;
            let part = self.accumulate(&rows, objective, share)?;
            metrics.add(&part, f64::from(share));
            places.extend(own);
        }
        let mut found: Vec<(usize, f64)> = places
            .into_iter()
            .zip(self.log_probabilities.drain(..))
            .collect();
        found.sort_unstable_by_key(|(place, _)| *place);
        let in_order = found.into_iter().map(|(_, value)| value);
        self.log_probabilities.extend(in_order);
        let session = self.session()?;
        let Some(here) = here else {
            metrics.gradient_norm = session.step(learning_rate)?.norm;
            self.pending = false;
            return Ok(metrics);
        };
        // The step itself is taken from where the weights are.
        session.load(&here)?;
        let gradients = session.gradients()?;
        let report = session.step(learning_rate)?;
        self.pending = false;
        metrics.gradient_norm = report.norm;
        if report.applied {
            let clip = (f64::from(settings.max_norm) / report.norm).min(1.0) as f32;
            let clipped = |(_, gradient): (String, Tensor)| {
                let values = gradient.as_f32().unwrap_or(&[]).iter();
                values.map(|value| clip * value).collect()
            };
            self.previous = Some(gradients.into_iter().map(clipped).collect());
        }
        Ok(metrics)
    }

    /// Log-probabilities that the gradient graph gave the rows of the last step, in the order of its
    /// portions, before the weights moved; with an optimizer that extrapolates, at the weights ahead.
    pub fn last_log_probabilities(&self) -> &[f64] {
        &self.log_probabilities
    }

    /// Log-probabilities of samples' choices under the weights that the steps have reached.
    ///
    /// # Errors
    /// When the engine fails.
    pub fn log_probabilities(&mut self, samples: &[&StepSample]) -> Result<Vec<f64>, PolicyError> {
        let weights = self.session()?.masters()?;
        self.learner.log_probabilities_under(&weights, samples)
    }

    /// Ends the steps: the learner gets what was learnt.
    ///
    /// # Errors
    /// When the device can't be read.
    pub fn finish(mut self) -> Result<(), PolicyError> {
        let session = self.session()?;
        let (weights, state) = (session.masters()?, session.state()?);
        let previous = self.previous.take();
        self.learner.optimizer = Moments::of(&state, &self.learner.options, previous);
        self.learner.weights = weights;
        Ok(())
    }
}

impl Drop for Steps<'_> {
    fn drop(&mut self) {
        // Sums that no step has used would be added to the next one's.
        if !self.pending {
            self.learner.training[self.place] = self.training.take();
        }
    }
}
