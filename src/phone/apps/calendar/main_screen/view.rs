//! How the calendar's main screen looks: its search bar or the bar over a selection, the current view, the round
//! button, and the questions in front.

use super::{Dialog, MENU, MainActivity, Message, VIEWS, View};
use crate::phone::apps::calendar::{COLOR, overview, questions};
use crate::phone::system::System;
use crate::phone::ui::{
    Align, Color, Icon, ImeAction, Length, Overlay, OverlayKind, Screen, Widget, bar_action, blank,
    column, icon_button, overflow_button, overflow_menu, round_button, row, stack, stretch, text,
    text_field,
};

impl MainActivity {
    pub(super) fn screen(&self, system: &System) -> Screen<Message> {
        let top = if self.selected.is_empty() {
            self.top(system)
        } else {
            self.selection(system)
        };
        let mut layers = vec![
            column(vec![
                top,
                stack(vec![self.page(system)])
                    .id("fragments_holder")
                    .fill_width()
                    .weight_height(1.0),
            ])
            .decoration()
            .fill(),
        ];
        let without = matches!(self.shown(), View::Week | View::Year);
        if self.search.is_none() && self.selected.is_empty() && !without {
            layers.extend(self.fab());
        }
        let menu = self.menu.then(|| {
            let entries = MENU.map(|label| (label, Message::MenuItem(label)));
            overflow_menu(entries, Message::Menu(false))
        });
        Screen::new(
            stack(layers)
                .class("android.view.ViewGroup")
                .id("calendar_coordinator")
                .fill(),
        )
        .overlay(menu)
        .overlay(self.question())
    }

    /// The search bar with the menu.
    fn top(&self, system: &System) -> Widget<Message> {
        let inside = self.search.is_some() || self.opened;
        let sign = icon_button(if inside { Icon::Back } else { Icon::Search }, "")
            .class("android.widget.ImageView")
            .id("top_toolbar_search_icon")
            .on_tap(Message::Sign);
        let today = system.clock.now().date();
        let elsewhere = match self.shown() {
            View::Month | View::MonthAndDay => self.month != today.first_of_month(),
            View::Year => self.month.year() != today.year(),
            View::Week => overview::week_of(self.day) != overview::week_of(today),
            View::Day => self.day != today,
            View::List => false,
        };
        let mut actions = Vec::new();
        if elsewhere && self.search.is_none() {
            actions.push(bar_action(
                Icon::Calendar,
                "go_to_today",
                "Go to today",
                Message::Today,
            ));
        }
        actions.push(bar_action(
            Icon::Apps,
            "change_view",
            "Change view",
            Message::AskView,
        ));
        actions.push(overflow_button(Message::Menu(true)));
        let search = text_field(self.search.clone().unwrap_or_default(), "Search")
            .id("top_toolbar_search")
            .ime(ImeAction::Search)
            .weight_width(1.0)
            .on_change(Message::Search);
        let holder = row(vec![
            sign,
            search,
            row(actions)
                .class("android.view.ViewGroup")
                .id("top_toolbar")
                .width(Length::Wrap),
        ])
        .class("android.widget.RelativeLayout")
        .id("top_toolbar_holder")
        .rounded(Color::SURFACE_RAISED, 26.0)
        .height(Length::Dp(52.0))
        .margin(8.0);
        column(vec![holder])
            .id("top_app_bar_layout")
            .class("android.widget.LinearLayout")
    }

    /// What stands in the place of the search bar while events are chosen.
    fn selection(&self, system: &System) -> Widget<Message> {
        let all = self.on_page(system).len();
        row(vec![
            icon_button(Icon::Back, "Done")
                .class("android.widget.ImageView")
                .id("action_mode_close_button")
                .on_tap(Message::Deselect),
            text(format!("{} / {all}", self.selected.len()))
                .id("actionbar_title")
                .text_size(18.0)
                .padding(10.0)
                .on_tap(Message::SelectAll),
            stretch(),
            bar_action(
                Icon::Share,
                "cab_share",
                "Share",
                Message::Say("No app to share with"),
            ),
            bar_action(Icon::Delete, "cab_delete", "Delete", Message::AskDelete),
        ])
        .class("android.view.ViewGroup")
        .id("action_context_bar")
        .height(Length::Dp(68.0))
        .background(Color::ACCENT_PALE)
        .padding_symmetric(4.0, 0.0)
    }

    fn page(&self, system: &System) -> Widget<Message> {
        if let Some(words) = &self.search {
            return self.search_page(words, system);
        }
        match self.shown() {
            View::Month => self.month_page(system),
            View::Day => self.day_page(system),
            View::Week => self.week_page(system),
            View::MonthAndDay => self.month_and_day_page(system),
            View::Year => self.year_page(),
            View::List => self.list_page(system),
        }
    }

    /// The round button, and above it what it offers.
    fn fab(&self) -> Vec<Widget<Message>> {
        let mut layers = Vec::new();
        if self.extended {
            layers.push(
                blank()
                    .id("fab_extended_overlay")
                    .fill()
                    .background(Color::WHITE.with_alpha(200))
                    .on_tap(Message::CloseFab),
            );
            let label = |words: &'static str, id: &'static str, bottom: f32, task: bool| {
                text(words)
                    .id(id)
                    .padding(10.0)
                    .margin_edges(0.0, 0.0, 84.0, bottom)
                    .place(Align::End, Align::End)
                    .on_tap(Message::New(task))
            };
            let sign = icon_button(Icon::Check, "")
                .class("android.widget.ImageView")
                .id("fab_task_icon")
                .rounded(Color::ACCENT_PALE, 24.0)
                .size(48.0, 48.0)
                .margin_edges(0.0, 0.0, 20.0, 88.0)
                .place(Align::End, Align::End)
                .on_tap(Message::New(true));
            layers.push(label("Task", "fab_task_label", 92.0, true));
            layers.push(sign);
            layers.push(label("Event", "fab_event_label", 24.0, false));
        }
        layers.push(round_button(Icon::Add, "New Event", COLOR, Message::Fab).id("calendar_fab"));
        layers
    }

    fn question(&self) -> Option<Overlay<Message>> {
        let content = match self.dialog.as_ref()? {
            Dialog::View => {
                let rows = VIEWS
                    .into_iter()
                    .map(|(view, _, words)| {
                        questions::choice(words, view == self.view, Message::View(view))
                    })
                    .collect();
                questions::radio_group(rows)
            }
            Dialog::Date(picker) => return Some(picker.overlay().map(&Message::Date)),
            Dialog::Delete(extent) => questions::delete(
                self.selected.len(),
                self.repeats(),
                *extent,
                Message::Extent,
                Message::Delete,
                Message::Close,
            ),
        };
        Some(Overlay::new(OverlayKind::Dialog, content, Message::Close))
    }
}
