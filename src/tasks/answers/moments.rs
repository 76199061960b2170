//! Days, times and durations as parameters, goals and answers write them. Pure.

use jiff::civil::{Date, DateTime, Time, date};
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The day that the phone is set to (catalogue section 2.5).
const TODAY: Date = date(2023, 10, 15);

/// The longest duration that is understood, in minutes.
const LONGEST: f64 = 100_000.0;

/// A day as parameters and answers have it: `October 09 2023`.
pub(in super::super) fn written(day: Date) -> String {
    day.strftime("%B %d %Y").to_string()
}

/// Reads `October 9 2023`, with a zero before the day or without.
pub(super) fn day(text: &str) -> Option<Date> {
    let mut words = text.split_whitespace();
    let (month, day, year) = (words.next()?, words.next()?, words.next()?);
    if words.next().is_some() || year.len() != 4 {
        return None;
    }
    let month = MONTHS
        .iter()
        .position(|name| name.eq_ignore_ascii_case(month))?;
    Date::new(
        digits(year, 4)?,
        i8::try_from(month + 1).ok()?,
        i8::try_from(digits(day, 2)?).ok()?,
    )
    .ok()
}

/// Reads `17:30`.
pub(super) fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let (hour, minute) = (digits(hour, 2)?, digits(minute, 2)?);
    Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0).ok()
}

/// Reads `October 9 2023 17:30`.
pub(super) fn moment(text: &str) -> Option<DateTime> {
    let (date, clock) = text.rsplit_once(char::is_whitespace)?;
    Some(day(date)?.to_datetime(time(clock)?))
}

/// Reads a time as parameters write it: `17:30`, `5:30pm`, `5pm`.
pub(super) fn clock(text: &str) -> Option<Time> {
    let text = text.trim().to_ascii_lowercase();
    let (shown, later) = match (text.strip_suffix("am"), text.strip_suffix("pm")) {
        (Some(shown), _) => (shown, 0),
        (_, Some(shown)) => (shown, 12),
        _ => return time(&text),
    };
    let (hour, minute) = shown.split_once(':').unwrap_or((shown, "0"));
    let (hour, minute) = (digits(hour.trim(), 2)?, digits(minute.trim(), 2)?);
    if !(1..=12).contains(&hour) {
        return None;
    }
    let hour = i8::try_from(hour % 12 + later).ok()?;
    Time::new(hour, i8::try_from(minute).ok()?, 0, 0).ok()
}

/// Reads a duration as parameters write it, in minutes: `1.5 hours`, `2 h`, `45min`, `30 m`.
pub(super) fn minutes(text: &str) -> Option<i64> {
    let text = text.trim().to_ascii_lowercase();
    let (amount, unit) = match (text.split_once('h'), text.split_once('m')) {
        (Some((hours, _)), _) => (hours.trim().parse::<f64>().ok()?, 60.0),
        (_, Some((minutes, _))) => (f64::from(minutes.trim().parse::<u32>().ok()?), 1.0),
        _ => return None,
    };
    let minutes = amount * unit;
    // The app stores whole minutes.
    let fits = (0.0..=LONGEST).contains(&minutes) && minutes.fract() == 0.0;
    fits.then_some(minutes as i64)
}

/// One to `most` digits and nothing else.
fn digits(text: &str, most: usize) -> Option<i16> {
    let fits = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

/// One of the ways in which a goal may name a day, all equally likely.
pub(super) fn reworded(day: Date, rng: &mut ChaCha8Rng) -> String {
    ways(day).choose(rng).cloned().unwrap_or_default()
}

fn ways(day: Date) -> Vec<String> {
    let mut ways = vec![day.strftime("%B %d").to_string(), written(day)];
    let ahead = (day - TODAY).get_days();
    let weekday = day.strftime("%A").to_string();
    match ahead {
        0 => ways.push("today".to_owned()),
        1 => ways.push("tomorrow".to_owned()),
        -1 => ways.push("yesterday".to_owned()),
        _ => {}
    }
    if (-7..=7).contains(&ahead) {
        ways.push(weekday.clone());
    }
    if (1..=7).contains(&ahead) {
        ways.push(format!("this {weekday}"));
    }
    if (8..=14).contains(&ahead) {
        ways.push(format!("the {weekday} after next"));
    }
    ways
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::time as at;

    #[test]
    fn days_and_times_are_read_as_python_reads_them() {
        let first = date(2023, 10, 9);
        assert_eq!(day("October 9 2023"), Some(first));
        assert_eq!(day(" october   09 2023 "), Some(first));
        for wrong in [
            "Oct 9 2023",
            "October 9",
            "October 9 23",
            "October 9 2023 1",
            "October 32 2023",
            "9 October 2023",
            "October 009 2023",
            "",
        ] {
            assert_eq!(day(wrong), None, "{wrong:?}");
        }
        let moment_of = |text| moment(text).map(|moment| moment.to_string());
        assert_eq!(
            moment_of("October 16 2023 9:05").as_deref(),
            Some("2023-10-16T09:05:00")
        );
        assert_eq!(moment_of("October 16 2023 24:00"), None);
        assert_eq!(moment_of("October 16 2023"), None);
    }

    #[test]
    fn clock_times_have_three_notations() {
        let known = [
            ("21:45", at(21, 45, 0, 0)),
            ("11:00am", at(11, 0, 0, 0)),
            ("12:00am", at(0, 0, 0, 0)),
            ("12:30 PM", at(12, 30, 0, 0)),
            ("5pm", at(17, 0, 0, 0)),
        ];
        for (text, time) in known {
            assert_eq!(clock(text), Some(time), "{text}");
        }
        for wrong in ["13pm", "0am", "21", "7:60am", "noon", "am", "-1:00"] {
            assert_eq!(clock(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn durations_are_hours_or_minutes() {
        let known = [
            ("30 m", 30),
            ("45min", 45),
            ("1.5 hours", 90),
            ("2 h", 120),
            ("0.25h", 15),
            ("5 minutes", 5),
        ];
        for (text, wanted) in known {
            assert_eq!(minutes(text), Some(wanted), "{text}");
        }
        for wrong in ["30", "long", "1e300h", "-1 h", "nan h", "0.333 h", "4.5 m"] {
            assert_eq!(minutes(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn goals_name_days_in_their_ways() {
        let words = |year, month, day| ways(date(year, month, day)).join("|");
        assert_eq!(
            words(2023, 10, 15),
            "October 15|October 15 2023|today|Sunday"
        );
        assert_eq!(
            words(2023, 10, 16),
            "October 16|October 16 2023|tomorrow|Monday|this Monday"
        );
        assert_eq!(
            words(2023, 10, 14),
            "October 14|October 14 2023|yesterday|Saturday"
        );
        assert_eq!(
            words(2023, 10, 25),
            "October 25|October 25 2023|the Wednesday after next"
        );
        assert_eq!(words(2023, 10, 9), "October 09|October 09 2023|Monday");
        assert_eq!(words(2023, 9, 24), "September 24|September 24 2023");
        assert_eq!(words(2023, 10, 30), "October 30|October 30 2023");
    }
}
