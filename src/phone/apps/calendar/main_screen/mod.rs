//! The calendar's main screen: the search bar, the current view, the button for something new, and what
//! can be done with chosen events.

mod view;

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;

use super::database::{self, Event, Extent};
use super::repetition::{Occurrence, day_code, day_of};
use super::{EVENT_ACTIVITY, PACKAGE, PREFERENCES, TASK_ACTIVITY};
use crate::phone::system::{Intent, PhoneError, Preference, Preferences, System};
use crate::phone::ui::picker::{DateMessage, DatePicker};
use crate::phone::ui::{Activity, Effects, Screen};

/// Row id and begin of an occurrence.
pub type Key = (i64, i64);

/// The views, with their numbers in the preferences and their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// One month.
    Month,
    /// One day.
    Day,
    /// One week.
    Week,
    /// A month above a day.
    MonthAndDay,
    /// Twelve months.
    Year,
    /// All events that come.
    List,
}

const VIEWS: [(View, i32, &str); 6] = [
    (View::Day, 5, "Daily view"),
    (View::Week, 4, "Weekly view"),
    (View::Month, 1, "Monthly view"),
    (View::MonthAndDay, 7, "Monthly and daily view"),
    (View::Year, 2, "Yearly view"),
    (View::List, 3, "Simple event list"),
];

const GO_TO_DATE: &str = "Go to date";
const MENU: [&str; 9] = [
    GO_TO_DATE,
    "Print",
    "Add holidays",
    "Add contact birthdays",
    "Add contact anniversaries",
    "Import events from an .ics file",
    "Export events to an .ics file",
    "Settings",
    "About",
];

