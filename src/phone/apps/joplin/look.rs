//! The parts that Joplin's screens share: colours, the header, rows of menus and dialogs.

use std::borrow::Cow;

use super::message::Message;
use crate::phone::ui::{
    Color, Icon, Length, Overlay, OverlayKind, Widget, blank, column, icon_button, row, scroll,
    text,
};

/// Class of almost everything.
pub const VIEW: &str = "android.view.ViewGroup";
/// Class of what plays a button.
pub const BUTTON: &str = "android.widget.Button";
/// Behind the header.
pub const HEADER: Color = Color::rgb(0x2B_3A55);
/// Round buttons and links.
pub const BLUE: Color = Color::rgb(0x11_5EC1);
/// Lines between rows.
pub const LINE: Color = Color::rgb(0xDD_DDDD);

/// A sign in the header.
pub fn header_sign(sign: Icon, label: &'static str, message: Message) -> Widget<Message> {
    icon_button(sign, label)
        .class(BUTTON)
        .color(Color::WHITE)
        .on_tap(message)
}

/// The title in the header.
pub fn title(words: impl Into<Cow<'static, str>>) -> Widget<Message> {
    text(words)
        .color(Color::WHITE)
        .text_size(18.0)
        .bold()
        .max_lines(1)
        .weight_width(1.0)
        .margin_edges(8.0, 0.0, 8.0, 0.0)
}

/// A text in the header that opens a list of notebooks.
pub fn folder_picker(words: impl Into<Cow<'static, str>>, message: Message) -> Widget<Message> {
    let words = words.into();
    row(vec![
        text(words)
            .color(Color::WHITE)
            .text_size(16.0)
            .max_lines(1)
            .weight_width(1.0),
        text("▼").color(Color::WHITE).text_size(12.0).decoration(),
    ])
    .class(VIEW)
    .weight_width(1.0)
    .min_height(48.0)
    .padding_symmetric(8.0, 0.0)
    .on_tap(message)
}

/// The bar at the top.
pub fn header(children: Vec<Widget<Message>>) -> Widget<Message> {
    row(children)
        .class(VIEW)
        .height(Length::Dp(56.0))
        .padding_symmetric(4.0, 0.0)
        .background(HEADER)
}

/// A header with an arrow back.
pub fn header_back(
    title_widget: Widget<Message>,
    actions: Vec<Widget<Message>>,
) -> Widget<Message> {
    let mut children = vec![header_sign(Icon::Back, "Back", Message::Up), title_widget];
    children.extend(actions);
    header(children)
}

/// A thin line.
pub fn line() -> Widget<Message> {
    blank()
        .fill_width()
        .height(Length::Dp(1.0))
        .background(LINE)
        .decoration()
}

/// A line of a dialog or menu to tap.
pub fn choice(words: impl Into<Cow<'static, str>>, message: Message) -> Widget<Message> {
    row(vec![text(words).weight_width(1.0).max_lines(1)])
        .class(VIEW)
        .min_height(48.0)
        .padding_symmetric(20.0, 0.0)
        .on_tap(message)
}

/// A dialog with a title and lines to tap.
pub fn dialog(title: &'static str, choices: Vec<Widget<Message>>) -> Overlay<Message> {
    let content = column(vec![
        text(title).text_size(18.0).bold().padding(20.0),
        scroll(choices).height(Length::Wrap),
    ])
    .class(VIEW)
    .width(Length::Dp(320.0))
    .rounded(Color::WHITE, 4.0)
    .padding_edges(0.0, 0.0, 0.0, 12.0);
    Overlay::new(OverlayKind::Dialog, content, Message::Dismiss)
}

/// The menu behind the three dots.
pub fn popup(items: Vec<(&'static str, Message)>) -> Overlay<Message> {
    let rows = items
        .into_iter()
        .map(|(label, message)| choice(label, message))
        .collect();
    let menu = scroll(rows)
        .height(Length::Wrap)
        .width(Length::Dp(230.0))
        .rounded(Color::WHITE, 4.0)
        .border(1.0, LINE)
        .padding_symmetric(0.0, 8.0);
    Overlay::new(OverlayKind::OverflowMenu, menu, Message::Dismiss)
}
