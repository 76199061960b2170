//! Acting: a forward session with the weights baked in, and draws from its heads.

use super::features::{ELEMENTS, GOAL, features};
use super::loss_graph::trainable;
use super::model::Heads;
use super::{APPS, Choices, Kind, PolicyError, StepSample, View};
use crate::domain::{Action, Direction};
use crate::onnx::{Model, Tensor};
use crate::runtime::{ActingSession, Chosen, Library, SessionOptions};

/// What the policy chose.
#[derive(Debug, Clone)]
pub struct Decision {
    /// The action.
    pub action: Action,
    /// What to learn from.
    pub sample: StepSample,
    /// Log-probability of the choices at the temperature of the draw; at temperature 0 that of
    /// temperature 1.
    pub log_probability: f64,
}

/// Draws for one decision, uniform in [0, 1): kind, candidate or direction or app, first and last
/// token. They come from the caller's stream, so that batching never changes what is drawn.
pub type Draws = [f64; 4];

/// A policy that acts.
#[derive(Debug)]
pub struct Acting {
    session: ActingSession,
}

/// The heads' log-probabilities for one row at one temperature.
#[derive(Debug, Clone)]
pub struct LogProbabilities {
    kind: Vec<f64>,
    pointer: Vec<f64>,
    start: Vec<f64>,
    end: Vec<f64>,
    direction: Vec<f64>,
    app: Vec<f64>,
}

impl Acting {
    /// Loads a forward model whose weights are initializers. Those that learning changes stay
    /// replaceable: as inputs where they are few, as adapters are.
    ///
    /// # Errors
    /// When the engine refuses it.
    pub fn new(
        library: &Library,
        provider: &Chosen,
        model: &Model,
        threads: usize,
    ) -> Result<Acting, PolicyError> {
        let options = SessionOptions {
            threads,
            ..SessionOptions::default()
        };
        Ok(Acting {
            session: ActingSession::new(
                library,
                provider,
                "policy",
                model.clone(),
                &trainable(model)?,
                None,
                options,
                None,
            )?,
        })
    }

    /// Acts with other values of the weights that learning changes, from the next decision on.
    ///
    /// # Errors
    /// For a weight that is not one of these, and when the engine fails.
    pub fn update(&self, weights: &[(String, Tensor)]) -> Result<(), PolicyError> {
        Ok(self.session.update(weights)?)
    }

    /// Scores for some views, `[rows, ...]` in the order of [`Heads::NAMES`].
    fn scores(&self, views: &[&View]) -> Result<Vec<Tensor>, PolicyError> {
        let batch = features(views.iter().copied());
        Ok(self.session.run(&batch.named(), &Heads::NAMES)?)
    }

    /// The distributions for some views at a temperature each; 0 counts as 1 here.
    ///
    /// # Errors
    /// When the engine fails.
    pub fn distributions(
        &self,
        views: &[&View],
        temperatures: &[f32],
    ) -> Result<Vec<LogProbabilities>, PolicyError> {
        let scores = self.scores(views)?;
        let rows = views.len();
        Ok((0..rows)
            .map(|row| {
                let temperature = temperatures
                    .get(row)
                    .copied()
                    .filter(|value| *value > 0.0)
                    .unwrap_or(1.0);
                let head = |position: usize, width: usize| {
                    let values = scores[position].as_f32().unwrap_or(&[]);
                    let length = values.len() / rows.max(1);
                    let row = values.get(row * length..(row + 1) * length).unwrap_or(&[]);
                    row.chunks(width)
                        .flat_map(|group| log_softmax(group, temperature))
                        .collect()
                };
                LogProbabilities {
                    kind: head(0, Kind::ALL.len()),
                    pointer: head(1, ELEMENTS),
                    start: head(2, GOAL),
                    end: head(3, GOAL),
                    direction: head(4, Direction::ALL.len()),
                    app: head(5, APPS.len()),
                }
            })
            .collect())
    }

