//! The screen with a track's fields.

use super::database;
use super::fields::{FieldMessage, Fields};
use super::look::bottom_bar;
use super::track_of;
use crate::phone::system::{Intent, System};
use crate::phone::ui::{
    Activity, Effects, Screen, button, column, filled_button, row, scroll, stretch,
};

/// What a touch means.
#[derive(Debug, Clone)]
pub enum Message {
    /// On the fields.
    Field(FieldMessage),
    /// Stores them.
    Save,
    /// Leaves them.
    Cancel,
}

/// The screen.
pub struct TrackEdit {
    track: i64,
    fields: Option<Fields>,
}

impl Activity for TrackEdit {
    type Message = Message;

    fn create(system: &mut System, intent: &Intent) -> TrackEdit {
        let track = track_of(intent);
        let found = database::get(system, track).ok().flatten();
        TrackEdit {
            track,
            fields: found.as_ref().map(Fields::of),
        }
    }

    fn on_resume(&mut self, _system: &mut System) -> Effects {
        match self.fields {
            Some(_) => Effects::none(),
            None => Effects::none().finish(),
        }
    }

    fn view(&self, _system: &System) -> Screen<Message> {
        let Some(fields) = &self.fields else {
            return Screen::bare();
        };
        let buttons = row(vec![
            stretch(),
            button("Cancel")
                .id("track_edit_cancel")
                .on_tap(Message::Cancel),
            filled_button("Save")
                .id("track_edit_save")
                .on_tap(Message::Save),
        ])
        .gap(12.0)
        .padding(12.0);
        Screen::new(
            column(vec![
                scroll(vec![fields.view(Message::Field).padding(16.0)]).weight_height(1.0),
                buttons,
                bottom_bar(vec![]),
            ])
            .decoration()
            .fill(),
        )
        .overlay(fields.overlay(Message::Field))
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        match (message, &mut self.fields) {
            (Message::Field(message), Some(fields)) => {
                fields.update(message);
                Effects::none()
            }
            (Message::Save, Some(fields)) => match fields.save(system, self.track) {
                Ok(()) => Effects::none().finish(),
                Err(error) => Effects::none().toast(error.to_string()),
            },
            _ => Effects::none().finish(),
        }
    }
}
