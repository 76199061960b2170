//! Retro Music's menus.

use super::deeds::Deed;
use super::library::Order;
use super::main_screen::MainActivity;
use super::message::{Front, Message, Page, Tab};
use super::{dialogs, rows};
use crate::phone::ui::{Overlay, OverlayKind, Widget, menu, menu_item, radio};

/// The window in front of the page.
pub fn front(main: &MainActivity) -> Option<Overlay<Message>> {
    let front = main.front.as_ref()?;
    let (kind, items) = match front {
        Front::Overflow => (OverlayKind::OverflowMenu, overflow(main)),
        Front::Sort => (OverlayKind::OverflowMenu, orders(main.order)),
        Front::Row(index) => (
            OverlayKind::Popup(rows::menu_key(*index).into()),
            row(main.page()),
        ),
        dialog => {
            let content = dialogs::view(dialog, &main.playlists);
            return Some(Overlay::new(OverlayKind::Dialog, content, Message::Dismiss));
        }
    };
    // The player's three dots are at its foot.
    let kind = match (kind, main.page()) {
        (OverlayKind::OverflowMenu, Page::Player) => OverlayKind::Popup("playerToolbar".into()),
        (kind, _) => kind,
    };
    Some(Overlay::new(kind, menu(items), Message::Dismiss))
}

fn deed(label: &'static str, deed: Deed) -> Widget<Message> {
    menu_item(label, Message::Do(deed))
}

fn say(label: &'static str, words: &'static str) -> Widget<Message> {
    menu_item(label, Message::Say(words))
}

fn orders(current: Order) -> Vec<Widget<Message>> {
    let entries = Order::ALL.iter();
    entries
        .map(|(order, label)| {
            let mark = radio(*order == current)
                .id("radio")
                .margin_edges(0.0, 0.0, 12.0, 0.0);
            menu_item(*label, Message::Order(*order)).child(mark)
        })
        .collect()
}

fn overflow(main: &MainActivity) -> Vec<Widget<Message>> {
    let page = main.page();
    if !main.chosen.is_empty() {
        return match page {
            Page::Tab(Tab::Playlists) => vec![
                deed("Add to playlist", Deed::AddToPlaylist),
                deed("Save as files", Deed::Save),
                deed("Delete playlists", Deed::DeletePlaylists),
                deed("Select all", Deed::ChooseAll),
            ],
            Page::Playlist(_) => vec![
                deed("Remove from playlist", Deed::Remove),
                deed("Add to playlist", Deed::AddToPlaylist),
                deed("Select all", Deed::ChooseAll),
            ],
            _ => vec![
                deed("Add to playlist", Deed::AddToPlaylist),
                deed("Share", Deed::Share),
                deed("Delete from device", Deed::DeleteSongs),
                deed("Select all", Deed::ChooseAll),
            ],
        };
    }
    match page {
        Page::Playlist(_) => of_playlist(),
        Page::Player => vec![
            deed("Go to album", Deed::GoToAlbum),
            deed("Go to artist", Deed::GoToArtist),
            deed("Add to playlist", Deed::AddToPlaylist),
            deed("Save playing queue", Deed::SaveQueue),
            deed("Share", Deed::Share),
            deed("Clear playing queue", Deed::ClearQueue),
            deed("Details", Deed::Details),
            deed("Delete from device", Deed::DeleteSongs),
        ],
        _ => {
            let mut items = Vec::new();
            if page == Page::Tab(Tab::Playlists) {
                items.push(menu_item("New playlist", Message::New));
                items.push(say("Import playlist", "No playlists to import"));
            }
            if page == Page::Tab(Tab::Songs) {
                items.push(menu_item("Sort order", Message::Open(Front::Sort)));
            }
            items.push(menu_item("Settings", Message::Go(Page::Settings)));
            items
        }
    }
}

/// What can be done with a playlist.
fn of_playlist() -> Vec<Widget<Message>> {
    vec![
        deed("Play", Deed::Play),
        deed("Play next", Deed::PlayNext),
        deed("Add to playing queue", Deed::Enqueue),
        deed("Add to playlist", Deed::AddToPlaylist),
        deed("Rename", Deed::Rename),
        deed("Delete", Deed::DeletePlaylists),
        deed("Save as file", Deed::Save),
    ]
}

/// The menu of a row.
fn row(page: Page) -> Vec<Widget<Message>> {
    if page == Page::Tab(Tab::Playlists) {
        return of_playlist();
    }
    let mut items = Vec::new();
    match page {
        Page::Playlist(_) => items.push(deed("Remove from playlist", Deed::Remove)),
        Page::Queue => items.push(deed("Remove from playing queue", Deed::Unqueue)),
        _ => {}
    }
    items.push(deed("Play next", Deed::PlayNext));
    if page != Page::Queue {
        items.push(deed("Add to playing queue", Deed::Enqueue));
    }
    items.extend([
        deed("Add to playlist", Deed::AddToPlaylist),
        deed("Go to album", Deed::GoToAlbum),
        deed("Go to artist", Deed::GoToArtist),
        deed("Share", Deed::Share),
        say("Tag editor", "The tags can't be changed"),
        deed("Details", Deed::Details),
        say("Set as ringtone", "The ringtone can't be changed"),
        say("Add to Blacklist", "The blacklist can't be changed"),
        deed("Delete from device", Deed::DeleteSongs),
    ]);
    items
}
