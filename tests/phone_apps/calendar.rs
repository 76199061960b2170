//! Simple Calendar: what is entered, changed and deleted ends in `events.db`.

use super::driver::Phone;
use stepdroid::phone::apps::calendar::database::{self, Event};

const CALENDAR: &str = "com.simplemobiletools.calendar.pro";
/// Sun Oct 15 00:00:00 UTC 2023.
const TODAY: i64 = 1_697_328_000;
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

fn event(title: &str, start: i64, minutes: i64) -> Event {
    Event {
        id: 0,
        start,
        end: start + minutes * 60,
        title: title.to_owned(),
        location: String::new(),
        description: String::new(),
        reminders: [-1; 3],
        repeat_interval: 0,
        repeat_rule: 0,
        repeat_limit: 0,
        exceptions: Vec::new(),
        flags: 0,
        kind: 0,
    }
}

fn phone_with(events: &[Event]) -> Phone {
    let mut phone = Phone::new();
    for event in events {
        database::save(&phone.system, event).unwrap();
    }
    phone.open(CALENDAR);
    phone
}

fn titles(phone: &Phone) -> Vec<String> {
    let events = database::list(&phone.system).unwrap();
    events.into_iter().map(|event| event.title).collect()
}

/// Touches the cell of a day of October 2023, which begins with a Sunday.
fn tap_day(phone: &mut Phone, day: usize) {
    let cells: Vec<_> = phone
        .nodes()
        .into_iter()
        .filter(|node| node.id.ends_with("/month_view_background"))
        .collect();
    assert_eq!(cells.len(), 42);
    let (x, y) = cells[day - 1].centre();
    phone.windows.tap(&mut phone.system, x, y);
}

#[test]
fn a_month_shows_no_text_but_its_name() {
    let mut phone = phone_with(&[event("Walk", TODAY + 10 * HOUR, 30)]);
    assert_eq!(phone.node("top_value").text, "October");
    assert!(!phone.sees("Walk") && !phone.sees("go_to_today"));
    phone.tap("top_right_arrow");
    phone.tap("top_right_arrow");
    phone.tap("top_right_arrow");
    assert_eq!(phone.node("top_value").text, "January 2024");
    phone.tap("Go to today");
    phone.swipe("month_view", -600, 0);
    assert_eq!(phone.node("top_value").text, "November");
    phone.swipe("month_view", 600, 0);
    tap_day(&mut phone, 15);
    assert_eq!(phone.node("top_value").text, "October 15 (Sun)");
    assert_eq!(phone.node("event_item_time").text, "10:00 - 10:30");
    phone.tap("top_right_arrow");
    assert!(phone.sees("October 16 (Mon)") && !phone.sees("Walk"));
    phone.back();
    assert_eq!(phone.node("top_value").text, "October");
    phone.back();
    assert!(!phone.sees("top_value"));
}

#[test]
fn an_event_is_added_with_all_its_fields() {
    let mut phone = phone_with(&[]);
    tap_day(&mut phone, 17);
    phone.tap("calendar_fab");
    assert!(phone.sees("fab_task_label"));
    phone.tap("Event");
    assert!(phone.windows.keyboard_shown());
    assert_eq!(phone.node("event_start_date").text, "October 17 (Tue)");
    phone.write("Tea with Mei");
    phone.fill("event_location", "Garden");
    phone.fill("event_description", "Bring cups");
    phone.hide_keyboard();
    assert_eq!(phone.node("event_start_time").text, "16:00");
    phone.tap("event_start_time");
    phone.tap("21 hours");
    phone.tap("15 minutes");
    phone.tap("OK");
    assert_eq!(phone.node("event_end_time").text, "21:15");
    phone.tap("event_end_time");
    phone.tap("material_minute_tv");
    phone.tap("50 minutes");
    phone.tap("OK");
    phone.tap("event_start_date");
    phone.tap("18 October 2023");
    phone.tap("OK");
    assert_eq!(phone.node("event_end_date").text, "October 18 (Wed)");
    phone.tap("event_repetition");
    phone.tap("Weekly");
    assert_eq!(phone.node("event_repetition_rule").text, "Wed");
    assert_eq!(phone.node("event_repetition_limit").text, "Forever");
    phone.tap("Save");
    assert!(phone.sees("Disclaimer"));
    phone.back();
    assert!(phone.sees("Disclaimer"));
    phone.tap("OK");
    let events = database::list(&phone.system).unwrap();
    assert_eq!(events.len(), 1);
    let stored = &events[0];
    let start = TODAY + 3 * DAY + 21 * HOUR + 15 * 60;
    assert_eq!((stored.start, stored.end), (start, start + 35 * 60));
    assert_eq!(
        (
            stored.title.as_str(),
            stored.location.as_str(),
            stored.description.as_str()
        ),
        ("Tea with Mei", "Garden", "Bring cups")
    );
    assert_eq!((stored.repeat_interval, stored.repeat_rule), (604_800, 4));
    assert_eq!(stored.reminders, [10, -1, -1]);
    assert!(phone.sees("October 17 (Tue)"));
}

