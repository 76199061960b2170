//! The rows of each page of Settings, read from the system's present state.

use super::page::{Does, Flag, Page, Row, flag, heading, row};
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
        Page::Home => home(),
        Page::Network => network(system),
        Page::Internet => internet(system),
        Page::NetworkPreferences => vec![
            row(
                "Turn on Wi‑Fi automatically",
                "Wi‑Fi will turn back on near high‑quality saved networks, like your home network",
                Does::Switch(flag(Namespace::Global, "wifi_wakeup_enabled")),
            ),
            row(
                "Notify for public networks",
                "Notify when a high‑quality public network is available",
                Does::Switch(flag(
                    Namespace::Global,
                    "wifi_networks_available_notification_on",
                )),
            ),
            row("Install certificates", "", Does::Nothing),
        ],
        Page::ConnectedDevices => connected(system),
        Page::ConnectionPreferences => vec![
            row(
                "Bluetooth",
                on_off(BLUETOOTH.is_on(system)),
                Does::Open(Page::Bluetooth),
            )
            .icon(Icon::Bluetooth),
            row("Cast", "", Does::Nothing).icon(Icon::Share),
            row("Printing", "1 print service on", Does::Nothing).icon(Icon::Document),
        ],
        Page::Bluetooth => bluetooth(system),
        Page::Display => display(system),
        Page::Apps => all_apps(),
        Page::AppInfo => vec![
            row("Notifications", "~0 notifications per week", Does::Nothing),
            row(
                "Permissions",
                format!(
                    "{} permissions allowed",
                    system.packages.granted(package).len()
                ),
                Does::Nothing,
            ),
            row(
                "Storage & cache",
                "12 MB used in internal storage",
                Does::Nothing,
            ),
            row("Mobile data & Wi‑Fi", "No data used", Does::Nothing),
            row("Battery", "0% use since last full charge", Does::Nothing),
            row("Open by default", "No default apps set", Does::Nothing),
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
        Page::Notifications => vec![
            row(
                "App settings",
                "Control notifications from individual apps",
                Does::Open(Page::Apps),
            ),
            row(
                "Notification history",
                "Show recent and snoozed notifications",
                Does::Nothing,
            ),
            row(
                "Notification dot on app icon",
                "",
                Does::Switch(flag(Namespace::Secure, "notification_badging")),
            ),
            row(
                "Do Not Disturb",
                "Off",
                Does::Switch(flag(Namespace::Global, "zen_mode")),
            ),
        ],
        Page::Battery => vec![
            row(
                "Battery usage",
                "View usage since last full charge",
                Does::Nothing,
            ),
            row(
                "Battery Saver",
                "Off",
                Does::Switch(flag(Namespace::Global, "low_power")),
            ),
            row(
                "Battery percentage",
                "Show battery percentage in status bar",
                Does::Switch(flag(Namespace::System, "status_bar_show_battery_percent")),
            ),
        ],
        Page::Storage => vec![
            row("This device", "3.1 GB used of 8.0 GB", Does::Nothing).icon(Icon::Storage),
            row(
                "Free up space",
                "Go to Files app to manage and free up space",
                Does::Nothing,
            ),
            row("Apps", "1.0 GB", Does::Open(Page::Apps)).icon(Icon::Apps),
            row("Images", "0 B", Does::Nothing).icon(Icon::Image),
            row("System", "2.1 GB", Does::Nothing).icon(Icon::Info),
        ],
        Page::Sound => vec![
            row(
                "Do Not Disturb",
                "Off",
                Does::Switch(flag(Namespace::Global, "zen_mode")),
            ),
            row("Phone ringtone", "Flutey Phone", Does::Nothing),
            row("Default notification sound", "Pixie Dust", Does::Nothing),
            row("Vibration & haptics", "On", Does::Nothing),
            row(
                "Dial pad tones",
                "",
                Does::Switch(flag(Namespace::System, "dtmf_tone")),
            ),
            row(
                "Touch sounds",
                "",
                Does::Switch(flag(Namespace::System, "sound_effects_enabled")),
            ),
        ],
        Page::Wallpaper => vec![
            row("Change wallpaper", "", Does::Nothing).icon(Icon::Image),
            row("Themed icons", "", Does::Nothing).icon(Icon::Apps),
        ],
        Page::Accessibility => vec![
            heading("Screen reader"),
            row("TalkBack", "Off / Speak items on screen", Does::Nothing),
            heading("Display"),
            row("Display size and text", "", Does::Nothing),
            row("Color and motion", "", Does::Nothing),
            row("Magnification", "Off", Does::Nothing),
        ],
        Page::Security => vec![
            row("Screen lock", "None", Does::Nothing).icon(Icon::Lock),
            row("Encryption & credentials", "Encrypted", Does::Nothing).icon(Icon::Key),
        ],
        Page::Privacy => vec![
            row(
                "Permission manager",
                "Control app access to your data",
                Does::Nothing,
            ),
            row(
                "Show passwords",
                "",
                Does::Switch(flag(Namespace::System, "show_password")),
            ),
        ],
        Page::Location => vec![
            Row {
                main_switch: true,
                ..row(
                    "Use location",
                    "",
                    Does::Switch(Flag {
                        values: (0, 3),
                        ..flag(Namespace::Secure, "location_mode")
                    }),
                )
            },
            row("App location permissions", "", Does::Nothing),
            row("Location services", "", Does::Nothing),
        ],
        Page::Safety => vec![
            row(
                "Medical information",
                "Name, blood type, and more",
                Does::Nothing,
            ),
            row("Emergency contacts", "No contacts", Does::Nothing),
        ],
        Page::Passwords => vec![
            row("Passwords", "None", Does::Nothing),
            row("Add account", "", Does::Nothing).icon(Icon::Add),
            row("Automatically sync app data", "", Does::Nothing),
        ],
        Page::Advanced => vec![
            row("Languages & input", "", Does::Nothing).icon(Icon::Globe),
            row("Gestures", "", Does::Nothing).icon(Icon::Apps),
            row(
                "Date & time",
                "GMT+00:00 Coordinated Universal Time",
                Does::Open(Page::DateTime),
            )
            .icon(Icon::Clock),
            row("Backup", "Off", Does::Nothing).icon(Icon::Save),
            row("Reset options", "", Does::Nothing).icon(Icon::Refresh),
        ],
        Page::DateTime => date_time(system),
        Page::About => about(system),
        Page::Search => Vec::new(),
    }
}

