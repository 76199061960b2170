//! How a page of Settings looks.

use super::activity::Message;
use super::page::{Does, Page, Row};
use crate::phone::apps::all_files;
use crate::phone::system::System;
use crate::phone::ui::{
    Align, Color, Icon, ImeAction, Length, Widget, bar_row, column, icon, list, row, scroll,
    spacer, stack, stretch, switch, text, text_field, toolbar_action, up_arrow,
};

/// Whether a row has a switch, and its state.
fn switch_state(entry: &Row, system: &System) -> Option<bool> {
    match &entry.does {
        Does::Switch(flag) => Some(flag.is_on(system)),
        Does::ManageFiles(package) => Some(all_files::is_granted(system, package)),
        _ => None,
    }
}

fn message_of(entry: &Row, system: &System) -> Option<Message> {
    let on = switch_state(entry, system);
    Some(match &entry.does {
        Does::Nothing => return None,
        Does::Open(page) => Message::Open(*page),
        Does::App(package) => Message::App(package),
        Does::Switch(flag) => Message::Switch(*flag, on != Some(true)),
        Does::ManageFiles(package) => Message::ManageFiles(package.clone(), on != Some(true)),
        Does::Brightness => Message::Brightness,
        Does::Timeout => Message::Timeout,
        Does::Rename => Message::Rename,
    })
}

/// One row.
pub fn row_view(entry: &Row, system: &System) -> Widget<Message> {
    if entry.heading {
        let size = if entry.title.len() > 40 { 14.0 } else { 15.0 };
        return row(vec![
            text(entry.title.clone())
                .id("android:id/title")
                .text_size(size)
                .color(if size < 15.0 {
                    Color::TEXT_SECONDARY
                } else {
                    Color::ACCENT
                })
                .weight_width(1.0),
        ])
        .padding_edges(24.0, 18.0, 24.0, 8.0);
    }
    if entry.main_switch {
        let on = switch_state(entry, system) == Some(true);
        let message = message_of(entry, system);
        let bar = row(vec![
            text(entry.title.clone())
                .id("switch_text")
                .text_size(20.0)
                .weight_width(1.0),
            switch(on).id("android:id/switch_widget"),
        ])
        .id("main_switch_bar")
        .rounded(
            if on {
                Color::ACCENT_PALE
            } else {
                Color::SURFACE_RAISED
            },
            28.0,
        )
        .padding_symmetric(24.0, 18.0)
        .margin_edges(16.0, 8.0, 16.0, 8.0);
        return match message {
            Some(message) => bar.on_tap(message),
            None => bar,
        };
    }
    let mut words = vec![
        text(entry.title.clone())
            .id("android:id/title")
            .text_size(20.0)
            .fill_width()
            .max_lines(2),
    ];
    if !entry.summary.is_empty() {
        words.push(
            text(entry.summary.clone())
                .id("android:id/summary")
                .quiet(14.0)
                .fill_width()
                .max_lines(4),
        );
    }
    let mut children = Vec::new();
    if let Some(sign) = entry.icon {
        children.push(
            row(vec![icon(sign, 24.0).id("android:id/icon")])
                .id("icon_frame")
                .width(Length::Dp(56.0)),
        );
    }
    children.push(
        column(words)
            .class("android.widget.RelativeLayout")
            .weight_width(1.0)
            .gap(2.0),
    );
    if let Some(on) = switch_state(entry, system) {
        children.push(
            row(vec![switch(on).id("android:id/switch_widget")])
                .id("android:id/widget_frame")
                .width(Length::Wrap)
                .padding_edges(16.0, 0.0, 0.0, 0.0),
        );
    }
    let mut line = row(children).min_height(72.0).padding_symmetric(24.0, 14.0);
    if let Some(description) = &entry.description {
        line = line.description(description.clone());
    }
    match message_of(entry, system) {
        Some(message) => line.on_tap(message),
        // Rows that lead nowhere here can be touched on the real device, too.
        None => line.clickable(true),
    }
}

