//! The parts that the messenger's screens share: colours, dates, pictures, tool bars.

use std::borrow::Cow;

use crate::phone::system::System;
use crate::phone::ui::text_field;
use crate::phone::ui::{
    Color, Icon, Length, Widget, bar_of, bar_title, column, icon_button, portrait, row,
    selection_bar, text,
};

/// The app's colour.
pub const ORANGE: Color = Color::rgb(0xB8_4A00);
/// Bubbles of received messages.
pub const RECEIVED: Color = Color::rgb(0xE9_E9ED);

/// The date of a conversation: the time today, else the day.
pub fn day(system: &System, millis: i64) -> String {
    written(system, millis, "%d.%m", "%d.%m.%Y", "%H:%M")
}

/// The date above a message: the time today, else day and time.
pub fn moment(system: &System, millis: i64) -> String {
    written(system, millis, "%d.%m, %H:%M", "%d.%m.%Y, %H:%M", "%H:%M")
}

fn written(system: &System, millis: i64, year: &str, older: &str, today: &str) -> String {
    let at = system.clock.at_micros(millis.saturating_mul(1_000));
    let now = system.clock.now();
    let format = if at.date() == now.date() {
        today
    } else if at.year() == now.year() {
        year
    } else {
        older
    };
    at.strftime(format).to_string()
}

/// The round picture of somebody without a photo.
pub fn picture<M>(name: &str, size: f32) -> Widget<M> {
    const CIRCLES: [Color; 5] = [
        Color::rgb(0x8A_4B08),
        Color::rgb(0x1A_66B8),
        Color::rgb(0x18_7A44),
        Color::rgb(0x6A_3FB5),
        Color::rgb(0xA8_2A5F),
    ];
    let sum: usize = name.bytes().map(usize::from).sum();
    let color = CIRCLES.get(sum % CIRCLES.len()).copied().unwrap_or(ORANGE);
    portrait(name, color, size, size * 0.5)
}

/// The tool bar of an inner screen, with its arrow back.
pub fn bar<M>(
    id: &'static str,
    title: impl Into<Cow<'static, str>>,
    back: M,
    actions: Vec<Widget<M>>,
) -> Widget<M> {
    let back = icon_button(Icon::Back, "Back").on_tap(back);
    bar_of(60.0, Some(back), bar_title(title), actions).id(id)
}

/// The bar over a selection: how many of how many, and what can be done with them.
pub fn contextual_bar<M>(
    chosen: usize,
    all: usize,
    close: M,
    actions: Vec<Widget<M>>,
) -> Widget<M> {
    let count = text(format!("{chosen} / {all}"));
    selection_bar(60.0, count, close, actions).id("action_context_bar")
}

/// The search field at the top of the conversations.
pub fn search_bar<M: Clone>(
    words: &str,
    searching: bool,
    leave: M,
    change: impl Fn(String) -> M + Send + Sync + 'static,
    actions: Vec<Widget<M>>,
) -> Widget<M> {
    let (sign, label) = match searching {
        true => (Icon::Back, "Back"),
        false => (Icon::Search, "Search"),
    };
    let mut children = vec![
        icon_button(sign, label)
            .id("top_toolbar_search_icon")
            .class("android.widget.ImageView")
            .on_tap(leave),
        column(vec![
            text_field(words, "Search")
                .id("top_toolbar_search")
                .on_change(change),
        ])
        .decoration()
        .weight_width(1.0),
    ];
    children.extend(actions);
    row(children)
        .id("top_toolbar_holder")
        .class("android.widget.RelativeLayout")
        .height(Length::Dp(56.0))
        .margin(8.0)
        .rounded(Color::SURFACE_RAISED, 28.0)
}
