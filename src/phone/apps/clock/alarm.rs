//! Alarms: rows of the app's `alarms.db`, their page, and the dialog that asks for a time.

use rusqlite::params;

use super::look::{button_row, round_button};
use super::{Message, PACKAGE};
use crate::phone::apps::app_database::AppDatabase;
use crate::phone::system::{PhoneError, System};
use crate::phone::ui::{
    Align, Color, Icon, ImeAction, InputKind, Length, Widget, alert, button, column, icon_button,
    list, row, stretch, switch, text, text_field,
};

const DAYS: [(&str, &str); 7] = [
    ("Mon", "Monday"),
    ("Tue", "Tuesday"),
    ("Wed", "Wednesday"),
    ("Thu", "Thursday"),
    ("Fri", "Friday"),
    ("Sat", "Saturday"),
    ("Sun", "Sunday"),
];

/// A touch on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlarmMessage {
    /// Opens the dialog for a new alarm, or for the time of one that exists.
    Pick(Option<i64>),
    /// Opens or closes the details of an alarm.
    Expand(i64),
    /// Switches an alarm.
    Switch(i64, bool),
    /// Removes an alarm.
    Remove(i64),
    /// Typed into the dialog.
    Hour(String),
    /// Typed into the dialog.
    Minute(String),
    /// Morning or afternoon.
    Afternoon(bool),
    /// Takes the dialog's time.
    Accept,
    /// Closes the dialog.
    Cancel,
}

/// One alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    id: i64,
    hour: i64,
    minute: i64,
    /// Bit 0 is Monday.
    days: i64,
    enabled: bool,
}

/// The app's database.
const DATABASE: AppDatabase = AppDatabase {
    package: PACKAGE,
    file: "databases/alarms.db",
    prepare: |connection| {
        let fresh = !connection.table_exists(None, "alarm_templates")?;
        if fresh {
            connection.execute_batch(
                "CREATE TABLE alarm_templates (_id INTEGER PRIMARY KEY, hour INTEGER NOT NULL, \
                 minutes INTEGER NOT NULL, daysofweek INTEGER NOT NULL, enabled INTEGER NOT NULL, \
                 vibrate INTEGER NOT NULL, label TEXT NOT NULL, ringtone TEXT, \
                 delete_after_use INTEGER NOT NULL DEFAULT 0);\
                 INSERT INTO alarm_templates VALUES (1, 8, 30, 31, 0, 0, '', NULL, 0), \
                 (2, 9, 0, 96, 0, 0, '', NULL, 0);",
            )?;
        }
        Ok(())
    },
};

/// All alarms by time of day.
///
/// # Errors
/// When the database cannot be used.
pub fn load(system: &System) -> Result<Vec<Alarm>, PhoneError> {
    DATABASE.with(system, |connection| {
        connection
            .prepare(
                "SELECT _id, hour, minutes, daysofweek, enabled FROM alarm_templates \
                 ORDER BY hour, minutes, _id",
            )?
            .query_map([], |row| {
                Ok(Alarm {
                    id: row.get(0)?,
                    hour: row.get(1)?,
                    minute: row.get(2)?,
                    days: row.get(3)?,
                    enabled: row.get(4)?,
                })
            })?
            .collect()
    })
}

/// The dialog that asks for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeDialog {
    alarm: Option<i64>,
    hour: String,
    minute: String,
    /// `None` on a clock of 24 hours.
    afternoon: Option<bool>,
}

impl TimeDialog {
    fn time(&self) -> Option<(i64, i64)> {
        let hour: i64 = self.hour.parse().ok()?;
        let minute: i64 = self.minute.parse().ok()?;
        let hour = match self.afternoon {
            None => hour,
            Some(_) if !(1..=12).contains(&hour) => return None,
            Some(afternoon) => hour % 12 + if afternoon { 12 } else { 0 },
        };
        ((0..24).contains(&hour) && (0..60).contains(&minute)).then_some((hour, minute))
    }

