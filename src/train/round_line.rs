//! What the terminal says of a finished round: what came of it, and the guard metrics behind it.

use std::collections::BTreeMap;

use crate::store::{RoundKey, Store, StoreError};

/// The stored metrics of a round.
pub(super) struct RoundLine {
    round: u64,
    values: BTreeMap<String, f64>,
}

impl RoundLine {
    /// Reads a round's metrics.
    ///
    /// # Errors
    /// The store can't be read.
    pub(super) fn read(store: &Store, round: u64) -> Result<RoundLine, StoreError> {
        let rows = store.metrics_of(RoundKey::train(round))?;
        let values = rows
            .into_iter()
            .filter_map(|row| Some((row.name, row.value?)));
        Ok(RoundLine {
            round,
            values: values.collect(),
        })
    }

    fn value(&self, name: &str) -> f64 {
        self.values.get(name).copied().unwrap_or(0.0)
    }

    /// What came of the round.
    pub(super) fn summary(&self) -> String {
        format!(
            "round {}: {:.0} % of {:.0} succeeded, {:.0} of {:.0} tasks above 60 %, {:.0} rows, {:.0} steps",
            self.round + 1,
            100.0 * self.value("success_rate"),
            self.value("judged"),
            self.value("tasks_above_60"),
            self.value("tasks_known"),
            self.value("rows"),
            self.value("optimizer_steps"),
        )
    }

    /// The guard metrics: what the sampler did, whether the update was sound, what was lost.
    pub(super) fn guards(&self) -> String {
        let mut parts = vec![format!(
            "successes from tasks above 80 %: {:.0} %, distinct tasks {:.0}, replaced copies {:.0}, \
             cache {:.0}, dead {:.0}",
            100.0 * self.value("mastered_share"),
            self.value("distinct_tasks"),
            self.value("replaced_copies"),
            self.value("cache_size"),
            self.value("dead_tasks"),
        )];
        if self.value("augmented_states") > 0.0 {
            parts.push(format!(
                "groups dropped {:.0} of {:.0}",
                self.value("groups_dropped"),
                self.value("augmented_states"),
            ));
        }
        if self.value("policy_age") > 0.0 {
            parts.push(format!(
                "acted with weights {:.0} behind, ratios {:.2} to {:.2}, worth {:.0} % of its own actions",
                self.value("policy_age"),
                self.value("acted_ratio_least"),
                self.value("acted_ratio_most"),
                100.0 * self.value("effective_share"),
            ));
        }
        if self.value("optimizer_steps") > 0.0 {
            parts.push(format!(
                "ratio {:.3} at first, KL {:.4}, {:.0} % clipped, entropy {:.2}, gradient {:.2}",
                self.value("first_ratio"),
                self.value("approximate_kl"),
                100.0 * self.value("clip_fraction"),
                self.value("entropy"),
                self.value("gradient_norm"),
            ));
        }
        let lost: Vec<String> = self
            .values
            .iter()
            .filter_map(|(name, count)| Some(format!("{count:.0} {}", name.strip_prefix("lost.")?)))
            .collect();
        if !lost.is_empty() {
            parts.push(format!("lost {}", lost.join(", ")));
        }
        format!("  {}", parts.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(values: &[(&str, f64)]) -> RoundLine {
        let named = values
            .iter()
            .map(|(name, value)| (name.to_string(), *value));
        RoundLine {
            round: 4,
            values: named.collect(),
        }
    }

    #[test]
    fn a_round_says_what_happened_and_no_more() {
        let quiet = line(&[("judged", 16.0), ("success_rate", 0.25)]);
        assert_eq!(
            quiet.summary(),
            "round 5: 25 % of 16 succeeded, 0 of 0 tasks above 60 %, 0 rows, 0 steps"
        );
        assert!(!quiet.guards().contains("ratio") && !quiet.guards().contains("lost"));
        let busy = line(&[
            ("mastered_share", 0.125),
            ("distinct_tasks", 9.0),
            ("optimizer_steps", 4.0),
            ("first_ratio", 1.0),
            ("clip_fraction", 0.05),
            ("augmented_states", 7.0),
            ("groups_dropped", 2.0),
            ("policy_age", 1.0),
            ("acted_ratio_least", 0.5),
            ("acted_ratio_most", 1.75),
            ("effective_share", 0.9),
            ("lost.device_lost", 2.0),
            ("lost.set_up", 1.0),
        ]);
        let said = busy.guards();
        for part in [
            "above 80 %: 12 %",
            "distinct tasks 9",
            "groups dropped 2 of 7",
            "ratio 1.000",
            "5 % clipped",
            "acted with weights 1 behind, ratios 0.50 to 1.75, worth 90 %",
            "lost 2 device_lost, 1 set_up",
        ] {
            assert!(said.contains(part), "{part:?} is not in {said:?}");
        }
    }
}
