//! Ready-made parts of Android screens, with the ids and classes that the framework and AppCompat give them.

use std::borrow::Cow;

use super::attributes::{Align, Length};
use super::build::{button, checkbox, column, icon, icon_button, list, radio, row, stack, text};
use super::color::Color;
use super::icon::Icon;
use super::widget::Widget;

/// A floating button, to be put in a stack at the bottom right. Set its id.
pub fn floating_button<M>(
    sign: Icon,
    description: impl Into<Cow<'static, str>>,
    message: M,
) -> Widget<M> {
    icon_button(sign, description)
        .color(Color::TEXT)
        .rounded(Color::ACCENT_PALE, 16.0)
        .padding(16.0)
        .margin(16.0)
        .place(Align::End, Align::End)
        .on_tap(message)
}

/// A round [`floating_button`] in its app's colour.
pub fn round_button<M>(
    sign: Icon,
    description: impl Into<Cow<'static, str>>,
    color: Color,
    message: M,
) -> Widget<M> {
    floating_button(sign, description, message)
        .color(Color::WHITE)
        .rounded(color, 28.0)
}

/// A popup menu: a ListView of rows. Use it in an overlay of kind `OverflowMenu` or `Popup`.
pub fn menu<M>(items: Vec<Widget<M>>) -> Widget<M> {
    list(items)
        .class("android.widget.ListView")
        .rounded(Color::SURFACE_RAISED, 8.0)
        .width(Length::Dp(220.0))
        .height(Length::Wrap)
        .padding_symmetric(0.0, 8.0)
}

/// A row of a [`menu`]: a clickable LinearLayout with a TextView `title`.
pub fn menu_item<M>(label: impl Into<Cow<'static, str>>, message: M) -> Widget<M> {
    row(vec![
        row(vec![text(label).id("title").max_lines(1).weight_width(1.0)])
            .id("content")
            .class("android.widget.RelativeLayout")
            .padding_symmetric(16.0, 0.0),
    ])
    .min_height(48.0)
    .on_tap(message)
}

/// A row of a dialog's list (`android:id/text1`).
pub fn choice<M>(label: impl Into<Cow<'static, str>>, message: M) -> Widget<M> {
    text(label)
        .id("android:id/text1")
        .fill_width()
        .min_height(44.0)
        .padding_symmetric(4.0, 11.0)
        .on_tap(message)
}

/// A row to choose in a dialog, a single radio button in the tree: its mark and its words.
pub fn marked_choice<M>(
    mark: Widget<M>,
    words: impl Into<Cow<'static, str>>,
    chosen: bool,
    message: M,
) -> Widget<M> {
    let words = words.into();
    row(vec![mark.decoration(), text(words.clone()).decoration()])
        .class("android.widget.RadioButton")
        .spoken(words)
        .checked(chosen)
        .gap(12.0)
        .min_height(48.0)
        .on_tap(message)
}

/// An entry of a menu with a radio button.
pub fn menu_radio<M>(label: &'static str, on: bool, message: M) -> Widget<M> {
    marked(label, radio(on).id("radio"), message)
}

/// An entry of a menu with a check box.
pub fn menu_check<M>(label: &'static str, on: bool, message: M) -> Widget<M> {
    marked(label, checkbox(on).id("checkbox"), message)
}

/// A title with words about it below, which take the room of a row.
pub fn titled<M>(
    title: Widget<M>,
    about_id: &'static str,
    about: impl Into<Cow<'static, str>>,
) -> Widget<M> {
    let about = text(about).id(about_id).quiet(14.0).max_lines(1);
    column(vec![title.max_lines(1), about])
        .decoration()
        .gap(2.0)
        .weight_width(1.0)
}

/// The first letter of a name, in upper case; none when it does not begin with a letter.
pub fn initial(name: &str) -> Option<char> {
    let first = name.chars().next().filter(|first| first.is_alphabetic())?;
    first.to_uppercase().next()
}

/// The round picture of somebody without a photo: the initial or the sign of a person, `sign` dp high in a
/// circle of `size` dp.
pub fn portrait<M>(name: &str, color: Color, size: f32, sign: f32) -> Widget<M> {
    stack(vec![
        icon(initial(name).map_or(Icon::Person, Icon::Letter), sign)
            .color(Color::WHITE)
            .place(Align::Center, Align::Center)
            .decoration(),
    ])
    .class("android.widget.ImageView")
    .size(size, size)
    .rounded(color, size)
}

fn marked<M>(label: &'static str, mark: Widget<M>, message: M) -> Widget<M> {
    row(vec![
        row(vec![text(label).id("title").max_lines(1).weight_width(1.0)])
            .id("content")
            .class("android.widget.RelativeLayout")
            .padding_symmetric(16.0, 0.0)
            .weight_width(1.0),
        mark.margin_edges(0.0, 0.0, 12.0, 0.0),
    ])
    .min_height(48.0)
    .on_tap(message)
}

/// A tab of a bar of tabs; the one that is shown cannot be tapped.
pub fn tab<M>(
    id: &'static str,
    label: &'static str,
    children: Vec<Widget<M>>,
    current: bool,
    message: M,
) -> Widget<M> {
    let tab = column(children)
        .class("android.widget.FrameLayout")
        .id(id)
        .description(label)
        .cross(Align::Center)
        .main(Align::Center)
        .weight_width(1.0)
        .height(Length::Fill)
        .selected(current);
    match current {
        true => tab.clickable(false),
        false => tab.on_tap(message),
    }
}

/// A row of tabs: `(label, icon, id, message)`; each is a FrameLayout with a description, and the selected
/// one is not clickable.
pub fn tab_bar<M>(tabs: Vec<(&'static str, Icon, &'static str, M)>, selected: usize) -> Widget<M> {
    let items = tabs
        .into_iter()
        .enumerate()
        .map(|(index, (label, sign, id, message))| {
            let current = index == selected;
            let color = if current {
                Color::ACCENT
            } else {
                Color::TEXT_SECONDARY
            };
            let sign = stack(vec![
                icon(sign, 24.0)
                    .color(color)
                    .place(Align::Center, Align::Center),
            ])
            .size(56.0, 32.0)
            .rounded(
                if current {
                    Color::ACCENT_PALE
                } else {
                    Color::WHITE.with_alpha(0)
                },
                16.0,
            )
            .decoration();
            let words = text(label).text_size(12.0).color(color).max_lines(1);
            tab(id, label, vec![sign, words], current, message).gap(4.0)
        })
        .collect();
    row(items)
        .class("android.view.ViewGroup")
        .height(Length::Dp(80.0))
        .background(Color::SURFACE_RAISED)
}

/// The message at the foot of a screen, with its button; to be put in a stack.
pub fn snackbar<M>(
    words: impl Into<Cow<'static, str>>,
    action: &'static str,
    message: M,
) -> Widget<M> {
    let action = button(action)
        .id("snackbar_action")
        .color(Color::rgb(0xFF_9B94))
        .on_tap(message);
    notice(words).child(action)
}

/// The message at the foot of a screen without a button; to be put in a stack.
pub fn notice<M>(words: impl Into<Cow<'static, str>>) -> Widget<M> {
    let words = text(words)
        .id("snackbar_text")
        .color(Color::WHITE)
        .text_size(14.0)
        .padding_symmetric(0.0, 14.0)
        .weight_width(1.0);
    row(vec![words])
        .class("android.widget.FrameLayout")
        .rounded(Color::rgb(0x32_3236), 6.0)
        .padding_edges(16.0, 2.0, 6.0, 2.0)
        .margin(10.0)
        .place(Align::Start, Align::End)
}
