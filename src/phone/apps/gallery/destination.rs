//! The dialogs that ask where to copy or move files: the known folders, and behind `Other folder` all of the
//! shared storage.

use super::library::{self, Album, STORAGE, Thumbnails, folder_name};
use super::look;
use crate::phone::apps::entries::{name_of, parent_of};
use crate::phone::apps::transfer::Mode;
use crate::phone::system::{Files, PhoneError, paths};
use crate::phone::ui::{
    Align, Color, Icon, ImeAction, Length, Widget, alert, column, horizontal_list, icon,
    icon_button, list, row, stack, text, text_field,
};

/// A touch on the dialogs.
#[derive(Debug, Clone)]
pub enum DestinationMessage {
    /// Typed into the search.
    Search(String),
    /// Takes a known folder.
    Take(String),
    /// Asks for a folder of the whole storage.
    Other,
    /// Shows a folder of it.
    Enter(String),
    /// Shows hidden folders too.
    ShowHidden,
    /// Takes the folder that is shown.
    TakeShown,
    /// Asks for the name of a new folder.
    AskName,
    /// Typed into that name.
    Name(String),
    /// Makes the new folder.
    Make,
    /// BACK, or a cancelling button.
    Close,
}

/// What became of a touch.
pub enum Answer {
    /// The dialog stays, with words to be said.
    Stays(Option<&'static str>),
    /// This folder is it.
    Folder(String),
    /// Nothing is to be done.
    Nothing,
}

/// The dialogs.
pub struct Destination {
    /// Copy or move.
    pub mode: Mode,
    /// What is copied or moved.
    pub paths: Vec<String>,
    albums: Vec<Album>,
    thumbnails: Thumbnails,
    words: String,
    picker: Option<Picker>,
    hidden: bool,
}

/// The dialog with all folders.
struct Picker {
    folder: String,
    /// Names, and how much is in them; `None` for files.
    entries: Vec<(String, Option<usize>)>,
    /// The name of a folder to be made.
    name: Option<String>,
}

impl Destination {
    /// Asks where to put files.
    pub fn new(files: &Files, mode: Mode, paths: Vec<String>) -> Destination {
        let mut albums = library::albums(files);
        albums.retain(|album| album.path != library::BIN);
        let mut thumbnails = Thumbnails::default();
        thumbnails.load(files, albums.iter().map(|album| &album.newest));
        Destination {
            mode,
            paths,
            albums,
            thumbnails,
            words: String::new(),
            picker: None,
            hidden: false,
        }
    }

    fn source(&self) -> &str {
        self.paths
            .first()
            .and_then(|path| parent_of(path))
            .unwrap_or(STORAGE)
    }

    fn take(&self, folder: String) -> Answer {
        if folder == self.source() {
            return Answer::Stays(Some("Source and destination cannot be the same"));
        }
        Answer::Folder(folder)
    }

    fn enter(&mut self, files: &Files, folder: &str) {
        let hidden = self.hidden;
        let shown = |name: &str| hidden || !name.starts_with('.');
        let mut entries: Vec<(String, Option<usize>)> = files
            .list(folder)
            .unwrap_or_default()
            .into_iter()
            .filter(|entry| shown(&entry.name))
            .map(|entry| {
                let inside = files.list(&paths::child(folder, &entry.name)).ok();
                (entry.name, inside.map(|inside| inside.len()))
            })
            .collect();
        entries.retain(|(_, inside)| inside.is_some());
        entries.sort_by_key(|(name, _)| name.to_lowercase());
        self.picker = Some(Picker {
            folder: folder.to_owned(),
            entries,
            name: None,
        });
    }

