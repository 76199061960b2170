//! The parts that VLC's screens share.

use std::borrow::Cow;

use crate::phone::ui::{
    Color, Icon, Length, Widget, bar_of, bar_title, column, icon, icon_button, list, row, stack,
    text,
};

/// The app's colour.
pub const ORANGE: Color = Color::rgb(0xC7_5A00);

/// A tool bar with a title and actions.
pub fn bar<M>(
    start: Option<Widget<M>>,
    title: impl Into<Cow<'static, str>>,
    actions: Vec<Widget<M>>,
) -> Widget<M> {
    let title = bar_title(title)
        .id("toolbar_vlc_title")
        .bold()
        .margin_edges(12.0, 0.0, 4.0, 0.0);
    bar_of(60.0, start, title, actions)
        .id("main_toolbar")
        .background(Color::SURFACE_RAISED)
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
        words.push(text(subtitle.1).id(subtitle.0).quiet(13.0).max_lines(1));
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
