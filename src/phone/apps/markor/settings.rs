//! Markor's settings, which only show what is set, and the More page of the main screen.

use super::home::Message;
use super::look;
use super::notebook::NOTEBOOK;
use crate::phone::system::{Intent, System};
use crate::phone::ui::{
    Activity, Effects, Icon, Screen, Widget, bar_title, column, icon, list, row, text, up_arrow,
};

fn entry<M>(sign: Icon, title: &'static str, summary: &'static str) -> Widget<M> {
    row(vec![
        icon(sign, 24.0).id("android:id/icon"),
        column(vec![
            text(title).id("android:id/title").text_size(17.0),
            text(summary).id("android:id/summary").quiet(14.0),
        ])
        .decoration()
        .weight_width(1.0),
    ])
    .gap(20.0)
    .min_height(64.0)
    .padding_symmetric(20.0, 10.0)
}

/// The More page.
pub fn more() -> Widget<Message> {
    list(vec![
        entry(Icon::Settings, "Settings", "How Markor looks and works").on_tap(Message::Settings),
        entry(Icon::Info, "Changelog", "What is new in this version").on_tap(Message::News),
        entry(Icon::Document, "Notebook", NOTEBOOK),
        entry(Icon::Tag, "Version", "Markor v2.10.9 (146)"),
    ])
    .id("recycler_view")
}

/// The settings.
pub struct SettingsActivity;

/// The arrow.
#[derive(Debug, Clone, Copy)]
pub struct Up;

impl Activity for SettingsActivity {
    type Message = Up;

    fn create(_system: &mut System, _intent: &Intent) -> SettingsActivity {
        SettingsActivity
    }

    fn view(&self, _system: &System) -> Screen<Up> {
        let arrow = up_arrow(Up).color(look::ON_BAR);
        let rows = vec![
            entry(Icon::Folder, "Notebook", NOTEBOOK),
            entry(
                Icon::Check,
                "To-Do",
                "/storage/emulated/0/Documents/markor/todo.md",
            ),
            entry(
                Icon::Edit,
                "QuickNote",
                "/storage/emulated/0/Documents/markor/quicknote.md",
            ),
            entry(Icon::Globe, "Language", "System"),
            entry(Icon::Brightness, "Theme", "Light"),
        ];
        let root = column(vec![
            look::bar(Some(arrow), bar_title("Settings"), vec![]),
            list(rows).id("recycler_view").weight_height(1.0),
        ])
        .fill();
        look::screen(root)
    }

    fn update(&mut self, _system: &mut System, _message: Up) -> Effects {
        Effects::none().finish()
    }
}
