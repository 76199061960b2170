//! OsmAnd (`net.osmand`): a map of Liechtenstein with search, favourites, markers, routes and tracks.
//! Favourites and tracks are GPX files on the shared storage, markers are rows of `map_markers_db`.

mod gpx;
mod lists;
mod main_screen;
mod map;
mod message;
mod places;
mod sheets;
mod store;
mod views;

use crate::phone::system::{PhoneError, Preferences, System};
use crate::phone::ui::{ActivityEntry, AppEntry, Color, Icon, LaunchMode, activity};

/// The package.
pub const PACKAGE: &str = "net.osmand";

/// File of the app's preferences.
const SETTINGS: &str = "net.osmand.settings";
/// Preference: the first-run page was passed.
const SKIPPED: &str = "first_usage_passed";

/// Leaves the app as after its first start: the page about downloads skipped, the database made.
///
/// # Errors
/// When a file cannot be written.
pub fn pass_first_run(system: &mut System) -> Result<(), PhoneError> {
    Preferences::load(&system.files, PACKAGE, SETTINGS)
        .with(SKIPPED, true)
        .save(&system.files)?;
    store::make_folder(system)?;
    store::markers(system).map(drop)
}

/// The app.
pub const APP: AppEntry = AppEntry {
    package: PACKAGE,
    label: "OsmAnd",
    icon: Icon::Location,
    color: Color::rgb(0xFF_8800),
    activities: &[ActivityEntry::new(
        "net.osmand.plus.activities.MapActivity",
        activity::<main_screen::MapActivity>,
    )
    .launcher()
    .mode(LaunchMode::SingleTop)],
};
