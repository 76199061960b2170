//! OpenTracks (`de.dennisguse.opentracks`): the list of recorded tracks, a track's statistics and fields,
//! statistics of all, recording. Tracks are rows of `database.db`. The phone has no satellites above it:
//! what is recorded here has time but no distance.

pub mod database;
mod detail;
mod edit;
mod fields;
mod filter;
mod format;
mod introduction;
mod kinds;
mod list;
mod list_view;
mod look;
mod pages;
mod recording;
mod running;
mod settings;
mod statistics;

use crate::phone::system::{Intent, PhoneError, System};
use crate::phone::ui::{ActivityEntry, AppEntry, Icon, LaunchMode, activity};

/// The package.
pub const PACKAGE: &str = "de.dennisguse.opentracks";

const INTRODUCTION: &str = "de.dennisguse.opentracks.introduction.IntroductionActivity";
const LIST: &str = "de.dennisguse.opentracks.TrackListActivity";
const RECORDED: &str = "de.dennisguse.opentracks.TrackRecordedActivity";
const RECORDING: &str = "de.dennisguse.opentracks.TrackRecordingActivity";
const STOPPED: &str = "de.dennisguse.opentracks.TrackStoppedActivity";
const EDIT: &str = "de.dennisguse.opentracks.TrackEditActivity";
const MARKERS: &str = "de.dennisguse.opentracks.ui.markers.MarkerListActivity";
const AGGREGATED: &str =
    "de.dennisguse.opentracks.ui.aggregatedStatistics.AggregatedStatisticsActivity";
const SETTINGS: &str = "de.dennisguse.opentracks.settings.SettingsActivity";
const HELP: &str = "de.dennisguse.opentracks.HelpActivity";

/// Extra: a track's row id.
const TRACK: &str = "track_id";
/// Extra: row ids of tracks with commas between them.
const TRACKS: &str = "track_ids";

/// The group of permissions that is called nearby devices.
const NEARBY: [&str; 2] = [
    "android.permission.BLUETOOTH_CONNECT",
    "android.permission.BLUETOOTH_SCAN",
];
/// What the list asks for.
const PERMISSIONS: [&str; 4] = [
    "android.permission.ACCESS_FINE_LOCATION",
    NEARBY[0],
    NEARBY[1],
    "android.permission.POST_NOTIFICATIONS",
];

/// The recording does not go on: its track stays with what was recorded of it.
///
/// # Errors
/// When that cannot be written.
pub fn kill_service(system: &System) -> Result<(), PhoneError> {
    match recording::Recording::current(&system.files) {
        Some(recording) => recording.stop(system),
        None => Ok(()),
    }
}

/// The intent for a screen that is about one track.
fn track_screen(class: &str, track: i64) -> Intent {
    Intent::activity(PACKAGE, class).number(TRACK, track)
}

/// The track that a screen is about.
fn track_of(intent: &Intent) -> i64 {
    intent.get_number(TRACK).unwrap_or(-1)
}

/// Leaves the app as after its first start: permissions given, the database made.
///
/// # Errors
/// When a file cannot be written.
pub fn pass_first_run(system: &mut System) -> Result<(), PhoneError> {
    for permission in PERMISSIONS
        .iter()
        .chain(&["android.permission.ACCESS_COARSE_LOCATION"])
    {
        system.packages.grant(PACKAGE, permission);
    }
    introduction::seen(&system.files)?;
    database::DATABASE.create(system)
}

/// The app.
pub const APP: AppEntry = AppEntry {
    package: PACKAGE,
    label: "OpenTracks",
    icon: Icon::Run,
    color: look::GREEN,
    activities: &[
        ActivityEntry::new(INTRODUCTION, activity::<introduction::Introduction>).launcher(),
        ActivityEntry::new(LIST, activity::<list::TrackList>).mode(LaunchMode::SingleTop),
        ActivityEntry::new(RECORDED, activity::<detail::TrackRecorded>),
        ActivityEntry::new(RECORDING, activity::<running::TrackRecording>),
        ActivityEntry::new(STOPPED, activity::<running::TrackStopped>),
        ActivityEntry::new(EDIT, activity::<edit::TrackEdit>),
        ActivityEntry::new(MARKERS, activity::<settings::MarkerList>),
        ActivityEntry::new(AGGREGATED, activity::<statistics::AggregatedStatistics>),
        ActivityEntry::new(SETTINGS, activity::<settings::Settings>),
        ActivityEntry::new(HELP, activity::<settings::Help>),
    ],
};
