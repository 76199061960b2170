//! Timers: the digits of the set-up page, the timers that exist (kept in the app's preferences), and
//! both pages.

use super::look::{button_row, round_button, side_button};
use super::{Message, PACKAGE};
use crate::phone::system::{Files, PhoneError, Preference, Preferences};
use crate::phone::ui::{
    Align, Color, Icon, Length, Widget, button, column, icon_button, list, row, stretch, text,
};

/// A touch on one of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimerMessage {
    /// A digit key.
    Digit(u8),
    /// The key `00`.
    DoubleZero,
    /// The delete key.
    Delete,
    /// The delete key, pressed long.
    Clear,
    /// Starts a timer with the digits.
    Create,
    /// Shows the set-up page.
    Add,
    /// Leaves the set-up page.
    CancelAdd,
    /// Starts or pauses a timer.
    Toggle(i64),
    /// Sets a timer back to its length.
    Reset(i64),
    /// Lengthens a timer by a minute.
    AddMinute(i64),
    /// Removes a timer.
    Remove(i64),
}

/// Up to six digits that shift in from the right: hours, minutes, seconds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Digits(Vec<u8>);

impl Digits {
    /// Types a digit; zeros in front and a seventh digit are ignored.
    pub fn push(&mut self, digit: u8) {
        if self.0.len() < 6 && (digit != 0 || !self.0.is_empty()) {
            self.0.push(digit);
        }
    }

    /// Deletes the last digit.
    pub fn pop(&mut self) {
        self.0.pop();
    }

    /// Deletes all.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Hours, minutes and seconds as typed; minutes and seconds may be above 59.
    pub fn parts(&self) -> [u32; 3] {
        let mut six = [0_u32; 6];
        let start = 6 - self.0.len().min(6);
        for (slot, digit) in six[start..].iter_mut().zip(&self.0) {
            *slot = u32::from(*digit);
        }
        [
            six[0] * 10 + six[1],
            six[2] * 10 + six[3],
            six[4] * 10 + six[5],
        ]
    }

    /// `00h 00m 00s`.
    pub fn text(&self) -> String {
        let [hours, minutes, seconds] = self.parts();
        format!("{hours:02}h {minutes:02}m {seconds:02}s")
    }

    /// `0 hours, 0 minutes, 0 seconds`.
    pub fn description(&self) -> String {
        let [hours, minutes, seconds] = self.parts();
        let plural = |count: u32, word: &str| match count {
            1 => format!("1 {word}"),
            _ => format!("{count} {word}s"),
        };
        [
            plural(hours, "hour"),
            plural(minutes, "minute"),
            plural(seconds, "second"),
        ]
        .join(", ")
    }

    /// The length in milliseconds.
    pub fn millis(&self) -> i64 {
        let [hours, minutes, seconds] = self.parts().map(i64::from);
        (hours * 3_600 + minutes * 60 + seconds) * 1_000
    }
}

/// One timer. Instants are milliseconds of the phone's uptime.
#[derive(Debug, Clone, PartialEq)]
pub struct Timer {
    id: i64,
    length: i64,
    remaining: i64,
    /// Start of the running stretch; `None` while paused.
    started: Option<i64>,
}

impl Timer {
    /// Milliseconds left; negative after it rang.
    pub fn left(&self, now: i64) -> i64 {
        match self.started {
            Some(started) => self.remaining - (now - started).max(0),
            None => self.remaining,
        }
    }

    fn toggle(&mut self, now: i64) {
        match self.started {
            Some(_) if self.left(now) <= 0 => self.reset(),
            Some(_) => {
                self.remaining = self.left(now);
                self.started = None;
            }
            None => self.started = Some(now),
        }
    }

    fn reset(&mut self) {
        self.started = None;
        self.remaining = self.length;
    }
}

/// All timers, newest first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Timers(Vec<Timer>);

impl Timers {
    /// Reads the timers from the app's preferences.
    pub fn load(files: &Files) -> Timers {
        let stored = Preferences::load_default(files, PACKAGE);
        let mut timers: Vec<Timer> = stored
            .set("timers_list")
            .iter()
            .filter_map(|id| id.parse::<i64>().ok())
            .map(|id| {
                let number = |name: &str| stored.number(&format!("timer_{name}_{id}"), 0);
                let running = matches!(number("state"), 1 | 3);
                Timer {
                    id,
                    length: number("original_timet"),
                    remaining: number("time_left"),
                    started: running.then(|| number("start_time")),
                }
            })
            .collect();
        timers.sort_by_key(|timer| std::cmp::Reverse(timer.id));
        Timers(timers)
    }

