//! Behaviour cloning: cross-entropy on demonstrated choices, with a few steps on purpose. An
//! overconfident policy explores nothing.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::TrainError;
use crate::config::Pretrain;
use crate::onnx::Tensor;
use crate::policy::{Learner, Objective, Row, StepSample};

/// What cloning showed.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct CloningReport {
    /// Loss of the first minibatch.
    pub first_loss: f64,
    /// Running mean of the loss at the end.
    pub last_loss: f64,
    /// Entropy of the last minibatch, in nat.
    pub entropy: f64,
    /// Optimizer steps.
    pub steps: u32,
    /// Loss on the demonstrations kept apart, of the weights that it ended with.
    pub validation_loss: Option<f64>,
    /// Optimizer steps that led to those weights; fewer than `steps` where later ones were worse.
    pub best_step: u32,
}

/// Share of the running mean of the loss that a new minibatch has.
const NEW_SHARE: f64 = 0.1;

/// Clones the choices of `samples` into the learner's weights: up to `steps` minibatches drawn in
/// shuffled passes, the learning rate rising over `warm_up` steps and falling to a tenth in a line;
/// fewer where the running mean of the loss comes down to `stop_loss`, or where the loss on
/// `validation` does not fall any more. With validation samples it ends with the best weights.
/// `progress` hears of every step and its loss, and says whether to go on.
///
/// # Errors
/// When the engine fails.
pub fn clone_policy(
    learner: &mut Learner,
    samples: &[StepSample],
    validation: &[StepSample],
    settings: &Pretrain,
    random: &mut ChaCha8Rng,
    progress: &mut dyn FnMut(u32, f64) -> bool,
) -> Result<CloningReport, TrainError> {
    let mut report = CloningReport::default();
    if samples.is_empty() || settings.steps == 0 {
        return Ok(report);
    }
    let batch = (settings.batch as usize).min(samples.len());
    let objective = Objective::Clone {
        entropy: settings.entropy_coef as f32,
    };
    let mut order: Vec<usize> = Vec::new();
    let mut watch = Watch::new(validation);
    let mut running = learner.begin(objective)?;
    for step in 0..settings.steps {
        let mut rows = Vec::with_capacity(batch);
        for _ in 0..batch {
            if order.is_empty() {
                order = (0..samples.len()).collect();
                for position in (1..order.len()).rev() {
                    order.swap(position, random.random_range(0..=position));
                }
            }
            if let Some(next) = order.pop() {
                rows.push(Row {
                    sample: &samples[next],
                    weight: 1.0,
                    advantage: 0.0,
                    old_log_probability: 0.0,
                    reference_log_probability: 0.0,
                });
            }
        }
        let rate = settings.lr * learning_rate_share(step, settings);
        let metrics = running.step(&[rows], objective, rate as f32)?;
        if step == 0 {
            report.first_loss = metrics.loss;
            report.last_loss = metrics.loss;
        }
        report.last_loss += NEW_SHARE * (metrics.loss - report.last_loss);
        report.entropy = metrics.entropy;
        report.steps = step + 1;
        if !progress(step + 1, metrics.loss) || report.last_loss <= settings.stop_loss {
            break;
        }
        if watch.is_on() && (step + 1) % settings.check_every == 0 {
            running.finish()?;
            let goes_on = watch.look(learner, step + 1, settings.patience)?;
            running = learner.begin(objective)?;
            if !goes_on {
                break;
            }
        }
    }
    running.finish()?;
    report.best_step = report.steps;
    if watch.is_on() {
        watch.look(learner, report.steps, 0)?;
        (report.validation_loss, report.best_step) = watch.restore(learner);
    }
    Ok(report)
}

/// Looks at demonstrations that are not learnt from, and remembers the weights that did best on them.
struct Watch<'a> {
    samples: Vec<&'a StepSample>,
    best: Option<Best>,
    worse: u32,
}

/// The weights with the lowest loss so far.
struct Best {
    loss: f64,
    step: u32,
    weights: Vec<(String, Tensor)>,
}

impl Watch<'_> {
    fn new(samples: &[StepSample]) -> Watch<'_> {
        Watch {
            samples: samples.iter().collect(),
            best: None,
            worse: 0,
        }
    }

    fn is_on(&self) -> bool {
        !self.samples.is_empty()
    }

    /// Looks at the weights of now; says whether to go on.
    fn look(&mut self, learner: &Learner, step: u32, patience: u32) -> Result<bool, TrainError> {
        let log_probabilities = learner.log_probabilities(&self.samples)?;
        let loss = -log_probabilities.iter().sum::<f64>() / log_probabilities.len().max(1) as f64;
        if self.best.as_ref().is_none_or(|best| loss < best.loss) {
            self.best = Some(Best {
                loss,
                step,
                weights: learner.weights().to_vec(),
            });
            self.worse = 0;
        } else {
            self.worse += 1;
        }
        Ok(patience == 0 || self.worse < patience)
    }

    /// Gives the learner the best weights back: their loss and step.
    fn restore(self, learner: &mut Learner) -> (Option<f64>, u32) {
        let Some(best) = self.best else {
            return (None, 0);
        };
        learner.set_weights(best.weights);
        (Some(best.loss), best.step)
    }
}

/// The share of the full learning rate at a step.
fn learning_rate_share(step: u32, settings: &Pretrain) -> f64 {
    let warm_up = f64::from(settings.warm_up.max(1));
    let rise = (f64::from(step + 1) / warm_up).min(1.0);
    let fall = 1.0 - 0.9 * f64::from(step) / f64::from(settings.steps.max(1));
    rise * fall
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_learning_rate_rises_and_falls() {
        let mut settings = crate::config::load(None, &[]).unwrap().config.pretrain;
        settings.steps = 100;
        settings.warm_up = 10;
        assert!((learning_rate_share(0, &settings) - 0.1).abs() < 1e-9);
        assert!(learning_rate_share(9, &settings) > 0.9);
        assert!((learning_rate_share(99, &settings) - 0.109).abs() < 1e-9);
    }
}
