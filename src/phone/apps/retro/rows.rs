//! Rows of songs, and the cards of albums, artists and playlists.

use super::message::{Front, Message};
use crate::phone::providers::songs::Song;
use crate::phone::ui::{
    Align, Color, Icon, Length, Widget, blank, column, icon, list, row, spacer, stack, text,
};

/// The name under which the window of a row's menu finds it.
pub fn menu_key(index: usize) -> String {
    format!("menu {index}")
}

fn menu_button(index: usize) -> Widget<Message> {
    icon(Icon::More, 24.0)
        .id("menu")
        .key(menu_key(index))
        .padding(12.0)
        .on_tap(Message::Open(Front::Row(index)))
}

fn picture(sign: Icon, size: f32) -> Widget<Message> {
    stack(vec![
        icon(sign, size * 0.5)
            .color(Color::ACCENT)
            .place(Align::Center, Align::Center)
            .decoration(),
    ])
    .id("image")
    .class("android.widget.ImageView")
    .size(size, size)
    .rounded(Color::ACCENT_PALE, 8.0)
}

fn words(title: &str, about: &str) -> Widget<Message> {
    column(vec![
        text(title.to_owned())
            .id("title")
            .text_size(16.0)
            .max_lines(1),
        text(about.to_owned()).id("text").quiet(14.0).max_lines(1),
    ])
    .decoration()
    .gap(2.0)
    .weight_width(1.0)
}

fn frame(children: Vec<Widget<Message>>, index: usize) -> Widget<Message> {
    row(children)
        .class("android.view.ViewGroup")
        .key(format!("row {index}"))
        .gap(12.0)
        .height(Length::Dp(64.0))
        .padding_edges(16.0, 0.0, 4.0, 0.0)
        .on_tap(Message::Tap(index))
}

/// A song of a list.
pub fn song(song: &Song, index: usize, chosen: bool) -> Widget<Message> {
    let (sign, color) = match chosen {
        true => (Icon::Check, Color::ACCENT_PALE),
        false => (Icon::Music, Color::SURFACE),
    };
    of_song(picture(sign, 44.0), song, index, chosen).background(color)
}

fn of_song(start: Widget<Message>, song: &Song, index: usize, chosen: bool) -> Widget<Message> {
    let words = words(&song.title, &song.artist);
    frame(vec![start, words, menu_button(index)], index)
        .selected(chosen)
        .on_long_press(Message::Hold(index))
}

/// A song of the queue or of a playlist: its handle moves it.
pub fn movable(song: &Song, index: usize, current: bool, chosen: bool) -> Widget<Message> {
    let color = Color::chosen(chosen || current);
    let handle = icon(Icon::Menu, 24.0)
        .id("drag_view")
        .padding(8.0)
        .clickable(true)
        .on_swipe_up(Message::Shift(index, false))
        .on_swipe_down(Message::Shift(index, true));
    of_song(handle, song, index, chosen).background(color)
}

/// A list of rows; `key` tells it from other lists.
pub fn rows(id: &'static str, key: String, mut rows: Vec<Widget<Message>>) -> Widget<Message> {
    // Room for what floats above.
    rows.push(spacer(88.0));
    list(rows).id(id).key(key)
}

/// What a card says.
pub struct Card {
    /// First line.
    pub title: String,
    /// Second line.
    pub text: String,
    /// Its sign.
    pub sign: Icon,
    /// What a tap does.
    pub message: Message,
    /// The row whose menu and selection it has.
    pub index: Option<usize>,
    /// Whether it is chosen.
    pub chosen: bool,
}

fn card(card: Card) -> Widget<Message> {
    let mut foot = vec![words(&card.title, &card.text)];
    foot.extend(card.index.map(menu_button));
    let sign = match card.chosen {
        true => Icon::Check,
        false => card.sign,
    };
    let widget = column(vec![
        picture(sign, 44.0).fill_width().height(Length::Dp(120.0)),
        row(foot).decoration().height(Length::Dp(56.0)),
    ])
    .class("android.view.ViewGroup")
    .selected(card.chosen)
    .padding(8.0)
    .rounded(Color::chosen(card.chosen), 12.0)
    .weight_width(1.0)
    .on_tap(card.message);
    match card.index {
        Some(index) => widget.on_long_press(Message::Hold(index)),
        None => widget,
    }
}

/// Cards, two beside each other.
pub fn grid(id: &'static str, key: &'static str, cards: Vec<Card>) -> Widget<Message> {
    let mut lines = Vec::new();
    let mut cards = cards.into_iter();
    while let Some(left) = cards.next() {
        let right = match cards.next() {
            Some(right) => card(right),
            None => blank().weight_width(1.0).decoration(),
        };
        lines.push(
            row(vec![card(left), right])
                .decoration()
                .cross(Align::Start)
                .padding_symmetric(8.0, 4.0),
        );
    }
    rows(id, key.to_owned(), lines)
}
