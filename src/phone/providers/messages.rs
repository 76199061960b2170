//! Text messages: `mmssms.db` of the telephony provider. Conversations (`threads`) follow the messages by
//! triggers, as on a phone, so whoever writes messages need not care for them.

use rusqlite::{Connection, Row, params};

use super::Schema;
use crate::phone::system::{PhoneError, System};

/// Brings a conversation up to its messages; the text holds the place of its number.
macro_rules! follow {
    ($thread:literal) => {
        concat!(
            "UPDATE threads SET \
             message_count = (SELECT count(*) FROM sms WHERE thread_id = ",
            $thread,
            " AND type <> 3), \
             snippet = (SELECT body FROM sms WHERE thread_id = ",
            $thread,
            " ORDER BY date DESC, _id DESC LIMIT 1), \
             date = coalesce((SELECT max(date) FROM sms WHERE thread_id = ",
            $thread,
            "), date), \
             read = NOT EXISTS (SELECT 1 FROM sms WHERE thread_id = ",
            $thread,
            " AND read = 0) \
             WHERE _id = ",
            $thread,
            "; "
        )
    };
}

/// `sms`, `threads` and `canonical_addresses` in `mmssms.db`.
pub const SCHEMA: Schema = Schema {
    path: "/data/data/com.android.providers.telephony/databases/mmssms.db",
    statements: concat!(
        "CREATE TABLE IF NOT EXISTS sms (_id INTEGER PRIMARY KEY, thread_id INTEGER, address TEXT, \
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
         CREATE TABLE IF NOT EXISTS canonical_addresses (_id INTEGER PRIMARY KEY AUTOINCREMENT, address TEXT);\
         CREATE INDEX IF NOT EXISTS smsThreadIndex ON sms (thread_id);\
         CREATE TRIGGER IF NOT EXISTS sms_update_thread_on_insert AFTER INSERT ON sms BEGIN ",
        follow!("new.thread_id"),
        "END;\
         CREATE TRIGGER IF NOT EXISTS sms_update_thread_on_update AFTER UPDATE OF date, body, type, read ON sms BEGIN ",
        follow!("new.thread_id"),
        "END;\
         CREATE TRIGGER IF NOT EXISTS sms_update_thread_on_delete AFTER DELETE ON sms BEGIN ",
        follow!("old.thread_id"),
        "DELETE FROM threads WHERE _id = old.thread_id \
         AND NOT EXISTS (SELECT 1 FROM sms WHERE thread_id = old.thread_id); END;"
    ),
};

/// A received message.
pub const INBOX: i64 = 1;
/// A sent message.
pub const SENT: i64 = 2;
/// A message that is still being written.
pub const DRAFT: i64 = 3;
/// A message that could not be sent.
pub const FAILED: i64 = 5;

/// Most conversations, and messages of one, that are read.
const MOST: i64 = 500;
/// Digits that two numbers must share at their end to be the same with and without a country's code.
const SHARED_DIGITS: usize = 7;

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Row id.
    pub id: i64,
    /// The other side's number.
    pub address: String,
    /// Text.
    pub body: String,
    /// In milliseconds of the Unix epoch.
    pub date: i64,
    /// [`INBOX`], [`SENT`], [`FAILED`].
    pub kind: i64,
}

/// One conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// Row id of the thread.
    pub thread: i64,
    /// The other side's number.
    pub address: String,
    /// The last message, or what is being written.
    pub snippet: String,
    /// Of the last message, in milliseconds of the Unix epoch.
    pub date: i64,
    /// Nothing in it is unread.
    pub read: bool,
    /// Put away.
    pub archived: bool,
    /// A message is being written.
    pub draft: bool,
}

/// A number as it is dialled: digits and a leading plus. Names of senders stay as they are.
pub fn plain_number(number: &str) -> String {
    let number = number.trim();
    if number.chars().any(char::is_alphabetic) {
        return number.to_owned();
    }
    let keep = |(index, character): (usize, char)| {
        (character.is_ascii_digit() || index == 0 && character == '+').then_some(character)
    };
    number.chars().enumerate().filter_map(keep).collect()
}

/// Whether two numbers reach the same person.
pub fn same_number(a: &str, b: &str) -> bool {
    let (a, b) = (plain_number(a), plain_number(b));
    let (a, b) = (a.trim_start_matches('+'), b.trim_start_matches('+'));
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    short == long || short.len() >= SHARED_DIGITS && long.ends_with(short)
}

