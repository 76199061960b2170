//! What Retro Music's pages show below the tool bar.

use super::deeds::Deed;
use super::library::Group;
use super::main_screen::MainActivity;
use super::message::{Known, Message, Page, Tab};
use super::rows::{self, Card};
use super::words;
use crate::phone::system::System;
use crate::phone::ui::{
    Align, Color, Icon, Length, Widget, button, column, list, row, scroll, stack, text,
};

/// The title of a page that has one.
pub fn title(page: Page) -> &'static str {
    match page {
        Page::List(Known::LastAdded) => "Last added",
        Page::List(Known::History) => "History",
        Page::List(Known::MostPlayed) => "Most played",
        Page::Settings => "Settings",
        _ => "",
    }
}

/// The page.
pub fn content(main: &MainActivity, system: &System) -> Widget<Message> {
    match main.page() {
        Page::Tab(Tab::Home) => home(main, system),
        Page::Tab(Tab::Songs) => songs(main, "recycler_view", "songs"),
        Page::Tab(Tab::Albums) => groups(&main.groups(false), false),
        Page::Tab(Tab::Artists) => groups(&main.groups(true), true),
        Page::Tab(Tab::Playlists) => playlists(main),
        Page::Playlist(id) => playlist(main, id),
        Page::Album(id) => group(main, &main.groups(false), id),
        Page::Artist(id) => group(main, &main.groups(true), id),
        Page::List(known) => songs(main, "recyclerView", title(Page::List(known))),
        Page::Search if main.words.trim().is_empty() => nothing(""),
        Page::Search if main.shown.is_empty() => nothing("No results"),
        Page::Search => songs(main, "recyclerView", "search"),
        Page::Settings => settings(),
        Page::Queue | Page::Player => queue(main),
    }
}

/// What is shown instead of a list without rows.
fn nothing(words: &'static str) -> Widget<Message> {
    stack(vec![
        text(words)
            .id("emptyText")
            .quiet(18.0)
            .place(Align::Center, Align::Center),
    ])
    .decoration()
    .fill()
}

fn songs(main: &MainActivity, id: &'static str, key: &'static str) -> Widget<Message> {
    if main.shown.is_empty() {
        return nothing("You have no songs");
    }
    let entries = main.shown.iter().enumerate();
    let entries = entries.map(|(index, song)| rows::song(song, index, is_chosen(main, index)));
    rows::rows(id, key.to_owned(), entries.collect())
}

fn is_chosen(main: &MainActivity, index: usize) -> bool {
    main.chosen.contains(&index)
}

fn home(main: &MainActivity, system: &System) -> Widget<Message> {
    let entry = |label: &'static str, id: &'static str, message: Message| {
        button(label)
            .id(id)
            .color(Color::TEXT)
            .rounded(Color::ACCENT_PALE, 16.0)
            .weight_width(1.0)
            .height(Length::Dp(64.0))
            .padding_symmetric(8.0, 22.0)
            .on_tap(message)
    };
    let open = |known: Known| Message::Go(Page::List(known));
    let greeting = match system.clock.now().hour() {
        0..12 => "Good morning",
        12..16 => "Good afternoon",
        16..20 => "Good evening",
        _ => "Good night",
    };
    let known = words::summary(main.library.len(), words::total(&main.library));
    scroll(vec![
        column(vec![
            text(greeting).id("titleWelcome").text_size(16.0),
            text("User Name").id("text").text_size(24.0).bold(),
        ])
        .id("userInfoContainer")
        .padding_symmetric(16.0, 12.0),
        row(vec![
            entry("History", "history", open(Known::History)),
            entry("Last added", "lastAdded", open(Known::LastAdded)),
        ])
        .decoration()
        .gap(12.0)
        .padding_symmetric(16.0, 6.0),
        row(vec![
            entry("Most played", "topPlayed", open(Known::MostPlayed)),
            entry("Shuffle", "actionShuffle", Message::Do(Deed::Shuffle)),
        ])
        .decoration()
        .gap(12.0)
        .padding_symmetric(16.0, 6.0),
        text(known)
            .id("suggestionsText")
            .color(Color::TEXT_SECONDARY)
            .padding(16.0),
    ])
    .id("container")
}

