//! What is dumped agrees with what is touched and drawn.

use super::Phone;
use crate::domain::BoundingBox;
use crate::phone::apps;
use crate::phone::system::{Intent, Namespace};
use crate::phone::ui::Kind;

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
pub(super) fn check_agreement(phone: &mut Phone, strict: bool) {
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
fn pictures_are_kept_while_nothing_changes_and_redrawn_where_something_does() {
    let mut phone = Phone::sized(360, 800);
    phone
        .system
        .settings
        .put(Namespace::Global, "wifi_on", 1)
        .unwrap();
    phone.open("android.settings.WIFI_SETTINGS");
    let first = phone.render();
    assert!(first.shares(&phone.render()));
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
