//! Tasks in Markor, judged by the files of its notebook (catalogue section 3.8).

mod create;
mod delete;
mod edit;
pub(super) mod names;
mod notebook;
mod rework;
mod transfer;
mod view;

use super::Task;

/// The tasks of this folder.
pub(super) const TASKS: &[&'static dyn Task] = &[
    &rework::ADD_HEADER,
    &rework::CHANGE_CONTENT,
    &create::FOLDER,
    &create::NOTE,
    &delete::ALL,
    &delete::NEWEST,
    &delete::ONE,
    &edit::EDIT,
    &transfer::MOVE,
];
