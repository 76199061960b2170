//! OpenTracks: the list and its dates, searching, fields, statistics with their filter, deleting, recording.

use super::driver::Phone;
use stepdroid::phone::apps::opentracks::database::DATABASE;
use stepdroid::phone::system::Intent;

const OPENTRACKS: &str = "de.dennisguse.opentracks";
const LIST: &str = "de.dennisguse.opentracks.TrackListActivity";
/// Sun Oct 15 2023, 08:00 UTC.
const TODAY: i64 = 1_697_356_800_000;
const DAY: i64 = 86_400_000;

/// Name, type, days ago, minutes, metres.
fn store(phone: &Phone, name: &str, kind: &str, ago: i64, minutes: i64, metres: f64) {
    let connection = phone.system.database(&DATABASE.path()).unwrap();
    let start = TODAY - ago * DAY;
    connection
        .execute(
            "INSERT INTO tracks (name, description, category, activity_type, starttime, stoptime, numpoints, \
             totaldistance, totaltime, movingtime, avgspeed, avgmovingspeed, maxspeed, minelevation, maxelevation, \
             elevationgain, elevationloss, starttime_offset, uuid) \
             VALUES (?1, '', ?2, ?2, ?3, ?4, 0, ?5, ?6, ?6, 0, 0, 0, 0, 0, 100, 0, 0, randomblob(16))",
            (name, kind, start, start + minutes * 60_000, metres, minutes * 60_000),
        )
        .unwrap();
}

fn stored(phone: &Phone) -> Vec<(String, String, String)> {
    let connection = phone.system.database(&DATABASE.path()).unwrap();
    let mut statement = connection
        .prepare("SELECT name, category, activity_type FROM tracks ORDER BY _id")
        .unwrap();
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap();
    rows.map(Result::unwrap).collect()
}

/// A phone with five tracks, shown as a list.
fn listed() -> Phone {
    let mut phone = Phone::new();
    store(&phone, "Before breakfast", "running", 0, 45, 4_007.0);
    store(&phone, "Slow legs", "running", 1, 75, 804.0);
    store(&phone, "Up the hill", "hiking", 3, 120, 9_656.0);
    store(&phone, "Long way", "cycling", 7, 60, 20_006.0);
    store(&phone, "Windy", "cycling", 14, 60, 20_006.0);
    phone.open(OPENTRACKS);
    phone
}

fn texts(phone: &mut Phone, id: &str) -> Vec<String> {
    let nodes = phone.nodes().into_iter();
    nodes
        .filter(|node| node.id.ends_with(&format!("/{id}")))
        .map(|node| node.text)
        .collect()
}

#[test]
fn the_first_start_explains_and_asks() {
    let mut phone = Phone::fresh();
    phone.open(OPENTRACKS);
    phone.tap("next_button");
    phone.tap("next_button");
    for answer in ["While using the app", "Allow", "Allow"] {
        phone.tap(answer);
    }
    assert!(phone.sees("Start recording your next adventure here"));
    let granted = phone.system.packages.granted(OPENTRACKS);
    assert!(granted.contains(&"android.permission.BLUETOOTH_SCAN".to_owned()));
    phone.stop(OPENTRACKS);
    phone.open(OPENTRACKS);
    assert_eq!(phone.windows.focused().class, LIST);
}

#[test]
fn what_is_granted_by_command_is_not_asked_any_more() {
    let mut phone = Phone::fresh();
    phone.start(&Intent::activity(OPENTRACKS, LIST));
    assert!(phone.sees("While using the app"));
    // The question is not the app's own and outlives it.
    phone.stop(OPENTRACKS);
    for permission in [
        "ACCESS_COARSE_LOCATION",
        "ACCESS_FINE_LOCATION",
        "POST_NOTIFICATIONS",
    ] {
        let packages = &mut phone.system.packages;
        assert!(packages.grant(OPENTRACKS, &format!("android.permission.{permission}")));
    }
    assert!(phone.xml().contains("nearby devices?"));
    phone.tap("Allow");
    for permission in ["BLUETOOTH_CONNECT", "BLUETOOTH_SCAN"] {
        let name = format!("android.permission.{permission}");
        assert!(phone.system.packages.is_granted(OPENTRACKS, &name));
    }
    phone.start(&Intent::activity(OPENTRACKS, LIST));
    assert_eq!(phone.windows.focused().class, LIST);
    assert!(phone.sees("Start recording your next adventure here"));
}

#[test]
fn tracks_are_listed_with_days_times_and_distances() {
    let mut phone = listed();
    let days = texts(&mut phone, "track_list_item_date");
    assert_eq!(days, ["Today", "Yesterday", "Thursday", "8 Oct", "1 Oct"]);
    let sums = texts(&mut phone, "track_list_item_time_distance");
    let expected = [
        "45:00 (2.49 mi)",
        "1:15:00 (2,637.80 ft)",
        "2:00:00 (6.00 mi)",
    ];
    assert_eq!(sums[..3], expected);
    phone.tap("Up the hill");
    assert_eq!(phone.node("stats_total_time_value").text, "2:00:00");
    assert_eq!(phone.node("stats_average_speed_label").text, "Avg pace");
    let begin = phone.node("stats_start_datetime_value").text;
    assert_eq!(begin, "Oct 12, 2023, 8:00:00 AM");
    assert!(!phone.xml().contains("hiking"));
}

