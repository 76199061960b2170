//! How Tasks.org writes dates and keeps them: a due date without seconds is a day, one with seconds has a
//! time of day too. Pure, but for the phone's clock.

use jiff::civil::{Date, Time};

use crate::phone::system::System;

/// How many words a date may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// In lists: `Tmrw`, `Wed`, `Oct 23`.
    Short,
    /// In the form and in headers: `Tomorrow`, `Wednesday`, `Monday, October 23`.
    Full,
}

/// Days from today up to which a weekday says enough, on both sides.
const NEAR: i32 = 6;

/// Whether an instant has a time of day.
pub fn has_time(millis: i64) -> bool {
    millis.rem_euclid(60_000) != 0
}

/// The day of an instant on the phone's clock.
pub fn day(system: &System, millis: i64) -> Date {
    system.clock.at_micros(millis.saturating_mul(1_000)).date()
}

/// Today.
pub fn today(system: &System) -> Date {
    system.clock.now().date()
}

fn distance(day: Date, today: Date) -> i32 {
    today.until(day).map_or(0, |span| span.get_days())
}

/// A day as seen from today.
pub fn day_text(day: Date, today: Date, style: Style) -> String {
    let full = style == Style::Full;
    match distance(day, today) {
        0 => "Today".to_owned(),
        1 => if full { "Tomorrow" } else { "Tmrw" }.to_owned(),
        -1 => if full { "Yesterday" } else { "Yest" }.to_owned(),
        days if days.abs() <= NEAR => day.strftime(if full { "%A" } else { "%a" }).to_string(),
        _ => {
            let pattern = match (full, day.year() == today.year()) {
                (true, true) => "%A, %B %-d",
                (true, false) => "%A, %B %-d, %Y",
                (false, true) => "%b %-d",
                (false, false) => "%b %-d, %Y",
            };
            day.strftime(pattern).to_string()
        }
    }
}

/// An instant as seen from now, with its time if it has one.
pub fn text(system: &System, millis: i64, style: Style) -> String {
    let at = system.clock.at_micros(millis.saturating_mul(1_000));
    let today = today(system);
    let words = day_text(at.date(), today, style);
    if !has_time(millis) {
        return words;
    }
    let time = system
        .settings
        .time_text(i64::from(at.hour()), i64::from(at.minute()));
    match (distance(at.date(), today), style) {
        (0, Style::Short) => time,
        (days, _) if days.abs() <= NEAR => format!("{words} {time}"),
        _ => format!("{words}, {time}"),
    }
}

/// Whether a due date is over.
pub fn is_over(system: &System, due: i64) -> bool {
    match has_time(due) {
        true => due < system.clock.now_millis(),
        false => due > 0 && day(system, due) < today(system),
    }
}

/// The instant that is kept for a day and perhaps a time: noon without seconds, or the minute with one second.
pub fn instant(system: &System, day: Date, time: Option<Time>) -> i64 {
    let (hour, minute, second) = match time {
        Some(time) => (time.hour(), time.minute(), 1),
        None => (12, 0, 0),
    };
    day.at(hour, minute, second, 0)
        .to_zoned_datetime(system.clock.time_zone())
        .map_or(0, |at| at.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn days_read_as_in_the_app() {
        let today = date(2023, 10, 15);
        for (day, short, full) in [
            (date(2023, 10, 15), "Today", "Today"),
            (date(2023, 10, 16), "Tmrw", "Tomorrow"),
            (date(2023, 10, 14), "Yest", "Yesterday"),
            (date(2023, 10, 17), "Tue", "Tuesday"),
            (date(2023, 10, 21), "Sat", "Saturday"),
            (date(2023, 10, 9), "Mon", "Monday"),
            (date(2023, 10, 22), "Oct 22", "Sunday, October 22"),
            (date(2023, 10, 8), "Oct 8", "Sunday, October 8"),
            (date(2024, 1, 2), "Jan 2, 2024", "Tuesday, January 2, 2024"),
        ] {
            assert_eq!(day_text(day, today, Style::Short), short);
            assert_eq!(day_text(day, today, Style::Full), full);
        }
    }
}
