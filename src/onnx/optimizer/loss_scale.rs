//! Dynamic loss scaling: the loss is multiplied by a large number, so that small gradients do not
//! vanish in 16 bits; the gradients are divided by it before they are used.

use serde::{Deserialize, Serialize};

/// How the scale moves.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LossScaleOptions {
    /// First scale.
    pub initial: f32,
    /// Factor after many good steps.
    pub growth: f32,
    /// Factor after a step whose gradients are not finite.
    pub backoff: f32,
    /// Good steps in a row before the scale grows.
    pub growth_interval: u32,
    /// Bounds of the scale.
    pub bounds: [f32; 2],
}

impl Default for LossScaleOptions {
    fn default() -> LossScaleOptions {
        LossScaleOptions {
            // Powers of two, so that scaling itself never rounds; the first fits into an f16.
            initial: 32768.0,
            growth: 2.0,
            backoff: 0.5,
            growth_interval: 2000,
            bounds: [1.0, 16_777_216.0],
        }
    }
}

/// The scale of now.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LossScale {
    /// How it moves.
    pub options: LossScaleOptions,
    /// What the loss is multiplied by.
    pub scale: f32,
    /// Good steps since it last moved.
    pub good_steps: u32,
}

impl LossScale {
    /// A scale that moves.
    pub fn new(options: LossScaleOptions) -> LossScale {
        LossScale {
            options,
            scale: options.initial,
            good_steps: 0,
        }
    }

    /// Learns whether the gradients of a step were finite.
    pub fn update(&mut self, finite: bool) {
        let [lowest, highest] = self.options.bounds;
        if !finite {
            self.good_steps = 0;
            self.scale = (self.scale * self.options.backoff).max(lowest);
            return;
        }
        self.good_steps += 1;
        if self.good_steps >= self.options.growth_interval {
            self.good_steps = 0;
            self.scale = (self.scale * self.options.growth).min(highest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_grows_when_all_is_well_and_falls_when_not() {
        let mut scale = LossScale::new(LossScaleOptions {
            initial: 8.0,
            growth_interval: 3,
            bounds: [4.0, 16.0],
            ..LossScaleOptions::default()
        });
        let mut seen = Vec::new();
        for finite in [true, true, false, false, true, true, true, true, true, true] {
            scale.update(finite);
            seen.push(scale.scale);
        }
        assert_eq!(seen, [8., 8., 4., 4., 4., 4., 8., 8., 8., 16.]);
        (0..3).for_each(|_| scale.update(true));
        assert_eq!(scale.scale, 16.0);
    }
}
