//! Tasks in Retro Music, judged by its playlists and its playing queue (catalogue section 3.11).

mod duration;
mod in_order;
mod songs;
mod sound;
mod store;
mod view;

use super::Task;

/// The tasks of this folder.
pub(super) const TASKS: &[&'static dyn Task] = &[
    &in_order::CREATE,
    &in_order::QUEUE,
    &duration::DURATION,
    &in_order::SAVE,
];