    /// Answers a touch.
    ///
    /// # Errors
    /// When a new folder cannot be made.
    pub fn update(
        &mut self,
        files: &Files,
        message: DestinationMessage,
    ) -> Result<Answer, PhoneError> {
        match message {
            DestinationMessage::Search(words) => self.words = words,
            DestinationMessage::Take(folder) => return Ok(self.take(folder)),
            DestinationMessage::Other => {
                let source = self.source();
                let start = if files.is_dir(source) && paths::is_within(source, STORAGE) {
                    source.to_owned()
                } else {
                    STORAGE.to_owned()
                };
                self.enter(files, &start);
            }
            DestinationMessage::Enter(folder) => self.enter(files, &folder),
            DestinationMessage::ShowHidden => {
                self.hidden = true;
                if let Some(picker) = &self.picker {
                    let folder = picker.folder.clone();
                    self.enter(files, &folder);
                }
            }
            DestinationMessage::TakeShown => {
                if let Some(picker) = &self.picker {
                    return Ok(self.take(picker.folder.clone()));
                }
                return Ok(Answer::Nothing);
            }
            DestinationMessage::AskName => {
                if let Some(picker) = &mut self.picker {
                    picker.name = Some(String::new());
                }
            }
            DestinationMessage::Name(typed) => {
                if let Some(picker) = &mut self.picker {
                    picker.name = Some(typed);
                }
            }
            DestinationMessage::Make => return self.make(files),
            DestinationMessage::Close => return Ok(self.close(files)),
        }
        Ok(Answer::Stays(None))
    }

    fn make(&mut self, files: &Files) -> Result<Answer, PhoneError> {
        let Some((folder, name)) = self.picker.as_ref().and_then(|picker| {
            let name = picker.name.as_deref()?.trim();
            Some((picker.folder.clone(), name.to_owned()))
        }) else {
            return Ok(Answer::Stays(None));
        };
        if name.is_empty() {
            return Ok(Answer::Stays(Some("Please enter a name")));
        }
        if name.contains(['/', '\n', '\0']) {
            return Ok(Answer::Stays(Some("The name has invalid characters")));
        }
        let path = paths::child(&folder, &name);
        if files.exists(&path) {
            return Ok(Answer::Stays(Some("A file with that name exists already")));
        }
        files
            .make_dir(&path)
            .map_err(|error| PhoneError::file(&path, error))?;
        self.enter(files, &path);
        Ok(Answer::Stays(None))
    }

    /// One step out: the new name, the folder that is shown, the dialog.
    fn close(&mut self, files: &Files) -> Answer {
        let Some(picker) = &mut self.picker else {
            return Answer::Nothing;
        };
        if picker.name.take().is_some() {
            return Answer::Stays(None);
        }
        match parent_of(&picker.folder) {
            Some(parent) if picker.folder != STORAGE => {
                let parent = parent.to_owned();
                self.enter(files, &parent);
                Answer::Stays(None)
            }
            _ => Answer::Nothing,
        }
    }

    /// The dialog in front, and what its cancelling button sends.
    pub fn view<M: Clone + 'static>(
        &self,
        wrap: impl Fn(DestinationMessage) -> M + Clone + Send + Sync + 'static,
        cancel: M,
    ) -> Widget<M> {
        match &self.picker {
            None => self.known(wrap, cancel),
            Some(picker) => match &picker.name {
                None => picker.all(wrap, cancel),
                Some(name) => naming(name, wrap),
            },
        }
    }

    fn known<M: Clone + 'static>(
        &self,
        wrap: impl Fn(DestinationMessage) -> M + Clone + Send + Sync + 'static,
        cancel: M,
    ) -> Widget<M> {
        let wanted = self.words.to_lowercase();
        let tiles = self
            .albums
            .iter()
            .filter(|album| album.name.to_lowercase().contains(&wanted))
            .map(|album| {
                look::album(album, &self.thumbnails, false)
                    .on_tap(wrap(DestinationMessage::Take(album.path.clone())))
            })
            .collect();
        let typed = wrap.clone();
        let search = text_field(self.words.clone(), "Search folders")
            .id("top_toolbar_search")
            .ime(ImeAction::Search)
            .on_change(move |words| typed(DestinationMessage::Search(words)));
        let folders = stack(vec![
            list(look::grid(tiles, 2, 140.0)).id("directories_grid"),
            icon_button(Icon::Eye, "Show hidden folders")
                .id("directories_show_hidden")
                .color(Color::WHITE)
                .rounded(look::ORANGE, 28.0)
                .place(Align::End, Align::End)
                .margin(8.0)
                .on_tap(wrap(DestinationMessage::ShowHidden)),
        ])
        .fill_width()
        .height(Length::Dp(300.0));
        alert("Select destination")
            .content(vec![search, folders])
            .positive("OK", cancel.clone())
            .negative("Cancel", cancel)
            .neutral("Other folder", wrap(DestinationMessage::Other))
            .widget()
    }
}

