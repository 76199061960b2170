//! The pages of VLC's main screen: cards of videos, lists of songs, folders and playlists.

use super::browser::{Entry, STORAGE};
use super::database::{Playlist, Video};
use super::look::{self, ORANGE};
use super::main_screen::Message;
use super::titles::{Card, clock_text, counted, spoken_length};
use crate::phone::ui::{
    Align, Color, Icon, Length, Widget, column, horizontal_list, icon, list, row, stack, text,
};

/// The words where nothing is.
const NOTHING: &str =
    "No media files found, please transfer some files to your device or adjust your preferences.";

fn picture<M>(sign: Icon) -> Widget<M> {
    stack(vec![
        icon(sign, 40.0)
            .color(Color::WHITE)
            .place(Align::Center, Align::Center)
            .decoration(),
    ])
    .class("android.widget.ImageView")
    .id("ml_item_thumbnail")
    .background(Color::rgb(0x4A_4E57))
    .fill_width()
    .height(Length::Dp(104.0))
}

fn card(
    description: String,
    title: String,
    time: String,
    chosen: bool,
    more: Message,
) -> Widget<Message> {
    let sign = if chosen { Icon::Check } else { Icon::Video };
    column(vec![
        picture(sign),
        row(vec![
            column(vec![
                text(title).id("ml_item_title").text_size(14.0).max_lines(1),
                text(time).id("ml_item_time").quiet(12.0).max_lines(1),
            ])
            .weight_width(1.0)
            .decoration(),
            look::item_more(more),
        ])
        .padding_edges(8.0, 4.0, 0.0, 4.0)
        .decoration(),
    ])
    .class("android.view.ViewGroup")
    .description(description)
    .selected(chosen)
    .rounded(
        if chosen {
            Color::ACCENT_PALE
        } else {
            Color::SURFACE_RAISED
        },
        8.0,
    )
    .margin(6.0)
    .weight_width(1.0)
}

fn video_card(video: &Video, chosen: &[String]) -> Widget<Message> {
    let path = video.path.clone();
    let picked = chosen.contains(&path);
    card(
        format!(
            "Video: {}, Duration: {}",
            video.title,
            spoken_length(video.duration)
        ),
        video.title.clone(),
        clock_text(video.duration),
        picked,
        Message::More(video.title.clone(), vec![path.clone()]),
    )
    .on_tap(Message::Open(path.clone()))
    .on_long_press(Message::Choose(vec![path]))
}

/// The cards of the video page.
pub fn videos(cards: &[Card], chosen: &[String]) -> Widget<Message> {
    let tiles: Vec<Widget<Message>> = cards
        .iter()
        .map(|one| match one {
            Card::One(video) => video_card(video, chosen),
            Card::Group(title, members) => {
                let paths: Vec<String> = members.iter().map(|video| video.path.clone()).collect();
                let count = counted(members.len(), "video", "videos");
                card(
                    format!("Video group: {title}, {count}"),
                    title.clone(),
                    count,
                    paths.iter().all(|path| chosen.contains(path)),
                    Message::More(title.clone(), paths.clone()),
                )
                .on_tap(Message::Group(title.clone()))
                .on_long_press(Message::Choose(paths))
            }
        })
        .collect();
    if tiles.is_empty() {
        return look::empty(NOTHING);
    }
    let mut rows = Vec::new();
    let mut tiles = tiles.into_iter();
    while let Some(left) = tiles.next() {
        let right = tiles
            .next()
            .unwrap_or_else(|| stack(vec![]).weight_width(1.0).decoration());
        rows.push(row(vec![left, right]).cross(Align::Start).decoration());
    }
    list(rows).id("video_grid")
}

/// The rows of songs.
pub fn songs(library: &[Video]) -> Widget<Message> {
    let rows: Vec<Widget<Message>> = library
        .iter()
        .filter(|video| video.audio)
        .map(|song| {
            let paths = vec![song.path.clone()];
            look::line(
                Icon::Music,
                ("title", song.title.clone()),
                ("subtitle", clock_text(song.duration)),
                false,
                Some(look::item_more(Message::More(song.title.clone(), paths))),
            )
        })
        .collect();
    match rows.is_empty() {
        true => look::empty(NOTHING),
        false => list(rows).id("audio_list"),
    }
}

fn separator(words: &'static str) -> Widget<Message> {
    text(words)
        .id("separator_title")
        .bold()
        .color(ORANGE)
        .text_size(14.0)
        .padding_symmetric(16.0, 10.0)
}

