//! The Material time picker of 24 hours: a clock face with two rings of hours, then one of minutes, and
//! two fields for the keyboard.

use jiff::civil::Time;

use crate::phone::ui::picker::{on_dial, round_choice};
use crate::phone::ui::{
    Align, Color, Icon, ImeAction, InputKind, Length, Overlay, OverlayKind, Widget, button, column,
    icon_button, row, stack, stretch, text, text_field,
};

/// A touch on the picker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClockMessage {
    /// Shows the hours, or the minutes.
    ShowMinutes(bool),
    /// A number of the shown face.
    Number(i8),
    /// Changes between face and fields.
    Keyboard,
    /// Typed into the field of hours.
    Hour(String),
    /// Typed into the field of minutes.
    Minute(String),
    /// OK.
    Accept,
    /// Cancel.
    Cancel,
}

/// The picker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockFace {
    hour: i8,
    minute: i8,
    minutes: bool,
    /// What the fields hold while the keyboard is used.
    typed: Option<(String, String)>,
}

impl ClockFace {
    /// A picker that shows a time.
    pub fn new(time: Time) -> ClockFace {
        ClockFace {
            hour: time.hour(),
            minute: time.minute(),
            minutes: false,
            typed: None,
        }
    }

    /// Answers a touch; `Some` when the dialog is done, with the time unless it was cancelled.
    pub fn update(&mut self, message: ClockMessage) -> Option<Option<Time>> {
        match message {
            ClockMessage::ShowMinutes(minutes) => self.minutes = minutes,
            ClockMessage::Number(number) if self.minutes => self.minute = number.clamp(0, 59),
            ClockMessage::Number(number) => {
                self.hour = number.clamp(0, 23);
                self.minutes = true;
            }
            ClockMessage::Keyboard => {
                self.typed = match self.typed {
                    Some(_) => None,
                    None => Some((format!("{:02}", self.hour), format!("{:02}", self.minute))),
                };
            }
            ClockMessage::Hour(text) => {
                if let (Some(hour), Some(typed)) = (number(&text, 23), &mut self.typed) {
                    typed.0 = text;
                    self.hour = hour;
                }
            }
            ClockMessage::Minute(text) => {
                if let (Some(minute), Some(typed)) = (number(&text, 59), &mut self.typed) {
                    typed.1 = text;
                    self.minute = minute;
                }
            }
            ClockMessage::Accept => return Some(Time::new(self.hour, self.minute, 0, 0).ok()),
            ClockMessage::Cancel => return Some(None),
        }
        None
    }

    /// The dialog.
    pub fn overlay(&self) -> Overlay<ClockMessage> {
        Overlay::new(OverlayKind::Dialog, self.view(), ClockMessage::Cancel)
    }

