//! Questions about the calendar (catalogue section 3.17): what it holds for each of them.

use jiff::civil::{Date, Time, date, time};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::super::TaskError;
use super::super::answers::{Expected, Given, Question, Subject, Values, facts, question, written};
use super::days::{self, COMING, MONTH, TODAY, YEAR, moment};
use super::event::Event;
use super::{reading, subjects};
use crate::domain::TaskSpec;

/// Length of an event that is not given one, in minutes.
const USUAL: i64 = 30;
/// Eight in the evening.
const EIGHT: Time = time(20, 0, 0, 0);
/// The minute of the benchmark's reference instant, from which "next" counts.
const HALF_PAST: Time = time(15, 30, 0, 0);

const APPS: &[&str] = &["simple calendar pro"];
const DAYS: Values = Values::Days(date(YEAR, MONTH, 15), 15);
const NEXT_WEEK: Values = Values::Days(date(YEAR, MONTH, 16), 7);
const TIMES: Values = Values::Times(subjects::TIMES);
const DURATIONS: Values = Values::Durations(subjects::DURATIONS);
const MEETINGS: Values = Values::Texts(subjects::MEETINGS);

/// An event.
fn event(day: Date, start: Time, minutes: i64, title: &str) -> Event {
    let start_ts = days::seconds_of(day.to_datetime(start));
    Event {
        start_ts,
        end_ts: start_ts + minutes * 60,
        title: title.to_owned(),
        ..Event::default()
    }
}

impl Subject for Event {
    const OTHERS: usize = 75;

    // Within fifteen days of the reference instant.
    fn other(rng: &mut ChaCha8Rng, _about: Option<&Event>) -> Event {
        let reference = days::seconds_of(date(YEAR, MONTH, 15).at(15, 34, 0, 0));
        let half = 15 * 24 * 60;
        let start = reference + rng.random_range(-half..=half) * 60;
        Event::random_at(start, rng)
    }
}

/// The titles of events are what is asked for.
fn titles(events: &[Event]) -> Expected {
    Expected::Texts(events.iter().map(|event| event.title.clone()).collect())
}

/// Whether any of an event lies on a day.
fn touches(event: &Event, day: Date) -> bool {
    (days::day_of(event.start_ts)..=days::day_of(event.end_ts)).contains(&day)
}

/// Whether the day of the start or that of the end is like this.
fn either_day(event: &Event, is: impl Fn(Date) -> bool) -> bool {
    is(days::day_of(event.start_ts)) || is(days::day_of(event.end_ts))
}

/// Whether the time of the start or that of the end is like this, on whatever day.
fn either_time(event: &Event, is: impl Fn(Time) -> bool) -> bool {
    is(moment(event.start_ts).time()) || is(moment(event.end_ts).time())
}

/// One event of the parameters `date`, `time`, `duration` and `title`.
fn one(given: &Given<'_>) -> Result<Event, TaskError> {
    Ok(event(
        given.day("date")?,
        given.time("time")?,
        given.minutes("duration")?,
        &given.text("title")?,
    ))
}

/// One event of an hour, of the parameters `date`, `time` and `title`.
fn an_hour(given: &Given<'_>) -> Result<Event, TaskError> {
    let (day, start) = (given.day("date")?, given.time("time")?);
    Ok(event(day, start, 60, &given.text("title")?))
}

/// SimpleCalendarEventsOnDate.
pub(super) const EVENTS_ON_DATE: Question<Event> = question(
    TaskSpec::new(
        "SimpleCalendarEventsOnDate",
        APPS,
        1.0,
        "medium",
        &["information_retrieval", "parameterized"],
        &["time", "date", "duration", "title"],
    ),
    &[TIMES, DAYS, DURATIONS, Values::Texts(subjects::WORKSHOPS)],
    "Which events does Simple Calendar Pro show for {date}? Answer with the titles alone, with commas between them.",
    |given| {
        let (day, rows) = (given.day("date")?, vec![one(given)?]);
        let expected = titles(&rows);
        facts(given, rows, expected, |event| touches(event, day))
    },
    |given| Ok(reading::day(given.day("date")?, |_| true)),
);

/// SimpleCalendarAnyEventsOnDate.
pub(super) const ANY_EVENTS_ON_DATE: Question<Event> = question(
    TaskSpec::new(
        "SimpleCalendarAnyEventsOnDate",
        APPS,
        1.0,
        "easy",
        &["information_retrieval", "parameterized"],
        &["date", "title", "time"],
    ),
    &[DAYS, MEETINGS, TIMES],
    "Is anything planned for {date} in Simple Calendar Pro? Answer with the titles alone, with commas between them.",
    |given| {
        let day = given.day("date")?;
        let rows = given.several(3, &["title", "time"], |given| an_hour(given))?;
        let expected = titles(&rows);
        facts(given, rows, expected, |event| touches(event, day))
    },
    |given| Ok(reading::day(given.day("date")?, |_| true)),
);

