//! Draws from Beta distributions.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// A draw from Beta(a, b), both above 0: `x / (x + y)` of two Gamma draws.
pub fn draw_beta(a: f64, b: f64, rng: &mut ChaCha8Rng) -> f64 {
    let (x, y) = (log_gamma_draw(a, rng), log_gamma_draw(b, rng));
    // In logarithms, because for small parameters both draws may round to 0.
    1.0 / (1.0 + (y - x).exp())
}

/// The logarithm of a draw from Gamma(shape, 1), by the squeeze-free form of Marsaglia and Tsang's
/// method (2000); shapes below 1 are drawn as `Gamma(shape + 1) * u^(1 / shape)`.
fn log_gamma_draw(shape: f64, rng: &mut ChaCha8Rng) -> f64 {
    if shape < 1.0 {
        let boost = positive(rng).ln() / shape.max(f64::MIN_POSITIVE);
        return log_gamma_draw(shape + 1.0, rng) + boost;
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = normal(rng);
        let v = (1.0 + c * x).powi(3);
        if v > 0.0 && positive(rng).ln() < 0.5 * x * x + d - d * v + d * v.ln() {
            return d.ln() + v.ln();
        }
    }
}

/// A draw from the standard normal distribution (Box and Muller 1958).
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let radius = (-2.0 * positive(rng).ln()).sqrt();
    radius * (std::f64::consts::TAU * rng.random::<f64>()).cos()
}

/// A draw from (0, 1].
pub(super) fn positive(rng: &mut ChaCha8Rng) -> f64 {
    1.0 - rng.random::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::streams::stream;

    #[test]
    fn moments_are_those_of_the_distribution() {
        for (index, (a, b)) in [
            (0.35, 0.5),
            (1.0, 1.0),
            (2.0, 5.0),
            (30.0, 3.0),
            (0.01, 0.02),
        ]
        .into_iter()
        .enumerate()
        {
            let mut rng = stream(1, "beta", index as u64);
            let draws: Vec<f64> = (0..20_000).map(|_| draw_beta(a, b, &mut rng)).collect();
            assert!(draws.iter().all(|draw| (0.0..=1.0).contains(draw)));
            let mean = draws.iter().sum::<f64>() / 20_000.0;
            let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 20_000.0;
            let expected = a / (a + b);
            let spread = expected * (b / (a + b)) / (a + b + 1.0);
            // Five standard errors of the mean.
            assert!(
                (mean - expected).abs() < 5.0 * (spread / 20_000.0).sqrt(),
                "{a} {b}: {mean}"
            );
            assert!((variance / spread - 1.0).abs() < 0.1, "{a} {b}: {variance}");
        }
    }
}