    /// The dialog's content.
    pub fn view(&self) -> Widget<Message> {
        let field = |field: Widget<Message>, name: &'static str| {
            column(vec![
                field
                    .description(name)
                    .input(InputKind::Number)
                    .ime(ImeAction::Next)
                    .text_size(36.0)
                    .text_align(Align::Center)
                    .rounded(Color::SURFACE_RAISED, 8.0),
                text(name).text_size(12.0),
            ])
            .weight_width(1.0)
        };
        let hour = text_field(self.hour.clone(), "")
            .id("material_hour_text_input")
            .on_change(|typed| Message::Alarm(AlarmMessage::Hour(typed)));
        let minute = text_field(self.minute.clone(), "")
            .id("material_minute_text_input")
            .on_change(|typed| Message::Alarm(AlarmMessage::Minute(typed)));
        let mut parts = vec![
            field(hour, "Hour"),
            text(":").text_size(36.0).margin_edges(8.0, 0.0, 8.0, 16.0),
            field(minute, "Minute"),
        ];
        if let Some(afternoon) = self.afternoon {
            let half = |label: &'static str, id: &'static str, value: bool| {
                button(label)
                    .id(id)
                    .checked(afternoon == value)
                    .selected(afternoon == value)
                    .on_tap(Message::Alarm(AlarmMessage::Afternoon(value)))
            };
            parts.push(
                column(vec![
                    half("AM", "material_clock_period_am_button", false),
                    half("PM", "material_clock_period_pm_button", true),
                ])
                .width(Length::Wrap),
            );
        }
        alert("Select time")
            .content(vec![row(parts)])
            .positive("OK", Message::Alarm(AlarmMessage::Accept))
            .ready(self.time().is_some())
            .negative("Cancel", Message::Alarm(AlarmMessage::Cancel))
            .widget()
    }
}

/// The page: the alarms, which of them shows its details, and the dialog.
#[derive(Debug, Clone, Default)]
pub struct Alarms {
    rows: Vec<Alarm>,
    expanded: Option<i64>,
    /// The dialog in front of the page.
    pub dialog: Option<TimeDialog>,
}

