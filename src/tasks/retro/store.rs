//! Retro Music's databases: playlists, and the playing queue.

use rusqlite::Connection;

use super::super::apps::RETRO;
use super::super::comparison::Listed;
use super::super::database::AppDatabase;
use super::super::{TaskError, setup};
use crate::device::Device;

const PLAYLISTS: AppDatabase = AppDatabase {
    app: RETRO,
    file: "playlist.db",
};

const QUEUE: AppDatabase = AppDatabase {
    app: RETRO,
    file: "music_playback_state.db",
};

fn empty(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("DELETE FROM PlaylistEntity; DELETE FROM SongEntity;")
}

/// Tells of playlists that could not be emptied.
pub(super) async fn rehearse(device: &Device) -> Result<(), TaskError> {
    PLAYLISTS.rehearse(device, empty).await
}

/// Empties the playlists, before a task.
pub(super) async fn begin(device: &Device) -> Result<(), TaskError> {
    setup::change(device, PLAYLISTS, empty).await
}

/// Empties the playlists, where there are any.
pub(super) async fn clear(device: &Device) -> Result<(), TaskError> {
    PLAYLISTS.change(device, empty).await.map(drop)
}

/// A song in a playlist.
pub(super) struct Entry {
    pub listed: Listed,
    pub millis: i64,
}

/// The songs of all playlists.
pub(super) async fn playlists(device: &Device) -> Result<Vec<Entry>, TaskError> {
    let read = |connection: &Connection| -> rusqlite::Result<Vec<Entry>> {
        let mut statement = connection.prepare(
            "SELECT playlist_name, title, duration, \
             row_number() OVER (PARTITION BY playlist_name ORDER BY song_key) - 1 \
             FROM SongEntity JOIN PlaylistEntity ON playlist_id = playlist_creator_id",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(Entry {
                listed: Listed {
                    playlist: row.get(0)?,
                    title: row.get(1)?,
                    position: row.get(3)?,
                },
                millis: row.get(2)?,
            })
        })?;
        rows.collect()
    };
    Ok(PLAYLISTS.read(device, read).await?.unwrap_or_default())
}

/// The titles of the playing queue, in its order.
pub(super) async fn queue(device: &Device) -> Result<Vec<String>, TaskError> {
    let read = |connection: &Connection| -> rusqlite::Result<Vec<String>> {
        let mut statement = connection.prepare("SELECT CAST(title AS TEXT) FROM playing_queue")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        rows.collect()
    };
    Ok(QUEUE.read(device, read).await?.unwrap_or_default())
}
