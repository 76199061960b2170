//! The framework's dialogs that ask for a date and for a time of day, as parts with messages of their own:
//! wrap them with `map`.

use jiff::ToSpan;
use jiff::civil::{Date, Time};

use super::activity::{Overlay, OverlayKind};
use super::attributes::{Align, Length};
use super::build::{blank, button, column, icon_button, row, stack, stretch, text};
use super::color::Color;
use super::icon::Icon;
use super::widget::Widget;

/// A touch on a [`DatePicker`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateMessage {
    /// The month before.
    Previous,
    /// The month after.
    Next,
    /// A day of the shown month.
    Day(i8),
    /// OK.
    Accept,
    /// Cancel.
    Cancel,
}

/// A dialog with the days of a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatePicker {
    chosen: Date,
    /// The first day of the shown month.
    month: Date,
}

impl DatePicker {
    /// A dialog that shows a day.
    pub fn new(chosen: Date) -> DatePicker {
        DatePicker {
            chosen,
            month: chosen.first_of_month(),
        }
    }

    /// Answers a touch; `Some` when the dialog is done, with the date unless it was cancelled.
    pub fn update(&mut self, message: DateMessage) -> Option<Option<Date>> {
        match message {
            DateMessage::Previous => {
                self.month = self.month.checked_sub(1.month()).unwrap_or(self.month);
            }
            DateMessage::Next => {
                self.month = self.month.checked_add(1.month()).unwrap_or(self.month);
            }
            DateMessage::Day(day) => {
                self.chosen = self.month.with().day(day).build().unwrap_or(self.chosen);
            }
            DateMessage::Accept => return Some(Some(self.chosen)),
            DateMessage::Cancel => return Some(None),
        }
        None
    }

    /// The day that is chosen so far.
    pub fn chosen(&self) -> Date {
        self.chosen
    }

    /// The dialog.
    pub fn overlay(&self) -> Overlay<DateMessage> {
        Overlay::new(OverlayKind::Dialog, self.view(), DateMessage::Cancel)
    }

    fn view(&self) -> Widget<DateMessage> {
        let header = column(vec![
            text(self.chosen.strftime("%Y").to_string())
                .id("android:id/date_picker_header_year")
                .color(Color::WHITE),
            text(self.chosen.strftime("%a, %b %-d").to_string())
                .id("android:id/date_picker_header_date")
                .color(Color::WHITE)
                .text_size(30.0),
        ])
        .background(Color::ACCENT)
        .padding(20.0);
        column(vec![
            header,
            self.calendar().decoration(),
            buttons(DateMessage::Accept, DateMessage::Cancel),
        ])
        .width(Length::Dp(328.0))
        .rounded(Color::SURFACE, 4.0)
    }

    /// The shown month with its days, for dialogs of other shapes.
    pub fn calendar(&self) -> Widget<DateMessage> {
        let months = row(vec![
            icon_button(Icon::Back, "Previous month")
                .id("android:id/prev")
                .on_tap(DateMessage::Previous),
            text(self.month.strftime("%B %Y").to_string())
                .text_align(Align::Center)
                .bold()
                .weight_width(1.0),
            icon_button(Icon::ChevronRight, "Next month")
                .id("android:id/next")
                .on_tap(DateMessage::Next),
        ]);
        let mut weeks = vec![months];
        let before = i32::from(self.month.weekday().to_sunday_zero_offset());
        let days = i32::from(self.month.days_in_month());
        for week in 0..6 {
            let cells: Vec<Widget<DateMessage>> = (0..7)
                .map(|weekday| self.day(week * 7 + weekday - before + 1, days))
                .collect();
            weeks.push(row(cells).decoration().padding_symmetric(12.0, 0.0));
        }
        column(weeks)
    }

    fn day(&self, day: i32, days: i32) -> Widget<DateMessage> {
        let date = (1..=days)
            .contains(&day)
            .then(|| self.month.with().day(day as i8).build().ok())
            .flatten();
        let Some(date) = date else {
            return blank()
                .decoration()
                .weight_width(1.0)
                .height(Length::Dp(38.0));
        };
        let chosen = date == self.chosen;
        round_choice(day.to_string(), chosen, 20.0)
            .class("android.view.View")
            .description(date.strftime("%d %B %Y").to_string())
            .text_size(14.0)
            .padding_symmetric(0.0, 9.0)
            .weight_width(1.0)
            .checked(chosen)
            .on_tap(DateMessage::Day(day as i8))
    }
}

/// A touch on a [`TimePicker`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeMessage {
    /// Shows the hours, or the minutes.
    ShowMinutes(bool),
    /// A number of the shown circle.
    Number(i8),
    /// Morning or afternoon.
    Afternoon(bool),
    /// OK.
    Accept,
    /// Cancel.
    Cancel,
}

/// A dialog with a clock face of twelve hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimePicker {
    hour: i8,
    minute: i8,
    minutes: bool,
}

impl TimePicker {
    /// A dialog that shows a time.
    pub fn new(time: Time) -> TimePicker {
        TimePicker {
            hour: time.hour(),
            minute: time.minute(),
            minutes: false,
        }
    }