fn home() -> Vec<Row> {
    let entry = |page: Page, summary: &str, icon: Icon| {
        row(page.title(), summary, Does::Open(page)).icon(icon)
    };
    vec![
        entry(Page::Network, "Mobile, Wi‑Fi, hotspot", Icon::Wifi),
        entry(
            Page::ConnectedDevices,
            "Bluetooth, pairing",
            Icon::Bluetooth,
        ),
        row(
            "Apps",
            "Assistant, recent apps, default apps",
            Does::Open(Page::Apps),
        )
        .icon(Icon::Apps),
        entry(
            Page::Notifications,
            "Notification history, conversations",
            Icon::Notification,
        ),
        entry(Page::Battery, "100%", Icon::Battery),
        entry(Page::Storage, "39% used - 4.91 GB free", Icon::Storage),
        entry(Page::Sound, "Volume, haptics, Do Not Disturb", Icon::Volume),
        entry(
            Page::Display,
            "Dark theme, font size, brightness",
            Icon::Brightness,
        ),
        entry(
            Page::Wallpaper,
            "Colors, themed icons, app grid",
            Icon::Image,
        ),
        entry(
            Page::Accessibility,
            "Display, interaction, audio",
            Icon::Person,
        ),
        entry(Page::Security, "Screen lock, fingerprint", Icon::Lock),
        entry(
            Page::Privacy,
            "Permissions, account activity, personal data",
            Icon::Eye,
        ),
        entry(
            Page::Location,
            "On - 2 apps have access to location",
            Icon::Location,
        ),
        entry(
            Page::Safety,
            "Emergency SOS, medical info, alerts",
            Icon::Warning,
        ),
        entry(
            Page::Passwords,
            "Saved passwords, autofill, synced accounts",
            Icon::Key,
        ),
        entry(
            Page::Advanced,
            "Languages, gestures, time, backup",
            Icon::Info,
        ),
        entry(Page::About, "sdk_gphone_x86_64", Icon::Phone),
        row(
            "Tips & support",
            "Help articles, phone & chat",
            Does::Nothing,
        )
        .icon(Icon::Star),
    ]
}

