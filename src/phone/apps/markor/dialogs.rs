//! The dialogs of Markor's main screen.

use super::chooser::Chooser;
use super::home::Message;
use super::notebook::{self, Item, name_of, parent_of};
use super::search::Search;
use crate::phone::apps::transfer::{Answer, Transfer};
use crate::phone::system::System;
use crate::phone::ui::{
    Color, Icon, Length, Overlay, OverlayKind, Widget, alert, checkbox, choice, column, icon, menu,
    row, scroll, text, text_field,
};

/// The types that a new file can have, with their extensions.
pub const TYPES: [(&str, &str); 7] = [
    ("Markdown", ".md"),
    ("Plain Text", ".txt"),
    ("todo.txt", ".todo.txt"),
    ("Wikitext", ".txt"),
    ("AsciiDoc", ".adoc"),
    ("CSV", ".csv"),
    ("None", ""),
];

/// What a new file can begin with.
pub const TEMPLATES: [(&str, &str); 5] = [
    ("Empty file", ""),
    (
        "Checklist",
        "# List\n\n- [ ] First thing\n- [ ] Second thing\n",
    ),
    (
        "Meeting",
        "# Meeting\n\n## Who was there\n\n## What was decided\n",
    ),
    ("Journal", "# Journal\n\n## Today\n\n"),
    (
        "Table",
        "| Name | Value |\n|------|-------|\n|      |       |\n",
    ),
];

/// One of the lists of the dialog for new files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spinner {
    /// Types.
    Type,
    /// Beginnings.
    Template,
}

/// The dialog for new files and folders.
#[derive(Debug, Clone)]
pub struct NewFile {
    /// The name's first part.
    pub name: String,
    /// Its extension, with the dot.
    pub extension: String,
    /// Index into [`TYPES`].
    pub kind: usize,
    /// Index into [`TEMPLATES`].
    pub template: usize,
    /// The list that is open.
    pub open: Option<Spinner>,
}

/// A dialog that is open.
#[derive(Debug, Clone)]
pub enum Dialog {
    /// What is new in this version.
    News,
    /// A new file or folder.
    New(NewFile),
    /// A new name: the path, the typed name, and whether that exists.
    Rename(String, String, bool),
    /// Whether to delete these paths.
    Delete(Vec<String>),
    /// What is known of an entry, and whether it was opened lately.
    Details(Item, bool),
    /// The folder to move or copy into.
    Chooser(Chooser),
    /// What to do with a name that exists.
    Conflict(Transfer),
    /// Whether to open a file that is no text.
    OpenWith(String),
    /// Finding files.
    Search(Search),
}

impl Dialog {
    /// Its windows, the front one last.
    pub fn windows(&self, system: &System) -> Vec<Overlay<Message>> {
        let dialog = |root| Overlay::new(OverlayKind::Dialog, root, Message::CloseDialog);
        match self {
            Dialog::News => vec![dialog(news())],
            Dialog::New(new) => {
                let mut windows = vec![dialog(new.view())];
                windows.extend(new.list());
                windows
            }
            Dialog::Rename(_, name, clash) => vec![dialog(rename(name, *clash))],
            Dialog::Delete(paths) => vec![dialog(delete(paths))],
            Dialog::Details(item, recent) => vec![dialog(details(item, *recent, system))],
            Dialog::Chooser(chooser) => vec![Overlay::new(
                OverlayKind::FullScreen,
                chooser.view(system),
                Message::CloseDialog,
            )],
            Dialog::Conflict(transfer) => vec![dialog(conflict(transfer))],
            Dialog::OpenWith(path) => vec![dialog(open_with(path))],
            Dialog::Search(search) => vec![dialog(search.view())],
        }
    }
}

/// What is new in this version.
fn news() -> Widget<Message> {
    alert("Markor v2.10.9")
        .message(
            "Your notes are kept as plain files on this device.\n\n\
         New in this version\n\
         • Folders remember where you were in their list\n\
         • The editor opens large notes faster\n\
         • Many small corrections",
        )
        .positive("OK", Message::CloseDialog)
        .widget()
}

fn label(words: &'static str) -> Widget<Message> {
    text(words).quiet(13.0)
}

fn boxed(field: Widget<Message>) -> Widget<Message> {
    field
        .rounded(Color::SURFACE_RAISED, 6.0)
        .padding_symmetric(10.0, 12.0)
}

fn spinner(id: &'static str, value: &'static str, message: Message) -> Widget<Message> {
    row(vec![
        text(value)
            .id("android:id/text1")
            .max_lines(1)
            .weight_width(1.0),
        icon(Icon::DropDown, 24.0).decoration(),
    ])
    .class("android.widget.Spinner")
    .id(id)
    .min_height(44.0)
    .padding_symmetric(10.0, 6.0)
    .rounded(Color::SURFACE_RAISED, 6.0)
    .on_tap(message)
}

impl NewFile {
    /// With the extension and type that were used last.
    pub fn new(extension: &str, kind: usize) -> NewFile {
        NewFile {
            name: String::new(),
            extension: extension.to_owned(),
            kind: kind.min(TYPES.len() - 1),
            template: 0,
            open: None,
        }
    }

    /// Takes an entry of the open list.
    pub fn pick(&mut self, index: usize) {
        match self.open.take() {
            Some(Spinner::Type) if index < TYPES.len() => {
                self.kind = index;
                TYPES[index].1.clone_into(&mut self.extension);
            }
            Some(Spinner::Template) if index < TEMPLATES.len() => self.template = index,
            _ => {}
        }
    }

