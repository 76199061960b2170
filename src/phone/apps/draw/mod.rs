//! Simple Draw Pro (`com.simplemobiletools.draw.pro`): a canvas to draw on with a finger, saved as PNG, JPEG
//! or SVG to a place that the system's picker asks for.

mod dialogs;
mod encode;
mod look;
mod main_screen;
mod picture;
mod settings;

use self::main_screen::MainActivity;
use self::settings::SettingsActivity;
use crate::phone::ui::{ActivityEntry, AppEntry, Color, Icon, LaunchMode, activity};

/// The package.
pub const PACKAGE: &str = "com.simplemobiletools.draw.pro";

const SETTINGS: &str = "com.simplemobiletools.draw.pro.activities.SettingsActivity";

/// Name of the app's preference file.
const PREFERENCES: &str = "Prefs";
/// Whether the bar for the width of the brush is shown.
const SHOW_BRUSH_SIZE: &str = "show_brush_size";

/// The app.
pub const APP: AppEntry = AppEntry {
    package: PACKAGE,
    label: "Draw",
    icon: Icon::Edit,
    color: Color::rgb(0xE0_7A1F),
    activities: &[
        ActivityEntry::new(
            "com.simplemobiletools.draw.pro.activities.MainActivity",
            activity::<MainActivity>,
        )
        .aliases(&[
            "com.simplemobiletools.draw.pro.activities.SplashActivity",
            "com.simplemobiletools.draw.pro.activities.SplashActivity.Orange",
        ])
        .launcher()
        .mode(LaunchMode::SingleTop),
        ActivityEntry::new(SETTINGS, activity::<SettingsActivity>),
    ],
};
