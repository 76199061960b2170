//! Near misses in Simple Calendar Pro.

use super::{NearMiss, Solved, script, sql};

pub const EVENTS: &str = "/data/data/com.simplemobiletools.calendar.pro/databases/events.db";

/// The event that came last, or was there first.
const LAST: &str = "id = (SELECT max(id) FROM events)";
const FIRST: &str = "id = (SELECT min(id) FROM events)";

pub fn near_misses(task: &str, _solved: &Solved<'_>) -> Option<Vec<NearMiss>> {
    let event = |statement: &str| sql(EVENTS, statement);
    // A database that is gone is the agent's doing.
    let gone = script("rm -r /data/data/com.simplemobiletools.calendar.pro/databases");
    if task.starts_with("SimpleCalendarAdd") {
        return Some(vec![
            event(
                "INSERT INTO events SELECT NULL, start_ts + 1, end_ts, title, location, description, reminder_1_minutes, reminder_2_minutes, reminder_3_minutes, reminder_1_type, reminder_2_type, reminder_3_type, repeat_interval, repeat_rule, repeat_limit, repetition_exceptions, attendees, import_id, time_zone, flags, event_type, parent_id, last_updated, source, availability, color, type FROM events LIMIT 1",
            ),
            event(&format!(
                "UPDATE events SET start_ts = start_ts + 60 WHERE {LAST}"
            )),
            event(&format!(
                "UPDATE events SET end_ts = end_ts + 60 WHERE {LAST}"
            )),
            event(&format!(
                "UPDATE events SET repeat_interval = 5 WHERE {LAST}"
            )),
            event(&format!(
                "UPDATE events SET description = 'Nothing like it' WHERE {LAST}"
            )),
            event(&format!("UPDATE events SET title = 'x' WHERE {LAST}")),
            event(&format!("DELETE FROM events WHERE {LAST}")),
            gone,
        ]);
    }
    task.starts_with("SimpleCalendarDelete").then(|| {
        vec![
            event(&format!("DELETE FROM events WHERE {FIRST}")),
            event(&format!("UPDATE events SET color = 3 WHERE {FIRST}")),
            gone,
        ]
    })
}
