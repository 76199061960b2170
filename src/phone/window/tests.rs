//! Tests of the windows as a user of the phone sees them: what is dumped can be touched, and is drawn.

use tempfile::TempDir;

use super::compose::Owner;
use super::{StartError, WindowManager};
use crate::domain::{BoundingBox, Frame, Point, ScreenSize};
use crate::phone::apps;
use crate::phone::system::{ClockMode, Intent, Namespace, System};
use crate::phone::ui::Kind;

struct Phone {
    _root: TempDir,
    system: System,
    windows: WindowManager,
}

#[derive(Debug, Clone)]
struct Seen {
    text: String,
    id: String,
    class: String,
    description: String,
    hint: String,
    checked: bool,
    focused: bool,
    scrollable: bool,
    bounds: BoundingBox,
}

impl Phone {
    fn new() -> Phone {
        Phone::sized(1080, 2400)
    }

    fn sized(width: i32, height: i32) -> Phone {
        let root = tempfile::tempdir().unwrap();
        let screen = ScreenSize { width, height };
        let mut system =
            System::boot(root.path(), screen, 7, ClockMode::Steps, Vec::new()).unwrap();
        let windows = WindowManager::new(&mut system);
        Phone {
            _root: root,
            system,
            windows,
        }
    }

    fn open(&mut self, action: &str) {
        self.windows
            .start(&mut self.system, &Intent::action(action))
            .unwrap();
    }

    fn seen(&mut self) -> Vec<Seen> {
        let xml = self.windows.dump_xml(&mut self.system, false);
        let document = roxmltree::Document::parse(&xml).unwrap();
        document
            .descendants()
            .filter(|node| node.has_tag_name("node"))
            .map(|node| {
                let get = |name: &str| node.attribute(name).unwrap().to_owned();
                Seen {
                    text: get("text"),
                    id: get("resource-id"),
                    class: get("class"),
                    description: get("content-desc"),
                    hint: get("hint"),
                    checked: get("checked") == "true",
                    focused: get("focused") == "true",
                    scrollable: get("scrollable") == "true",
                    bounds: BoundingBox::parse_bounds(&get("bounds")).unwrap(),
                }
            })
            .collect()
    }

    fn find(&mut self, label: &str) -> Option<Seen> {
        self.seen().into_iter().find(|node| {
            node.text == label
                || node.description == label
                || node.id.ends_with(&format!("/{label}"))
        })
    }

    fn tap(&mut self, label: &str) {
        let found = self.find(label);
        let center = found
            .unwrap_or_else(|| panic!("no {label:?} in {:#?}", self.seen()))
            .bounds
            .center();
        self.windows.tap(&mut self.system, center.x, center.y);
    }

    fn tap_key(&mut self, key: &str) {
        let windows = self.windows.compose(&self.system);
        let keyboard = windows
            .iter()
            .find(|window| window.owner == Owner::Keyboard)
            .unwrap();
        let node = keyboard
            .scene
            .nodes
            .iter()
            .find(|node| node.widget.description.as_deref() == Some(key))
            .unwrap();
        let center = node.bounds.center();
        self.windows.tap(&mut self.system, center.x, center.y);
    }

    fn render(&mut self) -> Frame {
        self.windows.render(&mut self.system)
    }

    fn setting(&self, namespace: Namespace, key: &str) -> String {
        self.system
            .settings
            .get(namespace, key)
            .unwrap_or("")
            .to_owned()
    }

    fn top(&self) -> String {
        self.windows.focused().short()
    }
}

const PAGES: [&str; 12] = [
    "android.settings.SETTINGS",
    "android.settings.WIRELESS_SETTINGS",
    "android.settings.WIFI_SETTINGS",
    "android.settings.BLUETOOTH_SETTINGS",
    "com.android.settings.BLUETOOTH_DASHBOARD_SETTINGS",
    "android.settings.DISPLAY_SETTINGS",
    "android.settings.APPLICATION_SETTINGS",
    "android.settings.SOUND_SETTINGS",
    "android.settings.DATE_SETTINGS",
    "android.settings.DEVICE_INFO_SETTINGS",
    "android.settings.APP_SEARCH_SETTINGS",
    "com.android.intent.action.SHOW_BRIGHTNESS_DIALOG",
];

/// What a dump says can be tapped is what a tap at its centre reaches, unless something is drawn over it.
fn check_agreement(phone: &mut Phone, strict: bool) {
    let windows = phone.windows.compose(&phone.system);
    for window in &windows {
        let scene = &window.scene;
        let mut clickable = 0;
        for (index, node) in scene.nodes.iter().enumerate() {
            if !node.is_visible() || !node.is_clickable() {
                continue;
            }
            clickable += 1;
            let center = node.visible_bounds().center();
            let hit = scene.touched(center).unwrap();
            let inside = (index..node.end).contains(&hit);
            let over = hit >= node.end && !strict;
            assert!(inside || over, "{} is covered at {center:?}", node.text());
        }
        assert!(clickable > 0 || window.layer > 0 || !strict);
    }
}

