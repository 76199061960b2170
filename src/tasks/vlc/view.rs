//! VLC's screens as solutions see them.

use super::super::apps::VLC;
use super::super::screen::{Look, Scan, back, is_named, open};
use crate::domain::Action;

/// The title of the bar at the top.
fn title(look: Look<'_>) -> &str {
    look.text_of("toolbar_vlc_title")
}

/// The row of a folder or file.
pub fn row(look: Look, name: &str) -> Option<usize> {
    look.find(|element| element.resource_entry() == "title" && is_named(element, name))
        .map(|index| look.target(index))
}

/// The next action towards a folder of the storage, or `None` where it is in front.
pub fn reach(look: Look, scan: &mut Scan, folder: &str) -> Option<Action> {
    if !look.shows(VLC) {
        scan.restart();
        return Some(open(VLC));
    }
    let Some(tab) = look.id("nav_directories") else {
        // A sheet, a playlist, the player.
        return Some(back());
    };
    let here = title(look);
    if here == folder {
        return None;
    }
    if here == "Internal memory" {
        return Some(match row(look, folder) {
            Some(row) => {
                scan.restart();
                Action::click(row)
            }
            None => scan.next(look),
        });
    }
    scan.restart();
    let crumb = look.find(|element| {
        element.resource_entry().is_empty() && is_named(element, "Internal memory")
    });
    Some(match row(look, "Internal memory").or(crumb) {
        Some(memory) => Action::click(memory),
        None if here != "VLC" => back(),
        None => look.tap(tab),
    })
}

/// How many rows are chosen; `None` where there is no selection.
pub fn chosen(look: Look) -> Option<usize> {
    title(look).strip_suffix(" selected")?.parse().ok()
}
