//! Tasks in VLC, judged by the tables of its media library (catalogue section 3.14).

pub(super) mod library;
pub(super) mod names;
mod playlist;
pub(super) mod view;

use super::Task;

/// The tasks of this folder.
pub(super) const TASKS: &[&'static dyn Task] = &[&playlist::ONE, &playlist::TWO];
