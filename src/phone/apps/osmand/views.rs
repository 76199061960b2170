//! OsmAnd's pages.

use super::main_screen::MapActivity;
use super::message::{Front, Message, Page};
use super::places::{self, Spot, distance};
use super::{lists, map, sheets};
use crate::phone::ui::{
    Align, Color, Icon, Length, Widget, bar_of, bar_row, bar_title, blank, button, column,
    filled_button, icon, icon_button, list, row, stack, stretch, text, text_field, titled,
    up_arrow,
};

/// Id of the search's field.
pub const SEARCH: &str = "searchEditText";

/// The page.
pub fn page(main: &MapActivity) -> Widget<Message> {
    if main.first {
        return first();
    }
    match main.page() {
        Page::Map => with_map(main),
        Page::Plan => planning(main),
        Page::Search => search(main),
        Page::Favorite => favorite(main),
        Page::Places { tracks } => lists::my_places(main, tracks),
        Page::Markers => lists::markers(main),
        Page::Route => lists::route(main),
    }
}

fn first() -> Widget<Message> {
    column(vec![
        text("Get started")
            .id("wizard_title")
            .text_size(26.0)
            .bold(),
        text("Maps are used offline. Download the map of your region, or skip this.")
            .id("wizard_description")
            .color(Color::TEXT_SECONDARY),
        stretch(),
        filled_button("DOWNLOAD")
            .id("download_button")
            .fill_width()
            .on_tap(Message::Say("There is no connection to the map server")),
        button("SKIP DOWNLOAD")
            .id("skip_button")
            .fill_width()
            .on_tap(Message::Skip),
    ])
    .id("first_usage_wizard")
    .gap(16.0)
    .padding(24.0)
    .fill()
}

/// A round button over the map.
fn round(
    sign: Icon,
    id: &'static str,
    description: &'static str,
    message: Message,
) -> Widget<Message> {
    icon_button(sign, description)
        .id(id)
        .rounded(Color::WHITE, 24.0)
        .border(1.0, Color::OUTLINE)
        .on_tap(message)
}

fn with_map(main: &MapActivity) -> Widget<Message> {
    let mut layers = vec![map::view(main, main.look)];
    layers.push(
        row(vec![
            round(
                Icon::Apps,
                "map_layers_button",
                "Configure map",
                Message::Say("There is only one map"),
            ),
            round(
                Icon::Search,
                "map_search_button",
                "Search",
                Message::Go(Page::Search),
            ),
        ])
        .decoration()
        .gap(8.0)
        .width(Length::Wrap)
        .margin(12.0)
        .place(Align::Start, Align::Start),
    );
    match &main.card {
        Some(spot) => layers.push(sheets::card(main, spot).place(Align::Start, Align::End)),
        None => {
            layers.push(
                row(vec![
                    round(
                        Icon::Menu,
                        "map_menu_button",
                        "Back to menu",
                        Message::Open(Front::Drawer),
                    ),
                    round(
                        Icon::ArrowForward,
                        "map_route_info_button",
                        "Directions",
                        Message::Open(Front::Directions),
                    ),
                    stretch(),
                    zooms(),
                ])
                .decoration()
                .gap(8.0)
                .cross(Align::End)
                .padding(12.0)
                .place(Align::Start, Align::End),
            );
        }
    }
    stack(layers).id("map_hud_container").fill()
}

fn zooms() -> Widget<Message> {
    column(vec![
        round(Icon::Add, "map_zoom_in_button", "Zoom in", Message::Zoom(1)),
        stack(vec![
            blank()
                .size(16.0, 2.0)
                .background(Color::TEXT_SECONDARY)
                .place(Align::Center, Align::Center)
                .decoration(),
        ])
        .id("map_zoom_out_button")
        .class("android.widget.ImageButton")
        .description("Zoom out")
        .size(48.0, 48.0)
        .rounded(Color::WHITE, 24.0)
        .border(1.0, Color::OUTLINE)
        .on_tap(Message::Zoom(-1)),
    ])
    .decoration()
    .gap(8.0)
    .width(Length::Wrap)
}

/// The tool bar of an inner page.
pub fn bar(title: &'static str, actions: Vec<Widget<Message>>) -> Widget<Message> {
    let (up, title) = (
        up_arrow(Message::Up),
        bar_title(title)
            .id("toolbar_title")
            .margin_edges(12.0, 0.0, 0.0, 0.0),
    );
    bar_of(map::TOOL_BAR, Some(up), title, actions).id("toolbar")
}

/// A row with a sign, a title and what is said of it.
pub fn entry(
    sign: Icon,
    title: String,
    about: String,
    extra: Option<Widget<Message>>,
    message: Message,
) -> Widget<Message> {
    let mut children = vec![
        icon(sign, 24.0)
            .id("imageView")
            .color(Color::ACCENT)
            .padding(8.0),
        titled(text(title).id("title"), "subtitle", about),
    ];
    children.extend(extra);
    row(children)
        .id("searchListItemLayout")
        .gap(12.0)
        .min_height(64.0)
        .padding_symmetric(12.0, 6.0)
        .on_tap(message)
}

