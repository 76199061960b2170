//! Buttons that the pages of the clock share.

use super::Message;
use crate::phone::ui::{Align, Color, Icon, Length, Widget, icon_button, row, stack};

/// The large round button in the middle.
pub fn round_button(sign: Icon, description: &'static str, message: Message) -> Widget<Message> {
    icon_button(sign, description)
        .class("android.widget.Button")
        .size(96.0, 96.0)
        .padding(36.0)
        .color(Color::TEXT)
        .rounded(Color::ACCENT_PALE, 48.0)
        .on_tap(message)
}

/// A smaller button beside it.
pub fn side_button(sign: Icon, description: &'static str, message: Message) -> Widget<Message> {
    icon_button(sign, description)
        .class("android.widget.Button")
        .size(64.0, 64.0)
        .padding(20.0)
        .rounded(Color::SURFACE_RAISED, 32.0)
        .on_tap(message)
}

/// The row at the bottom of a page: left, middle and right button.
pub fn button_row(
    left: Option<Widget<Message>>,
    middle: Option<Widget<Message>>,
    right: Option<Widget<Message>>,
) -> Widget<Message> {
    let cell = |button: Option<Widget<Message>>| {
        stack(
            button
                .into_iter()
                .map(|button| button.place(Align::Center, Align::Center))
                .collect(),
        )
        .decoration()
        .weight_width(1.0)
        .height(Length::Dp(128.0))
    };
    row(vec![cell(left), cell(middle), cell(right)])
        .id("fab_container")
        .class("android.view.ViewGroup")
        .height(Length::Dp(128.0))
}
