//! Finding the way through Files: to a folder of the volume, to a document in it, to its selection.

use super::super::apps::FILES;
use super::super::screen::{Look, Scan, back, open};
use crate::domain::Action;

/// What the volume's name begins with, whatever the image's processor.
const VOLUME: &str = "sdk_gphone";

/// A document's title.
fn titled(look: Look, wanted: impl Fn(&str) -> bool) -> Option<usize> {
    look.find(|element| {
        let text = element.text.as_deref().unwrap_or("");
        element.resource_entry() == "title" && wanted(text)
    })
}

/// Whether a folder of the volume is shown.
fn is_in(look: Look, folder: &str) -> bool {
    let header = look.text_of("header_title");
    let last = look
        .elements()
        .filter(|(_, element)| element.resource_entry() == "breadcrumb_text")
        .last();
    let last = last.and_then(|(_, element)| element.text.as_deref());
    header == format!("Files in {folder}") || last == Some(folder)
}

/// Whether the volume itself is shown.
fn is_at_top(look: Look) -> bool {
    let header = look.text_of("header_title");
    let mut way = look
        .elements()
        .filter(|(_, element)| element.resource_entry() == "breadcrumb_text");
    header.starts_with(&format!("Files on {VOLUME}")) && way.next().is_none()
}

/// The next step to a folder; none when it is there.
pub(super) fn reach(look: Look, scan: &mut Scan, folder: &str) -> Option<Action> {
    if !look.shows(FILES) {
        scan.restart();
        return Some(open(FILES));
    }
    // The drawer is looked at first: its titles are names of folders too.
    if look.id("roots_list").is_some() {
        let volume = titled(look, |text| text.starts_with(VOLUME));
        return Some(match volume {
            Some(index) => look.tap(index),
            None => scan.next(look),
        });
    }
    if is_in(look, folder) {
        return None;
    }
    if !is_at_top(look) {
        scan.restart();
        return Some(look.tap_named("Show roots").unwrap_or_else(back));
    }
    Some(match titled(look, |text| text == folder) {
        Some(index) => {
            scan.restart();
            look.tap(index)
        }
        None => scan.next(look),
    })
}

/// A step towards a document alone being chosen.
pub(super) enum Choice {
    /// It is chosen.
    Done,
    /// This leads there.
    Step(Action),
    /// It is not on the screen.
    Unseen,
}

/// Chooses a document by its name, and nothing else.
pub(super) fn choose(look: Look, name: &str) -> Choice {
    let is_chosen = |title: usize| look.element(look.target(title)).is_selected;
    let stranger = look.find(|element| {
        element.resource_entry() == "item_root" && element.is_selected && {
            let around = element.bbox_pixels;
            !titled(look, |text| text == name).is_some_and(|title| {
                around.is_some_and(|around| around.contains(look.bounds(title).center()))
            })
        }
    });
    if let Some(stranger) = stranger {
        return Choice::Step(Action::click(stranger));
    }
    match titled(look, |text| text == name) {
        Some(title) if is_chosen(title) => Choice::Done,
        Some(title) => Choice::Step(Action::long_press(look.target(title))),
        None => Choice::Unseen,
    }
}
