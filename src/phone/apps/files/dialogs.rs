//! The dialogs of the main screen: delete, rename, new folder, order, and what is known of a document.

use super::browser::{Browser, Message};
use super::documents::{Document, Sorting, date_text, size_text};
use crate::phone::apps::entries::{is_name, name_of, parent_of, same};
use crate::phone::system::{PhoneError, System, paths};
use crate::phone::ui::{
    Alert, Align, Color, Length, Overlay, OverlayKind, Widget, alert, choice, column, radio, row,
    scroll, spacer, text, text_field, up_arrow,
};

/// The field for a name.
pub const NAME: &str = "android:id/text1";

/// A dialog that waits.
#[derive(Debug, Clone)]
pub enum Dialog {
    /// Whether to delete what is chosen.
    Delete,
    /// Another name for the document with this path.
    Rename {
        /// The document.
        path: String,
        /// What was typed.
        name: String,
        /// Another has the name.
        taken: bool,
    },
    /// The name of a new folder.
    NewFolder {
        /// What was typed.
        name: String,
        /// Something has the name.
        taken: bool,
    },
    /// The order.
    Sort,
    /// What is known of a document.
    Info(Document),
}

impl Dialog {
    /// Asks for another name.
    pub fn rename(document: &Document) -> Dialog {
        Dialog::Rename {
            path: document.path.clone(),
            name: document.name.clone(),
            taken: false,
        }
    }

    /// Takes a typed name.
    pub fn write(&mut self, text: String) {
        if let Dialog::Rename { name, taken, .. } | Dialog::NewFolder { name, taken } = self {
            *name = text;
            *taken = false;
        }
    }

    /// The window.
    pub fn overlay(&self, browser: &Browser, system: &System) -> Overlay<Message> {
        let dialog = match self {
            Dialog::Delete => ask(question(&browser.chosen_documents())),
            Dialog::Rename { name, taken, .. } => typed("Rename", name, *taken),
            Dialog::NewFolder { name, taken } => typed("New folder", name, *taken),
            Dialog::Sort => orders(browser.sorting),
            Dialog::Info(document) => {
                return Overlay::new(
                    OverlayKind::FullScreen,
                    info(document, system),
                    Message::Dismiss,
                );
            }
        };
        dialog.overlay(Message::Dismiss)
    }
}

fn ask(words: String) -> Alert<Message> {
    alert("")
        .message(words)
        .positive("OK", Message::Accept)
        .negative("Cancel", Message::Dismiss)
}

/// What is asked before documents are deleted.
fn question(chosen: &[&Document]) -> String {
    match chosen {
        [one] if one.folder => format!("Delete folder \"{}\" and its contents?", one.name),
        [one] => format!("Delete \"{}\"?", one.name),
        several if several.iter().all(|one| one.folder) => {
            format!("Delete {} folders and their contents?", several.len())
        }
        several if several.iter().any(|one| one.folder) => {
            format!("Delete {} items?", several.len())
        }
        several => format!("Delete {} files?", several.len()),
    }
}

fn typed(title: &'static str, name: &str, taken: bool) -> Alert<Message> {
    let mut content = vec![
        text_field(name.to_owned(), "")
            .id(NAME)
            .on_change(Message::Name)
            .on_enter(Message::Accept)
            .rounded(Color::SURFACE_RAISED, 8.0)
            .padding_symmetric(12.0, 12.0),
    ];
    if taken {
        content.push(
            text("An item with this name already exists.")
                .id("textinput_error")
                .text_size(13.0)
                .color(Color::DANGER),
        );
    }
    alert(title)
        .content(content)
        .positive("OK", Message::Accept)
        .negative("Cancel", Message::Dismiss)
}

fn orders(sorting: Sorting) -> Alert<Message> {
    let rows = Sorting::ALL
        .into_iter()
        .enumerate()
        .map(|(index, label)| {
            let on = index == sorting.index();
            row(vec![
                radio(on).decoration(),
                choice(label, Message::Sort(index))
                    .class("android.widget.CheckedTextView")
                    .checked(on)
                    .weight_width(1.0),
            ])
        })
        .collect();
    let list = scroll(rows)
        .class("android.widget.ListView")
        .id("android:id/list")
        .height(Length::Wrap);
    alert("Sort by").content(vec![list, spacer(12.0)])
}

fn info(document: &Document, system: &System) -> Widget<Message> {
    let mut lines = vec![("File type", document.kind())];
    if !document.folder {
        lines.push(("Size", size_text(document.size)));
    }
    lines.push(("Modified", date_text(system, document.modified)));
    let folder = parent_of(&document.path).unwrap_or("/");
    lines.push(("Location", folder.to_owned()));
    let mut rows = vec![
        text(document.name.clone())
            .id("inspector_file_title")
            .text_size(20.0)
            .fill_width()
            .padding(20.0),
    ];
    rows.extend(lines.into_iter().map(|(label, value)| {
        column(vec![
            text(label).id("table_row_title").quiet(14.0),
            text(value).id("table_row_value"),
        ])
        .gap(2.0)
        .padding_symmetric(20.0, 10.0)
    }));
    let bar = row(vec![
        up_arrow(Message::Dismiss),
        text("Info")
            .text_size(20.0)
            .place(Align::Start, Align::Center),
    ])
    .class("android.view.ViewGroup")
    .height(Length::Dp(60.0));
    column(vec![bar, scroll(rows).weight_height(1.0)])
        .background(Color::SURFACE)
        .fill()
}

/// Gives a document another name. False when something else has it.
///
/// # Errors
/// When it cannot be renamed.
pub fn rename(system: &System, path: &str, name: &str) -> Result<bool, PhoneError> {
    let aim = paths::child(parent_of(path).unwrap_or("/"), name);
    if !is_name(name) || name == name_of(path) {
        return Ok(true);
    }
    // A change of case alone names the same entry.
    if !same(&aim, path) && system.files.exists(&aim) {
        return Ok(false);
    }
    system
        .files
        .rename(path, &aim)
        .map_err(|error| PhoneError::file(&aim, error))?;
    Ok(true)
}

/// Makes a folder. False when something has its name.
///
/// # Errors
/// When it cannot be made.
pub fn make_folder(system: &System, place: &str, name: &str) -> Result<bool, PhoneError> {
    let path = paths::child(place, name);
    if !is_name(name) {
        return Ok(true);
    }
    if system.files.exists(&path) {
        return Ok(false);
    }
    system
        .files
        .make_dir(&path)
        .map_err(|error| PhoneError::file(&path, error))?;
    Ok(true)
}
