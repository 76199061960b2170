//! Files: roots and folders, selection, deleting, renaming, moving and copying, search, and the picker.

use super::driver::Phone;
use stepdroid::phone::providers::documents::{path_of, uri_of};
use stepdroid::phone::system::Intent;

const FILES: &str = "com.google.android.documentsui";
const VOLUME: &str = "/storage/emulated/0";

fn put(phone: &Phone, path: &str) {
    let path = format!("{VOLUME}/{path}");
    let folder = path.rsplit_once('/').unwrap().0;
    phone.system.files.make_dirs(folder).unwrap();
    phone.system.files.write(&path, &path).unwrap();
}

/// Opens the app in a folder of the volume.
fn enter(phone: &mut Phone, folder: &str) {
    phone.open(FILES);
    phone.tap("Show roots");
    phone.tap("sdk_gphone_x86_64");
    phone.tap(folder);
}

fn names(phone: &Phone, folder: &str) -> Vec<String> {
    let mut names = phone.names(&format!("{VOLUME}/{folder}"));
    names.sort();
    names
}

#[test]
fn a_file_is_deleted_after_a_question() {
    let mut phone = Phone::new();
    for name in ["Podcasts/a.mp3", "Podcasts/b.mp3", "Podcasts/.c"] {
        put(&phone, name);
    }
    enter(&mut phone, "Podcasts");
    assert_eq!(phone.node("header_title").text, "Files in Podcasts");
    assert!(!phone.sees(".c"));
    phone.long_press("a.mp3");
    assert!(phone.sees("1 selected") && phone.node("item_root").selected);
    phone.tap("b.mp3");
    assert!(phone.sees("2 selected"));
    phone.tap("Delete");
    assert_eq!(phone.node("android:id/message").text, "Delete 2 files?");
    phone.tap("Cancel");
    phone.tap("b.mp3");
    phone.tap("Delete");
    assert_eq!(phone.node("android:id/message").text, "Delete \"a.mp3\"?");
    phone.tap("OK");
    assert!(!phone.sees("a.mp3") && !phone.sees("1 selected"));
    assert_eq!(names(&phone, "Podcasts"), [".c", "b.mp3"]);
    // A file that is gone meanwhile is gone from the list too.
    phone
        .system
        .files
        .remove_file(&format!("{VOLUME}/Podcasts/b.mp3"))
        .unwrap();
    assert!(phone.sees("No items"));
}

#[test]
fn a_file_is_moved_to_a_folder_and_copied_back() {
    let mut phone = Phone::new();
    for name in ["Music/song.mp3", "Music/other.mp3", "Ringtones/song.mp3"] {
        put(&phone, name);
    }
    enter(&mut phone, "Music");
    phone.long_press("song.mp3");
    phone.tap("More options");
    phone.tap("Move to…");
    // The picker opens in the same folder, where files cannot be touched.
    assert!(!phone.node("item_root").enabled);
    phone.back();
    assert!(phone.sees("Files on sdk_gphone_x86_64"));
    phone.tap("CANCEL");
    assert!(phone.sees("1 selected"));
    phone.tap("More options");
    phone.tap("Move to…");
    phone.tap("Show roots");
    phone.tap("Recent");
    assert!(!phone.node("MOVE").enabled);
    phone.tap("Show roots");
    phone.tap("sdk_gphone_x86_64");
    phone.tap("Ringtones");
    phone.tap("MOVE");
    assert_eq!(phone.node("snackbar_text").text, "Moving 1 item.");
    assert_eq!(names(&phone, "Music"), ["other.mp3"]);
    assert_eq!(names(&phone, "Ringtones"), ["song (1).mp3", "song.mp3"]);
    phone.tap("breadcrumb_text");
    phone.tap("Ringtones");
    phone.long_press("song (1).mp3");
    phone.tap("More options");
    phone.tap("Copy to…");
    phone.tap("More options");
    phone.tap("New folder");
    phone.write("new");
    phone.tap("OK");
    phone.tap("COPY");
    assert_eq!(names(&phone, "Ringtones/new"), ["song (1).mp3"]);
    assert_eq!(names(&phone, "Ringtones").len(), 3);
}

#[test]
fn names_are_changed_but_not_to_those_of_others() {
    let mut phone = Phone::new();
    put(&phone, "Recordings/a.pdf");
    put(&phone, "Recordings/b.pdf");
    enter(&mut phone, "Recordings");
    phone.long_press("a.pdf");
    phone.tap("More options");
    phone.tap("Rename");
    phone.write("B.pdf");
    phone.tap("OK");
    assert!(phone.sees("textinput_error"));
    phone.replace("android:id/text1", "c.pdf");
    phone.tap("OK");
    assert_eq!(names(&phone, "Recordings"), ["b.pdf", "c.pdf"]);
    assert!(phone.sees("c.pdf") && !phone.sees("1 selected"));
}

#[test]
fn order_view_and_place_are_remembered() {
    let mut phone = Phone::new();
    put(&phone, "Download/b.zip");
    phone.wait(60_000);
    put(&phone, "Download/a.zip");
    phone.open(FILES);
    assert_eq!(phone.node("header_title").text, "Recent files");
    assert_eq!(phone.node("android:id/title").text, "a.zip");
    phone.tap("Show roots");
    phone.tap("Downloads");
    phone.tap("More options");
    phone.tap("Sort by...");
    phone.tap("File name (Z to A)");
    assert_eq!(phone.node("android:id/title").text, "b.zip");
    phone.tap("List view");
    let about = phone.node("metadata").text;
    assert!(about.ends_with(", 34 B, ZIP archive"), "{about}");
    phone.stop(FILES);
    phone.open(FILES);
    assert!(phone.sees("Grid view") && phone.sees("Files in Downloads"));
    assert_eq!(phone.node("android:id/title").text, "b.zip");
    phone.back();
    assert!(!phone.sees("dir_list"));
}

#[test]
fn what_lies_deep_is_found_by_name_and_kind() {
    let mut phone = Phone::new();
    put(&phone, "Music/albums/river.mp3");
    put(&phone, "DCIM/river.jpg");
    phone.open(FILES);
    phone.tap("Show roots");
    phone.tap("sdk_gphone_x86_64");
    phone.tap("searchbar_title");
    phone.write("RIVER");
    assert!(phone.sees("river.mp3") && phone.sees("river.jpg"));
    phone.tap("Images");
    assert!(!phone.sees("river.mp3") && phone.sees("river.jpg"));
    phone.leave();
    assert!(phone.sees("DCIM"));
    phone.tap("Show roots");
    phone.tap("Audio");
    phone.long_press("river.mp3");
    phone.tap("More options");
    // A collection has no place to move from.
    assert!(!phone.sees("Move to…") && phone.sees("Copy to…"));
}

#[test]
fn other_apps_ask_for_a_place() {
    let mut phone = Phone::new();
    put(&phone, "Download/list.txt");
    let mut asked = Intent::action("android.intent.action.CREATE_DOCUMENT")
        .mime("text/plain")
        .text("android.intent.extra.TITLE", "list.txt");
    asked.categories = vec!["android.intent.category.OPENABLE".to_owned()];
    phone.start(&asked);
    phone.replace("android:id/title", "list.txt");
    phone.hide_keyboard();
    phone.tap("SAVE");
    assert_eq!(names(&phone, "Download"), ["list (1).txt", "list.txt"]);
    let path = format!("{VOLUME}/Download/list (1).txt");
    assert_eq!(path_of(&uri_of(&path)), Some(path));
}
