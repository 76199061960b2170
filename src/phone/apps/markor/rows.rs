//! The rows of folders, in the main list and in the chooser.

use super::look::RED;
use super::notebook::Item;
use crate::phone::ui::{Color, Icon, Widget, column, icon, list, row, spacer, text};

/// Id of the lists.
pub const LIST: &str = "ui__filesystem_dialog__list";

fn entry<M>(kind: &'static str, sign: Icon, name: &str, about: String, message: M) -> Widget<M> {
    let chosen = kind == "Selected";
    let color = if chosen || kind == "Folder" {
        RED
    } else {
        Color::TEXT_SECONDARY
    };
    let background = if chosen {
        RED.with_alpha(36)
    } else {
        Color::WHITE.with_alpha(0)
    };
    row(vec![
        icon(sign, 28.0)
            .id("opoc_filesystem_item__image")
            .color(color)
            .decoration(),
        column(vec![
            text(name.to_owned())
                .id("opoc_filesystem_item__title")
                .text_size(17.0)
                .max_lines(2)
                .decoration(),
            text(about)
                .id("opoc_filesystem_item__description")
                .quiet(13.0)
                .max_lines(1)
                .decoration(),
        ])
        .decoration()
        .weight_width(1.0),
    ])
    .id("opoc_filesystem_item__root")
    // The description view is still empty when the row is bound: the text ends in a blank.
    .description(format!("{kind} {name} "))
    .focusable(true)
    .gap(16.0)
    .min_height(64.0)
    .padding_symmetric(16.0, 8.0)
    .background(background)
    .on_tap(message)
}

/// A file or folder with its date, chosen or not.
pub fn item<M>(item: &Item, date: String, chosen: bool, message: M) -> Widget<M> {
    let (kind, sign) = match (chosen, item.folder) {
        (true, _) => ("Selected", Icon::Check),
        (false, true) => ("Folder", Icon::Folder),
        (false, false) => ("File", Icon::Document),
    };
    entry(kind, sign, &item.name, date, message)
}

/// The way to the folder above.
pub fn up<M>(parent: &str, message: M) -> Widget<M> {
    entry("Folder", Icon::ArrowUp, "..", parent.to_owned(), message)
}

/// The list of a folder; it keeps its place while other folders are shown.
pub fn folder<M>(name: &str, mut rows: Vec<Widget<M>>, foot: f32) -> Widget<M> {
    // Room for the floating button.
    rows.push(spacer(foot));
    list(rows).id(LIST).key(format!("{LIST}:{name}"))
}
