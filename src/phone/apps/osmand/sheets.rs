//! OsmAnd's sheets and dialogs: the card of a point, the drawer, what can be done, the route, names.

use super::main_screen::MapActivity;
use super::message::{Front, Message, Page, Part};
use super::places::{Spot, distance};
use super::views::two_buttons;
use crate::phone::ui::{
    Align, Color, Icon, Length, Overlay, OverlayKind, Widget, alert, button, column, filled_button,
    icon, list, row, stretch, text, text_field, titled,
};

/// The window in front of the page.
pub fn front(main: &MapActivity) -> Option<Overlay<Message>> {
    let front = main.front.as_ref()?;
    let (kind, content) = match front {
        Front::Drawer => (OverlayKind::Drawer, drawer()),
        Front::Actions => (OverlayKind::BottomSheet, actions()),
        Front::Waypoint => (OverlayKind::BottomSheet, waypoint()),
        Front::Directions => (OverlayKind::BottomSheet, directions(main)),
        Front::PlanStart => (OverlayKind::BottomSheet, plan_start()),
        Front::SaveTrack(name, taken) => (OverlayKind::BottomSheet, save_track(name, *taken)),
        Front::DeleteFavorite(index) => {
            let name = main
                .favorites
                .get(*index)
                .map_or("", |one| one.name.as_str());
            (OverlayKind::Dialog, delete(name))
        }
        Front::DeleteTrack(index) => {
            let name = main.tracks.get(*index).map_or("", String::as_str);
            (OverlayKind::Dialog, delete(name))
        }
    };
    Some(Overlay::new(kind, content, Message::Dismiss))
}

/// What is known of a point, and what can be done with it.
pub fn card(main: &MapActivity, spot: &Spot) -> Widget<Message> {
    let action = |sign: Icon, id: &'static str, label: &'static str, message: Message| {
        column(vec![
            icon(sign, 24.0).color(Color::ACCENT).decoration(),
            text(label)
                .id(id)
                .text_size(13.0)
                .color(Color::ACCENT)
                .max_lines(1),
        ])
        .cross(Align::Center)
        .gap(4.0)
        .padding_symmetric(0.0, 8.0)
        .weight_width(1.0)
        .on_tap(message)
    };
    let favorite = match main.favorite_here() {
        Some(_) => "Edit",
        None => "Add",
    };
    let marker = match main.marker_here() {
        Some(_) => "Delete marker",
        None => "Marker",
    };
    let about = match spot.name.is_empty() {
        true => spot.kind.clone(),
        false => format!("{} • {}", spot.kind, spot.position.text()),
    };
    let metres = main.look.middle.metres_to(spot.position);
    column(vec![
        row(vec![
            titled(
                text(spot.title()).id("context_menu_line1").text_size(20.0),
                "context_menu_line2",
                about,
            ),
            text(distance(metres)).id("distance").quiet(13.0),
        ])
        .decoration()
        .padding_symmetric(16.0, 0.0),
        row(vec![
            action(
                Icon::Star,
                "context_menu_fav_text_view",
                favorite,
                Message::Favorite,
            )
            .id("context_menu_fav_view"),
            action(
                Icon::Flag,
                "context_menu_route_text_view",
                marker,
                Message::Marker,
            )
            .id("context_menu_route_view"),
            action(
                Icon::Share,
                "context_menu_share_text_view",
                "Share",
                Message::Say("No app can perform this action."),
            )
            .id("context_menu_share_view"),
            action(
                Icon::More,
                "context_menu_more_text_view",
                "Actions",
                Message::Open(Front::Actions),
            )
            .id("context_menu_more_view"),
        ])
        .id("context_menu_buttons")
        .padding_symmetric(8.0, 0.0),
        row(vec![
            button("CLOSE")
                .id("context_menu_close_button")
                .on_tap(Message::CloseCard),
            stretch(),
            filled_button("DIRECTIONS")
                .id("context_menu_directions_button")
                .on_tap(Message::Directions),
        ])
        .decoration()
        .padding_symmetric(12.0, 0.0),
    ])
    .id("context_menu_layout")
    .gap(8.0)
    .padding_symmetric(0.0, 12.0)
    .background(Color::WHITE)
    .clickable(true)
}

fn line(sign: Icon, label: &'static str, message: Message) -> Widget<Message> {
    row(vec![
        icon(sign, 24.0).color(Color::TEXT_SECONDARY).decoration(),
        text(label).id("title").weight_width(1.0),
    ])
    .gap(20.0)
    .min_height(52.0)
    .padding_symmetric(20.0, 6.0)
    .on_tap(message)
}

fn sheet(title: &'static str, mut rows: Vec<Widget<Message>>) -> Widget<Message> {
    rows.insert(
        0,
        text(title)
            .id("title")
            .text_size(18.0)
            .bold()
            .padding_symmetric(20.0, 12.0),
    );
    column(rows)
        .id("bottom_sheet")
        .padding_symmetric(0.0, 8.0)
        .background(Color::SURFACE)
}

