//! Tasks in OsmAnd, judged by its files of favourites and tracks and by its markers (catalogue section
//! 3.9).

mod files;
mod location;
mod spot;
mod track;
mod view;

use super::Task;

/// The tasks of this folder.
pub(super) const TASKS: &[&'static dyn Task] = &[&spot::FAVORITE, &spot::MARKER, &track::TRACK];
