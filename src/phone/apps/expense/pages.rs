//! Pro Expense's drawer and its quieter pages.

use super::database::{CATEGORIES, Expense};
use super::format::amount_text;
use super::theme::{BLUE, LIGHT, PANEL, bar, dim, label, panel, sign, wide_button};
use super::{Message, Page};
use crate::phone::ui::{Align, Icon, Length, Widget, column, icon, list, row, scroll, stretch};

const ENTRIES: [(Page, &str, Icon); 7] = [
    (Page::Home, "Home", Icon::Home),
    (Page::Logs, "Expense Logs", Icon::List),
    (Page::Statistics, "Statistics", Icon::Signal),
    (Page::Backup, "Backup", Icon::Storage),
    (Page::Feedback, "Feedback", Icon::Message),
    (Page::About, "About", Icon::Info),
    (Page::Settings, "Settings", Icon::Settings),
];

/// The drawer; `current` is the page behind it.
pub fn drawer(current: Page) -> Widget<Message> {
    let mut rows = vec![
        row(vec![
            label("Pro Expense")
                .id("tv_app_name")
                .text_size(20.0)
                .bold(),
            dim("BETA"),
            stretch(),
            sign(Icon::Close, "", Message::Drawer(false)).id("btn_close"),
        ])
        .gap(8.0)
        .padding(16.0),
    ];
    for (page, name, picture) in ENTRIES {
        rows.push(
            row(vec![
                icon(picture, 24.0).color(LIGHT).decoration(),
                label(name)
                    .class("android.widget.CheckedTextView")
                    .id("design_menu_item_text")
                    .weight_width(1.0),
            ])
            .gap(24.0)
            .padding(16.0)
            .selected(page == current)
            .background(if page == current {
                BLUE.with_alpha(90)
            } else {
                PANEL
            })
            .on_tap(Message::Page(page)),
        );
    }
    list(rows).id("design_navigation_view").background(PANEL)
}

fn page(title: &'static str, content: Vec<Widget<Message>>) -> Widget<Message> {
    column(vec![
        bar(
            "toolbar",
            (Icon::Menu, Message::Drawer(true)),
            title,
            "",
            vec![],
        ),
        scroll(content).weight_height(1.0),
    ])
    .fill()
}

/// Shares of the categories.
pub fn statistics(expenses: &[Expense]) -> Widget<Message> {
    let sum = |category: Option<i64>| -> i64 {
        expenses
            .iter()
            .filter(|expense| category.is_none_or(|category| expense.category == category))
            .fold(0, |sum, expense| sum.saturating_add(expense.amount))
    };
    let all = sum(None);
    let rows = CATEGORIES
        .iter()
        .map(|&(number, name)| (name, sum(Some(number))))
        .filter(|(_, amount)| *amount > 0)
        .map(|(name, amount)| {
            panel(vec![row(vec![
                label(name).id("tv_category_name").weight_width(1.0),
                dim(format!("{} USD", amount_text(amount))),
                label(format!("{:.1}%", amount as f64 / all.max(1) as f64 * 100.0))
                    .id("tv_percentage")
                    .text_align(Align::End)
                    .width(Length::Dp(70.0)),
            ])])
        })
        .collect();
    page("Statistics", rows)
}

/// Export and import.
pub fn backup() -> Widget<Message> {
    page(
        "Backup",
        vec![
            panel(vec![
                label("Export Data").bold(),
                dim("Writes all expenses to a spreadsheet."),
                wide_button("EXPORT", Message::Say("Nothing was exported")).id("btn_export"),
            ])
            .gap(8.0),
            panel(vec![
                label("Import Data").bold(),
                dim("Reads expenses from a spreadsheet."),
                wide_button("IMPORT", Message::Say("No file was chosen")).id("btn_import"),
            ])
            .gap(8.0),
        ],
    )
}

/// A message to the makers.
pub fn feedback() -> Widget<Message> {
    page(
        "Feedback",
        vec![
            panel(vec![
                label("Tell us what is missing").bold(),
                wide_button("SEND", Message::Say("Connection failed")).id("btn_send"),
            ])
            .gap(8.0),
        ],
    )
}

/// About the app.
pub fn about() -> Widget<Message> {
    page(
        "About",
        vec![
            panel(vec![
                label("Pro Expense").text_size(22.0).bold(),
                dim("Version beta05"),
                dim("Keeps your expenses on this phone."),
            ])
            .gap(8.0),
        ],
    )
}

/// Language, currency, theme.
pub fn settings() -> Widget<Message> {
    let entry = |name: &'static str, value: &'static str| {
        panel(vec![row(vec![label(name).weight_width(1.0), dim(value)])])
    };
    page(
        "Settings",
        vec![
            entry("Language", "English"),
            entry("Currency", "USD"),
            entry("Theme", "Dark"),
        ],
    )
}
