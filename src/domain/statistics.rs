//! The few statistics that results are reported with.

use serde::{Deserialize, Serialize};

/// A proportion with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Proportion {
    /// The share of successes.
    pub success: f64,
    /// Lower end of the 95 % Wilson interval.
    pub low: f64,
    /// Upper end of the 95 % Wilson interval.
    pub high: f64,
}

/// Two-sided 95 % quantile of the normal distribution.
const Z95: f64 = 1.959_963_984_540_054;

/// The Wilson score interval for `successes` of `trials` (Wilson 1927). Without trials it is [0, 1].
pub fn wilson(successes: u64, trials: u64) -> Proportion {
    if trials == 0 {
        return Proportion {
            success: 0.0,
            low: 0.0,
            high: 1.0,
        };
    }
    let n = trials as f64;
    let p = successes as f64 / n;
    let z2 = Z95 * Z95;
    let center = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z95 / (1.0 + z2 / n) * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    Proportion {
        success: p,
        low: (center - half).max(0.0),
        high: (center + half).min(1.0),
    }
}

/// Exact one-sided sign test on paired outcomes: the probability of at least `gained` gains among
/// `gained + lost` changed pairs if gains and losses were equally likely (McNemar, exact form).
pub fn paired_gain_p_value(gained: u64, lost: u64) -> f64 {
    let n = gained + lost;
    if n == 0 {
        return 1.0;
    }
    let mut log_choose = 0.0_f64; // ln C(n, 0)
    let mut total = 0.0_f64;
    let log_half_n = n as f64 * 0.5_f64.ln();
    for k in 0..=n {
        if k >= gained {
            total += (log_choose + log_half_n).exp();
        }
        if k < n {
            log_choose += ((n - k) as f64).ln() - ((k + 1) as f64).ln();
        }
    }
    total.min(1.0)
}

/// Mean and standard error of the mean; the error is 0 for fewer than two values.
pub fn mean_and_error(values: &[f64]) -> (f64, f64) {
    if values.is_empty() {
        return (0.0, 0.0);
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    if values.len() < 2 {
        return (mean, 0.0);
    }
    let variance = values
        .iter()
        .map(|value| (value - mean).powi(2))
        .sum::<f64>()
        / (n - 1.0);
    (mean, (variance / n).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use statrs::distribution::{Binomial, DiscreteCDF};

    #[test]
    fn wilson_matches_published_values() {
        let interval = wilson(8, 10);
        assert!((interval.low - 0.490_162).abs() < 1e-5, "{interval:?}");
        assert!((interval.high - 0.943_318).abs() < 1e-5, "{interval:?}");
        assert_eq!(
            wilson(0, 0),
            Proportion {
                success: 0.0,
                low: 0.0,
                high: 1.0
            }
        );
    }

    proptest! {
        #[test]
        fn wilson_holds_the_share(trials in 1u64..2000, share in 0.0f64..=1.0) {
            let successes = (trials as f64 * share) as u64;
            let interval = wilson(successes, trials);
            prop_assert!(0.0 <= interval.low && interval.high <= 1.0);
            prop_assert!(interval.low <= interval.success + 1e-12 && interval.success <= interval.high + 1e-12);
        }

        #[test]
        fn sign_test_matches_the_binomial(gained in 0u64..60, lost in 0u64..60) {
            prop_assume!(gained + lost > 0);
            let binomial = Binomial::new(0.5, gained + lost).unwrap();
            let expected = if gained == 0 { 1.0 } else { binomial.sf(gained - 1) };
            prop_assert!((paired_gain_p_value(gained, lost) - expected).abs() < 1e-9);
        }
    }
}
