//! The call log: `calllog.db` of the contacts provider.

use rusqlite::params;

use super::Schema;
use crate::phone::system::{PhoneError, System};

/// `calls` in `calllog.db`.
pub const SCHEMA: Schema = Schema {
    path: "/data/data/com.android.providers.contacts/databases/calllog.db",
    statements: "CREATE TABLE IF NOT EXISTS calls (_id INTEGER PRIMARY KEY AUTOINCREMENT, number TEXT, \
        presentation INTEGER NOT NULL DEFAULT 1, date INTEGER, duration INTEGER, type INTEGER, \
        new INTEGER, name TEXT, numbertype INTEGER, numberlabel TEXT, countryiso TEXT, \
        is_read INTEGER, geocoded_location TEXT);",
};

/// A call that came in and was answered.
pub const INCOMING: i64 = 1;
/// An outgoing call.
pub const OUTGOING: i64 = 2;
/// A call that came in and was given up.
pub const MISSED: i64 = 3;
/// A call that came in and was declined.
pub const REJECTED: i64 = 5;

/// Adds a call of `duration` seconds that starts now.
pub fn add(system: &System, number: &str, kind: i64, duration: i64) -> Result<(), PhoneError> {
    let now = system.clock.now_millis();
    SCHEMA.with(system, |connection| {
        let added = connection.execute(
            "INSERT INTO calls (number, date, duration, type, new, countryiso, is_read) \
             VALUES (?1, ?2, ?3, ?4, 1, 'US', 1)",
            params![number, now, duration, kind],
        );
        added.map(drop)
    })
}

/// A call of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Row id.
    pub id: i64,
    /// The other side's number.
    pub number: String,
    /// 1 came in, 2 went out, 3 was missed, 5 was declined.
    pub kind: i64,
    /// When it began, in milliseconds of the Unix epoch.
    pub date: i64,
    /// How long it took, in seconds.
    pub duration: i64,
}

/// Most calls that are listed.
const MOST: i64 = 500;

/// The calls, the newest first.
pub fn list(system: &System) -> Result<Vec<Call>, PhoneError> {
    SCHEMA.with(system, |connection| {
        let mut statement = connection.prepare(
            "SELECT _id, IFNULL(number, ''), IFNULL(type, 1), IFNULL(date, 0), IFNULL(duration, 0) \
             FROM calls ORDER BY date DESC, _id DESC LIMIT ?1",
        )?;
        let rows = statement.query_map([MOST], |row| {
            Ok(Call {
                id: row.get(0)?,
                number: row.get(1)?,
                kind: row.get(2)?,
                date: row.get(3)?,
                duration: row.get(4)?,
            })
        })?;
        rows.collect()
    })
}

/// Removes a call from the log.
pub fn remove(system: &System, id: i64) -> Result<(), PhoneError> {
    SCHEMA.with(system, |connection| {
        let removed = connection.execute("DELETE FROM calls WHERE _id = ?1", [id]);
        removed.map(drop)
    })
}
