//! OsmAnd's screens as solutions see them: the way to the card of a place.

use super::super::apps::OSMAND;
use super::super::screen::{Look, back, open};
use super::location::{Point, point_of, short_name};
use crate::domain::Action;

/// Whether a title on the screen means the place.
fn means(title: &str, location: &str) -> bool {
    match short_name(location) {
        Some(name) => title == name,
        None => match (Point::parse(title), point_of(location)) {
            (Some(shown), Some(wanted)) => shown.matches(wanted),
            _ => false,
        },
    }
}

/// The next action towards the card of a place; `None` when it is shown.
pub(super) fn find(look: Look, location: &str) -> Option<Action> {
    if !look.shows(OSMAND) {
        return Some(open(OSMAND));
    }
    if let Some(field) = look.id("searchEditText") {
        let row = look.find(|element| {
            element.resource_entry() == "title"
                && means(element.text.as_deref().unwrap_or(""), location)
        });
        return Some(match row {
            Some(row) => look.tap(row),
            None => Action::input_text(field, location),
        });
    }
    if means(look.text_of("context_menu_line1"), location) {
        return None;
    }
    Some(look.tap_id("map_search_button").unwrap_or_else(back))
}
