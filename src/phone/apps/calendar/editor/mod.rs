//! The form of one event or task (`EventActivity`, `TaskActivity`): what a touch changes, and what is
//! stored in the end. How it looks is in [`super::form`].

mod storing;

use jiff::ZonedDateTime;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use super::clock_face::{ClockFace, ClockMessage};
use super::database::{self, ALL_DAY, Event, Extent, NO_REMINDER};
use super::questions::End;
use super::repetition::{DAY, MONTH, WEEK, YEAR, begin_of, day_of, weekday_bit};
use super::{PACKAGE, POST_NOTIFICATIONS, PREFERENCES, TASK_ACTIVITY};
use crate::phone::system::{Intent, PhoneError, Preferences, System};
use crate::phone::ui::picker::{DateMessage, DatePicker};
use crate::phone::ui::{Activity, Effects, Screen};

/// Longest title in characters.
const TITLE: usize = 180;
/// The request under which the permission dialog answers.
const ASKED_PERMISSION: u32 = 1;

/// What a touch means.
#[derive(Debug, Clone)]
pub enum Message {
    /// Typed.
    Title(String),
    /// Typed.
    Location(String),
    /// Typed.
    Description(String),
    /// Switches the times off or on.
    AllDay,
    /// Asks for the day of the start, or of the end.
    AskDate(Moment),
    /// Asks for the time of the start, or of the end.
    AskTime(Moment),
    /// In the dialog of a day.
    Date(DateMessage),
    /// In the dialog of a time.
    Clock(ClockMessage),
    /// Opens a dialog.
    Ask(Dialog),
    /// Closes the dialog.
    Close,
    /// Chooses one of the three reminders.
    Reminder(usize, i64),
    /// Chooses a repetition.
    Repetition(i64),
    /// Marks a weekday in the dialog.
    Weekday(i64),
    /// Takes the weekdays.
    AcceptWeekdays,
    /// Chooses how the repetition ends.
    EndKind(End),
    /// Typed into a dialog's number.
    Count(String),
    /// Takes the end of the repetition.
    AcceptEnd,
    /// Chooses a unit of a repetition of its own.
    Unit(i64),
    /// Takes the repetition of its own.
    AcceptCustom,
    /// How far a deed on a repeating event reaches.
    Extent(Extent),
    /// The arrow at the top.
    Up,
    /// Leaves without storing.
    Discard,
    /// Stores, after the questions that come first.
    Save,
    /// The warning about reminders was read.
    Warned,
    /// How far a change of a repeating event reaches was chosen.
    SaveExtent,
    /// Deletes.
    Delete,
    /// Goes on with a copy.
    Duplicate,
    /// A button that only says something.
    Say(&'static str),
}

/// The start, the end, or the last day of a repetition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Start.
    Start,
    /// End.
    End,
    /// Last day of a repetition.
    Until,
}

/// A dialog in front of the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dialog {
    /// One of the three reminders.
    Reminder(usize),
    /// Kinds of repetition.
    Repetition,
    /// A repetition with a number of its own.
    Custom,
    /// Weekdays of a repetition.
    Weekdays(i64),
    /// End of a repetition.
    End(End),
    /// What reminders cannot promise.
    Warning,
    /// Whether to store what was changed.
    Unsaved,
    /// How far a change of a repeating event reaches.
    Change(Extent),
    /// Whether to delete.
    Delete(Extent),
}

pub(super) enum Picker {
    Date(Moment, DatePicker),
    Clock(Moment, ClockFace),
}

/// The form.
pub struct Editor {
    pub(super) event: Event,
    /// As it was opened.
    original: Event,
    pub(super) picker: Option<Picker>,
    pub(super) dialog: Option<Dialog>,
    /// What is typed into a dialog's number.
    pub(super) count: String,
    /// Unit of a repetition of its own.
    pub(super) unit: i64,
    /// Last day in the dialog of a repetition's end.
    pub(super) until: Date,
    /// The event is not stored any more, or cannot be read.
    missing: bool,
    /// The keyboard was opened for the title.
    greeted: bool,
}

/// A new event that begins at a second.
fn fresh(start: i64, kind: i64, reminder: i64) -> Event {
    Event {
        id: 0,
        start,
        end: start,
        title: String::new(),
        location: String::new(),
        description: String::new(),
        reminders: [reminder, NO_REMINDER, NO_REMINDER],
        repeat_interval: 0,
        repeat_rule: 0,
        repeat_limit: 0,
        exceptions: Vec::new(),
        flags: 0,
        kind,
    }
}

fn zoned(seconds: i64, zone: &TimeZone) -> ZonedDateTime {
    jiff::Timestamp::from_second(seconds)
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .to_zoned_datetime(zone.clone())
}

impl Editor {
    /// Whether the event is stored already.
    pub fn is_stored(&self) -> bool {
        self.event.id != 0
    }

    fn is_changed(&self) -> bool {
        self.event != self.original
    }

