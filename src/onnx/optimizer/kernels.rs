//! The inner loops. Each is compiled twice, for what every x86-64 has and for AVX2, and the better
//! one is chosen while running; both round in the same way. They are bound by memory, so wider
//! registers or fused operations would bring nothing more.

use multiversion::multiversion;

/// Numbers of one AdamW update that are the same for all elements.
#[derive(Debug, Clone, Copy)]
pub(super) struct AdamWNumbers {
    pub gradient_factor: f32,
    pub beta1: f32,
    pub beta2: f32,
    pub correction1: f32,
    pub correction2: f32,
    pub epsilon: f32,
    pub learning_rate: f32,
    /// Decay, times the learning rate.
    pub decay: f32,
}

#[multiversion(targets("x86_64+avx2"))]
pub(super) fn adamw(
    weights: &mut [f32],
    gradients: &[f32],
    first: &mut [f32],
    second: &mut [f32],
    numbers: AdamWNumbers,
) {
    let AdamWNumbers {
        gradient_factor,
        beta1,
        beta2,
        correction1,
        correction2,
        epsilon,
        learning_rate,
        decay,
    } = numbers;
    let moments = first.iter_mut().zip(second);
    for ((weight, gradient), (first, second)) in weights.iter_mut().zip(gradients).zip(moments) {
        let gradient = gradient * gradient_factor;
        *first = beta1 * *first + (1.0 - beta1) * gradient;
        *second = beta2 * *second + (1.0 - beta2) * gradient * gradient;
        let step = (*first / correction1) / ((*second / correction2).sqrt() + epsilon);
        *weight -= learning_rate * step + decay * *weight;
    }
}

/// Numbers of one SGD update that are the same for all elements.
#[derive(Debug, Clone, Copy)]
pub(super) struct SgdNumbers {
    pub gradient_factor: f32,
    pub momentum: f32,
    pub nesterov: bool,
    pub learning_rate: f32,
    /// Decay, times the learning rate.
    pub decay: f32,
}

#[multiversion(targets("x86_64+avx2"))]
pub(super) fn sgd_with_momentum(
    weights: &mut [f32],
    gradients: &[f32],
    velocity: &mut [f32],
    numbers: SgdNumbers,
) {
    let SgdNumbers {
        gradient_factor,
        momentum,
        nesterov,
        learning_rate,
        decay,
    } = numbers;
    for ((weight, gradient), velocity) in weights.iter_mut().zip(gradients).zip(velocity) {
        let gradient = gradient * gradient_factor;
        *velocity = momentum * *velocity + gradient;
        let step = if nesterov {
            gradient + momentum * *velocity
        } else {
            *velocity
        };
        *weight -= learning_rate * step + decay * *weight;
    }
}

#[multiversion(targets("x86_64+avx2"))]
pub(super) fn sgd(weights: &mut [f32], gradients: &[f32], numbers: SgdNumbers) {
    let SgdNumbers {
        gradient_factor,
        learning_rate,
        decay,
        ..
    } = numbers;
    for (weight, gradient) in weights.iter_mut().zip(gradients) {
        *weight -= learning_rate * (gradient * gradient_factor) + decay * *weight;
    }
}

/// Sum of squares in 64 bits, in lanes that don't wait for each other.
pub(super) fn sum_of_squares(values: &[f32]) -> f64 {
    const LANES: usize = 16;
    let mut sums = [0.0f64; LANES];
    let (rows, rest) = values.as_chunks::<LANES>();
    for row in rows {
        for (sum, value) in sums.iter_mut().zip(row) {
            let value = f64::from(*value);
            *sum += value * value;
        }
    }
    let rest = rest.iter().map(|value| f64::from(*value).powi(2));
    sums.iter().sum::<f64>() + rest.sum::<f64>()
}

/// Adds a share of some numbers to sums.
pub fn add_scaled(sums: &mut [f32], values: &[f32], share: f32) {
    // Times 1 is the same number, so that one loop does for both.
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += share * value;
    }
}