/// Every text leaves marks in its box.
fn check_pixels(phone: &mut Phone) {
    let frame = phone.render();
    let windows = phone.windows.compose(&phone.system);
    let front = windows.last().unwrap();
    let pixel = |x: i32, y: i32| {
        let at = ((y * frame.width as i32 + x) * 4) as usize;
        [
            frame.rgba[at],
            frame.rgba[at + 1],
            frame.rgba[at + 2],
            frame.rgba[at + 3],
        ]
    };
    let mut texts = 0;
    for node in &front.scene.nodes {
        let Kind::Text { text, .. } = &node.widget.kind else {
            continue;
        };
        let area = node.visible_bounds();
        if !node.is_visible() || text.trim().is_empty() || area != node.bounds {
            continue;
        }
        texts += 1;
        let mut colors = std::collections::HashSet::new();
        for y in area.y_min..area.y_max {
            for x in area.x_min..area.x_max {
                let color = pixel(x, y);
                assert_eq!(color[3], 255);
                colors.insert(color);
            }
        }
        assert!(colors.len() > 3, "{text:?} is not drawn in {area}");
    }
    assert!(texts > 0);
}

#[test]
fn what_is_dumped_is_touched_and_drawn() {
    for (width, height) in [(1080, 2400), (360, 800)] {
        let mut phone = Phone::sized(width, height);
        check_agreement(&mut phone, true);
        check_pixels(&mut phone);
        for page in PAGES {
            phone.open(page);
            check_agreement(&mut phone, true);
            if !page.ends_with("DIALOG") && !page.contains("SEARCH") {
                check_pixels(&mut phone);
            }
            let screen = BoundingBox::new(0, 0, width, height);
            for node in phone.seen() {
                assert_eq!(node.bounds.intersection(&screen), node.bounds, "{node:?}");
                assert!(!node.bounds.is_empty(), "{node:?}");
                assert!(node.class.contains('.'), "{node:?}");
            }
        }
    }
}

#[test]
fn every_app_starts_and_agrees_with_itself() {
    let mut phone = Phone::sized(360, 800);
    for app in apps::registry().iter().filter(|app| app.main().is_some()) {
        phone
            .windows
            .start(&mut phone.system, &Intent::launch(app.package))
            .unwrap();
        check_agreement(&mut phone, false);
        assert!(!phone.seen().is_empty(), "{}", app.label);
        let frame = phone.render();
        assert_eq!((frame.width, frame.height), (360, 800));
    }
}

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
fn dialogs_are_windows_of_their_own() {
    let mut phone = Phone::new();
    phone.open("android.settings.DISPLAY_SETTINGS");
    phone.tap("Screen timeout");
    assert!(phone.find("alertTitle").is_some());
    assert!(phone.find("Dark theme").is_none());
    check_agreement(&mut phone, false);
    phone.tap("10 minutes");
    assert_eq!(
        phone.setting(Namespace::System, "screen_off_timeout"),
        "600000"
    );
    assert!(phone.find("Dark theme").is_some());
    phone.tap("Screen timeout");
    phone.windows.key(&mut phone.system, 4);
    assert!(phone.find("alertTitle").is_none());
    phone.open("com.android.settings.BLUETOOTH_DASHBOARD_SETTINGS");
    phone
        .system
        .settings
        .put(Namespace::Global, "bluetooth_on", 1)
        .unwrap();
    phone.tap("Device name");
    assert!(phone.windows.keyboard_shown());
    phone.windows.key_combination(&mut phone.system, &[113, 29]);
    phone.windows.text(&mut phone.system, "Mine");
    phone.tap("Rename");
    assert!(phone.find("Mine").is_some());
    assert!(!phone.windows.keyboard_shown());
}

#[test]
fn home_drawer_and_tasks() {
    let mut phone = Phone::new();
    let home = "com.google.android.apps.nexuslauncher/.NexusLauncherActivity";
    assert_eq!(phone.top(), home);
    phone
        .windows
        .swipe(&mut phone.system, (540, 1800), (540, 600), 300);
    phone.tap("input");
    phone.windows.text(&mut phone.system, "sett");
    let found = phone.find("icon").unwrap();
    assert_eq!(
        (found.text.as_str(), found.description.as_str()),
        ("Settings", "Settings")
    );
    phone.tap("icon");
    assert_eq!(phone.top(), "com.android.settings/.Settings");
    phone.tap("Display");
    assert_eq!(phone.top(), "com.android.settings/.SubSettings");
    // The front task's line is the visible one.
    let list = phone.windows.stack_list(&phone.system);
    let line = list
        .lines()
        .find(|line| line.contains("visible=true"))
        .unwrap();
    assert!(
        line.contains(
            "topActivity=ComponentInfo{com.android.settings/com.android.settings.SubSettings}"
        ),
        "{line}"
    );
    assert!(line.trim_start().starts_with("taskId="));
    phone.windows.key(&mut phone.system, 3);
    assert_eq!(phone.top(), home);
    assert!(phone.find("apps_view").is_none());
    // Starting it again shows the task as it was left.
    let again = Intent::component("com.android.settings/.Settings").unwrap();
    let started = phone.windows.start(&mut phone.system, &again).unwrap();
    assert!(!started.created);
    assert_eq!(phone.top(), "com.android.settings/.SubSettings");
    phone
        .windows
        .force_stop(&mut phone.system, "com.android.settings");
    assert_eq!(phone.top(), home);
    assert!(
        phone
            .windows
            .start(&mut phone.system, &again)
            .unwrap()
            .created
    );
    assert_eq!(phone.top(), "com.android.settings/.Settings");
}

