//! What the list of tracks looks like.

use super::database::Track;
use super::format::{day, elapsed, local};
use super::kinds;
use super::list::{MARKER_LIST, Message, SEARCH_FIELD, STATISTICS, TrackList, menu_entries};
use super::look::{GREEN, RED, bottom_bar, mute_button};
use crate::phone::system::System;
use crate::phone::ui::{
    Align, Color, Icon, ImeAction, Overlay, Screen, Widget, alert, bar_action, bar_row, bar_title,
    column, divider, icon, icon_button, list, overflow_button, overflow_menu, round_button, row,
    selection_bar, stack, stretch, text, text_field,
};

const NO_MAP: &str = "No app that shows maps is installed";
const NO_SHARE: &str = "No apps can perform this action";

/// The screen.
pub fn screen(tracks: &TrackList, system: &System) -> Screen<Message> {
    let bar = match tracks.chosen.is_empty() {
        true => toolbar(tracks),
        false => contextual_bar(tracks),
    };
    let content = match tracks.tracks.is_empty() {
        true => empty(),
        false => list(
            tracks
                .tracks
                .iter()
                .map(|track| item(tracks, track, system))
                .collect(),
        )
        .id("track_list")
        .weight_height(1.0),
    };
    let mut parts = vec![bar, content];
    let mut layers = Vec::new();
    if tracks.chosen.is_empty() {
        parts.push(bottom_bar(vec![
            mute_button(Icon::Sort, "aggregated_stats_button", STATISTICS),
            stretch(),
            mute_button(Icon::Location, "sensor_start_button", Message::Sensors).color(
                match tracks.sensors {
                    true => GREEN,
                    false => Color::TEXT_SECONDARY,
                },
            ),
            stretch(),
            stretch(),
        ]));
        let recording = tracks.recording.is_some();
        let (sign, color) = match recording {
            true => (Icon::Stop, GREEN),
            false => (Icon::Record, RED),
        };
        layers.push(
            round_button(sign, "Record", color, Message::Record)
                .id("track_list_fab_action")
                .on_long_press(Message::Stop),
        );
    }
    layers.insert(0, column(parts).decoration().fill());
    let menu = tracks.menu.then(|| match tracks.chosen.is_empty() {
        true => overflow_menu(menu_entries(), Message::Menu(false)),
        false => overflow_menu(contextual_entries(tracks), Message::Menu(false)),
    });
    Screen::new(stack(layers).class("android.view.ViewGroup").fill())
        .overlay(menu)
        .overlay(tracks.deleting.then(delete_dialog))
}

fn toolbar(tracks: &TrackList) -> Widget<Message> {
    let title = tracks.query.clone().unwrap_or("OpenTracks".to_owned());
    let mut children = vec![
        icon(Icon::Location, 28.0)
            .class("android.widget.ImageButton")
            .color(GREEN)
            .padding(10.0)
            .clickable(true),
    ];
    match &tracks.words {
        Some(words) => {
            children.push(
                column(vec![
                    text_field(words.clone(), "Search…")
                        .id(SEARCH_FIELD)
                        .ime(ImeAction::Search)
                        .on_change(Message::Words)
                        .on_enter(Message::Find),
                ])
                .id("search_plate")
                .weight_width(1.0),
            );
            children.push(
                icon_button(Icon::Close, "Clear query")
                    .id("search_close_btn")
                    .class("android.widget.ImageView")
                    .on_tap(Message::Clear),
            );
        }
        None => {
            children.push(bar_title(title).bold().margin_edges(8.0, 0.0, 8.0, 0.0));
            children.push(bar_action(
                Icon::Search,
                "track_list_search",
                "Search",
                Message::Search,
            ));
        }
    }
    children.push(bar_action(
        Icon::Flag,
        "track_list_markers",
        "Markers",
        MARKER_LIST,
    ));
    children.push(overflow_button(Message::Menu(true)));
    bar_row(64.0, children).id("track_list_toolbar")
}