fn found(main: &MapActivity, spot: Spot) -> Widget<Message> {
    let metres = main.look.middle.metres_to(spot.position);
    let away = text(distance(metres)).id("distance").quiet(14.0);
    let (title, about) = (spot.title(), spot.kind.clone());
    entry(
        Icon::Location,
        title,
        about,
        Some(away),
        Message::Show(spot),
    )
}

fn search(main: &MapActivity) -> Widget<Message> {
    let mut clear = icon_button(Icon::Close, "Close")
        .id("clearButton")
        .on_tap(Message::Clear);
    clear.visible = !main.words.is_empty();
    let field = text_field(main.words.clone(), "Search")
        .id(SEARCH)
        .on_change(Message::Typed);
    let top = bar_row(
        map::TOOL_BAR,
        vec![up_arrow(Message::Up), field.weight_width(1.0), clear],
    )
    .id("toolbar");
    let typed = !main.words.trim().is_empty();
    let spots = match typed {
        true => places::search(&main.words, main.look.middle),
        false => main.history.clone(),
    };
    let mut parts = vec![top];
    if !typed {
        parts.push(
            text("HISTORY")
                .id("tab_history")
                .text_size(14.0)
                .bold()
                .color(Color::ACCENT)
                .padding_symmetric(16.0, 8.0),
        );
    }
    let mut rows: Vec<Widget<Message>> = spots.into_iter().map(|spot| found(main, spot)).collect();
    if rows.is_empty() {
        let words = match typed {
            true => "Nothing found. Increase the search radius.",
            false => "No search history",
        };
        rows.push(
            text(words)
                .id("empty_search")
                .color(Color::TEXT_SECONDARY)
                .padding(24.0),
        );
    }
    parts.push(
        list(rows)
            .id("android:id/list")
            .class("android.widget.ListView")
            .weight_height(1.0),
    );
    column(parts).id("search_view").fill()
}

fn favorite(main: &MapActivity) -> Widget<Message> {
    let title = match main.is_changing() {
        true => "Edit favorite",
        false => "Add favorite",
    };
    column(vec![
        bar(title, Vec::new()),
        column(vec![
            text("Name").quiet(13.0),
            text_field(main.words.clone(), "Name")
                .id("name_edit")
                .rounded(Color::SURFACE_RAISED, 6.0)
                .padding_symmetric(12.0, 12.0)
                .on_change(Message::Typed),
            text("Select group").id("select_group_title").quiet(13.0),
            text("Favorites")
                .id("group_name")
                .padding_symmetric(16.0, 10.0)
                .border(2.0, Color::ACCENT),
        ])
        .id("name_caption")
        .gap(10.0)
        .padding(16.0),
        stretch(),
        two_buttons(Message::Up, "SAVE", Message::SaveFavorite),
    ])
    .fill()
}

/// Cancel, and the button that does it.
pub fn two_buttons(cancel: Message, label: &'static str, accept: Message) -> Widget<Message> {
    row(vec![
        button("CANCEL")
            .id("dismiss_button")
            .weight_width(1.0)
            .rounded(Color::SURFACE_RAISED, 6.0)
            .on_tap(cancel),
        filled_button(label)
            .id("right_bottom_button")
            .weight_width(1.0)
            .on_tap(accept),
    ])
    .id("buttons_container")
    .gap(12.0)
    .padding(12.0)
}

fn planning(main: &MapActivity) -> Widget<Message> {
    let metres: f64 = main
        .points
        .windows(2)
        .fold(0.0, |sum, pair| sum + pair[0].metres_to(pair[1]));
    let fact = |id: &'static str, words: String| text(words).id(id).text_size(14.0);
    let tool = |sign: Icon, id: &'static str, description: &'static str, message: Message| {
        icon_button(sign, description).id(id).on_tap(message)
    };
    let panel = column(vec![
        row(vec![
            fact("measurement_distance_text_view", distance(metres)),
            fact(
                "measurement_points_text_view",
                format!("points: {}", main.points.len()),
            ),
            stretch(),
        ])
        .decoration()
        .gap(16.0),
        row(vec![
            tool(Icon::Undo, "undo_point_button", "Undo", Message::Undo(true)),
            tool(
                Icon::Redo,
                "redo_point_button",
                "Redo",
                Message::Undo(false),
            ),
            stretch(),
            filled_button("Add")
                .id("add_point_button")
                .on_tap(Message::AddPoint),
        ])
        .decoration()
        .gap(8.0),
    ])
    .id("measure_mode_controls")
    .gap(8.0)
    .padding(12.0)
    .background(Color::WHITE)
    .clickable(true)
    .place(Align::Start, Align::End);
    let save = button("SAVE")
        .id("widget_top_bar_save")
        .on_tap(Message::AskTrack);
    column(vec![
        bar("Plan a route", vec![save]),
        stack(vec![
            map::view(main, main.look.below_bar()),
            icon(Icon::Add, 32.0)
                .id("center_cross")
                .color(Color::DANGER)
                .place(Align::Center, Align::Center)
                .decoration(),
            zooms()
                .margin_edges(0.0, 0.0, 12.0, 140.0)
                .place(Align::End, Align::End),
            panel,
        ])
        .id("map_hud_container")
        .fill_width()
        .weight_height(1.0),
    ])
    .fill()
}
