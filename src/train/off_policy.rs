//! How far a policy has gone from the one that acted: what rounds are watched by whose episodes ran
//! with weights from before earlier updates.

/// Probability ratios of a round's actions between the weights that learn from them and those that
/// acted, before the update.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ratios {
    /// The lowest.
    pub least: f64,
    /// The highest.
    pub most: f64,
    /// Their mean; 1 in expectation over all actions, whatever the weights.
    pub mean: f64,
    /// The share of the actions that as many of the newer weights' own would be worth: (sum w)^2 / (n sum
    /// w^2), 1 where all ratios are equal.
    pub effective_share: f64,
}

impl Ratios {
    /// The ratios of actions by their log-probabilities now and when they were drawn; `None` for none.
    pub(super) fn of(pairs: impl Iterator<Item = (f64, f64)>) -> Option<Ratios> {
        let (mut count, mut sum, mut squares) = (0.0, 0.0, 0.0);
        let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
        for (now, then) in pairs {
            let ratio = (now - then).exp();
            count += 1.0;
            sum += ratio;
            squares += ratio * ratio;
            least = least.min(ratio);
            most = most.max(ratio);
        }
        (count > 0.0).then(|| Ratios {
            least,
            most,
            mean: sum / count,
            effective_share: if squares > 0.0 {
                sum * sum / (count * squares)
            } else {
                0.0
            },
        })
    }

    /// The ratios by the names of the guard metrics.
    pub(super) fn named(self) -> [(&'static str, f64); 4] {
        [
            ("acted_ratio_least", self.least),
            ("acted_ratio_most", self.most),
            ("acted_ratio_mean", self.mean),
            ("effective_share", self.effective_share),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_policies_lose_nothing() {
        let same = Ratios::of([(-1.0, -1.0), (-0.5, -0.5)].into_iter()).unwrap();
        assert_eq!((same.least, same.most, same.mean), (1.0, 1.0, 1.0));
        assert_eq!(same.effective_share, 1.0);
        assert_eq!(Ratios::of(std::iter::empty()), None);
    }

    #[test]
    fn one_likely_action_makes_the_others_count_little() {
        let ln = |ratio: f64| (ratio.ln(), 0.0);
        let found = Ratios::of([ln(3.0), ln(1.0), ln(1.0), ln(1.0)].into_iter()).unwrap();
        assert!((found.mean - 1.5).abs() < 1e-12 && (found.most - 3.0).abs() < 1e-12);
        // 6^2 / (4 * 12)
        assert!((found.effective_share - 0.75).abs() < 1e-12);
    }
}
