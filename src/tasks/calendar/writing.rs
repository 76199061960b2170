//! The scripted way to add an event: open its day, fill the form from top to bottom, save.

use super::super::Solution;
use super::super::apps::CALENDAR;
use super::super::screen::{Look, back};
use super::days;
use super::event::Event;
use super::pages::{choose_day, choose_time, towards};
use crate::domain::{Action, Direction, Observation};

/// Parts of the form from top to bottom.
const PARTS: [&str; 8] = [
    "event_title",
    "event_location",
    "event_description",
    "event_start_date",
    "event_start_time",
    "event_end_date",
    "event_end_time",
    "event_repetition",
];

/// Fills in one event.
pub(super) struct Writing {
    event: Event,
    /// The label of the wanted repetition.
    repetition: Option<&'static str>,
    /// The instant that the open dialog asks for.
    asked: Option<i64>,
    saving: bool,
}

impl Writing {
    pub fn new(event: Event, repetition: Option<&'static str>) -> Writing {
        Writing {
            event,
            repetition,
            asked: None,
            saving: false,
        }
    }

    /// The next action on the form.
    fn fill(&mut self, look: Look) -> Action {
        let event = &self.event;
        let (start, end) = (event.start_ts, event.end_ts);
        let fields = [
            ("event_title", event.title.as_str()),
            ("event_description", event.description.as_str()),
        ];
        for (id, wanted) in fields {
            match look.id(id) {
                Some(field) if look.text(field).trim() == wanted.trim() => {}
                Some(field) => return Action::input_text(field, wanted),
                // Below the title, what is not seen was filled in before.
                None if id == "event_description" || self.passed(look, id) => {}
                None => return scroll_to(look, id),
            }
        }
        let moments = [
            ("event_start_date", days::title(days::day_of(start)), start),
            ("event_start_time", days::clock(start), start),
            ("event_end_date", days::title(days::day_of(end)), end),
            ("event_end_time", days::clock(end), end),
        ];
        for (id, wanted, instant) in moments {
            match look.id(id) {
                Some(moment) if look.text(moment) == wanted => {}
                Some(moment) => {
                    self.asked = Some(instant);
                    return look.tap(moment);
                }
                None => return scroll_to(look, id),
            }
        }
        if let Some(repetition) = self.repetition {
            match look.id("event_repetition") {
                Some(line) if look.text(line) == repetition => {}
                Some(line) => return look.tap(line),
                None => return scroll_to(look, "event_repetition"),
            }
        }
        match look.tap_id("save") {
            Some(save) => {
                self.saving = true;
                save
            }
            None => back(),
        }
    }

    /// Whether the form is scrolled past a part that was filled in already.
    fn passed(&self, look: Look, id: &str) -> bool {
        self.asked.is_some() && first_shown(look) > place(id)
    }
}

fn place(id: &str) -> usize {
    PARTS.iter().position(|part| *part == id).unwrap_or(0)
}

/// The place of the first part of the form that is shown.
fn first_shown(look: Look) -> usize {
    PARTS
        .iter()
        .position(|part| look.id(part).is_some())
        .unwrap_or(0)
}

/// Scrolls the form towards a part that is not shown.
fn scroll_to(look: Look, id: &str) -> Action {
    Action::scroll(if place(id) < first_shown(look) {
        Direction::Up
    } else {
        Direction::Down
    })
}

impl Solution for Writing {
    fn next(&mut self, observation: &Observation) -> Action {
        let look = Look::at(observation);
        if look.shows(CALENDAR) {
            // What reminders cannot promise; it is left through its button alone.
            if look.has("Disclaimer") {
                return look.tap_id("button1").unwrap_or_else(back);
            }
            if look.id("material_timepicker_ok_button").is_some() {
                return match self.asked {
                    Some(instant) => choose_time(look, instant),
                    None => back(),
                };
            }
            if look.id("date_picker_header_date").is_some() {
                return match self.asked {
                    Some(instant) => choose_day(look, days::day_of(instant)),
                    None => back(),
                };
            }
            if look.id("dialog_radio_group").is_some() {
                let wanted = self.repetition.and_then(|words| look.tap_named(words));
                return wanted.unwrap_or_else(back);
            }
            if look.has("New Event") && look.id("event_toolbar").is_some() {
                return self.fill(look);
            }
            if self.saving && look.id("day_holder").is_some() {
                return Action::complete();
            }
        }
        if let Some(label) = look.id("fab_event_label") {
            return look.tap(label);
        }
        match towards(look, days::day_of(self.event.start_ts)) {
            Some(action) => action,
            None => look.tap_id("calendar_fab").unwrap_or_else(back),
        }
    }
}
