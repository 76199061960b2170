//! An arm of an experiment: what it changes of the base, and on which seeds it runs.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::ExperimentFile;

/// Keys of `[policy]` that no weight depends on.
const ANY_NETWORK: [&str; 2] = ["policy.provider", "policy.threads"];

/// One arm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arm {
    /// Name in the report.
    pub name: String,
    /// What it changes of the base, as `train.key=value` or `policy.key=value`.
    pub sets: Vec<String>,
    /// Seeds that it runs on, some of the experiment's; all of them when it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seeds: Option<Vec<u64>>,
    /// The arm whose search it takes the settings from, instead of a search of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings_of: Option<String>,
}

impl Arm {
    /// Whether it runs on a seed of the experiment.
    pub fn runs_on(&self, seed: u64) -> bool {
        self.seeds
            .as_ref()
            .is_none_or(|seeds| seeds.contains(&seed))
    }

    /// What it changes of the network. Another network can't begin with the weights of the others: it
    /// has a warm start of its own, cloned from the same demonstrations.
    pub fn network(&self) -> Vec<String> {
        let of_network = |set: &&String| {
            let key = key_of(set);
            key.starts_with("policy.") && !ANY_NETWORK.contains(&key)
        };
        self.sets.iter().filter(of_network).cloned().collect()
    }

    /// What is wrong with an arm's own seeds and settings.
    pub(super) fn misfit(&self, file: &ExperimentFile) -> Option<String> {
        let name = &self.name;
        if let Some(seeds) = &self.seeds {
            let known = |seed: &u64| file.seeds.contains(seed);
            let once = seeds.iter().collect::<BTreeSet<_>>().len() == seeds.len();
            if seeds.is_empty() || !once || !seeds.iter().all(known) {
                return Some(format!(
                    "arm {name:?}: its `seeds` must be some of the experiment's ({:?}), each once: \
                     the others run on those alone",
                    file.seeds
                ));
            }
            if file.reference == *name {
                return Some(format!(
                    "arm {name:?} is the reference and needs every seed: every arm is paired with \
                     it; leave its `seeds` out"
                ));
            }
        }
        let of = self.settings_of.as_ref()?;
        let searched = |other: &Arm| other.name == *of && other.settings_of.is_none();
        if file.search.is_none() {
            return Some(format!(
                "arm {name:?}: `settings_of` = {of:?}, but there is no [search] to take settings from"
            ));
        }
        (!file.arms.iter().any(searched)).then(|| {
            format!(
                "arm {name:?}: `settings_of` = {of:?} is no arm with a search of its own; name one, \
                 or leave it out"
            )
        })
    }
}

/// The key of a `key=value`.
pub(super) fn key_of(set: &str) -> &str {
    set.split('=').next().unwrap_or_default().trim()
}
