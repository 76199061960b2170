//! The reference against another arm: paired over seeds, and how soon it gets where the other ends.

use serde::Serialize;

use super::super::summary::pair_up;
use super::{ArmResult, RunResult};
use crate::domain::statistics::{PairedTest, paired_gain_p_value, paired_test};

/// The reference minus another arm.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The other arm.
    pub arm: String,
    /// Differences of the last success, one for each seed that both finished.
    pub differences: Vec<f64>,
    /// Student's paired t test over seeds, two-sided; `None` with fewer than two.
    pub test: Option<PairedTest>,
    /// Instances (of all seeds) that the reference solved and the other did not.
    pub gained: u32,
    /// Instances that the other solved and the reference did not.
    pub lost: u32,
    /// Two-sided sign test over those instances. It knows nothing of the spread between runs, so it
    /// speaks of these runs, not of the algorithms.
    pub sign_p_value: f64,
    /// Trajectories after which the reference's mean curve is at the other's last success, between
    /// evaluations in a straight line; `None` if it never gets there.
    pub reached_after: Option<f64>,
    /// The same as a share of the other's trajectories.
    pub reached_share: Option<f64>,
}

/// Compares the reference with another arm.
pub fn compare(reference: &ArmResult, other: &ArmResult) -> Comparison {
    let pairs: Vec<(&RunResult, &RunResult)> = reference
        .runs
        .iter()
        .filter_map(|run| {
            let partner = other.runs.iter().find(|partner| partner.seed == run.seed)?;
            Some((run, partner))
        })
        .collect();
    let differences: Vec<f64> = pairs
        .iter()
        .filter_map(|(run, partner)| Some(run.success()? - partner.success()?))
        .collect();
    let (mut gained, mut lost) = (0, 0);
    for (run, partner) in &pairs {
        let changed = pair_up(&partner.last, &run.last);
        gained += changed.gained;
        lost += changed.lost;
    }
    let one_sided = paired_gain_p_value(u64::from(gained.max(lost)), u64::from(gained.min(lost)));
    let last = other.curve.last();
    let reached_after = last.and_then(|last| reached(reference, last.success));
    Comparison {
        arm: other.name.clone(),
        test: paired_test(&differences),
        differences,
        gained,
        lost,
        sign_p_value: (2.0 * one_sided).min(1.0),
        reached_after,
        reached_share: reached_after
            .zip(last)
            .filter(|(_, last)| last.trajectories > 0)
            .map(|(after, last)| after / last.trajectories as f64),
    }
}

/// Where a mean curve first is at a success.
fn reached(arm: &ArmResult, success: f64) -> Option<f64> {
    let first = arm.curve.first()?;
    if first.success >= success {
        return Some(first.trajectories as f64);
    }
    arm.curve.windows(2).find_map(|pair| {
        let [from, to] = pair else { return None };
        (to.success >= success).then(|| {
            let way = (success - from.success) / (to.success - from.success);
            from.trajectories as f64 + way * (to.trajectories - from.trajectories) as f64
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::arm::tests::run;
    use super::*;
    use crate::report::Judged;

    fn arm(name: &str, runs: Vec<RunResult>) -> ArmResult {
        ArmResult::of(name.into(), vec![], vec![], runs)
    }

    #[test]
    fn runs_are_paired_by_seed() {
        let judged = |success| Judged {
            task: "A".into(),
            seed: 7,
            success,
        };
        let mut better = run(1, &[0.2, 0.5, 0.7]);
        better.last = vec![judged(true)];
        let mut worse = run(1, &[0.2, 0.3, 0.6]);
        worse.last = vec![judged(false)];
        let reference = arm("R", vec![run(2, &[0.2, 0.7, 0.9]), better]);
        let other = arm(
            "O",
            vec![worse, run(2, &[0.2, 0.5, 0.6]), run(3, &[0.2, 0.5, 0.6])],
        );
        let result = compare(&reference, &other);
        let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
        assert_eq!(result.differences.len(), 2);
        let test = result.test.unwrap();
        assert!(close(test.mean, 0.2) && close(test.error, 0.1), "{test:?}");
        // t = 2 with one degree of freedom.
        assert!((test.p_value - 0.295_167).abs() < 1e-5);
        assert_eq!((result.gained, result.lost), (1, 0));
        assert_eq!(result.sign_p_value, 1.0);
        // The reference's mean is 0.2, 0.6, 0.8; the other ends at 0.6 after 200.
        assert!(close(result.reached_after.unwrap(), 100.0));
        assert!(close(result.reached_share.unwrap(), 0.5));
        assert_eq!(compare(&other, &reference).reached_after, None);
    }
}
