//! Joplin's dialogs and menus.

use super::app::MainActivity;
use super::database::FIELDS;
use super::look;
use super::message::{Message, Switch};
use super::open_note::NoteMessage;
use crate::phone::system::System;
use crate::phone::ui::{Overlay, Widget, alert, checkbox, radio, row, text};

/// What is in front.
#[derive(Debug, Clone)]
pub enum Front {
    /// How to sort.
    Sort,
    /// The open note's menu.
    Note,
    /// When the open note was written.
    Properties,
    /// What can be done with a notebook.
    Folder(String),
    /// Whether to put a notebook into the trash.
    Discard(String),
    /// Where to put notes.
    Move,
    /// Whether to delete notes for good.
    Remove,
}

/// A line of the sorting with its mark.
fn marked(
    mark: Widget<Message>,
    label: String,
    spoken: String,
    message: Message,
) -> Widget<Message> {
    row(vec![
        mark.decoration(),
        text(label).spoken(spoken).weight_width(1.0),
    ])
    .class(look::VIEW)
    .min_height(48.0)
    .padding_symmetric(16.0, 0.0)
    .gap(8.0)
    .on_tap(message)
}

impl MainActivity {
    /// The dialog or menu in front, if there is one.
    pub(super) fn front_overlay(&self, system: &System) -> Option<Overlay<Message>> {
        Some(match self.front.as_ref()? {
            Front::Sort => self.sort_dialog(),
            Front::Note => self.note_menu(),
            Front::Properties => {
                let note = &self.open.as_ref()?.note;
                let moment = |millis: i64| {
                    let at = system.clock.at_micros(millis.saturating_mul(1_000));
                    at.strftime("%d/%m/%Y %H:%M").to_string()
                };
                let lines = [("Created", note.created), ("Updated", note.updated)];
                let lines = lines.map(|(label, at)| {
                    text(format!("{label}: {}", moment(at))).padding_symmetric(20.0, 6.0)
                });
                let mut lines: Vec<Widget<Message>> = lines.into();
                lines.push(look::choice(
                    "View on map",
                    Message::Say("This note has no geolocation information."),
                ));
                look::dialog("Properties", lines)
            }
            Front::Folder(id) => alert("")
                .message(format!("Notebook: {}", self.folder(id)?.title))
                .positive("EDIT", Message::EditFolder(Some(id.clone())))
                .negative("DELETE", Message::AskDiscard(id.clone()))
                .neutral("CANCEL", Message::Dismiss)
                .overlay(Message::Dismiss),
            Front::Discard(id) => alert("")
                .message(format!(
                    "Move notebook \"{}\" to the trash?\n\nAll notes and sub-notebooks within this \
                     notebook will also be moved to the trash.",
                    self.folder(id)?.title
                ))
                .positive("OK", Message::Discard(id.clone()))
                .negative("CANCEL", Message::Dismiss)
                .overlay(Message::Dismiss),
            Front::Move => {
                let folders = self.folders.iter().filter(|folder| !folder.deleted);
                let choices = folders.map(|folder| {
                    look::choice(folder.title.clone(), Message::MoveTo(folder.id.clone()))
                });
                look::dialog("Move to notebook...", choices.collect())
            }
            Front::Remove => alert("")
                .message(match self.open.as_ref().map_or(self.chosen.len(), |_| 1) {
                    1 => "Permanently delete this note?".to_owned(),
                    count => format!("Permanently delete these {count} notes?"),
                })
                .positive("OK", Message::Remove)
                .negative("CANCEL", Message::Dismiss)
                .overlay(Message::Dismiss),
        })
    }

    fn sort_dialog(&self) -> Overlay<Message> {
        // The marks are drawn; only the tree has them as letters.
        let fields = FIELDS.into_iter().map(|(field, label)| {
            let on = self.order.field == field;
            let spoken = format!("{} {label}", if on { "⚫" } else { "⚪" });
            marked(radio(on), label.to_owned(), spoken, Message::SortBy(field))
        });
        let mut choices: Vec<Widget<Message>> = fields.collect();
        let switches = [
            ("Reverse sort order", self.order.reverse, Switch::Reverse),
            (
                "Uncompleted to-dos on top",
                self.order.open_first,
                Switch::OpenFirst,
            ),
            (
                "Show completed to-dos",
                self.order.show_completed,
                Switch::ShowCompleted,
            ),
        ];
        choices.extend(switches.map(|(label, on, switch)| {
            let label = format!("[ {label} ]");
            let spoken = format!("{}{label}", if on { "✓ " } else { "" });
            marked(checkbox(on), label, spoken, Message::Turn(switch))
        }));
        look::dialog("Sort notes by", choices)
    }

    fn note_menu(&self) -> Overlay<Message> {
        let note = self.open.as_ref().map(|open| &open.note);
        let is_todo = note.is_some_and(|note| note.is_todo);
        if note.is_some_and(|note| note.deleted > 0) {
            return look::popup(vec![
                ("Restore note", Message::RestoreChosen),
                ("Properties", Message::Properties),
                ("Permanently delete note", Message::AskRemove),
            ]);
        }
        const NOT_HERE: Message = Message::Say("This is not possible on this device");
        let mut items = vec![("Attach...", NOT_HERE), ("Draw picture", NOT_HERE)];
        if is_todo {
            items.push(("Set alarm", NOT_HERE));
        }
        items.push(("Share", NOT_HERE));
        items.push(match is_todo {
            true => ("Convert to note", Message::Note(NoteMessage::Convert)),
            false => ("Convert to todo", Message::Note(NoteMessage::Convert)),
        });
        items.push(("Copy Markdown link", Message::CopyLink));
        items.push(("Properties", Message::Properties));
        items.push(("Delete", Message::DeleteChosen));
        look::popup(items)
    }
}
