//! What stands along the top of Android screens: tool bars, their actions, the three dots with their menu, and
//! the bar over a selection.

use std::borrow::Cow;

use super::activity::{Overlay, OverlayKind};
use super::attributes::Length;
use super::build::{icon_button, row, stretch, text};
use super::color::Color;
use super::icon::Icon;
use super::parts::{menu, menu_item};
use super::widget::Widget;

/// A tool bar with a title and actions, 64 dp high (an `android.view.ViewGroup`).
pub fn toolbar<M>(title: impl Into<Cow<'static, str>>, actions: Vec<Widget<M>>) -> Widget<M> {
    bar(None, title, actions)
}

/// A tool bar that begins with the `Navigate up` arrow.
pub fn toolbar_with_up<M>(
    title: impl Into<Cow<'static, str>>,
    up: M,
    actions: Vec<Widget<M>>,
) -> Widget<M> {
    bar(Some(up_arrow(up)), title, actions)
}

/// The `Navigate up` arrow that a bar begins with.
pub fn up_arrow<M>(message: M) -> Widget<M> {
    icon_button(Icon::Back, "Navigate up").on_tap(message)
}

fn bar<M>(
    start: Option<Widget<M>>,
    title: impl Into<Cow<'static, str>>,
    actions: Vec<Widget<M>>,
) -> Widget<M> {
    let title = title.into();
    let title = match title.is_empty() {
        true => stretch(),
        false => bar_title(title).bold(),
    };
    bar_of(64.0, start, title, actions)
}

/// The title of a bar, which takes the room that its actions leave.
pub fn bar_title<M>(title: impl Into<Cow<'static, str>>) -> Widget<M> {
    text(title)
        .text_size(20.0)
        .max_lines(1)
        .weight_width(1.0)
        .margin_edges(12.0, 0.0, 8.0, 0.0)
}

/// A bar: what it begins with, its title, its actions.
pub fn bar_of<M>(
    height: f32,
    start: Option<Widget<M>>,
    title: Widget<M>,
    actions: Vec<Widget<M>>,
) -> Widget<M> {
    let parts = start.into_iter().chain([title]).chain(actions);
    bar_row(height, parts.collect())
}

/// An action of a tool bar: a Button with a description and no text.
pub fn toolbar_action<M>(
    sign: Icon,
    description: impl Into<Cow<'static, str>>,
    message: M,
) -> Widget<M> {
    icon_button(sign, description)
        .class("android.widget.Button")
        .on_tap(message)
}

/// An action of a tool bar with an id.
pub fn bar_action<M>(
    sign: Icon,
    id: &'static str,
    description: &'static str,
    message: M,
) -> Widget<M> {
    toolbar_action(sign, description, message).id(id)
}

/// The row that a bar consists of, as high as its app makes it. Set its id and colour.
pub fn bar_row<M>(height: f32, children: Vec<Widget<M>>) -> Widget<M> {
    row(children)
        .class("android.view.ViewGroup")
        .height(Length::Dp(height))
        .padding_symmetric(4.0, 0.0)
}

/// The three dots of a bar.
pub fn overflow_button<M>(message: M) -> Widget<M> {
    icon_button(Icon::More, "More options")
        .class("android.widget.ImageView")
        .on_tap(message)
}

/// The menu of the three dots: labels and what they send; `close` is sent by a tap outside.
pub fn overflow_menu<M>(
    entries: impl IntoIterator<Item = (&'static str, M)>,
    close: M,
) -> Overlay<M> {
    let rows = entries
        .into_iter()
        .map(|(label, message)| menu_item(label, message))
        .collect();
    Overlay::new(OverlayKind::OverflowMenu, menu(rows), close)
}

/// The bar over a selection: how much is chosen, and what can be done with it.
pub fn selection_bar<M>(
    height: f32,
    count: Widget<M>,
    close: M,
    actions: Vec<Widget<M>>,
) -> Widget<M> {
    let count = count
        .text_size(18.0)
        .weight_width(1.0)
        .margin_edges(12.0, 0.0, 8.0, 0.0);
    bar_of(height, Some(selection_close(close)), count, actions).background(Color::ACCENT_PALE)
}

/// The cross that ends a selection.
pub fn selection_close<M>(message: M) -> Widget<M> {
    icon_button(Icon::Close, "Done")
        .id("action_mode_close_button")
        .class("android.widget.ImageView")
        .on_tap(message)
}
