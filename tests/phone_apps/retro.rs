//! Retro Music: songs found in files, playlists and the queue in their databases, playlists saved as files.

use rusqlite::Connection;
use stepdroid::phone::providers::songs::songs;

use super::driver::Phone;

const RETRO: &str = "code.name.monkey.retromusic";
const MUSIC: &str = "/storage/emulated/0/Music";

/// A frame of MPEG 2, layer III, 8 kbit/s, 16 kHz, one channel: 36 ms of silence.
fn silence(seconds: usize) -> Vec<u8> {
    let mut frame = vec![0; 36];
    frame[..4].copy_from_slice(&[0xff, 0xf3, 0x18, 0xc0]);
    frame.repeat(seconds * 1_000 / 36)
}

fn add_song(phone: &Phone, title: &str, artist: &str, seconds: usize) {
    let mut file = Vec::new();
    for (name, text) in [(b"TIT2", title), (b"TPE1", artist)] {
        file.extend(name);
        file.extend([0, 0, 0, text.len() as u8 + 1, 0, 0, 3]);
        file.extend(text.as_bytes());
    }
    let size = file.len() as u8;
    let mut bytes = vec![b'I', b'D', b'3', 4, 0, 0, 0, 0, 0, size];
    bytes.extend(file);
    bytes.extend(silence(seconds));
    let path = format!("{MUSIC}/{title}.mp3");
    phone.system.files.write(&path, bytes).unwrap();
}

/// A phone with songs, on the tab of songs.
fn phone() -> Phone {
    let mut phone = Phone::new();
    for (title, artist, seconds) in [
        ("Amber", "Ana", 180),
        ("Breeze", "Ben", 243),
        ("Candle", "Chen", 198),
        ("Dune", "Ana", 297),
        ("Too short", "Ana", 12),
    ] {
        add_song(&phone, title, artist, seconds);
    }
    phone.open(RETRO);
    phone.tap("Songs");
    phone
}

fn database(phone: &Phone, name: &str) -> Connection {
    let path = format!("/data/data/{RETRO}/databases/{name}");
    Connection::open(phone.system.files.host_path(&path).unwrap()).unwrap()
}

