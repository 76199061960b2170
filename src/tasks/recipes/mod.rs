//! Tasks in Broccoli, judged by its database (catalogue section 3.10).

mod add;
mod cards;
mod delete;
mod deleting;
mod pool;
mod row;

use super::Task;
use super::apps::BROCCOLI;
use super::database::AppDatabase;

/// The app's database.
const DATABASE: AppDatabase = AppDatabase {
    app: BROCCOLI,
    file: "broccoli",
};

/// The tasks of this folder.
pub(super) const TASKS: &[&'static dyn Task] = &[
    &add::SINGLE,
    &add::MULTIPLE,
    &add::FROM_PICTURE,
    &add::FROM_NOTE,
    &add::FROM_NOTE_BY_TIME,
    &delete::SINGLE,
    &delete::SINGLE_AMONG_MANY,
    &delete::MULTIPLE,
    &delete::MULTIPLE_AMONG_MANY,
    &delete::BY_INGREDIENT,
    &delete::DUPLICATES,
    &delete::DUPLICATES_AMONG_VARIANTS,
    &delete::DUPLICATES_AMONG_MANY,
];
