//! The sheet that asks for a day and perhaps a time: of a due date, a start date, or several due dates.

use jiff::ToSpan;
use jiff::civil::{Date, Time, time};

use super::dates;
use super::look::accent_button;
use crate::phone::system::System;
use crate::phone::ui::picker::{DateMessage, DatePicker, TimeMessage, TimePicker};
use crate::phone::ui::{
    Align, Color, Overlay, OverlayKind, Widget, button, column, row, scroll, stretch,
};

/// A touch on the sheet.
#[derive(Debug, Clone)]
pub enum DueMessage {
    /// On the days of a month.
    Calendar(DateMessage),
    /// A day so many days from today.
    Day(i8),
    /// The next Monday.
    NextWeek,
    /// No day at all.
    NoDate,
    /// A time of day, or none.
    Time(Option<i8>),
    /// Opens the clock.
    PickTime,
    /// On the clock.
    Clock(TimeMessage),
    /// OK.
    Accept,
    /// Cancel.
    Cancel,
}

/// What became of the sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is still open.
    Open,
    /// It was closed without a choice.
    Cancelled,
    /// It was closed with an instant, 0 for none.
    Chosen(i64),
}

/// The sheet.
pub struct DueSheet {
    month: DatePicker,
    day: Option<Date>,
    time: Option<Time>,
    clock: Option<TimePicker>,
}

/// Hours that have a button of their own, with its id.
const HOURS: [(i8, &str); 4] = [
    (9, "morning_button"),
    (13, "afternoon_button"),
    (17, "evening_button"),
    (20, "night_button"),
];

impl DueSheet {
    /// A sheet that shows an instant, 0 for none.
    pub fn new(system: &System, millis: i64) -> DueSheet {
        let at = system.clock.at_micros(millis.saturating_mul(1_000));
        let day = (millis > 0).then(|| at.date());
        DueSheet {
            month: DatePicker::new(day.unwrap_or_else(|| dates::today(system))),
            day,
            time: (millis > 0 && dates::has_time(millis)).then(|| at.time()),
            clock: None,
        }
    }

    /// Answers a touch.
    pub fn update(&mut self, system: &System, message: DueMessage) -> Outcome {
        let today = dates::today(system);
        match message {
            DueMessage::Calendar(message) => {
                let _ = self.month.update(message);
                if matches!(message, DateMessage::Day(_)) {
                    self.day = Some(self.month.chosen());
                }
            }
            DueMessage::Day(days) => self.choose(today.checked_add(i32::from(days).days()).ok()),
            DueMessage::NextWeek => self.choose(Some(next_monday(today))),
            DueMessage::NoDate => {
                self.day = None;
                self.time = None;
            }
            DueMessage::Time(hour) => self.set_time(hour.map(|hour| time(hour, 0, 0, 0)), today),
            DueMessage::PickTime => {
                let shown = self.time.unwrap_or_else(|| system.clock.now().time());
                self.clock = Some(TimePicker::new(shown));
            }
            DueMessage::Clock(message) => {
                let chosen = self.clock.as_mut().and_then(|clock| clock.update(message));
                if let Some(chosen) = chosen {
                    self.clock = None;
                    if chosen.is_some() {
                        self.set_time(chosen, today);
                    }
                }
            }
            DueMessage::Accept => {
                let instant = |day| dates::instant(system, day, self.time);
                return Outcome::Chosen(self.day.map_or(0, instant));
            }
            DueMessage::Cancel => return Outcome::Cancelled,
        }
        Outcome::Open
    }

    fn choose(&mut self, day: Option<Date>) {
        if let Some(day) = day {
            self.month = DatePicker::new(day);
            self.day = Some(day);
        }
    }

    /// A time needs a day.
    fn set_time(&mut self, time: Option<Time>, today: Date) {
        self.time = time;
        if time.is_some() && self.day.is_none() {
            self.choose(Some(today));
        }
    }

    /// The sheet, and the clock in front of it.
    pub fn overlays<M: Clone + Send + Sync + 'static>(
        &self,
        system: &System,
        wrap: fn(DueMessage) -> M,
    ) -> Vec<Overlay<M>> {
        let mut overlays = vec![Overlay::new(
            OverlayKind::BottomSheet,
            self.view(system).map(&wrap),
            wrap(DueMessage::Cancel),
        )];
        overlays.extend(
            self.clock
                .as_ref()
                .map(|clock| clock.overlay().map(&DueMessage::Clock).map(&wrap)),
        );
        overlays
    }

    fn view(&self, system: &System) -> Widget<DueMessage> {
        let today = dates::today(system);
        let monday = next_monday(today);
        let is = |days: i32| self.day.is_some() && self.day == today.checked_add(days.days()).ok();
        let days = vec![
            toggle("today_button", "Today", is(0), DueMessage::Day(0)),
            toggle("tomorrow_button", "Tomorrow", is(1), DueMessage::Day(1)),
            toggle(
                "next_week_button",
                "Next Mon",
                self.day == Some(monday),
                DueMessage::NextWeek,
            ),
            toggle(
                "no_date_button",
                "No date",
                self.day.is_none(),
                DueMessage::NoDate,
            ),
        ];
        let shown = |hour: i8, minute: i8| {
            system
                .settings
                .time_text(i64::from(hour), i64::from(minute))
        };
        let mut times: Vec<Widget<DueMessage>> = HOURS
            .iter()
            .map(|&(hour, id)| {
                let chosen = self.time == Some(time(hour, 0, 0, 0));
                toggle(id, shown(hour, 0), chosen, DueMessage::Time(Some(hour)))
            })
            .collect();
        let own = self.time.filter(|time| {
            time.minute() != 0 || HOURS.iter().all(|(hour, _)| *hour != time.hour())
        });
        let pick = own.map_or("Pick time".to_owned(), |time| {
            shown(time.hour(), time.minute())
        });
        times.push(toggle(
            "pick_time_button",
            pick,
            own.is_some(),
            DueMessage::PickTime,
        ));
        times.push(toggle(
            "no_time",
            "No time",
            self.time.is_none(),
            DueMessage::Time(None),
        ));
        let group = |id: &'static str, buttons| column(buttons).id(id).weight_width(1.0).gap(4.0);
        scroll(vec![
            row(vec![group("date_group", days), group("time_group", times)])
                .cross(Align::Start)
                .gap(16.0),
            self.month
                .calendar()
                .id("calendar_view")
                .class("android.widget.CalendarView")
                .map(&DueMessage::Calendar),
            row(vec![
                stretch(),
                accent_button("Cancel", DueMessage::Cancel).id("cancel_button"),
                accent_button("OK", DueMessage::Accept).id("ok_button"),
            ]),
        ])
        .height(crate::phone::ui::Length::Wrap)
        .padding(16.0)
        .background(Color::SURFACE)
    }
}

fn next_monday(today: Date) -> Date {
    today
        .nth_weekday(1, jiff::civil::Weekday::Monday)
        .unwrap_or(today)
}

fn toggle(
    id: &'static str,
    words: impl Into<std::borrow::Cow<'static, str>>,
    chosen: bool,
    message: DueMessage,
) -> Widget<DueMessage> {
    let fill = match chosen {
        true => Color::ACCENT_PALE,
        false => Color::WHITE,
    };
    button(words)
        .id(id)
        .fill_width()
        .min_height(40.0)
        .padding_symmetric(8.0, 10.0)
        .rounded(fill, 6.0)
        .border(1.0, Color::OUTLINE)
        .checked(chosen)
        .on_tap(message)
}
