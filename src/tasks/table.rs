//! Tables that tasks fill before they start and judge afterwards, row by row (catalogue: ADD-CHECK,
//! DEL-CHECK): the expenses, the events of the calendar, the
//! recipes.

use rusqlite::Connection;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::comparison::{were_added, were_deleted};
use super::database::AppDatabase;
use super::{TaskError, base, params, setup};
use crate::device::Device;
use crate::domain::{Instance, TaskSpec};

/// A row of a table that belongs to the tasks alone.
pub(super) trait Row: PartialEq + Serialize + DeserializeOwned + Send + Sync {
    /// Where the table is.
    const DATABASE: AppDatabase;

    /// Row id; 0 for one that is not stored.
    fn id(&self) -> i64;

    /// The rule for added rows; mind the order.
    fn matches(reference: &Self, row: &Self) -> bool;

    /// Every row of the table.
    fn list(connection: &Connection) -> rusqlite::Result<Vec<Self>>;

    /// Replaces the content of the table and lists it; new rows get the next free ids, in order.
    fn replace(connection: &Connection, rows: &[&Self]) -> rusqlite::Result<Vec<Self>>;
}

/// BASE-INIT and a script after it, then a table with these rows alone, in this order; returns it as stored.
async fn init<R: Row>(
    device: &Device,
    spec: &TaskSpec,
    rows: &[&R],
    script: &str,
) -> Result<Vec<R>, TaskError> {
    let fill = |connection: &Connection| R::replace(connection, rows);
    R::DATABASE.rehearse(device, fill).await?;
    base::init(device, spec, script).await?;
    setup::change(device, R::DATABASE, fill).await
}

/// The rows of now; `None` when the agent left no table that can be read: `init` saw one.
async fn rows_of<R: Row>(device: &Device) -> Result<Option<Vec<R>>, TaskError> {
    match R::DATABASE.read(device, R::list).await {
        Err(error @ TaskError::Database { .. }) => {
            tracing::info!(%error, "the table that is judged is broken");
            Ok(None)
        }
        read => read,
    }
}

/// BASE-INIT, then a table with these rows alone, for a task that does not judge them.
pub(super) async fn fill_with<R: Row>(
    device: &Device,
    spec: &TaskSpec,
    rows: &[R],
) -> Result<(), TaskError> {
    let rows: Vec<&R> = rows.iter().collect();
    init(device, spec, &rows, "").await.map(drop)
}

/// BASE-TEARDOWN, then an empty table.
pub(super) async fn teardown<R: Row>(device: &Device, spec: &TaskSpec) -> Result<(), TaskError> {
    base::teardown(device, spec, "").await?;
    clear::<R>(device).await
}

/// An empty table.
pub(super) async fn clear<R: Row>(device: &Device) -> Result<(), TaskError> {
    let empty = |connection: &Connection| R::replace(connection, &[]);
    R::DATABASE.change(device, empty).await.map(drop)
}

/// Evidence of a task that adds rows.
#[derive(Serialize, Deserialize)]
struct Adding<R> {
    before: Vec<R>,
}

/// Prepares a task that adds rows: the table holds what is there already. A script after BASE-INIT makes
/// what the task needs besides.
pub(super) async fn begin_adding<R: Row>(
    device: &Device,
    spec: &TaskSpec,
    instance: &mut Instance,
    there: &[R],
    script: &str,
) -> Result<(), TaskError> {
    let rows: Vec<&R> = there.iter().collect();
    let before = init(device, spec, &rows, script).await?;
    params::keep(instance, &Adding { before });
    Ok(())
}

/// Whether the wanted rows were added, and nothing else was done.
pub(super) async fn is_added<R: Row>(
    device: &Device,
    instance: &Instance,
    wanted: &[R],
) -> Result<bool, TaskError> {
    let Adding { before } = params::evidence(instance)?;
    let after = rows_of(device).await?;
    Ok(after.is_some_and(|after| were_added(&before, &after, wanted, instance.compat, R::matches)))
}

/// Evidence of a task that deletes rows.
#[derive(Serialize, Deserialize)]
struct Deleting<R> {
    before: Vec<R>,
    /// Row ids of the targets, in their order.
    targets: Vec<i64>,
}

/// Prepares a task that deletes rows: the table holds what must stay, then the targets.
pub(super) async fn begin_deleting<R: Row>(
    device: &Device,
    spec: &TaskSpec,
    instance: &mut Instance,
    stay: &[R],
    targets: &[R],
) -> Result<(), TaskError> {
    let all: Vec<&R> = stay.iter().chain(targets).collect();
    let before = init(device, spec, &all, "").await?;
    if before.len() != all.len() {
        let reason = format!("{} rows instead of {}", before.len(), all.len());
        return Err(TaskError::setup(device, reason));
    }
    let targets = before[stay.len()..].iter().map(R::id).collect();
    params::keep(instance, &Deleting { before, targets });
    Ok(())
}

/// Whether the targets are gone, and nothing else; with `one`, whether one of them is.
pub(super) async fn is_deleted<R: Row>(
    device: &Device,
    instance: &Instance,
    one: bool,
) -> Result<bool, TaskError> {
    let Deleting::<R> { before, targets } = params::evidence(instance)?;
    let Some(after) = rows_of(device).await? else {
        return Ok(false);
    };
    let just = |ids: &[i64]| were_deleted(&before, &after, ids, R::id);
    let gone = if one {
        let each: Option<Vec<bool>> = targets.iter().map(|id| just(&[*id])).collect();
        each.map(|gone| gone.contains(&true))
    } else {
        just(&targets)
    };
    gone.ok_or_else(|| TaskError::State {
        task: instance.task.clone(),
        reason: "a row to delete was never there".to_owned(),
    })
}
