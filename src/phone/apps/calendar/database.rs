//! Simple Calendar's database: the table `events` of `events.db`, one row for each event or task.

use rusqlite::params;

use super::PACKAGE;
use crate::phone::apps::app_database::AppDatabase;
use crate::phone::system::{PhoneError, System};

/// The reminder of an event that has none.
pub const NO_REMINDER: i64 = -1;
/// The bit of `flags` of an event without times.
pub const ALL_DAY: i64 = 1;

/// One event as the app uses it; columns that it never changes are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Row id; 0 for one that is not stored.
    pub id: i64,
    /// Begin of the first occurrence in seconds of the Unix epoch.
    pub start: i64,
    /// End of the first occurrence in seconds of the Unix epoch.
    pub end: i64,
    /// Title.
    pub title: String,
    /// Place.
    pub location: String,
    /// Description.
    pub description: String,
    /// Minutes before the start, [`NO_REMINDER`] for none.
    pub reminders: [i64; 3],
    /// Seconds from one occurrence to the next as the app writes it; 0 without repetition.
    pub repeat_interval: i64,
    /// Days of a weekly repetition, Monday is bit 0.
    pub repeat_rule: i64,
    /// 0: for ever, above: last second, below: number of occurrences.
    pub repeat_limit: i64,
    /// Days without an occurrence, as `20231016`.
    pub exceptions: Vec<String>,
    /// Bits, see [`ALL_DAY`].
    pub flags: i64,
    /// 1 for a task.
    pub kind: i64,
}

impl Event {
    /// Whether it has no times.
    pub fn is_all_day(&self) -> bool {
        self.flags & ALL_DAY != 0
    }

    /// Whether it is a task.
    pub fn is_task(&self) -> bool {
        self.kind == 1
    }
}

/// The app's database.
pub const DATABASE: AppDatabase = AppDatabase {
    package: PACKAGE,
    file: "databases/events.db",
    prepare: |connection| connection.execute_batch(SCHEMA),
};

const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS `events` (`id` INTEGER PRIMARY KEY AUTOINCREMENT, \
    `start_ts` INTEGER NOT NULL, `end_ts` INTEGER NOT NULL, `title` TEXT NOT NULL, \
    `location` TEXT NOT NULL, `description` TEXT NOT NULL, `reminder_1_minutes` INTEGER NOT NULL, \
    `reminder_2_minutes` INTEGER NOT NULL, `reminder_3_minutes` INTEGER NOT NULL, \
    `reminder_1_type` INTEGER NOT NULL, `reminder_2_type` INTEGER NOT NULL, \
    `reminder_3_type` INTEGER NOT NULL, `repeat_interval` INTEGER NOT NULL, \
    `repeat_rule` INTEGER NOT NULL, `repeat_limit` INTEGER NOT NULL, \
    `repetition_exceptions` TEXT NOT NULL, `attendees` TEXT NOT NULL, `import_id` TEXT NOT NULL, \
    `time_zone` TEXT NOT NULL, `flags` INTEGER NOT NULL, `event_type` INTEGER NOT NULL, \
    `parent_id` INTEGER NOT NULL, `last_updated` INTEGER NOT NULL, `source` TEXT NOT NULL, \
    `availability` INTEGER NOT NULL, `color` INTEGER NOT NULL, `type` INTEGER NOT NULL);\
    CREATE UNIQUE INDEX IF NOT EXISTS `index_events_id` ON `events` (`id`);\
    CREATE TABLE IF NOT EXISTS `event_types` (`id` INTEGER PRIMARY KEY AUTOINCREMENT, \
    `title` TEXT NOT NULL, `color` INTEGER NOT NULL, `caldav_calendar_id` INTEGER NOT NULL, \
    `caldav_display_name` TEXT NOT NULL, `caldav_email` TEXT NOT NULL, `type` INTEGER NOT NULL);\
    CREATE UNIQUE INDEX IF NOT EXISTS `index_event_types_id` ON `event_types` (`id`);\
    CREATE TABLE IF NOT EXISTS `widgets` (`id` INTEGER PRIMARY KEY AUTOINCREMENT, \
    `widget_id` INTEGER NOT NULL, `period` INTEGER NOT NULL);\
    CREATE TABLE IF NOT EXISTS `tasks` (`id` INTEGER PRIMARY KEY AUTOINCREMENT, \
    `task_id` INTEGER NOT NULL, `start_ts` INTEGER NOT NULL, `flags` INTEGER NOT NULL);\
    CREATE TABLE IF NOT EXISTS android_metadata (locale TEXT);\
    INSERT INTO event_types (id, title, color, caldav_calendar_id, caldav_display_name, caldav_email, type) \
    SELECT 1, 'Regular event', -15440452, 0, '', '', 0 WHERE NOT EXISTS (SELECT 1 FROM event_types);";

/// Numbers that a client has stored, kept to what the app can count with.
fn sane(value: i64) -> i64 {
    value.clamp(-(1 << 40), 1 << 40)
}

