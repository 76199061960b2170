//! The row of text actions below the editor. They act on a selection, which only the window knows.

use super::document::EditorMessage;
use super::notebook;
use crate::phone::ui::{Color, Icon, Length, Widget, horizontal_list, icon_button, row};

/// The row for a file.
pub fn text_actions(path: &str) -> Widget<EditorMessage> {
    let plain = notebook::extension(path).to_lowercase() == "txt";
    let names: &[&'static str] = if plain { &PLAIN } else { &MARKDOWN };
    let buttons = names
        .iter()
        .map(|&name| {
            icon_button(sign(name), name)
                .class("android.widget.ImageView")
                .color(Color::TEXT_SECONDARY)
                .on_tap(EditorMessage::Format)
        })
        .collect();
    let bar = row(buttons)
        .id("document__fragment__edit__text_actions_bar")
        .width(Length::Wrap);
    horizontal_list(vec![bar])
        .id("document__fragment__edit__text_actions_bar__scrolling_parent")
        .height(Length::Dp(48.0))
        .background(Color::SURFACE_RAISED)
}

/// The row of text actions of Markdown files.
const MARKDOWN: [&str; 25] = [
    "Check list",
    "Unordered list",
    "Bold",
    "Italic",
    "Delete lines",
    "Open link",
    "Attach",
    "Special Key",
    "Date and time",
    "Inline code",
    "Ordered list",
    "Table",
    "Quote",
    "Heading 1",
    "Heading 2",
    "Heading 3",
    "Horizontal line",
    "Strikeout",
    "Accordion",
    "Indent",
    "Deindent",
    "Start new line below",
    "Move text one line up",
    "Move text one line down",
    "Insert snippet",
];

/// The row of text actions of plain texts.
const PLAIN: [&str; 14] = [
    "Check list",
    "Unordered list",
    "Ordered list",
    "Delete lines",
    "Open link",
    "Attach",
    "Special Key",
    "Date and time",
    "Indent",
    "Deindent",
    "Start new line below",
    "Move text one line up",
    "Move text one line down",
    "Insert snippet",
];

fn sign(name: &str) -> Icon {
    match name {
        "Check list" => Icon::Check,
        "Unordered list" => Icon::List,
        "Delete lines" => Icon::Delete,
        "Open link" => Icon::Globe,
        "Attach" => Icon::Add,
        "Special Key" => Icon::Key,
        "Date and time" => Icon::Calendar,
        "Table" => Icon::Apps,
        "Indent" => Icon::ArrowForward,
        "Deindent" => Icon::Back,
        "Start new line below" => Icon::Enter,
        "Move text one line up" => Icon::ArrowUp,
        "Move text one line down" => Icon::ArrowDown,
        "Insert snippet" => Icon::Document,
        other => Icon::Letter(other.chars().next().unwrap_or('-')),
    }
}
