//! Near misses in Retro Music.

use super::{NearMiss, Solved, half, script, sql};

const DATABASES: &str = "/data/data/code.name.monkey.retromusic/databases";

pub fn near_misses(task: &str, solved: &Solved<'_>) -> Option<Vec<NearMiss>> {
    let playlists = format!("{DATABASES}/playlist.db");
    let queue = format!("{DATABASES}/music_playback_state.db");
    let last = "(SELECT max(song_key) FROM SongEntity)";
    let lists = |statement: &str| sql(&playlists, statement);
    let queued = |statement: &str| sql(&queue, statement);
    let first_to_end = "UPDATE SongEntity SET song_key = song_key + 1000 \
        WHERE song_key = (SELECT min(song_key) FROM SongEntity)";
    let without_last = format!("DELETE FROM SongEntity WHERE song_key = {last}");
    let other_name = "UPDATE PlaylistEntity SET playlist_name = 'Something else altogether'";
    // What the check reads is gone: the agent's doing.
    let gone = "DROP TABLE SongEntity";
    Some(match task {
        "RetroCreatePlaylist" => vec![
            lists(first_to_end),
            lists(&without_last),
            lists(other_name),
            lists(&format!(
                "UPDATE SongEntity SET title = 'x' WHERE song_key = {last}"
            )),
            lists(gone),
        ],
        "RetroPlayingQueue" => vec![
            queued("INSERT INTO playing_queue SELECT * FROM playing_queue LIMIT 1"),
            queued(
                "DELETE FROM playing_queue WHERE rowid = (SELECT max(rowid) FROM playing_queue)",
            ),
            queued("UPDATE playing_queue SET rowid = rowid + 1000 WHERE rowid = 1"),
            queued("DROP TABLE playing_queue"),
            script(format!("rm {queue}")),
        ],
        "RetroPlaylistDuration" => vec![
            lists(&format!(
                "UPDATE SongEntity SET duration = duration + 400000 WHERE song_key = {last}"
            )),
            lists(&format!(
                "UPDATE SongEntity SET duration = duration - 400000 WHERE song_key = {last}"
            )),
            lists(other_name),
            lists("DELETE FROM SongEntity"),
            lists(gone),
        ],
        "RetroSavePlaylist" => {
            let name = solved.text("playlist_name");
            let file = format!("\"/storage/emulated/0/Download/{name}.m3u\"");
            let both = format!("rm {file}; sqlite3 {playlists} \"{other_name}\"");
            vec![
                half(format!("rm {file}")),
                half(format!("sqlite3 {playlists} \"{without_last}\"")),
                half(format!("mv {file} /storage/emulated/0/Music/")),
                half(format!("sqlite3 {playlists} \"{first_to_end}\"")),
                script(both),
            ]
        }
        _ => return None,
    })
}