    /// Writes the timers to the app's preferences.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn store(&self, files: &Files, now: i64) -> Result<(), PhoneError> {
        let mut stored = Preferences::load_default(files, PACKAGE);
        stored.retain(|key| !key.starts_with("timer"));
        let ids: Vec<String> = self.0.iter().map(|timer| timer.id.to_string()).collect();
        stored.put("timers_list", ids);
        for timer in &self.0 {
            let id = timer.id;
            // Numbers of the app's states: running, paused, expired, reset.
            let state = match timer.started {
                Some(_) if timer.left(now) <= 0 => 3,
                Some(_) => 1,
                None if timer.remaining == timer.length => 4,
                None => 2,
            };
            stored.put(format!("timer_state_{id}"), Preference::Integer(state));
            for (name, value) in [
                ("setup_timet", timer.length),
                ("original_timet", timer.length),
                ("time_left", timer.remaining),
                ("start_time", timer.started.unwrap_or(0)),
            ] {
                stored.put(format!("timer_{name}_{id}"), Preference::Long(value));
            }
        }
        stored.save(files)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a timer that runs.
    pub fn create(&mut self, length: i64, now: i64) {
        let id = self.0.iter().map(|timer| timer.id + 1).max().unwrap_or(0);
        self.0.insert(
            0,
            Timer {
                id,
                length,
                remaining: length,
                started: Some(now),
            },
        );
    }

    /// Answers the buttons of a timer.
    pub fn update(&mut self, message: TimerMessage, now: i64) {
        let (id, change): (i64, fn(&mut Timer, i64)) = match message {
            TimerMessage::Toggle(id) => (id, Timer::toggle),
            TimerMessage::Reset(id) => (id, |timer, _| timer.reset()),
            TimerMessage::AddMinute(id) => (id, |timer, now| {
                // A timer that rang goes on with one minute.
                if timer.left(now) <= 0 {
                    timer.remaining = 60_000;
                    timer.started = Some(now);
                } else {
                    timer.remaining += 60_000;
                }
            }),
            TimerMessage::Remove(id) => {
                self.0.retain(|timer| timer.id != id);
                return;
            }
            _ => return,
        };
        if let Some(timer) = self.0.iter_mut().find(|timer| timer.id == id) {
            change(timer, now);
        }
    }

    /// The page of timers.
    pub fn view(&self, now: i64) -> Widget<Message> {
        let cards = self.0.iter().map(|timer| card(timer, now)).collect();
        let add = round_button(Icon::Add, "Add timer", Message::Timer(TimerMessage::Add)).id("fab");
        column(vec![
            list(cards).id("recycler_view").weight_height(1.0),
            button_row(None, Some(add), None),
        ])
        .id("timer_view")
        .fill()
    }
}

/// `1:02:03`, `2:03` or `3`, with a minus after it rang.
fn left_text(millis: i64) -> String {
    // A running timer shows the second that it is in.
    let seconds = (millis.abs() + 999) / 1_000;
    let sign = if millis < 0 { "−" } else { "" };
    match (seconds / 3_600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{sign}{seconds}"),
        (0, minutes, seconds) => format!("{sign}{minutes}:{seconds:02}"),
        (hours, minutes, seconds) => format!("{sign}{hours}:{minutes:02}:{seconds:02}"),
    }
}

fn card(timer: &Timer, now: i64) -> Widget<Message> {
    let id = timer.id;
    let send = |message: TimerMessage| Message::Timer(message);
    let left = timer.left(now);
    let minutes = timer.length / 60_000;
    let seconds = timer.length / 1_000 % 60;
    let name = match (minutes, seconds) {
        (0, seconds) => format!("{seconds}s Timer"),
        (minutes, 0) => format!("{minutes}m Timer"),
        (minutes, seconds) => format!("{minutes}m {seconds}s Timer"),
    };
    let (sign, label) = match timer.started {
        Some(_) if left <= 0 => (Icon::Stop, "Stop"),
        Some(_) => (Icon::Pause, "Pause"),
        None => (Icon::Play, "Start"),
    };
    column(vec![
        row(vec![
            text(name).id("timer_label").weight_width(1.0),
            icon_button(Icon::Close, "Delete")
                .id("close")
                .on_tap(send(TimerMessage::Remove(id))),
        ])
        .padding_edges(20.0, 4.0, 8.0, 0.0),
        text(left_text(left))
            .id("timer_time_text")
            .text_size(48.0)
            .color(if left <= 0 {
                Color::DANGER
            } else {
                Color::TEXT
            })
            .text_align(Align::Center)
            .fill_width(),
        row(vec![
            button("+1:00")
                .id("add_one_min")
                .description("Add 1 Minute")
                .on_tap(send(TimerMessage::AddMinute(id))),
            stretch(),
            side_button(Icon::Refresh, "Reset", send(TimerMessage::Reset(id))).id("reset"),
            side_button(sign, label, send(TimerMessage::Toggle(id))).id("play_pause"),
        ])
        .gap(12.0)
        .padding_edges(16.0, 8.0, 16.0, 16.0),
    ])
    .id("timer_card")
    .class("androidx.cardview.widget.CardView")
    .rounded(Color::SURFACE_RAISED, 20.0)
    .margin_edges(16.0, 0.0, 16.0, 12.0)
}