fn contextual_bar(tracks: &TrackList) -> Widget<Message> {
    let count = text(tracks.chosen.len().to_string()).id("action_bar_title");
    let actions = vec![
        bar_action(
            Icon::Globe,
            "list_context_menu_show_on_map",
            "Show on map",
            Message::Say(NO_MAP),
        ),
        bar_action(
            Icon::Share,
            "list_context_menu_share",
            "Share",
            Message::Say(NO_SHARE),
        ),
        overflow_button(Message::Menu(true)),
    ];
    selection_bar(64.0, count, Message::ChooseNone, actions).id("action_context_bar")
}

fn contextual_entries(tracks: &TrackList) -> Vec<(&'static str, Message)> {
    let mut entries = Vec::new();
    if tracks.chosen.len() == 1 {
        entries.push(("Edit", Message::Edit));
    }
    entries.push(("Delete", Message::AskDelete(true)));
    entries.push(("Aggregated stats", Message::Aggregate));
    if tracks.chosen.len() < tracks.tracks.len() {
        entries.push(("Select all", Message::ChooseAll));
    }
    entries
}

fn empty() -> Widget<Message> {
    column(vec![
        text("Start recording your next adventure here")
            .text_align(Align::Center)
            .text_size(18.0)
            .fill_width(),
        icon(Icon::ArrowDown, 48.0)
            .description("Arrow")
            .place(Align::End, Align::End)
            .margin(24.0),
    ])
    .id("track_list_empty_view")
    .class("android.widget.RelativeLayout")
    .main(Align::End)
    .padding(24.0)
    .weight_height(1.0)
}

fn item(tracks: &TrackList, track: &Track, system: &System) -> Widget<Message> {
    let at = local(track.start, track.offset);
    let recording = tracks
        .recording
        .filter(|recording| recording.id == track.id);
    let time = recording.map_or(track.total_time, |recording| recording.elapsed(system));
    let (distance, unit) = tracks.units.distance(track.distance);
    let small = |words: String, id: &'static str| text(words).id(id).quiet(14.0);
    let offset = i64::from(system.clock.now().offset().seconds());
    let hours = match track.offset == offset {
        true => at.strftime("%H:%M").to_string(),
        false => at.strftime("%H:%M %:z").to_string(),
    };
    let mut second = vec![
        small(
            format!("{} ({distance} {unit})", elapsed(time)),
            "track_list_item_time_distance",
        )
        .max_lines(1)
        .weight_width(1.0),
    ];
    if track.markers > 0 {
        second.push(
            icon(Icon::Flag, 16.0)
                .id("track_list_item_marker_count_icon")
                .description("Marker count"),
        );
        second.push(small(
            track.markers.to_string(),
            "track_list_item_marker_count",
        ));
    }
    second.push(small(hours, "track_list_item_time"));
    let mut lines = vec![
        row(vec![
            text(track.name.clone())
                .id("track_list_item_name")
                .max_lines(1)
                .weight_width(1.0),
            small(day(system, &at), "track_list_item_date"),
        ])
        .decoration()
        .gap(8.0),
        row(second).decoration().gap(8.0),
    ];
    if !track.description.is_empty() {
        lines.push(
            small(
                track.description.clone(),
                "track_list_item_category_description",
            )
            .max_lines(2),
        );
    }
    let (sign, description) = match recording {
        Some(_) => (Icon::Record, "Record"),
        None => (kinds::by_id(&track.kind).icon, "Track"),
    };
    let chosen = tracks.chosen.contains(&track.id);
    column(vec![
        row(vec![
            icon(sign, 28.0)
                .id("track_list_item_icon")
                .description(description),
            column(lines).decoration().gap(2.0).weight_width(1.0),
        ])
        .decoration()
        .cross(Align::Start)
        .gap(12.0)
        .padding(12.0),
        divider(),
    ])
    .class("android.view.ViewGroup")
    .key(format!("track {}", track.id))
    .background(Color::chosen(chosen))
    .on_tap(Message::Row(track.id))
    .on_long_press(Message::Choose(track.id))
}

fn delete_dialog() -> Overlay<Message> {
    alert("Delete selected?")
        .message(
            "The selected tracks and their markers will be permanently deleted from the device.",
        )
        .positive("OK", Message::Delete)
        .negative("Cancel", Message::AskDelete(false))
        .overlay(Message::AskDelete(false))
}
