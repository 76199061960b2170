//! Broccoli's drawer, and the quieter pages that it leads to.

use super::list::{Message, Page};
use super::look::{self, GREEN, PALE};
use crate::phone::ui::{Color, Icon, Widget, button, column, icon, list, row, scroll, text};

const ENTRIES: [(Page, &str, Icon); 7] = [
    (Page::Recipes, "Recipes", Icon::List),
    (Page::Categories, "Categories", Icon::Tag),
    (Page::Seasons, "Seasonal calendar", Icon::Calendar),
    (Page::Support, "Support the app", Icon::Heart),
    (Page::Backup, "Backup and restore", Icon::Storage),
    (Page::Settings, "Settings", Icon::Settings),
    (Page::About, "About the app", Icon::Info),
];

impl Page {
    /// What the drawer and the tool bar call it.
    pub fn title(self) -> &'static str {
        let found = ENTRIES.iter().find(|(page, _, _)| *page == self);
        found.map_or("Broccoli", |(_, title, _)| title)
    }
}

/// The drawer; `current` is the page behind it.
pub fn drawer(current: Page) -> Widget<Message> {
    let head = column(vec![
        icon(Icon::Heart, 40.0).color(Color::WHITE).decoration(),
        text("Broccoli").text_size(22.0).bold().color(Color::WHITE),
    ])
    .gap(12.0)
    .padding_edges(16.0, 60.0, 16.0, 16.0)
    .background(GREEN);
    let entries = ENTRIES.into_iter().map(|(page, title, sign)| {
        let chosen = page == current;
        row(vec![
            icon(sign, 24.0)
                .color(if chosen { GREEN } else { Color::TEXT_SECONDARY })
                .decoration(),
            text(title)
                .id("design_menu_item_text")
                .class("android.widget.CheckedTextView")
                .weight_width(1.0),
        ])
        .gap(28.0)
        .padding_symmetric(16.0, 14.0)
        .selected(chosen)
        .background(if chosen { PALE } else { Color::SURFACE })
        .on_tap(Message::Page(page))
    });
    let rows = std::iter::once(head).chain(entries).collect();
    list(rows)
        .id("nav_view")
        .class("android.widget.FrameLayout")
        .background(Color::SURFACE)
}

/// A quieter page below its tool bar.
pub fn page(page: Page) -> Widget<Message> {
    let words = |words: &'static str| text(words).color(Color::TEXT_SECONDARY).padding(16.0);
    let deed = |label: &'static str, answer: &'static str| {
        button(label)
            .color(Color::WHITE)
            .rounded(GREEN, 8.0)
            .margin_edges(16.0, 0.0, 16.0, 16.0)
            .on_tap(Message::Say(answer))
    };
    let entry = |name: &'static str, value: &'static str| {
        column(vec![
            text(name).id("android:id/title"),
            text(value).id("android:id/summary").quiet(14.0),
        ])
        .padding(16.0)
        .gap(2.0)
    };
    let content = match page {
        Page::Seasons => vec![
            words("The seasonal calendar has not been fully configured yet."),
            deed("CONFIGURE", "No region was chosen"),
        ],
        Page::Support => vec![
            words("Broccoli is free. Tell others if you like it."),
            deed("DONATE", "Connection failed"),
        ],
        Page::Backup => vec![
            words("Export all your recipes and categories and save them wherever you want."),
            deed("BACKUP", "The recipes could not be exported."),
            words("Import all recipes and categories from a backup file."),
            deed("RESTORE", "The recipes could not be imported."),
        ],
        Page::Settings => vec![
            entry("Preferred category", "All recipes"),
            entry("Theme", "Light"),
            entry("Region", "Not set"),
        ],
        _ => vec![
            entry("Version", "1.2.6"),
            entry(
                "Privacy policy",
                "Learn more about how we protect your personal data.",
            ),
        ],
    };
    scroll(content).weight_height(1.0)
}

/// The tool bar of every page but the recipes.
pub fn top(page: Page) -> Widget<Message> {
    let menu = look::start(Icon::Menu, "Open navigation drawer", Message::Drawer(true));
    look::bar("toolbar", menu, page.title(), vec![])
}