    /// Answers a touch; `Some` when the dialog is done, with the time unless it was cancelled.
    pub fn update(&mut self, message: TimeMessage) -> Option<Option<Time>> {
        match message {
            TimeMessage::ShowMinutes(minutes) => self.minutes = minutes,
            TimeMessage::Number(number) if self.minutes => self.minute = number.clamp(0, 59),
            TimeMessage::Number(number) => {
                self.hour = number.rem_euclid(12) + if self.hour >= 12 { 12 } else { 0 };
                self.minutes = true;
            }
            TimeMessage::Afternoon(afternoon) => {
                self.hour = self.hour % 12 + if afternoon { 12 } else { 0 };
            }
            TimeMessage::Accept => return Some(Time::new(self.hour, self.minute, 0, 0).ok()),
            TimeMessage::Cancel => return Some(None),
        }
        None
    }

    /// The dialog.
    pub fn overlay(&self) -> Overlay<TimeMessage> {
        Overlay::new(OverlayKind::Dialog, self.view(), TimeMessage::Cancel)
    }

    fn view(&self) -> Widget<TimeMessage> {
        let twelve = if self.hour % 12 == 0 {
            12
        } else {
            self.hour % 12
        };
        let part = |words: String, id: &'static str, minutes: bool| {
            text(words)
                .id(id)
                .text_size(48.0)
                .color(Color::WHITE.with_alpha(if self.minutes == minutes { 255 } else { 170 }))
                .on_tap(TimeMessage::ShowMinutes(minutes))
        };
        let half = |words: &'static str, id: &'static str, afternoon: bool| {
            let chosen = (self.hour >= 12) == afternoon;
            text(words)
                .class("android.widget.RadioButton")
                .id(id)
                .color(Color::WHITE.with_alpha(if chosen { 255 } else { 170 }))
                .padding_symmetric(8.0, 4.0)
                .checked(chosen)
                .on_tap(TimeMessage::Afternoon(afternoon))
        };
        let header = row(vec![
            part(twelve.to_string(), "android:id/hours", false),
            text(":")
                .id("android:id/separator")
                .text_size(48.0)
                .color(Color::WHITE),
            part(format!("{:02}", self.minute), "android:id/minutes", true),
            column(vec![
                half("AM", "android:id/am_label", false),
                half("PM", "android:id/pm_label", true),
            ])
            .width(Length::Wrap)
            .margin_edges(12.0, 0.0, 0.0, 0.0),
        ])
        .main(Align::Center)
        .id("android:id/time_header")
        .background(Color::ACCENT)
        .padding(16.0);
        let numbers = (0..12)
            .map(|place: i8| {
                let number = match (self.minutes, place) {
                    (true, place) => place * 5,
                    (false, 0) => 12,
                    (false, place) => place,
                };
                let chosen = if self.minutes {
                    self.minute == number
                } else {
                    twelve == number
                };
                let (x, y) = on_dial(place, 110.0, 100.0);
                round_choice(number.to_string(), chosen, 20.0)
                    .class("android.widget.RadialTimePickerView$RadialPickerTouchHelper")
                    .description(number.to_string())
                    .size(40.0, 40.0)
                    .padding_symmetric(0.0, 10.0)
                    .margin_edges(x, y, 0.0, 0.0)
                    .checked(chosen)
                    .on_tap(TimeMessage::Number(number))
            })
            .collect();
        let face = stack(numbers)
            .id("android:id/radial_picker")
            .size(260.0, 260.0)
            .rounded(Color::SURFACE_RAISED, 130.0)
            .margin(20.0);
        column(vec![
            header,
            face,
            buttons(TimeMessage::Accept, TimeMessage::Cancel),
        ])
        .cross(Align::Center)
        .width(Length::Dp(328.0))
        .rounded(Color::SURFACE, 4.0)
    }
}

/// A number that can be chosen: white in a circle of `radius` dp when it is.
pub fn round_choice<M>(words: String, chosen: bool, radius: f32) -> Widget<M> {
    let (color, circle) = match chosen {
        true => (Color::WHITE, Color::ACCENT),
        false => (Color::TEXT, Color::ACCENT.with_alpha(0)),
    };
    text(words)
        .text_align(Align::Center)
        .color(color)
        .rounded(circle, radius)
}

/// Where a dial has its place of twelve, from the top on; the dial's middle is at `middle` in both directions.
pub fn on_dial(place: i8, middle: f32, radius: f32) -> (f32, f32) {
    let turn = f32::from(place % 12) / 12.0 * std::f32::consts::TAU;
    (middle + radius * turn.sin(), middle - radius * turn.cos())
}

fn buttons<M>(accept: M, cancel: M) -> Widget<M> {
    row(vec![
        stretch(),
        button("Cancel").id("android:id/button2").on_tap(cancel),
        button("OK").id("android:id/button1").on_tap(accept),
    ])
    .padding_symmetric(12.0, 8.0)
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

    #[test]
    fn a_date_is_chosen_across_months() {
        let mut picker = DatePicker::new(date(2023, 10, 31));
        assert_eq!(picker.update(DateMessage::Previous), None);
        picker.update(DateMessage::Day(30));
        assert_eq!(
            picker.update(DateMessage::Accept),
            Some(Some(date(2023, 9, 30)))
        );
        assert_eq!(picker.update(DateMessage::Cancel), Some(None));
    }

    #[test]
    fn a_time_is_chosen_on_the_clock_face() {
        let mut picker = TimePicker::new(time(15, 34, 0, 0));
        picker.update(TimeMessage::Number(12));
        picker.update(TimeMessage::Number(5));
        assert_eq!(
            picker.update(TimeMessage::Accept),
            Some(Some(time(12, 5, 0, 0)))
        );
        picker.update(TimeMessage::Afternoon(false));
        assert_eq!(
            picker.update(TimeMessage::Accept),
            Some(Some(time(0, 5, 0, 0)))
        );
    }
}
