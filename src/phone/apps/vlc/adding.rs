//! The sheet that puts media into a new playlist or into one that exists.

use super::database::{self, Playlist};
use super::look::{self, ORANGE};
use super::titles::counted;
use crate::phone::system::{PhoneError, System};
use crate::phone::ui::{
    Color, Effects, Icon, ImeAction, Widget, column, filled_button, row, stretch, text, text_field,
};

/// A touch on the sheet.
#[derive(Debug, Clone)]
pub enum AddingMessage {
    /// Typed into the name.
    Name(String),
    /// Makes the playlist.
    Save,
    /// Takes a playlist that exists.
    Take(i64),
    /// Takes it although it has some of the media already, with all or with the new ones alone.
    Again(bool),
    /// Back to the sheet.
    Cancel,
}

/// The sheet.
pub struct Adding {
    paths: Vec<String>,
    name: String,
    wrong: Option<String>,
    playlists: Vec<Playlist>,
    /// A playlist that has some of the media, and the paths that it has.
    twice: Option<(i64, Vec<String>)>,
}

impl Adding {
    /// Asks for a playlist for files, in their order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn new(system: &System, paths: Vec<String>) -> Result<Adding, PhoneError> {
        Ok(Adding {
            paths,
            name: String::new(),
            wrong: None,
            playlists: database::playlists(system)?,
            twice: None,
        })
    }

    /// Answers a touch; `Some` when the sheet is done.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn update(
        &mut self,
        system: &System,
        message: AddingMessage,
    ) -> Result<Option<Effects>, PhoneError> {
        match message {
            AddingMessage::Name(name) => {
                self.name = name;
                self.wrong = None;
            }
            AddingMessage::Save => {
                let name = self.name.trim();
                if name.is_empty() {
                    return Ok(None);
                }
                if database::make(system, name, &self.paths)? {
                    return Ok(Some(Effects::none().hide_keyboard()));
                }
                self.wrong = Some(format!("Playlist {name} already exists"));
            }
            AddingMessage::Take(playlist) => {
                let tracks = database::tracks(system, playlist)?;
                let has = |path: &&String| tracks.iter().any(|track| track.path == **path);
                let known: Vec<String> = self.paths.iter().filter(has).cloned().collect();
                if !known.is_empty() {
                    self.twice = Some((playlist, known));
                    return Ok(None);
                }
                database::append(system, playlist, &self.paths)?;
                return Ok(Some(Effects::none().hide_keyboard()));
            }
            AddingMessage::Again(all) => {
                if let Some((playlist, known)) = self.twice.take() {
                    self.paths.retain(|path| all || !known.contains(path));
                    database::append(system, playlist, &self.paths)?;
                    return Ok(Some(Effects::none().hide_keyboard()));
                }
            }
            AddingMessage::Cancel => self.twice = None,
        }
        Ok(None)
    }

    /// The sheet.
    pub fn view(&self) -> Widget<AddingMessage> {
        if self.twice.is_some() {
            return warning();
        }
        let heading = |id: &'static str, words: &'static str| {
            text(words)
                .id(id)
                .bold()
                .quiet(14.0)
                .padding_symmetric(16.0, 8.0)
        };
        let mut field = vec![
            text_field(self.name.clone(), "Playlist name")
                .key("playlist name")
                .ime(ImeAction::Done)
                .on_enter(AddingMessage::Save)
                .on_change(AddingMessage::Name),
        ];
        if let Some(wrong) = &self.wrong {
            let words = text(wrong.clone()).id("textinput_error");
            field.push(words.text_size(12.0).color(Color::DANGER));
        }
        let rows: Vec<Widget<AddingMessage>> = self
            .playlists
            .iter()
            .map(|playlist| {
                look::line(
                    Icon::List,
                    ("textView16", playlist.name.clone()),
                    ("subtitle", counted(playlist.count, "media", "media")),
                    false,
                    None,
                )
                .on_tap(AddingMessage::Take(playlist.id))
            })
            .collect();
        let known = match rows.is_empty() {
            true => text("No playlist found.")
                .id("android:id/empty")
                .color(Color::TEXT_SECONDARY)
                .padding_symmetric(16.0, 12.0),
            false => look::sheet_list(rows, "android:id/list", 200.0),
        };
        look::sheet(vec![
            row(vec![
                heading("textView9", "Add to new playlist").weight_width(1.0),
                text(counted(self.paths.len(), "media", "media"))
                    .id("medias2")
                    .text_size(14.0)
                    .padding_symmetric(16.0, 8.0),
            ])
            .decoration(),
            column(field)
                .id("dialog_playlist_name")
                .padding_symmetric(16.0, 0.0),
            row(vec![
                stretch(),
                filled_button("Save")
                    .id("dialog_playlist_save")
                    .rounded(ORANGE, 24.0)
                    .on_tap(AddingMessage::Save),
            ])
            .padding_symmetric(16.0, 8.0)
            .decoration(),
            heading("textView8", "Add to existing playlist"),
            known,
        ])
    }
}

fn warning() -> Widget<AddingMessage> {
    let entry = |label: &'static str, id: &'static str, message| {
        text(label)
            .class("android.widget.Button")
            .id(id)
            .fill_width()
            .color(ORANGE)
            .bold()
            .padding_symmetric(16.0, 14.0)
            .on_tap(message)
    };
    look::sheet(vec![
        text("Some of these media are in the playlist already.")
            .id("duplicationWarning")
            .padding_symmetric(16.0, 12.0),
        entry("Add all", "add_all_button", AddingMessage::Again(true)),
        entry("Add new", "add_new_button", AddingMessage::Again(false)),
        entry("Cancel", "cancel_button", AddingMessage::Cancel),
    ])
}