    fn view(&self) -> Widget<ClockMessage> {
        let chip = |value: i8, id: &'static str, unit: &str, minutes: bool| {
            let current = self.minutes == minutes;
            text(format!("{value:02}"))
                .class("android.view.View")
                .id(id)
                .description(format!("{value} {unit}"))
                .text_size(52.0)
                .text_align(Align::Center)
                .rounded(
                    if current {
                        Color::ACCENT_PALE
                    } else {
                        Color::SURFACE_RAISED
                    },
                    8.0,
                )
                .size(96.0, 80.0)
                .padding_symmetric(0.0, 6.0)
                .checked(current)
                .on_tap(ClockMessage::ShowMinutes(minutes))
        };
        let field = |value: &str, id: &'static str, minutes: bool| {
            text_field(value.to_owned(), "")
                .id(id)
                .input(InputKind::Number)
                .ime(if minutes {
                    ImeAction::Done
                } else {
                    ImeAction::Next
                })
                .text_size(40.0)
                .text_align(Align::Center)
                .rounded(Color::SURFACE_RAISED, 8.0)
                .size(96.0, 72.0)
                .on_change(if minutes {
                    ClockMessage::Minute
                } else {
                    ClockMessage::Hour
                })
        };
        let [hours, minutes] = match &self.typed {
            Some((hour, minute)) => [
                field(hour, "material_hour_text_input", false),
                field(minute, "material_minute_text_input", true),
            ],
            None => [
                chip(self.hour, "material_hour_tv", "hours", false),
                chip(self.minute, "material_minute_tv", "minutes", true),
            ],
        };
        let header = row(vec![hours, text(":").text_size(48.0).decoration(), minutes])
            .id("material_clock_display")
            .main(Align::Center)
            .gap(8.0)
            .padding(12.0);
        let mut children = vec![
            text("Select time")
                .id("header_title")
                .quiet(12.0)
                .margin_edges(24.0, 16.0, 24.0, 0.0),
            header,
        ];
        if self.typed.is_none() {
            children.push(self.face());
        }
        children.push(
            row(vec![
                icon_button(Icon::Clock, "Switch to text input mode for the time input.")
                    .class("android.widget.Button")
                    .id("material_timepicker_mode_button")
                    .on_tap(ClockMessage::Keyboard),
                stretch(),
                button("Cancel")
                    .id("material_timepicker_cancel_button")
                    .on_tap(ClockMessage::Cancel),
                button("OK")
                    .id("material_timepicker_ok_button")
                    .on_tap(ClockMessage::Accept),
            ])
            .padding_symmetric(12.0, 8.0),
        );
        column(children)
            .cross(Align::Center)
            .width(Length::Dp(328.0))
            .rounded(Color::SURFACE, 24.0)
    }

    fn face(&self) -> Widget<ClockMessage> {
        let count: i8 = if self.minutes { 12 } else { 24 };
        let numbers = (0..count)
            .map(|place| {
                let (value, chosen) = match self.minutes {
                    true => (place * 5, self.minute == place * 5),
                    false => (place, self.hour == place),
                };
                let words = match (self.minutes, value) {
                    (true, value) => format!("{value:02}"),
                    (false, 0) => "00".to_owned(),
                    (false, value) => value.to_string(),
                };
                let unit = if self.minutes { "minutes" } else { "hours" };
                // The hours from twelve on form the inner ring.
                let radius = if place < 12 { 104.0 } else { 68.0 };
                let (x, y) = on_dial(place, 108.0, radius);
                round_choice(words.clone(), chosen, 18.0)
                    .description(format!("{words} {unit}"))
                    .text_size(14.0)
                    .size(36.0, 36.0)
                    .padding_symmetric(0.0, 9.0)
                    .margin_edges(x, y, 0.0, 0.0)
                    .selected(chosen)
                    .on_tap(ClockMessage::Number(value))
            })
            .collect();
        stack(numbers)
            .class("android.view.ViewGroup")
            .id("material_clock_face")
            .size(252.0, 252.0)
            .rounded(Color::SURFACE_RAISED, 126.0)
            .margin(12.0)
    }
}

/// A typed number up to a largest one; nothing typed counts as 0, anything else is refused.
fn number(text: &str, largest: i8) -> Option<i8> {
    if text.is_empty() {
        return Some(0);
    }
    let digits = text.len() <= 2 && text.chars().all(|character| character.is_ascii_digit());
    let value: i8 = digits.then(|| text.parse().ok()).flatten()?;
    (value <= largest).then_some(value)
}

#[cfg(test)]
mod tests {
    use jiff::civil::time;

    use super::*;

    #[test]
    fn an_hour_leads_to_the_minutes() {
        let mut face = ClockFace::new(time(16, 0, 0, 0));
        face.update(ClockMessage::Number(21));
        face.update(ClockMessage::Number(45));
        let chosen = face.update(ClockMessage::Accept);
        assert_eq!(chosen, Some(Some(time(21, 45, 0, 0))));
        face.update(ClockMessage::ShowMinutes(false));
        face.update(ClockMessage::Number(0));
        let chosen = face.update(ClockMessage::Accept);
        assert_eq!(chosen, Some(Some(time(0, 45, 0, 0))));
        assert_eq!(face.update(ClockMessage::Cancel), Some(None));
    }

    #[test]
    fn times_are_typed_within_their_range() {
        let mut face = ClockFace::new(time(16, 0, 0, 0));
        face.update(ClockMessage::Keyboard);
        face.update(ClockMessage::Hour("24".to_owned()));
        face.update(ClockMessage::Hour("7".to_owned()));
        face.update(ClockMessage::Minute("08".to_owned()));
        let chosen = face.update(ClockMessage::Accept);
        assert_eq!(chosen, Some(Some(time(7, 8, 0, 0))));
    }
}
