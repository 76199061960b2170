//! VLC's media library and its videos on the device.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rusqlite::Connection;

use super::super::apps::VLC;
use super::super::comparison::Listed;
use super::super::database::AppDatabase;
use super::super::film::{self, Caption};
use super::super::names::characters;
use super::super::paths::CLEAR_INTERNAL;
use super::super::{TaskError, base, setup};
use crate::device::Device;
use crate::domain::TaskSpec;

/// Where the videos of playlists lie.
pub const FOLDER: &str = "/storage/emulated/0/VLCVideos";

const DATABASE: AppDatabase = AppDatabase {
    app: VLC,
    file: "vlc_media.db",
};

/// Empties the folder of the videos; made anew, as an agent may have deleted it.
fn clear_folder() -> String {
    format!("{CLEAR_INTERNAL}rm -rf {FOLDER}/*\nmkdir -p {FOLDER}\n")
}

fn empty(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "DELETE FROM Playlist; DELETE FROM Media; DELETE FROM PlaylistMediaRelation;",
    )
}

/// BASE-INIT, then no playlists and no videos.
pub async fn begin(device: &Device, spec: &TaskSpec) -> Result<(), TaskError> {
    DATABASE.rehearse(device, empty).await?;
    base::init(device, spec, &clear_folder()).await?;
    setup::change(device, DATABASE, empty).await
}

/// Puts videos of one caption each into a folder.
pub async fn fill(
    device: &Device,
    folder: &str,
    names: impl Iterator<Item = &String>,
    rng: &mut ChaCha8Rng,
) -> Result<(), TaskError> {
    let films = names.map(|name| {
        let text = characters(10, rng);
        let caption = Caption {
            text: &text,
            seconds: rng.random_range(20..=180),
        };
        let film = film::captioned(&[caption], 1, rng);
        (format!("{folder}/{name}"), film)
    });
    film::push(device, films.collect::<Vec<_>>()).await
}

/// BASE-TEARDOWN, then no playlists and no videos.
pub async fn teardown(device: &Device, spec: &TaskSpec) -> Result<(), TaskError> {
    base::teardown(device, spec, &clear_folder()).await?;
    DATABASE.change(device, empty).await.map(drop)
}

/// What is in the playlists: none where there is no database that can be read.
pub async fn listed(device: &Device) -> Result<Vec<Listed>, TaskError> {
    let read = |connection: &Connection| -> rusqlite::Result<Vec<Listed>> {
        let mut statement = connection.prepare(
            "SELECT name, filename, position FROM PlaylistMediaRelation \
             JOIN Playlist ON id_playlist = playlist_id JOIN Media ON id_media = media_id",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(Listed {
                playlist: row.get(0)?,
                title: row.get(1)?,
                position: row.get(2)?,
            })
        })?;
        rows.collect()
    };
    match DATABASE.read(device, read).await {
        // `begin` saw a database: what cannot be read now is the agent's doing.
        Err(error @ TaskError::Database { .. }) => {
            tracing::info!(%error, "the playlists that are judged are broken");
            Ok(Vec::new())
        }
        read => Ok(read?.unwrap_or_default()),
    }
}
