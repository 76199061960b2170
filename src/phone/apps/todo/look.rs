//! The parts that Tasks.org's screens share: colours of priorities, bars, check boxes.

use std::borrow::Cow;

use super::database::{Priority, Task};
use crate::phone::ui::{
    Align, Color, Icon, Length, Widget, bar_action, bar_row, bar_title, button, icon, icon_button,
    overflow_button, row, stack, text,
};

/// Bars and the floating button.
pub const BLUE: Color = Color::rgb(0x1F_5F_A8);
/// Overdue dates.
pub const RED: Color = Color::rgb(0xC6_28_28);

/// The colour of a priority.
pub fn color_of(priority: Priority) -> Color {
    match priority {
        Priority::HIGH => RED,
        Priority::MEDIUM => Color::rgb(0xE0_8A_00),
        Priority::LOW => Color::rgb(0x1E_72_D2),
        _ => Color::rgb(0x75_75_75),
    }
}

/// A task's check box in the colour of its priority.
pub fn complete_box<M>(task: &Task) -> Widget<M> {
    let color = color_of(task.priority);
    let mut drawn = stack(vec![]).size(20.0, 20.0).decoration();
    drawn = match task.is_completed() {
        true => drawn
            .child(
                icon(Icon::Check, 18.0)
                    .color(Color::WHITE)
                    .place(Align::Center, Align::Center)
                    .decoration(),
            )
            .rounded(color, 3.0),
        false => drawn.rounded(Color::SURFACE, 3.0).border(2.5, color),
    };
    stack(vec![drawn.place(Align::Center, Align::Center)])
        .class("android.widget.ImageView")
        .size(48.0, 48.0)
}

/// A tool bar with the sign at its start, a title and actions.
pub fn bar<M>(
    start: Option<Widget<M>>,
    title: impl Into<Cow<'static, str>>,
    actions: Vec<Widget<M>>,
) -> Widget<M> {
    let title = bar_title(title)
        .bold()
        .color(Color::WHITE)
        .margin_edges(14.0, 0.0, 8.0, 0.0);
    let parts = start.into_iter().chain([title]).chain(actions);
    wrap(parts.collect())
}

/// A tool bar of parts.
pub fn wrap<M>(children: Vec<Widget<M>>) -> Widget<M> {
    bar_row(60.0, children).id("toolbar").background(BLUE)
}

/// An action of a bar.
pub fn action<M>(sign: Icon, id: &'static str, label: &'static str, message: M) -> Widget<M> {
    bar_action(sign, id, label, message).color(Color::WHITE)
}

/// The three dots.
pub fn more<M>(message: M) -> Widget<M> {
    overflow_button(message).color(Color::WHITE)
}

/// The sign at the start of a bar; some have no description.
pub fn start<M>(sign: Icon, label: &'static str, message: M) -> Widget<M> {
    icon_button(sign, label).color(Color::WHITE).on_tap(message)
}

/// A flat button.
pub fn accent_button<M>(words: &'static str, message: M) -> Widget<M> {
    button(words).color(BLUE).on_tap(message)
}

/// A small pill of a row.
pub fn chip<M>(sign: Icon, words: impl Into<Cow<'static, str>>) -> Widget<M> {
    row(vec![
        icon(sign, 14.0).decoration(),
        text(words).text_size(12.0).max_lines(1),
    ])
    .class("android.view.View")
    .gap(4.0)
    .padding_symmetric(8.0, 3.0)
    .width(Length::Wrap)
    .rounded(Color::SURFACE_RAISED, 12.0)
}
