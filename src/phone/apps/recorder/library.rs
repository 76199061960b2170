//! The recordings: rows of `records.db` and files of the directory of recordings.

use rusqlite::{OptionalExtension, Row, params};

use super::PACKAGE;
use super::audio::{self, Format, Quality};
use crate::phone::apps::app_database::AppDatabase;
use crate::phone::apps::entries::{name_of, stem};
use crate::phone::system::paths::MAX_NAME;
use crate::phone::system::{PhoneError, System};

/// One recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Row id.
    pub id: i64,
    /// Name without its extension.
    pub name: String,
    /// Microseconds.
    pub duration: i64,
    /// Milliseconds of the Unix epoch.
    pub created: i64,
    /// The phone's path.
    pub path: String,
    /// Bytes.
    pub size: i64,
    /// How the sound is kept.
    pub quality: Quality,
    /// Marked by its user.
    pub bookmark: bool,
}

/// Why a recording keeps its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// There is no name, or one that no file can have.
    Name,
    /// There is such a file.
    Exists,
}

/// Columns that both tables have.
const COMMON: &str = "_id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, duration LONG NOT NULL, \
    created LONG NOT NULL, added LONG NOT NULL";
const KEPT: &str = "path TEXT NOT NULL, format TEXT NOT NULL DEFAULT '', size LONG NOT NULL DEFAULT 0, \
    sample_rate INTEGER NOT NULL DEFAULT 0, channel_count INTEGER NOT NULL DEFAULT 0, \
    bitrate INTEGER NOT NULL DEFAULT 0, data BLOB NOT NULL, bookmark INTEGER NOT NULL DEFAULT 0, \
    waveform_processed INTEGER NOT NULL DEFAULT 0, data_str BLOB NOT NULL";
const COLUMNS: &str = "_id, name, duration, created, path, size, format, sample_rate, bitrate, channel_count, bookmark";

/// The directory of recordings.
pub fn directory() -> String {
    format!("/storage/emulated/0/Android/data/{PACKAGE}/files/Music/records")
}

/// The app's database.
const DATABASE: AppDatabase = AppDatabase {
    package: PACKAGE,
    file: "databases/records.db",
    prepare: |connection| connection.execute_batch(&schema()),
};

fn schema() -> String {
    format!(
        "CREATE TABLE IF NOT EXISTS records ({COMMON}, {KEPT});
         CREATE TABLE IF NOT EXISTS trash ({COMMON}, removed LONG NOT NULL, {KEPT});
         CREATE TABLE IF NOT EXISTS android_metadata (locale TEXT);
         PRAGMA user_version = 3;"
    )
}

/// Makes the directory and the database when they are missing.
///
/// # Errors
/// When they cannot be made.
pub fn create(system: &System) -> Result<(), PhoneError> {
    let directory = directory();
    let made = system.files.make_dirs(&directory);
    made.map_err(|error| PhoneError::file(&directory, error))?;
    DATABASE.create(system)
}

fn read(row: &Row) -> rusqlite::Result<Record> {
    Ok(Record {
        id: row.get(0)?,
        name: row.get(1)?,
        duration: row.get(2)?,
        created: row.get(3)?,
        path: row.get(4)?,
        size: row.get(5)?,
        quality: Quality {
            format: Format::of(&row.get::<_, String>(6)?),
            rate: row.get(7)?,
            bitrate: row.get(8)?,
            channels: row.get(9)?,
        },
        bookmark: row.get::<_, i64>(10)? != 0,
    })
}

/// The recordings whose files are there, the latest first.
///
/// # Errors
/// When the database cannot be read.
pub fn list(system: &System) -> Result<Vec<Record>, PhoneError> {
    let query = format!("SELECT {COLUMNS} FROM records ORDER BY added DESC, _id DESC");
    let all: Vec<Record> = DATABASE.with(system, |connection| {
        connection.prepare(&query)?.query_map([], read)?.collect()
    })?;
    let there = all.into_iter();
    Ok(there
        .filter(|record| system.files.is_file(&record.path))
        .collect())
}

/// One recording.
///
/// # Errors
/// When the database cannot be read.
pub fn get(system: &System, id: i64) -> Result<Option<Record>, PhoneError> {
    let query = format!("SELECT {COLUMNS} FROM records WHERE _id = ?1");
    DATABASE.with(system, |connection| {
        connection.query_row(&query, [id], read).optional()
    })
}

