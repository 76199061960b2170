//! What a run needs to go on, and to say what it came to.

use std::collections::BTreeSet;

use crate::config::{ReplayKind, TrainConfig};
use crate::domain::Phase;
use crate::store::{RoundState, Store, StoreError};

/// What must not go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Need {
    /// Versions whose checkpoints stay.
    pub versions: BTreeSet<u64>,
    /// The first round that is still to be learnt from.
    pub next_round: u64,
    /// The first round whose step samples stay: replay looks back.
    pub samples_from: u64,
}

impl Need {
    /// What a run needs.
    pub(super) fn of(store: &Store, config: &TrainConfig) -> Result<Need, StoreError> {
        let mut versions = BTreeSet::new();
        let checkpoints = store.checkpoints()?;
        // The first is what a penalty pulls towards; the newest learns on, and it or one of those before it
        // acts.
        versions.extend(checkpoints.first().map(|first| first.policy_version));
        let ahead = usize::try_from(config.train.off_policy_rounds).unwrap_or(usize::MAX);
        let newest = checkpoints.iter().rev().take(ahead.saturating_add(1));
        versions.extend(newest.map(|checkpoint| checkpoint.policy_version));
        for phase in [Phase::Train, Phase::Evaluate] {
            for round in store.rounds(phase)? {
                if round.state < RoundState::Done {
                    versions.insert(round.policy_version);
                }
            }
        }
        versions.extend(best(store)?);
        let learnt = store.rounds(Phase::Train)?.into_iter();
        let next_round = learnt
            .take_while(|round| round.state >= RoundState::Updated)
            .count() as u64;
        let looks_back = match config.train.replay {
            ReplayKind::None => 0,
            _ => config.train.replay_rounds,
        };
        Ok(Need {
            versions,
            next_round,
            samples_from: next_round.saturating_sub(looks_back),
        })
    }
}

/// Version of the weights that did best in an evaluation; of equals, the newest.
fn best(store: &Store) -> Result<Option<u64>, StoreError> {
    let values = store.metrics(Phase::Evaluate)?;
    let rate = |number: u64| {
        let row = values
            .iter()
            .find(|row| row.number == number && row.name == "success_rate");
        row.and_then(|row| row.value)
    };
    let evaluations = store.evaluations()?.into_iter();
    Ok(evaluations
        .filter_map(|evaluation| Some((rate(evaluation.number)?, evaluation.policy_version)))
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, version)| version))
}
