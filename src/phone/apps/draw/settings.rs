//! The app's settings: switches that are remembered.

use super::{PACKAGE, PREFERENCES, SHOW_BRUSH_SIZE};
use crate::phone::system::{Intent, Preferences, System};
use crate::phone::ui::{
    Activity, Effects, Screen, column, list, row, switch, text, toolbar_with_up,
};

/// Keys, ids, labels and what holds at first.
const SWITCHES: [(&str, &str, &str, bool); 4] = [
    (
        SHOW_BRUSH_SIZE,
        "settings_show_brush_size",
        "Show brush size tool",
        true,
    ),
    (
        "allow_zooming_canvas",
        "settings_allow_zooming_canvas",
        "Allow zooming the canvas",
        true,
    ),
    (
        "prevent_phone_from_sleeping",
        "settings_prevent_phone_from_sleeping",
        "Prevent phone from sleeping while the app is in foreground",
        true,
    ),
    (
        "force_portrait_mode",
        "settings_force_portrait",
        "Force portrait mode",
        false,
    ),
];

/// What a touch means.
#[derive(Debug, Clone)]
pub enum Message {
    /// The arrow back.
    Up,
    /// Turns a switch.
    Turn(&'static str, bool),
}

/// The screen.
pub struct SettingsActivity {
    stored: Preferences,
}

impl Activity for SettingsActivity {
    type Message = Message;

    fn create(system: &mut System, _intent: &Intent) -> SettingsActivity {
        SettingsActivity {
            stored: Preferences::load(&system.files, PACKAGE, PREFERENCES),
        }
    }

    fn view(&self, _system: &System) -> Screen<Message> {
        let rows = SWITCHES.map(|(key, id, label, default)| {
            let on = self.stored.flag(key, default);
            row(vec![text(label).weight_width(1.0), switch(on).id(id)])
                .id(format!("{id}_holder"))
                .class("android.widget.RelativeLayout")
                .min_height(56.0)
                .padding_symmetric(16.0, 8.0)
                .on_tap(Message::Turn(key, !on))
        });
        Screen::new(
            column(vec![
                toolbar_with_up("Settings", Message::Up, vec![]).id("settings_toolbar"),
                list(rows.into()).id("settings_holder"),
            ])
            .fill(),
        )
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        match message {
            Message::Up => Effects::none().finish(),
            Message::Turn(key, on) => {
                self.stored.put(key, on);
                Effects::or_toast(self.stored.save(&system.files))
            }
        }
    }
}
