//! The rows of each page of Settings, read from the system's present state; [`fixed`] has those that are
//! always the same.

use super::fixed;
use super::page::{Does, Flag, Page, Row, flag, heading, link, main_switch, row, still, toggle};
use crate::phone::apps;
use crate::phone::system::{Namespace, System};
use crate::phone::ui::Icon;
use crate::phone::window::is_on;

/// Wi-Fi.
const WIFI: Flag = flag(Namespace::Global, "wifi_on");
/// Bluetooth.
const BLUETOOTH: Flag = flag(Namespace::Global, "bluetooth_on");
const AIRPLANE: Flag = flag(Namespace::Global, "airplane_mode_on");

fn on_off(on: bool) -> &'static str {
    if on { "On" } else { "Off" }
}

/// The device's name in Bluetooth.
pub fn device_name(system: &System) -> String {
    system
        .settings
        .get(Namespace::Secure, "bluetooth_name")
        .unwrap_or("sdk_gphone_x86_64")
        .to_owned()
}

/// Screen timeouts in milliseconds and words.
pub const TIMEOUTS: [(i64, &str); 7] = [
    (15_000, "15 seconds"),
    (30_000, "30 seconds"),
    (60_000, "1 minute"),
    (120_000, "2 minutes"),
    (300_000, "5 minutes"),
    (600_000, "10 minutes"),
    (1_800_000, "30 minutes"),
];

/// The present screen timeout.
pub fn timeout(system: &System) -> i64 {
    system
        .settings
        .get_integer(Namespace::System, "screen_off_timeout", 60_000)
}

/// The rows of a page; `package` is that of an app's own page.
pub fn rows(page: Page, package: &str, system: &System) -> Vec<Row> {
    match page {
        Page::Network => network(system),
        Page::Internet => internet(system),
        Page::ConnectedDevices => connected(system),
        Page::ConnectionPreferences => vec![
            link(
                "Bluetooth",
                on_off(BLUETOOTH.is_on(system)),
                Page::Bluetooth,
            )
            .icon(Icon::Bluetooth),
            still("Cast", "").icon(Icon::Share),
            still("Printing", "1 print service on").icon(Icon::Document),
        ],
        Page::Bluetooth => bluetooth(system),
        Page::Display => display(system),
        Page::Apps => all_apps(),
        Page::AppInfo => vec![
            still("Notifications", "~0 notifications per week"),
            still(
                "Permissions",
                format!(
                    "{} permissions allowed",
                    system.packages.granted(package).len()
                ),
            ),
            still("Storage & cache", "12 MB used in internal storage"),
            still("Mobile data & Wi‑Fi", "No data used"),
            still("Battery", "0% use since last full charge"),
            still("Open by default", "No default apps set"),
        ],
        Page::AllFiles => vec![
            row(
                "Allow access to manage all files",
                "",
                Does::ManageFiles(package.to_owned()),
            ),
            heading(
                "Allow this app to read, modify and delete all files on this device or any connected storage volumes. If granted, app may access files without your explicit knowledge.",
            ),
        ],
        Page::DateTime => date_time(system),
        Page::About => about(system),
        _ => fixed::rows(page),
    }
}

fn network(system: &System) -> Vec<Row> {
    let summary = match (WIFI.is_on(system), AIRPLANE.is_on(system)) {
        (true, _) => "AndroidWifi",
        (false, true) => "Airplane mode is on",
        (false, false) => "T-Mobile / LTE",
    };
    vec![
        link("Internet", summary, Page::Internet).icon(Icon::Wifi),
        still("Calls & SMS", "T-Mobile").icon(Icon::Phone),
        still("SIMs", "T-Mobile").icon(Icon::Signal),
        toggle("Airplane mode", "", AIRPLANE).icon(Icon::Airplane),
        still("Hotspot & tethering", "Off").icon(Icon::Share),
        still("Data Saver", "Off").icon(Icon::Refresh),
        still("VPN", "None").icon(Icon::Key),
        still("Private DNS", "Automatic"),
    ]
}

fn internet(system: &System) -> Vec<Row> {
    let on = WIFI.is_on(system);
    let mut rows = Vec::new();
    if !AIRPLANE.is_on(system) {
        let state = if on { "LTE" } else { "Connected / LTE" };
        rows.push(still("T-Mobile", state).icon(Icon::Signal));
    }
    rows.push(toggle("Wi-Fi", "", WIFI));
    if on {
        rows.push(Row {
            description: Some("AndroidWifi,Connected,Wifi signal full.".to_owned()),
            ..row("AndroidWifi", "Connected", Does::Nothing).icon(Icon::Wifi)
        });
        rows.push(still("Add network", "").icon(Icon::Add));
    }
    rows.push(link(
        "Network preferences",
        "Wi‑Fi doesn't turn back on automatically",
        Page::NetworkPreferences,
    ));
    rows.push(still("Non-carrier data usage", "0 B used Oct 1 – Oct 15"));
    rows
}