fn drawer() -> Widget<Message> {
    let rows = vec![
        line(Icon::Flag, "Map markers", Message::Go(Page::Markers)),
        line(
            Icon::Star,
            "My Places",
            Message::Go(Page::Places { tracks: false }),
        ),
        line(Icon::Search, "Search", Message::Go(Page::Search)),
        line(
            Icon::ArrowForward,
            "Directions",
            Message::Open(Front::Directions),
        ),
        line(
            Icon::Apps,
            "Configure map",
            Message::Say("There is only one map"),
        ),
        line(
            Icon::ArrowDown,
            "Download maps",
            Message::Say("There is no connection to the map server"),
        ),
        line(Icon::Edit, "Plan a route", Message::Open(Front::PlanStart)),
        line(
            Icon::Settings,
            "Settings",
            Message::Say("There is nothing to set up"),
        ),
        line(Icon::Info, "Help", Message::Say("OsmAnd 4.6.13")),
    ];
    list(rows)
        .id("menuItems")
        .class("android.widget.ListView")
        .width(Length::Dp(300.0))
        .background(Color::SURFACE)
        .padding_symmetric(0.0, 40.0)
}

fn actions() -> Widget<Message> {
    sheet(
        "Actions",
        vec![
            line(
                Icon::ArrowForward,
                "Directions from",
                Message::Route(Part::From),
            ),
            line(Icon::Search, "Search nearby", Message::Go(Page::Search)),
            line(Icon::Edit, "Plan a route", Message::Plan(true)),
            line(Icon::Close, "Cancel", Message::Dismiss),
        ],
    )
}

fn waypoint() -> Widget<Message> {
    sheet(
        "Add waypoint",
        vec![
            line(
                Icon::Refresh,
                "Replace destination point",
                Message::Route(Part::To),
            ),
            line(
                Icon::ArrowForward,
                "Add as subsequent destination",
                Message::Route(Part::Next),
            ),
            line(
                Icon::ArrowUp,
                "Add as first intermediate point",
                Message::Route(Part::First),
            ),
            line(
                Icon::ArrowDown,
                "Add as last intermediate point",
                Message::Route(Part::Last),
            ),
            line(Icon::Close, "Cancel", Message::Dismiss),
        ],
    )
}

fn directions(main: &MapActivity) -> Widget<Message> {
    let end = |name: &'static str, id: &'static str, value: String| {
        column(vec![
            text(name).quiet(13.0),
            text(value).id(id).max_lines(1),
        ])
        .padding_symmetric(20.0, 6.0)
        .on_tap(Message::Go(Page::Search))
    };
    let route = &main.route;
    let title = |spot: &Option<Spot>, other: &str| match spot {
        Some(spot) => spot.title(),
        None => other.to_owned(),
    };
    let via: Vec<String> = route.via.iter().map(Spot::title).collect();
    let mut rows = vec![end("From", "fromText", title(&route.from, "My Position"))];
    if !via.is_empty() {
        rows.push(end("Via", "ViaSubView", via.join(", ")));
    }
    rows.push(end("To", "toText", title(&route.to, "Set destination")));
    let spots = route.spots();
    let metres: f64 = spots.windows(2).fold(0.0, |sum, pair| {
        sum + pair[0].position.metres_to(pair[1].position)
    });
    let ready = spots.len() > 1;
    let about = match ready {
        true => distance(metres),
        false => "Set the start and the destination".to_owned(),
    };
    rows.push(
        text(about)
            .id("distance")
            .color(Color::TEXT_SECONDARY)
            .padding_symmetric(20.0, 6.0),
    );
    rows.push(
        row(vec![
            button("CLEAR")
                .id("clear_button")
                .on_tap(Message::ClearRoute),
            stretch(),
            button("DETAILS")
                .id("details_button")
                .enabled(ready)
                .on_tap(Message::Go(Page::Route)),
            filled_button("START")
                .id("start_button")
                .enabled(ready)
                .on_tap(Message::Say("There is no signal of the position")),
        ])
        .decoration()
        .gap(8.0)
        .padding_symmetric(12.0, 8.0),
    );
    sheet("Directions", rows)
}

fn plan_start() -> Widget<Message> {
    sheet(
        "Plan a route",
        vec![
            line(Icon::Add, "Create new route", Message::Plan(false)),
            line(
                Icon::Folder,
                "Open existing track",
                Message::Go(Page::Places { tracks: true }),
            ),
            line(Icon::Close, "Cancel", Message::Dismiss),
        ],
    )
}

fn save_track(name: &str, refused: bool) -> Widget<Message> {
    let mut rows = vec![
        text_field(name, "File name:")
            .id("name_edit_text")
            .rounded(Color::SURFACE_RAISED, 6.0)
            .padding_symmetric(12.0, 12.0)
            .margin_edges(20.0, 0.0, 20.0, 0.0)
            .on_change(Message::Typed),
    ];
    if refused {
        rows.push(
            text("Please choose another name.")
                .id("textinput_error")
                .text_size(13.0)
                .color(Color::DANGER)
                .padding_symmetric(20.0, 4.0),
        );
    }
    rows.push(
        text("Folder: Tracks")
            .id("folder_name")
            .color(Color::TEXT_SECONDARY)
            .padding_symmetric(20.0, 10.0),
    );
    rows.push(two_buttons(Message::Dismiss, "SAVE", Message::SaveTrack));
    sheet("Save as new track", rows)
}

fn delete(name: &str) -> Widget<Message> {
    alert("Delete")
        .message(format!("Delete {name}?"))
        .positive("DELETE", Message::Delete)
        .negative("CANCEL", Message::Dismiss)
        .widget()
}
