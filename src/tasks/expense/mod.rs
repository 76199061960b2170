//! Tasks in Pro Expense, judged by its database (catalogue section 3.6).

mod add;
mod delete;
mod note;
mod pool;
mod row;
mod rows;

use super::Task;
use super::apps::EXPENSE;
use super::database::AppDatabase;

/// The app's database.
const DATABASE: AppDatabase = AppDatabase {
    app: EXPENSE,
    file: "accounting.db",
};

/// The tasks of this folder.
pub(super) const TASKS: &[&'static dyn Task] = &[
    &add::SINGLE,
    &add::MULTIPLE,
    &add::FROM_GALLERY,
    &add::FROM_MARKOR,
    &delete::SINGLE,
    &delete::MULTIPLE,
    &delete::AMONG_MANY,
    &delete::DUPLICATES,
    &delete::DUPLICATES_AMONG_MANY,
];