/// SimpleCalendarEventOnDateAtTime.
pub(super) const EVENT_ON_DATE_AT_TIME: Question<Event> = question(
    TaskSpec::new(
        "SimpleCalendarEventOnDateAtTime",
        APPS,
        1.0,
        "medium",
        &["information_retrieval", "parameterized"],
        &["date", "time", "duration", "title"],
    ),
    &[DAYS, TIMES, DURATIONS, MEETINGS],
    "What does Simple Calendar Pro have for {date} at {time}? Answer with the title alone.",
    |given| {
        let wanted = one(given)?;
        let instant = wanted.start_ts;
        let rows = vec![wanted];
        let expected = titles(&rows);
        facts(given, rows, expected, |event| {
            (event.start_ts..=event.end_ts).contains(&instant)
        })
    },
    |given| {
        let at = given.time("time")?;
        Ok(reading::day(given.day("date")?, move |span| {
            span.contains(at)
        }))
    },
);

/// SimpleCalendarEventsInTimeRange.
pub(super) const EVENTS_IN_TIME_RANGE: Question<Event> = question(
    TaskSpec::new(
        "SimpleCalendarEventsInTimeRange",
        APPS,
        1.0,
        "easy",
        &[
            "complex_ui_understanding",
            "screen_reading",
            "search",
            "transcription",
            "information_retrieval",
            "parameterized",
        ],
        &["start_time", "date", "title", "duration"],
    ),
    &[
        Values::Times(subjects::BEGINNINGS),
        DAYS,
        Values::Texts(subjects::LEISURE),
        DURATIONS,
    ],
    "Does Simple Calendar Pro have anything between {start_time} and 8pm, {date}? Answer with the titles alone, with commas between them.",
    |given| {
        let (day, start) = (given.day("date")?, given.time("start_time")?);
        let rows = vec![event(
            day,
            start,
            given.minutes("duration")?,
            &given.text("title")?,
        )];
        let expected = titles(&rows);
        facts(given, rows, expected, |event| {
            touches(event, day)
                && either_time(event, |time| time >= start)
                && either_time(event, |time| time <= EIGHT)
        })
    },
    |given| {
        let start = given.time("start_time")?;
        Ok(reading::day(given.day("date")?, move |span| {
            span.begins_on_day && (start..=EIGHT).contains(&span.start)
        }))
    },
);

/// SimpleCalendarFirstEventAfterStartTime.
pub(super) const FIRST_EVENT_AFTER_START_TIME: Question<Event> = question(
    TaskSpec::new(
        "SimpleCalendarFirstEventAfterStartTime",
        APPS,
        1.0,
        "easy",
        &["parameterized", "screen_reading"],
        &["date", "title", "time", "duration"],
    ),
    &[
        DAYS,
        Values::Texts(subjects::CUSTOMERS),
        Values::Times(subjects::AFTERS),
        DURATIONS,
    ],
    "Which event is the first from {time} on, {date}, in Simple Calendar Pro? Answer with the title alone.",
    |given| {
        let (day, start) = (given.day("date")?, given.time("time")?);
        let rows = vec![one(given)?];
        let expected = titles(&rows);
        facts(given, rows, expected, |event| {
            touches(event, day) && either_time(event, |time| time >= start)
        })
    },
    |given| Ok(reading::first(given.day("date")?, given.time("time")?)),
);

/// SimpleCalendarNextEvent.
pub(super) const NEXT_EVENT: Question<Event> = question(
    TaskSpec::new(
        "SimpleCalendarNextEvent",
        APPS,
        1.0,
        "easy",
        &[
            "complex_ui_understanding",
            "screen_reading",
            "information_retrieval",
            "parameterized",
        ],
        &["time", "duration", "title"],
    ),
    &[Values::Times(subjects::LATER), DURATIONS, MEETINGS],
    "Which event comes next in Simple Calendar Pro? Answer with the title alone.",
    |given| {
        let start = given.time("time")?;
        let rows = vec![event(
            TODAY,
            start,
            given.minutes("duration")?,
            &given.text("title")?,
        )];
        let expected = titles(&rows);
        facts(given, rows, expected, |event| {
            touches(event, TODAY)
                && either_time(event, |time| time >= HALF_PAST)
                && either_time(event, |time| time <= start)
        })
    },
    |_| Ok(reading::first(TODAY, HALF_PAST)),
);