    fn open(system: &System, intent: &Intent) -> Result<Option<Event>, PhoneError> {
        let Some(id) = intent.get_number("event_id") else {
            let stored = Preferences::load(&system.files, PACKAGE, PREFERENCES);
            let now = system.clock.now_seconds();
            let start = intent
                .get_number("new_event_start_ts")
                .unwrap_or(now - now.rem_euclid(3_600) + 3_600);
            let task = intent
                .component
                .as_ref()
                .is_some_and(|(_, class)| class == TASK_ACTIVITY);
            let reminder = stored.number("reminder_minutes", 10);
            return Ok(Some(fresh(start, i64::from(task), reminder)));
        };
        let found = database::list(system)?
            .into_iter()
            .find(|event| event.id == id);
        Ok(found.map(|mut event| {
            if let Some(start) = intent.get_number("event_occurrence_ts")
                && event.repeat_interval > 0
            {
                event.end = start + (event.end - event.start);
                event.start = start;
            }
            event
        }))
    }

    /// Sets the start, and moves the end with it.
    fn move_start(&mut self, start: i64, zone: &TimeZone) {
        let before = weekday_bit(day_of(self.event.start, zone));
        self.event.end += start - self.event.start;
        self.event.start = start;
        let single = self.event.repeat_rule == before;
        if self.event.repeat_interval > 0 && self.event.repeat_interval % WEEK == 0 && single {
            self.event.repeat_rule = weekday_bit(day_of(start, zone));
        }
    }

    fn set(&mut self, moment: Moment, day: Option<Date>, time: Option<Time>, zone: &TimeZone) {
        let old = match moment {
            Moment::Start => self.event.start,
            Moment::End => self.event.end,
            Moment::Until => {
                self.until = day.unwrap_or(self.until);
                return;
            }
        };
        let old = zoned(old, zone).datetime();
        let day = day.unwrap_or(old.date());
        let time = time.unwrap_or(old.time());
        let Ok(new) = day.to_datetime(time).to_zoned_datetime(zone.clone()) else {
            return;
        };
        let new = new.timestamp().as_second();
        match moment {
            Moment::Start => self.move_start(new, zone),
            _ => self.event.end = new,
        }
    }

    fn repeat(&mut self, interval: i64, zone: &TimeZone) {
        let day = day_of(self.event.start, zone);
        self.event.repeat_interval = interval;
        self.event.repeat_limit = 0;
        self.event.repeat_rule = match interval {
            0 => 0,
            interval if interval % YEAR == 0 || interval % MONTH == 0 => 1,
            interval if interval % WEEK == 0 => weekday_bit(day),
            _ => 0,
        };
    }

    fn leave(&mut self) -> Effects {
        if self.is_changed() {
            self.dialog = Some(Dialog::Unsaved);
            return Effects::none().hide_keyboard();
        }
        Effects::none().hide_keyboard().finish()
    }

    /// The resource id of a part of the form.
    pub fn name(&self, part: &str) -> String {
        let kind = if self.event.is_task() {
            "task"
        } else {
            "event"
        };
        format!("{kind}_{part}")
    }

