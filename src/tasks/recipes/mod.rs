//! Tasks in Broccoli, judged by its database (catalogue section 3.10).

mod add;
mod cards;
mod delete;
mod pool;
mod row;

use rand_chacha::ChaCha8Rng;

use super::Task;
use super::apps::BROCCOLI;
use super::database::AppDatabase;
use row::Recipe;

/// The app's database.
const DATABASE: AppDatabase = AppDatabase {
    app: BROCCOLI,
    file: "broccoli",
};

/// The tasks of this folder.
pub(super) const TASKS: &[&'static dyn Task] = &[
    &add::SINGLE,
    &add::MULTIPLE,
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

/// Adds as many random recipes as asked for, no two the same; `fits` sees those that are there and the
/// candidate.
fn distinct(
    chosen: &mut Vec<Recipe>,
    count: usize,
    mut draw: impl FnMut() -> Recipe,
    fits: impl Fn(&[Recipe], &Recipe) -> bool,
) {
    let wanted = chosen.len() + count;
    while chosen.len() < wanted {
        let candidate = draw();
        if !chosen.contains(&candidate) && fits(chosen, &candidate) {
            chosen.push(candidate);
        }
    }
}

/// As many random recipes as asked for.
fn random(
    rng: &mut ChaCha8Rng,
    count: usize,
    fits: impl Fn(&[Recipe], &Recipe) -> bool,
) -> Vec<Recipe> {
    let mut chosen = Vec::with_capacity(count);
    distinct(&mut chosen, count, || Recipe::random(rng), fits);
    chosen
}
