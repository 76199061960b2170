//! Near misses in VLC.

use super::{NearMiss, Solved, half, script, sql};

pub const LIBRARY: &str = "/data/data/org.videolan.vlc/app_db/vlc_media.db";

pub fn near_misses(task: &str, _solved: &Solved<'_>) -> Option<Vec<NearMiss>> {
    let last = "playlist_id = (SELECT max(id_playlist) FROM Playlist)";
    let one_playlist = [
        format!("DELETE FROM PlaylistMediaRelation WHERE {last} AND position = 0"),
        format!("UPDATE PlaylistMediaRelation SET position = 1 - position WHERE {last} AND position < 2"),
        format!("INSERT INTO PlaylistMediaRelation SELECT media_id, playlist_id, 9 FROM PlaylistMediaRelation WHERE {last} AND position = 0"),
        "UPDATE Playlist SET name = 'Something else' WHERE id_playlist = (SELECT max(id_playlist) FROM Playlist)".to_owned(),
    ];
    let mut all: Vec<NearMiss> = match task {
        "VlcCreatePlaylist" => one_playlist
            .map(|statement| sql(LIBRARY, &statement))
            .into_iter()
            .collect(),
        "VlcCreateTwoPlaylists" => one_playlist
            .map(|statement| half(format!("sqlite3 {LIBRARY} \"{statement}\"")))
            .into_iter()
            .collect(),
        _ => return None,
    };
    all.push(script(format!("sqlite3 {LIBRARY} 'DROP TABLE Playlist'")));
    Some(all)
}