    fn answer(&mut self, system: &mut System, message: Message) -> Result<Effects, PhoneError> {
        let zone = system.clock.time_zone();
        match message {
            Message::Title(text) => {
                self.event.title = text.chars().take(TITLE).collect();
            }
            Message::Location(text) => self.event.location = text,
            Message::Description(text) => self.event.description = text,
            Message::AllDay => self.event.flags ^= ALL_DAY,
            Message::AskDate(moment) => {
                let day = match moment {
                    Moment::Start => day_of(self.event.start, &zone),
                    Moment::End => day_of(self.event.end, &zone),
                    Moment::Until => self.until,
                };
                self.picker = Some(Picker::Date(moment, DatePicker::new(day)));
                return Ok(Effects::none().hide_keyboard());
            }
            Message::AskTime(moment) => {
                let seconds = match moment {
                    Moment::Start => self.event.start,
                    _ => self.event.end,
                };
                let face = ClockFace::new(zoned(seconds, &zone).time());
                self.picker = Some(Picker::Clock(moment, face));
                return Ok(Effects::none().hide_keyboard());
            }
            Message::Date(message) => {
                if let Some(Picker::Date(moment, picker)) = &mut self.picker
                    && let Some(chosen) = picker.update(message)
                {
                    let moment = *moment;
                    self.picker = None;
                    if chosen.is_some() {
                        self.set(moment, chosen, None, &zone);
                    }
                }
            }
            Message::Clock(message) => {
                if let Some(Picker::Clock(moment, face)) = &mut self.picker
                    && let Some(chosen) = face.update(message)
                {
                    let moment = *moment;
                    self.picker = None;
                    if chosen.is_some() {
                        self.set(moment, None, chosen, &zone);
                    }
                    return Ok(Effects::none().hide_keyboard());
                }
            }
            Message::Ask(dialog) => {
                match &dialog {
                    Dialog::Custom => {
                        self.count = "1".to_owned();
                        self.unit = DAY;
                    }
                    Dialog::End(_) => {
                        let limit = self.event.repeat_limit;
                        let last = limit.max(self.event.start);
                        self.until = day_of(last, &zone);
                        self.count = match limit {
                            limit if limit < 0 => limit.unsigned_abs().to_string(),
                            _ => String::new(),
                        };
                    }
                    _ => {}
                }
                self.dialog = Some(dialog);
                return Ok(Effects::none().hide_keyboard());
            }
            Message::Close => self.dialog = None,
            Message::Reminder(place, minutes) => {
                self.dialog = None;
                if let Some(reminder) = self.event.reminders.get_mut(place) {
                    *reminder = minutes;
                }
                // Those that are set come first.
                self.event.reminders.sort_by_key(|minutes| *minutes < 0);
            }
            Message::Repetition(interval) => {
                self.dialog = None;
                self.repeat(interval, &zone);
            }
            Message::Weekday(bit) => {
                if let Some(Dialog::Weekdays(rule)) = &mut self.dialog {
                    *rule ^= bit;
                }
            }
            Message::AcceptWeekdays => {
                if let Some(Dialog::Weekdays(rule)) = self.dialog.take() {
                    let today = weekday_bit(day_of(self.event.start, &zone));
                    self.event.repeat_rule = if rule == 0 { today } else { rule };
                }
            }
            Message::EndKind(kind) => self.dialog = Some(Dialog::End(kind)),
            Message::Count(text) => {
                if text.len() <= 4 && text.chars().all(|character| character.is_ascii_digit()) {
                    self.count = text;
                }
            }
            Message::AcceptEnd => {
                if let Some(Dialog::End(kind)) = self.dialog.take() {
                    let count: i64 = self.count.parse().unwrap_or(0);
                    self.event.repeat_limit = match kind {
                        End::Date => begin_of(self.until, &zone) + DAY - 1,
                        End::Times => -count,
                        End::Never => 0,
                    };
                }
            }
            Message::Unit(unit) => self.unit = unit,
            Message::AcceptCustom => {
                self.dialog = None;
                let count: i64 = self.count.parse().unwrap_or(1);
                self.repeat(self.unit * count.max(1), &zone);
            }
            Message::Extent(extent) => {
                if let Some(Dialog::Change(chosen) | Dialog::Delete(chosen)) = &mut self.dialog {
                    *chosen = extent;
                }
            }
            Message::Up => return Ok(self.leave()),
            Message::Discard => return Ok(Effects::none().hide_keyboard().finish()),
            Message::Save => {
                self.dialog = None;
                return self.save(system);
            }
            Message::Warned => {
                self.dialog = None;
                Preferences::load(&system.files, PACKAGE, PREFERENCES)
                    .with("was_alarm_warning_shown", true)
                    .save(&system.files)?;
                return self.save(system);
            }
            Message::SaveExtent => {
                if let Some(Dialog::Change(extent)) = self.dialog.take() {
                    return self.save_extent(system, extent);
                }
            }
            Message::Delete => {
                if let Some(Dialog::Delete(extent)) = self.dialog.take() {
                    return self.delete(system, extent);
                }
            }
            Message::Duplicate => {
                self.event.id = 0;
                self.event.exceptions = Vec::new();
                self.original = self.event.clone();
                return Ok(Effects::none().toast("Duplicated"));
            }
            Message::Say(said) => return Ok(Effects::none().toast(said)),
        }
        Ok(Effects::none())
    }
}

impl Activity for Editor {
    type Message = Message;

    fn create(system: &mut System, intent: &Intent) -> Editor {
        let found = Editor::open(system, intent).ok().flatten();
        let missing = found.is_none();
        let event = found.unwrap_or_else(|| fresh(0, 0, NO_REMINDER));
        Editor {
            original: event.clone(),
            event,
            picker: None,
            dialog: None,
            count: String::new(),
            unit: DAY,
            until: Date::default(),
            missing,
            greeted: false,
        }
    }

    fn on_resume(&mut self, _system: &mut System) -> Effects {
        if self.missing {
            return Effects::none().finish();
        }
        if self.is_stored() || self.greeted {
            return Effects::none();
        }
        self.greeted = true;
        Effects::none().focus(self.name("title"))
    }

    fn on_back(&mut self, _system: &mut System) -> Effects {
        self.leave()
    }

    fn on_result(&mut self, system: &mut System, request: u32, _result: Option<Intent>) -> Effects {
        if request != ASKED_PERMISSION {
            return Effects::none();
        }
        if !system.packages.is_granted(PACKAGE, POST_NOTIFICATIONS) {
            return Effects::none().toast("Reminders need the permission to show notifications");
        }
        Effects::or_toast(self.save(system))
    }

    fn view(&self, system: &System) -> Screen<Message> {
        self.screen(system)
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        Effects::or_toast(self.answer(system, message))
    }
}
