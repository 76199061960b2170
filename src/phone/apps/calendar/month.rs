//! The page of a month: numbers and titles are drawn, only the cells of the days are in the tree.

use jiff::ToSpan;
use jiff::civil::Date;

use super::COLOR;
use super::main_screen::{MainActivity, Message};
use super::repetition::{day_of, occurrences};
use super::words::month_title;
use crate::phone::system::System;
use crate::phone::ui::{
    Align, Color, Icon, Length, Widget, blank, column, icon_button, row, stack, text,
};

/// Titles in a cell at most.
const TITLES: usize = 5;

/// The line above a page: an arrow on each side of what is shown.
pub(super) fn header(words: String) -> Widget<Message> {
    let arrow = |sign: Icon, id: &'static str, forward: bool| {
        icon_button(sign, "")
            .class("android.widget.ImageView")
            .id(id)
            .on_tap(Message::Turn(forward))
    };
    row(vec![
        arrow(Icon::Back, "top_left_arrow", false),
        text(words.clone())
            .id("top_value")
            .description(words)
            .text_size(20.0)
            .text_align(Align::Center)
            .weight_width(1.0)
            .padding_symmetric(0.0, 12.0)
            .on_tap(Message::AskDate),
        arrow(Icon::ChevronRight, "top_right_arrow", true),
    ])
    .decoration()
    .height(Length::Dp(52.0))
}

/// The first day in the grid of a month: a Sunday.
pub(super) fn first_day(month: Date) -> Date {
    let first = month.first_of_month();
    let before = i64::from(first.weekday().to_sunday_zero_offset());
    first.saturating_sub(before.days())
}

impl MainActivity {
    /// The page of a month.
    pub(super) fn month_page(&self, system: &System) -> Widget<Message> {
        let today = system.clock.now().date();
        column(vec![
            header(month_title(self.month, today)),
            self.grid(system, TITLES)
                .id("month_view_wrapper")
                .weight_height(1.0),
        ])
        .class("android.widget.RelativeLayout")
        .id("month_calendar_holder")
        .fill()
        .on_swipe_left(Message::Turn(true))
        .on_swipe_right(Message::Turn(false))
    }

    /// The 42 cells of the shown month, with some titles each.
    pub(super) fn grid(&self, system: &System, titles: usize) -> Widget<Message> {
        let zone = system.clock.time_zone();
        let today = system.clock.now().date();
        let first = first_day(self.month);
        let until = first.saturating_add(42.days());
        let mut cells: Vec<Vec<&str>> = vec![Vec::new(); 42];
        for one in occurrences(&self.events, first, until, &zone) {
            let begin = (day_of(one.start, &zone) - first).get_days().max(0);
            let last_second = (one.end - 1).max(one.start);
            let end = (day_of(last_second, &zone) - first).get_days().min(41);
            for place in begin..=end {
                if let Some(cell) = cells.get_mut(place as usize) {
                    cell.push(&self.events[one.index].title);
                }
            }
        }
        let letters = ["S", "M", "T", "W", "T", "F", "S"]
            .into_iter()
            .map(|letter| {
                text(letter)
                    .decoration()
                    .text_size(13.0)
                    .text_align(Align::Center)
                    .weight_width(1.0)
            })
            .collect();
        let mut rows = vec![row(letters).decoration().padding_symmetric(0.0, 4.0)];
        for week in 0..6 {
            let days = (0..7)
                .map(|weekday| {
                    let place = week * 7 + weekday;
                    let day = first.saturating_add((place as i64).days());
                    self.cell(day, today, &cells[place], titles)
                })
                .collect();
            rows.push(row(days).decoration().weight_height(1.0));
        }
        stack(vec![
            blank().id("month_view").fill(),
            column(rows).decoration().fill(),
        ])
        .fill_width()
    }

    fn cell(&self, day: Date, today: Date, titles: &[&str], most: usize) -> Widget<Message> {
        let in_month = day.month() == self.month.month();
        let marked = day == today || (most == 0 && day == self.day);
        let color = match (marked, in_month) {
            (true, _) => Color::WHITE,
            (false, true) => Color::TEXT,
            (false, false) => Color::TEXT_DISABLED,
        };
        let number = text(day.day().to_string())
            .decoration()
            .text_size(13.0)
            .color(color)
            .text_align(Align::Center)
            .rounded(COLOR.with_alpha(if marked { 255 } else { 0 }), 11.0)
            .size(24.0, 22.0)
            .padding_symmetric(0.0, 3.0);
        let mut parts = vec![number];
        if most == 0 && !titles.is_empty() {
            parts.push(super::dot(COLOR, 6.0).decoration());
        }
        parts.extend(titles.iter().take(most).map(|title| {
            text((*title).to_owned())
                .decoration()
                .text_size(10.0)
                .max_lines(1)
                .color(Color::WHITE)
                .rounded(COLOR.with_alpha(if in_month { 255 } else { 140 }), 3.0)
                .padding_symmetric(2.0, 1.0)
                .fill_width()
        }));
        column(parts)
            .class("android.view.View")
            .id("month_view_background")
            .cross(Align::Center)
            .gap(1.0)
            .padding(1.0)
            .weight_width(1.0)
            .height(Length::Fill)
            .border(0.5, Color::OUTLINE)
            .on_tap(Message::Day(day))
    }
}
