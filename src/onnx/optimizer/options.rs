//! Settings of an optimizer, and what they mean for each weight and each step.

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::OptimizerError;

/// How gradients move weights.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Algorithm {
    /// Adam with bias correction and decoupled weight decay (Loshchilov and Hutter 2019).
    AdamW {
        /// Decay of the first moment.
        beta1: f32,
        /// Decay of the second moment.
        beta2: f32,
        /// Added to the root of the second moment.
        epsilon: f32,
    },
    /// Gradient descent, with the same decoupled weight decay.
    Sgd {
        /// Decay of the velocity; 0 keeps none.
        momentum: f32,
        /// Looks one step of the velocity ahead (Nesterov).
        nesterov: bool,
    },
}

impl Algorithm {
    /// Names of the moments that are kept for each weight.
    pub fn moments(&self) -> &'static [&'static str] {
        match self {
            Algorithm::AdamW { .. } => &["first", "second"],
            Algorithm::Sgd { momentum, .. } if *momentum != 0.0 => &["velocity"],
            Algorithm::Sgd { .. } => &[],
        }
    }
}

impl Default for Algorithm {
    fn default() -> Algorithm {
        Algorithm::AdamW {
            beta1: 0.9,
            beta2: 0.99,
            epsilon: 1e-8,
        }
    }
}

/// Weights that are treated in their own way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightGroup {
    /// Regular expression that is looked for in the names of weights. The first group that matches
    /// takes the weight.
    pub pattern: String,
    /// Factor on the learning rate; 0 holds the weights still.
    #[serde(default = "one")]
    pub learning_rate_scale: f32,
    /// Weight decay instead of the common one, for vectors too.
    #[serde(default)]
    pub weight_decay: Option<f32>,
}

fn one() -> f32 {
    1.0
}

/// Settings of an optimizer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OptimizerOptions {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// Weight decay per step, times the learning rate. Vectors (biases, scales) are not decayed.
    pub weight_decay: f32,
    /// Largest global gradient norm; longer gradients are scaled down.
    pub max_norm: Option<f32>,
    /// Exceptions for some weights.
    pub groups: Vec<WeightGroup>,
}

impl Default for OptimizerOptions {
    fn default() -> OptimizerOptions {
        OptimizerOptions {
            algorithm: Algorithm::default(),
            weight_decay: 0.01,
            max_norm: Some(1.0),
            groups: Vec::new(),
        }
    }
}

/// What the settings mean for one weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightSettings {
    /// Factor on the learning rate.
    pub learning_rate_scale: f32,
    /// Weight decay per step, times the learning rate.
    pub weight_decay: f32,
}

impl OptimizerOptions {
    /// The settings of each weight of the given names and shapes.
    ///
    /// # Errors
    /// For numbers that make no sense, patterns that are no regular expressions, and groups that
    /// match nothing, which are misspelt ones.
    pub fn for_weights(
        &self,
        weights: &[(&str, &[usize])],
    ) -> Result<Vec<WeightSettings>, OptimizerError> {
        self.check()?;
        let mut groups = Vec::with_capacity(self.groups.len());
        for group in &self.groups {
            let regex = Regex::new(&group.pattern).map_err(|error| OptimizerError::Pattern {
                pattern: group.pattern.clone(),
                reason: error.to_string(),
            })?;
            if !weights.iter().any(|(name, _)| regex.is_match(name)) {
                return Err(OptimizerError::EmptyGroup {
                    pattern: group.pattern.clone(),
                });
            }
            groups.push((regex, group));
        }
        let settings = weights.iter().map(|(name, shape)| {
            let group = groups.iter().find(|(regex, _)| regex.is_match(name));
            let common = if shape.len() > 1 {
                self.weight_decay
            } else {
                0.0
            };
            WeightSettings {
                learning_rate_scale: group.map_or(1.0, |(_, group)| group.learning_rate_scale),
                weight_decay: group
                    .and_then(|(_, group)| group.weight_decay)
                    .unwrap_or(common),
            }
        });
        Ok(settings.collect())
    }

