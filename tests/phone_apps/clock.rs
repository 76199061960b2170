//! Clock: timer digits, timers, stopwatch, alarms.

use super::driver::Phone;

const CLOCK: &str = "com.google.android.deskclock";

fn open(tab: &str) -> Phone {
    let mut phone = Phone::new();
    phone.open(CLOCK);
    phone.tap(tab);
    phone
}

#[test]
fn it_starts_on_the_tab_last_used() {
    let mut phone = Phone::new();
    phone.open(CLOCK);
    assert_eq!(phone.node("action_bar_title").text, "Alarm");
    assert_eq!(
        phone.windows.focused().long(),
        "com.google.android.deskclock/com.android.deskclock.DeskClock"
    );
    phone.tap("Stopwatch");
    phone.stop(CLOCK);
    phone.open(CLOCK);
    assert_eq!(phone.node("action_bar_title").text, "Stopwatch");
    assert!(phone.node("tab_menu_stopwatch").selected);
    phone.stop(CLOCK);
    phone.system.packages.clear(CLOCK).unwrap();
    phone.open(CLOCK);
    assert_eq!(phone.node("action_bar_title").text, "Alarm");
}

#[test]
fn digits_of_a_timer_shift_in_from_the_right() {
    let mut phone = open("Timer");
    assert_eq!(phone.node("timer_setup_time").text, "00h 00m 00s");
    assert!(!phone.sees("Start"));
    assert!(!phone.node("timer_setup_delete").enabled);
    for digit in [0, 1, 2, 3, 4, 5] {
        phone.tap(&format!("timer_setup_digit_{digit}"));
    }
    assert_eq!(phone.node("timer_setup_time").text, "01h 23m 45s");
    assert_eq!(
        phone.node("timer_setup_time").description,
        "1 hour, 23 minutes, 45 seconds"
    );
    phone.tap("Delete 5");
    assert_eq!(phone.node("timer_setup_time").text, "00h 12m 34s");
    phone.tap("timer_setup_digit_00");
    assert_eq!(phone.node("timer_setup_time").text, "12h 34m 00s");
    phone.tap("timer_setup_digit_9");
    assert_eq!(phone.node("timer_setup_time").text, "12h 34m 00s");
    phone.long_press("timer_setup_delete");
    assert_eq!(phone.node("timer_setup_time").text, "00h 00m 00s");
}

#[test]
fn a_timer_runs_with_the_phones_clock_and_survives_a_stop() {
    let mut phone = open("Timer");
    for digit in [1, 3, 0] {
        phone.tap(&format!("timer_setup_digit_{digit}"));
    }
    phone.tap("Start");
    assert_eq!(phone.node("timer_time_text").text, "1:30");
    phone.wait(10_000);
    assert_eq!(phone.node("timer_time_text").text, "1:20");
    phone.stop(CLOCK);
    phone.wait(10_000);
    phone.open(CLOCK);
    assert_eq!(phone.node("timer_time_text").text, "1:10");
    phone.tap("Pause");
    phone.wait(10_000);
    assert_eq!(phone.node("timer_time_text").text, "1:10");
    phone.tap("Add 1 Minute");
    assert_eq!(phone.node("timer_time_text").text, "2:10");
    phone.tap("reset");
    assert_eq!(phone.node("timer_time_text").text, "1:30");
    phone.tap("Delete");
    assert!(phone.sees("timer_setup_time"));
}

#[test]
fn the_stopwatch_starts_pauses_laps_and_resets() {
    let mut phone = open("Stopwatch");
    let named = phone
        .nodes()
        .iter()
        .filter(|node| node.text == "Stopwatch" || node.description == "Stopwatch")
        .count();
    assert!(named >= 2);
    assert!(phone.sees("Start") && !phone.sees("Reset"));
    phone.tap("Start");
    assert!(phone.sees("Pause") && phone.sees("Lap"));
    phone.wait(5_250);
    assert_eq!(phone.node("stopwatch_time_text").text, "05");
    assert_eq!(phone.node("stopwatch_hundredths_text").text, "25");
    phone.tap("Lap");
    phone.wait(60_000);
    assert!(phone.sees("Lap 1") && phone.sees("# 2"));
    phone.home();
    phone.stop(CLOCK);
    phone.open(CLOCK);
    assert_eq!(phone.node("stopwatch_time_text").text, "1 05");
    phone.tap("Pause");
    assert!(phone.sees("Start") && phone.sees("Share"));
    phone.wait(60_000);
    assert_eq!(phone.node("stopwatch_time_text").text, "1 05");
    phone.tap("Reset");
    assert_eq!(phone.node("stopwatch_time_text").text, "00");
    assert!(!phone.sees("Reset"));
    let stored = phone
        .read("/data/data/com.google.android.deskclock/shared_prefs/com.google.android.deskclock_preferences.xml")
        .unwrap();
    assert!(!stored.contains("sw_"), "{stored}");
}

#[test]
fn alarms_are_rows_of_the_database() {
    let mut phone = open("Alarm");
    let count = |phone: &Phone, condition: &str| -> i64 {
        let database = phone
            .system
            .database("/data/data/com.google.android.deskclock/databases/alarms.db")
            .unwrap();
        database
            .query_row(
                &format!("SELECT count(*) FROM alarm_templates WHERE {condition}"),
                [],
                |row| row.get(0),
            )
            .unwrap()
    };
    assert_eq!(count(&phone, "enabled = 0"), 2);
    phone.tap("onoff");
    assert_eq!(count(&phone, "enabled = 1"), 1);
    phone.tap("Add alarm");
    phone.replace("material_hour_text_input", "6");
    phone.replace("material_minute_text_input", "77");
    assert!(!phone.node("OK").enabled);
    phone.replace("material_minute_text_input", "45");
    phone.hide_keyboard();
    phone.tap("OK");
    assert_eq!(count(&phone, "minutes = 45 AND enabled = 1"), 1);
    phone.tap("Expand alarm");
    phone.tap("Delete");
    assert_eq!(count(&phone, "1"), 2);
}

#[test]
fn the_other_pages_can_be_seen_and_left() {
    let mut phone = open("Clock");
    assert!(phone.sees("digital_clock"));
    phone.tap("Cities");
    phone.tap("Tokyo");
    phone.back();
    assert!(phone.sees("Tokyo"));
    phone.tap("Bedtime");
    phone.tap("More options");
    phone.tap("Settings");
    assert!(phone.sees("Snooze length"));
    phone.back();
    assert_eq!(phone.node("action_bar_title").text, "Bedtime");
}
