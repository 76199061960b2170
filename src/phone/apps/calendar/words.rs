//! How Simple Calendar writes days, times, reminders and repetitions. Pure.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::database::Event;
use super::repetition::{DAY, MONTH, Occurrence, WEEK, YEAR, day_of};

/// Weekdays, Monday first.
pub const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// `October 16 (Mon)`, with the year when it is not this one.
pub fn day_title(day: Date, today: Date) -> String {
    let form = if day.year() == today.year() {
        "%B %-d (%a)"
    } else {
        "%B %-d %Y (%a)"
    };
    day.strftime(form).to_string()
}

/// `October`, with the year when it is not this one.
pub fn month_title(month: Date, today: Date) -> String {
    let form = if month.year() == today.year() {
        "%B"
    } else {
        "%B %Y"
    };
    month.strftime(form).to_string()
}

/// `09:30`.
pub fn time_text(seconds: i64, zone: &TimeZone) -> String {
    jiff::Timestamp::from_second(seconds)
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .to_zoned_datetime(zone.clone())
        .strftime("%H:%M")
        .to_string()
}

/// The line of times below a title: `10:00 - 10:45`, and the day of an end on another day.
pub fn span_text(event: &Event, occurrence: &Occurrence, zone: &TimeZone) -> String {
    let (first, last) = (day_of(occurrence.start, zone), day_of(occurrence.end, zone));
    let other = if first == last {
        String::new()
    } else {
        last.strftime(" (%B %-d)").to_string()
    };
    if event.is_all_day() {
        return format!("All-day{other}");
    }
    let start = time_text(occurrence.start, zone);
    if occurrence.start == occurrence.end || event.is_task() {
        return start;
    }
    format!("{start} - {}{other}", time_text(occurrence.end, zone))
}

fn count(number: i64, unit: &str) -> String {
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

/// Minutes in the largest unit that divides them: `10 minutes`, `1 hour`.
fn length(minutes: i64) -> String {
    match minutes {
        minutes if minutes % 10_080 == 0 => count(minutes / 10_080, "week"),
        minutes if minutes % 1_440 == 0 => count(minutes / 1_440, "day"),
        minutes if minutes % 60 == 0 => count(minutes / 60, "hour"),
        minutes => count(minutes, "minute"),
    }
}

/// A reminder: `10 minutes before`.
pub fn reminder_text(minutes: i64) -> String {
    match minutes {
        minutes if minutes < 0 => "No reminder".to_owned(),
        0 => "At start".to_owned(),
        minutes => format!("{} before", length(minutes)),
    }
}

/// What is left until a reminder: `2 days, 3 hours, 5 minutes`.
pub fn remaining_text(seconds: i64) -> String {
    let minutes = seconds.max(0) / 60;
    let parts = [
        (minutes / 1_440, "day"),
        (minutes / 60 % 24, "hour"),
        (minutes % 60, "minute"),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, unit)| count(number, unit))
        .collect();
    match parts.is_empty() {
        true => "0 minutes".to_owned(),
        false => parts.join(", "),
    }
}

/// A repetition: `Weekly`, `3 days`.
pub fn repetition_text(interval: i64) -> String {
    match interval {
        interval if interval <= 0 => "No repetition".to_owned(),
        DAY => "Daily".to_owned(),
        WEEK => "Weekly".to_owned(),
        MONTH => "Monthly".to_owned(),
        YEAR => "Yearly".to_owned(),
        interval if interval % YEAR == 0 => count(interval / YEAR, "year"),
        interval if interval % MONTH == 0 => count(interval / MONTH, "month"),
        interval if interval % WEEK == 0 => count(interval / WEEK, "week"),
        interval => count(interval / DAY, "day"),
    }
}

/// The weekdays of a weekly rule: `Mon, Wed`, `Every day`.
pub fn rule_text(rule: i64) -> String {
    if rule & 0x7F == 0x7F {
        return "Every day".to_owned();
    }
    let days: Vec<&str> = (0..7)
        .filter(|bit| rule >> bit & 1 == 1)
        .map(|bit| &WEEKDAYS[bit][..3])
        .collect();
    days.join(", ")
}

/// How long a repetition goes on.
pub fn limit_text(limit: i64, today: Date, zone: &TimeZone) -> String {
    match limit {
        0 => "Forever".to_owned(),
        limit if limit > 0 => day_title(day_of(limit, zone), today),
        limit => format!("{} times", limit.unsigned_abs()),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_months_and_lengths_are_written_as_the_app_does() {
        let today = date(2023, 10, 15);
        assert_eq!(day_title(date(2023, 10, 16), today), "October 16 (Mon)");
        assert_eq!(day_title(date(2024, 1, 2), today), "January 2 2024 (Tue)");
        assert_eq!(month_title(date(2024, 1, 1), today), "January 2024");
        assert_eq!(reminder_text(10), "10 minutes before");
        assert_eq!(reminder_text(60), "1 hour before");
        assert_eq!(reminder_text(-1), "No reminder");
        assert_eq!(remaining_text(90_060), "1 day, 1 hour, 1 minute");
        assert_eq!(repetition_text(3 * DAY), "3 days");
        assert_eq!(repetition_text(MONTH), "Monthly");
        assert_eq!(rule_text(0b101), "Mon, Wed");
        assert_eq!(limit_text(-5, today, &TimeZone::UTC), "5 times");
    }
}
