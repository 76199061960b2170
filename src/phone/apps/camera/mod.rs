//! Camera (`com.android.camera2`): takes pictures and films of a made-up scene. They are files on the shared
//! storage; the app itself remembers the answer about places and a few switches.

mod film;
mod first_run;
mod looks;
mod scene;
mod screen;
mod store;

use crate::phone::system::{PhoneError, Preferences, System};
use crate::phone::ui::{ActivityEntry, AppEntry, Color, Filter, Icon, LaunchMode, activity};

/// The package.
pub const PACKAGE: &str = "com.android.camera2";
/// Preference: whether pictures carry the place where they are taken, `on` or `off`.
const RECORD_PLACE: &str = "pref_camera_recordlocation_key";

/// Keeps the answer to the question about places.
fn store_place(system: &System, on: bool) -> Result<(), PhoneError> {
    Preferences::load_default(&system.files, PACKAGE)
        .with(RECORD_PLACE, if on { "on" } else { "off" })
        .save(&system.files)
}

/// Leaves the app as after its first start: the question about places answered.
///
/// # Errors
/// When the preferences cannot be written.
pub fn pass_first_run(system: &mut System) -> Result<(), PhoneError> {
    system.packages.grant(PACKAGE, first_run::PLACE);
    store_place(system, true)
}

/// The app.
pub const APP: AppEntry = AppEntry {
    package: PACKAGE,
    label: "Camera",
    icon: Icon::Camera,
    color: Color::rgb(0x45_4A54),
    activities: &[ActivityEntry::new(
        "com.android.camera.CameraActivity",
        activity::<screen::Camera>,
    )
    .aliases(&["com.android.camera.CameraLauncher", screen::VIDEO_CLASS])
    .launcher()
    .filters(&[
        Filter::action("android.media.action.STILL_IMAGE_CAMERA"),
        Filter::action(screen::FILM),
    ])
    .mode(LaunchMode::SingleTop)],
};
