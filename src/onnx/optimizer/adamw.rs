//! AdamW that keeps its moments on the host, for small models.

use serde::{Deserialize, Serialize};

use super::kernels::{AdamWNumbers, adamw};
use super::options::{clip, correction};

/// Settings of the optimizer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AdamWOptions {
    /// Decay of the first moment.
    pub beta1: f32,
    /// Decay of the second moment.
    pub beta2: f32,
    /// Added to the root of the second moment.
    pub epsilon: f32,
    /// Weight decay per step, times the learning rate. Vectors (biases, scales) are not decayed.
    pub weight_decay: f32,
    /// Largest global gradient norm; longer gradients are scaled down.
    pub max_norm: f32,
}

impl Default for AdamWOptions {
    fn default() -> AdamWOptions {
        AdamWOptions {
            beta1: 0.9,
            beta2: 0.99,
            epsilon: 1e-8,
            weight_decay: 0.01,
            max_norm: 1.0,
        }
    }
}

/// Moments of every weight.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AdamW {
    /// Steps taken.
    pub steps: u64,
    /// First moments, in the order of the weights.
    pub first: Vec<Vec<f32>>,
    /// Second moments.
    pub second: Vec<Vec<f32>>,
}

impl AdamW {
    /// Fresh moments for weights of these lengths.
    pub fn new(lengths: impl Iterator<Item = usize> + Clone) -> AdamW {
        AdamW {
            steps: 0,
            first: lengths.clone().map(|length| vec![0.0; length]).collect(),
            second: lengths.map(|length| vec![0.0; length]).collect(),
        }
    }

    /// Moves the weights one step against their gradients and returns the gradients' global norm. A
    /// gradient that is not finite moves nothing.
    pub fn step(
        &mut self,
        weights: &mut [(&[usize], &mut [f32])],
        gradients: &[&[f32]],
        learning_rate: f32,
        options: &AdamWOptions,
    ) -> f64 {
        let norm = gradients
            .iter()
            .flat_map(|part| part.iter())
            .map(|g| f64::from(*g).powi(2))
            .sum::<f64>()
            .sqrt();
        if !norm.is_finite() {
            return norm;
        }
        self.steps += 1;
        let numbers = AdamWNumbers {
            gradient_factor: clip(norm, options.max_norm),
            beta1: options.beta1,
            beta2: options.beta2,
            correction1: correction(options.beta1, self.steps),
            correction2: correction(options.beta2, self.steps),
            epsilon: options.epsilon,
            learning_rate,
            decay: 0.0,
        };
        let moments = self.first.iter_mut().zip(&mut self.second);
        for (((shape, values), gradient), (first, second)) in
            weights.iter_mut().zip(gradients).zip(moments)
        {
            let decay = if shape.len() > 1 {
                learning_rate * options.weight_decay
            } else {
                0.0
            };
            adamw(
                values,
                gradient,
                first,
                second,
                AdamWNumbers { decay, ..numbers },
            );
        }
        norm
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_step_has_the_length_of_the_learning_rate() {
        let mut weights = vec![1.0f32, -2.0];
        let options = AdamWOptions {
            weight_decay: 0.0,
            ..AdamWOptions::default()
        };
        let mut optimizer = AdamW::new([2].into_iter());
        let norm = optimizer.step(&mut [(&[2], &mut weights)], &[&[0.3, -0.4]], 0.1, &options);
        assert!((norm - 0.5).abs() < 1e-6);
        assert!(
            (weights[0] - 0.9).abs() < 1e-4 && (weights[1] + 1.9).abs() < 1e-4,
            "{weights:?}"
        );
    }

    #[test]
    fn a_bowl_is_descended_and_broken_gradients_are_ignored() {
        let mut weights = vec![3.0f32; 4];
        let mut optimizer = AdamW::new([4].into_iter());
        for _ in 0..400 {
            let gradient: Vec<f32> = weights.iter().map(|w| 2.0 * (w - 1.0)).collect();
            optimizer.step(
                &mut [(&[2, 2], &mut weights)],
                &[&gradient],
                0.05,
                &AdamWOptions::default(),
            );
        }
        assert!(
            weights.iter().all(|weight| (weight - 1.0).abs() < 0.05),
            "{weights:?}"
        );
        let before = weights.clone();
        optimizer.step(
            &mut [(&[2, 2], &mut weights)],
            &[&[f32::NAN; 4]],
            0.05,
            &AdamWOptions::default(),
        );
        assert_eq!(weights, before);
    }

    #[test]
    fn every_element_is_exactly_that_of_the_formula() {
        const LENGTH: usize = 1003;
        let options = AdamWOptions::default();
        let number = |seed: usize| ((seed * 7919 % 2003) as f32 - 1001.0) / 777.0;
        let mut weights: Vec<f32> = (0..LENGTH).map(number).collect();
        let mut expected: Vec<[f32; 3]> =
            weights.iter().map(|weight| [*weight, 0.0, 0.0]).collect();
        let mut optimizer = AdamW::new([LENGTH].into_iter());
        for step in 1..=5i32 {
            let gradients: Vec<f32> = (0..LENGTH)
                .map(|position| number(position + 31 * step as usize))
                .collect();
            let mut parts: [(&[usize], &mut [f32]); 1] = [(&[LENGTH, 1], &mut weights)];
            let norm = optimizer.step(&mut parts, &[&gradients], 0.01, &options);
            assert!(norm > 1.0);
            let clip = (f64::from(options.max_norm) / norm) as f32;
            let correction1 = 1.0 - options.beta1.powi(step);
            let correction2 = 1.0 - options.beta2.powi(step);
            let decay = 0.01 * options.weight_decay;
            for ([weight, first, second], gradient) in expected.iter_mut().zip(gradients) {
                let gradient = gradient * clip;
                *first = options.beta1 * *first + (1.0 - options.beta1) * gradient;
                *second = options.beta2 * *second + (1.0 - options.beta2) * gradient * gradient;
                let step =
                    (*first / correction1) / ((*second / correction2).sqrt() + options.epsilon);
                *weight -= 0.01 * step + decay * *weight;
            }
        }
        for (position, [weight, first, second]) in expected.into_iter().enumerate() {
            assert_eq!(weights[position].to_bits(), weight.to_bits());
            assert_eq!(optimizer.first[0][position].to_bits(), first.to_bits());
            assert_eq!(optimizer.second[0][position].to_bits(), second.to_bits());
        }
    }
}
