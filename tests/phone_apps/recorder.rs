//! Audio Recorder: the first start, recording, pausing, names, the list, the trash, formats.

use super::driver::Phone;

const RECORDER: &str = "com.dimowner.audiorecorder";
const FOLDER: &str =
    "/storage/emulated/0/Android/data/com.dimowner.audiorecorder/files/Music/records";
const DATABASE: &str = "/data/data/com.dimowner.audiorecorder/databases/records.db";

fn opened() -> Phone {
    let mut phone = Phone::new();
    phone.open(RECORDER);
    phone
}

/// Records for some seconds, up to the question for the name.
fn record(phone: &mut Phone, seconds: i64) {
    phone.tap("btn_record");
    assert!(phone.sees("Recording…"));
    phone.wait(seconds * 1_000);
    phone.tap("btn_record_stop");
}

/// Names and paths in a table.
fn rows(phone: &Phone, table: &str) -> Vec<(String, String)> {
    let connection = phone.system.database(DATABASE).unwrap();
    let query = format!("SELECT name, path FROM {table} ORDER BY _id");
    let mut statement = connection.prepare(&query).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

#[test]
fn the_first_start_asks_how_and_the_first_recording_for_the_microphone() {
    let mut phone = Phone::fresh();
    phone.open(RECORDER);
    phone.tap("Get started");
    phone.tap("Wav");
    phone.tap("Mono");
    assert!(phone.node("Wav").checked && !phone.node("M4a").checked);
    phone.tap("Apply");
    phone.tap("btn_record");
    phone.tap("Don’t allow");
    assert!(phone.names(FOLDER).is_empty());
    phone.tap("btn_record");
    phone.tap("While using the app");
    phone.wait(1_000);
    phone.tap("btn_record_stop");
    phone.tap("Save");
    assert_eq!(phone.names(FOLDER), ["Record-1.wav"]);
    let file = phone.system.files.read(&format!("{FOLDER}/Record-1.wav"));
    let file = file.unwrap();
    assert!(file.starts_with(b"RIFF") && file.len() >= 44 + 44_100 * 2);
}

#[test]
fn a_recording_gets_the_name_that_was_typed_with_an_ending_of_its_own() {
    let mut phone = opened();
    record(&mut phone, 2);
    assert_eq!(phone.node("input_name").text, "Record-1");
    assert_eq!(phone.names(FOLDER), ["Record-1.m4a"]);
    phone.replace("input_name", " a:b.m4a ");
    phone.tap("Save");
    assert_eq!(phone.names(FOLDER), ["a_b.m4a.m4a"]);
    assert_eq!(phone.node("txt_name").text, "a_b.m4a");
    let path = format!("{FOLDER}/a_b.m4a.m4a");
    assert_eq!(rows(&phone, "records"), [("a_b.m4a".to_owned(), path)]);
    // A name that is taken leaves the second as it was, and so does leaving the question.
    record(&mut phone, 1);
    phone.replace("input_name", "a_b.m4a");
    phone.tap("Save");
    assert_eq!(phone.names(FOLDER), ["Record-2.m4a", "a_b.m4a.m4a"]);
    phone.tap("txt_name");
    phone.replace("input_name", "other");
    phone.tap("Cancel");
    assert_eq!(phone.node("txt_name").text, "Record-2");
}

#[test]
fn recording_is_paused_goes_on_elsewhere_and_is_thrown_away() {
    let mut phone = opened();
    phone.tap("btn_record");
    phone.wait(3_000);
    phone.tap("btn_record");
    phone.wait(60_000);
    assert!(phone.sees("Paused"));
    assert_eq!(phone.node("txt_progress").text, "00:03");
    phone.tap("btn_record");
    phone.home();
    phone.wait(4_000);
    phone.open(RECORDER);
    assert!(phone.node("txt_progress").text.starts_with("00:0"));
    assert_eq!(phone.names(FOLDER).len(), 1);
    phone.tap("btn_record_delete");
    assert!(phone.names(FOLDER).is_empty() && rows(&phone, "records").is_empty());
    record(&mut phone, 1);
    phone.tap("check_box");
    phone.tap("Save");
    assert_eq!(phone.names(FOLDER), ["Record-2.m4a"]);
    record(&mut phone, 1);
    assert!(!phone.sees("input_name"));
    assert_eq!(phone.names(FOLDER).len(), 2);
}

#[test]
fn a_stop_by_force_ends_the_recording() {
    let mut phone = opened();
    phone.tap("btn_record");
    phone.wait(3_000);
    phone.stop(RECORDER);
    phone.wait(3_000);
    phone.open(RECORDER);
    assert!(!phone.sees("Recording…") && !phone.sees("btn_record_stop"));
    // The file was begun, and nothing is known of it.
    assert_eq!(phone.names(FOLDER), ["Record-1.m4a"]);
    assert!(rows(&phone, "records").is_empty());
    record(&mut phone, 1);
    assert_eq!(phone.node("input_name").text, "Record-2");
}

#[test]
fn the_list_renames_marks_opens_and_deletes() {
    let mut phone = opened();
    for _ in 0..2 {
        record(&mut phone, 5);
        phone.tap("Save");
    }
    phone.tap("btn_records_list");
    assert_eq!(phone.node("list_item_name").text, "Record-2");
    phone.tap("btn_sort");
    assert_eq!(phone.node("list_item_name").text, "Record-1");
    phone.tap("list_item_bookmark");
    phone.tap("list_item_more");
    phone.tap("Rename");
    phone.replace("input_name", "First");
    phone.tap("Save");
    phone.tap("btn_bookmarks");
    assert!(phone.sees("First") && !phone.sees("Record-2"));
    phone.tap("First");
    assert_eq!(phone.node("txt_name").text, "First");
    phone.tap("btn_share");
    phone.tap("Delete");
    phone.tap("No");
    phone.tap("btn_share");
    phone.tap("Delete");
    phone.tap("Yes");
    assert_eq!(phone.names(FOLDER), ["First.m4a.del", "Record-2.m4a"]);
    assert_eq!(rows(&phone, "trash")[0].0, "First");
    assert_eq!(rows(&phone, "records").len(), 1);
}

#[test]
fn settings_last_and_counted_names_spare_what_is_there() {
    let mut phone = opened();
    phone.tap("btn_settings");
    phone.tap("3gp");
    phone.tap("btn_back");
    let first = format!("{FOLDER}/Record-1.3gp");
    phone.system.files.write(&first, "mine").unwrap();
    record(&mut phone, 1);
    phone.tap("Save");
    assert_eq!(phone.read(&first).as_deref(), Some("mine"));
    assert_eq!(phone.names(FOLDER), ["1Record-1.3gp", "Record-1.3gp"]);
}
