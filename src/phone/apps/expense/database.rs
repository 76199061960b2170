//! Pro Expense's database: the table `expense` of `accounting.db`.

use rusqlite::params;

use super::PACKAGE;
use crate::phone::apps::app_database::AppDatabase;
use crate::phone::system::{PhoneError, System};

/// One expense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expense {
    /// Row id; 0 for one that is not stored.
    pub id: i64,
    /// Name.
    pub name: String,
    /// Amount in hundredths.
    pub amount: i64,
    /// Number of the category, see [`CATEGORIES`].
    pub category: i64,
    /// Note.
    pub note: String,
    /// When it was stored, in milliseconds of the Unix epoch.
    pub created: i64,
    /// The date that it carries, in milliseconds of the Unix epoch.
    pub modified: i64,
}

/// Numbers and names of the categories in the order of the form.
pub const CATEGORIES: [(i64, &str); 11] = [
    (2, "Income"),
    (3, "Food"),
    (4, "Housing"),
    (5, "Social"),
    (6, "Entertainment"),
    (7, "Transportation"),
    (8, "Clothes"),
    (9, "Health Care"),
    (10, "Education"),
    (11, "Donation"),
    (1, "Others"),
];

/// The number of the category that means money coming in.
pub const INCOME: i64 = 2;
/// The number of the category that a new expense starts with.
pub const FOOD: i64 = 3;

const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS `expense` (`expense_id` INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, \
    `name` TEXT, `amount` INTEGER NOT NULL, `category` INTEGER NOT NULL, `note` TEXT, \
    `created_date` INTEGER NOT NULL, `modified_date` INTEGER NOT NULL);\
    CREATE TABLE IF NOT EXISTS `backup` (`backup_id` INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, \
    `name` TEXT NOT NULL, `file_path` TEXT NOT NULL, `created_date` INTEGER NOT NULL, \
    `item_total` INTEGER NOT NULL, `is_completed` INTEGER NOT NULL);\
    CREATE TABLE IF NOT EXISTS android_metadata (locale TEXT);";

/// The app's database.
pub const DATABASE: AppDatabase = AppDatabase {
    package: PACKAGE,
    file: "databases/accounting.db",
    prepare: |connection| connection.execute_batch(SCHEMA),
};

/// All expenses, the latest date first. A null name or note counts as empty.
///
/// # Errors
/// When the database cannot be read.
pub fn list(system: &System) -> Result<Vec<Expense>, PhoneError> {
    DATABASE.with(system, |connection| {
        connection
            .prepare(
                "SELECT expense_id, name, amount, category, note, created_date, modified_date \
                 FROM expense ORDER BY modified_date DESC, expense_id",
            )?
            .query_map([], |row| {
                // A table that a client has filled may hold the amount as a real number.
                let amount: f64 = row.get::<_, Option<f64>>(2)?.unwrap_or(0.0);
                Ok(Expense {
                    id: row.get(0)?,
                    name: row.get::<_, Option<String>>(1)?.unwrap_or_default(),
                    amount: amount.round() as i64,
                    category: row.get::<_, Option<i64>>(3)?.unwrap_or(1),
                    note: row.get::<_, Option<String>>(4)?.unwrap_or_default(),
                    created: row.get::<_, Option<i64>>(5)?.unwrap_or(0),
                    modified: row.get::<_, Option<i64>>(6)?.unwrap_or(0),
                })
            })?
            .collect()
    })
}

/// Stores a new expense (id 0) or changes one.
///
/// # Errors
/// When the database cannot be written.
pub fn save(system: &System, expense: &Expense) -> Result<(), PhoneError> {
    DATABASE.with(system, |connection| {
        connection
            .execute(
                "INSERT INTO expense (expense_id, name, amount, category, note, created_date, \
                 modified_date) VALUES (NULLIF(?1, 0), ?2, ?3, ?4, ?5, ?6, ?7) \
                 ON CONFLICT (expense_id) DO UPDATE SET name = ?2, amount = ?3, category = ?4, \
                 note = ?5, modified_date = ?7",
                params![
                    expense.id,
                    expense.name,
                    expense.amount,
                    expense.category,
                    expense.note,
                    expense.created,
                    expense.modified
                ],
            )
            .map(drop)
    })
}

/// Removes expenses by their ids.
///
/// # Errors
/// When the database cannot be written.
pub fn delete(system: &System, ids: &[i64]) -> Result<(), PhoneError> {
    DATABASE.with(system, |connection| {
        let transaction = connection.transaction()?;
        for id in ids {
            transaction.execute("DELETE FROM expense WHERE expense_id = ?1", [id])?;
        }
        transaction.commit()
    })
}

/// The name of a category.
pub fn category_name(category: i64) -> &'static str {
    CATEGORIES
        .iter()
        .find(|(number, _)| *number == category)
        .map_or("Others", |(_, name)| name)
}
