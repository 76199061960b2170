//! Questions about the tracks in OpenTracks (catalogue section 3.19).

mod asking;
mod listing;
mod reading;
mod track;
mod words;

use super::Task;
use super::apps::TRACKS;
use super::database::AppDatabase;

/// The app's database.
const DATABASE: AppDatabase = AppDatabase {
    app: TRACKS,
    file: "database.db",
};

/// The tasks of this folder.
pub(super) const TASKS: &[&'static dyn Task] = &[
    &asking::COUNT_FOR_WEEK,
    &asking::ON_DATE,
    &asking::DURATION,
    &asking::LONGEST_DISTANCE,
    &asking::TOTAL_DISTANCE,
    &asking::TOTAL_DURATION,
];
