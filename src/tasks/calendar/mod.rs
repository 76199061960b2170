//! Tasks in Simple Calendar Pro, judged by its database (catalogue section 3.12b), and questions about it
//! (section 3.17).

mod add;
mod asking;
mod days;
mod delete;
mod event;
mod pages;
mod reading;
mod subjects;
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
    &asking::EVENTS_ON_DATE,
    &asking::ANY_EVENTS_ON_DATE,
    &asking::EVENT_ON_DATE_AT_TIME,
    &asking::EVENTS_IN_TIME_RANGE,
    &asking::FIRST_EVENT_AFTER_START_TIME,
    &asking::NEXT_EVENT,
    &asking::EVENTS_IN_NEXT_WEEK,
    &asking::NEXT_MEETING_WITH_PERSON,
    &asking::LOCATION_OF_EVENT,
];
