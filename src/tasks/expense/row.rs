//! An expense: a row of the table `expense`, its categories, how it is drawn and written in goals.

use std::borrow::Cow;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::super::columns;
use super::super::comparison::fuzzy;
use super::super::database::AppDatabase;
use super::super::pools;
use super::super::table::Row;
use super::pool;

/// One row, with the names of its columns (catalogue section 4.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Expense {
    /// Row id; 0 for one that is not stored.
    #[serde(default)]
    pub expense_id: i64,
    /// Name.
    pub name: Option<String>,
    /// Hundredths.
    pub amount: i64,
    /// Number of the category.
    pub category: i64,
    /// Note.
    pub note: Option<String>,
    /// Milliseconds of the Unix epoch.
    #[serde(default)]
    pub created_date: i64,
    /// Milliseconds of the Unix epoch.
    #[serde(default)]
    pub modified_date: i64,
}

/// Names of the categories, from number 1 on.
pub(super) const CATEGORIES: [&str; 11] = [
    "Others",
    "Income",
    "Food",
    "Housing",
    "Social",
    "Entertainment",
    "Transportation",
    "Clothes",
    "Health Care",
    "Education",
    "Donation",
];

/// Sun Oct 1 00:00:00 UTC 2023 in milliseconds.
const FIRST_DAY: i64 = 1_696_118_400_000;
const HOUR: i64 = 3_600_000;

impl Expense {
    /// Draws one: category, name, amount, note, date (catalogue section 3.6).
    pub fn random(rng: &mut ChaCha8Rng) -> Expense {
        let category = rng.random_range(0..CATEGORIES.len());
        let date = Expense::random_date(rng);
        Expense {
            expense_id: 0,
            name: Some(pools::pick(pool::NAMES[category], rng)),
            amount: rng.random_range(1_000..=50_000),
            category: category as i64 + 1,
            note: Some(pools::pick(&pool::NOTES, rng)),
            created_date: date,
            modified_date: date,
        }
    }

    /// Draws a date, in milliseconds.
    pub fn random_date(rng: &mut ChaCha8Rng) -> i64 {
        FIRST_DAY + (rng.random_range(0..15) * 24 + rng.random_range(0..24)) * HOUR
    }

    /// Name, or nothing.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("")
    }

    /// Note, or nothing.
    pub fn note(&self) -> &str {
        self.note.as_deref().unwrap_or("")
    }

    /// Name of the category, where the number has one.
    pub fn category_name(&self) -> Option<&'static str> {
        let number = usize::try_from(self.category).ok()?;
        CATEGORIES.get(number.checked_sub(1)?).copied()
    }

    /// The amount with a point and at least one decimal: `12.5`, `120.0`.
    pub fn amount_text(&self) -> String {
        let (whole, rest) = (self.amount / 100, self.amount % 100);
        if rest % 10 == 0 {
            format!("{whole}.{}", rest / 10)
        } else {
            format!("{whole}.{rest:02}")
        }
    }

    /// Names and values of what a goal lists.
    pub fn listed(&self) -> [(&'static str, Cow<'_, str>); 4] {
        [
            ("name", self.name().into()),
            ("amount_dollars", format!("${}", self.amount_text()).into()),
            (
                "category_name",
                self.category_name().unwrap_or("Others").into(),
            ),
            ("note", self.note().into()),
        ]
    }

    /// Whether everything but the row id agrees.
    pub fn is_copy_of(&self, other: &Expense) -> bool {
        let plain = |row: &Expense| Expense {
            expense_id: 0,
            ..row.clone()
        };
        plain(self) == plain(other)
    }
}

impl Row for Expense {
    const DATABASE: AppDatabase = super::DATABASE;

    fn id(&self) -> i64 {
        self.expense_id
    }

    // Amount and category alike, name and note nearly.
    fn matches(reference: &Expense, row: &Expense) -> bool {
        reference.amount == row.amount
            && reference.category == row.category
            && fuzzy(reference.name.as_deref(), row.name.as_deref())
            && fuzzy(reference.note.as_deref(), row.note.as_deref())
    }

    fn list(connection: &Connection) -> rusqlite::Result<Vec<Expense>> {
        columns::list(connection, "expense")
    }

    fn replace(connection: &Connection, rows: &[&Expense]) -> rusqlite::Result<Vec<Expense>> {
        columns::replace(connection, "expense", "expense_id", rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::streams::stream;

    #[test]
    fn amounts_have_at_least_one_decimal() {
        let text = |amount| {
            let mut expense = Expense::random(&mut stream(1, "test", 0));
            expense.amount = amount;
            expense.amount_text()
        };
        assert_eq!(text(12_000), "120.0");
        assert_eq!(text(12_340), "123.4");
        assert_eq!(text(12_345), "123.45");
        assert_eq!(text(12_305), "123.05");
    }

    #[test]
    fn random_expenses_fit_the_form_and_the_ranges() {
        let mut rng = stream(3, "test", 0);
        for _ in 0..500 {
            let expense = Expense::random(&mut rng);
            assert!((1_000..=50_000).contains(&expense.amount));
            assert!((1..=20).contains(&expense.name().len()));
            // One more character, as typing ends with ENTER, must still compare as equal.
            assert!(expense.note().len() >= 5);
            assert!(expense.category_name().is_some());
            assert_eq!(expense.modified_date % HOUR, 0);
            assert!((0..15 * 24).contains(&((expense.modified_date - FIRST_DAY) / HOUR)));
        }
    }

    #[test]
    fn rows_match_by_amount_category_and_similar_words() {
        let reference = Expense::random(&mut stream(1, "test", 0));
        let changed = |change: fn(&mut Expense)| {
            let mut row = reference.clone();
            row.expense_id = 7;
            row.modified_date = 0;
            change(&mut row);
            Expense::matches(&reference, &row)
        };
        assert!(changed(|_| {}));
        assert!(changed(
            |row| row.note = row.note.take().map(|note| note + "\n")
        ));
        assert!(!changed(|row| row.amount += 1));
        assert!(!changed(|row| row.category = row.category % 11 + 1));
        assert!(!changed(|row| row.name = Some("Something else".into())));
        assert!(!changed(|row| row.note = None));
    }
}
