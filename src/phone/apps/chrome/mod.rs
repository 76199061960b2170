//! Chrome (`com.android.chrome`): its first-run pages and one tab. Of web pages it knows the three local
//! games, by the names in their head; of any other page it shows the words.

mod draw;
mod first_run;
mod maze;
mod multiply;
mod page;
mod tab;

use crate::phone::system::{PhoneError, Preferences, System};
use crate::phone::ui::{
    ActivityEntry, AppEntry, Color, Filter, Icon, Intent, LaunchMode, activity,
};

pub use page::words;

/// The package.
pub const PACKAGE: &str = "com.android.chrome";

/// The pages before the first use.
const FIRST_RUN: &str = "org.chromium.chrome.browser.firstrun.FirstRunActivity";
/// Preference: they were passed.
const PASSED: &str = "first_run_flow";

/// Whether the first-run pages were passed.
fn is_ready(system: &System) -> bool {
    Preferences::load_default(&system.files, PACKAGE).flag(PASSED, false)
}

/// Leaves the app as after its first-run pages.
///
/// # Errors
/// When the preferences cannot be written.
pub fn pass_first_run(system: &System) -> Result<(), PhoneError> {
    Preferences::load_default(&system.files, PACKAGE)
        .with(PASSED, true)
        .save(&system.files)
}

/// The app.
pub const APP: AppEntry = AppEntry {
    package: PACKAGE,
    label: "Chrome",
    icon: Icon::Globe,
    color: Color::rgb(0x1A_73E8),
    activities: &[
        ActivityEntry::new(
            "org.chromium.chrome.browser.ChromeTabbedActivity",
            activity::<tab::Tab>,
        )
        .aliases(&["com.google.android.apps.chrome.Main"])
        .launcher()
        .filters(&[
            Filter::mime(Intent::VIEW, "text/html"),
            Filter::data(Intent::VIEW, "http"),
        ])
        .mode(LaunchMode::SingleTask),
        ActivityEntry::new(FIRST_RUN, activity::<first_run::FirstRun>),
    ],
};