fn groups(groups: &[Group], artists: bool) -> Widget<Message> {
    if groups.is_empty() {
        return nothing(match artists {
            true => "You have no artists",
            false => "You have no albums",
        });
    }
    let cards = groups
        .iter()
        .map(|group| Card {
            title: group.name.clone(),
            text: group.about.clone(),
            sign: match artists {
                true => Icon::Person,
                false => Icon::Record,
            },
            message: Message::Go(match artists {
                true => Page::Artist(group.id),
                false => Page::Album(group.id),
            }),
            index: None,
            chosen: false,
        })
        .collect();
    let key = if artists { "artists" } else { "albums" };
    rows::grid("recycler_view", key, cards)
}

fn playlists(main: &MainActivity) -> Widget<Message> {
    if main.playlists.is_empty() {
        return nothing("You have no playlists");
    }
    let cards = main
        .playlists
        .iter()
        .enumerate()
        .map(|(index, list)| Card {
            title: list.name.clone(),
            text: list.summary(),
            sign: Icon::List,
            message: Message::Tap(index),
            index: Some(index),
            chosen: is_chosen(main, index),
        })
        .collect();
    rows::grid("recycler_view", "playlists", cards)
}

/// Name, summary and the two buttons above a list of songs.
fn head(name: &str, summary: String) -> Widget<Message> {
    let big = |label: &'static str, id: &'static str, deed: Deed| {
        button(label)
            .id(id)
            .rounded(Color::ACCENT_PALE, 24.0)
            .weight_width(1.0)
            .on_tap(Message::Do(deed))
    };
    column(vec![
        text(name.to_owned()).id("title").text_size(24.0).bold(),
        text(summary).id("subtitle").color(Color::TEXT_SECONDARY),
        row(vec![
            big("Play all", "playButton", Deed::Play),
            big("Shuffle", "shuffleButton", Deed::Shuffle),
        ])
        .decoration()
        .gap(12.0)
        .padding_symmetric(0.0, 8.0),
    ])
    .decoration()
    .gap(4.0)
    .padding_symmetric(16.0, 4.0)
}

fn playlist(main: &MainActivity, id: i64) -> Widget<Message> {
    let found = main.playlists.iter().find(|list| list.id == id);
    let name = found.map_or("", |list| list.name.as_str());
    let summary = words::summary(main.shown.len(), words::total(&main.shown));
    let body = match main.shown.is_empty() {
        true => nothing("You have no songs"),
        false => {
            let entries = main.shown.iter().enumerate();
            let entries = entries
                .map(|(index, song)| rows::movable(song, index, false, is_chosen(main, index)));
            rows::rows("recyclerView", format!("playlist {id}"), entries.collect())
        }
    };
    column(vec![head(name, summary), body.weight_height(1.0)]).decoration()
}

fn group(main: &MainActivity, groups: &[Group], id: i64) -> Widget<Message> {
    let found = groups.iter().find(|group| group.id == id);
    let name = found.map_or("", |group| group.name.as_str());
    let summary = words::summary(main.shown.len(), words::total(&main.shown));
    column(vec![
        head(name, summary),
        songs(main, "recyclerView", "group").weight_height(1.0),
    ])
    .decoration()
}

fn queue(main: &MainActivity) -> Widget<Message> {
    if main.shown.is_empty() {
        return nothing("Empty");
    }
    let entries = main.shown.iter().enumerate();
    let entries = entries
        .map(|(index, song)| rows::movable(song, index, index == main.player.position, false));
    rows::rows("recyclerView", "queue".to_owned(), entries.collect())
}

fn settings() -> Widget<Message> {
    const ENTRIES: [(&str, &str); 8] = [
        ("Theme", "Make the app look as you like it"),
        ("Audio", "Sound and headset"),
        ("Now playing", "The look of the player"),
        ("Personalize", "The home page and the tabs"),
        ("Images", "Covers of albums and artists"),
        ("Notification", "What the notification shows"),
        ("Other", "Songs shorter than 20 seconds are hidden"),
        ("About", "Retro Music 6.1.0"),
    ];
    let entries = ENTRIES
        .iter()
        .map(|(title, summary)| {
            column(vec![
                text(*title).id("android:id/title"),
                text(*summary).id("android:id/summary").quiet(14.0),
            ])
            .padding_symmetric(16.0, 12.0)
            .on_tap(Message::Say("There is nothing to change here"))
        })
        .collect();
    list(entries).id("recycler_view").key("settings")
}
