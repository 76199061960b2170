//! The list of notes, also that of the search, with the buttons that begin a note.

use super::app::MainActivity;
use super::database::{Note, Place};
use super::look::{self, BLUE, BUTTON, VIEW};
use super::message::Message;
use crate::phone::ui::{
    Align, Color, Icon, Length, Widget, blank, button, checkbox, column, icon_button, round_button,
    row, scroll, spacer, stack, text,
};

/// How a note without a title is called.
fn name(note: &Note) -> String {
    if !note.title.is_empty() {
        return note.title.clone();
    }
    let mut lines = note
        .body
        .lines()
        .map(|line| line.trim_start_matches(['#', ' ']));
    let first = lines.find(|line| !line.is_empty()).unwrap_or("Untitled");
    first.chars().take(80).collect()
}

impl MainActivity {
    /// Rows of notes.
    pub(super) fn rows(&self, notes: &[Note], key: &'static str) -> Widget<Message> {
        let mut rows: Vec<Widget<Message>> = notes.iter().map(|note| self.row(note)).collect();
        // The last row can be scrolled out from behind the plus.
        rows.push(spacer(88.0));
        scroll(rows).key(key).weight_height(1.0)
    }

    fn row(&self, note: &Note) -> Widget<Message> {
        let done = note.is_todo && note.completed > 0;
        let color = if done {
            Color::TEXT.with_alpha(102)
        } else {
            Color::TEXT
        };
        let mut parts = Vec::new();
        if note.is_todo {
            let id = note.id.clone();
            parts.push(
                checkbox(done)
                    .description(format!("to-do: {}", name(note)))
                    .enabled(note.deleted == 0)
                    .on_toggle(move |done| Message::Done(id.clone(), done)),
            );
        }
        parts.push(text(name(note)).color(color).max_lines(2).weight_width(1.0));
        let chosen = self.chosen.contains(&note.id);
        let line = row(parts)
            .class(VIEW)
            .min_height(52.0)
            .padding_symmetric(16.0, 8.0)
            .gap(12.0)
            .selected(chosen)
            .background(Color::chosen(chosen))
            .on_tap(Message::Open(note.id.clone()))
            .on_long_press(Message::Choose(note.id.clone()));
        column(vec![line, look::line()]).decoration()
    }

    fn header(&self) -> Widget<Message> {
        if !self.chosen.is_empty() {
            let trash = self.place == Place::Trash;
            let mut actions = vec![look::header_sign(
                Icon::Check,
                "Select all",
                Message::ChooseAll,
            )];
            let place = match trash {
                true => {
                    actions.push(look::header_sign(
                        Icon::Undo,
                        "Restore",
                        Message::RestoreChosen,
                    ));
                    look::title("")
                }
                false => look::folder_picker("Move to notebook...", Message::AskMove),
            };
            let delete = if trash {
                Message::AskRemove
            } else {
                Message::DeleteChosen
            };
            actions.push(look::header_sign(Icon::Delete, "Delete", delete));
            if !trash {
                let copy = Message::DuplicateChosen;
                actions.push(look::header_sign(Icon::Copy, "Duplicate", copy));
            }
            return look::header_back(place, actions);
        }
        look::header(vec![
            look::header_sign(Icon::Menu, "Sidebar", Message::Drawer(true)),
            look::title(self.title()),
            look::header_sign(Icon::Search, "Search", Message::Search),
            look::header_sign(Icon::Sort, "Sort notes by", Message::Sort),
        ])
    }

    /// The screen of a notebook.
    pub(super) fn list_screen(&self) -> Widget<Message> {
        let hint = |words: &'static str| {
            text(words)
                .fill_width()
                .padding(16.0)
                .color(Color::TEXT_SECONDARY)
        };
        let mut parts = vec![self.header()];
        let homeless = self.folders.iter().all(|folder| folder.deleted);
        if !self.notes.is_empty() {
            parts.push(self.rows(&self.notes, "notes"));
        } else if homeless && self.place != Place::Trash {
            parts.push(hint("You currently have no notebooks."));
            parts.push(
                button("Create a notebook")
                    .margin(8.0)
                    .on_tap(Message::EditFolder(None)),
            );
        } else if self.place == Place::Trash {
            parts.push(hint("The trash is empty."));
        } else {
            parts.push(hint(
                "There are currently no notes. Create one by clicking on the (+) button.",
            ));
        }
        let mut layers = vec![column(parts).class(VIEW).fill()];
        let writable = !homeless && self.place != Place::Trash && self.chosen.is_empty();
        if writable && self.fan {
            // A tap beside the buttons only closes them.
            layers.push(
                blank()
                    .class(VIEW)
                    .fill()
                    .background(Color::WHITE.with_alpha(200))
                    .decoration()
                    .on_tap(Message::Fan(false)),
            );
            layers.push(fan());
        }
        if writable {
            layers.push(
                round_button(Icon::Add, "Add new", BLUE, Message::Fan(!self.fan)).class(BUTTON),
            );
        }
        stack(layers).class(VIEW).fill()
    }
}

/// The two buttons above the plus.
fn fan() -> Widget<Message> {
    let one = |label: &'static str, sign: Icon, is_todo: bool| {
        row(vec![
            text(label)
                .padding_symmetric(12.0, 6.0)
                .rounded(Color::WHITE, 6.0)
                .border(1.0, look::LINE)
                .on_tap(Message::Create(is_todo)),
            icon_button(sign, label)
                .class(BUTTON)
                .color(Color::WHITE)
                .rounded(BLUE, 24.0)
                .on_tap(Message::Create(is_todo)),
        ])
        .class(VIEW)
        .decoration()
        .width(Length::Wrap)
        .gap(12.0)
    };
    column(vec![
        one("New to-do", Icon::Check, true),
        one("New note", Icon::Document, false),
    ])
    .decoration()
    .cross(Align::End)
    .gap(12.0)
    .width(Length::Wrap)
    .margin_edges(0.0, 0.0, 20.0, 88.0)
    .place(Align::End, Align::End)
}
