//! Touches and typing.

use super::Phone;
use crate::domain::Point;
use crate::phone::system::Namespace;
use crate::phone::window::compose::Owner;

#[test]
fn wifi_and_bluetooth_are_switched_through_their_pages() {
    let mut phone = Phone::new();
    for (key, on) in [("wifi_on", 1), ("bluetooth_on", 1)] {
        phone
            .system
            .settings
            .put(Namespace::Global, key, on)
            .unwrap();
    }
    phone.open("android.settings.SETTINGS");
    assert_eq!(phone.top(), "com.android.settings/.Settings");
    phone.tap("Network & internet");
    phone.tap("Internet");
    assert!(phone.find("AndroidWifi").is_some());
    phone.tap("Wi-Fi");
    assert_eq!(phone.setting(Namespace::Global, "wifi_on"), "0");
    assert!(phone.find("AndroidWifi").is_none());
    assert!(!phone.find("switch_widget").unwrap().checked);
    phone.tap("Wi-Fi");
    assert_eq!(phone.setting(Namespace::Global, "wifi_on"), "1");
    phone.tap("Navigate up");
    phone.windows.key(&mut phone.system, 4);
    phone.tap("Connected devices");
    phone.tap("Connection preferences");
    phone.tap("Bluetooth");
    assert!(phone.find("Device name").is_some());
    phone.tap("Use Bluetooth");
    assert_eq!(phone.setting(Namespace::Global, "bluetooth_on"), "0");
    assert!(phone.find("Device name").is_none());
    // What the shell changes is seen at once.
    phone
        .system
        .settings
        .put(Namespace::Global, "bluetooth_on", 1)
        .unwrap();
    assert!(phone.find("switch_widget").unwrap().checked);
}

#[test]
fn the_brightness_slider_reaches_exactly_both_ends() {
    for (width, height) in [(1080, 2400), (360, 800), (480, 1000)] {
        let mut phone = Phone::sized(width, height);
        phone.open("android.settings.DISPLAY_SETTINGS");
        phone.tap("Brightness level");
        assert_eq!(
            phone.top(),
            "com.android.systemui/.settings.brightness.BrightnessDialog"
        );
        let slider = phone.find("slider").unwrap();
        assert_eq!(slider.description, "Display brightness");
        assert_eq!(slider.class, "android.widget.SeekBar");
        let (center, bounds) = (slider.bounds.center(), slider.bounds);
        // AndroidWorld's scrolls: from the centre to an edge.
        let from = (center.x, center.y);
        phone
            .windows
            .swipe(&mut phone.system, from, (bounds.x_max, center.y), 300);
        assert_eq!(phone.setting(Namespace::System, "screen_brightness"), "255");
        phone
            .windows
            .swipe(&mut phone.system, from, (bounds.x_min, center.y), 300);
        assert_eq!(phone.setting(Namespace::System, "screen_brightness"), "1");
        phone
            .windows
            .tap(&mut phone.system, bounds.x_max - 2, center.y);
        assert_eq!(phone.setting(Namespace::System, "screen_brightness"), "255");
        phone.windows.tap(&mut phone.system, center.x, center.y);
        let middle: i64 = phone
            .setting(Namespace::System, "screen_brightness")
            .parse()
            .unwrap();
        assert!((2..=254).contains(&middle));
        // A tap outside closes the dialog.
        phone
            .windows
            .tap(&mut phone.system, width / 2, height * 3 / 4);
        assert!(phone.find("Brightness level").is_some());
    }
}

#[test]
fn lists_scroll_by_exactly_the_way_of_the_finger() {
    let mut phone = Phone::new();
    phone.open("android.settings.SETTINGS");
    let before = phone.find("Battery").unwrap().bounds;
    assert!(
        phone
            .find("main_content_scrollable_container")
            .unwrap()
            .scrollable
    );
    phone
        .windows
        .swipe(&mut phone.system, (540, 1200), (540, 900), 300);
    let after = phone.find("Battery").unwrap().bounds;
    assert_eq!(before.y_min - after.y_min, 300);
    for _ in 0..9 {
        phone
            .windows
            .swipe(&mut phone.system, (540, 1200), (540, 0), 300);
    }
    assert!(phone.find("About emulated device").is_some());
    assert!(phone.find("Network & internet").is_none());
    let end = phone.find("About emulated device").unwrap().bounds;
    phone
        .windows
        .swipe(&mut phone.system, (540, 1200), (540, 1000), 300);
    assert_eq!(phone.find("About emulated device").unwrap().bounds, end);
    // Coming back to the page keeps the offset; its rows are still where they are drawn.
    phone.tap("About emulated device");
    phone.windows.key(&mut phone.system, 4);
    assert_eq!(phone.find("About emulated device").unwrap().bounds, end);
}

