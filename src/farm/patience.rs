//! How long a device that fails is hoped for. Pure.

use std::time::Duration;

/// Failures in a row from which on a device is repaired softly, and by hard means before it is tried again, and counts
/// as quarantined.
pub(super) const SOFT: u32 = 2;
pub(super) const HARD: u32 = 3;
pub(super) const QUARANTINE: u32 = 4;

/// How much is put up with.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Wait before the first new attempt after a loss; it doubles with every failure.
    pub first_wait: Duration,
    /// Longest wait.
    pub longest_wait: Duration,
    /// Failures in a row after which a device is no longer hoped for: a plan whose devices all are so ends.
    pub failures: u32,
    /// How long the rest of the devices may take to open once one of them is ready; they go on opening meanwhile.
    pub grace: Duration,
}

impl Default for Patience {
    /// A device that reboots (a minute or two) is waited for; if all stay away, a run ends after a quarter of an hour.
    fn default() -> Patience {
        Patience {
            first_wait: Duration::from_millis(250),
            longest_wait: Duration::from_secs(600),
            failures: 12,
            grace: Duration::from_secs(30),
        }
    }
}

impl Patience {
    /// The wait after so many failures in a row.
    pub(super) fn wait(&self, failures: u32) -> Duration {
        let doubled = self
            .first_wait
            .saturating_mul(1 << failures.saturating_sub(1).min(20));
        doubled.min(self.longest_wait)
    }
}
