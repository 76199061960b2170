//! OsmAnd's lists: favourites and tracks, markers, the points of a route.

use super::main_screen::MapActivity;
use super::message::{Front, Message, Page};
use super::places::Spot;
use super::views::{bar, entry};
use crate::phone::ui::{Color, Icon, Widget, button, column, icon_button, list, row, text};

fn rows_or(words: &'static str, rows: Vec<Widget<Message>>) -> Widget<Message> {
    let rows = match rows.is_empty() {
        true => vec![
            text(words)
                .id("empty_text")
                .color(Color::TEXT_SECONDARY)
                .padding(24.0),
        ],
        false => rows,
    };
    list(rows)
        .id("android:id/list")
        .class("android.widget.ListView")
        .weight_height(1.0)
}

fn bin(message: Message) -> Option<Widget<Message>> {
    Some(
        icon_button(Icon::Delete, "Delete")
            .id("delete_button")
            .on_tap(message),
    )
}

/// My Places: the favourites, or the tracks.
pub fn my_places(main: &MapActivity, tracks: bool) -> Widget<Message> {
    let tab = |label: &'static str, id: &'static str, value: bool| {
        button(label)
            .id(id)
            .weight_width(1.0)
            .selected(value == tracks)
            .color(match value == tracks {
                true => Color::ACCENT,
                false => Color::TEXT_SECONDARY,
            })
            .on_tap(Message::Go(Page::Places { tracks: value }))
    };
    let rows = match tracks {
        true => rows_or(
            "No tracks",
            (0..)
                .zip(&main.tracks)
                .map(|(index, name)| {
                    let delete = bin(Message::Open(Front::DeleteTrack(index)));
                    let message = Message::Say("The track is on the map");
                    entry(
                        Icon::List,
                        name.clone(),
                        "Tracks".to_owned(),
                        delete,
                        message,
                    )
                })
                .collect(),
        ),
        false => rows_or(
            "No favorites",
            (0..)
                .zip(&main.favorites)
                .map(|(index, one)| {
                    let spot = Spot {
                        position: one.position,
                        name: one.name.clone(),
                        kind: "Favorites".to_owned(),
                    };
                    let delete = bin(Message::Open(Front::DeleteFavorite(index)));
                    let about = one.position.text();
                    entry(
                        Icon::Star,
                        one.name.clone(),
                        about,
                        delete,
                        Message::Show(spot),
                    )
                })
                .collect(),
        ),
    };
    column(vec![
        bar("My Places", Vec::new()),
        row(vec![
            tab("FAVORITES", "tab_favorites", false),
            tab("TRACKS", "tab_tracks", true),
        ])
        .id("tab_layout"),
        rows,
    ])
    .fill()
}

/// The markers.
pub fn markers(main: &MapActivity) -> Widget<Message> {
    let rows = (0..)
        .zip(&main.markers)
        .map(|(index, marker)| {
            let spot = marker.spot.clone();
            let delete = bin(Message::DeleteMarker(index));
            let (title, about) = (spot.title(), spot.kind.clone());
            entry(Icon::Flag, title, about, delete, Message::Show(spot))
        })
        .collect();
    column(vec![
        bar("Map markers", Vec::new()),
        rows_or("No active markers", rows),
    ])
    .fill()
}

/// The points of the route, and the way to a track of them.
pub fn route(main: &MapActivity) -> Widget<Message> {
    let save = icon_button(Icon::Save, "Save as new track")
        .id("save_as_gpx")
        .class("android.widget.Button")
        .on_tap(Message::AskTrack);
    let rows = main
        .route
        .spots()
        .into_iter()
        .map(|spot| {
            let message = Message::Show(spot.clone());
            entry(
                Icon::Location,
                spot.title(),
                spot.kind.clone(),
                None,
                message,
            )
        })
        .collect();
    column(vec![
        bar("Route details", vec![save]),
        rows_or("The route is not calculated", rows),
    ])
    .fill()
}
