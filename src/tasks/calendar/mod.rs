//! Tasks in Simple Calendar Pro, judged by its database (catalogue section 3.12b).

mod add;
mod days;
mod delete;
mod event;
mod pages;
mod writing;

use super::Task;
use super::apps::CALENDAR;
use super::database::AppDatabase;

/// The app's database.
const DATABASE: AppDatabase = AppDatabase {
    app: CALENDAR,
    file: "events.db",
};

/// The tasks of this folder.
pub(super) const TASKS: &[&'static dyn Task] = &[
    &add::ONE,
    &add::IN_TWO_WEEKS,
    &add::RELATIVE_DAY,
    &add::TOMORROW,
    &add::REPEATING,
    &delete::ON_DATE,
    &delete::ON_RELATIVE_DAY,
    &delete::ONE,
];
