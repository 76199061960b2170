//! Markor's look: colours, and the parts that its screens share.

use crate::phone::ui::{Color, Icon, Screen, Widget, bar_action, bar_of, overflow_button};

/// Tool bars.
pub const BAR: Color = Color::rgb(0x30_3235);
/// On tool bars.
pub const ON_BAR: Color = Color::WHITE;
/// The floating button, chosen things.
pub const RED: Color = Color::rgb(0xC6_3A3A);

/// A light page below a dark status bar.
pub fn screen<M>(root: Widget<M>) -> Screen<M> {
    Screen::new(root.background(Color::SURFACE)).background(BAR)
}

/// A tool bar with its title, a [`bar_title`], and actions; `start` stands before the title.
pub fn bar<M>(start: Option<Widget<M>>, title: Widget<M>, actions: Vec<Widget<M>>) -> Widget<M> {
    let title = title.bold().color(ON_BAR).margin_edges(12.0, 0.0, 4.0, 0.0);
    bar_of(60.0, start, title, actions)
        .id("toolbar")
        .background(BAR)
}

/// An action of a tool bar.
pub fn action<M>(sign: Icon, id: &'static str, description: &'static str, message: M) -> Widget<M> {
    bar_action(sign, id, description, message).color(ON_BAR)
}

/// The button that opens the overflow menu.
pub fn overflow<M>(message: M) -> Widget<M> {
    overflow_button(message).color(ON_BAR)
}
