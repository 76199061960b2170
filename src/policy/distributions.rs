//! What the heads' scores of one view mean: distributions, draws from them, and log-probabilities of
//! choices.

use super::acting::Draws;
use super::features::{ELEMENTS, GOAL};
use super::{APPS, Choices, Kind};
use crate::domain::Direction;

/// The heads' scores for one view, in the order of [`super::model::Heads::NAMES`].
pub(super) type Scores = [Vec<f32>; 6];

/// The heads' log-probabilities for one row at one temperature. A distribution is worked out when it is
/// asked for: a choice needs few of them.
#[derive(Debug, Clone)]
pub struct LogProbabilities {
    pub(super) scores: Scores,
    pub(super) temperature: f32,
}

/// Places in [`LogProbabilities::scores`].
const KIND: usize = 0;
pub(super) const POINTER: usize = 1;
pub(super) const START: usize = 2;
pub(super) const END: usize = 3;
const DIRECTION: usize = 4;
const APP: usize = 5;

impl LogProbabilities {
    /// The log-probabilities of one of a head's distributions, each over `width` places.
    fn distribution(&self, head: usize, group: usize, width: usize) -> Vec<f64> {
        let scores = self.scores[head].get(group * width..(group + 1) * width);
        log_softmax(scores.unwrap_or(&[]), self.temperature)
    }

    /// Draws choices, or takes the likeliest ones without draws.
    pub fn choose(&self, draws: Option<&Draws>) -> Choices {
        let pick = |values: Vec<f64>, draw: usize| match draws {
            Some(draws) => sample(&values, draws[draw]),
            None => likeliest(&values),
        };
        let kind = Kind::ALL
            .get(pick(self.distribution(KIND, 0, Kind::ALL.len()), 0))
            .copied()
            .unwrap_or(Kind::Wait);
        let mut choices = Choices::of(kind);
        let position = kind as usize;
        if position < Kind::POINTING {
            let candidate = pick(self.distribution(POINTER, position, ELEMENTS), 1);
            choices.candidate = Some(candidate);
            if kind == Kind::InputText {
                let first = pick(self.distribution(START, candidate, GOAL), 2);
                choices.span = Some((first, pick(self.distribution(END, first, GOAL), 3)));
            }
        }
        let direction = || self.distribution(DIRECTION, 0, Direction::ALL.len());
        match kind {
            Kind::Slide => choices.direction = Some(pick(direction(), 2)),
            Kind::Scroll => choices.direction = Some(pick(direction(), 1)),
            Kind::OpenApp => choices.app = Some(pick(self.distribution(APP, 0, APPS.len()), 1)),
            _ => {}
        }
        choices
    }

    /// Log-probability of choices: the sum over the heads that they used.
    pub fn of(&self, choices: &Choices) -> f64 {
        let at = |values: Vec<f64>, position: usize| {
            values.get(position).copied().unwrap_or(f64::NEG_INFINITY)
        };
        let kind = choices.kind as usize;
        let mut total = at(self.distribution(KIND, 0, Kind::ALL.len()), kind);
        if let Some(candidate) = choices.candidate.filter(|_| kind < Kind::POINTING) {
            total += at(self.distribution(POINTER, kind, ELEMENTS), candidate);
            if let Some((first, last)) = choices.span.filter(|_| choices.kind == Kind::InputText) {
                total += at(self.distribution(START, candidate, GOAL), first)
                    + at(self.distribution(END, first, GOAL), last);
            }
        }
        if let Some(direction) = choices.direction {
            let values = self.distribution(DIRECTION, 0, Direction::ALL.len());
            total += at(values, direction);
        }
        if let Some(app) = choices.app {
            total += at(self.distribution(APP, 0, APPS.len()), app);
        }
        total
    }
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
