//! Joplin (`net.cozic.joplin`): notebooks of notes and to-dos in Markdown, with a search. One activity; its
//! widgets carry no resource ids. Everything is kept in `joplin.sqlite`.

mod app;
pub mod database;
mod drawer;
mod fronts;
mod listing;
mod look;
mod markdown;
mod message;
mod open_note;
mod order;
mod pages;
mod schema;
mod search;
mod welcome;

use self::app::MainActivity;
use crate::phone::system::{PhoneError, System};
use crate::phone::ui::{ActivityEntry, AppEntry, Color, Filter, Icon, LaunchMode, activity};

/// The package.
pub const PACKAGE: &str = "net.cozic.joplin";

/// What new notes remember, once it was allowed.
const LOCATION: [&str; 2] = [
    "android.permission.ACCESS_FINE_LOCATION",
    "android.permission.ACCESS_COARSE_LOCATION",
];

/// Leaves the app as after its first start, without the notes that it welcomes people with.
///
/// # Errors
/// When the database cannot be written.
pub fn pass_first_run(system: &mut System) -> Result<(), PhoneError> {
    for permission in LOCATION {
        system.packages.grant(PACKAGE, permission);
    }
    welcome::skip(system)
}

/// The app.
pub const APP: AppEntry = AppEntry {
    package: PACKAGE,
    label: "Joplin",
    icon: Icon::Letter('J'),
    color: Color::rgb(0x1A_5FB4),
    activities: &[
        ActivityEntry::new("net.cozic.joplin.MainActivity", activity::<MainActivity>)
            .launcher()
            .filters(&[Filter::mime("android.intent.action.SEND", "text/plain")])
            .mode(LaunchMode::SingleTask),
    ],
};
