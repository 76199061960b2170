//! Audio Recorder (`com.dimowner.audiorecorder`): records, names and lists sound. Recordings are files of
//! the app's directory on the shared storage and rows of `records.db`. The phone has no microphone: what
//! is recorded is silence of the right length.

mod audio;
mod dialogs;
mod library;
mod look;
mod main_screen;
mod options;
mod records;
mod session;
mod welcome;

use crate::phone::system::{PhoneError, System};
use crate::phone::ui::{ActivityEntry, AppEntry, Icon, LaunchMode, activity};

/// The package.
pub const PACKAGE: &str = "com.dimowner.audiorecorder";

const MAIN: &str = "com.dimowner.audiorecorder.app.main.MainActivity";
const WELCOME: &str = "com.dimowner.audiorecorder.app.welcome.WelcomeActivity";
const SETUP: &str = "com.dimowner.audiorecorder.app.setup.SetupActivity";
const RECORDS: &str = "com.dimowner.audiorecorder.app.records.RecordsActivity";
const SETTINGS: &str = "com.dimowner.audiorecorder.app.settings.SettingsActivity";

const MICROPHONE: &str = "android.permission.RECORD_AUDIO";

/// Leaves the app as after its first start: permissions given, the choices made.
///
/// # Errors
/// When a file cannot be written.
pub fn pass_first_run(system: &mut System) -> Result<(), PhoneError> {
    for permission in [MICROPHONE, "android.permission.POST_NOTIFICATIONS"] {
        system.packages.grant(PACKAGE, permission);
    }
    session::set_up(system)?;
    library::create(system)
}

/// The recording does not go on: its file stays as it was begun, and is in no list.
///
/// # Errors
/// When that cannot be written.
pub fn kill_service(system: &System) -> Result<(), PhoneError> {
    match session::Memory::load(&system.files).session() {
        Some(_) => session::forget(system),
        None => Ok(()),
    }
}

/// The app.
pub const APP: AppEntry = AppEntry {
    package: PACKAGE,
    label: "Audio Recorder",
    icon: Icon::Microphone,
    color: look::BACKGROUND,
    activities: &[
        ActivityEntry::new(MAIN, activity::<main_screen::MainScreen>)
            .launcher()
            .mode(LaunchMode::SingleTop),
        ActivityEntry::new(WELCOME, activity::<welcome::Welcome>),
        ActivityEntry::new(SETUP, activity::<options::Setup>),
        ActivityEntry::new(RECORDS, activity::<records::Records>),
        ActivityEntry::new(SETTINGS, activity::<options::Settings>),
    ],
};