impl Alarms {
    /// Reads the alarms again.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub fn reload(&mut self, system: &System) -> Result<(), PhoneError> {
        self.rows = load(system)?;
        Ok(())
    }

    /// Answers a touch.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub fn update(&mut self, system: &System, message: AlarmMessage) -> Result<(), PhoneError> {
        match message {
            AlarmMessage::Pick(alarm) => self.dialog = Some(self.new_dialog(system, alarm)),
            AlarmMessage::Expand(id) => {
                self.expanded = (self.expanded != Some(id)).then_some(id);
            }
            AlarmMessage::Switch(id, on) => {
                DATABASE.with(system, |connection| {
                    connection.execute(
                        "UPDATE alarm_templates SET enabled = ?1 WHERE _id = ?2",
                        params![on, id],
                    )
                })?;
            }
            AlarmMessage::Remove(id) => {
                DATABASE.with(system, |connection| {
                    connection.execute("DELETE FROM alarm_templates WHERE _id = ?1", [id])
                })?;
            }
            AlarmMessage::Hour(typed) => {
                if let Some(dialog) = &mut self.dialog {
                    dialog.hour = digits(&typed);
                }
            }
            AlarmMessage::Minute(typed) => {
                if let Some(dialog) = &mut self.dialog {
                    dialog.minute = digits(&typed);
                }
            }
            AlarmMessage::Afternoon(value) => {
                if let Some(dialog) = &mut self.dialog {
                    dialog.afternoon = Some(value);
                }
            }
            AlarmMessage::Cancel => self.dialog = None,
            AlarmMessage::Accept => {
                if let Some(dialog) = self.dialog.take()
                    && let Some((hour, minute)) = dialog.time()
                {
                    DATABASE.with(system, |connection| {
                        match dialog.alarm {
                        Some(id) => connection.execute(
                            "UPDATE alarm_templates SET hour = ?1, minutes = ?2, enabled = 1 WHERE _id = ?3",
                            params![hour, minute, id],
                        ),
                        None => connection.execute(
                            "INSERT INTO alarm_templates (hour, minutes, daysofweek, enabled, vibrate, label) \
                             VALUES (?1, ?2, 0, 1, 1, '')",
                            params![hour, minute],
                        ),
                    }
                    })?;
                }
            }
        }
        self.reload(system)
    }

    fn new_dialog(&self, system: &System, alarm: Option<i64>) -> TimeDialog {
        let existing = alarm.and_then(|id| self.rows.iter().find(|row| row.id == id));
        let now = system.clock.now();
        let (hour, minute) = existing
            .map_or((i64::from(now.hour()), i64::from(now.minute())), |row| {
                (row.hour, row.minute)
            });
        let (shown, afternoon) = if system.settings.is_24_hours() {
            (hour, None)
        } else {
            (
                if hour % 12 == 0 { 12 } else { hour % 12 },
                Some(hour >= 12),
            )
        };
        TimeDialog {
            alarm,
            hour: format!("{shown:02}"),
            minute: format!("{minute:02}"),
            afternoon,
        }
    }

    /// The page, without the bar and the tabs.
    pub fn view(&self, system: &System) -> Widget<Message> {
        let cards = self
            .rows
            .iter()
            .map(|alarm| self.card(system, alarm))
            .collect();
        let add = round_button(
            Icon::Add,
            "Add alarm",
            Message::Alarm(AlarmMessage::Pick(None)),
        )
        .id("fab");
        column(vec![
            list(cards)
                .id("alarm_recycler_view")
                .gap(8.0)
                .padding_symmetric(16.0, 8.0)
                .weight_height(1.0),
            button_row(None, Some(add), None),
        ])
        .fill()
    }

    fn card(&self, system: &System, alarm: &Alarm) -> Widget<Message> {
        let id = alarm.id;
        let expanded = self.expanded == Some(id);
        let time = system.settings.time_text(alarm.hour, alarm.minute);
        let color = if alarm.enabled {
            Color::TEXT
        } else {
            Color::TEXT_SECONDARY
        };
        let (sign, label) = if expanded {
            (Icon::Collapse, "Collapse alarm")
        } else {
            (Icon::Expand, "Expand alarm")
        };
        let set = |full: bool| {
            let named: Vec<&str> = DAYS
                .iter()
                .enumerate()
                .filter(|(index, _)| alarm.days & (1 << index) != 0)
                .map(|(_, (short, long))| if full { *long } else { *short })
                .collect();
            match (named.is_empty(), alarm.enabled) {
                (false, _) => named.join(", "),
                (true, true) => "Today or tomorrow".to_owned(),
                (true, false) => "Not scheduled".to_owned(),
            }
        };
        let mut lines = vec![
            row(vec![
                text(time.clone())
                    .id("digital_clock")
                    .description(time)
                    .text_size(44.0)
                    .color(color)
                    .on_tap(Message::Alarm(AlarmMessage::Pick(Some(id)))),
                stretch(),
                icon_button(sign, label)
                    .id("arrow")
                    .on_tap(Message::Alarm(AlarmMessage::Expand(id))),
            ]),
            row(vec![
                text(set(false))
                    .id("days_of_week")
                    .description(set(true))
                    .color(color)
                    .text_size(14.0)
                    .weight_width(1.0),
                switch(alarm.enabled)
                    .id("onoff")
                    .on_toggle(move |on| Message::Alarm(AlarmMessage::Switch(id, on))),
            ])
            .id("alarm_info"),
        ];
        if expanded {
            lines.push(
                button("Delete")
                    .id("delete")
                    .on_tap(Message::Alarm(AlarmMessage::Remove(id))),
            );
        }
        column(lines)
            .class("androidx.cardview.widget.CardView")
            .description("Alarm")
            .rounded(Color::SURFACE_RAISED, 24.0)
            .padding(16.0)
            .on_tap(Message::Alarm(AlarmMessage::Expand(id)))
    }
}

/// At most two digits.
fn digits(typed: &str) -> String {
    let digits: Vec<char> = typed.chars().filter(char::is_ascii_digit).collect();
    // What was typed last counts, as when a full field is typed over.
    digits[digits.len().saturating_sub(2)..].iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dialog_takes_only_real_times() {
        let dialog = |hour: &str, minute: &str, afternoon| TimeDialog {
            alarm: None,
            hour: hour.to_owned(),
            minute: minute.to_owned(),
            afternoon,
        };
        assert_eq!(dialog("23", "59", None).time(), Some((23, 59)));
        assert_eq!(dialog("24", "0", None).time(), None);
        assert_eq!(dialog("12", "5", Some(false)).time(), Some((0, 5)));
        assert_eq!(dialog("1", "5", Some(true)).time(), Some((13, 5)));
        assert_eq!(dialog("13", "5", Some(true)).time(), None);
        assert_eq!(digits("0815"), "15");
    }
}