/// The set-up page; `others` says that there are timers to go back to.
pub fn setup_view(digits: &Digits, others: bool) -> Widget<Message> {
    let key = |label: String, id: String, message: TimerMessage| {
        button(label)
            .id(id)
            .text_size(28.0)
            .color(Color::TEXT)
            .rounded(Color::SURFACE_RAISED, 44.0)
            .size(88.0, 88.0)
            .padding_symmetric(4.0, 26.0)
            .on_tap(Message::Timer(message))
    };
    let digit = |value: u8| {
        key(
            value.to_string(),
            format!("timer_setup_digit_{value}"),
            TimerMessage::Digit(value),
        )
    };
    let keys = |children: Vec<Widget<Message>>| row(children).gap(16.0).main(Align::Center);
    let delete = icon_button(Icon::Backspace, delete_description(digits))
        .id("timer_setup_delete")
        .size(88.0, 88.0)
        .padding(32.0)
        .rounded(Color::ACCENT_PALE, 44.0)
        .on_tap(Message::Timer(TimerMessage::Delete))
        .on_long_press(Message::Timer(TimerMessage::Clear))
        .enabled(!digits.is_empty());
    let pad = column(vec![
        keys(vec![digit(1), digit(2), digit(3)]),
        keys(vec![digit(4), digit(5), digit(6)]),
        keys(vec![digit(7), digit(8), digit(9)]),
        keys(vec![
            key(
                "00".to_owned(),
                "timer_setup_digit_00".to_owned(),
                TimerMessage::DoubleZero,
            ),
            digit(0),
            delete,
        ]),
    ])
    .gap(8.0)
    .cross(Align::Center);
    let color = if digits.is_empty() {
        Color::TEXT_SECONDARY
    } else {
        Color::ACCENT
    };
    let start = (!digits.is_empty())
        .then(|| round_button(Icon::Play, "Start", Message::Timer(TimerMessage::Create)).id("fab"));
    let cancel = others.then(|| {
        side_button(
            Icon::Close,
            "Cancel",
            Message::Timer(TimerMessage::CancelAdd),
        )
        .id("left_button")
    });
    column(vec![
        text(digits.text())
            .id("timer_setup_time")
            .description(digits.description())
            .text_size(46.0)
            .color(color)
            .text_align(Align::Center)
            .fill_width()
            .margin_edges(0.0, 20.0, 0.0, 20.0),
        pad,
        stretch(),
        button_row(cancel, start, None),
    ])
    .id("timer_setup")
    .height(Length::Fill)
}

fn delete_description(digits: &Digits) -> String {
    match digits.0.last() {
        Some(digit) => format!("Delete {digit}"),
        None => "Delete".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn digits_shift_in_from_the_right() {
        let mut digits = Digits::default();
        digits.push(0);
        assert!(digits.is_empty());
        for digit in [1, 2, 3, 0, 7] {
            digits.push(digit);
        }
        assert_eq!(digits.text(), "01h 23m 07s");
        assert_eq!(digits.description(), "1 hour, 23 minutes, 7 seconds");
        digits.pop();
        assert_eq!(digits.text(), "00h 12m 30s");
        for digit in [9, 9, 9] {
            digits.push(digit);
        }
        assert_eq!(digits.text(), "12h 30m 99s");
    }

    #[test]
    fn a_timer_runs_pauses_and_rings() {
        let mut timers = Timers::default();
        timers.create(5_000, 100);
        assert_eq!(timers.0[0].left(2_100), 3_000);
        timers.update(TimerMessage::Toggle(0), 2_100);
        assert_eq!(timers.0[0].left(50_000), 3_000);
        timers.update(TimerMessage::AddMinute(0), 50_000);
        timers.update(TimerMessage::Toggle(0), 60_000);
        assert_eq!(timers.0[0].left(61_000), 62_000);
        assert_eq!(timers.0[0].left(124_000), -1_000);
        timers.update(TimerMessage::Toggle(0), 124_000);
        assert_eq!(timers.0[0].left(0), 5_000);
        timers.update(TimerMessage::Remove(0), 0);
        assert!(timers.is_empty());
    }

    #[test]
    fn times_left_read_as_in_the_app() {
        assert_eq!(left_text(3_723_000), "1:02:03");
        assert_eq!(left_text(61_500), "1:02");
        assert_eq!(left_text(-4_000), "−4");
    }

    proptest! {
        #[test]
        fn every_time_can_be_typed(hours in 0u32..24, minutes in 0u32..60, seconds in 0u32..60) {
            let mut digits = Digits::default();
            for character in format!("{hours:02}{minutes:02}{seconds:02}").bytes() {
                digits.push(character - b'0');
            }
            prop_assert_eq!(digits.parts(), [hours, minutes, seconds]);
        }
    }
}
