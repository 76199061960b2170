//! All workers of one plan.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::worker::{Worker, WorkerEnd};
use super::{RolloutError, RolloutOptions};
use crate::domain::Event;
use crate::farm::Farm;
use crate::store::{RoundKey, SlotState, Store};

/// Runs every unfinished slot of a stored plan on the devices of the farm. `what` names the work
/// for people.
///
/// # Errors
/// When somebody asks to stop and not everything was done by then, the agent or the store fails, or no device is left. Finished
/// episodes are stored in any case, and every lease is given back.
pub async fn run_slots(
    store: &Store,
    farm: &Farm,
    key: RoundKey,
    what: &str,
    options: &RolloutOptions,
) -> Result<(), RolloutError> {
    let slots = store.slots(key)?;
    let finished = slots
        .iter()
        .filter(|slot| matches!(slot.state, SlotState::Done | SlotState::Abandoned))
        .count() as u64;
    options.observer.tell(&Event::Began {
        what: what.to_owned(),
        unit: "episodes",
        total: slots.len() as u64,
        done: finished,
    });
    let result = if finished < slots.len() as u64 {
        work(store, farm, key, finished, slots.len() as u64, options).await
    } else {
        Ok(())
    };
    // Whoever stopped early holds a lease still. Where there is no room for that word, the next start says it.
    if let Err(error) = result {
        return match store.release_leases() {
            Err(release) if release.full_while().is_none() => Err(release.into()),
            _ => Err(error),
        };
    }
    options.observer.tell(&Event::Ended {
        summary: String::new(),
    });
    Ok(())
}

async fn work(
    store: &Store,
    farm: &Farm,
    key: RoundKey,
    finished: u64,
    total: u64,
    options: &RolloutOptions,
) -> Result<(), RolloutError> {
    let done = Arc::new(AtomicU64::new(finished));
    let freed = Arc::new(Notify::new());
    let mut workers = JoinSet::new();
    let members: Arc<[_]> = farm.members().into();
    for member in farm.members() {
        let worker = Worker {
            store: store.clone(),
            member: member.clone(),
            key,
            options: options.clone(),
            done: done.clone(),
            total,
            freed: freed.clone(),
            members: members.clone(),
        };
        workers.spawn(worker.run());
    }
    let (mut given_up, mut stopped) = (None, false);
    while let Some(end) = workers.join_next().await {
        match end {
            Ok(Ok(WorkerEnd::NothingLeft)) => {}
            Ok(Ok(WorkerEnd::Stopped)) => stopped = true,
            // A device that may come back is the better reason to wait for.
            Ok(Ok(WorkerEnd::GivenUp(error))) if error.is_refusal() => {
                given_up.get_or_insert(error);
            }
            Ok(Ok(WorkerEnd::GivenUp(error))) => given_up = Some(error),
            // The first error ends all: dropping the set drops the other workers' episodes.
            Ok(Err(error)) => return Err(error),
            Err(_) => return Err(RolloutError::WorkerPanicked),
        }
    }
    let unfinished = store.unfinished_slots(key)?.len();
    match given_up {
        _ if stopped && unfinished > 0 => Err(RolloutError::Interrupted),
        Some(last) if unfinished > 0 => Err(RolloutError::NoDevices { unfinished, last }),
        _ => Ok(()),
    }
}
