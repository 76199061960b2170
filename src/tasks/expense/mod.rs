//! Tasks in Pro Expense, judged by its database (catalogue section 3.6).

mod add;
mod delete;
mod note;
mod row;
mod rows;

use super::Task;
use super::apps::EXPENSE;
use super::database::AppDatabase;
use rand_chacha::ChaCha8Rng;
use row::Expense;

/// The app's database.
const DATABASE: AppDatabase = AppDatabase {
    app: EXPENSE,
    file: "accounting.db",
};

/// The tasks of this folder.
pub(super) const TASKS: &[&'static dyn Task] = &[
    &add::SINGLE,
    &add::MULTIPLE,
    &add::FROM_MARKOR,
    &delete::SINGLE,
    &delete::MULTIPLE,
    &delete::AMONG_MANY,
    &delete::DUPLICATES,
    &delete::DUPLICATES_AMONG_MANY,
];

/// As many random expenses as asked for, no two the same; `fits` sees those drawn before and the
/// candidate.
fn distinct(
    rng: &mut ChaCha8Rng,
    count: usize,
    fits: impl Fn(&[Expense], &Expense) -> bool,
) -> Vec<Expense> {
    let mut chosen: Vec<Expense> = Vec::with_capacity(count);
    while chosen.len() < count {
        let candidate = Expense::random(rng);
        if !chosen.contains(&candidate) && fits(&chosen, &candidate) {
            chosen.push(candidate);
        }
    }
    chosen
}
