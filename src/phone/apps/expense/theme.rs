//! Pro Expense's dark look: colours, and the few parts that its screens share.

use std::borrow::Cow;

use super::Message;
use crate::phone::ui::{
    Color, Icon, Length, Widget, bar_row, button, column, icon_button, stretch, text,
};

/// Behind everything.
pub const BACKGROUND: Color = Color::rgb(0x12_1418);
/// Cards and sheets.
pub const PANEL: Color = Color::rgb(0x24_272E);
/// Fields.
pub const FIELD: Color = Color::rgb(0x3A_3E47);
/// Text.
pub const LIGHT: Color = Color::rgb(0xF2_F3F5);
/// Less important text.
pub const DIM: Color = Color::rgb(0xB4_B8C0);
/// Buttons and chosen things.
pub const BLUE: Color = Color::rgb(0x4A_8CF7);

/// Light text.
pub fn label(words: impl Into<Cow<'static, str>>) -> Widget<Message> {
    text(words).color(LIGHT)
}

/// Less important text.
pub fn dim(words: impl Into<Cow<'static, str>>) -> Widget<Message> {
    text(words).color(DIM).text_size(14.0)
}

/// A panel.
pub fn panel(children: Vec<Widget<Message>>) -> Widget<Message> {
    column(children)
        .class("androidx.cardview.widget.CardView")
        .rounded(PANEL, 12.0)
        .padding(14.0)
        .margin_edges(12.0, 0.0, 12.0, 12.0)
}

/// A wide filled button.
pub fn wide_button(words: impl Into<Cow<'static, str>>, message: Message) -> Widget<Message> {
    button(words)
        .color(Color::WHITE)
        .rounded(BLUE, 8.0)
        .fill_width()
        .on_tap(message)
}

/// A sign without a description in the tool bar's colour.
pub fn sign(kind: Icon, description: &'static str, message: Message) -> Widget<Message> {
    icon_button(kind, description).color(LIGHT).on_tap(message)
}

/// A tool bar with the sign at its start, title, subtitle and actions.
pub fn bar(
    id: &'static str,
    start: (Icon, Message),
    title: impl Into<Cow<'static, str>>,
    subtitle: impl Into<Cow<'static, str>>,
    actions: Vec<Widget<Message>>,
) -> Widget<Message> {
    let subtitle = subtitle.into();
    let mut titles = vec![label(title).text_size(20.0).bold().max_lines(1)];
    if !subtitle.is_empty() {
        titles.push(dim(subtitle).max_lines(1));
    }
    let mut children = vec![
        sign(start.0, "", start.1),
        column(titles)
            .decoration()
            .width(Length::Wrap)
            .margin_edges(12.0, 0.0, 0.0, 0.0),
        stretch(),
    ];
    children.extend(actions);
    bar_row(64.0, children).id(id)
}
