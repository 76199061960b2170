//! When events happen: the occurrences of single and repeating events on given days. Pure.

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::database::Event;

/// Seconds from one day to the next.
pub const DAY: i64 = 86_400;
/// How the app writes a week.
pub const WEEK: i64 = 604_800;
/// How the app writes a month: no multiple of a day, so that it is told from days.
pub const MONTH: i64 = 2_592_001;
/// How the app writes a year.
pub const YEAR: i64 = 31_536_000;

/// Longest event that is looked for on days after its first one.
const LONGEST: i64 = 60;

/// One occurrence of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// Place of the event in the list that was searched.
    pub index: usize,
    /// Begin in seconds of the Unix epoch.
    pub start: i64,
    /// End in seconds of the Unix epoch.
    pub end: i64,
}

/// The day of an instant.
pub fn day_of(seconds: i64, zone: &TimeZone) -> Date {
    jiff::Timestamp::from_second(seconds)
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .to_zoned_datetime(zone.clone())
        .date()
}

/// The first second of a day.
pub fn begin_of(day: Date, zone: &TimeZone) -> i64 {
    day.to_zoned_datetime(zone.clone())
        .map_or(0, |begin| begin.timestamp().as_second())
}

/// A day as the app writes it in exceptions: `20231016`.
pub fn day_code(day: Date) -> String {
    day.strftime("%Y%m%d").to_string()
}

/// The bit of a weekday in a weekly rule: Monday is 1, Sunday 64.
pub fn weekday_bit(day: Date) -> i64 {
    1 << day.weekday().to_monday_zero_offset()
}

/// Whether a repeating event has an occurrence that begins on a day.
fn begins_on(event: &Event, first: Date, day: Date) -> bool {
    let passed = i64::from((day - first).get_days());
    if passed < 0 || event.exceptions.contains(&day_code(day)) {
        return false;
    }
    let interval = event.repeat_interval;
    let (fits, number) = if interval % YEAR == 0 {
        let years = i64::from(day.year() - first.year());
        let same = (day.month(), day.day()) == (first.month(), first.day());
        let every = interval / YEAR;
        (same && years % every == 0, years / every)
    } else if interval % MONTH == 0 {
        let months =
            i64::from(day.year() - first.year()) * 12 + i64::from(day.month() - first.month());
        let every = interval / MONTH;
        (
            day.day() == first.day() && months % every == 0,
            months / every,
        )
    } else if interval % WEEK == 0 {
        let monday = i64::from(first.weekday().to_monday_zero_offset());
        let every = interval / WEEK;
        let week = (passed + monday) / 7;
        let marked = i64::from((event.repeat_rule & 0x7F).count_ones());
        let before =
            |date: Date| i64::from((event.repeat_rule & (weekday_bit(date) - 1)).count_ones());
        (
            event.repeat_rule & weekday_bit(day) != 0 && week % every == 0,
            week / every * marked + before(day) - before(first),
        )
    } else {
        let every = (interval / DAY).max(1);
        (passed % every == 0, passed / every)
    };
    fits && (event.repeat_limit >= 0 || number < -event.repeat_limit)
}

/// Occurrences that touch the days from `from` up to, but without, `until`: those without times first,
/// then by start, end and title.
pub fn occurrences(events: &[Event], from: Date, until: Date, zone: &TimeZone) -> Vec<Occurrence> {
    let (begin, end) = (begin_of(from, zone), begin_of(until, zone));
    let touches = |start: i64, stop: i64| start < end && (stop > begin || start >= begin);
    let mut found: Vec<Occurrence> = Vec::new();
    for (index, event) in events.iter().enumerate() {
        let mut add = |start: i64, end: i64| {
            if touches(start, end) {
                found.push(Occurrence { index, start, end });
            }
        };
        if event.repeat_interval <= 0 {
            add(event.start, event.end);
            continue;
        }
        let first = day_of(event.start, zone);
        let into_day = event.start - begin_of(first, zone);
        let length = (event.end - event.start).max(0);
        let earlier = (length / DAY + 1).min(LONGEST);
        let mut day = from.saturating_sub(earlier.days()).max(first);
        while day < until {
            if begins_on(event, first, day) {
                let start = begin_of(day, zone) + into_day;
                if event.repeat_limit <= 0 || start <= event.repeat_limit {
                    add(start, start + length);
                }
            }
            match day.tomorrow() {
                Ok(next) => day = next,
                Err(_) => break,
            }
        }
    }
    found.sort_by(|a, b| {
        let key = |one: &Occurrence| {
            let event = &events[one.index];
            // Without times, an event counts for its day.
            (
                day_of(one.start.max(begin), zone),
                !event.is_all_day(),
                one.start,
                one.end,
            )
        };
        key(a)
            .cmp(&key(b))
            .then_with(|| events[a.index].title.cmp(&events[b.index].title))
    });
    found
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn event(start: Date, interval: i64, rule: i64, limit: i64) -> Event {
        let start = begin_of(start, &TimeZone::UTC) + 10 * 3_600;
        Event {
            id: 1,
            start,
            end: start + 1_800,
            title: "Walk".to_owned(),
            location: String::new(),
            description: String::new(),
            reminders: [-1; 3],
            repeat_interval: interval,
            repeat_rule: rule,
            repeat_limit: limit,
            exceptions: Vec::new(),
            flags: 0,
            kind: 0,
        }
    }

    fn days(event: &Event, from: Date, until: Date) -> Vec<String> {
        occurrences(std::slice::from_ref(event), from, until, &TimeZone::UTC)
            .into_iter()
            .map(|one| day_code(day_of(one.start, &TimeZone::UTC)))
            .collect()
    }

    #[test]
    fn repeating_events_happen_on_their_days() {
        let (from, until) = (date(2023, 10, 1), date(2023, 11, 1));
        let once = event(date(2023, 10, 16), 0, 0, 0);
        assert_eq!(days(&once, from, until), ["20231016"]);
        let daily = event(date(2023, 10, 29), DAY, 0, 0);
        assert_eq!(
            days(&daily, from, until),
            ["20231029", "20231030", "20231031"]
        );
        // Mondays and Wednesdays from a Wednesday on, three times.
        let weekly = event(date(2023, 10, 11), WEEK, 0b101, -3);
        assert_eq!(
            days(&weekly, from, until),
            ["20231011", "20231016", "20231018"]
        );
        let mut monthly = event(date(2023, 1, 31), MONTH, 0, 0);
        assert_eq!(days(&monthly, from, until), ["20231031"]);
        monthly.exceptions.push("20231031".to_owned());
        assert!(days(&monthly, from, until).is_empty());
        let yearly = event(date(2021, 10, 5), YEAR, 0, 0);
        assert_eq!(days(&yearly, from, until), ["20231005"]);
    }

    #[test]
    fn an_event_past_midnight_touches_both_days() {
        let mut late = event(date(2023, 10, 16), 0, 0, 0);
        late.end += 20 * 3_600;
        assert_eq!(
            days(&late, date(2023, 10, 17), date(2023, 10, 18)),
            ["20231016"]
        );
        // An end at midnight does not reach into the next day.
        late.end = begin_of(date(2023, 10, 17), &TimeZone::UTC);
        assert!(days(&late, date(2023, 10, 17), date(2023, 10, 18)).is_empty());
    }
}
