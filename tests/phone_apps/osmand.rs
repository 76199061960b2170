//! OsmAnd: places are found, and become favourites, markers and tracks; all of it can be undone.

use rusqlite::Connection;

use super::driver::Phone;

const OSMAND: &str = "net.osmand";
const FILES: &str = "/sdcard/Android/data/net.osmand/files";

fn phone() -> Phone {
    let mut phone = Phone::new();
    phone.open(OSMAND);
    phone
}

fn find(phone: &mut Phone, words: &str, title: &str) {
    phone.tap("map_search_button");
    phone.write(words);
    let is = |node: &super::driver::Node| node.text == title && node.id.ends_with("/title");
    let row = phone.nodes().into_iter().find(is).unwrap();
    let (x, y) = row.centre();
    phone.windows.tap(&mut phone.system, x, y);
    assert_eq!(phone.node("context_menu_line1").text, title);
}

fn favorites(phone: &Phone) -> String {
    phone
        .read(&format!("{FILES}/favorites/favorites.gpx"))
        .unwrap_or_default()
}

fn markers(phone: &Phone) -> Vec<(f64, f64)> {
    let path = "/data/data/net.osmand/databases/map_markers_db";
    let path = phone.system.files.host_path(path).unwrap();
    let connection = Connection::open(path).unwrap();
    let mut statement = connection
        .prepare("SELECT marker_lat, marker_lon FROM map_markers")
        .unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

#[test]
fn the_first_start_offers_a_download() {
    let mut phone = Phone::fresh();
    phone.open(OSMAND);
    assert!(!phone.sees("map_search_button"));
    let tracks = "/data/media/0/Android/data/net.osmand/files/tracks";
    assert!(phone.system.files.is_dir(tracks));
    phone.tap("SKIP DOWNLOAD");
    assert!(phone.sees("map_search_button"));
    phone.stop(OSMAND);
    phone.open(OSMAND);
    assert!(phone.sees("map_search_button"));
}

#[test]
fn a_place_becomes_a_favorite_and_is_renamed_and_deleted() {
    let mut phone = phone();
    find(&mut phone, "schonberg liecht", "Schönberg");
    phone.tap("Add");
    assert_eq!(phone.node("name_edit").text, "Schönberg");
    phone.tap("CANCEL");
    assert_eq!(favorites(&phone), "");
    phone.tap("Add");
    phone.tap("SAVE");
    let text = favorites(&phone);
    assert!(
        text.contains("<wpt lat=\"47.1303814\" lon=\"9.5930117\">"),
        "{text}"
    );
    assert!(text.contains("<name>Schönberg</name>"));
    phone.tap("Edit");
    phone.replace("name_edit", "Peak & more");
    phone.hide_keyboard();
    phone.tap("SAVE");
    assert!(favorites(&phone).contains("<name>Peak &amp; more</name>"));
    phone.tap("CLOSE");
    phone.tap("map_menu_button");
    phone.tap("My Places");
    assert!(phone.sees("Peak & more"));
    phone.tap("delete_button");
    phone.tap("DELETE");
    assert!(phone.sees("No favorites") && !favorites(&phone).contains("<wpt"));
}

#[test]
fn coordinates_get_a_marker_which_can_be_taken_away() {
    let mut phone = phone();
    find(&mut phone, "47.1303814, 9.5930117", "47.13038, 9.59301");
    phone.tap("Marker");
    assert_eq!(markers(&phone), [(47.130_381_4, 9.593_011_7)]);
    phone.tap("Delete marker");
    assert!(markers(&phone).is_empty());
    phone.tap("Marker");
    phone.tap("CLOSE");
    phone.tap("map_menu_button");
    phone.tap("Map markers");
    phone.tap("delete_button");
    assert!(phone.sees("No active markers") && markers(&phone).is_empty());
}

#[test]
fn directions_through_places_are_saved_as_a_track() {
    let mut phone = phone();
    find(&mut phone, "Schaan", "Schaan");
    phone.tap("Actions");
    phone.tap("Directions from");
    assert!(phone.sees("Set destination") && !phone.node("details_button").enabled);
    phone.back();
    find(&mut phone, "Triesen", "Triesen");
    phone.tap("DIRECTIONS");
    phone.back();
    find(&mut phone, "Balzers", "Balzers");
    phone.tap("DIRECTIONS");
    phone.tap("Add as subsequent destination");
    assert_eq!(phone.node("ViaSubView").text, "Triesen");
    phone.tap("DETAILS");
    phone.tap("Save as new track");
    phone.replace("name_edit_text", "a/b");
    phone.hide_keyboard();
    phone.tap("SAVE");
    assert!(phone.sees("Please choose another name."));
    phone.replace("name_edit_text", "South");
    phone.hide_keyboard();
    phone.tap("SAVE");
    let text = phone.read(&format!("{FILES}/tracks/South.gpx")).unwrap();
    let place = |point: &str| text.find(point).unwrap();
    assert!(place("lat=\"47.1663432\"") < place("lat=\"47.1069970\""));
    assert!(place("lat=\"47.1069970\"") < place("lat=\"47.0688832\""));
    phone.tap("map_menu_button");
    phone.tap("My Places");
    phone.tap("TRACKS");
    phone.tap("delete_button");
    phone.tap("DELETE");
    assert!(phone.sees("No tracks"));
}

#[test]
fn a_track_is_planned_on_the_map() {
    let mut phone = phone();
    phone.tap("map_menu_button");
    phone.tap("Plan a route");
    phone.tap("Create new route");
    phone.tap("SAVE");
    assert!(!phone.sees("name_edit_text"));
    phone.tap("Add");
    phone.swipe("map_view", -300, 0);
    phone.tap("Add");
    assert!(phone.sees("points: 2"));
    phone.tap("Undo");
    assert!(phone.sees("points: 1"));
    phone.tap("Redo");
    phone.windows.tap(&mut phone.system, 300, 700);
    assert!(phone.sees("points: 3"));
    phone.tap("SAVE");
    phone.tap("right_bottom_button");
    assert_eq!(
        phone.names(&format!("{FILES}/tracks")),
        ["2023-10-15_15-34_Sun.gpx"]
    );
}

#[test]
fn the_map_is_moved_and_its_points_are_touched() {
    let mut phone = phone();
    let (x, y) = (500, 900);
    phone.windows.long_press(&mut phone.system, x, y);
    let first = phone.node("context_menu_line1").text;
    phone.tap("CLOSE");
    phone.swipe("map_view", 0, -500);
    phone.tap("Zoom in");
    phone.windows.long_press(&mut phone.system, x, y);
    let second = phone.node("context_menu_line1").text;
    assert_ne!(first, second);
    phone.back();
    assert!(!phone.sees("context_menu_line1"));
}
