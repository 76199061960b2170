//! First-time set-up of a device (catalogue sections 2.3 and 2.6): every app is started once, its
//! first-run screens are passed by touching them, and its private data is kept as a snapshot.

use rusqlite::Connection;

use super::TaskError;
use super::apps::{self, App};
use super::base;
use super::database::AppDatabase;
use super::notes;
use super::rights::{self, Rights};
use super::screen::Look;
use crate::adb::quote;
use crate::device::{Device, DeviceError};
use crate::domain::{Action, Observation};

/// Raised when the set-up changes, so that devices are set up again.
const VERSION: u32 = 1;
/// What was set up already, one line for each app.
pub const MARKER: &str = "/data/data/android_world/stepdroid_ready";
/// Looks at the screen for a button, half a second apart.
const LOOKS: u32 = 12;

/// Settings that make a device quiet and its screens comparable: namespace, key, value and what for.
pub const QUIET: &[(&str, &str, &str, &str)] = &[
    ("global", "window_animation_scale", "0", STILL),
    ("global", "transition_animation_scale", "0", STILL),
    ("global", "animator_duration_scale", "0", STILL),
    (
        "global",
        "stay_on_while_plugged_in",
        "7",
        "the screen stays on while the device charges",
    ),
    (
        "global",
        "heads_up_notifications_enabled",
        "0",
        "notifications do not cover the screen",
    ),
    (
        "system",
        "accelerometer_rotation",
        "0",
        "the screen does not turn",
    ),
];
const STILL: &str = "screens are still as soon as they are there";

/// Settings of the clock, as in [`QUIET`]; the tasks set them too, each time one begins.
pub const CLOCK: &[(&str, &str, &str, &str)] = &[
    ("global", "auto_time", "0", DAY),
    ("global", "auto_time_zone", "0", DAY),
    ("system", "time_12_24", "24", "tasks name times of 24 hours"),
];
const DAY: &str = "tasks are about a day of their own";

/// The instant that each task begins at, in seconds of the Unix epoch: 15 October 2023, 15:34 UTC.
pub const INSTANT: i64 = 1_697_384_040;

/// The folder that the set-up makes for snapshots of the apps' data.
pub const SNAPSHOT_ROOT: &str = "/data/data/android_world";

/// An app that tasks use, as its first-time set-up sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstSetup {
    /// AndroidWorld's name.
    pub name: &'static str,
    /// Its package.
    pub package: &'static str,
    /// Permissions that it is given, without `android.permission.`.
    pub permissions: &'static [&'static str],
    /// Folders of the shared storage that come with it.
    pub folders: &'static [&'static str],
    /// A setting that chooses it: namespace and key; the value is its package.
    pub chosen: Option<(&'static str, &'static str)>,
}

/// The apps, in the order of their set-up.
pub fn first_setups() -> Vec<FirstSetup> {
    let setups = apps::ALL.iter().map(|app| FirstSetup {
        name: app.name,
        package: app.package,
        permissions: permissions(*app),
        folders: match *app {
            apps::VLC => &[VIDEOS],
            apps::MARKOR => &["/storage/emulated/0/Documents/Markor"],
            _ => &[],
        },
        chosen: (*app == apps::MESSENGER).then_some(("secure", SMS_APP)),
    });
    setups.collect()
}

/// Where a task's videos lie.
const VIDEOS: &str = "/storage/emulated/0/VLCVideos";
/// The setting that chooses the app for messages.
const SMS_APP: &str = "sms_default_application";

/// The script that does [`QUIET`].
fn quiet() -> String {
    let put = |(namespace, key, value, _): &(&str, &str, &str, &str)| {
        format!("settings put {namespace} {key} {value}\n")
    };
    QUIET.iter().map(put).collect()
}

/// Buttons of the first-run screens, in their order.
fn buttons(app: App) -> &'static [&'static str] {
    match app {
        apps::CAMERA => &["NEXT"],
        apps::CHROME => &["Accept & continue", "No thanks", "No thanks"],
        apps::CLIPPER => &["Continue", "OK"],
        apps::CONTACTS => &["Skip", "Don't allow"],
        apps::EXPENSE => &["NEXT", "CONTINUE"],
        apps::GALLERY => &["All files", "Allow access to manage all files"],
        apps::MARKOR => &[
            "NEXT",
            "NEXT",
            "NEXT",
            "NEXT",
            "DONE",
            "OK",
            "Allow access to manage all files",
        ],
        apps::VLC => &[
            "Skip",
            "GRANT PERMISSION",
            "OK",
            "Allow access to manage all files",
        ],
        apps::MESSENGER => &["SMS Messenger", "Set as default"],
        // The map of Liechtenstein is the device's own business.
        apps::OSMAND => &["SKIP DOWNLOAD"],
        _ => &[],
    }
}

