//! `music_playback_state.db`: the playing queue, as it is and as it was before it was shuffled. Both
//! tables are written anew after every change.

use rusqlite::params_from_iter;

use super::PACKAGE;
use super::columns::{self, STORE};
use crate::phone::apps::app_database::AppDatabase;
use crate::phone::providers::songs::Song;
use crate::phone::system::{PhoneError, System};

/// The queue as it is played.
const QUEUE: &str = "playing_queue";
/// The queue in the order that it was made in.
const ORIGINAL: &str = "original_playing_queue";

/// The app's database.
const DATABASE: AppDatabase = AppDatabase {
    package: PACKAGE,
    file: "databases/music_playback_state.db",
    prepare: |connection| connection.execute_batch(&schema()),
};

fn schema() -> String {
    let table = |name: &str| {
        format!(
            "CREATE TABLE IF NOT EXISTS {name} (_id INT NOT NULL,title STRING NOT NULL,\
             track INT NOT NULL,year INT NOT NULL,duration LONG NOT NULL,_data STRING NOT NULL,\
             date_modified LONG NOT NULL,album_id INT NOT NULL,album STRING NOT NULL,\
             artist_id INT NOT NULL,artist STRING NOT NULL,composer STRING,album_artist STRING);"
        )
    };
    format!(
        "{}{}CREATE TABLE IF NOT EXISTS android_metadata (locale TEXT);PRAGMA user_version = 12;",
        table(QUEUE),
        table(ORIGINAL)
    )
}

/// The queue, and the queue before it was shuffled; makes the database when it is missing.
///
/// # Errors
/// When the database cannot be read.
pub fn load(system: &System) -> Result<(Vec<Song>, Vec<Song>), PhoneError> {
    DATABASE.with(system, |connection| {
        let read = |table: &str| -> rusqlite::Result<Vec<Song>> {
            let mut statement = connection.prepare(&format!("SELECT {STORE} FROM {table}"))?;
            let rows = statement.query_map([], |row| columns::song(row, 0))?;
            rows.collect()
        };
        Ok((read(QUEUE)?, read(ORIGINAL)?))
    })
}

/// Writes both.
///
/// # Errors
/// When the database cannot be written.
pub fn save(system: &System, queue: &[Song], original: &[Song]) -> Result<(), PhoneError> {
    DATABASE.with(system, |connection| {
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
    })
}
