//! The parts that OpenTracks' screens share: bars, menus, fields, the app's colours.

use std::borrow::Cow;

use crate::phone::ui::{
    Align, Color, Icon, Length, Widget, bar_action, column, row, text, text_field,
};

/// The app's colour.
pub const GREEN: Color = Color::rgb(0x2E_6B34);
/// The button that records.
pub const RED: Color = Color::rgb(0xA5_2019);

/// The bar at the bottom of a screen.
pub fn bottom_bar<M>(children: Vec<Widget<M>>) -> Widget<M> {
    row(children)
        .id("bottom_app_bar")
        .class("android.view.ViewGroup")
        .height(Length::Dp(72.0))
        .padding_symmetric(8.0, 0.0)
        .background(Color::SURFACE_RAISED)
}

/// A button without any words.
pub fn mute_button<M>(sign: Icon, id: &'static str, message: M) -> Widget<M> {
    bar_action(sign, id, "", message)
}

/// A text field under its name.
pub fn field<M>(
    id: &'static str,
    label: &'static str,
    value: &str,
    change: impl Fn(String) -> M + Send + Sync + 'static,
) -> Widget<M> {
    column(vec![
        text(label).quiet(12.0).decoration(),
        text_field(value, label)
            .id(id)
            .border(1.0, Color::OUTLINE)
            .padding_symmetric(12.0, 12.0)
            .on_change(change),
    ])
    .decoration()
    .gap(4.0)
}

/// A number with its unit behind it, ids beginning with `id`.
pub fn quantity<M>(id: &str, value: impl Into<Cow<'static, str>>, unit: &'static str) -> Widget<M> {
    let mut children = vec![
        text(value)
            .id(format!("{id}_value"))
            .text_size(24.0)
            .max_lines(1),
    ];
    if !unit.is_empty() {
        children.push(text(unit).id(format!("{id}_unit")).quiet(14.0).max_lines(1));
    }
    row(children)
        .decoration()
        .gap(4.0)
        .cross(Align::End)
        .width(Length::Wrap)
}
