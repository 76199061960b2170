//! The frame of Retro Music's pages: tool bar or selection bar, the small player, the bar of tabs.

use super::deeds::Deed;
use super::main_screen::MainActivity;
use super::message::{Front, Message, Page, Tab, Touch};
use super::{now_playing, pages, words};
use crate::phone::apps::lengths;
use crate::phone::system::System;
use crate::phone::ui::{
    Align, Color, Icon, Length, Widget, bar_action, bar_row, column, floating_button, icon,
    icon_button, overflow_button, row, selection_bar, stack, tab_bar, text, text_field, up_arrow,
};

/// Id of the search's field.
pub const SEARCH: &str = "searchView";

const TABS: [(Tab, &str, Icon, &str); 5] = [
    (Tab::Home, "For you", Icon::Home, "action_home"),
    (Tab::Songs, "Songs", Icon::Music, "action_song"),
    (Tab::Albums, "Albums", Icon::Record, "action_album"),
    (Tab::Artists, "Artists", Icon::Person, "action_artist"),
    (Tab::Playlists, "Playlists", Icon::List, "action_playlist"),
];

/// Everything on the screen but what is in front.
pub fn view(main: &MainActivity, system: &System) -> Widget<Message> {
    let page = main.page();
    if page == Page::Player {
        return now_playing::player(main, system);
    }
    let mut layers = vec![
        column(vec![
            top(main),
            pages::content(main, system).weight_height(1.0),
        ])
        .decoration()
        .fill(),
    ];
    layers.extend(floating(main));
    let mut parts = vec![
        stack(layers)
            .id("fragment_container")
            .fill_width()
            .weight_height(1.0),
    ];
    if main.player.current().is_some() {
        parts.push(small_player(main));
    }
    if let Page::Tab(tab) = page {
        let selected = TABS.iter().position(|entry| entry.0 == tab).unwrap_or(0);
        let entries = TABS
            .iter()
            .map(|(tab, label, sign, id)| (*label, *sign, *id, Message::Go(Page::Tab(*tab))))
            .collect();
        parts.push(
            tab_bar(entries, selected)
                .id("navigationView")
                .class("android.widget.FrameLayout"),
        );
    }
    column(parts).fill()
}

fn floating(main: &MainActivity) -> Option<Widget<Message>> {
    match main.page() {
        Page::Tab(Tab::Songs) if !main.library.is_empty() => Some(
            floating_button(Icon::Refresh, "Shuffle", Message::Do(Deed::Shuffle))
                .id("shuffle_button"),
        ),
        Page::Queue if !main.player.queue.is_empty() => Some(
            row(vec![
                icon(Icon::Close, 20.0).decoration(),
                text("Clear queue").bold().text_size(14.0).decoration(),
            ])
            .id("clearQueue")
            .class("android.widget.Button")
            .spoken("Clear queue")
            .gap(8.0)
            .width(Length::Wrap)
            .padding_symmetric(20.0, 16.0)
            .margin(16.0)
            .rounded(Color::ACCENT_PALE, 16.0)
            .place(Align::End, Align::End)
            .on_tap(Message::Do(Deed::ClearQueue)),
        ),
        _ => None,
    }
}

fn small_player(main: &MainActivity) -> Widget<Message> {
    let song = main.player.current();
    let title = song.map_or(String::new(), |song| {
        words::joined(&song.title, &song.artist)
    });
    let sign = match main.player.is_playing() {
        true => Icon::Pause,
        false => Icon::Play,
    };
    row(vec![
        icon(Icon::Music, 24.0).id("image").padding(12.0),
        text(title)
            .id("miniPlayerTitle")
            .text_size(15.0)
            .max_lines(1)
            .weight_width(1.0),
        icon(sign, 24.0)
            .id("miniPlayerPlayPauseButton")
            .padding(12.0)
            .on_tap(Message::Player(Touch::Toggle)),
    ])
    .id("miniPlayerFragment")
    .gap(4.0)
    .height(Length::Dp(56.0))
    .padding_symmetric(8.0, 0.0)
    .background(Color::SURFACE_RAISED)
    .on_tap(Message::Go(Page::Player))
    .on_swipe_up(Message::Go(Page::Player))
}

fn top(main: &MainActivity) -> Widget<Message> {
    if !main.chosen.is_empty() {
        return selection(main);
    }
    match main.page() {
        Page::Tab(_) => library_bar(),
        Page::Search => search_bar(&main.words),
        Page::Playlist(_) => bar(
            "",
            "",
            vec![
                bar_action(
                    Icon::Refresh,
                    "action_shuffle_playlist",
                    "Shuffle playlist",
                    Message::Do(Deed::Shuffle),
                ),
                more(),
            ],
        ),
        Page::Queue => {
            let rest = main.player.queue.get(main.player.position + 1..);
            let left = lengths::padded(words::total(rest.unwrap_or(&[])));
            bar(
                "Now playing queue",
                words::joined("Up next", &left),
                Vec::new(),
            )
        }
        Page::Album(_) => bar("Album", "", Vec::new()),
        Page::Artist(_) => bar("Artist", "", Vec::new()),
        page => bar(pages::title(page), "", Vec::new()),
    }
}

fn library_bar() -> Widget<Message> {
    let search = icon_button(Icon::Search, "").on_tap(Message::Go(Page::Search));
    bar_row(
        60.0,
        vec![
            search,
            text("Retro Music")
                .id("appNameText")
                .text_size(20.0)
                .bold()
                .max_lines(1)
                .text_align(Align::Center)
                .weight_width(1.0),
            more(),
        ],
    )
    .id("toolbar")
}

fn search_bar(typed: &str) -> Widget<Message> {
    let field = text_field(typed, "Search your library…")
        .id(SEARCH)
        .on_change(Message::Typed);
    bar_row(60.0, vec![up_arrow(Message::Up), field.weight_width(1.0)]).id("toolbar")
}

fn bar(
    title: &'static str,
    subtitle: impl Into<String>,
    actions: Vec<Widget<Message>>,
) -> Widget<Message> {
    let mut titles = Vec::new();
    if !title.is_empty() {
        titles.push(text(title).text_size(20.0).max_lines(1));
    }
    let subtitle = subtitle.into();
    if !subtitle.is_empty() {
        titles.push(text(subtitle).quiet(14.0).max_lines(1));
    }
    let mut children = vec![
        up_arrow(Message::Up),
        column(titles)
            .decoration()
            .weight_width(1.0)
            .margin_edges(12.0, 0.0, 0.0, 0.0),
    ];
    children.extend(actions);
    bar_row(60.0, children).id("toolbar")
}

/// The bar over a selection.
fn selection(main: &MainActivity) -> Widget<Message> {
    let count = text(format!("{} selected", main.chosen.len())).id("selection_mode_number");
    selection_bar(
        60.0,
        count,
        Message::ChooseNone,
        vec![
            bar_action(
                Icon::Redo,
                "action_play_next",
                "Play next",
                Message::Do(Deed::PlayNext),
            ),
            bar_action(
                Icon::Add,
                "action_add_to_current_playing",
                "Add to playing queue",
                Message::Do(Deed::Enqueue),
            ),
            more(),
        ],
    )
    .id("action_mode_bar")
}

/// The three dots.
pub fn more() -> Widget<Message> {
    overflow_button(Message::Open(Front::Overflow))
}
