//! VLC (`org.videolan.vlc`): videos of the phone, folders, playlists, and a player that shows Motion JPEG
//! picture after picture. Playlists are rows of the media library's database.

mod adding;
mod browser;
pub mod database;
mod look;
mod main_screen;
mod onboarding;
mod pages;
mod player;
mod playlist;
mod sheets;
mod titles;

use crate::phone::apps::all_files;
use crate::phone::system::{Intent, PhoneError, Preferences, System};
use crate::phone::ui::{ActivityEntry, AppEntry, Filter, Icon, LaunchMode, activity};

/// The package.
pub const PACKAGE: &str = "org.videolan.vlc";

/// The pages before the first use.
const ONBOARDING: &str = "org.videolan.vlc.gui.onboarding.OnboardingActivity";
/// The player.
const PLAYER: &str = "org.videolan.vlc.gui.video.VideoPlayerActivity";
/// What is in a playlist.
const PLAYLIST: &str = "org.videolan.vlc.gui.HeaderMediaListActivity";

/// Whether the app may read the shared storage.
fn may_read(system: &System) -> bool {
    all_files::is_granted(system, PACKAGE)
}

/// Whether a page that is shown once was seen.
fn was_seen(system: &System, page: &str) -> bool {
    Preferences::load_default(&system.files, PACKAGE).flag(page, false)
}

/// Remembers that a page that is shown once was seen.
fn store_seen(system: &System, page: &str) -> Result<(), PhoneError> {
    Preferences::load_default(&system.files, PACKAGE)
        .with(page, true)
        .save(&system.files)
}

/// Preference: the pages before the first use were seen.
const ONBOARDED: &str = "app_onboarding_done";
/// Preference: the hints of the player were seen.
const TIPS: &str = "video_player_tips_shown";

/// Leaves the app as after its first start: onboarding done, access granted, the database made.
///
/// # Errors
/// When a file cannot be written.
pub fn pass_first_run(system: &mut System) -> Result<(), PhoneError> {
    store_seen(system, ONBOARDED)?;
    system.packages.grant(PACKAGE, all_files::PERMISSION);
    database::DATABASE.create(system)
}

/// The app.
pub const APP: AppEntry = AppEntry {
    package: PACKAGE,
    label: "VLC",
    icon: Icon::Play,
    color: look::ORANGE,
    activities: &[
        ActivityEntry::new(
            "org.videolan.vlc.gui.MainActivity",
            activity::<main_screen::MainActivity>,
        )
        .aliases(&["org.videolan.vlc.StartActivity"])
        .launcher()
        .mode(LaunchMode::SingleTop),
        ActivityEntry::new(ONBOARDING, activity::<onboarding::Onboarding>),
        ActivityEntry::new(PLAYLIST, activity::<playlist::HeaderMediaList>),
        ActivityEntry::new(PLAYER, activity::<player::VideoPlayer>)
            .filters(&[Filter::mime(Intent::VIEW, "video/*")]),
    ],
};
