//! Tables that tasks fill before they start and judge afterwards, row by row (catalogue: ADD-CHECK,
//! DEL-CHECK): the expenses, the events of the calendar, the
//! recipes.

use rusqlite::Connection;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::comparison::{were_added, were_deleted};
use super::database::AppDatabase;
use super::sub_checks::{self, Parts};
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

/// How much of the wanted rows was added, in [0, 1]; 1 exactly where [`is_added`] holds.
pub(super) async fn added_share<R: Row>(
    device: &Device,
    instance: &Instance,
    wanted: &[R],
) -> Result<f64, TaskError> {
    let Adding { before } = params::evidence(instance)?;
    let Some(after) = rows_of(device).await? else {
        return Ok(0.0);
    };
    let reached = were_added(&before, &after, wanted, instance.compat, R::matches);
    Ok(sub_checks::added(&before, &after, wanted, R::matches).share(reached))
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

/// What became of the rows of a task that deletes some.
pub(super) struct Deleted<R> {
    task: String,
    evidence: Deleting<R>,
    after: Option<Vec<R>>,
}

impl<R: Row> Deleted<R> {
    /// Looks at the table.
    pub async fn read(device: &Device, instance: &Instance) -> Result<Deleted<R>, TaskError> {
        Ok(Deleted {
            task: instance.task.clone(),
            evidence: params::evidence(instance)?,
            after: rows_of(device).await?,
        })
    }

    /// Whether the targets are gone, and nothing else.
    pub fn all(&self) -> Result<bool, TaskError> {
        self.just(&self.evidence.targets)
    }

    /// Whether one of the targets is gone, and nothing else.
    pub fn one(&self) -> Result<bool, TaskError> {
        let targets = self.evidence.targets.iter();
        let gone: Result<Vec<bool>, TaskError> = targets.map(|id| self.just(&[*id])).collect();
        Ok(gone?.contains(&true))
    }

    /// How much of [`Deleted::all`] is done, in [0, 1].
    pub fn share_of_all(&self) -> Result<f64, TaskError> {
        Ok(self.parts(self.evidence.targets.len()).share(self.all()?))
    }

    /// How much of [`Deleted::one`] is done, in [0, 1].
    pub fn share_of_one(&self) -> Result<f64, TaskError> {
        Ok(self.parts(1).share(self.one()?))
    }

    fn parts(&self, wanted: usize) -> Parts {
        let Deleting { before, targets } = &self.evidence;
        match &self.after {
            Some(after) => sub_checks::deleted(before, after, targets, wanted, R::id),
            // An unreadable table has lost everything that was to stay.
            None => Parts {
                held: 0,
                wanted,
                harmed: before.len(),
            },
        }
    }

    fn just(&self, ids: &[i64]) -> Result<bool, TaskError> {
        let Some(after) = &self.after else {
            return Ok(false);
        };
        let gone = were_deleted(&self.evidence.before, after, ids, R::id);
        gone.ok_or_else(|| TaskError::State {
            task: self.task.clone(),
            reason: "a row to delete was never there".to_owned(),
        })
    }
}

/// Whether the targets are gone, and nothing else; with `one`, whether one of them is.
pub(super) async fn is_deleted<R: Row>(
    device: &Device,
    instance: &Instance,
    one: bool,
) -> Result<bool, TaskError> {
    let deleted: Deleted<R> = Deleted::read(device, instance).await?;
    if one { deleted.one() } else { deleted.all() }
}
