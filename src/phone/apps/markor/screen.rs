//! How the main screen looks: tool bar, page, tabs.

use super::home::{MainActivity, Message, Tab};
use super::look;
use super::overlays::Menu;
use crate::phone::system::System;
use crate::phone::ui::{
    Color, Icon, Length, Widget, bar_title, icon, parts, round_button, row, snackbar, stack, text,
};

/// Height of everything around the text on the editor's pages, in dp.
const AROUND: f32 = 60.0 + 48.0 + 75.0 + 64.0;

impl MainActivity {
    pub(super) fn tool_bar(&self, system: &System) -> Widget<Message> {
        if let Some(pane) = self.shown_pane() {
            let actions = pane.actions().into_iter();
            let actions = actions.map(|action| action.map(&Message::Editor)).collect();
            return look::bar(None, bar_title(Tab::ALL[self.tab.index()].1), actions);
        }
        if self.tab == Tab::More {
            return look::bar(None, bar_title("More"), vec![]);
        }
        let mut actions = Vec::new();
        let mut add = |sign, id, description, message| {
            actions.push(look::action(sign, id, description, message));
        };
        match self.browser.chosen.len() {
            0 => {
                let open = |menu| Message::Menu(Some(menu));
                add(Icon::Flag, "action_go_to", "Go to", open(Menu::GoTo));
                add(Icon::Sort, "action_sort", "Sort by", open(Menu::Sort));
                add(Icon::Search, "action_search", "Search", Message::Search);
            }
            count => {
                if count == 1 {
                    let (sign, id) = if self.browser.is_favourite(&system.files) {
                        (Icon::Star, "action_favourite_remove")
                    } else {
                        (Icon::StarOutline, "action_favourite")
                    };
                    add(sign, id, "Favourite", Message::Favourite);
                    add(
                        Icon::Edit,
                        "action_rename_selected_item",
                        "Rename",
                        Message::AskRename,
                    );
                    add(
                        Icon::Info,
                        "action_info_selected_item",
                        "Details",
                        Message::Details,
                    );
                }
                add(
                    Icon::Delete,
                    "action_delete_selected_items",
                    "Delete",
                    Message::AskDelete,
                );
            }
        }
        actions.push(look::overflow(Message::Menu(Some(Menu::Overflow))));
        look::bar(None, bar_title(self.browser.title()), actions)
    }

    pub(super) fn tabs(&self) -> Widget<Message> {
        let tabs = Tab::ALL
            .iter()
            .enumerate()
            .map(|(index, &(tab, label, id, sign))| {
                let current = tab == self.tab;
                let color = if current {
                    look::RED
                } else {
                    Color::TEXT_SECONDARY
                };
                let content = vec![
                    icon(sign, 24.0).color(color).decoration(),
                    text(label)
                        .text_size(12.0)
                        .color(color)
                        .max_lines(1)
                        .decoration(),
                ];
                parts::tab(id, label, content, current, Message::Tab(index)).gap(2.0)
            })
            .collect();
        row(tabs)
            .id("bottom_navigation_bar")
            .class("android.widget.FrameLayout")
            .height(Length::Dp(64.0))
            .background(Color::SURFACE_RAISED)
    }

    pub(super) fn page(&self, system: &System) -> Widget<Message> {
        let page = match self.shown_pane() {
            Some(pane) => pane.view(system, AROUND).map(&Message::Editor),
            None if self.tab == Tab::More => super::settings::more(),
            None => self.browser.view(system),
        };
        let here = self.tab.index();
        let mut layers = vec![page];
        if self.tab == Tab::Files {
            let add = round_button(
                Icon::Add,
                "Create a new file or folder",
                look::RED,
                Message::Add,
            )
            .id("fab_add_new_item");
            layers.push(add);
        }
        if system.clock.uptime_micros() < self.exit_until {
            layers.push(snackbar(
                "Press 'Back' again to exit",
                "EXIT",
                Message::Exit,
            ));
        }
        stack(layers)
            .id("main__view_pager_container")
            .class("androidx.viewpager.widget.ViewPager")
            .fill_width()
            .weight_height(1.0)
            .on_swipe_left(Message::Tab((here + 1).min(Tab::ALL.len() - 1)))
            .on_swipe_right(Message::Tab(here.saturating_sub(1)))
    }
}
