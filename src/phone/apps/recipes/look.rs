//! The parts that Broccoli's screens share: its green, tool bars, the picture of a recipe without one.

use std::borrow::Cow;

use crate::phone::ui::{
    Align, Color, DialogButton, Icon, Overlay, OverlayKind, Widget, alert, bar_row,
    floating_button, icon, icon_button, overflow_button, spacer, stack, text,
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
    let mut children = vec![
        start,
        text(title)
            .text_size(20.0)
            .bold()
            .color(Color::WHITE)
            .max_lines(1)
            .weight_width(1.0)
            .margin_edges(12.0, 0.0, 8.0, 0.0),
    ];
    children.extend(actions);
    framed(id, children)
}

/// A tool bar around anything.
pub fn framed<M>(id: &'static str, children: Vec<Widget<M>>) -> Widget<M> {
    bar_row(56.0, children).id(id).background(GREEN)
}

/// The sign at the start of a tool bar.
pub fn start<M>(sign: Icon, description: &'static str, message: M) -> Widget<M> {
    let mut start = icon_button(sign, description)
        .color(Color::WHITE)
        .on_tap(message);
    if description.is_empty() {
        start.description = None;
    }
    start
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
    floating_button(sign, description, message)
        .id(id)
        .color(Color::WHITE)
        .rounded(GREEN, 28.0)
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
    Overlay::new(
        OverlayKind::Dialog,
        alert(
            "",
            words,
            vec![],
            Some(DialogButton::new(deed, yes)),
            Some(DialogButton::new("CANCEL", no.clone())),
            None,
        ),
        no,
    )
}

/// Room at the end of what scrolls, so that nothing stays behind the round button.
pub fn end<M>() -> Widget<M> {
    spacer(90.0)
}
