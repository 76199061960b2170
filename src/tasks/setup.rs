//! First-time set-up of a device (catalogue sections 2.3 and 2.6): every app is started once, its
//! first-run screens are passed by touching them, and its private data is kept as a snapshot.

use rusqlite::Connection;

use super::TaskError;
use super::apps::{self, App};
use super::base;
use super::database::AppDatabase;
use super::notes;
use super::screen::Look;
use crate::adb::quote;
use crate::device::Device;
use crate::domain::{Action, Observation};

/// Raised when the set-up changes, so that devices are set up again.
const VERSION: u32 = 1;
/// What was set up already, one line for each app.
const MARKER: &str = "/data/data/android_world/stepdroid_ready";
/// Looks at the screen for a button, half a second apart.
const LOOKS: u32 = 12;

/// What makes a device quiet and its screens comparable.
const QUIET: &str = "settings put global window_animation_scale 0
settings put global transition_animation_scale 0
settings put global animator_duration_scale 0
settings put global stay_on_while_plugged_in 7
settings put global heads_up_notifications_enabled 0
settings put system accelerometer_rotation 0
mkdir -p /data/data/android_world/snapshots
";

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
/// of their data. What was done before is not done again. Needs root on the device.
///
/// # Errors
/// When the device fails, or its shell is not root.
pub async fn prepare(device: &Device) -> Result<(), TaskError> {
    let look = format!("id -u; cat {MARKER} 2>/dev/null; pm list packages");
    let text = device.adb().query(&look).await?;
    let mut lines = text.lines().map(str::trim);
    if lines.next() != Some("0") {
        return Err(TaskError::setup(device, base::NEEDS_ROOT));
    }
    let lines: Vec<&str> = lines.collect();
    let missing: Vec<App> = apps::ALL
        .iter()
        .copied()
        .filter(|app| lines.contains(&&*format!("package:{}", app.package)))
        .filter(|app| !lines.contains(&&*ready(*app)))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    device
        .adb()
        .shell_ok(&format!("{QUIET}{}", base::SET_TIME))
        .await?;
    for app in missing {
        set_up(device, app).await?;
    }
    device.home().await?;
    Ok(())
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
    adb.shell_ok(&format!("pm clear {package} >/dev/null"))
        .await?;
    let grants: String = permissions(app)
        .iter()
        .map(|permission| format!("pm grant {package} android.permission.{permission}\n"))
        .collect();
    if !grants.is_empty() {
        // A device that does not know one goes without it.
        adb.shell(&grants).await?;
    }
    if app == apps::VLC {
        adb.shell_ok("mkdir -p /storage/emulated/0/VLCVideos")
            .await?;
    }
    if app == apps::MESSENGER {
        let choose = format!("settings put secure sms_default_application {package}");
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