/// What a touch means.
#[derive(Debug, Clone)]
pub enum Message {
    /// Typed into the search bar.
    Search(String),
    /// The sign at the start of the search bar.
    Sign,
    /// The month, day or week before or after.
    Turn(bool),
    /// Asks for a day to go to.
    AskDate,
    /// In the dialog of a day.
    Date(DateMessage),
    /// A cell of a day.
    Day(Date),
    /// A month of the year.
    Month(Date),
    /// Goes to today.
    Today,
    /// Asks for the view.
    AskView,
    /// Chooses the view.
    View(View),
    /// Closes the dialog.
    Close,
    /// Opens or closes the menu.
    Menu(bool),
    /// An entry of the menu.
    MenuItem(&'static str),
    /// The round button.
    Fab,
    /// Closes what the round button opened.
    CloseFab,
    /// A new event, or a new task.
    New(bool),
    /// A touch on an event.
    Row(Key),
    /// A long press on an event.
    Select(Key),
    /// Chooses all events that are shown, or none.
    SelectAll,
    /// Ends choosing.
    Deselect,
    /// Asks whether to delete what is chosen.
    AskDelete,
    /// How far the deletion of repeating events reaches.
    Extent(Extent),
    /// Deletes what is chosen.
    Delete,
    /// A button that only says something.
    Say(&'static str),
}

enum Dialog {
    View,
    Date(DatePicker),
    Delete(Extent),
}

/// The screen.
pub struct MainActivity {
    view: View,
    /// First day of the shown month.
    pub(super) month: Date,
    /// The shown day.
    pub(super) day: Date,
    /// The day was opened from another view.
    opened: bool,
    pub(super) events: Vec<Event>,
    search: Option<String>,
    extended: bool,
    menu: bool,
    dialog: Option<Dialog>,
    pub(super) selected: BTreeSet<Key>,
}

impl MainActivity {
    fn shown(&self) -> View {
        if self.opened { View::Day } else { self.view }
    }

    fn reload(&mut self, system: &System) -> Result<(), PhoneError> {
        self.events = database::list(system)?;
        let known: BTreeSet<i64> = self.events.iter().map(|event| event.id).collect();
        self.selected.retain(|(id, _)| known.contains(id));
        Ok(())
    }

    /// The occurrences that can be chosen on the current page.
    fn on_page(&self, system: &System) -> Vec<Occurrence> {
        match (&self.search, self.shown()) {
            (Some(words), _) => self.found(words, system),
            (None, View::Day | View::MonthAndDay) => self.on_day(system),
            (None, View::List) => self.coming(system),
            (None, _) => Vec::new(),
        }
    }

    fn go_to(&mut self, day: Date) {
        self.day = day;
        self.month = day.first_of_month();
    }

    fn turn(&mut self, forward: bool) {
        let sign = if forward { 1 } else { -1 };
        let (day, month) = (self.day, self.month);
        match self.shown() {
            View::Month | View::MonthAndDay => self.month = month.saturating_add(sign.months()),
            View::Year => self.month = month.saturating_add(sign.years()),
            View::Week => self.go_to(day.saturating_add((7 * sign).days())),
            View::Day => self.day = day.saturating_add(sign.days()),
            View::List => {}
        }
    }

    /// The day that something new is proposed for.
    fn proposed(&self, today: Date) -> Date {
        match self.shown() {
            View::Day | View::MonthAndDay => self.day,
            View::Month if self.month != today.first_of_month() => self.month,
            _ => today,
        }
    }

    fn create_new(&mut self, system: &System, task: bool) -> Effects {
        self.extended = false;
        let now = system.clock.now();
        let start = self
            .proposed(now.date())
            .at(now.hour(), 0, 0, 0)
            .to_zoned_datetime(system.clock.time_zone())
            .map_or(0, |start| start.timestamp().as_second() + 3_600);
        let class = if task { TASK_ACTIVITY } else { EVENT_ACTIVITY };
        Effects::none().start(Intent::activity(PACKAGE, class).number("new_event_start_ts", start))
    }

    fn open(&self, (id, start): Key) -> Effects {
        let task = |event: &Event| event.id == id && event.is_task();
        let class = match self.events.iter().any(task) {
            true => TASK_ACTIVITY,
            false => EVENT_ACTIVITY,
        };
        Effects::none().start(
            Intent::activity(PACKAGE, class)
                .number("event_id", id)
                .number("event_occurrence_ts", start),
        )
    }

    fn toggle(&mut self, key: Key) {
        if !self.selected.remove(&key) {
            self.selected.insert(key);
        }
    }

    fn delete(&mut self, system: &System, extent: Extent) -> Result<(), PhoneError> {
        let zone = system.clock.time_zone();
        let chosen: Vec<(Event, i64, String)> = self
            .selected
            .iter()
            .filter_map(|&(id, start)| {
                let event = self.events.iter().find(|event| event.id == id)?;
                Some((event.clone(), start, day_code(day_of(start, &zone))))
            })
            .collect();
        database::delete(system, &chosen, extent)?;
        self.selected.clear();
        self.reload(system)
    }

    fn repeats(&self) -> bool {
        self.events.iter().any(|event| {
            event.repeat_interval > 0 && self.selected.iter().any(|(id, _)| *id == event.id)
        })
    }

    /// One step out; `None` when there is nothing left to leave.
    fn up(&mut self) -> Option<Effects> {
        if !self.selected.is_empty() {
            self.selected.clear();
        } else if self.extended {
            self.extended = false;
        } else if self.search.take().is_some() {
            return Some(Effects::none().hide_keyboard());
        } else if self.opened {
            self.opened = false;
        } else {
            return None;
        }
        Some(Effects::none())
    }

    fn answer(&mut self, system: &mut System, message: Message) -> Result<Effects, PhoneError> {
        let today = system.clock.now().date();
        match message {
            Message::Search(words) => self.search = Some(words),
            Message::Sign => {
                if self.search.is_none() && !self.opened {
                    self.search = Some(String::new());
                    return Ok(Effects::none().focus("top_toolbar_search"));
                }
                return Ok(self.up().unwrap_or_default());
            }
            Message::Turn(forward) => {
                self.selected.clear();
                self.turn(forward);
            }
            Message::AskDate => {
                let day = match self.shown() {
                    View::Month | View::Year => self.month,
                    _ => self.day,
                };
                self.dialog = Some(Dialog::Date(DatePicker::new(day)));
            }
            Message::Date(message) => {
                if let Some(Dialog::Date(picker)) = &mut self.dialog
                    && let Some(chosen) = picker.update(message)
                {
                    self.dialog = None;
                    if let Some(day) = chosen {
                        self.go_to(day);
                    }
                }
            }
            Message::Day(day) => {
                self.day = day;
                self.opened = self.view != View::MonthAndDay;
            }
            Message::Month(month) => {
                self.go_to(month);
                self.view = View::Month;
            }
            Message::Today => self.go_to(today),
            Message::AskView => self.dialog = Some(Dialog::View),
            Message::View(view) => {
                self.dialog = None;
                self.opened = false;
                self.view = view;
                self.selected.clear();
                let number = VIEWS.iter().find(|entry| entry.0 == view);
                let mut stored = Preferences::load(&system.files, PACKAGE, PREFERENCES);
                let number = number.map_or(1, |entry| entry.1);
                stored.put("view", Preference::Integer(number));
                stored.save(&system.files)?;
            }
            Message::Close => self.dialog = None,
            Message::Menu(open) => self.menu = open,
            Message::MenuItem(item) => {
                self.menu = false;
                if item == GO_TO_DATE {
                    return self.answer(system, Message::AskDate);
                }
                return Ok(Effects::none().toast(format!("{item}: there is nothing to do")));
            }
            Message::Fab if self.extended => return Ok(self.create_new(system, false)),
            Message::Fab => self.extended = true,
            Message::CloseFab => self.extended = false,
            Message::New(task) => return Ok(self.create_new(system, task)),
            Message::Row(key) if self.selected.is_empty() => return Ok(self.open(key)),
            Message::Row(key) | Message::Select(key) => self.toggle(key),
            Message::SelectAll => {
                let all: BTreeSet<Key> = self
                    .on_page(system)
                    .iter()
                    .map(|one| (self.events[one.index].id, one.start))
                    .collect();
                self.selected = if self.selected.len() == all.len() {
                    BTreeSet::new()
                } else {
                    all
                };
            }
            Message::Deselect => self.selected.clear(),
            Message::AskDelete => self.dialog = Some(Dialog::Delete(Extent::One)),
            Message::Extent(extent) => self.dialog = Some(Dialog::Delete(extent)),
            Message::Delete => {
                if let Some(Dialog::Delete(extent)) = self.dialog.take() {
                    self.delete(system, extent)?;
                }
            }
            Message::Say(words) => return Ok(Effects::none().toast(words)),
        }
        Ok(Effects::none())
    }
}

impl Activity for MainActivity {
    type Message = Message;

    fn create(system: &mut System, _intent: &Intent) -> MainActivity {
        let stored = Preferences::load(&system.files, PACKAGE, PREFERENCES);
        let number = stored.number("view", 1);
        let view = VIEWS
            .into_iter()
            .find(|entry| i64::from(entry.1) == number)
            .map_or(View::Month, |entry| entry.0);
        let today = system.clock.now().date();
        MainActivity {
            view,
            month: today.first_of_month(),
            day: today,
            opened: false,
            events: Vec::new(),
            search: None,
            extended: false,
            menu: false,
            dialog: None,
            selected: BTreeSet::new(),
        }
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        Effects::or_toast(self.reload(system))
    }

    fn on_back(&mut self, _system: &mut System) -> Effects {
        match self.up() {
            Some(effects) => effects,
            None => Effects::none().finish(),
        }
    }

    fn view(&self, system: &System) -> Screen<Message> {
        self.screen(system)
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        Effects::or_toast(self.answer(system, message))
    }
}
