//! Questions about Tasks.org (catalogue section 3.18).

mod asking;
mod reading;
mod row;
mod subjects;

use jiff::civil::{Date, DateTime, date};
use jiff::tz::TimeZone;

use super::Task;

/// The tasks of this folder.
pub(super) const TASKS: &[&'static dyn Task] = &[
    &asking::COMPLETED_FOR_DATE,
    &asking::DUE_NEXT_WEEK,
    &asking::DUE_ON_DATE,
    &asking::HIGH_PRIORITY,
    &asking::HIGH_PRIORITY_DUE_ON_DATE,
    &asking::INCOMPLETE_ON_DATE,
];

/// The day that the phone is set to, a Sunday.
const TODAY: Date = date(2023, 10, 15);

/// Milliseconds of the Unix epoch at a moment of the wall clock; 0, which means none, outside of the calendar.
fn millis(moment: DateTime) -> i64 {
    let zoned = moment.to_zoned_datetime(TimeZone::UTC);
    zoned.map_or(0, |zoned| zoned.timestamp().as_millisecond())
}

/// The day of an instant in milliseconds.
fn day_of(millis: i64) -> Date {
    let instant = jiff::Timestamp::from_millisecond(millis);
    instant.map_or(TODAY, |instant| TimeZone::UTC.to_datetime(instant).date())
}
