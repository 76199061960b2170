//! The store of a run: one SQLite database (`run.sqlite`) with one writer, and the blobs beside it.
//! Uses `domain`.
//!
//! Everything that belongs together is written in one transaction: a plan with its slots, an
//! episode with its steps and the end of its slot, a round's new state with what led to it. After a
//! kill at any moment the database is as it was before or after one of them.

mod blobs;
mod branches;
mod database;
mod episodes;
mod error;
mod evaluations;
mod evidence;
mod identity;
mod lock;
mod migrate;
mod observers;
mod refusals;
mod resampled;
mod retention;
mod rounds;
mod space;

pub use blobs::Blobs;
pub use branches::{Branch, BranchPurpose, BranchRow};
pub use database::{DATABASE_NAME, NewRun, RunInfo, Store, StoreOptions, now};
pub use episodes::{AfterLoss, EpisodeRecord, EpisodeRow};
pub use error::{StoreError, is_full};
pub use evaluations::{Checkpoint, Evaluation, MetricRow};
pub use evidence::EpisodeEvidence;
pub use identity::Inspected;
pub use observers::{Counts, DeviceEvent, DeviceRow};
pub use refusals::Refusals;
pub use resampled::ResampledRow;
pub use retention::{EpisodeScreenshots, LooseBlob};
pub use rounds::{RoundKey, RoundProgress, RoundRow, RoundState, SlotRow, SlotState, UpdateRow};
pub use space::{DatabaseSpace, free_bytes, size_of};

#[cfg(test)]
mod tests;
