//! The full-screen dialog that asks for the folder to move or copy into.

use super::home::Message;
use super::look::RED;
use super::notebook::{self, Item, NOTEBOOK, Sorting, name_of, parent_of};
use super::rows;
use crate::phone::apps::transfer::Mode;
use crate::phone::system::{Files, System};
use crate::phone::ui::{
    Color, Icon, ImeAction, Length, Widget, button, column, icon_button, row, stretch, text,
    text_field,
};

/// A touch on the dialog.
#[derive(Debug, Clone)]
pub enum ChooserMessage {
    /// Opens a folder.
    Enter(String),
    /// To the notebook's root.
    Home,
    /// Shows or hides the filter's field.
    Search,
    /// Typed into it.
    Filter(String),
}

/// The dialog.
#[derive(Debug, Clone)]
pub struct Chooser {
    /// What it is for.
    pub mode: Mode,
    /// What is moved or copied.
    pub paths: Vec<String>,
    /// The folder that is shown.
    pub folder: String,
    folders: Vec<Item>,
    filter: Option<String>,
}

impl Chooser {
    /// Asks from a folder on.
    pub fn new(files: &Files, mode: Mode, paths: Vec<String>, folder: &str) -> Chooser {
        let mut chooser = Chooser {
            mode,
            paths,
            folder: String::new(),
            folders: Vec::new(),
            filter: None,
        };
        chooser.enter(files, folder);
        chooser
    }

    fn enter(&mut self, files: &Files, folder: &str) {
        let sorting = Sorting::load(files);
        self.folders = notebook::list(files, folder, &sorting);
        self.folders
            .retain(|item| item.folder && !self.paths.contains(&item.path));
        self.folder = folder.to_owned();
    }

    /// Answers a touch.
    pub fn update(&mut self, files: &Files, message: ChooserMessage) {
        match message {
            ChooserMessage::Enter(folder) => self.enter(files, &folder),
            ChooserMessage::Home => self.enter(files, NOTEBOOK),
            ChooserMessage::Search => {
                self.filter = match self.filter {
                    Some(_) => None,
                    None => Some(String::new()),
                };
            }
            ChooserMessage::Filter(text) => self.filter = Some(text),
        }
    }

    /// The dialog's content.
    pub fn view(&self, system: &System) -> Widget<Message> {
        let send = Message::Chooser;
        let words = match self.mode {
            Mode::Move => "Move",
            Mode::Copy => "Copy",
        };
        let sign = |sign: Icon, id: &'static str, description: &'static str, message| {
            icon_button(sign, description)
                .class("android.widget.ImageView")
                .id(id)
                .on_tap(send(message))
        };
        let mut entries = Vec::new();
        if let Some(parent) = parent_of(&self.folder) {
            let message = send(ChooserMessage::Enter(parent.to_owned()));
            entries.push(rows::up(parent, message));
        }
        let wanted = self.filter.as_deref().unwrap_or("").to_lowercase();
        let fits = |item: &&Item| item.name.to_lowercase().contains(&wanted);
        entries.extend(self.folders.iter().filter(fits).map(|item| {
            let date = notebook::date_text(system, item.modified);
            let message = send(ChooserMessage::Enter(item.path.clone()));
            rows::item(item, date, false, message)
        }));
        let mut content = vec![
            row(vec![
                text(format!("{words} → {}", name_of(&self.folder)))
                    .id("ui__filesystem_dialog__title")
                    .text_size(20.0)
                    .bold()
                    .max_lines(1)
                    .weight_width(1.0),
                sign(
                    Icon::Home,
                    "ui__filesystem_dialog__home",
                    "Home",
                    ChooserMessage::Home,
                ),
                sign(
                    Icon::Search,
                    "ui__filesystem_dialog__search_button",
                    "Search",
                    ChooserMessage::Search,
                ),
            ])
            .padding_edges(16.0, 8.0, 8.0, 8.0),
        ];
        if let Some(filter) = &self.filter {
            content.push(
                text_field(filter.clone(), "Search")
                    .id("ui__filesystem_dialog__search_edit")
                    .ime(ImeAction::Search)
                    .margin_edges(16.0, 0.0, 16.0, 4.0)
                    .rounded(Color::SURFACE_RAISED, 8.0)
                    .padding_symmetric(12.0, 12.0)
                    .on_change(move |text| send(ChooserMessage::Filter(text))),
            );
        }
        content.push(rows::folder(&self.folder, entries, 8.0).weight_height(1.0));
        // These are TextViews in the app, not buttons.
        let end = |label: &'static str, id: &'static str, message| {
            button(label)
                .class("android.widget.TextView")
                .id(id)
                .color(RED)
                .on_tap(message)
        };
        content.push(
            row(vec![
                stretch(),
                end(
                    "CANCEL",
                    "ui__filesystem_dialog__button_cancel",
                    Message::CloseDialog,
                ),
                end(
                    "SELECT THIS FOLDER",
                    "ui__filesystem_dialog__button_ok",
                    Message::Choose,
                ),
            ])
            .height(Length::Dp(60.0))
            .padding_symmetric(8.0, 4.0),
        );
        column(content)
            .id("ui__filesystem_dialog__root")
            .background(Color::SURFACE)
            .fill()
    }
}