/// The homepage.
pub fn home(rows: &[Row], system: &System) -> Widget<Message> {
    let avatar = row(vec![
        stretch(),
        icon(Icon::Person, 32.0)
            .id("account_avatar")
            .description("Account")
            .rounded(Color::SURFACE_RAISED, 20.0)
            .padding(4.0),
    ])
    .padding_edges(24.0, 16.0, 24.0, 0.0);
    let title = text("Settings")
        .id("homepage_title")
        .text_size(36.0)
        .margin_edges(24.0, 40.0, 24.0, 16.0);
    let search = row(vec![
        icon(Icon::Search, 24.0).decoration(),
        spacer(16.0),
        text("Search settings")
            .id("search_action_bar_title")
            .quiet(18.0)
            .weight_width(1.0),
    ])
    .class("android.view.ViewGroup")
    .id("search_action_bar")
    .height(Length::Dp(56.0))
    .padding_symmetric(20.0, 0.0)
    .margin_edges(16.0, 8.0, 16.0, 8.0)
    .rounded(Color::SURFACE_RAISED, 28.0)
    .on_tap(Message::Open(Page::Search));
    let entries = column(rows.iter().map(|entry| row_view(entry, system)).collect())
        .class("androidx.recyclerview.widget.RecyclerView")
        .id("recycler_view");
    scroll(vec![avatar, title, search, entries]).id("main_content_scrollable_container")
}

/// The frame of every other page.
pub fn page(title: &str, content: Vec<Widget<Message>>) -> Widget<Message> {
    let bar = bar_row(
        64.0,
        vec![
            up_arrow(Message::Up),
            stretch(),
            toolbar_action(Icon::Search, "Search settings", Message::Open(Page::Search)),
        ],
    )
    .id("action_bar");
    // The drawn title is the frame's description, as in the real collapsing tool bar.
    let drawn = text(title.to_owned())
        .text_size(32.0)
        .max_lines(2)
        .margin_edges(24.0, 28.0, 24.0, 20.0)
        .decoration();
    let head = column(vec![bar, drawn])
        .class("android.widget.FrameLayout")
        .id("collapsing_toolbar")
        .description(title.to_owned());
    column(vec![
        column(vec![head]).id("app_bar"),
        list(content).id("recycler_view").weight_height(1.0),
    ])
    .id("content_parent")
    .fill()
}

/// The search page.
pub fn search(query: &str, found: Vec<Widget<Message>>) -> Widget<Message> {
    let field = text_field(query.to_owned(), "Search settings")
        .id("open_search_view_edit_text")
        .ime(ImeAction::Search)
        .on_change(Message::Query)
        .rounded(Color::SURFACE_RAISED, 28.0)
        .padding_symmetric(16.0, 14.0)
        .weight_width(1.0);
    let bar = row(vec![up_arrow(Message::Up), field])
        .id("search_bar")
        .padding_symmetric(8.0, 8.0);
    let found = if found.is_empty() && !query.trim().is_empty() {
        vec![
            text("No results")
                .fill_width()
                .text_align(Align::Center)
                .padding(32.0),
        ]
    } else {
        found
    };
    column(vec![bar, list(found).id("list_results").weight_height(1.0)]).fill()
}

/// The head of an app's page: picture, name and what can be done.
pub fn app_head(package: &str) -> Vec<Widget<Message>> {
    let app = crate::phone::apps::find(package);
    let label = app.map_or(package, |app| app.label).to_owned();
    let sign = app.map_or(Icon::Apps, |app| app.icon);
    let color = app.map_or(Color::TEXT_SECONDARY, |app| app.color);
    let head = row(vec![
        stack(vec![
            icon(sign, 28.0)
                .color(Color::WHITE)
                .place(Align::Center, Align::Center)
                .decoration(),
        ])
        .size(52.0, 52.0)
        .rounded(color, 26.0)
        .decoration(),
        spacer(16.0),
        text(label).id("entity_header_title").text_size(22.0),
    ])
    .id("entity_header")
    .padding_symmetric(24.0, 12.0);
    let action = |label: &'static str, sign: Icon, id: &'static str, message: Option<Message>| {
        let button = column(vec![
            icon(sign, 24.0)
                .color(if message.is_some() {
                    Color::ACCENT
                } else {
                    Color::TEXT_DISABLED
                })
                .decoration(),
            text(label).text_size(14.0).bold().decoration(),
        ])
        .class("android.widget.Button")
        .id(id)
        .spoken(label)
        .cross(Align::Center)
        .gap(4.0)
        .padding(12.0)
        .weight_width(1.0)
        .enabled(message.is_some())
        .clickable(true);
        match message {
            Some(message) => button.on_tap(message),
            None => button,
        }
    };
    let buttons = row(vec![
        action("Open", Icon::ArrowForward, "button1", Some(Message::Launch)),
        action("Uninstall", Icon::Delete, "button2", None),
        action(
            "Force stop",
            Icon::Warning,
            "button3",
            Some(Message::AskForceStop),
        ),
    ])
    .id("action_buttons")
    .padding_symmetric(16.0, 0.0);
    vec![head, buttons]
}
