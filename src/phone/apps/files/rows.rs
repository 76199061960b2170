//! The list of documents: rows, or cards in two columns.

use super::browser::{Browser, Message};
use super::documents::{Document, date_text, size_text};
use super::root::Root;
use crate::phone::system::System;
use crate::phone::ui::{
    Align, Color, Icon, Length, Widget, column, icon, list, row, spacer, stack, text,
    toolbar_action,
};

/// What the rows of a screen can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manner {
    /// Files can be tapped, not only folders.
    pub files: bool,
    /// A long press chooses.
    pub choosing: bool,
}

/// Cards beside each other.
const COLUMNS: usize = 2;

fn touched(
    widget: Widget<Message>,
    document: &Document,
    chosen: bool,
    manner: Manner,
) -> Widget<Message> {
    let widget = widget
        .id("item_root")
        .key(format!("item {}", document.path))
        .selected(chosen)
        .enabled(document.folder || manner.files)
        .on_tap(Message::Tap(document.path.clone()));
    match manner.choosing {
        true => widget.on_long_press(Message::Hold(document.path.clone())),
        false => widget,
    }
}

fn sign(document: &Document, chosen: bool, size: f32) -> Widget<Message> {
    let color = match document.folder {
        true => Color::TEXT_SECONDARY,
        false => Color::ACCENT,
    };
    match chosen {
        true => icon(Icon::Check, size)
            .id("icon_check")
            .color(Color::ACCENT),
        false => icon(document.icon(), size).id("icon_mime").color(color),
    }
}

fn name(document: &Document) -> Widget<Message> {
    text(document.name.clone())
        .id("android:id/title")
        .max_lines(1)
}

fn small(words: String) -> Widget<Message> {
    text(words).quiet(13.0).max_lines(1)
}

fn background(chosen: bool) -> Color {
    Color::chosen(chosen)
}

fn line(document: &Document, system: &System, chosen: bool, manner: Manner) -> Widget<Message> {
    let content = row(vec![
        sign(document, chosen, 26.0),
        column(vec![
            name(document),
            small(document.about(system)).id("metadata"),
        ])
        .decoration()
        .gap(3.0)
        .weight_width(1.0),
    ])
    .gap(18.0)
    .min_height(68.0)
    .padding_symmetric(20.0, 8.0)
    .background(background(chosen));
    touched(content, document, chosen, manner)
}

fn card(document: &Document, system: &System, chosen: bool, manner: Manner) -> Widget<Message> {
    let border = match chosen {
        true => Color::ACCENT,
        false => Color::OUTLINE,
    };
    let content = if document.folder {
        row(vec![
            sign(document, chosen, 24.0),
            name(document).weight_width(1.0),
        ])
        .gap(12.0)
        .height(Length::Dp(54.0))
        .padding_symmetric(12.0, 8.0)
    } else {
        let picture = stack(vec![
            icon(document.icon(), 44.0)
                .color(Color::TEXT_SECONDARY)
                .place(Align::Center, Align::Center)
                .decoration(),
        ])
        .id("thumbnail")
        .fill_width()
        .height(Length::Dp(76.0))
        .rounded(Color::SURFACE_RAISED, 8.0);
        let details = format!(
            "{} · {}",
            size_text(document.size),
            date_text(system, document.modified)
        );
        column(vec![
            picture,
            row(vec![
                sign(document, chosen, 18.0),
                name(document).text_size(14.0).weight_width(1.0),
            ])
            .decoration()
            .gap(8.0),
            small(details).id("details"),
        ])
        .gap(5.0)
        .padding(8.0)
    };
    let content = content
        .rounded(background(chosen), 10.0)
        .border(1.0, border)
        .weight_width(1.0);
    touched(content, document, chosen, manner)
}

fn cards(browser: &Browser, system: &System, manner: Manner) -> Vec<Widget<Message>> {
    let (folders, files): (Vec<&Document>, Vec<&Document>) = browser
        .documents
        .iter()
        .partition(|document| document.folder);
    let mut rows = Vec::new();
    for part in [folders, files] {
        for pair in part.chunks(COLUMNS) {
            let mut cells: Vec<Widget<Message>> = pair
                .iter()
                .map(|document| {
                    let chosen = browser.chosen.contains(&document.path);
                    card(document, system, chosen, manner)
                })
                .collect();
            if cells.len() < COLUMNS {
                cells.push(spacer(1.0).weight_width(1.0));
            }
            rows.push(
                row(cells)
                    .decoration()
                    .gap(10.0)
                    .padding_symmetric(14.0, 5.0),
            );
        }
    }
    rows
}

/// The list, with the line that says what it is a list of.
pub fn content(browser: &Browser, system: &System, manner: Manner) -> Vec<Widget<Message>> {
    let title = match &browser.folder {
        _ if browser.is_filtered() => "Search results".to_owned(),
        Some(folder) if browser.is_at_root() && browser.root == Root::Storage => {
            format!("Files on {}", browser.folder_title(folder))
        }
        Some(folder) => format!("Files in {}", browser.folder_title(folder)),
        None if browser.root == Root::Recent => "Recent files".to_owned(),
        None => browser.root.title(system),
    };
    let (turn, id, label) = match browser.grid {
        true => (Icon::List, "sub_menu_list", "List view"),
        false => (Icon::Apps, "sub_menu_grid", "Grid view"),
    };
    let header = row(vec![
        text(title)
            .id("header_title")
            .text_size(14.0)
            .bold()
            .max_lines(1)
            .weight_width(1.0),
        toolbar_action(turn, label, Message::Turn).id(id),
    ])
    .padding_edges(20.0, 0.0, 8.0, 0.0);
    let body = if browser.documents.is_empty() {
        column(vec![
            icon(Icon::Folder, 96.0).id("artwork"),
            text("No items").id("message"),
        ])
        .id("empty")
        .cross(Align::Center)
        .gap(12.0)
        .padding(48.0)
        .weight_height(1.0)
    } else {
        let mut rows = match browser.grid {
            true => cards(browser, system, manner),
            false => browser
                .documents
                .iter()
                .map(|document| {
                    let chosen = browser.chosen.contains(&document.path);
                    line(document, system, chosen, manner)
                })
                .collect(),
        };
        rows.push(spacer(24.0));
        let place = browser.folder.as_deref().unwrap_or(browser.root.key());
        list(rows)
            .id("dir_list")
            .key(format!("dir_list {place} {}", browser.grid))
            .weight_height(1.0)
    };
    vec![header, body]
}
