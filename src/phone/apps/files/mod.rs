//! Files (`com.google.android.documentsui`): the shared storage by folders and by kinds, with selection,
//! deleting, renaming, moving and copying; and the picker that other apps ask for a file or a place.
//! The files are the truth; the app remembers only how they were shown.

mod bars;
mod browser;
mod dialogs;
mod documents;
mod main_screen;
mod menus;
mod picker;
mod root;
mod rows;

use crate::phone::system::Intent;
use crate::phone::ui::{ActivityEntry, AppEntry, Color, Filter, Icon, LaunchMode, activity};

/// The package.
pub const PACKAGE: &str = "com.google.android.documentsui";

const PICKER: &str = "com.android.documentsui.picker.PickActivity";

/// Asks for the folder that files go to.
const PICK_DESTINATION: &str = "com.android.documentsui.PICK_COPY_DESTINATION";
/// Asks for the place and name of a new file, which is made.
pub const CREATE_DOCUMENT: &str = "android.intent.action.CREATE_DOCUMENT";
/// Asks for a file.
pub const OPEN_DOCUMENT: &str = "android.intent.action.OPEN_DOCUMENT";
/// Asks for a file's content.
pub const GET_CONTENT: &str = "android.intent.action.GET_CONTENT";
/// Asks for a folder.
pub const OPEN_TREE: &str = "android.intent.action.OPEN_DOCUMENT_TREE";
/// Extra with the name of a new file.
pub const TITLE: &str = "android.intent.extra.TITLE";

/// Extra: files are moved, not copied.
const MOVING: &str = "com.android.documentsui.MOVING";

/// The intent that asks where to move or copy to, from a folder on.
fn ask_destination(moving: bool, folder: &str) -> Intent {
    let mut intent = Intent::activity(PACKAGE, PICKER)
        .data(crate::phone::providers::documents::uri_of(folder))
        .flag(MOVING, moving);
    intent.action = Some(PICK_DESTINATION.to_owned());
    intent
}

/// Any type of file.
const fn of_any_type(action: &'static str) -> Filter {
    Filter::mime(action, "*")
}

/// The app.
pub const APP: AppEntry = AppEntry {
    package: PACKAGE,
    label: "Files",
    icon: Icon::Folder,
    color: Color::rgb(0x1A_73E8),
    activities: &[
        ActivityEntry::new(
            "com.android.documentsui.files.FilesActivity",
            activity::<main_screen::FilesActivity>,
        )
        .aliases(&["com.android.documentsui.LauncherActivity"])
        .launcher()
        .mode(LaunchMode::SingleTop),
        ActivityEntry::new(PICKER, activity::<picker::PickActivity>).filters(&[
            of_any_type(CREATE_DOCUMENT),
            of_any_type(OPEN_DOCUMENT),
            of_any_type(GET_CONTENT),
            Filter::action(OPEN_TREE),
        ]),
    ],
};
