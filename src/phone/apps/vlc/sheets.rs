//! The sheets and dialogs in front of VLC's lists.

use super::adding::{Adding, AddingMessage};
use super::look;
use crate::phone::ui::{Color, Icon, Overlay, OverlayKind, Widget, alert, text, text_field};

/// What is in front.
pub enum Sheet {
    /// Actions of media: title and paths.
    Media(String, Vec<String>),
    /// Actions of a playlist: id and name.
    Playlist(i64, String),
    /// Puts media into a playlist.
    Adding(Adding),
    /// Asks whether to delete files.
    Delete(Vec<String>),
    /// Asks whether to delete a playlist.
    DeletePlaylist(i64, String),
    /// Asks for a playlist's new name.
    Rename(i64, String),
    /// What is known of a file.
    Information(String),
    /// Asks for access to the files.
    Access,
}

/// A touch on a sheet.
#[derive(Debug, Clone)]
pub enum SheetMessage {
    /// Plays files.
    Play(Vec<String>),
    /// Asks for a playlist for files.
    Add(Vec<String>),
    /// Shows what is known of a file.
    Inform(String),
    /// Asks whether to delete files.
    AskDelete(Vec<String>),
    /// Deletes files.
    Delete(Vec<String>),
    /// Opens a playlist.
    Open(i64, String),
    /// Asks whether to delete a playlist.
    AskDeletePlaylist(i64, String),
    /// Deletes a playlist.
    DeletePlaylist(i64),
    /// Asks for a playlist's new name.
    AskName(i64, String),
    /// Typed into it.
    Name(String),
    /// Takes the new name.
    Rename,
    /// On the sheet for playlists.
    Adding(AddingMessage),
    /// To the system's page for access.
    Grant,
    /// Closes what is in front.
    Close,
}

fn options(title: &str, rows: Vec<Widget<SheetMessage>>) -> Widget<SheetMessage> {
    let heading = text(title.to_owned())
        .id("ctx_title")
        .bold()
        .max_lines(1)
        .padding_symmetric(20.0, 10.0);
    look::sheet(vec![heading, look::sheet_list(rows, "ctx_list", 320.0)])
}

fn question(
    title: &'static str,
    words: String,
    yes: &'static str,
    message: SheetMessage,
) -> Widget<SheetMessage> {
    alert(title)
        .message(words)
        .positive(yes, message)
        .negative("Cancel", SheetMessage::Close)
        .widget()
}

impl Sheet {
    /// The window.
    pub fn overlay(&self) -> Overlay<SheetMessage> {
        let (kind, content) = match self {
            Sheet::Media(title, paths) => (OverlayKind::BottomSheet, media(title, paths)),
            Sheet::Playlist(id, name) => (OverlayKind::BottomSheet, playlist(*id, name)),
            Sheet::Adding(adding) => (
                OverlayKind::BottomSheet,
                adding.view().map(&SheetMessage::Adding),
            ),
            Sheet::Delete(paths) => {
                let words = match &paths[..] {
                    [path] => format!("Delete the file {path}?"),
                    paths => format!("Delete {} files?", paths.len()),
                };
                let message = SheetMessage::Delete(paths.clone());
                (OverlayKind::Dialog, question("", words, "OK", message))
            }
            Sheet::DeletePlaylist(id, name) => {
                let words = format!("Delete the playlist {name}?");
                let message = SheetMessage::DeletePlaylist(*id);
                (OverlayKind::Dialog, question("", words, "OK", message))
            }
            Sheet::Rename(_, name) => (OverlayKind::Dialog, renaming(name)),
            Sheet::Information(words) => (OverlayKind::Dialog, information(words)),
            Sheet::Access => {
                let words =
                    "To find and play all media VLC needs access to every file of this device."
                        .to_owned();
                let message = SheetMessage::Grant;
                let title = "Allow VLC all file access";
                (OverlayKind::Dialog, question(title, words, "OK", message))
            }
        };
        Overlay::new(kind, content, SheetMessage::Close)
    }
}

fn media(title: &str, paths: &[String]) -> Widget<SheetMessage> {
    let all = || paths.to_vec();
    let mut rows = vec![look::option(
        Icon::Play,
        if paths.len() == 1 { "Play" } else { "Play all" },
        SheetMessage::Play(all()),
    )];
    if let [path] = paths {
        let message = SheetMessage::Inform(path.clone());
        rows.push(look::option(Icon::Info, "Information", message));
    }
    rows.push(look::option(
        Icon::Add,
        "Add to playlist",
        SheetMessage::Add(all()),
    ));
    if paths.len() == 1 {
        let message = SheetMessage::AskDelete(all());
        rows.push(look::option(Icon::Delete, "Delete", message));
    }
    options(title, rows)
}

fn playlist(id: i64, name: &str) -> Widget<SheetMessage> {
    options(
        name,
        vec![
            look::option(Icon::Play, "Play", SheetMessage::Open(id, name.to_owned())),
            look::option(
                Icon::Edit,
                "Rename",
                SheetMessage::AskName(id, name.to_owned()),
            ),
            look::option(
                Icon::Delete,
                "Delete",
                SheetMessage::AskDeletePlaylist(id, name.to_owned()),
            ),
        ],
    )
}

fn renaming(name: &str) -> Widget<SheetMessage> {
    let field = text_field(name, "New name")
        .id("new_name")
        .on_enter(SheetMessage::Rename)
        .on_change(SheetMessage::Name);
    alert("Rename")
        .content(vec![field])
        .positive("OK", SheetMessage::Rename)
        .negative("Cancel", SheetMessage::Close)
        .widget()
}

fn information(words: &str) -> Widget<SheetMessage> {
    let words = text(words.to_owned()).color(Color::TEXT_SECONDARY);
    alert("Information")
        .content(vec![words])
        .positive("OK", SheetMessage::Close)
        .widget()
}