fn network(system: &System) -> Vec<Row> {
    let summary = match (WIFI.is_on(system), AIRPLANE.is_on(system)) {
        (true, _) => "AndroidWifi",
        (false, true) => "Airplane mode is on",
        (false, false) => "T-Mobile / LTE",
    };
    vec![
        row("Internet", summary, Does::Open(Page::Internet)).icon(Icon::Wifi),
        row("Calls & SMS", "T-Mobile", Does::Nothing).icon(Icon::Phone),
        row("SIMs", "T-Mobile", Does::Nothing).icon(Icon::Signal),
        row("Airplane mode", "", Does::Switch(AIRPLANE)).icon(Icon::Airplane),
        row("Hotspot & tethering", "Off", Does::Nothing).icon(Icon::Share),
        row("Data Saver", "Off", Does::Nothing).icon(Icon::Refresh),
        row("VPN", "None", Does::Nothing).icon(Icon::Key),
        row("Private DNS", "Automatic", Does::Nothing),
    ]
}

fn internet(system: &System) -> Vec<Row> {
    let on = WIFI.is_on(system);
    let mut rows = Vec::new();
    if !AIRPLANE.is_on(system) {
        let state = if on { "LTE" } else { "Connected / LTE" };
        rows.push(row("T-Mobile", state, Does::Nothing).icon(Icon::Signal));
    }
    rows.push(row("Wi-Fi", "", Does::Switch(WIFI)));
    if on {
        rows.push(Row {
            description: Some("AndroidWifi,Connected,Wifi signal full.".to_owned()),
            ..row("AndroidWifi", "Connected", Does::Nothing).icon(Icon::Wifi)
        });
        rows.push(row("Add network", "", Does::Nothing).icon(Icon::Add));
    }
    rows.push(row(
        "Network preferences",
        "Wi‑Fi doesn't turn back on automatically",
        Does::Open(Page::NetworkPreferences),
    ));
    rows.push(row(
        "Non-carrier data usage",
        "0 B used Oct 1 – Oct 15",
        Does::Nothing,
    ));
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
        row("Pair new device", pair, Does::Nothing).icon(Icon::Add),
        row(
            "Connection preferences",
            "Bluetooth, Android Auto, NFC",
            Does::Open(Page::ConnectionPreferences),
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
    let mut rows = vec![Row {
        main_switch: true,
        ..row("Use Bluetooth", "", Does::Switch(BLUETOOTH))
    }];
    if BLUETOOTH.is_on(system) {
        rows.push(row("Pair new device", "", Does::Nothing).icon(Icon::Add));
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
        row(
            "Adaptive brightness",
            on_off(adaptive.is_on(system)),
            Does::Switch(adaptive),
        ),
        heading("Lock display"),
        row(
            "Lock screen",
            "Show all notification content",
            Does::Nothing,
        ),
        row(
            "Screen timeout",
            format!("After {timeout_text} of inactivity"),
            Does::Timeout,
        ),
        heading("Appearance"),
        row(
            "Dark theme",
            "Will never turn on automatically",
            Does::Switch(Flag {
                values: (1, 2),
                ..flag(Namespace::Secure, "ui_night_mode")
            }),
        ),
        row("Display size and text", "", Does::Nothing),
        heading("Color"),
        row(
            "Night Light",
            "Will never turn on automatically",
            Does::Switch(flag(Namespace::Secure, "night_display_activated")),
        ),
        heading("Other display controls"),
        row(
            "Auto-rotate screen",
            "",
            Does::Switch(flag(Namespace::System, "accelerometer_rotation")),
        ),
        row("Screen saver", "Off", Does::Nothing),
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
        row(
            "Set time automatically",
            "",
            Does::Switch(flag(Namespace::Global, "auto_time")),
        ),
        row(
            "Date",
            now.strftime("%B %-d, %Y").to_string(),
            Does::Nothing,
        ),
        row("Time", now.strftime("%H:%M").to_string(), Does::Nothing),
        row("Time zone", system.clock.zone_name(), Does::Nothing),
        row(
            "Use 24-hour format",
            now.strftime("%H:%M").to_string(),
            Does::Switch(Flag {
                values: (12, 24),
                ..flag(Namespace::System, "time_12_24")
            }),
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
        row(
            "Phone number (sim slot 1)",
            "+1 650-555-1212",
            Does::Nothing,
        ),
        heading("Device details"),
        row("Model", "sdk_gphone_x86_64", Does::Nothing),
        row("Serial number", serial, Does::Nothing),
        row("Android version", "13", Does::Nothing),
        row("IP address", address, Does::Nothing),
        row(
            "Build number",
            system.properties.get("ro.build.display.id"),
            Does::Nothing,
        ),
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
