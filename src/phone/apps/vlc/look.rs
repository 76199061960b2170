//! The parts that VLC's screens share.

use std::borrow::Cow;

use crate::phone::ui::{
    Color, Icon, Length, Widget, bar_row, column, icon, icon_button, list, row, stack, text,
};

/// The app's colour.
pub const ORANGE: Color = Color::rgb(0xC7_5A00);

/// A tool bar with a title and actions.
pub fn bar<M>(
    start: Option<Widget<M>>,
    title: impl Into<Cow<'static, str>>,
    actions: Vec<Widget<M>>,
) -> Widget<M> {
    let mut children: Vec<Widget<M>> = start.into_iter().collect();
    children.push(
        text(title)
            .id("toolbar_vlc_title")
            .text_size(20.0)
            .bold()
            .max_lines(1)
            .weight_width(1.0)
            .margin_edges(12.0, 0.0, 4.0, 0.0),
    );
    children.extend(actions);
    bar_row(60.0, children)
        .id("main_toolbar")
        .background(Color::SURFACE_RAISED)
}

/// The arrow before a title.
pub fn up<M>(message: M) -> Widget<M> {
    icon_button(Icon::Back, "Navigate up").on_tap(message)
}

/// The three dots of an item.
pub fn item_more<M>(message: M) -> Widget<M> {
    icon_button(Icon::More, "More Actions")
        .id("item_more")
        .class("android.widget.ImageView")
        .on_tap(message)
}

/// A row of a list: sign, title, subtitle, and what stands at its end.
pub fn line<M>(
    sign: Icon,
    title: (&'static str, String),
    subtitle: (&'static str, String),
    chosen: bool,
    end: Option<Widget<M>>,
) -> Widget<M> {
    let sign = if chosen { Icon::Check } else { sign };
    let mut words = vec![text(title.1).id(title.0).max_lines(1)];
    if !subtitle.1.is_empty() {
        words.push(
            text(subtitle.1)
                .id(subtitle.0)
                .text_size(13.0)
                .color(Color::TEXT_SECONDARY)
                .max_lines(1),
        );
    }
    let mut children = vec![
        icon(sign, 28.0).id("item_icon").color(ORANGE),
        column(words).weight_width(1.0).decoration(),
    ];
    children.extend(end);
    let line = row(children)
        .class("android.view.ViewGroup")
        .gap(16.0)
        .min_height(60.0)
        .padding_edges(16.0, 4.0, 4.0, 4.0)
        .selected(chosen);
    match chosen {
        true => line.background(Color::ACCENT_PALE),
        false => line,
    }
}

/// The words of an empty list.
pub fn empty<M>(words: &'static str) -> Widget<M> {
    stack(vec![
        text(words)
            .id("emptyTextView")
            .color(Color::TEXT_SECONDARY)
            .fill_width()
            .padding_symmetric(32.0, 48.0),
    ])
    .fill()
}

/// The frame of a sheet at the foot of the screen.
pub fn sheet<M>(children: Vec<Widget<M>>) -> Widget<M> {
    column(children)
        .id("contextual_sheet")
        .background(Color::SURFACE)
        .padding_edges(0.0, 16.0, 0.0, 16.0)
}

/// A row of a sheet: what can be done with an item.
pub fn option<M>(sign: Icon, label: &'static str, message: M) -> Widget<M> {
    row(vec![
        icon(sign, 24.0).id("context_option_icon"),
        text(label).id("context_option_title").weight_width(1.0),
    ])
    .class("android.view.ViewGroup")
    .gap(24.0)
    .min_height(52.0)
    .padding_symmetric(20.0, 0.0)
    .on_tap(message)
}

/// A list in a sheet, as high as its rows allow.
pub fn sheet_list<M>(rows: Vec<Widget<M>>, id: &'static str, most: f32) -> Widget<M> {
    let height = (rows.len() as f32 * 60.0).min(most);
    list(rows).id(id).height(Length::Dp(height))
}
