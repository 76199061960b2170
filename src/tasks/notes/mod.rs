//! Questions about notes in Joplin (catalogue section 3.20).

mod pool;
mod questions;
mod row;
mod solve;

use super::apps::JOPLIN;
use super::database::AppDatabase;
use super::{Task, TaskError};
use crate::device::Device;

/// The app's database.
const DATABASE: AppDatabase = AppDatabase {
    app: JOPLIN,
    file: "joplin.sqlite",
};

/// The tasks of this folder.
pub(super) const TASKS: &[&'static dyn Task] = &[
    &questions::IS_TODO,
    &questions::ATTENDEES,
    &questions::INGREDIENT,
    &questions::TODO_COUNT,
];

/// Throws the notes away that the app welcomes people with (catalogue section 2.3).
pub(super) async fn forget_welcome(device: &Device) -> Result<(), TaskError> {
    DATABASE.change(device, row::clear).await.map(drop)
}
