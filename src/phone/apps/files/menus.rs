//! The menu of the three dots, over a folder and over a selection.

use super::browser::{Browser, Deed, Message};
use crate::phone::ui::{Overlay, overflow_menu};

/// The menu; `choosing` offers what only the main screen does.
pub fn overflow(browser: &Browser, choosing: bool) -> Overlay<Message> {
    let entries = match browser.chosen.is_empty() {
        true => over_folder(browser, choosing),
        false => over_selection(browser),
    };
    let entries = entries
        .into_iter()
        .map(|(label, deed)| (label, Message::Do(deed)));
    overflow_menu(entries, Message::Dismiss)
}

fn over_folder(browser: &Browser, choosing: bool) -> Vec<(&'static str, Deed)> {
    let mut entries = Vec::new();
    if choosing {
        entries.push(("New window", Deed::NewWindow));
    }
    if browser.folder.is_some() {
        entries.push(("New folder", Deed::NewFolder));
    }
    entries.push(("Sort by...", Deed::Sort));
    if choosing && !browser.documents.is_empty() {
        entries.push(("Select all", Deed::ChooseAll));
    }
    entries.push(match browser.hidden {
        true => ("Don’t show hidden files", Deed::Hidden),
        false => ("Show hidden files", Deed::Hidden),
    });
    entries
}

fn over_selection(browser: &Browser) -> Vec<(&'static str, Deed)> {
    let mut entries = Vec::new();
    let one = browser.only_chosen();
    if one.is_some_and(|document| !document.folder) {
        entries.push(("Open with", Deed::OpenWith));
    }
    entries.push(("Select all", Deed::ChooseAll));
    entries.push(("Copy to…", Deed::Copy));
    // What a collection shows can only be copied.
    if browser.folder.is_some() {
        entries.push(("Move to…", Deed::Move));
        if one.is_some() {
            entries.push(("Rename", Deed::Rename));
        }
    }
    if one.is_some() {
        entries.push(("Get info", Deed::Info));
    }
    entries.push(("Sort by...", Deed::Sort));
    entries
}
