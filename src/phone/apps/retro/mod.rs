//! Retro Music (`code.name.monkey.retromusic`): the songs of the shared storage, playlists in
//! `playlist.db`, the playing queue in `music_playback_state.db`. One activity with pages; songs are the
//! media provider's.

mod columns;
mod deeds;
mod dialogs;
mod library;
mod main_screen;
mod menus;
mod message;
mod now_playing;
mod pages;
mod permission;
mod player;
mod playlists;
mod queue;
mod rows;
mod shell;
mod words;

use crate::phone::system::{PhoneError, System};
use crate::phone::ui::{ActivityEntry, AppEntry, Color, Icon, LaunchMode, activity};

/// The package.
pub const PACKAGE: &str = "code.name.monkey.retromusic";

const MAIN: &str = "code.name.monkey.retromusic.activities.MainActivity";
const PERMISSION: &str = "code.name.monkey.retromusic.activities.PermissionActivity";

/// Without these the app does not begin.
const PERMISSIONS: [&str; 2] = [
    "android.permission.READ_MEDIA_AUDIO",
    "android.permission.POST_NOTIFICATIONS",
];

/// The app's colour.
const COLOR: Color = Color::rgb(0x3F_51B5);

fn is_permitted(system: &System) -> bool {
    PERMISSIONS
        .iter()
        .all(|permission| system.packages.is_granted(PACKAGE, permission))
}

/// Leaves the app as after its first start: permissions granted, databases made.
///
/// # Errors
/// When a database cannot be written.
pub fn pass_first_run(system: &mut System) -> Result<(), PhoneError> {
    for permission in PERMISSIONS {
        system.packages.grant(PACKAGE, permission);
    }
    playlists::DATABASE.create(system)?;
    queue::load(system).map(drop)
}

/// The app.
pub const APP: AppEntry = AppEntry {
    package: PACKAGE,
    label: "Retro Music",
    icon: Icon::Music,
    color: COLOR,
    activities: &[
        ActivityEntry::new(MAIN, activity::<main_screen::MainActivity>)
            .launcher()
            .mode(LaunchMode::SingleTop),
        ActivityEntry::new(PERMISSION, activity::<permission::PermissionActivity>),
    ],
};
