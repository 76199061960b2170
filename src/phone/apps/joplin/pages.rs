//! Joplin's other pages: the search, the form of a notebook, tags, configuration.

use super::app::MainActivity;
use super::database::{Folder, Place};
use super::look::{self, BUTTON, VIEW};
use super::message::Message;
use crate::phone::ui::{
    Color, Icon, ImeAction, Widget, column, icon_button, row, scroll, text_field,
};

/// Name of the search's field for the keyboard.
pub const WORDS: &str = "search words";
/// Name of the notebook's field for the keyboard.
pub const FOLDER: &str = "notebook title";

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// The notes of a place.
    List,
    /// The search.
    Search,
    /// The form of a notebook; a new one has no id.
    Folder(Folder),
    /// The tags.
    Tags,
    /// The sections of the configuration.
    Configuration,
}

/// Sections of the configuration.
const SECTIONS: [&str; 8] = [
    "General",
    "Appearance",
    "Synchronisation",
    "Note",
    "Markdown",
    "Plugins",
    "Tools",
    "More information",
];

impl MainActivity {
    /// The page below the dialogs.
    pub(super) fn page_view(&self) -> Widget<Message> {
        match &self.page {
            Page::List => self.list_screen(),
            Page::Search => self.search_page(),
            Page::Folder(folder) => folder_form(folder),
            Page::Tags => self.tags_page(),
            Page::Configuration => {
                let sections = SECTIONS.map(|section| {
                    look::choice(section, Message::Say("There is nothing to set up here"))
                });
                plain("Configuration", sections.into())
            }
        }
    }

    fn search_page(&self) -> Widget<Message> {
        let mut field = vec![
            text_field(self.words.clone(), "")
                .key(WORDS)
                .ime(ImeAction::Search)
                .weight_width(1.0)
                .on_change(Message::Words),
        ];
        field.push(
            icon_button(Icon::Close, "Clear")
                .class(BUTTON)
                .on_tap(Message::Words(String::new())),
        );
        column(vec![
            look::header_back(look::title("Search"), vec![]),
            row(field).class(VIEW).padding_symmetric(12.0, 0.0),
            look::line(),
            self.rows(&self.results, "results"),
        ])
        .class(VIEW)
        .fill()
    }

    fn tags_page(&self) -> Widget<Message> {
        let tags = self
            .tags
            .iter()
            .map(|(id, title)| look::choice(title.clone(), Message::Show(Place::Tag(id.clone()))));
        plain("Tags", tags.collect())
    }
}

fn plain(title: &'static str, rows: Vec<Widget<Message>>) -> Widget<Message> {
    column(vec![
        look::header_back(look::title(title), vec![]),
        scroll(rows).key(title).weight_height(1.0),
    ])
    .class(VIEW)
    .fill()
}

fn folder_form(folder: &Folder) -> Widget<Message> {
    let title = match folder.id.is_empty() {
        true => "New notebook",
        false => "Edit notebook",
    };
    let save = look::header_sign(Icon::Check, "Save", Message::SaveFolder);
    column(vec![
        look::header_back(look::title(title), vec![save]),
        column(vec![
            text_field(folder.title.clone(), "Enter notebook title")
                .key(FOLDER)
                .on_change(Message::FolderTitle)
                .on_enter(Message::SaveFolder),
        ])
        .class(VIEW)
        .padding(12.0),
    ])
    .class(VIEW)
    .background(Color::WHITE)
    .fill()
}
