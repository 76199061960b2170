//! A row of Tasks.org's table `tasks`, and how random ones are drawn.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use super::super::answers::Subject;
use super::super::apps::TODO;
use super::super::comparison::fuzzy;
use super::super::database::AppDatabase;
use super::super::pools;
use super::super::table::Row;
use super::{TODAY, millis, subjects};

/// What a task is inserted with; the other columns follow from these (catalogue section 4.7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ToDo {
    /// Row id; 0 for one that is not stored.
    pub id: i64,
    /// Title.
    pub title: String,
    /// 0 is the highest priority, 3 none.
    pub importance: i64,
    /// Milliseconds of the Unix epoch.
    pub due: i64,
    /// Milliseconds of the Unix epoch; 0 for a task that can be started at once.
    pub hide_until: i64,
    /// Milliseconds of the Unix epoch; 0 for a task that is not completed.
    pub completed: i64,
    /// Description.
    pub notes: Option<String>,
    /// A random number of 128 bits, written out.
    pub remote_id: String,
}

/// Milliseconds of a minute.
const MINUTE: i64 = 60_000;
/// Milliseconds of a day.
pub(super) const DAY: i64 = 24 * 60 * MINUTE;
/// What the benchmark takes for a week before something is due.
const BEFORE_DUE: i64 = 25_200;
/// The priority of a task that is given none.
const USUAL: i64 = 2;

impl ToDo {
    /// A task that is due at an instant.
    pub fn new(title: String, due: i64, rng: &mut ChaCha8Rng) -> ToDo {
        ToDo {
            id: 0,
            title,
            importance: USUAL,
            due,
            hide_until: 0,
            completed: 0,
            notes: None,
            remote_id: rng.random::<u128>().to_string(),
        }
    }

    /// Draws a task near today.
    fn random(rng: &mut ChaCha8Rng) -> ToDo {
        let now = millis(TODAY.at(15, 34, 0, 0));
        let mut within = |center: i64, half: i64| {
            let half = half / MINUTE;
            center + rng.random_range(-half..=half) * MINUTE
        };
        let due = within(now, 7 * DAY);
        let hide_until = within(due - 6 * DAY, 5 * DAY / 2);
        let completed = within(now - 14 * DAY, 7 * DAY);
        let title = pools::pick(subjects::CHORES, rng);
        ToDo {
            importance: rng.random_range(0..4),
            hide_until,
            completed: if rng.random() { completed } else { 0 },
            notes: rng
                .random::<bool>()
                .then(|| pools::pick(subjects::REMARKS, rng)),
            ..ToDo::new(title, due, rng)
        }
    }

    /// Whether it is done.
    pub fn is_completed(&self) -> bool {
        self.completed != 0
    }
}

impl Subject for ToDo {
    const OTHERS: usize = 20;

    fn other(rng: &mut ChaCha8Rng, _about: Option<&ToDo>) -> ToDo {
        ToDo::random(rng)
    }
}

impl Row for ToDo {
    const DATABASE: AppDatabase = AppDatabase {
        app: TODO,
        file: "database",
    };

    fn id(&self) -> i64 {
        self.id
    }

    fn matches(reference: &ToDo, row: &ToDo) -> bool {
        reference.due == row.due
            && reference.importance == row.importance
            && fuzzy(Some(&reference.title), Some(&row.title))
    }

    fn list(connection: &Connection) -> rusqlite::Result<Vec<ToDo>> {
        let mut statement = connection.prepare(
            "SELECT _id, title, importance, dueDate, hideUntil, completed, notes, remoteId FROM tasks",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(ToDo {
                id: row.get(0)?,
                title: row.get::<_, Option<String>>(1)?.unwrap_or_default(),
                importance: row.get(2)?,
                due: row.get(3)?,
                hide_until: row.get(4)?,
                completed: row.get(5)?,
                notes: row.get(6)?,
                remote_id: row.get::<_, Option<String>>(7)?.unwrap_or_default(),
            })
        })?;
        rows.collect()
    }

    fn replace(connection: &Connection, rows: &[&ToDo]) -> rusqlite::Result<Vec<ToDo>> {
        connection.execute("DELETE FROM tasks", [])?;
        let mut statement = connection.prepare(
            "INSERT INTO tasks (title, importance, dueDate, hideUntil, completed, notes, remoteId, created, \
             modified, deleted, estimatedSeconds, elapsedSeconds, timerStart, notificationFlags, lastNotified, \
             repeat_from, collapsed, parent, read_only) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)",
        )?;
        for row in rows {
            statement.execute(params![
                row.title,
                row.importance,
                row.due,
                row.hide_until,
                row.completed,
                row.notes,
                row.remote_id,
                row.due - BEFORE_DUE
            ])?;
        }
        ToDo::list(connection)
    }
}
