//! The apps of the virtual phone, one file or folder each, and the list of them. To add an app, write its
//! module and add its entry to [`registry`]; nothing else knows apps by name.

pub mod calendar;
pub mod clipper;
pub mod clock;
pub mod contacts;
pub mod expense;
pub mod joplin;
pub mod launcher;
pub mod markor;
pub mod messenger;
pub mod permissions;
pub mod roles;
pub mod settings;
pub mod systemui;

use super::system::{PhoneError, System};
use super::ui::AppEntry;

/// Every installed app, in no particular order.
pub fn registry() -> &'static [AppEntry] {
    const APPS: &[AppEntry] = &[
        launcher::APP,
        systemui::APP,
        permissions::APP,
        settings::APP,
        calendar::APP,
        clock::APP,
        contacts::APP,
        expense::APP,
        joplin::APP,
        markor::APP,
        messenger::APP,
        clipper::APP,
    ];
    APPS
}

/// The app of a package.
pub fn find(package: &str) -> Option<&'static AppEntry> {
    registry().iter().find(|app| app.package == package)
}

/// Leaves every app as it is after its first start was passed by hand: first-run screens seen,
/// permissions granted, databases made. Does nothing to an app that was used already.
///
/// # Errors
/// When a file or database cannot be written.
pub fn pass_first_run(system: &mut System) -> Result<(), PhoneError> {
    calendar::pass_first_run(system)?;
    contacts::pass_first_run(system)?;
    expense::pass_first_run(system)?;
    joplin::pass_first_run(system)?;
    markor::pass_first_run(system)?;
    messenger::pass_first_run(system)
}
