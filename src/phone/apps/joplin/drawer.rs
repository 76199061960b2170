//! The sidebar: all notes, the notebooks as a tree, the trash, and what else the app does.

use super::app::MainActivity;
use super::database::{Folder, Place};
use super::look::{self, BUTTON, VIEW};
use super::message::Message;
use super::pages::Page;
use crate::phone::ui::{
    Color, Icon, Length, Overlay, OverlayKind, Widget, column, icon, icon_button, row, scroll, text,
};

/// Notebooks inside of each other that are shown.
const DEEPEST: usize = 8;

fn entry(sign: Icon, label: &'static str, selected: bool, message: Message) -> Widget<Message> {
    row(vec![
        icon(sign, 22.0).decoration(),
        text(label).bold().weight_width(1.0),
    ])
    .class(BUTTON)
    .min_height(46.0)
    .padding_symmetric(16.0, 0.0)
    .gap(12.0)
    .background(if selected {
        Color::ACCENT_PALE
    } else {
        Color::WHITE
    })
    .on_tap(message)
}

impl MainActivity {
    /// The sidebar, in front of the list.
    pub(super) fn drawer_overlay(&self) -> Overlay<Message> {
        let listed = |place: &Place| self.page == Page::List && self.place == *place;
        let show =
            |sign, label, place: Place| entry(sign, label, listed(&place), Message::Show(place));
        let mut rows = vec![
            show(Icon::Document, "All notes", Place::All),
            look::line(),
            row(vec![
                icon(Icon::Folder, 22.0).decoration(),
                text("Notebooks").bold().weight_width(1.0),
            ])
            .class(VIEW)
            .min_height(46.0)
            .padding_symmetric(16.0, 0.0)
            .gap(12.0),
        ];
        self.tree("", 0, &mut rows);
        rows.push(show(Icon::Delete, "Trash", Place::Trash));
        let below = [
            (Icon::Add, "New Notebook", Message::EditFolder(None)),
            (Icon::Tag, "Tags", Message::Page(Page::Tags)),
            (
                Icon::Settings,
                "Configuration",
                Message::Page(Page::Configuration),
            ),
        ];
        let mut panel = vec![look::line()];
        panel.extend(below.map(|(sign, label, message)| entry(sign, label, false, message)));
        panel.push(look::line());
        // Without a target there is nothing to synchronise with; its page asks for one.
        let synchronise = Message::Page(Page::Configuration);
        panel.push(entry(Icon::Refresh, "Synchronise", false, synchronise));
        let content = column(vec![
            scroll(rows).key("sidebar").weight_height(1.0),
            column(panel).class(VIEW),
        ])
        .class(VIEW)
        .background(Color::WHITE)
        .width(Length::Dp(300.0))
        .height(Length::Fill);
        Overlay::new(OverlayKind::Drawer, content, Message::Drawer(false))
    }

    /// The notebooks in a notebook, and those in them.
    fn tree(&self, parent: &str, depth: usize, rows: &mut Vec<Widget<Message>>) {
        let known = |id: &str| self.folder(id).is_some();
        let inside = |folder: &&Folder, parent: &str| {
            // One whose own notebook is gone stands at the top.
            let home = if known(&folder.parent) {
                folder.parent.as_str()
            } else {
                ""
            };
            !folder.deleted && home == parent
        };
        for folder in self.folders.iter().filter(|folder| inside(folder, parent)) {
            let selected = self.place == Place::Folder(folder.id.clone());
            let mut line = vec![text(folder.title.clone()).max_lines(1).weight_width(1.0)];
            let has_more = self.folders.iter().any(|other| inside(&other, &folder.id));
            let folded = self.folded.contains(&folder.id);
            if has_more && depth < DEEPEST {
                let (sign, label) = match folded {
                    true => (Icon::Expand, "Expand"),
                    false => (Icon::Collapse, "Collapse"),
                };
                let fold = Message::Fold(folder.id.clone());
                line.push(icon_button(sign, label).class(BUTTON).on_tap(fold));
            }
            rows.push(
                row(line)
                    .class(BUTTON)
                    .min_height(44.0)
                    .padding_edges(50.0 + 16.0 * depth as f32, 0.0, 8.0, 0.0)
                    .background(if selected {
                        Color::ACCENT_PALE
                    } else {
                        Color::WHITE
                    })
                    .on_tap(Message::Show(Place::Folder(folder.id.clone())))
                    .on_long_press(Message::FolderMenu(folder.id.clone())),
            );
            if has_more && !folded && depth < DEEPEST {
                self.tree(&folder.id, depth + 1, rows);
            }
        }
    }
}