/// The places that can be browsed.
pub fn places() -> Widget<Message> {
    let memory = look::line(
        Icon::Storage,
        ("title", "Internal memory".to_owned()),
        ("text", String::new()),
        false,
        None,
    )
    .id("browser_container")
    .description("Folder: Internal memory")
    .on_tap(Message::Enter(STORAGE.to_owned()));
    list(vec![separator("Storages"), memory]).id("network_list")
}

/// The rows of a folder, below the way to it.
pub fn folder(path: &str, entries: &[Entry], chosen: &[String]) -> Widget<Message> {
    let rows: Vec<Widget<Message>> = entries
        .iter()
        .map(|entry| match entry {
            Entry::Folder(name, path, folders, media) => {
                let mut parts = Vec::new();
                if *folders > 0 {
                    parts.push(counted(*folders, "folder", "folders"));
                }
                if *media > 0 {
                    parts.push(counted(*media, "media", "media"));
                }
                look::line(
                    Icon::Folder,
                    ("title", name.clone()),
                    ("text", parts.join(", ")),
                    false,
                    None,
                )
                .id("browser_container")
                .description(format!("Folder: {name}"))
                .on_tap(Message::Enter(path.clone()))
            }
            Entry::File(video) => {
                let path = video.path.clone();
                look::line(
                    if video.audio {
                        Icon::Music
                    } else {
                        Icon::Video
                    },
                    ("title", video.filename.clone()),
                    ("text", String::new()),
                    chosen.contains(&path),
                    Some(look::item_more(Message::More(
                        video.filename.clone(),
                        vec![path.clone()],
                    ))),
                )
                .id("browser_container")
                .description(format!("File: {}", video.filename))
                .on_tap(Message::Open(path.clone()))
                .on_long_press(Message::Choose(vec![path]))
            }
        })
        .collect();
    let mut crumbs = vec![crumb("Internal memory", STORAGE)];
    let mut at = STORAGE.to_owned();
    let below = path.strip_prefix(STORAGE).unwrap_or("");
    for name in below.split('/').filter(|name| !name.is_empty()) {
        at = format!("{at}/{name}");
        crumbs.push(crumb(name, &at));
    }
    let content = match rows.is_empty() {
        true => look::empty("This directory is empty."),
        false => list(rows).id("network_list"),
    };
    column(vec![
        horizontal_list(crumbs)
            .id("ariane")
            .class("androidx.recyclerview.widget.RecyclerView"),
        content.weight_height(1.0),
    ])
    .fill()
}

fn crumb(name: &str, path: &str) -> Widget<Message> {
    text(name.to_owned())
        .text_size(13.0)
        .color(ORANGE)
        .padding_symmetric(12.0, 10.0)
        .on_tap(Message::Enter(path.to_owned()))
}

/// The rows of playlists.
pub fn playlists(all: &[Playlist]) -> Widget<Message> {
    let rows: Vec<Widget<Message>> = all
        .iter()
        .map(|playlist| {
            let count = counted(playlist.count, "track", "tracks");
            let (id, name) = (playlist.id, playlist.name.clone());
            look::line(
                Icon::List,
                ("title", name.clone()),
                ("subtitle", count.clone()),
                false,
                Some(look::item_more(Message::PlaylistMore(id, name.clone()))),
            )
            .description(format!("Playlist: {name}, {count}"))
            .on_tap(Message::OpenPlaylist(id, name.clone()))
            .on_long_press(Message::PlaylistMore(id, name))
        })
        .collect();
    match rows.is_empty() {
        true => look::empty(NOTHING),
        false => list(rows).id("audio_list"),
    }
}

/// The page of other things.
pub fn other() -> Widget<Message> {
    let row = |sign, label: &str, message| {
        look::line(
            sign,
            ("title", label.to_owned()),
            ("subtitle", String::new()),
            false,
            None,
        )
        .on_tap(message)
    };
    column(vec![
        row(
            Icon::Settings,
            "Settings",
            Message::Say("There are no settings here"),
        ),
        row(Icon::Info, "About", Message::Say("VLC 3.5.4")),
    ])
}

/// What is shown without access to the files.
pub fn no_access() -> Widget<Message> {
    column(vec![
        text("Permission not granted")
            .id("permissionTitle")
            .text_size(20.0)
            .bold(),
        text("VLC needs access to your files to list and play them.")
            .text_align(Align::Center)
            .color(Color::TEXT_SECONDARY),
        crate::phone::ui::filled_button("GRANT PERMISSION")
            .id("grantPermissionButton")
            .rounded(ORANGE, 24.0)
            .on_tap(Message::AskAccess),
    ])
    .class("android.view.ViewGroup")
    .id("empty_loading")
    .cross(Align::Center)
    .main(Align::Center)
    .gap(16.0)
    .padding(32.0)
    .fill()
}
