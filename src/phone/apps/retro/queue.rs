//! `music_playback_state.db`: the playing queue, as it is and as it was before it was shuffled. Both
//! tables are written anew after every change.

use rusqlite::{Connection, params_from_iter};

use super::PACKAGE;
use super::columns::{self, STORE};
use crate::phone::providers::songs::Song;
use crate::phone::system::{PhoneError, System, data_directory};

/// The queue as it is played.
const QUEUE: &str = "playing_queue";
/// The queue in the order that it was made in.
const ORIGINAL: &str = "original_playing_queue";

fn path() -> String {
    format!(
        "{}/databases/music_playback_state.db",
        data_directory(PACKAGE)
    )
}

fn open(system: &System) -> Result<Connection, PhoneError> {
    let path = path();
    let connection = system.database(&path)?;
    let table = |name: &str| {
        format!(
            "CREATE TABLE IF NOT EXISTS {name} (_id INT NOT NULL,title STRING NOT NULL,\
             track INT NOT NULL,year INT NOT NULL,duration LONG NOT NULL,_data STRING NOT NULL,\
             date_modified LONG NOT NULL,album_id INT NOT NULL,album STRING NOT NULL,\
             artist_id INT NOT NULL,artist STRING NOT NULL,composer STRING,album_artist STRING);"
        )
    };
    let statements = format!(
        "{}{}CREATE TABLE IF NOT EXISTS android_metadata (locale TEXT);PRAGMA user_version = 12;",
        table(QUEUE),
        table(ORIGINAL)
    );
    connection
        .execute_batch(&statements)
        .map_err(|error| PhoneError::database(&path, error))?;
    Ok(connection)
}

/// The queue, and the queue before it was shuffled; makes the database when it is missing.
///
/// # Errors
/// When the database cannot be read.
pub fn load(system: &System) -> Result<(Vec<Song>, Vec<Song>), PhoneError> {
    let connection = open(system)?;
    let read = |table: &str| -> rusqlite::Result<Vec<Song>> {
        let mut statement = connection.prepare(&format!("SELECT {STORE} FROM {table}"))?;
        let rows = statement.query_map([], |row| columns::song(row, 0))?;
        rows.collect()
    };
    let both = read(QUEUE).and_then(|queue| Ok((queue, read(ORIGINAL)?)));
    both.map_err(|error| PhoneError::database(&path(), error))
}

/// Writes both.
///
/// # Errors
/// When the database cannot be written.
pub fn save(system: &System, queue: &[Song], original: &[Song]) -> Result<(), PhoneError> {
    let mut connection = open(system)?;
    let mut write = || -> rusqlite::Result<()> {
        let transaction = connection.transaction()?;
        for (table, songs) in [(QUEUE, queue), (ORIGINAL, original)] {
            transaction.execute(&format!("DELETE FROM {table}"), [])?;
            let places = columns::song_places();
            let sql = format!("INSERT INTO {table} ({STORE}) VALUES ({places})");
            for song in songs {
                transaction.execute(&sql, params_from_iter(columns::values(song)))?;
            }
        }
        transaction.commit()
    };
    write().map_err(|error| PhoneError::database(&path(), error))
}
