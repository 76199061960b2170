//! Simple Draw Pro: fingers on the canvas, steps taken back, and the files that come of it.

use super::driver::Phone;

const DRAW: &str = "com.simplemobiletools.draw.pro";
const PICTURES: &str = "/storage/emulated/0/Pictures";

/// The colour of a pixel of the screen.
fn pixel(phone: &mut Phone, x: usize, y: usize) -> [u8; 3] {
    let frame = phone.windows.render(&mut phone.system);
    let at = (y * frame.width as usize + x) * 4;
    [frame.rgba[at], frame.rgba[at + 1], frame.rgba[at + 2]]
}

fn line(phone: &mut Phone, y: i32) {
    phone
        .windows
        .swipe(&mut phone.system, (300, y), (800, y), 300);
}

/// Leads the system's picker to the folder of pictures.
fn save_to_pictures(phone: &mut Phone) {
    phone.tap("Show roots");
    // The storage is called as the phone is.
    let mut nodes = phone.nodes().into_iter();
    let storage = nodes.find(|node| node.text.starts_with("sdk_gphone"));
    phone.tap(&storage.unwrap().text);
    phone.tap("Pictures");
    phone.tap("SAVE");
}

#[test]
fn strokes_are_drawn_erased_and_taken_back() {
    let mut phone = Phone::new();
    phone.open(DRAW);
    assert!(!phone.sees("Undo") && !phone.sees("Redo"));
    line(&mut phone, 1000);
    assert_eq!(pixel(&mut phone, 500, 1000), [0, 0, 0]);
    phone.tap("Undo");
    assert_eq!(pixel(&mut phone, 500, 1000), [255, 255, 255]);
    assert!(!phone.sees("Undo"));
    phone.tap("Redo");
    phone.tap("Change color");
    phone.tap("#d32f2f");
    phone.tap("OK");
    line(&mut phone, 1200);
    assert_eq!(pixel(&mut phone, 500, 1200), [0xd3, 0x2f, 0x2f]);
    phone.tap("Eyedropper");
    phone.windows.tap(&mut phone.system, 500, 1000);
    phone.tap("Bucket fill");
    phone.windows.tap(&mut phone.system, 500, 1200);
    assert_eq!(pixel(&mut phone, 500, 1200), [0, 0, 0]);
    phone.tap("Undo");
    phone.tap("Eraser");
    line(&mut phone, 1200);
    assert_eq!(pixel(&mut phone, 500, 1200), [255, 255, 255]);
    phone.tap("Clear");
    assert_eq!(pixel(&mut phone, 500, 1000), [255, 255, 255]);
    phone.tap("Undo");
    assert_eq!(pixel(&mut phone, 500, 1000), [0, 0, 0]);
    // The colour is remembered.
    phone.stop(DRAW);
    phone.open(DRAW);
    line(&mut phone, 1000);
    assert_eq!(pixel(&mut phone, 500, 1000), [0, 0, 0]);
}

#[test]
fn a_drawing_is_saved_where_the_picker_says() {
    let mut phone = Phone::new();
    phone.open(DRAW);
    line(&mut phone, 1000);
    phone.tap("Save");
    assert!(phone.sees("Save as") && phone.node(".png").checked);
    assert!(
        phone
            .node("save_image_filename")
            .text
            .starts_with("image_2023")
    );
    phone.replace("save_image_filename", "a/b");
    phone.tap("OK");
    assert_eq!(
        phone.windows.toast(),
        Some("Filename contains invalid characters")
    );
    phone.replace("save_image_filename", "boat");
    phone.tap("OK");
    phone.back();
    assert!(phone.sees("my_canvas"));
    phone.tap("Save");
    assert_eq!(phone.node("save_image_filename").text, "boat");
    phone.tap("OK");
    save_to_pictures(&mut phone);
    assert_eq!(phone.names(PICTURES), ["boat.png"]);
    assert_eq!(phone.windows.toast(), Some("File saved successfully"));
    let file = phone
        .system
        .files
        .read(&format!("{PICTURES}/boat.png"))
        .unwrap();
    let picture = image::load_from_memory(&file).unwrap().to_rgb8();
    assert_eq!(picture.width(), 1080);
    let black = picture
        .pixels()
        .filter(|pixel| pixel.0 == [0, 0, 0])
        .count();
    assert!((3_000..20_000).contains(&black), "{black}");
    for (ending, begin) in [("svg", &b"<svg"[..]), ("jpg", &[0xff, 0xd8][..])] {
        phone.tap("Save");
        phone.tap(&format!(".{ending}"));
        phone.tap("OK");
        save_to_pictures(&mut phone);
        let path = format!("{PICTURES}/boat.{ending}");
        assert!(phone.system.files.read(&path).unwrap().starts_with(begin));
    }
    // Nothing is lost: the drawing is left without a question.
    phone.back();
    assert!(!phone.sees("my_canvas"));
}

#[test]
fn leaving_an_unsaved_drawing_is_asked_about() {
    let mut phone = Phone::new();
    phone.open(DRAW);
    line(&mut phone, 1000);
    phone.back();
    phone.tap("Save");
    assert!(phone.sees("save_image_filename"));
    phone.tap("Cancel");
    phone.back();
    phone.tap("Discard");
    assert!(!phone.sees("my_canvas"));
    phone.open(DRAW);
    assert!(!phone.sees("Undo"));
    phone.tap("More options");
    phone.tap("Settings");
    phone.tap("settings_show_brush_size_holder");
    phone.back();
    assert!(!phone.sees("stroke_width_bar"));
    phone.tap("More options");
    phone.tap("Change background color");
    phone.replace("new_hex_color", "336699");
    phone.tap("OK");
    assert_eq!(pixel(&mut phone, 500, 1500), [0x33, 0x66, 0x99]);
}
