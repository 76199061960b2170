//! Room on the disk: before a piece of work begins what is not to be kept goes, and where the disk is nearly full
//! nothing is begun; where it is full in the middle, what may go then goes before the run waits.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::need::Need;
use super::{Keep, Moment, Run, collect_garbage};
use crate::config::{Retention, ScreenshotAge, TrainConfig};
use crate::domain::{Event, Observer};
use crate::rollout::{Disk, Stop};
use crate::store::{Store, StoreError, free_bytes, size_of};
use crate::train::{RunDirectory, TrainError, Trainer};

/// The disk of a run, on which a write that finds it full waits for the `longest` time; `None` is as long as it
/// takes. Before that, what the run does not keep goes, as far as no episode can need it.
pub fn disk(
    run: &RunDirectory,
    longest: Option<Duration>,
    stop: &Stop,
    observer: &Observer,
) -> Disk {
    let cleared = run.clone();
    let clear = move || {
        // Words for these have no room either: it waits then for somebody else to make some.
        match make_room_amid(&cleared.path, &cleared.store, &cleared.config) {
            Ok(freed) if freed > 0 => {
                tracing::info!(freed, "the disk was full; old things of the run removed");
            }
            Ok(_) => {}
            Err(error) => tracing::info!(%error, "nothing more of the run could be removed"),
        }
    };
    Disk::new(&run.path, longest, stop, observer).cleared_by(clear)
}

/// What is kept now, and how much free space is missing, in bytes.
fn wanted(directory: &Path, retention: &Retention) -> Result<(Keep, u64), StoreError> {
    let mut keep = Keep::of(retention);
    let missing = retention
        .min_free_bytes
        .saturating_sub(free_bytes(directory)?);
    if missing > 0 {
        let smaller = size_of(directory).saturating_sub(missing);
        keep.max_bytes = Some(keep.max_bytes.map_or(smaller, |most| most.min(smaller)));
    }
    Ok((keep, missing))
}

/// Removes what may go while episodes are under way, and returns how many bytes that were.
fn make_room_amid(
    directory: &Path,
    store: &Store,
    config: &TrainConfig,
) -> Result<u64, TrainError> {
    let run = Run {
        directory,
        store,
        need: Need::of(store, config)?,
        moment: Moment::Amid,
    };
    let (mut keep, missing) = wanted(directory, &config.retention)?;
    if missing > 0 && !run.collect(&keep, false)?.fits {
        keep = Keep::of(&config.retention);
    }
    let collected = run.collect(&keep, true)?;
    Ok(collected.before.saturating_sub(collected.after))
}

impl Trainer {
    /// Makes the room that the configuration wants, before episodes are run.
    ///
    /// # Errors
    /// [`TrainError::DiskLow`] where the disk has less than `retention.min_free_bytes` and nothing old is left
    /// to remove.
    pub(in crate::train) async fn make_room(&self) -> Result<(), TrainError> {
        let made = || async {
            let (directory, store) = (self.directory().to_path_buf(), self.store().clone());
            let (config, observer) = (self.config().clone(), self.observer().clone());
            let work = tokio::task::spawn_blocking(move || {
                make_room_between(directory, &store, &config, &observer)
            });
            work.await.map_err(|_| TrainError::Panicked)?
        };
        self.disk().keep(made).await
    }
}

fn make_room_between(
    directory: PathBuf,
    store: &Store,
    config: &TrainConfig,
    observer: &Observer,
) -> Result<(), TrainError> {
    let retention = &config.retention;
    let (mut keep, missing) = wanted(&directory, retention)?;
    let thins = keep.checkpoints.is_some() || keep.screenshots != ScreenshotAge::All;
    let too_large = keep
        .max_bytes
        .is_some_and(|most| size_of(&directory) > most);
    if !thins && !too_large {
        return Ok(());
    }
    // What other files fill is not made up for with this run's history.
    if missing > 0 && !collect_garbage(&directory, store, config, &keep, false)?.fits {
        keep = Keep::of(retention);
    }
    let collected = collect_garbage(&directory, store, config, &keep, true)?;
    let freed = collected.before.saturating_sub(collected.after);
    if freed > 0 {
        tracing::info!(
            freed,
            size = collected.after,
            "old things of the run removed"
        );
    }
    if missing > 0 {
        let free = free_bytes(&directory)?;
        let wanted = retention.min_free_bytes;
        if free < wanted {
            return Err(TrainError::DiskLow {
                path: directory,
                free: free >> 20,
                wanted: wanted.div_ceil(1 << 20),
            });
        }
        observer.tell(&Event::Note(format!(
            "the disk was nearly full; {} MiB of old things of the run were removed",
            freed >> 20
        )));
    } else if !collected.fits {
        tracing::warn!(
            size = collected.after,
            "the run is larger than retention.max_bytes, and nothing old is left to remove"
        );
    }
    Ok(())
}
