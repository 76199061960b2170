//! Text messages: `mmssms.db` of the telephony provider.

use rusqlite::{OptionalExtension, params};

use super::Schema;
use crate::phone::system::{PhoneError, System};

/// `sms` and `threads` in `mmssms.db`.
pub const SCHEMA: Schema = Schema {
    path: "/data/data/com.android.providers.telephony/databases/mmssms.db",
    statements: "CREATE TABLE IF NOT EXISTS sms (_id INTEGER PRIMARY KEY, thread_id INTEGER, address TEXT, \
        person INTEGER, date INTEGER, date_sent INTEGER DEFAULT 0, protocol INTEGER, \
        read INTEGER DEFAULT 0, status INTEGER DEFAULT -1, type INTEGER, \
        reply_path_present INTEGER, subject TEXT, body TEXT, service_center TEXT, \
        locked INTEGER DEFAULT 0, sub_id INTEGER DEFAULT -1, error_code INTEGER DEFAULT -1, \
        creator TEXT, seen INTEGER DEFAULT 0);\
        CREATE TABLE IF NOT EXISTS threads (_id INTEGER PRIMARY KEY AUTOINCREMENT, \
        date INTEGER DEFAULT 0, message_count INTEGER DEFAULT 0, recipient_ids TEXT, \
        snippet TEXT, snippet_cs INTEGER DEFAULT 0, read INTEGER DEFAULT 1, \
        archived INTEGER DEFAULT 0, type INTEGER DEFAULT 0, error INTEGER DEFAULT 0, \
        has_attachment INTEGER DEFAULT 0);\
        CREATE TABLE IF NOT EXISTS canonical_addresses (_id INTEGER PRIMARY KEY AUTOINCREMENT, address TEXT);",
};

/// A received message.
pub const INBOX: i64 = 1;
/// A sent message.
pub const SENT: i64 = 2;

/// Adds a message now and returns its id; the conversation is made when there is none.
pub fn add(
    system: &System,
    address: &str,
    body: &str,
    kind: i64,
    creator: &str,
) -> Result<i64, PhoneError> {
    let bad = |error| PhoneError::database(SCHEMA.path, error);
    let connection = SCHEMA.open(system)?;
    let now = system.clock.now_millis();
    let recipient: Option<i64> = connection
        .query_row(
            "SELECT _id FROM canonical_addresses WHERE address = ?1",
            [address],
            |row| row.get(0),
        )
        .optional()
        .map_err(bad)?;
    let recipient = match recipient {
        Some(id) => id,
        None => {
            connection
                .execute(
                    "INSERT INTO canonical_addresses (address) VALUES (?1)",
                    [address],
                )
                .map_err(bad)?;
            connection.last_insert_rowid()
        }
    };
    let thread: Option<i64> = connection
        .query_row(
            "SELECT _id FROM threads WHERE recipient_ids = ?1",
            [recipient.to_string()],
            |row| row.get(0),
        )
        .optional()
        .map_err(bad)?;
    let thread = match thread {
        Some(id) => id,
        None => {
            connection
                .execute(
                    "INSERT INTO threads (recipient_ids) VALUES (?1)",
                    [recipient.to_string()],
                )
                .map_err(bad)?;
            connection.last_insert_rowid()
        }
    };
    connection
        .execute(
            "UPDATE threads SET date = ?1, message_count = message_count + 1, snippet = ?2 WHERE _id = ?3",
            params![now, body, thread],
        )
        .map_err(bad)?;
    let read = i64::from(kind == SENT);
    connection
        .execute(
            "INSERT INTO sms (thread_id, address, date, date_sent, read, type, body, creator, seen) \
             VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?4)",
            params![thread, address, now, read, kind, body, creator],
        )
        .map_err(bad)?;
    Ok(connection.last_insert_rowid())
}
