//! Retro Music's dialogs: for a playlist, for a name, before something is deleted, about a song.

use super::message::{Front, Message};
use super::playlists::Playlist;
use crate::phone::apps::entries;
use crate::phone::apps::lengths;
use crate::phone::providers::songs::Song;
use crate::phone::ui::{Color, Length, Widget, alert, choice, column, list, text, text_field};

/// The field of the dialogs that ask for a name.
pub const NAME: &str = "actionNewPlaylist";
/// Rows of a dialog's list from which on it scrolls.
const MANY: usize = 8;

/// The content of a dialog; nothing for what is none.
pub fn view(front: &Front, playlists: &[Playlist]) -> Widget<Message> {
    match front {
        Front::AddTo(_) => add_to(playlists),
        Front::NewPlaylist(_, name) => name_of("New playlist", "Create", name),
        Front::Rename(_, name) => name_of("Rename playlist", "Rename", name),
        Front::DeletePlaylists(ids) => {
            let name = ids
                .first()
                .and_then(|id| playlists.iter().find(|list| list.id == *id))
                .map_or("", |list| list.name.as_str());
            match ids.len() {
                1 => question(
                    "Delete playlist",
                    format!("Delete the playlist {name}?"),
                    "Delete",
                ),
                count => question(
                    "Delete playlists",
                    format!("Delete these {count} playlists?"),
                    "Delete",
                ),
            }
        }
        Front::Remove(_, songs) => match &songs[..] {
            [song] => question(
                "Remove song from playlist",
                format!("Remove the song {} from the playlist?", song.title),
                "Remove",
            ),
            songs => question(
                "Remove songs from playlist",
                format!("Remove {} songs from the playlist?", songs.len()),
                "Remove",
            ),
        },
        Front::DeleteSongs(songs) => match &songs[..] {
            [song] => question("Delete song", format!("Delete {}?", song.title), "Delete"),
            songs => question(
                "Delete songs",
                format!("Delete these {} songs?", songs.len()),
                "Delete",
            ),
        },
        Front::Details(song) => details(song),
        Front::Overflow | Front::Sort | Front::Row(_) => column(Vec::new()),
    }
}

fn question(title: &'static str, words: String, label: &'static str) -> Widget<Message> {
    alert(title)
        .message(words)
        .positive(label, Message::Accept)
        .negative("Cancel", Message::Dismiss)
        .widget()
}

fn add_to(playlists: &[Playlist]) -> Widget<Message> {
    let mut rows = vec![choice("New playlist", Message::New)];
    rows.extend(
        playlists
            .iter()
            .map(|list| choice(list.name.clone(), Message::Pick(list.id))),
    );
    let height = match rows.len() {
        0..=MANY => Length::Wrap,
        _ => Length::Dp(400.0),
    };
    let rows = list(rows)
        .class("android.widget.ListView")
        .id("select_dialog_listview")
        .height(height);
    alert("Add to playlist")
        .content(vec![rows])
        .negative("Cancel", Message::Dismiss)
        .widget()
}

fn name_of(title: &'static str, label: &'static str, name: &str) -> Widget<Message> {
    let field = column(vec![
        text_field(name, "Playlist name")
            .id(NAME)
            .padding_symmetric(12.0, 12.0)
            .on_change(Message::Typed),
    ])
    .id("actionNewPlaylistContainer")
    .rounded(Color::SURFACE_RAISED, 8.0)
    .margin_edges(0.0, 4.0, 0.0, 4.0);
    alert(title)
        .content(vec![field])
        .positive(label, Message::Accept)
        .negative("Cancel", Message::Dismiss)
        .widget()
}

fn details(song: &Song) -> Widget<Message> {
    let line = |id: &'static str, name: &'static str, value: String| {
        text(format!("{name}: {value}")).id(id).text_size(15.0)
    };
    let megabytes = song.size as f64 / 1_048_576.0;
    let content = column(vec![
        line(
            "fileName",
            "File name",
            entries::name_of(&song.path).to_owned(),
        ),
        line("filePath", "File path", song.path.clone()),
        line("fileSize", "Size", format!("{megabytes:.2} MB")),
        line("fileFormat", "Format", song.mime.to_owned()),
        line(
            "trackLength",
            "Length",
            lengths::padded(song.duration_millis),
        ),
        line("trackName", "Title", song.title.clone()),
        line("trackArtist", "Artist", song.artist.clone()),
        line("trackAlbum", "Album", song.album.clone()),
    ])
    .gap(8.0);
    alert("Details")
        .content(vec![content])
        .positive("OK", Message::Dismiss)
        .widget()
}