/// Writes the file of a recording that begins.
///
/// # Errors
/// When it cannot be written.
pub fn begin(system: &System, name: &str, format: Format) -> Result<String, PhoneError> {
    create(system)?;
    let mut file = format!("{name}.{}", format.extension());
    // The app's way to keep what is there.
    while file.len() < MAX_NAME && system.files.exists(&format!("{}/{file}", directory())) {
        file.insert(0, '1');
    }
    let path = format!("{}/{file}", directory());
    let written = system.files.write(&path, audio::beginning(format));
    written.map_err(|error| PhoneError::file(&path, error))?;
    Ok(path)
}

/// Completes the file of a recording and adds its row; returns its id.
///
/// # Errors
/// When that cannot be stored.
pub fn complete(
    system: &System,
    path: &str,
    quality: Quality,
    millis: i64,
) -> Result<i64, PhoneError> {
    let bytes = audio::silence(quality, millis, system.clock.now_seconds());
    let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let written = system.files.write(path, bytes);
    written.map_err(|error| PhoneError::file(path, error))?;
    let name = stem(name_of(path));
    let now = system.clock.now_millis();
    DATABASE.with(system, |connection| {
        connection.execute(
            "INSERT INTO records (name, duration, created, added, path, format, size, sample_rate, \
             channel_count, bitrate, data, waveform_processed, data_str) \
             VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, zeroblob(0), 1, '')",
            params![
                name,
                millis.saturating_mul(1_000),
                now,
                path,
                quality.format.extension(),
                size,
                quality.rate,
                quality.channels,
                quality.bitrate
            ],
        )?;
        Ok(connection.last_insert_rowid())
    })
}

/// Gives a recording another name; its file keeps its extension.
///
/// # Errors
/// When file or row cannot be changed.
pub fn rename(
    system: &System,
    record: &Record,
    name: &str,
) -> Result<Result<(), Refused>, PhoneError> {
    let name = name.trim().replace(':', "_");
    if name.to_lowercase() == record.name.to_lowercase() {
        return Ok(Ok(()));
    }
    let Some((folder, file)) = record.path.rsplit_once('/') else {
        return Ok(Err(Refused::Name));
    };
    if name.is_empty() || name.contains('/') {
        return Ok(Err(Refused::Name));
    }
    let extension = file.rsplit_once('.').map_or("m4a", |(_, end)| end);
    let path = format!("{folder}/{name}.{extension}");
    if system.files.exists(&path) {
        return Ok(Err(Refused::Exists));
    }
    let renamed = system.files.rename(&record.path, &path);
    renamed.map_err(|error| PhoneError::file(&record.path, error))?;
    DATABASE.with(system, |connection| {
        connection
            .execute(
                "UPDATE records SET name = ?1, path = ?2 WHERE _id = ?3",
                params![name, path, record.id],
            )
            .map(drop)
    })?;
    Ok(Ok(()))
}

/// Puts a recording into the trash: its file gets an extension that hides it.
///
/// # Errors
/// When file or row cannot be changed.
pub fn discard(system: &System, record: &Record) -> Result<(), PhoneError> {
    let hidden = format!("{}.del", record.path);
    let renamed = system.files.rename(&record.path, &hidden);
    renamed.map_err(|error| PhoneError::file(&record.path, error))?;
    let now = system.clock.now_millis();
    DATABASE.with(system, |connection| {
        let transaction = connection.transaction()?;
        transaction.execute(
            "INSERT INTO trash (name, duration, created, added, removed, path, format, size, sample_rate, \
             channel_count, bitrate, data, bookmark, waveform_processed, data_str) \
             SELECT name, duration, created, added, ?1, ?2, format, size, sample_rate, channel_count, \
             bitrate, data, bookmark, waveform_processed, data_str FROM records WHERE _id = ?3",
            params![now, hidden, record.id],
        )?;
        transaction.execute("DELETE FROM records WHERE _id = ?1", [record.id])?;
        transaction.commit()
    })
}

/// Marks a recording, or not.
///
/// # Errors
/// When the database cannot be written.
pub fn mark(system: &System, id: i64, bookmark: bool) -> Result<(), PhoneError> {
    DATABASE.with(system, |connection| {
        connection
            .execute(
                "UPDATE records SET bookmark = ?1 WHERE _id = ?2",
                params![bookmark, id],
            )
            .map(drop)
    })
}
