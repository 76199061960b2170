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

/// An outgoing call.
pub const OUTGOING: i64 = 2;

/// Adds a call of `duration` seconds that starts now.
pub fn add(system: &System, number: &str, kind: i64, duration: i64) -> Result<(), PhoneError> {
    let connection = SCHEMA.open(system)?;
    connection
        .execute(
            "INSERT INTO calls (number, date, duration, type, new, countryiso, is_read) \
             VALUES (?1, ?2, ?3, ?4, 1, 'US', 1)",
            params![number, system.clock.now_millis(), duration, kind],
        )
        .map_err(|error| PhoneError::database(SCHEMA.path, error))?;
    Ok(())
}
