//! The page that asks for permissions before the app can be used.

use super::{MAIN, PACKAGE, PERMISSIONS, is_permitted};
use crate::phone::apps::permissions;
use crate::phone::system::{Intent, System};
use crate::phone::ui::{
    Activity, Color, Effects, Screen, Widget, column, filled_button, list, row, text,
};

/// The activity.
pub struct PermissionActivity;

/// A touch on it.
#[derive(Debug, Clone)]
pub enum Message {
    /// Asks for what is needed.
    Grant,
    /// Opens the app.
    Finish,
}

const REQUEST: u32 = 1;

fn card(granted: bool) -> Widget<Message> {
    column(vec![
        row(vec![
            text("1").id("number").text_size(20.0),
            text("Storage Access").id("title").text_size(18.0),
        ])
        .decoration()
        .gap(12.0),
        text("The permission to access files on your device is needed to play music.")
            .id("summary")
            .quiet(14.0),
        filled_button(match granted {
            true => "Granted",
            false => "Grant access",
        })
        .id("button")
        .enabled(!granted)
        .on_tap(Message::Grant),
    ])
    .id("storage_permission")
    .gap(10.0)
    .padding(20.0)
    .rounded(Color::SURFACE_RAISED, 16.0)
}

impl Activity for PermissionActivity {
    type Message = Message;

    fn create(_system: &mut System, _intent: &Intent) -> PermissionActivity {
        PermissionActivity
    }

    fn view(&self, system: &System) -> Screen<Message> {
        let granted = is_permitted(system);
        Screen::new(
            column(vec![
                text("Welcome to Retro Music")
                    .id("appNameText")
                    .text_size(26.0)
                    .padding_symmetric(0.0, 32.0),
                list(vec![card(granted)]).weight_height(1.0),
                filled_button("Let’s go")
                    .id("finish")
                    .fill_width()
                    .enabled(granted)
                    .on_tap(Message::Finish),
            ])
            .padding(24.0)
            .fill(),
        )
    }

    fn update(&mut self, _system: &mut System, message: Message) -> Effects {
        match message {
            Message::Grant => Effects::none()
                .start_for_result(REQUEST, permissions::request(PACKAGE, &PERMISSIONS)),
            Message::Finish => Effects::none()
                .start(Intent::activity(PACKAGE, MAIN))
                .finish(),
        }
    }
}
