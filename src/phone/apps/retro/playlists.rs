//! `playlist.db`: playlists and their songs, and what was played when and how often.

use rusqlite::{Connection, params, params_from_iter};

use super::columns::{self, ENTITY};
use super::{PACKAGE, words};
use crate::phone::apps::app_database::AppDatabase;
use crate::phone::providers::songs::Song;
use crate::phone::system::{PhoneError, System};

/// A playlist without its songs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Playlist {
    /// Row id.
    pub id: i64,
    /// Name.
    pub name: String,
    /// How many songs it has.
    pub count: usize,
    /// Their length together in milliseconds.
    pub millis: i64,
}

impl Playlist {
    /// Number of songs and length.
    pub fn summary(&self) -> String {
        words::summary(self.count, self.millis)
    }
}

/// The playlist that the heart puts songs into.
pub const FAVORITES: &str = "Favorites";
/// Most songs of a list of what was played.
const PLAYED: i64 = 100;

/// Columns of a song in the tables of this database; those of text that may be missing come last.
const SONG: &str = "`title` TEXT NOT NULL, `track_number` INTEGER NOT NULL, `year` INTEGER NOT NULL, \
    `duration` INTEGER NOT NULL, `data` TEXT NOT NULL, `date_modified` INTEGER NOT NULL, \
    `album_id` INTEGER NOT NULL, `album_name` TEXT NOT NULL, `artist_id` INTEGER NOT NULL, \
    `artist_name` TEXT NOT NULL, `composer` TEXT, `album_artist` TEXT";

/// The app's database.
pub const DATABASE: AppDatabase = AppDatabase {
    package: PACKAGE,
    file: "databases/playlist.db",
    prepare: |connection| connection.execute_batch(&schema()),
};

fn schema() -> String {
    format!(
        "CREATE TABLE IF NOT EXISTS `PlaylistEntity` (`playlist_id` INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, \
         `playlist_name` TEXT NOT NULL);\
         CREATE TABLE IF NOT EXISTS `SongEntity` (`song_key` INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, \
         `playlist_creator_id` INTEGER NOT NULL, `id` INTEGER NOT NULL, {SONG});\
         CREATE UNIQUE INDEX IF NOT EXISTS `index_SongEntity_playlist_creator_id_id` \
         ON `SongEntity` (`playlist_creator_id`, `id`);\
         CREATE TABLE IF NOT EXISTS `HistoryEntity` (`id` INTEGER NOT NULL, {SONG}, \
         `time_played` INTEGER NOT NULL, PRIMARY KEY(`id`));\
         CREATE TABLE IF NOT EXISTS `PlayCountEntity` (`id` INTEGER NOT NULL, {SONG}, \
         `time_played` INTEGER NOT NULL, `play_count` INTEGER NOT NULL, PRIMARY KEY(`id`));\
         CREATE TABLE IF NOT EXISTS android_metadata (locale TEXT);\
         PRAGMA user_version = 24;"
    )
}

/// All playlists, by name.
///
/// # Errors
/// When the database cannot be read.
pub fn list(system: &System) -> Result<Vec<Playlist>, PhoneError> {
    DATABASE.with(system, |connection| {
        let mut statement = connection.prepare(
            "SELECT playlist_id, playlist_name, count(song_key), coalesce(sum(duration), 0) \
             FROM PlaylistEntity LEFT JOIN SongEntity ON playlist_creator_id = playlist_id \
             GROUP BY playlist_id ORDER BY playlist_name COLLATE NOCASE, playlist_id",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(Playlist {
                id: row.get(0)?,
                name: columns::text(row, 1)?,
                count: usize::try_from(row.get::<_, i64>(2)?).unwrap_or(0),
                millis: row.get::<_, f64>(3).map_or(0, |millis| millis as i64),
            })
        })?;
        rows.collect()
    })
}

/// The songs of a playlist, in its order.
///
/// # Errors
/// When the database cannot be read.
pub fn songs(system: &System, playlist: i64) -> Result<Vec<Song>, PhoneError> {
    DATABASE.with(system, |connection| {
        let mut statement = connection.prepare(&format!(
            "SELECT {ENTITY} FROM SongEntity WHERE playlist_creator_id = ?1 ORDER BY song_key"
        ))?;
        let rows = statement.query_map([playlist], |row| columns::song(row, 0))?;
        rows.collect()
    })
}

/// Makes a playlist, or finds the one of exactly this name; its id, and whether it is new.
///
/// # Errors
/// When the database cannot be written.
pub fn make(system: &System, name: &str) -> Result<(i64, bool), PhoneError> {
    DATABASE.with(system, |connection| {
        let found = connection
            .prepare("SELECT playlist_id FROM PlaylistEntity WHERE playlist_name = ?1")?
            .query_map([name], |row| row.get(0))?
            .next();
        if let Some(id) = found {
            return Ok((id?, false));
        }
        connection.execute(
            "INSERT INTO PlaylistEntity (playlist_name) VALUES (?1)",
            [name],
        )?;
        Ok((connection.last_insert_rowid(), true))
    })
}

