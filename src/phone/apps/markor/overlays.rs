//! The menus of Markor's tool bar.

use super::browser::{Browser, Place};
use super::home::Message;
use super::notebook::{NOTEBOOK, Order};
use super::transfer::Mode;
use crate::phone::ui::{Overlay, OverlayKind, Widget, menu, menu_check, menu_item, menu_radio};

/// A menu that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Menu {
    /// Places to go to.
    GoTo,
    /// The order of the list.
    Sort,
    /// The three dots.
    Overflow,
}

impl Menu {
    /// Its window.
    pub fn window(self, browser: &Browser) -> Overlay<Message> {
        let (kind, items) = match self {
            Menu::GoTo => (OverlayKind::Popup("action_go_to".into()), go_to()),
            Menu::Sort => (OverlayKind::Popup("action_sort".into()), sort(browser)),
            Menu::Overflow => (OverlayKind::OverflowMenu, overflow(browser)),
        };
        Overlay::new(kind, menu(items), Message::Menu(None))
    }
}

fn go_to() -> Vec<Widget<Message>> {
    let folder = |path: &str| Place::Folder(path.to_owned());
    [
        (
            "AppData (private)",
            folder("/data/data/net.gsantner.markor/files"),
        ),
        (
            "AppData (public)",
            folder("/storage/emulated/0/Android/data/net.gsantner.markor/files"),
        ),
        ("Internal storage", folder("/storage/emulated/0")),
        ("Recently viewed documents", Place::Recent),
        ("Popular documents", Place::Popular),
        ("Favourites", Place::Favourites),
        ("Notebook", folder(NOTEBOOK)),
    ]
    .into_iter()
    .map(|(label, place)| menu_item(label, Message::Go(place)))
    .collect()
}

fn sort(browser: &Browser) -> Vec<Widget<Message>> {
    let now = browser.sorting;
    let mut items: Vec<Widget<Message>> = Order::ALL
        .iter()
        .map(|&(order, label, _)| {
            let mut next = now;
            next.order = order;
            menu_radio(label, order == now.order, Message::Sort(next))
        })
        .collect();
    let mut check = |label: &'static str, on: bool, change: fn(&mut super::notebook::Sorting)| {
        let mut next = now;
        change(&mut next);
        items.push(menu_check(label, on, Message::Sort(next)));
    };
    check("Folder first", now.folders_first, |next| {
        next.folders_first = !next.folders_first;
    });
    check("Reverse order", now.reverse, |next| {
        next.reverse = !next.reverse;
    });
    check(".dotfiles", now.hidden, |next| next.hidden = !next.hidden);
    items
}

fn overflow(browser: &Browser) -> Vec<Widget<Message>> {
    if browser.chosen.is_empty() {
        return vec![
            menu_item("Import from device", Message::Import),
            menu_item("Settings", Message::Settings),
        ];
    }
    let chosen = browser.chosen_items();
    let mut items = Vec::new();
    if let [item] = chosen.as_slice()
        && item.is_text()
    {
        items.push(menu_item("Clipboard", Message::CopyText).id("action_fs_copy_to_clipboard"));
    }
    items
        .push(menu_item("Move", Message::AskTransfer(Mode::Move)).id("action_move_selected_items"));
    items
        .push(menu_item("Copy", Message::AskTransfer(Mode::Copy)).id("action_copy_selected_items"));
    if chosen.len() == 1 {
        items.push(menu_item("Create shortcut", Message::Shortcut).id("action_create_shortcut"));
    }
    if chosen.iter().all(|item| !item.folder) {
        items.push(menu_item("Share", Message::Share).id("action_share_files"));
    }
    items
}
