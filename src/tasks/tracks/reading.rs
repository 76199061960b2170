//! Reading answers from OpenTracks' screens.

use std::ops::RangeInclusive;

use jiff::civil::Date;

use super::super::Solution;
use super::super::answers::{Read, reader};
use super::super::apps::TRACKS;
use super::super::screen::{Look, back, open};
use super::listing::{Listed, rows};
use crate::domain::{Action, ActionType, Direction};

/// Walks down the list, the latest track first, and keeps the rows of some days.
struct Walk {
    days: RangeInclusive<Date>,
    kept: Vec<Listed>,
    before: Vec<String>,
}

impl Walk {
    fn new(days: RangeInclusive<Date>) -> Walk {
        Walk {
            days,
            kept: Vec::new(),
            before: Vec::new(),
        }
    }

    /// Keeps what is shown; the scroll that leads on, or nothing at the end of the days or the list.
    fn next(&mut self, look: Look<'_>) -> Option<Action> {
        let shown = rows(look);
        for row in &shown {
            let is_new = !self.kept.iter().any(|kept| kept.is(row));
            if self.days.contains(&row.day) && is_new {
                self.kept.push(row.clone());
            }
        }
        let words = look.page();
        let past = shown.iter().any(|row| row.day < *self.days.start());
        if past || is_short(look) || words == self.before {
            return None;
        }
        self.before = words;
        Some(Action::scroll(Direction::Down))
    }
}

/// Whether the list ends above the end of its room.
fn is_short(look: Look<'_>) -> bool {
    let Some(list) = look.id("track_list") else {
        return true;
    };
    let room = look.bounds(list);
    let last = look
        .elements()
        .filter(|(_, element)| element.resource_entry().starts_with("track_list_item_"))
        .map(|(index, _)| look.bounds(index).y_max)
        .max();
    let row = room.height() / 20;
    last.is_none_or(|last| last + row < room.y_max)
}

/// Searches for the tracks of a type and makes an answer of those of some days.
pub(super) fn found(
    category: String,
    days: RangeInclusive<Date>,
    answer: fn(&[Listed]) -> f64,
) -> Box<dyn Solution> {
    let mut walk = Walk::new(days);
    reader(move |look| {
        if !look.shows(TRACKS) {
            return Read::On(open(TRACKS));
        }
        if let Some(field) = look.id("search_src_text") {
            // The benchmark's typing ends with ENTER, which searches; the words stand there without.
            return Read::On(match look.text(field) == category {
                true => Action::new(ActionType::KeyboardEnter),
                false => Action::input_text(field, category.as_str()),
            });
        }
        let listed = look.id("track_list").is_some() || look.id("track_list_empty_view").is_some();
        if !listed {
            return Read::On(back());
        }
        if !look.has(&category) {
            // The words of another search stand where the app's name does.
            return Read::On(look.tap_id("track_list_search").unwrap_or_else(back));
        }
        match walk.next(look) {
            Some(scroll) => Read::On(scroll),
            None => Read::Answer(answer(&walk.kept).to_string()),
        }
    })
}

/// Opens the fields of every track of a day, where its type stands, and answers with the types.
pub(super) fn types(day: Date) -> Box<dyn Solution> {
    let mut walk = Walk::new(day..=day);
    // How many of the kept rows were looked at, and what they are.
    let mut types: Vec<String> = Vec::new();
    let mut is_read = false;
    reader(move |look| {
        if !look.shows(TRACKS) {
            return Read::On(open(TRACKS));
        }
        if let Some(field) = look.id("track_edit_activity_type") {
            if !is_read {
                types.push(look.text(field).to_owned());
                is_read = true;
            }
            let leave = look.tap_id("track_edit_cancel");
            return Read::On(leave.unwrap_or_else(back));
        }
        if let Some(edit) = look.tap_named("Edit") {
            return Read::On(edit);
        }
        if look.id("action_mode_close_button").is_some() {
            return Read::On(look.tap_named("More options").unwrap_or_else(back));
        }
        if look.id("track_list").is_none() {
            return Read::On(back());
        }
        let on = walk.next(look);
        let unread = walk.kept.get(types.len());
        let shown = unread.and_then(|row| rows(look).into_iter().find(|other| other.is(row)));
        match (shown, on) {
            (Some(row), _) => {
                is_read = false;
                // A look at another screen comes between; that is no end of the list.
                walk.before.clear();
                Read::On(Action::long_press(look.target(row.index)))
            }
            (None, Some(scroll)) => Read::On(scroll),
            (None, None) => Read::Answer(types.join(", ")),
        }
    })
}
