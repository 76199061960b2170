//! The pages of Settings whose rows are always the same; only their switches show the system's state.

use super::page::{Flag, Page, Row, flag, heading, link, main_switch, still, toggle};
use crate::phone::system::Namespace;
use crate::phone::ui::Icon;

/// The rows of a page; none for the others.
pub fn rows(page: Page) -> Vec<Row> {
    match page {
        Page::Home => home(),
        Page::NetworkPreferences => vec![
            toggle(
                "Turn on Wi‑Fi automatically",
                "Wi‑Fi will turn back on near high‑quality saved networks, like your home network",
                flag(Namespace::Global, "wifi_wakeup_enabled"),
            ),
            toggle(
                "Notify for public networks",
                "Notify when a high‑quality public network is available",
                flag(Namespace::Global, "wifi_networks_available_notification_on"),
            ),
            still("Install certificates", ""),
        ],
        Page::Notifications => vec![
            link(
                "App settings",
                "Control notifications from individual apps",
                Page::Apps,
            ),
            still(
                "Notification history",
                "Show recent and snoozed notifications",
            ),
            toggle(
                "Notification dot on app icon",
                "",
                flag(Namespace::Secure, "notification_badging"),
            ),
            toggle("Do Not Disturb", "Off", flag(Namespace::Global, "zen_mode")),
        ],
        Page::Battery => vec![
            still("Battery usage", "View usage since last full charge"),
            toggle("Battery Saver", "Off", flag(Namespace::Global, "low_power")),
            toggle(
                "Battery percentage",
                "Show battery percentage in status bar",
                flag(Namespace::System, "status_bar_show_battery_percent"),
            ),
        ],
        Page::Storage => vec![
            still("This device", "3.1 GB used of 8.0 GB").icon(Icon::Storage),
            still(
                "Free up space",
                "Go to Files app to manage and free up space",
            ),
            link("Apps", "1.0 GB", Page::Apps).icon(Icon::Apps),
            still("Images", "0 B").icon(Icon::Image),
            still("System", "2.1 GB").icon(Icon::Info),
        ],
        Page::Sound => vec![
            toggle("Do Not Disturb", "Off", flag(Namespace::Global, "zen_mode")),
            still("Phone ringtone", "Flutey Phone"),
            still("Default notification sound", "Pixie Dust"),
            still("Vibration & haptics", "On"),
            toggle("Dial pad tones", "", flag(Namespace::System, "dtmf_tone")),
            toggle(
                "Touch sounds",
                "",
                flag(Namespace::System, "sound_effects_enabled"),
            ),
        ],
        Page::Wallpaper => vec![
            still("Change wallpaper", "").icon(Icon::Image),
            still("Themed icons", "").icon(Icon::Apps),
        ],
        Page::Accessibility => vec![
            heading("Screen reader"),
            still("TalkBack", "Off / Speak items on screen"),
            heading("Display"),
            still("Display size and text", ""),
            still("Color and motion", ""),
            still("Magnification", "Off"),
        ],
        Page::Security => vec![
            still("Screen lock", "None").icon(Icon::Lock),
            still("Encryption & credentials", "Encrypted").icon(Icon::Key),
        ],
        Page::Privacy => vec![
            still("Permission manager", "Control app access to your data"),
            toggle(
                "Show passwords",
                "",
                flag(Namespace::System, "show_password"),
            ),
        ],
        Page::Location => vec![
            main_switch(
                "Use location",
                Flag {
                    values: (0, 3),
                    ..flag(Namespace::Secure, "location_mode")
                },
            ),
            still("App location permissions", ""),
            still("Location services", ""),
        ],
        Page::Safety => vec![
            still("Medical information", "Name, blood type, and more"),
            still("Emergency contacts", "No contacts"),
        ],
        Page::Passwords => vec![
            still("Passwords", "None"),
            still("Add account", "").icon(Icon::Add),
            still("Automatically sync app data", ""),
        ],
        Page::Advanced => vec![
            still("Languages & input", "").icon(Icon::Globe),
            still("Gestures", "").icon(Icon::Apps),
            link(
                "Date & time",
                "GMT+00:00 Coordinated Universal Time",
                Page::DateTime,
            )
            .icon(Icon::Clock),
            still("Backup", "Off").icon(Icon::Save),
            still("Reset options", "").icon(Icon::Refresh),
        ],
        _ => Vec::new(),
    }
}

fn home() -> Vec<Row> {
    let entry =
        |page: Page, summary: &str, icon: Icon| link(page.title(), summary, page).icon(icon);
    vec![
        entry(Page::Network, "Mobile, Wi‑Fi, hotspot", Icon::Wifi),
        entry(
            Page::ConnectedDevices,
            "Bluetooth, pairing",
            Icon::Bluetooth,
        ),
        link("Apps", "Assistant, recent apps, default apps", Page::Apps).icon(Icon::Apps),
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
        still("Tips & support", "Help articles, phone & chat").icon(Icon::Star),
    ]
}
