//! Tasks.org (`org.tasks`): one activity with the list of tasks and the form of one, and a sheet that asks
//! for groups and order. Tasks are rows of the file `database`, what is listed is a matter of preferences.

pub mod database;
mod dates;
mod drawer;
mod due_sheet;
mod editor;
mod home;
mod look;
mod order;
mod screen;
mod sort_sheet;

use crate::phone::system::{PhoneError, System};
use crate::phone::ui::{ActivityEntry, AppEntry, Icon, LaunchMode, activity};

/// The package.
pub const PACKAGE: &str = "org.tasks";

/// The activity that asks for groups and order.
const SORT: &str = "org.tasks.dialogs.SortSettingsActivity";

/// Leaves the app as after its first start: the database made.
///
/// # Errors
/// When it cannot be written.
pub fn pass_first_run(system: &System) -> Result<(), PhoneError> {
    database::DATABASE.create(system)
}

/// The app.
pub const APP: AppEntry = AppEntry {
    package: PACKAGE,
    label: "Tasks",
    icon: Icon::Check,
    color: look::BLUE,
    activities: &[
        ActivityEntry::new(
            "com.todoroo.astrid.activity.MainActivity",
            activity::<home::MainActivity>,
        )
        .aliases(&["com.todoroo.astrid.activity.TaskListActivity"])
        .launcher()
        .mode(LaunchMode::SingleTask),
        ActivityEntry::new(SORT, activity::<sort_sheet::SortSettings>),
    ],
};