fn texts(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

fn listed(phone: &Phone) -> Vec<String> {
    texts(
        &database(phone, "playlist.db"),
        "SELECT playlist_name || ': ' || title FROM SongEntity \
         JOIN PlaylistEntity ON playlist_id = playlist_creator_id ORDER BY song_key",
    )
}

fn queued(phone: &Phone) -> Vec<String> {
    texts(
        &database(phone, "music_playback_state.db"),
        "SELECT title FROM playing_queue",
    )
}

/// Taps the menu beside a title.
fn open_menu(phone: &mut Phone, title: &str) {
    let nodes = phone.nodes();
    let place = nodes.iter().position(|node| node.text == title).unwrap();
    let menu = nodes[place..]
        .iter()
        .find(|node| node.id.ends_with("/menu"))
        .unwrap();
    let (x, y) = menu.centre();
    phone.windows.tap(&mut phone.system, x, y);
}

fn choose(phone: &mut Phone, titles: &[&str]) {
    phone.long_press(titles[0]);
    for title in &titles[1..] {
        phone.tap(title);
    }
}

fn make_playlist(phone: &mut Phone, name: &str, titles: &[&str]) {
    choose(phone, titles);
    phone.tap("More options");
    phone.tap("Add to playlist");
    phone.tap("New playlist");
    assert!(phone.windows.keyboard_shown());
    phone.write(name);
    phone.tap("Create");
}

#[test]
fn permissions_are_asked_for_at_the_first_start() {
    let mut phone = Phone::fresh();
    phone.open(RETRO);
    assert!(phone.sees("Storage Access") && !phone.sees("Songs"));
    phone.tap("Grant access");
    phone.tap("Allow");
    phone.tap("Allow");
    phone.tap("finish");
    assert!(phone.sees("For you"));
    phone.tap("Songs");
    assert!(phone.sees("You have no songs"));
}

#[test]
fn songs_are_found_with_their_tags_and_lengths() {
    let mut phone = phone();
    let known = songs(&phone.system.files);
    let amber = known.iter().find(|song| song.title == "Amber").unwrap();
    assert_eq!((&*amber.artist, amber.duration_millis), ("Ana", 180_000));
    assert_eq!(known.len(), 5);
    assert!(phone.sees("Dune") && !phone.sees("Too short"));
    open_menu(&mut phone, "Breeze");
    phone.tap("Details");
    assert!(phone.sees("Length: 04:03") && phone.sees("Artist: Ben"));
    phone.tap("OK");
    phone.tap("More options");
    phone.tap("Sort order");
    phone.tap("Descending");
    let titles: Vec<String> = phone
        .nodes()
        .into_iter()
        .filter(|node| node.id.ends_with("/title"))
        .map(|node| node.text)
        .collect();
    assert_eq!(titles, ["Dune", "Candle", "Breeze", "Amber"]);
    phone.tap("Artists");
    phone.tap("Ana");
    assert!(phone.sees("2 Songs  •  07:57") && phone.sees("Dune"));
    phone.back();
    phone.back();
    assert!(phone.node("action_home").selected);
}

#[test]
fn a_playlist_is_made_in_the_order_of_the_choice_and_put_right() {
    let mut phone = phone();
    make_playlist(&mut phone, "Evening 7", &["Candle", "Amber"]);
    assert_eq!(listed(&phone), ["Evening 7: Candle", "Evening 7: Amber"]);
    // A song that is there already goes to the end.
    open_menu(&mut phone, "Candle");
    phone.tap("Add to playlist");
    phone.tap("Evening 7");
    assert_eq!(listed(&phone), ["Evening 7: Amber", "Evening 7: Candle"]);
    phone.tap("Playlists");
    assert!(phone.sees("2 Songs  •  06:18"));
    phone.tap("Evening 7");
    phone.swipe("drag_view", 0, 90);
    assert_eq!(listed(&phone), ["Evening 7: Candle", "Evening 7: Amber"]);
    open_menu(&mut phone, "Amber");
    phone.tap("Remove from playlist");
    phone.tap("Cancel");
    assert_eq!(listed(&phone).len(), 2);
    open_menu(&mut phone, "Amber");
    phone.tap("Remove from playlist");
    phone.tap("Remove");
    assert_eq!(listed(&phone), ["Evening 7: Candle"]);
    phone.tap("More options");
    phone.tap("Rename");
    phone.write(" b");
    phone.tap("android:id/button1");
    assert_eq!(listed(&phone), ["Evening 7 b: Candle"]);
    phone.back();
    open_menu(&mut phone, "Evening 7 b");
    phone.tap("Delete");
    phone.tap("android:id/button1");
    assert!(phone.sees("You have no playlists") && listed(&phone).is_empty());
}

#[test]
fn an_empty_name_makes_no_playlist_and_a_known_one_is_used_again() {
    let mut phone = phone();
    make_playlist(&mut phone, "", &["Dune"]);
    assert!(listed(&phone).is_empty() && phone.sees("shuffle_button"));
    make_playlist(&mut phone, "One", &["Dune"]);
    make_playlist(&mut phone, "One", &["Amber", "Breeze"]);
    assert_eq!(listed(&phone), ["One: Dune", "One: Amber", "One: Breeze"]);
    // What somebody else writes is shown after a restart.
    phone.stop(RETRO);
    database(&phone, "playlist.db")
        .execute_batch("UPDATE PlaylistEntity SET playlist_name = 'Two'")
        .unwrap();
    phone.open(RETRO);
    phone.tap("Playlists");
    assert!(phone.sees("Two") && phone.sees("3 Songs  •  12:00"));
}

#[test]
fn the_queue_is_filled_changed_and_kept() {
    let mut phone = phone();
    choose(&mut phone, &["Dune", "Breeze"]);
    assert!(phone.sees("2 selected"));
    phone.tap("Breeze");
    phone.tap("Candle");
    phone.tap("Add to playing queue");
    assert_eq!(queued(&phone), ["Dune", "Candle"]);
    assert!(phone.sees("Dune  •  Ana") && !phone.sees("2 selected"));
    open_menu(&mut phone, "Amber");
    phone.tap("Play next");
    assert_eq!(queued(&phone), ["Dune", "Amber", "Candle"]);
    phone.tap("miniPlayerFragment");
    assert_eq!(phone.node("songTotalTime").text, "04:57");
    phone.tap("Now playing queue");
    assert!(phone.sees("Up next  •  06:18"));
    phone.swipe("drag_view", 0, 90);
    assert_eq!(queued(&phone), ["Amber", "Dune", "Candle"]);
    open_menu(&mut phone, "Amber");
    phone.tap("Remove from playing queue");
    phone.stop(RETRO);
    phone.open(RETRO);
    assert_eq!(queued(&phone), ["Dune", "Candle"]);
    phone.tap("miniPlayerFragment");
    phone.tap("Now playing queue");
    phone.tap("Clear queue");
    assert!(queued(&phone).is_empty() && !phone.sees("miniPlayerFragment"));
}

#[test]
fn a_tap_plays_the_whole_list_and_time_goes_on() {
    let mut phone = phone();
    phone.tap("Breeze");
    assert_eq!(queued(&phone), ["Amber", "Breeze", "Candle", "Dune"]);
    phone.wait(244_000);
    assert!(phone.sees("Candle  •  Chen"));
    phone.tap("miniPlayerFragment");
    phone.tap("Favorites");
    assert_eq!(listed(&phone), ["Favorites: Candle"]);
    phone.tap("Favorites");
    assert!(listed(&phone).is_empty());
    phone.tap("playPauseButton");
    phone.wait(500_000);
    assert!(phone.sees("Candle"));
    phone.tap("nextButton");
    assert!(phone.sees("Dune"));
    phone.back();
    phone.tap("For you");
    phone.tap("History");
    assert!(phone.sees("Candle") && phone.sees("Breeze"));
}

#[test]
fn a_playlist_is_saved_as_a_file() {
    let mut phone = phone();
    make_playlist(&mut phone, "Evening 7", &["Candle", "Amber"]);
    phone.tap("Playlists");
    open_menu(&mut phone, "Evening 7");
    phone.tap("Save as file");
    assert_eq!(phone.node("android:id/title").text, "Evening 7");
    phone.tap("SAVE");
    assert!(phone.sees("2 Songs  •  06:18"));
    let file = phone.read("/sdcard/Download/Evening 7.m3u").unwrap();
    assert_eq!(
        file,
        format!(
            "#EXTM3U\n#EXTINF:198000,Chen - Candle\n{MUSIC}/Candle.mp3\n#EXTINF:180000,Ana - Amber\n{MUSIC}/Amber.mp3"
        )
    );
    open_menu(&mut phone, "Evening 7");
    phone.tap("Save as file");
    phone.back();
    assert_eq!(phone.names("/sdcard/Download"), ["Evening 7.m3u"]);
}

#[test]
fn songs_are_found_by_words() {
    let mut phone = phone();
    let search = phone.nodes().into_iter().find(|node| {
        node.class == "android.widget.ImageButton"
            && node.description.is_empty()
            && node.id.is_empty()
    });
    let (x, y) = search.unwrap().centre();
    phone.windows.tap(&mut phone.system, x, y);
    phone.write("an");
    assert!(phone.sees("Amber") && phone.sees("Candle") && !phone.sees("Breeze"));
    phone.hide_keyboard();
    open_menu(&mut phone, "Candle");
    phone.tap("Add to playing queue");
    assert_eq!(queued(&phone), ["Candle"]);
}
