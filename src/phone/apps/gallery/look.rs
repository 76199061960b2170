//! The parts that the gallery's screens share: tool bars, small pictures, folders in a grid.

use std::borrow::Cow;

use super::library::{Album, Thumbnails};
use crate::domain::Frame;
use crate::phone::ui::{
    Align, Color, Icon, Length, Widget, column, icon, picture, row, selection_bar, stack, text,
    text_field,
};

/// The app's colour.
pub const ORANGE: Color = Color::rgb(0xB8_4A00);
/// Behind pictures that fill the screen.
pub const DARK: Color = Color::BLACK;
/// Behind white words on a picture.
pub const SHADE: Color = Color::rgb(0).with_alpha(150);

/// The bar with the search that heads a list.
pub fn search_bar<M>(
    id: &'static str,
    sign: Widget<M>,
    words: &str,
    hint: impl Into<Cow<'static, str>>,
    typed: impl Fn(String) -> M + Send + Sync + 'static,
    actions: Vec<Widget<M>>,
) -> Widget<M> {
    let field = text_field(words, hint)
        .id("top_toolbar_search")
        .weight_width(1.0)
        .background(Color::SURFACE_RAISED)
        .on_change(typed);
    let mut children = vec![sign, field];
    children.extend(actions);
    row(children)
        .id(id)
        .class("android.view.ViewGroup")
        .rounded(Color::SURFACE_RAISED, 28.0)
        .padding_symmetric(4.0, 4.0)
        .margin_edges(8.0, 8.0, 8.0, 8.0)
}

/// The bar over a selection: how many of how many, and what can be done with them.
pub fn counted_bar<M>(chosen: usize, all: usize, close: M, actions: Vec<Widget<M>>) -> Widget<M> {
    let count = text(format!("{chosen} / {all}")).id("cab_title");
    selection_bar(72.0, count, close, actions).id("action_bar")
}

/// A small picture, or a sign where there is none.
pub fn thumbnail<M: 'static>(frame: Option<Frame>, id: &'static str, video: bool) -> Widget<M> {
    let sign = if video { Icon::Video } else { Icon::Image };
    match frame {
        Some(frame) => picture(frame, true).id(id).fill(),
        None => stack(vec![
            icon(sign, 40.0)
                .color(Color::TEXT_DISABLED)
                .place(Align::Center, Align::Center)
                .decoration(),
        ])
        .class("android.widget.ImageView")
        .id(id)
        .background(Color::OUTLINE)
        .fill(),
    }
}

/// Tiles in rows of `columns`, each as wide as the others and `height` dp high.
pub fn grid<M>(tiles: Vec<Widget<M>>, columns: usize, height: f32) -> Vec<Widget<M>> {
    let mut rows = Vec::new();
    let mut tiles = tiles.into_iter().peekable();
    while tiles.peek().is_some() {
        let mut line: Vec<Widget<M>> = tiles
            .by_ref()
            .take(columns)
            .map(|tile| tile.weight_width(1.0).height(Length::Fill))
            .collect();
        while line.len() < columns {
            line.push(stack(vec![]).weight_width(1.0).decoration());
        }
        rows.push(
            row(line)
                .gap(2.0)
                .height(Length::Dp(height))
                .margin_edges(0.0, 0.0, 0.0, 2.0)
                .decoration(),
        );
    }
    rows
}

/// The tile of a folder; give it what a touch does.
pub fn album<M: 'static>(album: &Album, thumbnails: &Thumbnails, chosen: bool) -> Widget<M> {
    let newest = &album.newest;
    let mut layers = vec![
        thumbnail(thumbnails.of(&newest.path), "dir_thumbnail", newest.video),
        column(vec![
            text(album.name.clone())
                .id("dir_name")
                .text_size(16.0)
                .color(Color::WHITE)
                .max_lines(2),
            text(album.count.to_string())
                .id("photo_cnt")
                .text_size(14.0)
                .color(Color::WHITE),
        ])
        .class("android.widget.RelativeLayout")
        .id("dir_bottom_holder")
        .background(SHADE)
        .padding_symmetric(8.0, 6.0)
        .place(Align::Start, Align::End),
    ];
    if chosen {
        layers.push(mark("dir_check"));
    }
    stack(layers)
        .class("android.widget.RelativeLayout")
        .id("dir_holder")
        .selected(chosen)
}

/// The tick on a chosen tile.
pub fn mark<M>(id: &'static str) -> Widget<M> {
    icon(Icon::Check, 20.0)
        .id(id)
        .color(Color::WHITE)
        .rounded(ORANGE, 16.0)
        .padding(4.0)
        .margin(8.0)
        .place(Align::End, Align::Start)
}

/// What is said in the middle of an empty screen.
pub fn placeholder<M>(id: &'static str, words: &'static str) -> Widget<M> {
    text(words)
        .id(id)
        .color(Color::TEXT_SECONDARY)
        .text_align(Align::Center)
        .fill_width()
        .padding_symmetric(24.0, 40.0)
}
