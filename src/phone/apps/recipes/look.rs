//! The parts that Broccoli's screens share: its green, tool bars, the picture of a recipe without one.

use std::borrow::Cow;

use crate::phone::ui::{
    Align, Color, Icon, Overlay, Widget, alert, bar_row, bar_title, icon, icon_button,
    overflow_button, round_button, spacer, stack,
};

/// The app's colour.
pub const GREEN: Color = Color::rgb(0x2E_7D32);
/// Behind pictures that are missing, and chosen things.
pub const PALE: Color = Color::rgb(0xDC_EDDD);

/// A tool bar: the sign at its start, a title, and what follows it.
pub fn bar<M>(
    id: &'static str,
    start: Widget<M>,
    title: impl Into<Cow<'static, str>>,
    actions: Vec<Widget<M>>,
) -> Widget<M> {
    let title = bar_title(title).bold().color(Color::WHITE);
    let parts = [start, title].into_iter().chain(actions);
    framed(id, parts.collect())
}

/// A tool bar around anything.
pub fn framed<M>(id: &'static str, children: Vec<Widget<M>>) -> Widget<M> {
    bar_row(56.0, children).id(id).background(GREEN)
}

/// The sign at the start of a tool bar.
pub fn start<M>(sign: Icon, description: &'static str, message: M) -> Widget<M> {
    icon_button(sign, description)
        .color(Color::WHITE)
        .on_tap(message)
}

/// An action of a tool bar.
pub fn action<M>(sign: Icon, id: &'static str, description: &'static str, message: M) -> Widget<M> {
    start(sign, description, message)
        .id(id)
        .class("android.widget.Button")
}

/// The three dots.
pub fn more<M>(message: M) -> Widget<M> {
    overflow_button(message).color(Color::WHITE)
}

/// The round button at the bottom right.
pub fn floating<M>(
    sign: Icon,
    id: &'static str,
    description: &'static str,
    message: M,
) -> Widget<M> {
    round_button(sign, description, GREEN, message).id(id)
}

/// The place of a recipe's picture.
pub fn photo<M>(id: &'static str, sign_size: f32) -> Widget<M> {
    stack(vec![
        icon(Icon::Image, sign_size)
            .color(GREEN)
            .place(Align::Center, Align::Center)
            .decoration(),
    ])
    .id(id)
    .class("android.widget.ImageView")
    .description("Recipe photo")
    .background(PALE)
}

/// A question with a deed in capitals and CANCEL.
pub fn question<M: Clone>(words: &'static str, deed: &'static str, yes: M, no: M) -> Overlay<M> {
    alert("")
        .message(words)
        .positive(deed, yes)
        .negative("CANCEL", no.clone())
        .overlay(no)
}

/// Room at the end of what scrolls, so that nothing stays behind the round button.
pub fn end<M>() -> Widget<M> {
    spacer(90.0)
}
