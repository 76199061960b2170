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

/// A paired comparison of means.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PairedTest {
    /// Mean of the differences.
    pub mean: f64,
    /// Its standard error.
    pub error: f64,
    /// Half of the width of the mean's 95 % interval.
    pub margin: f64,
    /// Two-sided p value of Student's paired t test.
    pub p_value: f64,
}

/// Student's paired t test of differences; `None` for fewer than two. Where all differences are
/// equal there is no spread to test against: the p value is then 1 for no difference, else 0.
pub fn paired_test(differences: &[f64]) -> Option<PairedTest> {
    if differences.len() < 2 {
        return None;
    }
    let (mean, error) = mean_and_error(differences);
    let freedom = (differences.len() - 1) as f64;
    let p_value = if error > 0.0 {
        student_two_sided(mean / error, freedom)
    } else {
        f64::from(u8::from(mean == 0.0))
    };
    Some(PairedTest {
        mean,
        error,
        margin: error * student_quantile_95(freedom),
        p_value,
    })
}

/// Half of the width of the 95 % interval of a mean of `values`; `None` for fewer than two.
pub fn mean_margin(values: &[f64]) -> Option<f64> {
    (values.len() > 1)
        .then(|| mean_and_error(values).1 * student_quantile_95((values.len() - 1) as f64))
}

/// P(|T| >= |t|) for Student's t with `freedom` degrees of freedom.
fn student_two_sided(t: f64, freedom: f64) -> f64 {
    incomplete_beta(freedom / (freedom + t * t), freedom / 2.0, 0.5)
}

/// The t with P(|T| >= t) = 0.05, by bisection.
fn student_quantile_95(freedom: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1e4);
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if student_two_sided(middle, freedom) > 0.05 {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// The regularised incomplete beta function I_x(a, b), by its continued fraction (modified Lentz).
fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    // The fraction converges fast on this side of the mean only.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(1.0 - x, b, a);
    }
    let log_front =
        log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * x.ln() + b * (1.0 - x).ln();
    const TINY: f64 = 1e-300;
    let away = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for step in 1..500 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let before = fraction;
        for numerator in [even, odd] {
            d = 1.0 / away(1.0 + numerator * d);
            c = away(1.0 + numerator / c);
            fraction *= d * c;
        }
        if (fraction - before).abs() < 1e-15 * fraction.abs() {
            break;
        }
    }
    (log_front.exp() * fraction / a).clamp(0.0, 1.0)
}

/// ln of the gamma function for positive arguments: Stirling's series, shifted to where it is exact.
fn log_gamma(value: f64) -> f64 {
    let mut shift = 0.0;
    let mut x = value;
    while x < 12.0 {
        shift += x.ln();
        x += 1.0;
    }
    let inverse = 1.0 / (x * x);
    let series =
        (1.0 / 12.0 - inverse * (1.0 / 360.0 - inverse * (1.0 / 1260.0 - inverse / 1680.0))) / x;
    (x - 0.5) * x.ln() - x + 0.5 * (2.0 * std::f64::consts::PI).ln() + series - shift
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use statrs::distribution::{Binomial, ContinuousCDF, DiscreteCDF, StudentsT};

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

    #[test]
    fn equal_differences_have_no_spread() {
        assert_eq!(paired_test(&[0.1]), None);
        assert_eq!(paired_test(&[0.0, 0.0]).unwrap().p_value, 1.0);
        assert_eq!(paired_test(&[0.5, 0.5]).unwrap().p_value, 0.0);
        let margin = mean_margin(&[1.0, 2.0, 3.0]).unwrap();
        // t(0.975, 2) = 4.302653, standard error 1 / sqrt(3).
        assert!(
            (margin - 4.302_653 / 3.0_f64.sqrt()).abs() < 1e-5,
            "{margin}"
        );
    }

    proptest! {
        #[test]
        fn the_t_test_matches_students_distribution(
            differences in prop::collection::vec(-1.0f64..1.0, 2..40),
        ) {
            let test = paired_test(&differences).unwrap();
            prop_assume!(test.error > 1e-9);
            let freedom = (differences.len() - 1) as f64;
            let student = StudentsT::new(0.0, 1.0, freedom).unwrap();
            let expected = 2.0 * student.sf((test.mean / test.error).abs());
            prop_assert!((test.p_value - expected).abs() < 1e-9, "{test:?} {expected}");
            let quantile = student.inverse_cdf(0.975);
            prop_assert!((test.margin / test.error - quantile).abs() < 1e-4 * quantile);
        }

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