/// The conversation with a number; it is made when there is none.
pub fn thread_of(connection: &Connection, address: &str) -> rusqlite::Result<i64> {
    let known = connection
        .prepare("SELECT _id, coalesce(address, '') FROM canonical_addresses")?
        .query_map([], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
        })?
        .collect::<Result<Vec<_>, _>>()?;
    let recipient = match known.iter().find(|(_, known)| same_number(known, address)) {
        Some((id, _)) => *id,
        None => {
            connection.execute(
                "INSERT INTO canonical_addresses (address) VALUES (?1)",
                [address],
            )?;
            connection.last_insert_rowid()
        }
    };
    let thread = connection
        .prepare("SELECT _id FROM threads WHERE recipient_ids = ?1 LIMIT 1")?
        .query_map([recipient.to_string()], |row| row.get(0))?
        .next()
        .transpose()?;
    match thread {
        Some(id) => Ok(id),
        None => {
            connection.execute(
                "INSERT INTO threads (recipient_ids) VALUES (?1)",
                [recipient.to_string()],
            )?;
            Ok(connection.last_insert_rowid())
        }
    }
}

/// Adds a message now and returns its id; the conversation is made when there is none.
///
/// # Errors
/// When the database cannot be written.
pub fn add(
    system: &System,
    address: &str,
    body: &str,
    kind: i64,
    creator: &str,
) -> Result<i64, PhoneError> {
    let now = system.clock.now_millis();
    SCHEMA.with(system, |connection| {
        let thread = thread_of(connection, address)?;
        let read = i64::from(kind != INBOX);
        connection.execute(
            "INSERT INTO sms (thread_id, address, date, date_sent, read, type, body, creator, seen, sub_id) \
             VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?4, 1)",
            params![thread, address, now, read, kind, body, creator],
        )?;
        Ok(connection.last_insert_rowid())
    })
}

/// What changes when the messages do: the database file's size, time and row.
pub fn version(system: &System) -> Option<(u64, i64, u64)> {
    let found = system.files.metadata(SCHEMA.path).ok()?;
    Some((found.size, found.modified_micros, found.inode))
}

fn conversation(row: &Row<'_>) -> rusqlite::Result<Conversation> {
    Ok(Conversation {
        thread: row.get(0)?,
        address: row.get(1)?,
        snippet: row.get(2)?,
        date: row.get(3)?,
        read: row.get(4)?,
        archived: row.get(5)?,
        draft: row.get(6)?,
    })
}

/// All conversations that hold anything, the latest first.
///
/// # Errors
/// When the database cannot be read.
pub fn conversations(system: &System) -> Result<Vec<Conversation>, PhoneError> {
    // Whatever a client wrote into a column, it is read as the type that belongs there.
    SCHEMA.with(system, |connection| {
        connection
            .prepare(
                "SELECT t._id, CAST(coalesce((SELECT address FROM sms WHERE thread_id = t._id \
                 ORDER BY date DESC, _id DESC LIMIT 1), c.address, '') AS TEXT), \
                 CAST(coalesce(t.snippet, '') AS TEXT), CAST(coalesce(t.date, 0) AS INTEGER), \
                 coalesce(t.read, 1) <> 0, coalesce(t.archived, 0) <> 0, \
                 EXISTS (SELECT 1 FROM sms WHERE thread_id = t._id AND type = 3) \
                 FROM threads t LEFT JOIN canonical_addresses c ON c._id = t.recipient_ids \
                 WHERE EXISTS (SELECT 1 FROM sms WHERE thread_id = t._id) \
                 ORDER BY t.date DESC, t._id DESC LIMIT ?1",
            )?
            .query_map([MOST], conversation)?
            .collect()
    })
}

fn message(row: &Row<'_>) -> rusqlite::Result<Message> {
    Ok(Message {
        id: row.get(0)?,
        address: row.get(1)?,
        body: row.get(2)?,
        date: row.get(3)?,
        kind: row.get(4)?,
    })
}

const MESSAGE: &str = "_id, CAST(coalesce(address, '') AS TEXT), CAST(coalesce(body, '') AS TEXT), \
     CAST(coalesce(date, 0) AS INTEGER), CAST(coalesce(type, 1) AS INTEGER)";

/// The messages of a conversation without drafts, the oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn messages(system: &System, thread: i64) -> Result<Vec<Message>, PhoneError> {
    let sql = format!(
        "SELECT * FROM (SELECT {MESSAGE} FROM sms WHERE thread_id = ?1 AND type <> 3 \
         ORDER BY date DESC, _id DESC LIMIT ?2) ORDER BY 4, 1"
    );
    SCHEMA.with(system, |connection| {
        connection
            .prepare(&sql)?
            .query_map([thread, MOST], message)?
            .collect()
    })
}

/// Messages whose text holds these words, the latest first, each with its conversation.
///
/// # Errors
/// When the database cannot be read.
pub fn search(system: &System, words: &str) -> Result<Vec<Message>, PhoneError> {
    let sql = format!(
        "SELECT {MESSAGE} FROM sms \
         WHERE type <> 3 AND instr(lower(body), lower(?1)) > 0 ORDER BY date DESC LIMIT ?2"
    );
    SCHEMA.with(system, |connection| {
        connection
            .prepare(&sql)?
            .query_map(params![words, MOST], message)?
            .collect()
    })
}

/// The conversation with a number, if there is one; never makes one.
///
/// # Errors
/// When the database cannot be read.
pub fn find(system: &System, address: &str) -> Result<Option<i64>, PhoneError> {
    let all = conversations(system)?;
    let found = all.iter().find(|one| same_number(&one.address, address));
    Ok(found.map(|one| one.thread))
}

