//! Tasks in Pro Expense, judged by its database (catalogue section 3.6).

mod add;
mod delete;
mod row;
mod rows;

use super::apps::EXPENSE;
use super::database::AppDatabase;
use super::{Task, TaskError, base, setup};
use crate::device::Device;
use crate::domain::TaskSpec;
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
    &delete::SINGLE,
    &delete::MULTIPLE,
    &delete::AMONG_MANY,
    &delete::DUPLICATES,
];

/// BASE-INIT, then a table with these rows alone, in this order; returns it as stored.
async fn init(
    device: &Device,
    spec: &TaskSpec,
    rows: &[&Expense],
) -> Result<Vec<Expense>, TaskError> {
    base::init(device, spec, "").await?;
    if let Some(stored) = fill(device, rows).await? {
        return Ok(stored);
    }
    // The app was never started on this device, or its snapshot was taken before it made its database.
    setup::set_up(device, EXPENSE).await?;
    fill(device, rows).await?.ok_or_else(|| TaskError::Setup {
        serial: device.serial().to_owned(),
        reason: "Pro Expense made no database".to_owned(),
    })
}

async fn fill(device: &Device, rows: &[&Expense]) -> Result<Option<Vec<Expense>>, TaskError> {
    DATABASE
        .change(device, |connection| row::replace(connection, rows))
        .await
}

/// The rows of now; none when the database is gone.
async fn rows_of(device: &Device) -> Result<Vec<Expense>, TaskError> {
    Ok(DATABASE.read(device, row::list).await?.unwrap_or_default())
}

/// BASE-TEARDOWN, then an empty table.
async fn teardown(device: &Device, spec: &TaskSpec) -> Result<(), TaskError> {
    base::teardown(device, spec, "").await?;
    fill(device, &[]).await.map(drop)
}

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
