//! What solutions read and touch on the calendar's screens.

use jiff::civil::Date;

use super::super::apps::CALENDAR;
use super::super::screen::{Look, back, open};
use super::days;
use crate::domain::Action;

/// A row of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row<'a> {
    /// Position of the row in the observation.
    pub index: usize,
    /// Title.
    pub title: &'a str,
    /// Line of times.
    pub time: &'a str,
    /// Chosen by a long press.
    pub chosen: bool,
}

/// The rows of events from top to bottom.
pub(super) fn rows(look: Look<'_>) -> Vec<Row<'_>> {
    let mut found: Vec<Row> = Vec::new();
    for (index, element) in look.elements() {
        match (element.resource_entry(), found.last_mut()) {
            ("event_item_holder", _) => found.push(Row {
                index,
                title: "",
                time: "",
                chosen: element.is_selected,
            }),
            ("event_item_title", Some(row)) => row.title = look.text(index),
            ("event_item_time", Some(row)) => row.time = look.text(index),
            _ => {}
        }
    }
    found
}

/// The line of times of an event: `10:00 - 10:45`, with the day of an end on another day.
pub(super) fn span(start: i64, end: i64) -> String {
    let (first, last) = (days::day_of(start), days::day_of(end));
    let other = match first == last {
        true => String::new(),
        false => last.strftime(" (%B %-d)").to_string(),
    };
    match start == end {
        true => days::clock(start),
        false => format!("{} - {}{other}", days::clock(start), days::clock(end)),
    }
}

/// The next action towards the page of a day, or `None` when it is shown.
pub(super) fn towards(look: Look, day: Date) -> Option<Action> {
    if !look.shows(CALENDAR) {
        return Some(open(CALENDAR));
    }
    let cells: Vec<usize> = look
        .elements()
        .filter(|(_, element)| element.resource_entry() == "month_view_background")
        .map(|(index, _)| index)
        .collect();
    let shown = look.text_of("top_value");
    if !cells.is_empty() {
        if shown != day.strftime("%B").to_string() {
            return Some(look.tap_id("go_to_today").unwrap_or_else(back));
        }
        let before = day.first_of_month().weekday().to_sunday_zero_offset();
        let place = usize::try_from(before + day.day() - 1).unwrap_or(0);
        return Some(match cells.get(place) {
            Some(cell) => Action::click(*cell),
            None => back(),
        });
    }
    if shown == days::title(day) && look.id("day_events").is_some() {
        return None;
    }
    Some(back())
}

/// The next action in the dialog of a day.
pub(super) fn choose_day(look: Look, day: Date) -> Action {
    if look.text_of("date_picker_header_date") == day.strftime("%a, %b %-d").to_string() {
        return look.tap_id("button1").unwrap_or_else(back);
    }
    if let Some(cell) = look.tap_named(&day.strftime("%d %B %Y").to_string()) {
        return cell;
    }
    // Any day of the shown month tells which way to turn.
    let shown = look.elements().find_map(|(_, element)| {
        Date::strptime("%d %B %Y", element.content_description.as_deref()?).ok()
    });
    let arrow = if shown.is_some_and(|shown| shown > day) {
        "prev"
    } else {
        "next"
    };
    look.tap_id(arrow).unwrap_or_else(back)
}

/// The next action in the dialog of a time, whose minutes are a multiple of five.
pub(super) fn choose_time(look: Look, seconds: i64) -> Action {
    let time = days::moment(seconds);
    let (hour, minute) = (time.hour(), time.minute());
    let number = |words: String| {
        look.find(|element| {
            element.content_description.as_deref() == Some(words.as_str())
                && !element.resource_entry().starts_with("material_")
        })
        .map(Action::click)
    };
    let (shown_hour, shown_minute) = (
        look.text_of("material_hour_tv"),
        look.text_of("material_minute_tv"),
    );
    if shown_hour.parse() != Ok(hour) {
        let words = match hour {
            0 => "00 hours".to_owned(),
            hour => format!("{hour} hours"),
        };
        return number(words)
            .or_else(|| look.tap_id("material_hour_tv"))
            .or_else(|| look.tap_id("material_timepicker_mode_button"))
            .unwrap_or_else(back);
    }
    if shown_minute.parse() != Ok(minute) {
        return number(format!("{minute:02} minutes"))
            .or_else(|| look.tap_id("material_minute_tv"))
            .unwrap_or_else(back);
    }
    look.tap_id("material_timepicker_ok_button")
        .unwrap_or_else(back)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_written_as_the_app_does() {
        let start = days::seconds_at(16, 23);
        assert_eq!(span(start, start + 900), "23:00 - 23:15");
        assert_eq!(span(start, start + 3_600), "23:00 - 00:00 (October 17)");
        assert_eq!(span(start, start), "23:00");
    }
}