/// Marks everything in a conversation as read, or its last received message as unread.
///
/// # Errors
/// When the database cannot be written.
pub fn mark(system: &System, thread: i64, read: bool) -> Result<(), PhoneError> {
    let sql = match read {
        true => "UPDATE sms SET read = 1, seen = 1 WHERE thread_id = ?1 AND read = 0",
        false => {
            "UPDATE sms SET read = 0 WHERE _id = (SELECT _id FROM sms WHERE thread_id = ?1 \
             AND type <> 3 ORDER BY date DESC, _id DESC LIMIT 1)"
        }
    };
    SCHEMA.with(system, |connection| {
        connection.execute(sql, [thread]).map(drop)
    })
}

/// Puts a conversation away, or takes it back.
///
/// # Errors
/// When the database cannot be written.
pub fn archive(system: &System, thread: i64, archived: bool) -> Result<(), PhoneError> {
    SCHEMA.with(system, |connection| {
        let sql = "UPDATE threads SET archived = ?2 WHERE _id = ?1";
        connection.execute(sql, params![thread, archived]).map(drop)
    })
}

/// Deletes messages.
///
/// # Errors
/// When the database cannot be written.
pub fn delete(system: &System, ids: &[i64]) -> Result<(), PhoneError> {
    SCHEMA.with(system, |connection| {
        for id in ids {
            connection.execute("DELETE FROM sms WHERE _id = ?1", [id])?;
        }
        Ok(())
    })
}

/// Deletes a conversation with all its messages.
///
/// # Errors
/// When the database cannot be written.
pub fn delete_thread(system: &System, thread: i64) -> Result<(), PhoneError> {
    SCHEMA.with(system, |connection| {
        connection.execute("DELETE FROM sms WHERE thread_id = ?1", [thread])?;
        connection.execute("DELETE FROM threads WHERE _id = ?1", [thread])?;
        Ok(())
    })
}

/// What is being written to a number.
///
/// # Errors
/// When the database cannot be read.
pub fn draft(system: &System, thread: i64) -> Result<Option<String>, PhoneError> {
    SCHEMA.with(system, |connection| {
        connection
            .prepare("SELECT CAST(coalesce(body, '') AS TEXT) FROM sms WHERE thread_id = ?1 AND type = 3 LIMIT 1")?
            .query_map([thread], |row| row.get(0))?
            .next()
            .transpose()
    })
}

/// Keeps what is being written to a number; an empty text removes it.
///
/// # Errors
/// When the database cannot be written.
pub fn keep_draft(
    system: &System,
    address: &str,
    body: &str,
    creator: &str,
) -> Result<(), PhoneError> {
    if let Some(thread) = find(system, address)? {
        let old = draft(system, thread)?;
        if old.as_deref().unwrap_or("") == body {
            return Ok(());
        }
        SCHEMA.with(system, |connection| {
            let sql = "DELETE FROM sms WHERE thread_id = ?1 AND type = 3";
            connection.execute(sql, [thread]).map(drop)
        })?;
    }
    match body.is_empty() {
        true => Ok(()),
        false => add(system, address, body, DRAFT, creator).map(drop),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_as_they_are_dialled() {
        assert_eq!(plain_number(" +1 (555) 010-7788 "), "+15550107788");
        assert_eq!(plain_number("My Bank"), "My Bank");
        assert!(same_number("+15550107788", "555-010-7788"));
        assert!(!same_number("+15550107788", "+15550107789"));
        assert!(!same_number("7788", "+15550107788"));
        assert!(same_number("311", "311") && !same_number("", "311"));
    }

    #[test]
    fn conversations_follow_their_messages() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(SCHEMA.statements).unwrap();
        let thread = thread_of(&connection, "+15550107788").unwrap();
        assert_eq!(thread_of(&connection, "5550107788").unwrap(), thread);
        let add = "INSERT INTO sms (thread_id, address, body, date, type, read) VALUES (?1, 'a', ?2, ?3, 1, 0)";
        connection.execute(add, params![thread, "one", 10]).unwrap();
        connection.execute(add, params![thread, "two", 20]).unwrap();
        let look = || {
            connection.query_row(
                "SELECT snippet, message_count, date, read FROM threads",
                [],
                |row| {
                    Ok((
                        row.get::<_, String>(0)?,
                        row.get(1)?,
                        row.get(2)?,
                        row.get(3)?,
                    ))
                },
            )
        };
        assert_eq!(look().unwrap(), ("two".to_owned(), 2, 20, 0));
        connection
            .execute("DELETE FROM sms WHERE body = 'two'", [])
            .unwrap();
        connection.execute("UPDATE sms SET read = 1", []).unwrap();
        assert_eq!(look().unwrap(), ("one".to_owned(), 1, 10, 1));
        connection.execute("DELETE FROM sms", []).unwrap();
        assert!(look().is_err());
    }
}
