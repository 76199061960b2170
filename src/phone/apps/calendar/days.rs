//! Lists of events: those of a day, all that come, those that a search finds.

use jiff::ToSpan;
use jiff::civil::Date;

use super::COLOR;
use super::main_screen::{MainActivity, Message};
use super::month::header;
use super::repetition::{Occurrence, day_of, occurrences};
use super::words::{day_title, span_text};
use crate::phone::system::System;
use crate::phone::ui::{Align, Color, Icon, Widget, blank, column, icon, list, row, text};

/// Letters from which a search begins.
const SEARCH: usize = 2;
/// How far the list of all events begins in the past, in seconds.
const PAST: i64 = 86_400;

impl MainActivity {
    /// The page of one day.
    pub(super) fn day_page(&self, system: &System) -> Widget<Message> {
        let today = system.clock.now().date();
        column(vec![
            header(day_title(self.day, today)),
            self.day_list(system).id("day_events").weight_height(1.0),
        ])
        .class("android.widget.RelativeLayout")
        .id("day_holder")
        .fill()
        .on_swipe_left(Message::Turn(true))
        .on_swipe_right(Message::Turn(false))
    }

    /// The occurrences of the shown day.
    pub(super) fn on_day(&self, system: &System) -> Vec<Occurrence> {
        let until = self.day.saturating_add(1.day());
        occurrences(&self.events, self.day, until, &system.clock.time_zone())
    }

    /// The rows of the shown day.
    pub(super) fn day_list(&self, system: &System) -> Widget<Message> {
        let rows = self
            .on_day(system)
            .iter()
            .map(|one| self.row(one, system))
            .collect();
        list(rows)
            .key(format!("day {}", self.day))
            .padding_edges(0.0, 4.0, 0.0, 90.0)
            .gap(4.0)
    }

    /// What the list of all events shows.
    pub(super) fn coming(&self, system: &System) -> Vec<Occurrence> {
        let zone = system.clock.time_zone();
        let now = system.clock.now_seconds();
        let from = day_of(now - PAST, &zone);
        let until = day_of(now, &zone).saturating_add(6.months());
        let mut found = occurrences(&self.events, from, until, &zone);
        found.retain(|one| one.end.max(one.start) >= now - PAST);
        found
    }

    /// The list of all events.
    pub(super) fn list_page(&self, system: &System) -> Widget<Message> {
        let found = self.coming(system);
        if found.is_empty() {
            return column(vec![
                text("No upcoming events.").id("calendar_empty_list_placeholder"),
                text("Create a new event")
                    .id("calendar_empty_list_placeholder_2")
                    .color(Color::ACCENT)
                    .padding(8.0)
                    .on_tap(Message::New(false)),
            ])
            .id("calendar_event_list_holder")
            .cross(Align::Center)
            .padding(32.0)
            .fill();
        }
        column(vec![
            self.with_headers(&found, system).id("calendar_events_list"),
        ])
        .class("android.widget.RelativeLayout")
        .id("calendar_event_list_holder")
        .fill()
    }

    /// What a search finds, in the titles, places and descriptions of four years.
    pub(super) fn found(&self, words: &str, system: &System) -> Vec<Occurrence> {
        if words.chars().count() < SEARCH {
            return Vec::new();
        }
        let zone = system.clock.time_zone();
        let words = words.to_lowercase();
        let today = system.clock.now().date();
        let (from, until) = (
            today.saturating_sub(2.years()),
            today.saturating_add(2.years()),
        );
        let mut found = occurrences(&self.events, from, until, &zone);
        found.retain(|one| {
            let event = &self.events[one.index];
            [&event.title, &event.location, &event.description]
                .into_iter()
                .any(|text| text.to_lowercase().contains(&words))
        });
        found
    }

    /// The page of a search.
    pub(super) fn search_page(&self, words: &str, system: &System) -> Widget<Message> {
        let found = self.found(words, system);
        let content = if found.is_empty() {
            let mut lines = vec![text("No items found.").id("search_placeholder")];
            if words.chars().count() < SEARCH {
                lines.push(
                    text("Type in at least 2 characters to start the search.")
                        .id("search_placeholder_2")
                        .color(Color::TEXT_SECONDARY),
                );
            }
            column(lines).decoration().gap(8.0).padding(32.0)
        } else {
            self.with_headers(&found, system).id("search_results_list")
        };
        column(vec![content])
            .class("android.widget.RelativeLayout")
            .id("search_holder")
            .fill()
    }

    /// Rows under the names of their months and days.
    fn with_headers(&self, found: &[Occurrence], system: &System) -> Widget<Message> {
        let zone = system.clock.time_zone();
        let today = system.clock.now().date();
        let mut rows = Vec::new();
        let mut before: Option<Date> = None;
        for one in found {
            let day = day_of(one.start, &zone);
            let month = |day: Date| (day.year(), day.month());
            if before.map(month) != Some(month(day)) {
                let words = super::words::month_title(day, today).to_uppercase();
                rows.push(section(words, 18.0, COLOR));
            }
            if before != Some(day) {
                let color = if day == today { COLOR } else { Color::TEXT };
                rows.push(section(day.strftime("%-d %A").to_string(), 15.0, color));
            }
            before = Some(day);
            rows.push(self.row(one, system));
        }
        list(rows).padding_edges(0.0, 4.0, 0.0, 90.0).gap(4.0)
    }

    /// One event.
    pub(super) fn row(&self, one: &Occurrence, system: &System) -> Widget<Message> {
        let event = &self.events[one.index];
        let key = (event.id, one.start);
        let chosen = self.selected.contains(&key);
        let mut words = vec![
            text(event.title.clone())
                .id("event_item_title")
                .text_size(17.0)
                .max_lines(2),
            text(span_text(event, one, &system.clock.time_zone()))
                .id("event_item_time")
                .quiet(14.0),
        ];
        let description = event.description.lines().next().unwrap_or("");
        let place = if description.is_empty() {
            event.location.as_str()
        } else {
            description
        };
        if !place.is_empty() {
            words.push(
                text(place.to_owned())
                    .id("event_item_description")
                    .quiet(14.0)
                    .max_lines(1),
            );
        }
        let mut parts = vec![
            blank()
                .class("android.widget.ImageView")
                .id("event_item_color_bar")
                .size(6.0, 52.0)
                .rounded(COLOR, 3.0),
        ];
        if event.is_task() {
            parts.push(icon(Icon::Check, 20.0).id("event_item_task_image"));
        }
        parts.push(column(words).decoration().weight_width(1.0));
        row(parts)
            .class("android.view.ViewGroup")
            .id("event_item_holder")
            .gap(12.0)
            .min_height(64.0)
            .padding_symmetric(12.0, 6.0)
            .background(Color::chosen(chosen))
            .selected(chosen)
            .on_tap(Message::Row(key))
            .on_long_press(Message::Select(key))
    }
}

fn section(words: String, size: f32, color: Color) -> Widget<Message> {
    text(words)
        .id("event_section_title")
        .text_size(size)
        .bold()
        .color(color)
        .fill_width()
        .padding_edges(16.0, 10.0, 16.0, 2.0)
}
