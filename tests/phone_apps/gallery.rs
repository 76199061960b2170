//! Simple Gallery: pictures are found, looked at, copied, renamed, thrown away and brought back as files.

use super::driver::Phone;
use stepdroid::phone::providers::documents;
use stepdroid::phone::system::Intent;
use stepdroid::pixels::{self, Sheet};

const GALLERY: &str = "com.simplemobiletools.gallery.pro";
const DCIM: &str = "/storage/emulated/0/DCIM";
const DOWNLOAD: &str = "/storage/emulated/0/Download";

/// A picture of words, in the format of its name.
fn picture(phone: &mut Phone, path: &str, words: &str) {
    let mut sheet = Sheet::new(500, 320, [255, 255, 255]);
    for (line, text) in words.lines().enumerate() {
        sheet.write(text, 24.0, [10.0, 10.0 + line as f32 * 31.0], false, [0; 3]);
    }
    let frame = sheet.finish();
    let bytes = match path.ends_with(".png") {
        true => pixels::encode_png(&frame).unwrap(),
        false => pixels::encode_jpeg(&frame, 90).unwrap(),
    };
    phone.system.files.write(path, bytes).unwrap();
    phone.wait(60_000);
}

fn phone_with(files: &[&str]) -> Phone {
    let mut phone = Phone::new();
    for file in files {
        picture(&mut phone, file, "2023-05-11, Bus Ticket, $9.20");
    }
    phone.open(GALLERY);
    phone
}

fn labels(phone: &mut Phone, id: &str) -> Vec<String> {
    let nodes = phone.nodes().into_iter();
    nodes
        .filter(|node| node.id.ends_with(&format!("/{id}")))
        .map(|node| node.text)
        .collect()
}

fn shows(phone: &Phone, folder: &str) -> Vec<String> {
    phone.names(folder)
}

#[test]
fn the_first_start_asks_for_media_then_for_all_files() {
    let mut phone = Phone::fresh();
    picture(&mut phone, &format!("{DCIM}/a.jpg"), "a");
    phone.open(GALLERY);
    phone.tap("Allow");
    assert!(phone.sees("Media only"), "{}", phone.screen());
    phone.tap("All files");
    phone.tap("Allow access to manage all files");
    phone.back();
    assert_eq!(labels(&mut phone, "dir_name"), ["DCIM"]);
}

#[test]
fn a_picture_is_copied_to_another_folder_and_conflicts_are_asked() {
    let receipt = format!("{DCIM}/receipt.jpg");
    let mut phone = phone_with(&[&receipt, &format!("{DCIM}/.hidden.jpg")]);
    assert_eq!(labels(&mut phone, "photo_cnt"), ["1"]);
    phone.tap("dir_holder");
    let copy = |phone: &mut Phone| {
        phone.long_press("media_item_holder");
        assert!(phone.sees("1 / 1"));
        phone.tap("More options");
        phone.tap("Copy to");
    };
    copy(&mut phone);
    // The only known folder is the one that it is in.
    phone.tap("dir_holder");
    assert!(phone.sees("Select destination"));
    phone.tap("Other folder");
    assert_eq!(labels(&mut phone, "breadcrumb_text"), ["Internal", "DCIM"]);
    phone.tap("Internal");
    phone.tap("Download");
    phone.tap("OK");
    assert_eq!(shows(&phone, DOWNLOAD), ["receipt.jpg"]);
    let time = |path: &str| phone.system.files.metadata(path).unwrap().modified_micros;
    assert_eq!(time(&receipt), time(&format!("{DOWNLOAD}/receipt.jpg")));
    // Once more: now the folder is known, and the name is taken.
    copy(&mut phone);
    assert_eq!(labels(&mut phone, "dir_name").len(), 2);
    phone.tap("Download");
    phone.tap("Keep both");
    phone.tap("OK");
    assert_eq!(shows(&phone, DOWNLOAD), ["receipt(1).jpg", "receipt.jpg"]);
    copy(&mut phone);
    phone.tap("Download");
    phone.tap("Cancel");
    assert_eq!(shows(&phone, DOWNLOAD).len(), 2);
}

