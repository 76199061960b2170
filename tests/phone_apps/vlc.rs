//! VLC: what is chosen on its screens becomes rows of the media library's tables, and its player plays.

use super::driver::Phone;
use stepdroid::phone::apps::vlc::database;
use stepdroid::phone::providers::documents;
use stepdroid::phone::system::Intent;

const VLC: &str = "org.videolan.vlc";
const FOLDER: &str = "/storage/emulated/0/VLCVideos";

fn phone_with(names: &[&str]) -> Phone {
    let mut phone = Phone::new();
    phone.system.files.make_dirs(FOLDER).unwrap();
    for name in names {
        let path = format!("{FOLDER}/{name}");
        phone.system.files.write(&path, b"no pictures").unwrap();
    }
    phone.open(VLC);
    phone
}

/// Playlist, file name and position of every entry.
fn entries(phone: &Phone) -> Vec<(String, String, i64)> {
    let connection = phone.system.database(&database::DATABASE.path()).unwrap();
    let mut statement = connection
        .prepare(
            "SELECT name, filename, position FROM PlaylistMediaRelation JOIN Playlist ON \
             id_playlist = playlist_id JOIN Media ON id_media = media_id ORDER BY name, position",
        )
        .unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    rows.unwrap().map(|row| row.unwrap()).collect()
}

fn names(phone: &Phone) -> Vec<String> {
    entries(phone).into_iter().map(|entry| entry.1).collect()
}

#[test]
fn the_first_start_leads_to_the_videos() {
    let mut phone = Phone::fresh();
    phone.system.files.make_dirs(FOLDER).unwrap();
    let path = format!("{FOLDER}/walk.mp4");
    phone.system.files.write(&path, b"x").unwrap();
    phone.open(VLC);
    assert!(phone.sees("Welcome to VLC!"));
    phone.tap("Next");
    phone.back();
    phone.tap("Skip");
    assert!(phone.sees("Permission not granted"));
    phone.tap("GRANT PERMISSION");
    phone.tap("Cancel");
    phone.tap("GRANT PERMISSION");
    phone.tap("OK");
    phone.tap("Allow access to manage all files");
    phone.back();
    assert!(phone.sees("walk"), "{}", phone.screen());
    phone.stop(VLC);
    phone.open(VLC);
    assert!(phone.sees("walk"));
}

#[test]
fn a_playlist_is_made_in_the_order_of_the_taps_and_changed() {
    let mut phone = phone_with(&["a_1.mp4", "b_2.mp4", "c_3.mp4"]);
    phone.tap("Browse");
    phone.tap("Folder: Internal memory");
    phone.swipe("network_list", 0, -1_200);
    phone.tap("Folder: VLCVideos");
    phone.long_press("File: c_3.mp4");
    phone.tap("File: a_1.mp4");
    phone.tap("File: b_2.mp4");
    phone.tap("File: b_2.mp4");
    assert!(phone.sees("2 selected"));
    phone.tap("Add to playlist");
    assert!(phone.windows.keyboard_shown() && phone.sees("No playlist found."));
    phone.write("Seaside Diary");
    phone.tap("dialog_playlist_save");
    let one = |file: &str, place| ("Seaside Diary".to_owned(), file.to_owned(), place);
    assert_eq!(entries(&phone), [one("c_3.mp4", 0), one("a_1.mp4", 1)]);
    // The same name is taken; the playlist itself takes more, and asks before it takes something twice.
    phone.long_press("File: b_2.mp4");
    phone.tap("File: c_3.mp4");
    phone.tap("Add to playlist");
    phone.write("seaside diary");
    phone.tap("dialog_playlist_save");
    assert!(phone.sees("textinput_error"), "{}", phone.screen());
    phone.hide_keyboard();
    phone.tap("Seaside Diary");
    phone.tap("Add new");
    assert_eq!(names(&phone), ["c_3.mp4", "a_1.mp4", "b_2.mp4"]);
    phone.tap("Playlists");
    phone.tap("Playlist: Seaside Diary, 3 tracks");
    phone.long_press("c_3");
    phone.tap("Move down");
    assert_eq!(names(&phone), ["a_1.mp4", "c_3.mp4", "b_2.mp4"]);
    phone.long_press("a_1");
    phone.tap("Remove");
    assert_eq!(names(&phone), ["c_3.mp4", "b_2.mp4"]);
    assert_eq!(entries(&phone)[1].2, 1);
    phone.back();
    phone.tap("More Actions");
    phone.tap("Rename");
    phone.replace("new_name", "Sea");
    phone.tap("OK");
    assert_eq!(entries(&phone)[0].0, "Sea");
    phone.tap("More Actions");
    phone.tap("Delete");
    phone.tap("OK");
    assert!(entries(&phone).is_empty());
}

#[test]
fn videos_that_are_called_alike_are_one_card() {
    let mut phone = phone_with(&["lecture_1.mp4", "lecture_2.mp4", "skate.mp4"]);
    assert!(
        phone.sees("Video group: lecture_, 2 videos"),
        "{}",
        phone.screen()
    );
    phone.tap("Video group: lecture_, 2 videos");
    assert!(phone.sees("lecture_2") && !phone.sees("skate"));
    phone.back();
    phone.tap("More options");
    phone.tap("Do not group videos");
    assert!(phone.sees("lecture_2") && phone.sees("skate"));
    // An edited database shows after a restart, and rows that are gone come back with their files.
    phone.stop(VLC);
    let connection = phone.system.database(&database::DATABASE.path()).unwrap();
    connection
        .execute_batch("DELETE FROM Media; INSERT INTO Playlist(name) VALUES ('Edited')")
        .unwrap();
    drop(connection);
    phone.open(VLC);
    assert!(phone.sees("skate"));
    phone.tap("Playlists");
    assert!(phone.sees("Playlist: Edited, 0 tracks"));
}

#[test]
fn documents_of_other_apps_are_played() {
    let path = format!("{FOLDER}/walk & talk 1.mp4");
    let mut phone = phone_with(&["walk & talk 1.mp4"]);
    for data in [documents::uri_of(&path), format!("file://{path}")] {
        phone.stop(VLC);
        let mut view = Intent::action(Intent::VIEW).data(data).mime("video/mp4");
        view.package = Some(VLC.to_owned());
        phone.start(&view);
        if phone.sees("player_overlay_tips") {
            phone.tap("Got it, dismiss");
        }
        assert_eq!(phone.node("player_overlay_title").text, "walk & talk 1.mp4");
    }
}
