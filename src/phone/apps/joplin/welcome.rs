//! What the app makes when it is started for the first time: a notebook with a few notes about itself.

use super::database::{self, Folder, Note};
use crate::phone::system::{PhoneError, System};

/// Set once the notes were made, or were not wanted.
const BUILT: &str = "welcome.wasBuilt";

/// Titles and texts.
const NOTES: [(&str, &str); 4] = [
    (
        "1. Welcome to Joplin!",
        "# Welcome to Joplin!\n\nThis app keeps your notes and to-dos in notebooks.\n\n- Tap the plus to \
         write a note or a to-do\n- Tap the pencil to change one\n- Open the sidebar to change the notebook",
    ),
    (
        "2. Importing and exporting notes",
        "# Importing and exporting notes\n\nNotes are plain **Markdown** and can be taken along.",
    ),
    (
        "3. Synchronising your notes",
        "# Synchronising your notes\n\nChoose a target in the *Configuration* to have the same notes on \
         other devices.",
    ),
    (
        "4. Tips",
        "# Tips\n\n1. Press long on a note to choose several\n2. Search with the magnifying glass\n3. Look \
         into the trash for what was deleted",
    ),
];

/// Makes the notebook, unless it was made before.
///
/// # Errors
/// When the database cannot be written.
pub fn build(system: &mut System) -> Result<(), PhoneError> {
    if database::setting(system, BUILT)?.is_some() {
        return Ok(());
    }
    let folder = Folder {
        id: database::new_id(system),
        title: "Welcome!".to_owned(),
        ..Folder::default()
    };
    database::save_folder(system, &folder)?;
    let now = system.clock.now_millis();
    // The first note is the latest, so that it stands on top.
    for (place, (title, body)) in (0i64..).zip(NOTES) {
        let note = Note {
            id: database::new_id(system),
            parent: folder.id.clone(),
            title: title.to_owned(),
            body: body.to_owned(),
            created: now - place,
            updated: now - place,
            ..Note::default()
        };
        database::save(system, &note)?;
    }
    skip(system)
}

/// Makes the database without it.
///
/// # Errors
/// When the database cannot be written.
pub fn skip(system: &System) -> Result<(), PhoneError> {
    database::remember(system, BUILT, "1")
}
