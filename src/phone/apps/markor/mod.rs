//! Markor (`net.gsantner.markor`): notes that are plain files in the notebook folder. The files are the
//! truth: lists are read again whenever a screen comes to the front. Uses the system's files and preferences.

mod browser;
mod chooser;
mod deeds;
mod dialogs;
mod document;
mod editor;
mod home;
mod intro;
mod look;
mod notebook;
mod overlays;
mod rows;
mod screen;
mod search;
mod settings;
mod text_actions;

use crate::phone::apps::all_files;
use crate::phone::system::{Intent, PhoneError, Preference, Preferences, System};
use crate::phone::ui::{ActivityEntry, AppEntry, Color, Filter, Icon, LaunchMode, activity};

pub use self::notebook::{NOTEBOOK, free_name};

/// The package.
pub const PACKAGE: &str = "net.gsantner.markor";
/// The editor's activity.
const DOCUMENT: &str = "net.gsantner.markor.activity.DocumentActivity";
/// The pages before the first use.
const INTRO: &str = "net.gsantner.markor.activity.IntroActivity";
/// The question for access to all files.
const STORAGE: &str = "net.gsantner.markor.activity.StoragePermissionActivity";
/// The settings.
const SETTINGS: &str = "net.gsantner.markor.activity.SettingsActivity";
/// Version code whose news were shown last.
const VERSION: i32 = 146;

/// Whether the app may use the shared storage.
fn may_use_files(system: &System) -> bool {
    all_files::is_granted(system, PACKAGE)
}

/// Remembers that the pages before the first use were seen.
fn store_intro(system: &System) -> Result<(), PhoneError> {
    Preferences::load_default(&system.files, PACKAGE)
        .with("intro_shown", true)
        .with("version_shown", Preference::Integer(VERSION))
        .save(&system.files)
}

/// Leaves the app as after its first start: the introduction seen, access granted, the notebook made.
///
/// # Errors
/// When a file cannot be written.
pub fn pass_first_run(system: &mut System) -> Result<(), PhoneError> {
    store_intro(system)?;
    system.packages.grant(PACKAGE, all_files::PERMISSION);
    notebook::prepare(&system.files)
}

/// The app.
pub const APP: AppEntry = AppEntry {
    package: PACKAGE,
    label: "Markor",
    icon: Icon::Edit,
    color: Color::rgb(0xC6_3A3A),
    activities: &[
        ActivityEntry::new(
            "net.gsantner.markor.activity.MainActivity",
            activity::<home::MainActivity>,
        )
        .launcher()
        .mode(LaunchMode::SingleTop),
        ActivityEntry::new(INTRO, activity::<intro::IntroActivity>),
        ActivityEntry::new(STORAGE, activity::<intro::StoragePermission>),
        ActivityEntry::new(DOCUMENT, activity::<document::DocumentActivity>).filters(&[
            Filter::mime(Intent::VIEW, "text/plain"),
            Filter::mime(Intent::EDIT, "text/plain"),
        ]),
        ActivityEntry::new(SETTINGS, activity::<settings::SettingsActivity>),
    ],
};
