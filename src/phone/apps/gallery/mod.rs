//! Simple Gallery Pro (`com.simplemobiletools.gallery.pro`): the folders with pictures, what is in them, one
//! picture on the whole screen; copying, moving, renaming, throwing away. All of it are files of the shared
//! storage; what is thrown away lies in the app's own files until the bin is emptied.

mod deeds;
mod destination;
mod folders;
mod library;
mod look;
mod media;
mod viewer;

use crate::phone::apps::all_files;
use crate::phone::system::{Intent, PhoneError, System};
use crate::phone::ui::{ActivityEntry, AppEntry, Filter, Icon, LaunchMode, activity};

/// The package.
pub const PACKAGE: &str = "com.simplemobiletools.gallery.pro";

/// What is in one folder.
const MEDIA: &str = "com.simplemobiletools.gallery.pro.activities.MediaActivity";
/// One picture after the other.
const VIEWER: &str = "com.simplemobiletools.gallery.pro.activities.ViewPagerActivity";
/// Permissions without which nothing is shown.
const MEDIA_PERMISSIONS: [&str; 2] = [
    "android.permission.READ_MEDIA_IMAGES",
    "android.permission.READ_MEDIA_VIDEO",
];

/// Whether the app may change the shared storage.
fn may_change(system: &System) -> bool {
    all_files::is_granted(system, PACKAGE)
}

/// Whether the app may see media.
fn may_see(system: &System) -> bool {
    may_change(system)
        || MEDIA_PERMISSIONS
            .iter()
            .all(|permission| system.packages.is_granted(PACKAGE, permission))
}

/// Leaves the app as after its first start: access granted.
///
/// # Errors
/// Never; it is the same for all apps.
pub fn pass_first_run(system: &mut System) -> Result<(), PhoneError> {
    for permission in MEDIA_PERMISSIONS.iter().chain(&[all_files::PERMISSION]) {
        system.packages.grant(PACKAGE, permission);
    }
    Ok(())
}

/// The app.
pub const APP: AppEntry = AppEntry {
    package: PACKAGE,
    label: "Simple Gallery Pro",
    icon: Icon::Image,
    color: look::ORANGE,
    activities: &[
        ActivityEntry::new(
            "com.simplemobiletools.gallery.pro.activities.MainActivity",
            activity::<folders::MainActivity>,
        )
        .aliases(&["com.simplemobiletools.gallery.pro.activities.SplashActivity.Orange"])
        .launcher()
        .mode(LaunchMode::SingleTop),
        ActivityEntry::new(MEDIA, activity::<media::MediaActivity>),
        ActivityEntry::new(VIEWER, activity::<viewer::ViewPagerActivity>),
        ActivityEntry::new(
            "com.simplemobiletools.gallery.pro.activities.PhotoVideoActivity",
            activity::<viewer::ViewPagerActivity>,
        )
        .filters(&[Filter::mime(Intent::VIEW, "image/*")]),
    ],
};