#[test]
fn overview_clears_tasks_and_the_shell_removes_them() {
    let mut phone = Phone::new();
    phone.open("android.settings.SETTINGS");
    let recents = phone.windows.recents(&phone.system);
    let id: u32 = recents
        .split(" id=")
        .nth(1)
        .unwrap()
        .split_whitespace()
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!(phone.windows.remove_task(&mut phone.system, id));
    assert!(!phone.windows.remove_task(&mut phone.system, id));
    assert!(!phone.windows.recents(&phone.system).contains(" id="));
    phone.open("android.settings.SETTINGS");
    phone.windows.key(&mut phone.system, 187);
    check_agreement(&mut phone, true);
    phone.tap("clear_all");
    assert!(phone.top().contains("nexuslauncher"));
    assert!(!phone.windows.recents(&phone.system).contains(" id="));
}

#[test]
fn the_shade_has_tiles_and_closes() {
    let mut phone = Phone::new();
    phone
        .windows
        .swipe(&mut phone.system, (540, 0), (540, 2400), 500);
    assert_eq!(phone.windows.focused_window(), "NotificationShade");
    let before = phone.setting(Namespace::Global, "bluetooth_on");
    phone.tap("Bluetooth");
    assert_ne!(phone.setting(Namespace::Global, "bluetooth_on"), before);
    phone.tap("Internet");
    phone.tap("wifi_toggle");
    phone.tap("Done");
    let slider = phone.find("slider").unwrap().bounds;
    let y = slider.center().y;
    phone
        .windows
        .swipe(&mut phone.system, (slider.center().x, y), (1079, y), 300);
    assert_eq!(phone.setting(Namespace::System, "screen_brightness"), "255");
    check_agreement(&mut phone, false);
    phone.windows.key(&mut phone.system, 4);
    assert!(phone.find("slider").is_none());
    phone
        .windows
        .swipe(&mut phone.system, (540, 0), (540, 2400), 500);
    phone.tap("Open settings.");
    assert_eq!(phone.top(), "com.android.settings/.Settings");
}

#[test]
fn what_nobody_answers_is_an_error() {
    let mut phone = Phone::new();
    let unknown = Intent::action(Intent::VIEW).data("nobody://");
    let error = phone
        .windows
        .start(&mut phone.system, &unknown)
        .unwrap_err();
    assert!(matches!(error, StartError::NoActivity(_)), "{error}");
    let missing = Intent::activity("com.example", "com.example.Main");
    let error = phone
        .windows
        .start(&mut phone.system, &missing)
        .unwrap_err();
    assert!(matches!(error, StartError::NoComponent(_)), "{error}");
    assert!(phone.top().contains("nexuslauncher"));
    // Touches anywhere, also outside of the screen, are harmless.
    for (x, y) in [(-5, -5), (0, 0), (1079, 2399), (1080, 2400), (99_999, 10)] {
        phone.windows.tap(&mut phone.system, x, y);
        phone.windows.swipe(&mut phone.system, (x, y), (y, x), 100);
    }
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
fn pictures_are_kept_while_nothing_changes_and_redrawn_where_something_does() {
    let mut phone = Phone::sized(360, 800);
    phone
        .system
        .settings
        .put(Namespace::Global, "wifi_on", 1)
        .unwrap();
    phone.open("android.settings.WIFI_SETTINGS");
    let first = phone.render();
    assert!(std::sync::Arc::ptr_eq(&first.rgba, &phone.render().rgba));
    phone.tap("Wi-Fi");
    let second = phone.render();
    assert_ne!(first, second);
    phone.tap("Wi-Fi");
    let third = phone.render();
    assert_eq!(first, third);
    // The part that was redrawn looks as if all had been.
    phone.windows.picture = None;
    assert_eq!(phone.render(), third);
    // A minute later the clock in the status bar is another.
    phone.system.clock.advance_millis(60_000);
    assert_ne!(phone.render(), third);
}

#[test]
fn compressed_dumps_leave_out_layout() {
    let mut phone = Phone::new();
    phone.open("android.settings.DISPLAY_SETTINGS");
    let full = phone.windows.dump_xml(&mut phone.system, false);
    let small = phone.windows.dump_xml(&mut phone.system, true);
    assert!(small.len() < full.len());
    for text in ["Brightness level", "Navigate up", "Dark theme"] {
        assert!(full.contains(text) && small.contains(text), "{text}");
    }
    assert!(roxmltree::Document::parse(&small).is_ok());
    assert!(full.starts_with(
        "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?><hierarchy rotation=\"0\">"
    ));
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
