//! The quieter views: a week in columns, a year of months, a month above the list of a day.

use jiff::ToSpan;
use jiff::civil::Date;

use super::COLOR;
use super::main_screen::{MainActivity, Message};
use super::month::header;
use super::repetition::occurrences;
use super::words::{month_title, time_text};
use crate::phone::system::System;
use crate::phone::ui::{Align, Color, Length, Widget, column, divider, list, row, text};

/// Events in a column of the week at most.
const COLUMN: usize = 40;

/// The Sunday that begins the week of a day.
pub(super) fn week_of(day: Date) -> Date {
    let before = i64::from(day.weekday().to_sunday_zero_offset());
    day.saturating_sub(before.days())
}

impl MainActivity {
    /// A small month above the list of a day.
    pub(super) fn month_and_day_page(&self, system: &System) -> Widget<Message> {
        let today = system.clock.now().date();
        column(vec![
            header(month_title(self.month, today)),
            self.grid(system, 0)
                .id("month_view_wrapper")
                .height(Length::Dp(300.0)),
            text(super::words::day_title(self.day, today))
                .id("month_day_selected_day_label")
                .text_size(16.0)
                .text_align(Align::Center)
                .fill_width()
                .padding(10.0),
            divider(),
            self.day_list(system)
                .id("month_day_events_list")
                .weight_height(1.0),
        ])
        .id("month_day_view_holder")
        .fill()
    }

    /// Seven columns of events.
    pub(super) fn week_page(&self, system: &System) -> Widget<Message> {
        let zone = system.clock.time_zone();
        let today = system.clock.now().date();
        let first = week_of(self.day);
        let last = first.saturating_add(6.days());
        let columns = (0..7)
            .map(|place: i64| {
                let day = first.saturating_add(place.days());
                let until = day.saturating_add(1.day());
                let color = if day == today { COLOR } else { Color::TEXT };
                let mut parts = vec![
                    text(day.strftime("%a\n%-d").to_string())
                        .id("week_day_label")
                        .text_size(13.0)
                        .text_align(Align::Center)
                        .color(color)
                        .fill_width()
                        .padding_symmetric(0.0, 6.0)
                        .on_tap(Message::Day(day)),
                ];
                let found = occurrences(&self.events, day, until, &zone);
                parts.extend(found.iter().take(COLUMN).map(|one| {
                    let event = &self.events[one.index];
                    text(format!("{} {}", time_text(one.start, &zone), event.title))
                        .id("week_event_label")
                        .text_size(11.0)
                        .color(Color::WHITE)
                        .rounded(COLOR, 3.0)
                        .padding(3.0)
                        .fill_width()
                        .on_tap(Message::Row((event.id, one.start)))
                }));
                column(parts).decoration().gap(2.0).weight_width(1.0)
            })
            .collect();
        let words = format!("{} - {}", first.strftime("%B %-d"), last.strftime("%B %-d"));
        let columns = row(columns).decoration().cross(Align::Start).gap(2.0);
        column(vec![
            header(words),
            list(vec![columns])
                .class("android.widget.ScrollView")
                .id("week_view_view_pager")
                .weight_height(1.0),
        ])
        .id("week_holder")
        .fill()
        .on_swipe_left(Message::Turn(true))
        .on_swipe_right(Message::Turn(false))
    }

    /// Twelve months to go to.
    pub(super) fn year_page(&self) -> Widget<Message> {
        let year = self.month.year();
        let rows = (0..4)
            .map(|line| {
                let months = (1..=3)
                    .filter_map(|place| Date::new(year, line * 3 + place, 1).ok())
                    .map(|month| {
                        text(month.strftime("%B").to_string())
                            .id(format!("month_{}_label", month.month()))
                            .text_align(Align::Center)
                            .rounded(Color::SURFACE_RAISED, 8.0)
                            .padding_symmetric(0.0, 40.0)
                            .weight_width(1.0)
                            .on_tap(Message::Month(month))
                    })
                    .collect();
                row(months).decoration().gap(8.0)
            })
            .collect();
        column(vec![
            header(year.to_string()),
            column(rows).decoration().gap(8.0).padding(12.0),
        ])
        .id("calendar_wrapper")
        .fill()
        .on_swipe_left(Message::Turn(true))
        .on_swipe_right(Message::Turn(false))
    }
}
