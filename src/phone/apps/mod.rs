//! The apps of the virtual phone, one file or folder each, and the list of them. To add an app, write its
//! module and add its entry to [`registry`]; nothing else knows apps by name.

mod all_files;
pub mod app_database;
pub mod calendar;
pub mod camera;
pub mod chrome;
pub mod clipper;
pub mod clock;
pub mod contacts;
pub mod dialer;
pub mod draw;
mod entries;
pub mod expense;
pub mod files;
pub mod foreign;
pub mod gallery;
pub mod html_viewer;
pub mod joplin;
pub mod launcher;
mod lengths;
pub mod markor;
pub mod messenger;
pub mod not_responding;
pub mod opentracks;
pub mod osmand;
pub mod permissions;
pub mod recipes;
pub mod recorder;
pub mod resolver;
pub mod retro;
pub mod roles;
pub mod settings;
pub mod systemui;
pub mod todo;
pub mod transfer;
pub mod vlc;

use super::system::{Intent, PhoneError, System};
use super::ui::{ActivityEntry, AppEntry};

/// Every installed app, in no particular order.
pub fn registry() -> &'static [AppEntry] {
    const APPS: &[AppEntry] = &[
        launcher::APP,
        systemui::APP,
        permissions::APP,
        resolver::APP,
        settings::APP,
        calendar::APP,
        camera::APP,
        html_viewer::APP,
        chrome::APP,
        clock::APP,
        contacts::APP,
        dialer::APP,
        draw::APP,
        expense::APP,
        gallery::APP,
        vlc::APP,
        joplin::APP,
        files::APP,
        markor::APP,
        messenger::APP,
        recipes::APP,
        opentracks::APP,
        recorder::APP,
        retro::APP,
        todo::APP,
        osmand::APP,
        clipper::APP,
    ];
    APPS
}

/// The app of a package.
pub fn find(package: &str) -> Option<&'static AppEntry> {
    registry().iter().find(|app| app.package == package)
}

/// What a package is called: as the app here, as its own manifest says, or by its name.
pub fn label(system: &System, package: &str) -> String {
    let named = find(package).map(|app| app.label);
    named
        .or_else(|| Some(system.packages.get(package)?.label.as_str()))
        .unwrap_or(package)
        .to_owned()
}

/// The activities that answer an intent without a component, one of each app.
pub fn answering(intent: &Intent) -> Vec<(&'static AppEntry, &'static ActivityEntry)> {
    let named = intent.package.as_deref();
    registry()
        .iter()
        .filter(|app| named.is_none_or(|package| package == app.package))
        .filter_map(|app| {
            let answers =
                |entry: &&ActivityEntry| entry.filters.iter().any(|filter| filter.accepts(intent));
            Some((app, app.activities.iter().find(answers)?))
        })
        .collect()
}

/// Ends what an app's services do, as their process was killed: recordings do not go on.
///
/// # Errors
/// When what they leave cannot be written.
pub fn kill_services(system: &System, package: &str) -> Result<(), PhoneError> {
    match package {
        opentracks::PACKAGE => opentracks::kill_service(system),
        recorder::PACKAGE => recorder::kill_service(system),
        _ => Ok(()),
    }
}

/// Leaves every app as it is after its first start was passed by hand: first-run screens seen,
/// permissions granted, databases made. Does nothing to an app that was used already.
///
/// # Errors
/// When a file or database cannot be written.
pub fn pass_first_run(system: &mut System) -> Result<(), PhoneError> {
    calendar::pass_first_run(system)?;
    camera::pass_first_run(system)?;
    chrome::pass_first_run(system)?;
    clipper::pass_first_run(system)?;
    contacts::pass_first_run(system)?;
    expense::pass_first_run(system)?;
    gallery::pass_first_run(system)?;
    vlc::pass_first_run(system)?;
    joplin::pass_first_run(system)?;
    markor::pass_first_run(system)?;
    messenger::pass_first_run(system)?;
    opentracks::pass_first_run(system)?;
    recipes::pass_first_run(system)?;
    recorder::pass_first_run(system)?;
    retro::pass_first_run(system)?;
    todo::pass_first_run(system)?;
    osmand::pass_first_run(system)?;
    Ok(())
}