/// SimpleCalendarEventsInNextWeek.
pub(super) const EVENTS_IN_NEXT_WEEK: Question<Event> = question(
    TaskSpec::new(
        "SimpleCalendarEventsInNextWeek",
        APPS,
        1.0,
        "easy",
        &["data_entry", "parameterized"],
        &["date", "duration", "title", "person", "time"],
    ),
    &[
        NEXT_WEEK,
        DURATIONS,
        Values::Texts(subjects::WEEK),
        Values::Texts(subjects::PEOPLE),
        TIMES,
    ],
    "Which events does Simple Calendar Pro hold for next week, Monday to Sunday? Answer with the titles alone, with commas between them.",
    |given| {
        let rows = given.several(2, &["date", "title", "time"], |given| one(given))?;
        let (_, last) = COMING;
        let expected = titles(&rows);
        facts(given, rows, expected, |event| {
            either_day(event, |day| day >= TODAY) && either_day(event, |day| day <= last)
        })
    },
    |_| {
        let (first, last) = COMING;
        Ok(reading::days(first, last))
    },
);

/// SimpleCalendarNextMeetingWithPerson.
pub(super) const NEXT_MEETING_WITH_PERSON: Question<Event> = question(
    TaskSpec::new(
        "SimpleCalendarNextMeetingWithPerson",
        APPS,
        1.0,
        "medium",
        &["information_retrieval", "parameterized"],
        &["person", "date", "time"],
    ),
    &[
        Values::Texts(subjects::PEOPLE),
        DAYS,
        Values::Times(subjects::APPOINTMENTS),
    ],
    "When do I meet {person} next, according to Simple Calendar Pro? Answer like \"March 07 2021 18:05\", without a comma.",
    |given| {
        let (person, day, start) = (
            given.text("person")?,
            given.day("date")?,
            given.time("time")?,
        );
        let when = format!("{} {}", written(day), start.strftime("%H:%M"));
        let rows = vec![event(day, start, USUAL, &format!("Drinks with {person}"))];
        let name = person.to_lowercase();
        facts(given, rows, Expected::Moments(vec![when]), |event| {
            touches(event, day) && event.title.to_lowercase().contains(&name)
        })
    },
    |given| Ok(reading::meeting(given.text("person")?)),
);

/// SimpleCalendarLocationOfEvent.
pub(super) const LOCATION_OF_EVENT: Question<Event> = question(
    TaskSpec::new(
        "SimpleCalendarLocationOfEvent",
        APPS,
        1.0,
        "easy",
        &["search", "parameterized"],
        &["title", "location", "date", "time"],
    ),
    &[
        Values::Texts(subjects::PLACED),
        Values::Texts(subjects::PLACES),
        DAYS,
        Values::Times(subjects::APPOINTMENTS),
    ],
    "Where is the event {title} of Simple Calendar Pro? Answer with the location alone.",
    |given| {
        let (title, location) = (given.text("title")?, given.text("location")?);
        let wanted = Event {
            location: location.clone(),
            ..event(given.day("date")?, given.time("time")?, USUAL, &title)
        };
        let title = title.to_lowercase();
        let expected = Expected::Texts(vec![location]);
        facts(given, vec![wanted], expected, |event| {
            event.title.to_lowercase().contains(&title)
        })
    },
    |given| Ok(reading::place(given.text("title")?)),
);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64, hour: i64, minutes: i64) -> Event {
        let start_ts = days::seconds_at(day, hour);
        Event {
            start_ts,
            end_ts: start_ts + minutes * 60,
            ..Event::default()
        }
    }

    #[test]
    fn an_event_touches_every_day_that_it_has_a_minute_of() {
        let day = |number| days::day(number).unwrap();
        let late = at(16, 23, 60);
        assert!(touches(&late, day(16)) && touches(&late, day(17)) && !touches(&late, day(15)));
        assert!(either_day(&late, |other| other == day(17)));
        assert!(either_time(&late, |time| time == Time::midnight()));
        assert!(!either_time(&late, |time| time < EIGHT && time > Time::midnight()));
    }

    #[test]
    fn events_are_drawn_around_the_reference_instant() {
        let mut rng = crate::domain::streams::stream(1, "test", 0);
        let reference = days::seconds_of(date(2023, 10, 15).at(15, 34, 0, 0));
        for _ in 0..500 {
            let event = Event::other(&mut rng, None);
            assert!((event.start_ts - reference).abs() <= 15 * 86_400);
            assert_eq!(event.start_ts % 60, 0);
            assert!([15, 30, 45, 60].contains(&event.minutes()));
        }
    }
}