#[test]
fn keyboard_types_into_the_focused_field() {
    let mut phone = Phone::new();
    phone.open("android.settings.APP_SEARCH_SETTINGS");
    let field = phone.find("open_search_view_edit_text").unwrap();
    assert!(field.focused && phone.windows.keyboard_shown());
    assert_eq!(
        (field.text.as_str(), field.hint.as_str()),
        ("Search settings", "Search settings")
    );
    for key in ["b", "l", "Shift", "U", "e", "Delete", "Space EN"] {
        phone.tap_key(key);
    }
    assert_eq!(
        phone.find("open_search_view_edit_text").unwrap().text,
        "blU "
    );
    phone.tap_key("Symbol keyboard");
    phone.tap_key("7");
    assert_eq!(
        phone.find("open_search_view_edit_text").unwrap().text,
        "blU 7"
    );
    // Ctrl+A and DEL clear; text arrives as `input text` sends it.
    phone.windows.key_combination(&mut phone.system, &[113, 29]);
    phone.windows.key(&mut phone.system, 67);
    assert_eq!(
        phone.find("open_search_view_edit_text").unwrap().text,
        "Search settings"
    );
    phone.windows.text(&mut phone.system, "wi<&>\"fi");
    assert_eq!(
        phone.find("open_search_view_edit_text").unwrap().text,
        "wi<&>\"fi"
    );
    phone.windows.key(&mut phone.system, 122);
    phone.windows.text(&mut phone.system, "é");
    phone.windows.key(&mut phone.system, 123);
    phone.windows.key(&mut phone.system, 67);
    assert_eq!(
        phone.find("open_search_view_edit_text").unwrap().text,
        "éwi<&>\"f"
    );
    // BACK first closes the keyboard, then the page.
    phone.windows.key(&mut phone.system, 4);
    assert!(!phone.windows.keyboard_shown());
    assert!(phone.find("open_search_view_edit_text").is_some());
    phone.windows.text(&mut phone.system, "!");
    assert_eq!(
        phone.find("open_search_view_edit_text").unwrap().text,
        "éwi<&>\"f!"
    );
    phone.windows.key(&mut phone.system, 4);
    assert!(phone.find("open_search_view_edit_text").is_none());
}

#[test]
fn long_press_selects_and_the_bar_copies() {
    let mut phone = Phone::new();
    phone.open("android.settings.APP_SEARCH_SETTINGS");
    phone.windows.text(&mut phone.system, "one two");
    let field = phone.find("open_search_view_edit_text").unwrap().bounds;
    phone.windows.swipe(
        &mut phone.system,
        (field.x_min + 60, field.center().y),
        (field.x_min + 60, field.center().y),
        1000,
    );
    let press = |phone: &mut Phone, label: &str| {
        let windows = phone.windows.compose(&phone.system);
        let bar = windows
            .iter()
            .find(|window| window.owner == Owner::Selection)
            .unwrap();
        let node = bar
            .scene
            .nodes
            .iter()
            .find(|node| node.text() == label)
            .unwrap();
        let center = node.bounds.center();
        phone.windows.tap(&mut phone.system, center.x, center.y);
    };
    press(&mut phone, "Select all");
    press(&mut phone, "Cut");
    assert_eq!(phone.system.clipboard.as_deref(), Some("one two"));
    assert_eq!(
        phone.find("open_search_view_edit_text").unwrap().text,
        "Search settings"
    );
    phone.windows.key_combination(&mut phone.system, &[113, 50]);
    assert_eq!(
        phone.find("open_search_view_edit_text").unwrap().text,
        "one two"
    );
}

#[test]
fn edges_of_the_screen_are_back_and_home() {
    let mut phone = Phone::new();
    phone.open("android.settings.SETTINGS");
    phone.tap("Display");
    phone
        .windows
        .swipe(&mut phone.system, (0, 1200), (900, 1200), 300);
    assert_eq!(phone.top(), "com.android.settings/.Settings");
    phone
        .windows
        .swipe(&mut phone.system, (540, 2399), (540, 900), 300);
    assert!(phone.top().contains("nexuslauncher"));
    phone
        .windows
        .swipe(&mut phone.system, (540, 2400), (540, 0), 500);
    assert!(phone.find("apps_view").is_some());
}

#[test]
fn points_outside_of_a_list_window_do_not_reach_its_rows() {
    let mut phone = Phone::new();
    phone.open("android.settings.DISPLAY_SETTINGS");
    phone
        .windows
        .swipe(&mut phone.system, (540, 1500), (540, 700), 300);
    let list = phone.find("recycler_view").unwrap().bounds;
    let windows = phone.windows.compose(&phone.system);
    let scene = &windows[0].scene;
    let above = scene.touched(Point {
        x: 540,
        y: list.y_min - 30,
    });
    let is_row = above.is_some_and(|index| scene.nodes[index].bounds.y_max > list.y_min);
    assert!(!is_row);
}

#[test]
fn a_field_keeps_its_focus_behind_other_windows() {
    let mut phone = Phone::new();
    phone.open("android.settings.APP_SEARCH_SETTINGS");
    phone.windows.text(&mut phone.system, "dis");
    // The shade is in front: typing goes nowhere, and the field is still there afterwards.
    phone
        .windows
        .swipe(&mut phone.system, (540, 0), (540, 2400), 500);
    assert!(phone.find("tile_label").is_some() && !phone.windows.keyboard_shown());
    phone.windows.text(&mut phone.system, "x");
    phone.windows.key(&mut phone.system, 4);
    let field = phone.find("open_search_view_edit_text").unwrap();
    assert_eq!((field.text.as_str(), field.focused), ("dis", true));
    phone.windows.text(&mut phone.system, "p");
    assert_eq!(
        phone.find("open_search_view_edit_text").unwrap().text,
        "disp"
    );
    // A page without a field has no focus.
    phone.tap("Display");
    assert!(!phone.seen().iter().any(|node| node.focused));
}