    fn check(&self) -> Result<(), OptimizerError> {
        let must = |holds: bool, name, value: f32, reason| match holds {
            true => Ok(()),
            false => Err(OptimizerError::Setting {
                name,
                value,
                reason,
            }),
        };
        let share = "it must be at least 0 and below 1";
        let share_of = |value: f32| (0.0..1.0).contains(&value);
        let not_negative = "it must be a number that is not negative";
        let positive = "it must be positive";
        match self.algorithm {
            Algorithm::AdamW {
                beta1,
                beta2,
                epsilon,
            } => {
                must(share_of(beta1), "beta1", beta1, share)?;
                must(share_of(beta2), "beta2", beta2, share)?;
                // Without it a gradient that was always zero would give 0 / 0.
                must(
                    epsilon > 0.0 && epsilon.is_finite(),
                    "epsilon",
                    epsilon,
                    positive,
                )?;
            }
            Algorithm::Sgd { momentum, .. } => {
                must(share_of(momentum), "momentum", momentum, share)?
            }
        }
        let valid = |value: f32| value >= 0.0 && value.is_finite();
        let decay = self.weight_decay;
        must(valid(decay), "weight decay", decay, not_negative)?;
        if let Some(norm) = self.max_norm {
            must(norm > 0.0, "largest norm", norm, positive)?;
        }
        for group in &self.groups {
            let scale = group.learning_rate_scale;
            must(valid(scale), "learning rate scale", scale, not_negative)?;
            if let Some(decay) = group.weight_decay {
                must(valid(decay), "weight decay", decay, not_negative)?;
            }
        }
        Ok(())
    }
}

/// The numbers of one step that are the same for all weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepNumbers {
    /// Learning rate.
    pub learning_rate: f32,
    /// Factor on the gradients before all else, such as one over the loss scale.
    pub gradient_scale: f32,
    /// Bias corrections of the first and second moment; 1 where there is nothing to correct.
    pub corrections: [f32; 2],
    /// Largest norm; infinite for none.
    pub max_norm: f32,
}

impl StepNumbers {
    /// The numbers of a step; `step` counts from 1.
    pub fn new(
        options: &OptimizerOptions,
        step: u64,
        learning_rate: f32,
        gradient_scale: f32,
    ) -> StepNumbers {
        let corrections = match options.algorithm {
            Algorithm::AdamW { beta1, beta2, .. } => {
                [correction(beta1, step), correction(beta2, step)]
            }
            Algorithm::Sgd { .. } => [1.0; 2],
        };
        StepNumbers {
            learning_rate,
            gradient_scale,
            corrections,
            max_norm: options.max_norm.unwrap_or(f32::INFINITY),
        }
    }

    /// The factor that brings gradients of this norm down to the largest norm.
    pub fn clip(&self, norm: f64) -> f32 {
        clip(norm, self.max_norm)
    }
}

/// Share of its final weight that an average with this decay has after some steps.
pub(super) fn correction(beta: f32, step: u64) -> f32 {
    1.0 - beta.powi(step.min(1_000_000) as i32)
}

/// The factor that brings a norm down to the largest one.
pub(super) fn clip(norm: f64, max_norm: f32) -> f32 {
    if norm > f64::from(max_norm) {
        (f64::from(max_norm) / norm) as f32
    } else {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_group_that_matches_takes_a_weight() {
        let options = OptimizerOptions {
            groups: vec![
                WeightGroup {
                    pattern: r"^head\.".into(),
                    learning_rate_scale: 10.0,
                    weight_decay: None,
                },
                WeightGroup {
                    pattern: "bias$".into(),
                    learning_rate_scale: 0.5,
                    weight_decay: Some(0.2),
                },
            ],
            ..OptimizerOptions::default()
        };
        let found = options
            .for_weights(&[
                ("head.weight", &[2, 3]),
                ("head.bias", &[3]),
                ("body.weight", &[4, 4]),
                ("body.bias", &[4]),
            ])
            .unwrap();
        let pairs: Vec<(f32, f32)> = found
            .iter()
            .map(|s| (s.learning_rate_scale, s.weight_decay))
            .collect();
        assert_eq!(pairs, [(10.0, 0.01), (10.0, 0.0), (1.0, 0.01), (0.5, 0.2)]);
    }

    #[test]
    fn settings_without_sense_are_refused() {
        let weights: &[(&str, &[usize])] = &[("w", &[2, 2])];
        let group = |pattern: &str, scale: f32| OptimizerOptions {
            groups: vec![WeightGroup {
                pattern: pattern.into(),
                learning_rate_scale: scale,
                weight_decay: None,
            }],
            ..OptimizerOptions::default()
        };
        let adamw = |beta1, epsilon| OptimizerOptions {
            algorithm: Algorithm::AdamW {
                beta1,
                beta2: 0.99,
                epsilon,
            },
            ..OptimizerOptions::default()
        };
        for (options, told) in [
            (group("head", 1.0), "matches none"),
            (group("(", 1.0), "pattern"),
            (group("w", f32::NAN), "learning rate scale"),
            (adamw(1.0, 1e-8), "beta1"),
            (adamw(0.9, 0.0), "epsilon"),
            (
                OptimizerOptions {
                    max_norm: Some(0.0),
                    ..OptimizerOptions::default()
                },
                "largest norm",
            ),
        ] {
            let error = options.for_weights(weights).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }
}