/// Whether an app is started at all: some are complete without, and would only lie in front.
fn is_started(app: App) -> bool {
    ![apps::DIALER, apps::DRAW, apps::FILES, apps::SETTINGS].contains(&app)
}

/// Permissions that an app is given before its first start, so that it does not ask for them.
fn permissions(app: App) -> &'static [&'static str] {
    match app {
        apps::CALENDAR => &["READ_CALENDAR", "WRITE_CALENDAR", "POST_NOTIFICATIONS"],
        apps::CAMERA => &["ACCESS_COARSE_LOCATION"],
        apps::JOPLIN => &["ACCESS_COARSE_LOCATION", "ACCESS_FINE_LOCATION"],
        apps::TRACKS => &[
            "ACCESS_COARSE_LOCATION",
            "ACCESS_FINE_LOCATION",
            "BLUETOOTH_CONNECT",
            "BLUETOOTH_SCAN",
            "POST_NOTIFICATIONS",
        ],
        apps::GALLERY => &[
            "WRITE_EXTERNAL_STORAGE",
            "ACCESS_MEDIA_LOCATION",
            "READ_MEDIA_IMAGES",
            "READ_MEDIA_VIDEO",
            "POST_NOTIFICATIONS",
        ],
        apps::OSMAND => &["POST_NOTIFICATIONS"],
        apps::RECORDER => &["RECORD_AUDIO", "POST_NOTIFICATIONS"],
        apps::VLC => &["POST_NOTIFICATIONS"],
        apps::RETRO => &["READ_MEDIA_AUDIO", "POST_NOTIFICATIONS"],
        _ => &[],
    }
}

/// Sets a device up, once: passes the first-run screens of the catalogue's apps and keeps snapshots
/// of their data. What was done before is not done again. Where the shell is not root and the device's options allow
/// that, only its screen is made quiet: apps, their data and the clock stay as they are.
///
/// # Errors
/// When the device fails, or its shell is not root and its options do not allow that.
pub async fn prepare(device: &Device) -> Result<Rights, TaskError> {
    prepare_for(device, &[]).await
}

/// As [`prepare`], for these tasks.
///
/// # Errors
/// As [`prepare`]; [`TaskError::NoRoot`] also where one of the tasks needs root and there is none. Nothing was changed
/// then.
pub async fn prepare_for(device: &Device, tasks: &[String]) -> Result<Rights, TaskError> {
    let mut missing = unprepared(device).await?;
    // An image that may be root begins as `shell` after each boot (catalogue: ROOT).
    if missing.is_none()
        && device
            .adb()
            .become_root()
            .await
            .map_err(DeviceError::from)?
    {
        missing = unprepared(device).await?;
    }
    let Some(missing) = missing else {
        let allowed = base::may_go_without(device);
        if !allowed || !rights::needing_root(tasks).is_empty() {
            return Err(rights::refusal(device, tasks, allowed));
        }
        device.adb().shell_ok(&quiet()).await?;
        return Ok(Rights::Shell);
    };
    if missing.is_empty() {
        return Ok(Rights::Root);
    }
    begin(device).await?;
    for app in missing {
        set_up(device, app).await?;
    }
    device.home().await?;
    Ok(Rights::Root)
}

/// The packages of installed apps whose first-time set-up has not been done yet.
///
/// # Errors
/// As [`prepare`].
pub async fn waiting(device: &Device) -> Result<Vec<&'static str>, TaskError> {
    let apps = unprepared(device).await?;
    let apps = apps.ok_or_else(|| rights::refusal(device, &[], base::may_go_without(device)))?;
    Ok(apps.into_iter().map(|app| app.package).collect())
}

/// Does the first-time set-up of one app, whether it was done before or not.
///
/// # Errors
/// When the device fails, or no task uses such a package.
pub async fn prepare_app(device: &Device, package: &str) -> Result<(), TaskError> {
    let app = apps::ALL.iter().find(|app| app.package == package);
    let app = app.ok_or_else(|| TaskError::setup(device, format!("no task uses {package}")))?;
    begin(device).await?;
    set_up(device, *app).await?;
    device.home().await?;
    Ok(())
}

async fn begin(device: &Device) -> Result<(), TaskError> {
    let (quiet, place, time) = (quiet(), apps::SNAPSHOTS, base::SET_TIME);
    let script = format!("{quiet}mkdir -p {place}\n{time}");
    device.adb().shell_ok(&script).await?;
    Ok(())
}

