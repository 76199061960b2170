//! Markor's screens as solutions see them, and the ways between them.

use super::super::apps::MARKOR;
use super::super::screen::{Look, Scan, back, open};
use crate::domain::Action;

/// A row of the list of files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::tasks) struct Row<'a> {
    /// Position in the observation.
    pub index: usize,
    /// A folder; a chosen row does not say.
    pub folder: bool,
    /// Chosen.
    pub chosen: bool,
    /// Name, and the date where the row says it.
    words: &'a str,
}

impl Row<'_> {
    /// The name, with the date where the row says it.
    pub fn name(&self) -> &str {
        self.words
    }

    /// Whether it is the row of that file or folder.
    pub fn is(&self, name: &str) -> bool {
        self.words
            .strip_prefix(name)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    }
}

/// The rows of the list, from top to bottom, without the way to the folder above.
pub(super) fn rows(look: Look<'_>) -> Vec<Row<'_>> {
    look.elements()
        .filter(|(_, element)| element.resource_entry() == "opoc_filesystem_item__root")
        .filter_map(|(index, element)| {
            let words = element.content_description.as_deref()?;
            let (kind, words) = words.split_once(' ')?;
            let words = words.trim_end();
            Some(Row {
                index,
                folder: kind == "Folder",
                chosen: kind == "Selected",
                words,
            })
        })
        .filter(|row| !row.is(".."))
        .collect()
}

/// The row of a file or folder.
pub(in crate::tasks) fn row<'a>(look: Look<'a>, name: &str) -> Option<Row<'a>> {
    rows(look).into_iter().find(|row| row.is(name))
}

/// The editor's text field, where the editor of that note is in front.
pub(in crate::tasks) fn editor(look: Look, name: &str) -> Option<usize> {
    let field = look.id("document__fragment__edit__highlighting_editor")?;
    let title = look.text_of("note__activity__text_note_title");
    (title == super::super::names::split(name).0 || title == name).then_some(field)
}

/// The next action towards the editor of a note of the notebook.
pub(in crate::tasks) fn towards(look: Look, scan: &mut Scan, name: &str) -> Action {
    reach(look, scan, "").unwrap_or_else(|| match row(look, name) {
        Some(row) => Action::click(row.index),
        None => scan.next(look),
    })
}

/// The next action towards the editor of a note that is made where it is not there.
pub(super) fn towards_new(look: Look, scan: &mut Scan, name: &str) -> Action {
    reach(look, scan, "").unwrap_or_else(|| match row(look, name) {
        Some(row) => Action::click(row.index),
        None => look.tap_id("fab_add_new_item").unwrap_or_else(back),
    })
}

/// Touches OK in a dialog.
pub(super) fn ok(look: Look) -> Action {
    look.tap_named("OK").unwrap_or_else(back)
}

/// The next action towards the list of a folder (the notebook itself for an empty name), or `None`
/// where it is in front, with or without chosen rows.
pub(in crate::tasks) fn reach(look: Look, scan: &mut Scan, folder: &str) -> Option<Action> {
    if !look.shows(MARKOR) {
        scan.restart();
        return Some(open(MARKOR));
    }
    // The menu of places, opened from a folder that is not wanted.
    if look.has("Recently viewed documents")
        && let Some(notebook) = look.tap_named("Notebook")
    {
        return Some(notebook);
    }
    if look.id("note__activity__text_note_title").is_some() {
        return Some(look.tap_named("Navigate up").unwrap_or_else(back));
    }
    let Some(tab) = look.id("nav_notebook") else {
        // A menu or a dialog.
        return Some(back());
    };
    if look.id("ui__filesystem_dialog__list").is_none() {
        return Some(look.tap(tab));
    }
    let title = match folder {
        "" => "Markor".to_owned(),
        folder => format!("> {folder}"),
    };
    // While rows are chosen there is no title.
    if look.has(&title) || rows(look).iter().any(|row| row.chosen) {
        return None;
    }
    if !folder.is_empty() && look.has("Markor") {
        return Some(match row(look, folder) {
            Some(row) => {
                scan.restart();
                Action::click(row.index)
            }
            None => scan.next(look),
        });
    }
    scan.restart();
    Some(look.tap_named("Go to").unwrap_or_else(back))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{BoundingBox, Observation, ScreenSize, UiElement};

    #[test]
    fn rows_are_known_by_their_whole_name() {
        let entry = |words: &str| UiElement {
            content_description: Some(words.to_owned()),
            resource_id: Some("net.gsantner.markor:id/opoc_filesystem_item__root".to_owned()),
            is_visible: true,
            bbox_pixels: Some(BoundingBox::new(0, 0, 100, 50)),
            ..UiElement::default()
        };
        let observation = Observation {
            frame: None,
            elements: [
                "Folder .. ",
                "Folder plans ",
                "Selected a.md 10/15/2023, 15:34",
                "File a.md.txt ",
            ]
            .map(entry)
            .to_vec(),
            screen: ScreenSize {
                width: 360,
                height: 800,
            },
            settled: true,
        };
        let look = Look::at(&observation);
        assert_eq!(rows(look).len(), 3);
        let found = row(look, "a.md").unwrap();
        assert!(found.index == 2 && found.chosen);
        assert!(row(look, "plans").unwrap().folder);
        assert_eq!(row(look, "plan"), None);
    }
}
