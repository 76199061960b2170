//! An event: a row of the table `events`, and how random ones are drawn.

use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::super::columns;
use super::super::comparison::fuzzy;
use super::super::database::AppDatabase;
use super::super::pools;
use super::super::table::Row;
use super::days::seconds_at;

/// One row, with the names of its columns (catalogue section 4.1). What is not given has the value that
/// the benchmark writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Event {
    /// Row id; 0 for one that is not stored.
    pub id: i64,
    /// Seconds of the Unix epoch.
    pub start_ts: i64,
    /// Seconds of the Unix epoch.
    pub end_ts: i64,
    pub title: String,
    pub location: String,
    pub description: String,
    pub reminder_1_minutes: i64,
    pub reminder_2_minutes: i64,
    pub reminder_3_minutes: i64,
    pub reminder_1_type: i64,
    pub reminder_2_type: i64,
    pub reminder_3_type: i64,
    /// Seconds: 86400 for each day, 604800 for each week.
    pub repeat_interval: i64,
    /// Weekdays of a weekly repetition, Monday is bit 0.
    pub repeat_rule: i64,
    pub repeat_limit: i64,
    pub repetition_exceptions: String,
    pub attendees: String,
    pub import_id: String,
    pub time_zone: String,
    pub flags: i64,
    pub event_type: i64,
    pub parent_id: i64,
    pub last_updated: i64,
    pub source: String,
    pub availability: i64,
    pub color: i64,
    #[serde(rename = "type")]
    pub kind: i64,
}

impl Default for Event {
    fn default() -> Event {
        Event {
            id: 0,
            start_ts: 0,
            end_ts: 0,
            title: String::new(),
            location: String::new(),
            description: String::new(),
            reminder_1_minutes: -1,
            reminder_2_minutes: -1,
            reminder_3_minutes: -1,
            reminder_1_type: 0,
            reminder_2_type: 0,
            reminder_3_type: 0,
            repeat_interval: 0,
            repeat_rule: 0,
            repeat_limit: 0,
            repetition_exceptions: "[]".to_owned(),
            attendees: String::new(),
            import_id: String::new(),
            time_zone: "UTC".to_owned(),
            flags: 0,
            event_type: 1,
            parent_id: 0,
            last_updated: 0,
            source: "imported-ics".to_owned(),
            availability: 0,
            color: 0,
            kind: 0,
        }
    }
}

/// Lengths of events in minutes.
pub(super) const MINUTES: [i64; 4] = [15, 30, 45, 60];

impl Event {
    /// Draws one that begins with an hour of a day from `first` to `last` of the month.
    pub fn random(rng: &mut ChaCha8Rng, first: i64, last: i64) -> Event {
        let start_ts = seconds_at(rng.random_range(first..=last), rng.random_range(0..24));
        Event::random_at(start_ts, rng)
    }

    /// Draws one that begins at an instant.
    pub fn random_at(start_ts: i64, rng: &mut ChaCha8Rng) -> Event {
        let minutes = MINUTES.choose(rng).copied().unwrap_or(15);
        Event {
            start_ts,
            end_ts: start_ts + minutes * 60,
            title: random_title(rng),
            description: random_description(rng),
            ..Event::default()
        }
    }

    /// Whole minutes from start to end.
    pub fn minutes(&self) -> i64 {
        (self.end_ts - self.start_ts) / 60
    }
}

/// Draws a title.
pub(super) fn random_title(rng: &mut ChaCha8Rng) -> String {
    let start = pools::pick(&pools::EVENT_STARTS, rng);
    let rest = match start.contains("with") {
        true => pools::pick(&pools::EVENT_NAMES, rng),
        false => pools::pick(&pools::EVENT_SUBJECTS, rng),
    };
    format!("{start} {rest}")
}

/// Draws a description.
pub(super) fn random_description(rng: &mut ChaCha8Rng) -> String {
    let (verb, object) = (
        pools::pick(&pools::EVENT_VERBS, rng),
        pools::pick(&pools::EVENT_OBJECTS, rng),
    );
    let mut text = format!("We will {verb} {object}.");
    if rng.random() {
        text.push(' ');
        text.push_str(&pools::pick(&pools::EVENT_REMARKS, rng));
    }
    text
}

impl Row for Event {
    const DATABASE: AppDatabase = super::DATABASE;

    fn id(&self) -> i64 {
        self.id
    }

    // Times and repetition alike, words nearly.
    fn matches(reference: &Event, row: &Event) -> bool {
        let exact = |event: &Event| {
            (
                event.start_ts,
                event.end_ts,
                event.repeat_rule,
                event.repeat_interval,
            )
        };
        exact(reference) == exact(row)
            && fuzzy(Some(&reference.title), Some(&row.title))
            && fuzzy(Some(&reference.location), Some(&row.location))
            && fuzzy(Some(&reference.description), Some(&row.description))
    }

    fn list(connection: &Connection) -> rusqlite::Result<Vec<Event>> {
        columns::list(connection, "events")
    }

    fn replace(connection: &Connection, rows: &[&Event]) -> rusqlite::Result<Vec<Event>> {
        columns::replace(connection, "events", "id", rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::streams::stream;

    #[test]
    fn random_events_begin_with_an_hour_of_their_days() {
        let mut rng = stream(3, "test", 0);
        for _ in 0..500 {
            let event = Event::random(&mut rng, 15, 31);
            assert!((seconds_at(15, 0)..=seconds_at(31, 23)).contains(&event.start_ts));
            assert!(MINUTES.contains(&event.minutes()));
            // One more character, as typing ends with ENTER, must still compare as equal.
            assert!(event.description.len() >= 10 && event.title.len() >= 5);
        }
    }

    #[test]
    fn events_match_by_times_and_similar_words() {
        let reference = Event::random(&mut stream(1, "test", 0), 1, 31);
        let changed = |change: fn(&mut Event)| {
            let mut row = reference.clone();
            row.id = 7;
            row.reminder_1_minutes = 10;
            change(&mut row);
            Event::matches(&reference, &row)
        };
        assert!(changed(|_| {}));
        assert!(changed(|row| row.description.push('\n')));
        assert!(!changed(|row| row.start_ts += 60));
        assert!(!changed(|row| row.end_ts += 60));
        assert!(!changed(|row| row.repeat_interval = 86_400));
        assert!(!changed(|row| row.repeat_rule = 1));
        assert!(!changed(|row| row.title = "Something else".to_owned()));
        assert!(!changed(|row| row.location = "Here".to_owned()));
    }
}
