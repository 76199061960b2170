//! Tasks in Files, judged by the files of the shared storage (catalogue section 3.7).

mod browse;
mod delete;
mod folders;
mod storage;
mod transfer;

use super::Task;

/// The tasks of this folder.
pub(super) const TASKS: &[&'static dyn Task] = &[&delete::DELETE, &transfer::MOVE];
