//! Moments that come at random with a known mean between them, drawn from a named stream.

use std::time::Duration;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::streams;

/// Longest gap in means; a longer one has a chance of one in ten thousand million million.
const LONGEST: f64 = 36.0;

/// A Poisson process: gaps are exponential with one mean, and the same seed gives the same gaps.
#[derive(Debug, Clone)]
pub struct Arrivals {
    random: ChaCha8Rng,
    mean: Duration,
}

impl Arrivals {
    /// The process of `(seed, purpose, index)`, see [`streams::stream`].
    pub fn new(seed: u64, purpose: &str, index: u64, mean: Duration) -> Arrivals {
        Arrivals {
            random: streams::stream(seed, purpose, index),
            mean,
        }
    }

    /// The time from the last arrival to the next; a microsecond at least, so that time passes.
    pub fn next_gap(&mut self) -> Duration {
        // Of (0, 1], so that its logarithm is finite.
        let uniform = 1.0 - self.random.random::<f64>();
        let means = (-uniform.ln()).min(LONGEST);
        let micros = self.mean.as_micros() as f64 * means;
        Duration::from_micros(micros as u64).max(Duration::from_micros(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_have_their_mean_and_their_seed() {
        let mean = Duration::from_millis(200);
        let gaps = |seed| -> Vec<Duration> {
            let mut arrivals = Arrivals::new(seed, "test", 0, mean);
            (0..4_000).map(|_| arrivals.next_gap()).collect()
        };
        assert_eq!(gaps(1), gaps(1));
        assert_ne!(gaps(1), gaps(2));
        let sum: Duration = gaps(3).iter().sum();
        // Four standard errors of 4000 exponential gaps.
        assert!((sum / 4_000).abs_diff(mean) < mean.mul_f64(4.0 / 4_000_f64.sqrt()));
        assert!(gaps(3).iter().any(|gap| *gap < mean / 20));
        assert!(gaps(3).iter().any(|gap| *gap > mean * 3));
    }
}