/// All events in the order of their ids.
///
/// # Errors
/// When the database cannot be read.
pub fn list(system: &System) -> Result<Vec<Event>, PhoneError> {
    DATABASE.with(system, |connection| {
        connection
            .prepare(
                "SELECT id, start_ts, end_ts, title, location, description, reminder_1_minutes, \
                 reminder_2_minutes, reminder_3_minutes, repeat_interval, repeat_rule, repeat_limit, \
                 repetition_exceptions, flags, type FROM events ORDER BY id",
            )?
            .query_map([], |row| {
                let exceptions: String = row.get(12)?;
                Ok(Event {
                    id: row.get(0)?,
                    start: sane(row.get(1)?),
                    end: sane(row.get(2)?),
                    title: row.get(3)?,
                    location: row.get(4)?,
                    description: row.get(5)?,
                    reminders: [sane(row.get(6)?), sane(row.get(7)?), sane(row.get(8)?)],
                    repeat_interval: sane(row.get(9)?),
                    repeat_rule: row.get(10)?,
                    repeat_limit: sane(row.get(11)?),
                    exceptions: serde_json::from_str(&exceptions).unwrap_or_default(),
                    flags: row.get(13)?,
                    kind: row.get(14)?,
                })
            })?
            .collect()
    })
}

/// Stores a new event (id 0) or changes one.
///
/// # Errors
/// When the database cannot be written.
pub fn save(system: &System, event: &Event) -> Result<(), PhoneError> {
    let now = system.clock.now_millis();
    let zone = system.clock.zone_name();
    let exceptions = serde_json::to_string(&event.exceptions).unwrap_or_else(|_| "[]".to_owned());
    // The app makes up an id that no other calendar has: random hexadecimal digits and the time.
    let import_id = format!(
        "{:032x}{now}",
        (now as u128).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C)
    );
    DATABASE.with(system, |connection| {
        let [first, second, third] = event.reminders;
        connection.execute(
            "INSERT INTO events (id, start_ts, end_ts, title, location, description, \
             reminder_1_minutes, reminder_2_minutes, reminder_3_minutes, reminder_1_type, \
             reminder_2_type, reminder_3_type, repeat_interval, repeat_rule, repeat_limit, \
             repetition_exceptions, attendees, import_id, time_zone, flags, event_type, parent_id, \
             last_updated, source, availability, color, type) VALUES (NULLIF(?18, 0), ?1, ?2, ?3, ?4, \
             ?5, ?6, ?7, ?8, 0, 0, 0, ?9, ?10, ?11, ?12, '', ?13, ?14, ?15, 1, 0, ?16, \
             'simple-calendar', 0, 0, ?17) \
             ON CONFLICT (id) DO UPDATE SET start_ts = ?1, end_ts = ?2, title = ?3, location = ?4, \
             description = ?5, reminder_1_minutes = ?6, reminder_2_minutes = ?7, \
             reminder_3_minutes = ?8, repeat_interval = ?9, repeat_rule = ?10, repeat_limit = ?11, \
             repetition_exceptions = ?12, flags = ?15, last_updated = ?16",
            params![
                event.start,
                event.end,
                event.title,
                event.location,
                event.description,
                first,
                second,
                third,
                event.repeat_interval,
                event.repeat_rule,
                event.repeat_limit,
                exceptions,
                import_id,
                zone,
                event.flags,
                now,
                event.kind,
                event.id
            ],
        )
        .map(drop)
    })
}

/// Which occurrences of a repeating event to delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Only the chosen one.
    One,
    /// The chosen one and all after it.
    Future,
    /// All.
    All,
}

/// Deletes events, or occurrences of repeating ones; the occurrences are those that begin at the given
/// second, on the given day.
///
/// # Errors
/// When the database cannot be written.
pub fn delete(
    system: &System,
    chosen: &[(Event, i64, String)],
    extent: Extent,
) -> Result<(), PhoneError> {
    DATABASE.with(system, |connection| {
        let transaction = connection.transaction()?;
        for (event, begin, day) in chosen {
            let whole = event.repeat_interval == 0
                || extent == Extent::All
                || (extent == Extent::Future && *begin <= event.start);
            if whole {
                transaction.execute(
                    "DELETE FROM events WHERE id = ?1 OR (parent_id = ?1 AND parent_id > 0)",
                    [event.id],
                )?;
            } else if extent == Extent::Future {
                transaction.execute(
                    "UPDATE events SET repeat_limit = ?1 WHERE id = ?2",
                    params![begin - 86_400, event.id],
                )?;
            } else {
                let stored: String = transaction.query_row(
                    "SELECT repetition_exceptions FROM events WHERE id = ?1",
                    [event.id],
                    |row| row.get(0),
                )?;
                let mut days: Vec<String> = serde_json::from_str(&stored).unwrap_or_default();
                days.push(day.clone());
                let stored = serde_json::to_string(&days).unwrap_or(stored);
                transaction.execute(
                    "UPDATE events SET repetition_exceptions = ?1 WHERE id = ?2",
                    params![stored, event.id],
                )?;
            }
        }
        transaction.commit()
    })
}