    fn view(&self) -> Widget<Message> {
        let content = column(vec![
            label("Name"),
            row(vec![
                boxed(text_field(self.name.clone(), "my_note"))
                    .id("new_file_dialog__name")
                    .weight_width(1.0)
                    .on_change(Message::Name),
                boxed(text_field(self.extension.clone(), ".md"))
                    .id("new_file_dialog__ext")
                    .width(Length::Dp(84.0))
                    .on_change(Message::Extension),
            ])
            .gap(6.0),
            label("Type"),
            spinner(
                "new_file_dialog__type",
                TYPES[self.kind].0,
                Message::Spinner(Some(Spinner::Type)),
            ),
            label("Template"),
            spinner(
                "new_file_dialog__template",
                TEMPLATES[self.template].0,
                Message::Spinner(Some(Spinner::Template)),
            ),
            label("A folder gets no extension."),
            label("Files that exist are not overwritten."),
        ])
        .class("android.widget.ScrollView")
        .id("new_file_dialog__root")
        .gap(4.0);
        alert("")
            .content(vec![content])
            .positive("OK", Message::CreateFile)
            .negative("CANCEL", Message::CloseDialog)
            .neutral("FOLDER", Message::CreateFolder)
            .widget()
    }

    fn list(&self) -> Option<Overlay<Message>> {
        let (anchor, labels, current): (&'static str, Vec<&'static str>, usize) = match self.open? {
            Spinner::Type => (
                "new_file_dialog__type",
                TYPES.iter().map(|entry| entry.0).collect(),
                self.kind,
            ),
            Spinner::Template => (
                "new_file_dialog__template",
                TEMPLATES.iter().map(|entry| entry.0).collect(),
                self.template,
            ),
        };
        let rows = labels
            .into_iter()
            .enumerate()
            .map(|(index, label)| {
                choice(label, Message::Pick(index))
                    .class("android.widget.CheckedTextView")
                    .padding_symmetric(16.0, 12.0)
                    .checked(index == current)
            })
            .collect();
        Some(Overlay::new(
            OverlayKind::Popup(anchor.into()),
            menu(rows),
            Message::Spinner(None),
        ))
    }
}

fn rename(name: &str, clash: bool) -> Widget<Message> {
    let words = if clash {
        "File/folder already exists! Please use a different name"
    } else {
        ""
    };
    let mut content = vec![
        boxed(text_field(name.to_owned(), ""))
            .id("new_name")
            .on_change(Message::NewName),
    ];
    if clash {
        content.insert(
            0,
            text(words)
                .id("dialog_message")
                .text_size(14.0)
                .color(super::look::RED),
        );
    }
    alert("Rename")
        .content(content)
        .positive("OK", Message::Rename)
        .ready(!clash)
        .negative("CANCEL", Message::CloseDialog)
        .widget()
}

fn delete(paths: &[String]) -> Widget<Message> {
    let words = format!("Delete the document(s)?\n\n{}", paths.join("\n"));
    // Many paths scroll, so that the buttons stay on the screen.
    let (message, content) = if paths.len() > 6 {
        let text = text(words)
            .id("android:id/message")
            .color(Color::TEXT_SECONDARY)
            .fill_width();
        let part = scroll(vec![text])
            .id("scrollView")
            .height(Length::Dp(360.0));
        (String::new(), vec![part])
    } else {
        (words, vec![])
    };
    alert("Confirm Delete")
        .message(message)
        .content(content)
        .positive("OK", Message::Delete)
        .negative("CANCEL", Message::CloseDialog)
        .widget()
}

fn details(item: &Item, recent: bool, system: &System) -> Widget<Message> {
    let line = |name: &'static str, value: String| {
        column(vec![label(name), text(value).text_size(15.0)]).decoration()
    };
    let content = vec![
        line("Name", item.name.clone()),
        line("Location", parent_of(&item.path).unwrap_or("/").to_owned()),
        line("Last modified", notebook::date_text(system, item.modified)),
        line("Size", format!("{} B", item.size)),
        line("MIME type", item.mime().to_owned()),
        row(vec![
            checkbox(recent).on_toggle(Message::ListRecent),
            text("List in recent files").text_size(15.0),
        ])
        .decoration()
        .gap(8.0),
    ];
    alert("Details")
        .content(vec![column(content).gap(6.0)])
        .positive("OK", Message::CloseDialog)
        .widget()
}

fn conflict(transfer: &Transfer) -> Widget<Message> {
    let (name, several) = transfer.question();
    let answers = [
        ("Keep both", "Keep both (for all)", Answer::KeepBoth),
        ("Overwrite", "Overwrite (for all)", Answer::Overwrite),
        ("Skip", "Skip (for all)", Answer::Skip),
    ];
    let mut rows = Vec::new();
    for (label, _, answer) in answers {
        rows.push(choice(label, Message::Conflict(answer, false)));
    }
    if several {
        for (_, label, answer) in answers {
            rows.push(choice(label, Message::Conflict(answer, true)));
        }
    }
    alert("File conflict")
        .content(vec![
            text(format!("{name} already exists in the target folder.")).quiet(15.0),
            column(rows)
                .class("android.widget.ListView")
                .id("select_dialog_listview"),
        ])
        .negative("CANCEL", Message::CloseDialog)
        .widget()
}

fn open_with(path: &str) -> Widget<Message> {
    alert("Open with")
        .message(format!("{} does not look like a text.", name_of(path)))
        .positive("MARKOR", Message::OpenHere(path.to_owned()))
        .negative("OTHER", Message::OpenElsewhere)
        .widget()
}

/// A field of a dialog.
pub fn field(
    value: &str,
    hint: &'static str,
    id: &'static str,
    change: impl Fn(String) -> Message + Send + Sync + 'static,
) -> Widget<Message> {
    boxed(text_field(value.to_owned(), hint))
        .id(id)
        .on_change(change)
}