fn connected(system: &System) -> Vec<Row> {
    let on = BLUETOOTH.is_on(system);
    let pair = if on {
        ""
    } else {
        "Bluetooth will turn on to pair"
    };
    let mut rows = vec![
        still("Pair new device", pair).icon(Icon::Add),
        link(
            "Connection preferences",
            "Bluetooth, Android Auto, NFC",
            Page::ConnectionPreferences,
        )
        .icon(Icon::Settings),
    ];
    if on {
        let name = device_name(system);
        rows.push(heading(&format!("Visible as \"{name}\" to other devices")));
    }
    rows
}

fn bluetooth(system: &System) -> Vec<Row> {
    let mut rows = vec![main_switch("Use Bluetooth", BLUETOOTH)];
    if BLUETOOTH.is_on(system) {
        rows.push(still("Pair new device", "").icon(Icon::Add));
        rows.push(row("Device name", device_name(system), Does::Rename));
        rows.push(heading(
            "When Bluetooth is turned on, your device can communicate with other nearby Bluetooth devices.",
        ));
    } else {
        rows.push(heading(
            "When Bluetooth is turned on, your device can communicate with other nearby Bluetooth devices",
        ));
    }
    rows
}

fn display(system: &System) -> Vec<Row> {
    let level = apps::systemui::brightness_place(system);
    let timeout = timeout(system);
    let timeout_text = TIMEOUTS
        .iter()
        .find(|(value, _)| *value == timeout)
        .map_or("1 minute", |(_, words)| words);
    let adaptive = flag(Namespace::System, "screen_brightness_mode");
    vec![
        heading("Brightness"),
        row(
            "Brightness level",
            format!("{}%", (level * 100.0).round() as i64),
            Does::Brightness,
        ),
        toggle(
            "Adaptive brightness",
            on_off(adaptive.is_on(system)),
            adaptive,
        ),
        heading("Lock display"),
        still("Lock screen", "Show all notification content"),
        row(
            "Screen timeout",
            format!("After {timeout_text} of inactivity"),
            Does::Timeout,
        ),
        heading("Appearance"),
        toggle(
            "Dark theme",
            "Will never turn on automatically",
            Flag {
                values: (1, 2),
                ..flag(Namespace::Secure, "ui_night_mode")
            },
        ),
        still("Display size and text", ""),
        heading("Color"),
        toggle(
            "Night Light",
            "Will never turn on automatically",
            flag(Namespace::Secure, "night_display_activated"),
        ),
        heading("Other display controls"),
        toggle(
            "Auto-rotate screen",
            "",
            flag(Namespace::System, "accelerometer_rotation"),
        ),
        still("Screen saver", "Off"),
    ]
}

fn all_apps() -> Vec<Row> {
    let mut apps: Vec<_> = apps::registry()
        .iter()
        .filter(|app| app.main().is_some())
        .collect();
    apps.sort_by_key(|app| app.label.to_lowercase());
    apps.iter()
        .map(|app| row(app.label, "12 MB", Does::App(app.package)).icon(app.icon))
        .collect()
}

fn date_time(system: &System) -> Vec<Row> {
    let now = system.clock.now();
    vec![
        toggle(
            "Set time automatically",
            "",
            flag(Namespace::Global, "auto_time"),
        ),
        still("Date", now.strftime("%B %-d, %Y").to_string()),
        still("Time", now.strftime("%H:%M").to_string()),
        still("Time zone", system.clock.zone_name()),
        toggle(
            "Use 24-hour format",
            now.strftime("%H:%M").to_string(),
            Flag {
                values: (12, 24),
                ..flag(Namespace::System, "time_12_24")
            },
        ),
    ]
}

fn about(system: &System) -> Vec<Row> {
    let serial = system.properties.get("ro.serialno");
    let address = if is_on(system, "wifi_on") {
        "10.0.2.16"
    } else {
        "Unavailable"
    };
    vec![
        heading("Basic info"),
        row("Device name", device_name(system), Does::Rename),
        still("Phone number (sim slot 1)", "+1 650-555-1212"),
        heading("Device details"),
        still("Model", "sdk_gphone_x86_64"),
        still("Serial number", serial),
        still("Android version", "13"),
        still("IP address", address),
        still("Build number", system.properties.get("ro.build.display.id")),
    ]
}

/// Rows anywhere whose title begins with the query in one of its words, with the page that they are on.
pub fn search(query: &str, system: &System) -> Vec<(Row, Page)> {
    let query = query.trim().to_lowercase();
    if query.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for page in Page::ALL {
        for row in rows(page, "", system) {
            let words = row.title.to_lowercase();
            let fits = words.starts_with(&query)
                || words
                    .split_whitespace()
                    .any(|word| word.starts_with(&query));
            if fits && !row.heading {
                let target = match row.does {
                    Does::Open(target) => target,
                    _ => page,
                };
                found.push((row, target));
            }
        }
    }
    found.truncate(24);
    found
}