/// Gives a playlist another name.
///
/// # Errors
/// When the database cannot be written.
pub fn rename(system: &System, playlist: i64, name: &str) -> Result<(), PhoneError> {
    DATABASE.with(system, |connection| {
        let sql = "UPDATE PlaylistEntity SET playlist_name = ?1 WHERE playlist_id = ?2";
        connection.execute(sql, params![name, playlist]).map(drop)
    })
}

/// Removes playlists with their songs.
///
/// # Errors
/// When the database cannot be written.
pub fn delete(system: &System, playlists: &[i64]) -> Result<(), PhoneError> {
    DATABASE.with(system, |connection| {
        let transaction = connection.transaction()?;
        for id in playlists {
            transaction.execute("DELETE FROM PlaylistEntity WHERE playlist_id = ?1", [id])?;
            transaction.execute(
                "DELETE FROM SongEntity WHERE playlist_creator_id = ?1",
                [id],
            )?;
        }
        transaction.commit()
    })
}

fn insert(connection: &Connection, playlist: i64, song: &Song) -> rusqlite::Result<()> {
    let sql = format!(
        "INSERT OR REPLACE INTO SongEntity (playlist_creator_id, {ENTITY}) VALUES (?, {})",
        columns::song_places()
    );
    let mut values = vec![rusqlite::types::Value::Integer(playlist)];
    values.extend(columns::values(song));
    connection.execute(&sql, params_from_iter(values)).map(drop)
}

/// Adds songs at the end; one that is there already moves there.
///
/// # Errors
/// When the database cannot be written.
pub fn add(system: &System, playlist: i64, songs: &[Song]) -> Result<(), PhoneError> {
    DATABASE.with(system, |connection| {
        let transaction = connection.transaction()?;
        for song in songs {
            insert(&transaction, playlist, song)?;
        }
        transaction.commit()
    })
}

/// Takes songs out of a playlist, by their ids.
///
/// # Errors
/// When the database cannot be written.
pub fn remove(system: &System, playlist: i64, songs: &[i64]) -> Result<(), PhoneError> {
    DATABASE.with(system, |connection| {
        let transaction = connection.transaction()?;
        for id in songs {
            let sql = "DELETE FROM SongEntity WHERE playlist_creator_id = ?1 AND id = ?2";
            transaction.execute(sql, [playlist, *id])?;
        }
        transaction.commit()
    })
}

/// Writes a playlist's songs again, in this order.
///
/// # Errors
/// When the database cannot be written.
pub fn reorder(system: &System, playlist: i64, songs: &[Song]) -> Result<(), PhoneError> {
    DATABASE.with(system, |connection| {
        let transaction = connection.transaction()?;
        let sql = "DELETE FROM SongEntity WHERE playlist_creator_id = ?1";
        transaction.execute(sql, [playlist])?;
        for song in songs {
            insert(&transaction, playlist, song)?;
        }
        transaction.commit()
    })
}

/// Notes that a song is played.
///
/// # Errors
/// When the database cannot be written.
pub fn played(system: &System, song: &Song) -> Result<(), PhoneError> {
    let now = system.clock.now_millis();
    DATABASE.with(system, |connection| {
        let places = columns::song_places();
        let mut values = columns::values(song).to_vec();
        values.push(rusqlite::types::Value::Integer(now));
        let transaction = connection.transaction()?;
        let sql = format!(
            "INSERT OR REPLACE INTO HistoryEntity ({ENTITY}, time_played) VALUES ({places}, ?)"
        );
        transaction.execute(&sql, params_from_iter(values.iter()))?;
        let sql = format!(
            "INSERT INTO PlayCountEntity ({ENTITY}, time_played, play_count) VALUES ({places}, ?, 1) \
             ON CONFLICT (id) DO UPDATE SET play_count = play_count + 1, time_played = excluded.time_played"
        );
        transaction.execute(&sql, params_from_iter(values.iter()))?;
        transaction.commit()
    })
}

/// What was played, the last one first; or, with `often`, the most played first.
///
/// # Errors
/// When the database cannot be read.
pub fn history(system: &System, often: bool) -> Result<Vec<Song>, PhoneError> {
    let (table, order) = match often {
        true => ("PlayCountEntity", "play_count"),
        false => ("HistoryEntity", "time_played"),
    };
    DATABASE.with(system, |connection| {
        let mut statement = connection.prepare(&format!(
            "SELECT {ENTITY} FROM {table} ORDER BY {order} DESC LIMIT {PLAYED}"
        ))?;
        let rows = statement.query_map([], |row| columns::song(row, 0))?;
        rows.collect()
    })
}

/// A playlist as the text of an `.m3u` file.
pub fn as_file(songs: &[Song]) -> String {
    let mut text = "#EXTM3U".to_owned();
    for song in songs {
        text.push_str(&format!(
            "\n#EXTINF:{},{} - {}\n{}",
            song.duration_millis, song.artist, song.title, song.path
        ));
    }
    text
}