#[test]
fn a_title_is_needed_and_changes_are_not_lost_unasked() {
    let mut phone = phone_with(&[event("Walk", TODAY + 10 * HOUR, 30)]);
    phone.tap("calendar_fab");
    phone.tap("calendar_fab");
    phone.hide_keyboard();
    phone.tap("event_reminder_1");
    phone.tap("No reminder");
    phone.tap("Save");
    assert!(phone.sees("event_title"));
    phone.fill("event_title", "Read");
    phone.tap("event_end_time");
    phone.tap("15 hours");
    phone.tap("OK");
    phone.tap("Save");
    assert!(phone.sees("event_title"));
    assert_eq!(titles(&phone), ["Walk"]);
    phone.leave();
    phone.tap("Discard");
    assert_eq!(titles(&phone), ["Walk"]);
    tap_day(&mut phone, 15);
    phone.tap("Walk");
    assert!(phone.sees("Edit Event"));
    phone.replace("event_title", "Long walk");
    phone.leave();
    phone.tap("Save");
    assert_eq!(titles(&phone), ["Long walk"]);
    assert!(phone.sees("Long walk"));
}

#[test]
fn events_are_deleted_from_the_form_and_by_choosing() {
    let events: Vec<Event> = ["One", "Two", "Three", "Four"]
        .into_iter()
        .zip(8..)
        .map(|(title, hour)| event(title, TODAY + hour * HOUR, 45))
        .collect();
    let mut phone = phone_with(&events);
    tap_day(&mut phone, 15);
    phone.tap("One");
    phone.tap("Delete");
    phone.tap("No");
    phone.tap("Delete");
    phone.tap("Yes");
    assert_eq!(titles(&phone), ["Two", "Three", "Four"]);
    phone.long_press("Two");
    assert_eq!(phone.node("actionbar_title").text, "1 / 3");
    phone.tap("Four");
    assert_eq!(phone.node("actionbar_title").text, "2 / 3");
    phone.tap("cab_delete");
    phone.tap("Yes");
    assert_eq!(titles(&phone), ["Three"]);
    phone.long_press("Three");
    phone.back();
    assert!(phone.sees("Three") && !phone.sees("cab_delete"));
}

#[test]
fn one_occurrence_of_a_repeating_event_is_deleted() {
    let mut daily = event("Stretch", TODAY + 7 * HOUR, 15);
    daily.repeat_interval = DAY;
    let mut phone = phone_with(&[daily]);
    tap_day(&mut phone, 17);
    phone.tap("Stretch");
    phone.tap("Delete");
    assert!(phone.sees("delete_event_all"));
    phone.tap("Yes");
    let stored = &database::list(&phone.system).unwrap()[0];
    assert_eq!(stored.exceptions, ["20231017"]);
    assert!(!phone.sees("Stretch"));
    phone.tap("top_right_arrow");
    phone.tap("Stretch");
    phone.tap("Delete");
    phone.tap("delete_event_future");
    phone.tap("Yes");
    assert!(!phone.sees("Stretch"));
    phone.tap("top_left_arrow");
    phone.tap("top_left_arrow");
    assert!(phone.sees("October 16 (Mon)") && phone.sees("Stretch"));
    phone.tap("Stretch");
    phone.tap("Delete");
    phone.tap("delete_event_all");
    phone.tap("Yes");
    assert!(titles(&phone).is_empty());
}

#[test]
fn the_other_views_and_the_search_find_events() {
    let mut far = event("Dinner", TODAY + 40 * DAY + 19 * HOUR, 120);
    far.location = "Harbour".to_owned();
    let mut phone = phone_with(&[event("Walk", TODAY + DAY + 10 * HOUR, 30), far]);
    phone.tap("Change view");
    phone.tap("Simple event list");
    assert!(phone.sees("OCTOBER") && phone.sees("16 Monday") && phone.sees("NOVEMBER"));
    phone.stop(CALENDAR);
    phone.open(CALENDAR);
    phone.tap("Dinner");
    assert_eq!(phone.node("event_location").text, "Harbour");
    phone.back();
    for view in [
        "Weekly view",
        "Yearly view",
        "Monthly and daily view",
        "Daily view",
    ] {
        phone.tap("Change view");
        phone.tap(view);
        assert!(phone.sees("top_value"), "{view}");
    }
    phone.tap("More options");
    phone.tap("Go to date");
    phone.tap("16 October 2023");
    phone.tap("OK");
    assert!(phone.sees("Walk"));
    phone.fill("top_toolbar_search", "har");
    assert!(phone.sees("Dinner") && !phone.sees("Walk"));
    phone.write("x");
    assert!(phone.sees("No items found."));
    phone.leave();
    assert!(phone.sees("Walk"));
}