/// The installed apps that are not set up; nothing where the shell is not root.
async fn unprepared(device: &Device) -> Result<Option<Vec<App>>, TaskError> {
    let look = format!("id -u; cat {MARKER} 2>/dev/null; pm list packages");
    let text = device.adb().query(&look).await?;
    let mut lines = text.lines().map(str::trim);
    if lines.next() != Some("0") {
        return Ok(None);
    }
    let lines: Vec<&str> = lines.collect();
    let missing: Vec<App> = apps::ALL
        .iter()
        .copied()
        .filter(|app| lines.contains(&&*format!("package:{}", app.package)))
        .filter(|app| !lines.contains(&&*ready(*app)))
        .collect();
    Ok(Some(missing))
}

/// The line of the marker that says that an app is set up.
fn ready(app: App) -> String {
    format!("ready {VERSION} {}", app.package)
}

/// Passes the first-run screens of an app and keeps the snapshot. A button that is not found is only
/// logged, as the benchmark does.
pub(super) async fn set_up(device: &Device, app: App) -> Result<(), TaskError> {
    let adb = device.adb();
    let package = quote(app.package);
    // The shell's user may clear data too, of which there would be no copy.
    let clear = format!("{}pm clear {package} >/dev/null", base::only_root());
    if base::was_not_root(&adb.shell_ok(&clear).await?) {
        return Err(rights::refusal(device, &[], false));
    }
    let grants: String = permissions(app)
        .iter()
        .map(|permission| format!("pm grant {package} android.permission.{permission}\n"))
        .collect();
    if !grants.is_empty() {
        // A device that does not know one goes without it.
        adb.shell(&grants).await?;
    }
    if app == apps::VLC {
        adb.shell_ok(&format!("mkdir -p {VIDEOS}")).await?;
    }
    if app == apps::MESSENGER {
        let choose = format!("settings put secure {SMS_APP} {package}");
        adb.shell_ok(&choose).await?;
    }
    if is_started(app) {
        let nothing = Observation {
            frame: None,
            elements: Vec::new(),
            screen: device.screen(),
            settled: true,
        };
        device
            .perform(&Action::open_app(app.name), &nothing)
            .await?;
        for button in buttons(app) {
            if !press(device, button).await? {
                tracing::warn!(
                    serial = device.serial(),
                    app = app.name,
                    button,
                    "a first-run button was not found"
                );
            }
        }
        // Databases are made in the background.
        adb.shell_ok("sleep 3").await?;
    }
    if app == apps::JOPLIN {
        notes::forget_welcome(device).await?;
    }
    let script = format!(
        "am force-stop {package}\nam force-stop com.android.settings\n{}echo {} >> {MARKER}",
        base::save(app),
        quote(&ready(app)),
    );
    adb.shell_ok(&script).await?;
    Ok(())
}

/// Changes a database. Where there is none, the app was never started on this device, or its snapshot was
/// taken before it made its database: then it is set up first.
pub(super) async fn change<T>(
    device: &Device,
    database: AppDatabase,
    work: impl Fn(&Connection) -> rusqlite::Result<T>,
) -> Result<T, TaskError> {
    if let Some(done) = database.change(device, &work).await? {
        return Ok(done);
    }
    set_up(device, database.app).await?;
    let done = database.change(device, &work).await?;
    done.ok_or_else(|| TaskError::setup(device, format!("{} made no database", database.app.name)))
}

/// Touches the element of that name, whatever its capitals, as soon as it is there.
pub(super) async fn press(device: &Device, words: &str) -> Result<bool, TaskError> {
    let plain = |text: &str| text.replace('’', "'").to_lowercase();
    for attempt in 0..LOOKS {
        if attempt > 0 {
            // The device's own sleep, so that a phone whose clock stands still gets on with it.
            device.adb().shell_ok("sleep 0.5").await?;
        }
        let observation = device.observe(false).await?;
        let look = Look::at(&observation);
        let wanted = plain(words);
        let found = look.find(|element| {
            [&element.text, &element.content_description]
                .into_iter()
                .flatten()
                .any(|text| plain(text) == wanted)
        });
        if let Some(index) = found {
            device.perform(&Action::click(index), &observation).await?;
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_of_the_set_up_is_what_it_does() {
        for (namespace, key, value, _) in CLOCK {
            let put = format!("settings put {namespace} {key} {value}\n");
            assert!(base::SET_TIME.contains(&put), "{put}");
        }
        for (namespace, key, value, _) in QUIET {
            assert!(quiet().contains(&format!("settings put {namespace} {key} {value}\n")));
        }
        assert!(apps::SNAPSHOTS.starts_with(SNAPSHOT_ROOT) && MARKER.starts_with(SNAPSHOT_ROOT));
        let instant = jiff::Timestamp::from_second(INSTANT).unwrap();
        assert_eq!(instant.to_string(), "2023-10-15T15:34:00Z");
        assert_eq!(first_setups().len(), apps::ALL.len());
    }
}
