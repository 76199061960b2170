//! The stopwatch: its state, kept in the app's preferences, and its page.

use super::look::{round_button, side_button};
use super::{Message, PACKAGE};
use crate::phone::system::{Files, PhoneError, Preference, Preferences};
use crate::phone::ui::{
    Align, Color, Icon, Length, Shape, Widget, canvas, column, list, row, stack, stretch, text,
};

/// What the stopwatch does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum State {
    /// At zero.
    #[default]
    Reset,
    /// Counting.
    Running,
    /// Standing still.
    Paused,
}

/// A touch on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopwatchMessage {
    /// Start or pause.
    Toggle,
    /// Back to zero.
    Reset,
    /// A lap ends.
    Lap,
    /// Give the times away.
    Share,
}

/// The stopwatch. Instants are milliseconds of the phone's uptime.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stopwatch {
    /// What it does.
    pub state: State,
    started: i64,
    accumulated: i64,
    /// Total times at which laps ended, oldest first.
    laps: Vec<i64>,
}

impl Stopwatch {
    /// Reads the state from the app's preferences.
    pub fn load(files: &Files) -> Stopwatch {
        let stored = Preferences::load_default(files, PACKAGE);
        let laps = (1..=stored.number("sw_lap_num", 0).clamp(0, 99))
            .map(|lap| stored.number(&format!("sw_lap_time_{lap}"), 0))
            .collect();
        Stopwatch {
            state: match stored.number("sw_state", 0) {
                1 => State::Running,
                2 => State::Paused,
                _ => State::Reset,
            },
            started: stored.number("sw_start_time", 0),
            accumulated: stored.number("sw_accum_time", 0),
            laps,
        }
    }

    /// Writes the state to the app's preferences.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn store(&self, files: &Files, wall_millis: i64) -> Result<(), PhoneError> {
        let mut stored = Preferences::load_default(files, PACKAGE);
        stored.retain(|key| !key.starts_with("sw_"));
        if self.state != State::Reset {
            let state = if self.state == State::Running { 1 } else { 2 };
            stored.put("sw_state", Preference::Integer(state));
            stored.put("sw_start_time", Preference::Long(self.started));
            stored.put("sw_wall_clock_time", Preference::Long(wall_millis));
            stored.put("sw_accum_time", Preference::Long(self.accumulated));
            let laps = i32::try_from(self.laps.len()).unwrap_or(i32::MAX);
            stored.put("sw_lap_num", Preference::Integer(laps));
            for (index, lap) in self.laps.iter().enumerate() {
                stored.put(format!("sw_lap_time_{}", index + 1), Preference::Long(*lap));
            }
        }
        stored.save(files)
    }

    /// Milliseconds counted so far.
    pub fn elapsed(&self, now: i64) -> i64 {
        match self.state {
            // After a reboot the uptime is below the start; what was counted before stays.
            State::Running => self.accumulated + (now - self.started).max(0),
            _ => self.accumulated,
        }
    }

    /// Starts or pauses.
    pub fn toggle(&mut self, now: i64) {
        if self.state == State::Running {
            self.accumulated = self.elapsed(now);
            self.state = State::Paused;
        } else {
            self.started = now;
            self.state = State::Running;
        }
    }

    /// Back to zero.
    pub fn reset(&mut self) {
        *self = Stopwatch::default();
    }

    /// Ends a lap; at most 98 are kept, as in the app.
    pub fn lap(&mut self, now: i64) {
        if self.state == State::Running && self.laps.len() < 98 {
            self.laps.push(self.elapsed(now));
        }
    }

    /// The page, without the bar and the tabs.
    pub fn view(&self, now: i64) -> Widget<Message> {
        let elapsed = self.elapsed(now);
        let seconds = elapsed / 1_000;
        let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
        let shown = match (hours, minutes) {
            (0, 0) => format!("{:02}", seconds % 60),
            (0, minutes) => format!("{minutes} {:02}", seconds % 60),
            (hours, minutes) => format!("{hours} {minutes:02} {:02}", seconds % 60),
        };
        let time = row(vec![
            text(shown)
                .id("stopwatch_time_text")
                .description(spoken(seconds))
                .text_size(64.0),
            text(format!("{:02}", elapsed / 10 % 100))
                .id("stopwatch_hundredths_text")
                .text_size(32.0)
                .margin_edges(8.0, 20.0, 0.0, 0.0),
        ])
        .id("stopwatch_time_wrapper")
        .main(Align::Center)
        .place(Align::Center, Align::Center);
        let turn = (elapsed % 60_000) as f32 / 60_000.0;
        let circle = canvas(
            260.0,
            260.0,
            vec![
                ring([0.0, 1.0], Color::OUTLINE),
                ring([0.0, turn], Color::ACCENT),
            ],
        )
        .id("stopwatch_circle")
        .place(Align::Center, Align::Center);
        let mut content = vec![
            stack(vec![circle, time])
                .fill_width()
                .height(Length::Dp(300.0)),
        ];
        if self.laps.is_empty() {
            content.push(stretch());
        } else {
            content.push(list(self.lap_rows(now)).id("laps_list").weight_height(1.0));
        }
        content.push(self.buttons());
        column(content).id("stopwatch_view").fill()
    }

    fn lap_rows(&self, now: i64) -> Vec<Widget<Message>> {
        let mut totals = self.laps.clone();
        totals.push(self.elapsed(now));
        let mut rows = Vec::with_capacity(totals.len());
        for (index, total) in totals.iter().enumerate().rev() {
            let before = index.checked_sub(1).map_or(0, |previous| totals[previous]);
            rows.push(
                row(vec![
                    text(format!("# {}", index + 1))
                        .id("lap_number")
                        .description(format!("Lap {}", index + 1))
                        .weight_width(1.0),
                    text(lap_text(total - before))
                        .id("lap_time")
                        .weight_width(1.0),
                    text(lap_text(*total)).id("lap_total"),
                ])
                .padding_symmetric(40.0, 10.0),
            );
        }
        rows
    }

    fn buttons(&self) -> Widget<Message> {
        let send = Message::Stopwatch;
        let (sign, label) = match self.state {
            State::Running => (Icon::Pause, "Pause"),
            _ => (Icon::Play, "Start"),
        };
        let fab = round_button(sign, label, send(StopwatchMessage::Toggle)).id("fab");
        let (left, right) = match self.state {
            State::Reset => (None, None),
            State::Running => (
                Some(StopwatchMessage::Reset),
                Some((Icon::Stopwatch, "Lap", StopwatchMessage::Lap)),
            ),
            State::Paused => (
                Some(StopwatchMessage::Reset),
                Some((Icon::Share, "Share", StopwatchMessage::Share)),
            ),
        };
        let left = left
            .map(|message| side_button(Icon::Refresh, "Reset", send(message)).id("left_button"));
        let right = right.map(|(sign, label, message)| {
            side_button(sign, label, send(message)).id("right_button")
        });
        super::look::button_row(left, Some(fab), right)
    }

    /// What is shared: the total and the laps.
    pub fn summary(&self, now: i64) -> String {
        let mut lines = vec![format!("My time is {}", lap_text(self.elapsed(now)))];
        for (index, total) in self.laps.iter().enumerate() {
            let before = index
                .checked_sub(1)
                .map_or(0, |previous| self.laps[previous]);
            lines.push(format!("Lap {}: {}", index + 1, lap_text(total - before)));
        }
        lines.join("\n")
    }
}

