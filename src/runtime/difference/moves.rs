//! Moving weights a little, and what the loss makes of it.

use rand::RngExt;
use rand_chacha::ChaCha12Rng;

use super::{Check, Direction, Verdict, named, norm, number};
use crate::onnx::Tensor;
use crate::runtime::RuntimeError;

/// By how much weights are moved in 64 bits, relative to their size; smaller steps are for losses
/// with corners.
const STEPS: [f64; 3] = [1e-3, 1e-4, 1e-5];
/// By how much the loss is to change in 32 bits, relative to itself.
const LOSS_CHANGE: f64 = 1e-2;
/// Farthest that weights are moved for it, relative to their size.
const LONGEST_STEP: f64 = 1e-1;
/// Farthest that a single element is moved for it, relative to its weight's size: a gradient may be that
/// of a few elements among many.
const FARTHEST_ELEMENT: f64 = 3e-1;
/// A change of the loss below this drowns in the rounding of 32 bits, relative to the loss.
const FLAT: f64 = 2e-4;
/// How much shorter the next step is, in 32 bits, as long as the change stands out of the rounding.
const SHORTER: f64 = 0.25;
/// How far two differences may be apart, relative to the slope, to count as those of a straight line.
const STRAIGHT: f64 = 0.1;
/// Weights whose gradient is smaller than this against the largest are held to that.
const SMALL: f64 = 1e-6;

/// Weights, their gradients, and how the loss changes when they are moved.
pub(super) struct Moves<'a> {
    pub(super) check: &'a Check,
    pub(super) loss: f64,
    pub(super) double: bool,
    pub(super) values: Vec<Vec<f64>>,
    pub(super) gradients: Vec<Vec<f64>>,
}

impl Moves<'_> {
    /// What moving weights by 1 means: their usual size.
    fn size(&self, weight: usize) -> f64 {
        let values = &self.values[weight];
        let squares: f64 = values.iter().map(|value| value * value).sum();
        (squares / values.len().max(1) as f64).sqrt().max(1e-2)
    }

    /// Length of the gradient, measured in the weights' sizes.
    fn steepness(&self, weights: &[usize]) -> f64 {
        let squares = weights.iter().map(|weight| {
            let size = self.size(*weight);
            let slopes = self.gradients[*weight].iter();
            slopes.map(|slope| slope * slope).sum::<f64>() * size * size
        });
        squares.sum::<f64>().sqrt()
    }

    pub(super) fn along(
        &self,
        weights: &[usize],
        alone: bool,
        tolerance: f64,
        random: &mut ChaCha12Rng,
    ) -> Result<Direction, RuntimeError> {
        let length = norm(weights.iter().flat_map(|weight| &self.gradients[*weight]));
        let steepness = self.steepness(weights);
        let elements = weights
            .iter()
            .map(|weight| self.values[*weight].len())
            .sum();
        let directions: Vec<Vec<f64>> = weights
            .iter()
            .map(|weight| self.direction(*weight, steepness, elements, random))
            .collect();
        let slope: f64 = weights
            .iter()
            .zip(&directions)
            .map(|(weight, direction)| {
                let slopes = self.gradients[*weight].iter();
                slopes.zip(direction).map(|(g, d)| g * d).sum::<f64>()
            })
            .sum();
        let mut found = Direction {
            weight: alone.then(|| self.check.weights[weights[0]].0.clone()),
            elements,
            gradient: length,
            slope,
            difference: f64::NAN,
            error: f64::NAN,
            verdict: Verdict::Differs,
        };
        let everything: Vec<usize> = (0..self.values.len()).collect();
        let scale = if self.double {
            steepness.max(SMALL * self.steepness(&everything))
        } else {
            slope.abs()
        }
        .max(f64::MIN_POSITIVE);
        // A slope that is no number agrees with nothing.
        let size = if self.double {
            1.0
        } else {
            self.loss.abs().max(1e-3)
        };
        let farthest = weights.iter().zip(&directions).map(|(weight, direction)| {
            let most = direction
                .iter()
                .fold(0.0, |most: f64, one| most.max(one.abs()));
            most / self.size(*weight)
        });
        let longest =
            LONGEST_STEP.min(FARTHEST_ELEMENT / farthest.fold(f64::MIN_POSITIVE, f64::max));
        if !self.double && slope.is_finite() && slope.abs() * longest < FLAT * size {
            found.verdict = Verdict::TooFlat;
            return Ok(found);
        }
        let steps = if self.double {
            STEPS.to_vec()
        } else {
            let first = (LOSS_CHANGE * size / slope.abs()).min(longest);
            let shorter = std::iter::successors(Some(first), |step| Some(step * SHORTER));
            let seen = shorter.take_while(|step| slope.abs() * step >= FLAT * size);
            seen.collect()
        };
        // Differences of the last two distances.
        let mut last = [f64::NAN; 2];
        for step in steps {
            let quotient = |part: f64| -> Result<f64, RuntimeError> {
                let high = self.at(weights, &directions, step * part)?;
                let low = self.at(weights, &directions, -step * part)?;
                Ok((high - low) / (2.0 * step * part))
            };
            let (half, whole) = (quotient(0.5)?, quotient(1.0)?);
            let difference = (4.0 * half - whole) / 3.0;
            last = match last[1] {
                before if before.is_nan() => [whole, difference],
                before => [before, difference],
            };
            let error = (difference - slope).abs() / scale;
            if found.error.is_nan() || error < found.error {
                (found.difference, found.error) = (difference, error);
            }
            if error <= tolerance {
                found.verdict = Verdict::Agrees;
                break;
            }
        }
        let straight = (last[0] - last[1]).abs() <= STRAIGHT * scale;
        if !self.double && found.verdict == Verdict::Differs && slope.is_finite() && !straight {
            found.verdict = Verdict::TooBent;
        }
        Ok(found)
    }

    /// A direction of about the weight's size for each element: at random in 64 bits, else along the
    /// gradient, more for some elements than for others.
    fn direction(
        &self,
        weight: usize,
        steepness: f64,
        elements: usize,
        random: &mut ChaCha12Rng,
    ) -> Vec<f64> {
        let size = self.size(weight);
        let gradient = &self.gradients[weight];
        if self.double {
            let root = 3.0_f64.sqrt();
            return gradient
                .iter()
                .map(|_| size * random.random_range(-root..root))
                .collect();
        }
        let unit = size * size * (elements as f64).sqrt() / steepness.max(f64::MIN_POSITIVE);
        gradient
            .iter()
            .map(|slope| slope * unit * random.random_range(0.5..1.5))
            .collect()
    }

    /// The loss with weights moved.
    fn at(
        &self,
        weights: &[usize],
        directions: &[Vec<f64>],
        step: f64,
    ) -> Result<f64, RuntimeError> {
        let moved: Vec<(usize, Tensor)> = weights
            .iter()
            .zip(directions)
            .map(|(weight, direction)| {
                let tensor = &self.check.weights[*weight].1;
                let values = self.values[*weight].iter().zip(direction);
                let values: Vec<f64> = values.map(|(value, along)| value + step * along).collect();
                let double = Tensor::f64(&tensor.shape, values);
                let same = double.converted(tensor.element());
                (*weight, same.unwrap_or_else(|| tensor.clone()))
            })
            .collect();
        let given = named(&self.check.weights, &self.check.inputs, &moved);
        let result = self.check.forward.run(&given, &[&self.check.loss])?;
        Ok(number(&result[0]))
    }
}