impl Picker {
    fn all<M: Clone + 'static>(
        &self,
        wrap: impl Fn(DestinationMessage) -> M + Clone + Send + Sync + 'static,
        cancel: M,
    ) -> Widget<M> {
        let mut crumbs = Vec::new();
        let mut next = Some(self.folder.as_str());
        while let Some(folder) = next {
            crumbs.insert(
                0,
                text(folder_name(folder).to_owned())
                    .id("breadcrumb_text")
                    .text_size(16.0)
                    .color(look::ORANGE)
                    .bold()
                    .padding_symmetric(8.0, 12.0)
                    .on_tap(wrap(DestinationMessage::Enter(folder.to_owned()))),
            );
            next = parent_of(folder).filter(|_| folder != STORAGE);
        }
        let rows: Vec<Widget<M>> = self
            .entries
            .iter()
            .map(|(name, inside)| {
                let details = match inside {
                    Some(1) => "1 item".to_owned(),
                    Some(count) => format!("{count} items"),
                    None => String::new(),
                };
                let path = paths::child(&self.folder, name);
                row(vec![
                    icon(Icon::Folder, 28.0)
                        .id("list_item_icon")
                        .color(look::ORANGE),
                    column(vec![
                        text(name.clone()).id("list_item_name").max_lines(1),
                        text(details).id("list_item_details").quiet(13.0),
                    ])
                    .weight_width(1.0)
                    .decoration(),
                ])
                .class("android.view.ViewGroup")
                .id("list_item_holder")
                .gap(12.0)
                .padding_symmetric(4.0, 8.0)
                .on_tap(wrap(DestinationMessage::Enter(path)))
            })
            .collect();
        let floating = |sign: Icon, id: &'static str, label: &'static str, message| {
            icon_button(sign, label)
                .id(id)
                .color(Color::WHITE)
                .rounded(look::ORANGE, 28.0)
                .on_tap(wrap(message))
        };
        let entries = stack(vec![
            list(rows).id("filepicker_list"),
            column(vec![
                floating(
                    Icon::Eye,
                    "filepicker_fab_show_hidden",
                    "Show hidden folders",
                    DestinationMessage::ShowHidden,
                ),
                floating(
                    Icon::Add,
                    "filepicker_fab",
                    "Create new folder",
                    DestinationMessage::AskName,
                ),
            ])
            .width(Length::Wrap)
            .gap(8.0)
            .decoration()
            .place(Align::End, Align::End)
            .margin(8.0),
        ])
        .fill_width()
        .height(Length::Dp(320.0));
        alert("Select a folder")
            .content(vec![
                horizontal_list(crumbs).id("filepicker_breadcrumbs"),
                entries,
            ])
            .positive("OK", wrap(DestinationMessage::TakeShown))
            .negative("Cancel", cancel)
            .widget()
    }
}

/// The dialog for the name of a new folder.
fn naming<M: Clone + 'static>(
    name: &str,
    wrap: impl Fn(DestinationMessage) -> M + Clone + Send + Sync + 'static,
) -> Widget<M> {
    let (typed, close) = (wrap.clone(), wrap(DestinationMessage::Close));
    let field = text_field(name, "Title")
        .id("folder_name")
        .on_enter(wrap(DestinationMessage::Make))
        .on_change(move |name| typed(DestinationMessage::Name(name)));
    alert("Create new folder")
        .content(vec![field])
        .positive("OK", wrap(DestinationMessage::Make))
        .negative("Cancel", close)
        .widget()
}

/// The words for a finished transfer.
pub fn done(mode: Mode, count: usize) -> &'static str {
    match (mode, count) {
        (Mode::Copy, 1) => "File copied successfully",
        (Mode::Copy, _) => "Files copied successfully",
        (Mode::Move, 1) => "File moved successfully",
        (Mode::Move, _) => "Files moved successfully",
    }
}

/// The name in a path, for messages.
pub fn named(path: &str) -> String {
    format!("\"{}\"", name_of(path))
}
