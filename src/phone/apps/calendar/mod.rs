//! Simple Calendar Pro (`com.simplemobiletools.calendar.pro`): months, days and lists of events, and a form
//! for each event. Events are rows of `events.db`.

mod clock_face;
pub mod database;
mod days;
mod editor;
mod form;
mod main_screen;
mod month;
mod overview;
mod questions;
mod repetition;
mod words;

use self::editor::Editor;
use self::main_screen::MainActivity;
use crate::phone::system::{PhoneError, System};
use crate::phone::ui::{ActivityEntry, AppEntry, Color, Icon, LaunchMode, Widget, activity, blank};

/// The package.
pub const PACKAGE: &str = "com.simplemobiletools.calendar.pro";

const EVENT_ACTIVITY: &str = "com.simplemobiletools.calendar.pro.activities.EventActivity";
const TASK_ACTIVITY: &str = "com.simplemobiletools.calendar.pro.activities.TaskActivity";

/// Name of the app's preference file.
const PREFERENCES: &str = "Prefs";
/// What reminders need.
const POST_NOTIFICATIONS: &str = "android.permission.POST_NOTIFICATIONS";

/// The colour of events of the regular type.
const COLOR: Color = Color::rgb(0x14_65A4);

/// A round spot of a colour.
fn dot<M>(color: Color, size: f32) -> Widget<M> {
    blank()
        .class("android.widget.ImageView")
        .size(size, size)
        .rounded(color, size / 2.0)
}

/// Leaves the app as after its first start: the database made, the permissions granted.
///
/// # Errors
/// When a file cannot be written.
pub fn pass_first_run(system: &mut System) -> Result<(), PhoneError> {
    system.packages.grant(PACKAGE, POST_NOTIFICATIONS);
    database::DATABASE.create(system)
}

/// The app.
pub const APP: AppEntry = AppEntry {
    package: PACKAGE,
    label: "Calendar",
    icon: Icon::Calendar,
    color: Color::rgb(0xE0_7A1F),
    activities: &[
        ActivityEntry::new(
            "com.simplemobiletools.calendar.pro.activities.MainActivity",
            activity::<MainActivity>,
        )
        .aliases(&[
            "com.simplemobiletools.calendar.pro.activities.SplashActivity",
            "com.simplemobiletools.calendar.pro.activities.SplashActivity.Orange",
        ])
        .launcher()
        .mode(LaunchMode::SingleTop),
        ActivityEntry::new(EVENT_ACTIVITY, activity::<Editor>),
        ActivityEntry::new(TASK_ACTIVITY, activity::<Editor>),
    ],
};