    /// Chooses for some views: by the draws at a temperature, or the likeliest choice at 0.
    ///
    /// # Errors
    /// When the engine fails.
    pub fn decide(&self, requests: &[(&View, f32, Draws)]) -> Result<Vec<Decision>, PolicyError> {
        let views: Vec<&View> = requests.iter().map(|(view, _, _)| *view).collect();
        let temperatures: Vec<f32> = requests
            .iter()
            .map(|(_, temperature, _)| *temperature)
            .collect();
        let distributions = self.distributions(&views, &temperatures)?;
        Ok(requests
            .iter()
            .zip(distributions)
            .map(|((view, temperature, draws), distribution)| {
                let choices = distribution.choose((*temperature > 0.0).then_some(draws));
                let log_probability = distribution.of(&choices);
                let temperature = if *temperature > 0.0 {
                    *temperature
                } else {
                    1.0
                };
                Decision {
                    action: choices.action(view),
                    sample: StepSample {
                        view: (*view).clone(),
                        choices,
                        temperature,
                    },
                    log_probability,
                }
            })
            .collect())
    }
}

impl LogProbabilities {
    /// Draws choices, or takes the likeliest ones without draws.
    pub fn choose(&self, draws: Option<&Draws>) -> Choices {
        let pick = |values: &[f64], draw: usize| match draws {
            Some(draws) => sample(values, draws[draw]),
            None => likeliest(values),
        };
        let kind = Kind::ALL
            .get(pick(&self.kind, 0))
            .copied()
            .unwrap_or(Kind::Wait);
        let mut choices = Choices::of(kind);
        let position = kind as usize;
        if position < Kind::POINTING {
            let candidate = pick(slice(&self.pointer, position, ELEMENTS), 1);
            choices.candidate = Some(candidate);
            if kind == Kind::InputText {
                let first = pick(slice(&self.start, candidate, GOAL), 2);
                choices.span = Some((first, pick(slice(&self.end, first, GOAL), 3)));
            }
        }
        match kind {
            Kind::Slide => choices.direction = Some(pick(&self.direction, 2)),
            Kind::Scroll => choices.direction = Some(pick(&self.direction, 1)),
            Kind::OpenApp => choices.app = Some(pick(&self.app, 1)),
            _ => {}
        }
        choices
    }

    /// Log-probability of choices: the sum over the heads that they used.
    pub fn of(&self, choices: &Choices) -> f64 {
        let at = |values: &[f64], position: usize| {
            values.get(position).copied().unwrap_or(f64::NEG_INFINITY)
        };
        let kind = choices.kind as usize;
        let mut total = at(&self.kind, kind);
        if let Some(candidate) = choices.candidate.filter(|_| kind < Kind::POINTING) {
            total += at(slice(&self.pointer, kind, ELEMENTS), candidate);
            if let Some((first, last)) = choices.span.filter(|_| choices.kind == Kind::InputText) {
                total += at(slice(&self.start, candidate, GOAL), first)
                    + at(slice(&self.end, first, GOAL), last);
            }
        }
        if let Some(direction) = choices.direction {
            total += at(&self.direction, direction);
        }
        if let Some(app) = choices.app {
            total += at(&self.app, app);
        }
        total
    }
}

fn slice(values: &[f64], group: usize, width: usize) -> &[f64] {
    values
        .get(group * width..(group + 1) * width)
        .unwrap_or(&[])
}

fn log_softmax(scores: &[f32], temperature: f32) -> Vec<f64> {
    let scaled: Vec<f64> = scores
        .iter()
        .map(|score| f64::from(*score / temperature))
        .collect();
    let largest = scaled.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let total: f64 = scaled.iter().map(|score| (score - largest).exp()).sum();
    scaled
        .into_iter()
        .map(|score| score - largest - total.ln())
        .collect()
}

fn sample(log_probabilities: &[f64], draw: f64) -> usize {
    let mut left = draw;
    for (position, log_probability) in log_probabilities.iter().enumerate() {
        left -= log_probability.exp();
        if left < 0.0 {
            return position;
        }
    }
    // Rounding may leave a little: the last place that can be drawn at all.
    log_probabilities
        .iter()
        .rposition(|value| value.exp() > 0.0)
        .unwrap_or(0)
}

fn likeliest(log_probabilities: &[f64]) -> usize {
    let mut best = 0;
    for (position, value) in log_probabilities.iter().enumerate() {
        if *value > log_probabilities[best] {
            best = position;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_follow_the_distribution() {
        let values = log_softmax(&[0.0, (3.0f32).ln(), -1e4], 1.0);
        assert_eq!(sample(&values, 0.0), 0);
        assert_eq!(sample(&values, 0.24), 0);
        assert_eq!(sample(&values, 0.26), 1);
        assert_eq!(sample(&values, 0.999_999_999_999), 1);
        assert_eq!(likeliest(&values), 1);
    }
}
