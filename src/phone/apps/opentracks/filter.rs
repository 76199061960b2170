//! The dialog that picks types and days for the statistics.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use super::database::Track;
use super::format::local;
use crate::phone::system::System;
use crate::phone::ui::picker::{DateMessage, DatePicker};
use crate::phone::ui::{
    Align, Color, Length, Overlay, Widget, alert, button, column, scroll, text,
};

/// A touch on the dialog.
#[derive(Debug, Clone)]
pub enum FilterMessage {
    /// Takes a type in or out.
    Category(String),
    /// Opens the calendar of one end.
    Open(End),
    /// In the open calendar.
    Date(DateMessage),
}

/// An end of the days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The first day.
    From,
    /// The last day.
    To,
}

/// What the statistics are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// The names of all types, in the order of the statistics.
    categories: Vec<String>,
    /// Those that don't count.
    left_out: BTreeSet<String>,
    from: Date,
    to: Date,
    open: Option<(End, DatePicker)>,
}

impl Filter {
    /// All types, in this week, which begins on Sunday as in American English.
    pub fn new(system: &System, categories: Vec<String>) -> Filter {
        let today = system.clock.now().date();
        let days = today.weekday().since(Weekday::Sunday);
        let from = today.checked_sub(days.days()).unwrap_or(today);
        Filter {
            categories,
            left_out: BTreeSet::new(),
            from,
            to: from.checked_add(6.days()).unwrap_or(from),
            open: None,
        }
    }

    /// Whether a track counts.
    pub fn lets_through(&self, track: &Track) -> bool {
        // Days are those of Greenwich, as the app has it.
        let day = local(track.start, 0).date();
        (self.from..=self.to).contains(&day) && !self.left_out.contains(&track.category)
    }

    /// Answers a touch.
    pub fn update(&mut self, message: FilterMessage) {
        match message {
            FilterMessage::Category(name) => {
                if !self.left_out.remove(&name) {
                    self.left_out.insert(name);
                }
            }
            FilterMessage::Open(end) => {
                let day = match end {
                    End::From => self.from,
                    End::To => self.to,
                };
                self.open = Some((end, DatePicker::new(day)));
            }
            FilterMessage::Date(message) => {
                let Some((end, picker)) = &mut self.open else {
                    return;
                };
                picker.update(message);
                if !matches!(message, DateMessage::Day(_)) {
                    return;
                }
                let (end, day) = (*end, picker.chosen());
                self.open = None;
                match end {
                    End::From => {
                        self.from = day;
                        self.to = self.to.max(day);
                    }
                    // Nothing ends before it begins.
                    End::To => self.to = day.max(self.from),
                }
            }
        }
    }

    fn end(&self, end: End, name: &'static str, ids: [&'static str; 2]) -> Widget<FilterMessage> {
        let day = match end {
            End::From => self.from,
            End::To => self.to,
        };
        let mut parts = vec![
            text(name).quiet(12.0).decoration(),
            text(day.strftime("%A, %B %-d, %Y").to_string())
                .id(ids[0])
                .class("android.widget.EditText")
                .fill_width()
                .border(1.0, Color::OUTLINE)
                .padding(12.0)
                .on_tap(FilterMessage::Open(end)),
        ];
        if let Some((open, picker)) = &self.open
            && *open == end
        {
            parts.push(
                column(vec![picker.calendar().map(&FilterMessage::Date)])
                    .id(ids[1])
                    .class("android.widget.DatePicker"),
            );
        }
        column(parts)
            .decoration()
            .gap(4.0)
            .padding_symmetric(0.0, 8.0)
    }

    fn category(&self, name: &str) -> Widget<FilterMessage> {
        let counts = !self.left_out.contains(name);
        button(name.to_owned())
            .id("filter_dialog_check_button")
            .fill_width()
            .border(1.0, Color::OUTLINE)
            .background(Color::chosen(counts))
            .color(Color::TEXT)
            .text_align(Align::Center)
            .checked(counts)
            .on_tap(FilterMessage::Category(name.to_owned()))
    }

    /// The dialog.
    pub fn dialog<M: Clone + 'static>(
        &self,
        wrap: fn(FilterMessage) -> M,
        done: M,
        cancel: M,
    ) -> Overlay<M> {
        let items = self.categories.iter().map(|name| self.category(name));
        let content = scroll(vec![
            column(items.collect())
                .id("filter_items")
                .padding_symmetric(0.0, 8.0),
            self.end(
                End::From,
                "From",
                ["filter_date_edit_text_from", "filter_date_picker_from"],
            ),
            self.end(
                End::To,
                "To",
                ["filter_date_edit_text_to", "filter_date_picker_to"],
            ),
        ])
        .key("filter")
        .height(Length::Dp(560.0));
        let dialog = alert("Filter")
            .content(vec![content.map(&wrap)])
            .positive("OK", done)
            .negative("Cancel", cancel.clone());
        dialog.overlay(cancel)
    }
}