#[test]
fn a_new_folder_takes_what_is_moved() {
    let mut phone = phone_with(&[&format!("{DCIM}/a.png"), &format!("{DCIM}/b.png")]);
    phone.tap("dir_holder");
    phone.long_press("media_item_holder");
    phone.tap("More options");
    phone.tap("Select all");
    assert!(phone.sees("2 / 2"));
    phone.tap("More options");
    phone.tap("Move to");
    phone.tap("Other folder");
    phone.back();
    phone.tap("filepicker_fab");
    phone.fill("folder_name", "Trip");
    phone.tap("OK");
    assert_eq!(labels(&mut phone, "breadcrumb_text"), ["Internal", "Trip"]);
    phone.tap("OK");
    assert!(shows(&phone, DCIM).is_empty());
    assert_eq!(
        shows(&phone, "/storage/emulated/0/Trip"),
        ["a.png", "b.png"]
    );
    assert_eq!(labels(&mut phone, "dir_name"), ["Trip"]);
}

#[test]
fn a_picture_is_looked_at_zoomed_and_left() {
    let mut phone = phone_with(&[&format!("{DCIM}/a.png"), &format!("{DCIM}/b.jpg")]);
    phone.tap("dir_holder");
    phone.tap("Toggle filename visibility");
    assert_eq!(labels(&mut phone, "medium_name"), ["b.jpg", "a.png"]);
    phone.tap("b.jpg");
    assert!(phone.sees("bottom_delete") && phone.sees("b.jpg"));
    let whole = phone.windows.render(&mut phone.system);
    let dark = |frame: &stepdroid::domain::Frame| {
        let pixels = frame.rgba.chunks_exact(4);
        pixels.filter(|pixel| pixel[..3] == [255; 3]).count()
    };
    // The picture is as wide as the screen: 1080 x 691 pixels, most of them white.
    assert!(
        (600_000..746_280).contains(&dark(&whole)),
        "{}",
        dark(&whole)
    );
    phone.tap("gestures_view");
    assert!(!phone.sees("bottom_delete"));
    phone.wait(1_000);
    phone.tap("gestures_view");
    assert!(phone.sees("bottom_delete"));
    phone.wait(1_000);
    phone.tap("gestures_view");
    phone.tap("gestures_view");
    let large = phone.windows.render(&mut phone.system);
    assert!(dark(&large) > 2 * dark(&whole), "{}", dark(&large));
    phone.wait(1_000);
    phone.tap("gestures_view");
    phone.tap("gestures_view");
    phone.swipe("gestures_view", -600, 0);
    assert!(phone.sees("a.png"));
    phone.back();
    assert!(phone.sees("media_grid"));
}

#[test]
fn what_is_thrown_away_can_be_restored_and_renamed() {
    let mut phone = phone_with(&[&format!("{DCIM}/a.png")]);
    phone.tap("dir_holder");
    phone.tap("media_item_holder");
    phone.tap("More options");
    phone.tap("Rename");
    phone.replace("rename_item_name", "ticket");
    phone.tap("OK");
    assert_eq!(shows(&phone, DCIM), ["ticket.png"]);
    assert!(phone.sees("ticket.png"));
    phone.tap("Delete");
    phone.tap("No");
    assert_eq!(shows(&phone, DCIM), ["ticket.png"]);
    phone.tap("Delete");
    phone.tap("Yes");
    assert!(shows(&phone, DCIM).is_empty());
    assert_eq!(labels(&mut phone, "dir_name"), ["Recycle Bin"]);
    phone.tap("dir_holder");
    phone.long_press("media_item_holder");
    phone.tap("Restore selected files");
    assert_eq!(shows(&phone, DCIM), ["ticket.png"]);
}

#[test]
fn a_file_that_is_no_picture_is_told() {
    let mut phone = Phone::new();
    let path = format!("{DCIM}/broken.jpg");
    phone.system.files.write(&path, b"no picture").unwrap();
    phone.open(GALLERY);
    phone.tap("dir_holder");
    phone.tap("media_item_holder");
    let screen = phone.screen();
    assert!(screen.contains("decoded"), "{screen}");
}

#[test]
fn documents_of_other_apps_are_shown() {
    let path = format!("{DOWNLOAD}/50% off, it's.png");
    let mut phone = phone_with(&[&path]);
    for data in [documents::uri_of(&path), format!("file://{path}")] {
        phone.stop(GALLERY);
        let mut view = Intent::action(Intent::VIEW).data(data).mime("image/png");
        view.package = Some(GALLERY.to_owned());
        phone.start(&view);
        assert!(phone.sees("50% off, it's.png"), "{}", phone.screen());
    }
}
