//! Windows, dialogs, tasks, the overview and the shade.

use super::Phone;
use super::drawing::check_agreement;
use crate::phone::system::{Intent, Namespace};
use crate::phone::window::StartError;

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
