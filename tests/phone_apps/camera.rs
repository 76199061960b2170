//! Camera: the first start, pictures and films as files.

use super::driver::Phone;
use stepdroid::phone::system::Intent;

const CAMERA: &str = "com.android.camera2";
const PICTURES: &str = "/storage/emulated/0/Pictures";
const MOVIES: &str = "/storage/emulated/0/Movies";

#[test]
fn the_first_start_asks_twice() {
    let mut phone = Phone::fresh();
    phone.open(CAMERA);
    phone.tap("While using the app");
    phone.tap("NEXT");
    assert!(phone.sees("Shutter"));
    phone.stop(CAMERA);
    phone.open(CAMERA);
    assert!(phone.sees("Shutter"));
}

#[test]
fn a_press_takes_one_picture() {
    let mut phone = Phone::new();
    phone.open(CAMERA);
    assert!(!phone.sees("rounded_thumbnail_view"));
    phone.tap("Shutter");
    assert!(phone.sees("rounded_thumbnail_view"));
    phone.tap("Options");
    phone.tap("Back camera");
    phone.tap("Shutter");
    let names = phone.names(PICTURES);
    assert_eq!(names.len(), 2);
    let mut pictures = Vec::new();
    for name in &names {
        assert!(name.starts_with("IMG_20231015_1534") && name.ends_with(".jpg"));
        let bytes = phone.system.files.read(&format!("{PICTURES}/{name}"));
        pictures.push(image::load_from_memory(&bytes.unwrap()).unwrap().to_rgb8());
    }
    assert_eq!(pictures[0].dimensions(), (720, 960));
    assert!(pictures[0] != pictures[1]);
    assert!(phone.names(MOVIES).is_empty());
}

#[test]
fn a_film_is_kept_when_it_ends() {
    let mut phone = Phone::new();
    phone.open(CAMERA);
    phone.swipe("preview_content", 400, 0);
    phone.tap("Video");
    phone.tap("Shutter");
    phone.wait(3_000);
    assert!(phone.node("recording_time").text.starts_with("00:0"));
    // The list of modes stays closed meanwhile.
    phone.swipe("preview_content", 400, 0);
    assert!(phone.names(MOVIES).is_empty() && !phone.sees("Video"));
    phone.tap("Shutter");
    let names = phone.names(MOVIES);
    assert!(
        names.len() == 1 && names[0].starts_with("VID_20231015_1534"),
        "{names:?}"
    );
    let film = phone.system.files.read(&format!("{MOVIES}/{}", names[0]));
    assert_eq!(&film.unwrap()[4..8], b"ftyp");
    // A film that is left is kept too.
    phone.tap("Shutter");
    phone.home();
    assert_eq!(phone.names(MOVIES).len(), 2);
    assert!(phone.names(PICTURES).is_empty());
}

#[test]
fn others_start_it_for_a_film() {
    let mut phone = Phone::new();
    phone.start(&Intent::action("android.media.action.VIDEO_CAMERA"));
    phone.tap("Shutter");
    assert!(phone.sees("recording_time"));
}