fn ring(turn: [f32; 2], color: Color) -> Shape {
    Shape::Arc {
        at: [130.0, 130.0, 124.0],
        width: 4.0,
        turn,
        color,
    }
}

/// `1 minute, 5 seconds`.
fn spoken(seconds: i64) -> String {
    let plural = |count: i64, word: &str| match count {
        1 => format!("1 {word}"),
        _ => format!("{count} {word}s"),
    };
    let parts = [(seconds / 3_600, "hour"), (seconds / 60 % 60, "minute")];
    let mut spoken: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| plural(count, word))
        .collect();
    spoken.push(plural(seconds % 60, "second"));
    spoken.join(", ")
}

/// `1 02.34`, as in the list of laps.
fn lap_text(millis: i64) -> String {
    let seconds = millis / 1_000;
    let hundredths = millis / 10 % 100;
    match seconds / 60 {
        0 => format!("{:02}.{hundredths:02}", seconds % 60),
        minutes => format!("{minutes} {:02}.{hundredths:02}", seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_counts_only_while_running() {
        let mut watch = Stopwatch::default();
        watch.toggle(1_000);
        assert_eq!(watch.elapsed(4_000), 3_000);
        watch.lap(4_000);
        watch.toggle(5_000);
        assert_eq!(watch.elapsed(9_000), 4_000);
        watch.lap(9_000);
        assert_eq!(watch.laps, [3_000]);
        watch.toggle(10_000);
        assert_eq!(watch.elapsed(10_500), 4_500);
        watch.reset();
        assert_eq!(watch, Stopwatch::default());
    }

    #[test]
    fn times_read_as_in_the_app() {
        assert_eq!(lap_text(62_340), "1 02.34");
        assert_eq!(spoken(3_661), "1 hour, 1 minute, 1 second");
        assert_eq!(spoken(125), "2 minutes, 5 seconds");
    }
}
