//! Days of the month that the tasks play in, and how screens write them. Pure.

use jiff::civil::{Date, DateTime, date};
use jiff::tz::TimeZone;

/// The month of the tasks.
pub(super) const YEAR: i16 = 2023;
/// The month of the tasks.
pub(super) const MONTH: i8 = 10;

/// Sun Oct 1 00:00:00 UTC 2023 in seconds.
const FIRST_SECOND: i64 = 1_696_118_400;

/// The day that the tasks begin on, a Sunday.
pub(super) const TODAY: Date = date(YEAR, MONTH, 15);
/// The first and the last day of the week after it.
pub(super) const COMING: (Date, Date) = (date(YEAR, MONTH, 16), date(YEAR, MONTH, 22));

/// Seconds of the Unix epoch at an hour of a day of the month.
pub(super) fn seconds_at(day: i64, hour: i64) -> i64 {
    FIRST_SECOND + ((day - 1) * 24 + hour) * 3_600
}

/// Seconds of the Unix epoch at a moment of the wall clock.
pub(super) fn seconds_of(moment: DateTime) -> i64 {
    let zoned = moment.to_zoned_datetime(TimeZone::UTC);
    zoned.map_or(FIRST_SECOND, |zoned| zoned.timestamp().as_second())
}

/// A day of the month.
pub(super) fn day(day: i64) -> Option<Date> {
    let day = i8::try_from(day).ok()?;
    Date::new(YEAR, MONTH, day).ok()
}

/// The day of an instant.
pub(super) fn day_of(seconds: i64) -> Date {
    moment(seconds).date()
}

/// An instant on the wall clock.
pub(super) fn moment(seconds: i64) -> DateTime {
    match jiff::Timestamp::from_second(seconds) {
        Ok(instant) => TimeZone::UTC.to_datetime(instant),
        Err(_) => date(YEAR, MONTH, 1).at(0, 0, 0, 0),
    }
}

/// The name of a day's weekday.
pub(super) fn weekday(day: Date) -> String {
    day.strftime("%A").to_string()
}

/// A day as the app writes it: `October 16 (Mon)`.
pub(super) fn title(day: Date) -> String {
    day.strftime("%B %-d (%a)").to_string()
}

/// A time as the app writes it: `09:30`.
pub(super) fn clock(seconds: i64) -> String {
    moment(seconds).strftime("%H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_the_first() {
        let at = seconds_at(16, 14);
        assert_eq!(day(16), Some(day_of(at)));
        assert_eq!(title(day_of(at)), "October 16 (Mon)");
        assert_eq!(
            (weekday(day_of(at)), clock(at)),
            ("Monday".to_owned(), "14:00".to_owned())
        );
        assert_eq!(day(32), None);
    }
}
