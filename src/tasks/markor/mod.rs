//! Tasks in Markor, judged by the files of its notebook (catalogue section 3.8).

mod create;
mod delete;
mod edit;
mod merge;
pub(super) mod notebook;
mod paste;
mod rework;
mod transfer;
pub(super) mod view;

use super::Task;

/// The tasks of this folder.
pub(super) const TASKS: &[&'static dyn Task] = &[
    &rework::ADD_HEADER,
    &rework::CHANGE_CONTENT,
    &create::FOLDER,
    &create::NOTE,
    &paste::PASTE,
    &merge::MERGE,
    &delete::ALL,
    &delete::NEWEST,
    &delete::ONE,
    &edit::EDIT,
    &transfer::MOVE,
];