#[test]
fn searching_finds_types_and_back_shows_all_again() {
    let mut phone = listed();
    phone.tap("track_list_search");
    phone.write("run");
    assert_eq!(texts(&mut phone, "track_list_item_name").len(), 5);
    phone.key(66);
    assert_eq!(
        texts(&mut phone, "track_list_item_name"),
        ["Before breakfast", "Slow legs"]
    );
    assert!(phone.sees("run"));
    phone.leave();
    assert_eq!(texts(&mut phone, "track_list_item_name").len(), 5);
    phone.tap("track_list_search");
    phone.write("chess");
    phone.key(66);
    assert!(phone.sees("Start recording your next adventure here"));
}

#[test]
fn the_fields_of_a_track_are_changed_or_left() {
    let mut phone = listed();
    for save in [false, true] {
        phone.long_press("Slow legs");
        phone.tap("More options");
        phone.tap("Edit");
        phone.replace("track_edit_name", "Fast legs");
        phone.replace("track_edit_activity_type", "wal");
        assert_eq!(phone.node("track_edit_activity_type").text, "wal");
        phone.tap("walking");
        phone.hide_keyboard();
        phone.tap(if save { "Save" } else { "Cancel" });
        assert!(!phone.sees("action_context_bar"));
    }
    let row = |name: &str, kind: &str| (name.to_owned(), kind.to_owned(), kind.to_owned());
    assert_eq!(stored(&phone)[1], row("Fast legs", "walking"));
    assert!(phone.sees("Fast legs"));
    phone.tap("Fast legs");
    phone.tap("More options");
    phone.tap("Edit");
    phone.tap("track_edit_activity_type_icon");
    phone.tap("Activity type: biking");
    phone.tap("Save");
    assert_eq!(stored(&phone)[1], row("Fast legs", "biking"));
}

#[test]
fn statistics_are_of_the_types_and_days_of_the_filter() {
    let mut phone = listed();
    phone.tap("aggregated_stats_button");
    let kinds = texts(&mut phone, "aggregated_stats_type_label");
    assert_eq!(kinds, ["cycling", "running", "hiking"]);
    assert_eq!(texts(&mut phone, "aggregated_stats_time")[1], "2:00:00");
    phone.tap("Filter");
    assert_eq!(
        phone.node("filter_date_edit_text_to").text,
        "Saturday, October 21, 2023"
    );
    phone.tap("running");
    phone.tap("filter_date_edit_text_from");
    phone.tap("08 October 2023");
    assert_eq!(
        phone.node("filter_date_edit_text_from").text,
        "Sunday, October 8, 2023"
    );
    phone.tap("OK");
    let kinds = texts(&mut phone, "aggregated_stats_type_label");
    assert_eq!(kinds, ["cycling", "hiking"]);
    assert_eq!(phone.node("aggregated_stats_num_tracks").text, "(1)");
    phone.tap("Filter");
    assert_eq!(phone.node("aggregated_stats_num_tracks").text, "(2)");
    phone.tap("Filter");
    phone.tap("Cancel");
    assert_eq!(phone.node("aggregated_stats_num_tracks").text, "(2)");
}

#[test]
fn tracks_are_deleted_after_a_question() {
    let mut phone = listed();
    phone.long_press("Windy");
    phone.tap("Long way");
    phone.tap("More options");
    assert!(!phone.sees("Edit"));
    phone.tap("Delete");
    phone.tap("Cancel");
    phone.tap("More options");
    phone.tap("Delete");
    phone.tap("OK");
    assert_eq!(stored(&phone).len(), 3);
    phone.tap("Slow legs");
    phone.tap("More options");
    phone.tap("Delete");
    phone.tap("OK");
    assert_eq!(texts(&mut phone, "track_list_item_name").len(), 2);
    // What somebody else changes shows after a restart.
    store(&phone, "Late", "rowing", 2, 5, 10.0);
    phone.stop(OPENTRACKS);
    phone.open(OPENTRACKS);
    assert!(phone.sees("Late"));
}

#[test]
fn a_track_is_recorded_named_and_resumed() {
    let mut phone = Phone::new();
    phone.open(OPENTRACKS);
    phone.tap("track_list_fab_action");
    phone.wait(90_000);
    phone.tap("track_recording_fab_action");
    assert_eq!(phone.node("stats_value").text, "01:30");
    phone.back();
    assert!(
        phone
            .node("track_list_item_time_distance")
            .text
            .starts_with("01:3")
    );
    phone.long_press("track_list_fab_action");
    phone.replace("track_edit_name", "Round the block");
    phone.hide_keyboard();
    phone.tap("finish_button");
    assert_eq!(phone.node("stats_name_value").text, "Round the block");
    phone.tap("More options");
    phone.tap("Resume track");
    phone.long_press("track_recording_fab_action");
    phone.tap("discard_button");
    phone.tap("OK");
    assert!(stored(&phone).is_empty());
}

#[test]
fn a_stop_by_force_ends_the_recording() {
    let mut phone = Phone::new();
    phone.open(OPENTRACKS);
    phone.tap("track_list_fab_action");
    phone.wait(90_000);
    phone.stop(OPENTRACKS);
    phone.wait(90_000);
    phone.open(OPENTRACKS);
    let line = phone.node("track_list_item_time_distance").text;
    assert!(line.starts_with("01:30"), "{line}");
    // The button begins another one.
    phone.tap("track_list_fab_action");
    phone.back();
    assert_eq!(stored(&phone).len(), 2);
}

#[test]
fn units_are_chosen() {
    let mut phone = listed();
    phone.tap("More options");
    phone.tap("Settings");
    phone.tap("Preferred units");
    phone.tap("Metric (km, m)");
    phone.tap("Navigate up");
    assert!(phone.sees("45:00 (4.01 km)"));
}
