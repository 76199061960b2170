//! VLC's media library: the tables of `vlc_media.db`, filled from the files of the shared storage.

use rusqlite::{Connection, OptionalExtension, params};

use super::PACKAGE;
use super::titles::title_of;
use crate::phone::apps::app_database::AppDatabase;
use crate::phone::apps::entries::name_of;
use crate::phone::media as scanner;
use crate::phone::providers::media;
use crate::phone::system::{Files, PhoneError, System};

/// A video or a song of the library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Video {
    /// Row id.
    pub id: i64,
    /// Title.
    pub title: String,
    /// Name of the file.
    pub filename: String,
    /// The phone's path.
    pub path: String,
    /// Length in milliseconds.
    pub duration: i64,
    /// Sound only.
    pub audio: bool,
}

/// A playlist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Playlist {
    /// Row id.
    pub id: i64,
    /// Name.
    pub name: String,
    /// How many media it has.
    pub count: usize,
}

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS Settings(db_model_version UNSIGNED INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS Device(id_device INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT COLLATE NOCASE, scheme TEXT, is_removable BOOLEAN, is_present BOOLEAN, is_network BOOLEAN, last_seen UNSIGNED INTEGER);
CREATE TABLE IF NOT EXISTS Folder(id_folder INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT, name TEXT COLLATE NOCASE, parent_id UNSIGNED INTEGER, is_banned BOOLEAN NOT NULL DEFAULT 0, device_id UNSIGNED INTEGER, is_removable BOOLEAN NOT NULL DEFAULT 0, nb_audio UNSIGNED INTEGER NOT NULL DEFAULT 0, nb_video UNSIGNED INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS MediaGroup(id_group INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT COLLATE NOCASE, nb_video UNSIGNED INTEGER DEFAULT 0, nb_audio UNSIGNED INTEGER DEFAULT 0, nb_unknown UNSIGNED INTEGER DEFAULT 0, duration INTEGER DEFAULT 0, creation_date INTEGER NOT NULL, last_modification_date INTEGER NOT NULL, user_interacted BOOLEAN, forced_singleton BOOLEAN);
CREATE TABLE IF NOT EXISTS Media(id_media INTEGER PRIMARY KEY AUTOINCREMENT, type INTEGER, subtype INTEGER NOT NULL DEFAULT 0, duration INTEGER DEFAULT -1, last_position REAL DEFAULT -1, last_time INTEGER DEFAULT -1, play_count UNSIGNED INTEGER NOT NULL DEFAULT 0, last_played_date UNSIGNED INTEGER, insertion_date UNSIGNED INTEGER, release_date UNSIGNED INTEGER, title TEXT COLLATE NOCASE, filename TEXT COLLATE NOCASE, is_favorite BOOLEAN NOT NULL DEFAULT 0, is_present BOOLEAN NOT NULL DEFAULT 1, device_id INTEGER, nb_playlists UNSIGNED INTEGER NOT NULL DEFAULT 0, folder_id UNSIGNED INTEGER, import_type UNSIGNED INTEGER NOT NULL DEFAULT 0, group_id UNSIGNED INTEGER, forced_title BOOLEAN NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS File(id_file INTEGER PRIMARY KEY AUTOINCREMENT, media_id UNSIGNED INT DEFAULT NULL, playlist_id UNSIGNED INT DEFAULT NULL, mrl TEXT, type UNSIGNED INTEGER, last_modification_date UNSIGNED INT, size UNSIGNED INT, folder_id UNSIGNED INTEGER, is_removable BOOLEAN NOT NULL DEFAULT 0, is_external BOOLEAN NOT NULL DEFAULT 0, is_network BOOLEAN NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS Playlist(id_playlist INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT COLLATE NOCASE, file_id UNSIGNED INT DEFAULT NULL, creation_date UNSIGNED INT NOT NULL DEFAULT 0, artwork_mrl TEXT, nb_media UNSIGNED INT NOT NULL DEFAULT 0, nb_present_media UNSIGNED INT NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS PlaylistMediaRelation(media_id INTEGER, playlist_id INTEGER, position INTEGER);
CREATE INDEX IF NOT EXISTS playlist_position_pl_id_index ON PlaylistMediaRelation(playlist_id, position);
";

/// Types of media.
const VIDEO: i64 = 1;
const AUDIO: i64 = 2;

/// The app's database.
pub const DATABASE: AppDatabase = AppDatabase {
    package: PACKAGE,
    file: "app_db/vlc_media.db",
    prepare: |connection| connection.execute_batch(SCHEMA),
};

/// Does all of something with the database, or nothing of it.
fn with<T>(
    system: &System,
    work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> Result<T, PhoneError> {
    DATABASE.with(system, |connection| {
        let transaction = connection.transaction()?;
        let value = work(&transaction)?;
        transaction.commit()?;
        Ok(value)
    })
}

/// A media file as the scanner found it.
struct Found {
    path: String,
    size: u64,
    modified: i64,
    mime: &'static str,
}

fn found(files: &Files) -> Vec<Found> {
    let all = media::list(files, "file").into_iter();
    all.filter(|file| file.mime.starts_with("video/") || file.mime.starts_with("audio/"))
        .filter(|file| !file.path.contains("/."))
        .map(|file| Found {
            path: file.path,
            size: file.size,
            modified: file.modified,
            mime: file.mime,
        })
        .collect()
}

/// Brings the library up to date with the files, and lists what it has.
///
/// # Errors
/// When the database cannot be used.
pub fn scan(system: &System) -> Result<Vec<Video>, PhoneError> {
    let files = found(&system.files);
    let now = system.clock.now_seconds();
    with(system, |connection| {
        // Rows that somebody removed are made again.
        connection.execute(
            "DELETE FROM File WHERE media_id NOT IN (SELECT id_media FROM Media)",
            [],
        )?;
        let mut known = connection
            .prepare("SELECT media_id, last_modification_date, size FROM File WHERE mrl = ?1")?;
        for file in &files {
            let mrl = mrl(&file.path);
            let row: Option<(i64, i64, i64)> = known
                .query_row([&mrl], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                .optional()?;
            let size = i64::try_from(file.size).unwrap_or(i64::MAX);
            if row.is_some_and(|(_, time, bytes)| (time, bytes) == (file.modified, size)) {
                continue;
            }
            let length = scanner::read(&system.files, &file.path, file.mime).duration_millis;
            if let Some((id, ..)) = row {
                connection.execute(
                    "UPDATE Media SET duration = ?2 WHERE id_media = ?1",
                    params![id, length],
                )?;
                connection.execute(
                    "UPDATE File SET last_modification_date = ?2, size = ?3 WHERE mrl = ?1",
                    params![mrl, file.modified, size],
                )?;
                continue;
            }
            let name = name_of(&file.path);
            let kind = if file.mime.starts_with("audio/") {
                AUDIO
            } else {
                VIDEO
            };
            connection.execute(
                "INSERT INTO Media(type, duration, insertion_date, release_date, title, filename) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![kind, length, now, file.modified, title_of(name), name],
            )?;
            connection.execute(
                "INSERT INTO File(media_id, mrl, type, last_modification_date, size) \
                 VALUES (?1, ?2, 1, ?3, ?4)",
                params![connection.last_insert_rowid(), mrl, file.modified, size],
            )?;
        }
        let paths: Vec<String> = files.iter().map(|file| mrl(&file.path)).collect();
        let gone: Vec<(i64, String)> = connection
            .prepare("SELECT media_id, mrl FROM File")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        for (id, _) in gone.iter().filter(|(_, mrl)| !paths.contains(mrl)) {
            connection.execute("DELETE FROM File WHERE media_id = ?1", [id])?;
            connection.execute("DELETE FROM Media WHERE id_media = ?1", [id])?;
        }
        list(
            connection,
            "SELECT id_media, title, filename, mrl, duration, Media.type FROM Media \
             JOIN File ON media_id = id_media ORDER BY title COLLATE NOCASE",
            [],
        )
    })
}

fn mrl(path: &str) -> String {
    format!("file://{path}")
}

fn list(
    connection: &Connection,
    statement: &str,
    params: impl rusqlite::Params,
) -> rusqlite::Result<Vec<Video>> {
    let mut statement = connection.prepare(statement)?;
    let rows = statement.query_map(params, |row| {
        let mrl: String = row.get(3)?;
        let title: Option<String> = row.get(1)?;
        Ok(Video {
            id: row.get(0)?,
            title: title.unwrap_or_default(),
            filename: row.get(2)?,
            path: mrl.strip_prefix("file://").unwrap_or(&mrl).to_owned(),
            duration: row.get(4)?,
            audio: row.get::<_, i64>(5)? == AUDIO,
        })
    })?;
    rows.collect()
}

/// All playlists, by name.
///
/// # Errors
/// When the database cannot be used.
pub fn playlists(system: &System) -> Result<Vec<Playlist>, PhoneError> {
    with(system, |connection| {
        let mut statement = connection.prepare(
            "SELECT id_playlist, name, (SELECT count(*) FROM PlaylistMediaRelation \
             WHERE playlist_id = id_playlist) FROM Playlist ORDER BY name COLLATE NOCASE",
        )?;
        let rows = statement.query_map([], |row| {
            let name: Option<String> = row.get(1)?;
            Ok(Playlist {
                id: row.get(0)?,
                name: name.unwrap_or_default(),
                count: usize::try_from(row.get::<_, i64>(2)?).unwrap_or(0),
            })
        })?;
        rows.collect()
    })
}

/// What a playlist has, in its order.
///
/// # Errors
/// When the database cannot be used.
pub fn tracks(system: &System, playlist: i64) -> Result<Vec<Video>, PhoneError> {
    with(system, |connection| {
        list(
            connection,
            "SELECT id_media, title, filename, mrl, duration, Media.type FROM PlaylistMediaRelation r \
             JOIN Media ON id_media = r.media_id JOIN File f ON f.media_id = id_media \
             WHERE r.playlist_id = ?1 ORDER BY position",
            [playlist],
        )
    })
}

/// Makes a playlist of files; `false` when the name is taken.
///
/// # Errors
/// When the database cannot be used.
pub fn make(system: &System, name: &str, paths: &[String]) -> Result<bool, PhoneError> {
    let now = system.clock.now_seconds();
    with(system, |connection| {
        let known: i64 = connection.query_row(
            "SELECT count(*) FROM Playlist WHERE name = ?1",
            [name],
            |row| row.get(0),
        )?;
        if known > 0 {
            return Ok(false);
        }
        connection.execute(
            "INSERT INTO Playlist(name, creation_date) VALUES (?1, ?2)",
            params![name, now],
        )?;
        add(connection, connection.last_insert_rowid(), paths)?;
        Ok(true)
    })
}

/// Puts files behind what a playlist has.
///
/// # Errors
/// When the database cannot be used.
pub fn append(system: &System, playlist: i64, paths: &[String]) -> Result<(), PhoneError> {
    with(system, |connection| add(connection, playlist, paths))
}

fn add(connection: &Connection, playlist: i64, paths: &[String]) -> rusqlite::Result<()> {
    for path in paths {
        connection.execute(
            "INSERT INTO PlaylistMediaRelation(media_id, playlist_id, position) \
             SELECT media_id, ?2, (SELECT count(*) FROM PlaylistMediaRelation WHERE playlist_id = ?2) \
             FROM File WHERE mrl = ?1",
            params![mrl(path), playlist],
        )?;
    }
    count(connection)
}

/// Counts again what the playlists have, and in how many a medium is.
fn count(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "UPDATE Playlist SET nb_media = (SELECT count(*) FROM PlaylistMediaRelation WHERE playlist_id = id_playlist);
         UPDATE Playlist SET nb_present_media = nb_media;
         UPDATE Media SET nb_playlists = (SELECT count(*) FROM PlaylistMediaRelation WHERE media_id = id_media);",
    )
}

/// Takes one medium out of a playlist.
///
/// # Errors
/// When the database cannot be used.
pub fn remove(system: &System, playlist: i64, position: usize) -> Result<(), PhoneError> {
    let position = i64::try_from(position).unwrap_or(i64::MAX);
    with(system, |connection| {
        connection.execute(
            "DELETE FROM PlaylistMediaRelation WHERE playlist_id = ?1 AND position = ?2",
            [playlist, position],
        )?;
        connection.execute(
            "UPDATE PlaylistMediaRelation SET position = position - 1 \
             WHERE playlist_id = ?1 AND position > ?2",
            [playlist, position],
        )?;
        count(connection)
    })
}

/// Moves a medium of a playlist to the place above or below.
///
/// # Errors
/// When the database cannot be used.
pub fn swap(
    system: &System,
    playlist: i64,
    position: usize,
    other: usize,
) -> Result<(), PhoneError> {
    let [a, b] = [position, other].map(|place| i64::try_from(place).unwrap_or(i64::MAX));
    with(system, |connection| {
        connection.execute(
            "UPDATE PlaylistMediaRelation SET position = CASE position WHEN ?2 THEN ?3 ELSE ?2 END \
             WHERE playlist_id = ?1 AND position IN (?2, ?3)",
            [playlist, a, b],
        )?;
        Ok(())
    })
}

/// Gives a playlist another name.
///
/// # Errors
/// When the database cannot be used.
pub fn rename(system: &System, playlist: i64, name: &str) -> Result<(), PhoneError> {
    with(system, |connection| {
        connection.execute(
            "UPDATE Playlist SET name = ?2 WHERE id_playlist = ?1",
            params![playlist, name],
        )?;
        Ok(())
    })
}

/// Deletes a playlist; its media stay.
///
/// # Errors
/// When the database cannot be used.
pub fn delete(system: &System, playlist: i64) -> Result<(), PhoneError> {
    with(system, |connection| {
        connection.execute(
            "DELETE FROM PlaylistMediaRelation WHERE playlist_id = ?1",
            [playlist],
        )?;
        connection.execute("DELETE FROM Playlist WHERE id_playlist = ?1", [playlist])?;
        count(connection)
    })
}
