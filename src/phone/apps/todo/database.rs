//! Tasks.org's database: the table `tasks` of the file `database`, with the lists that tasks belong to and
//! the reminders of those that the app made.

use rusqlite::types::ValueRef;
use rusqlite::{Row, params};

use super::PACKAGE;
use crate::phone::apps::app_database::AppDatabase;
use crate::phone::system::{PhoneError, System};

/// Rows that are read at most.
const MOST: i64 = 2_000;
/// The list that the app starts with.
pub const DEFAULT_LIST: &str = "Default list";
/// Days in milliseconds.
const DAY: i64 = 86_400_000;
/// A reminder relative to the due time, as `alarms.type` has it.
const RELATIVE_TO_END: i64 = 2;

/// How urgent a task is, from 0 (high) to 3 (none).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Priority(pub i64);

impl Priority {
    /// Red.
    pub const HIGH: Priority = Priority(0);
    /// Yellow.
    pub const MEDIUM: Priority = Priority(1);
    /// Blue; what a new task has.
    pub const LOW: Priority = Priority(2);

    /// The header of a group of tasks with this priority.
    pub fn name(self) -> &'static str {
        match self {
            Priority::HIGH => "High priority",
            Priority::MEDIUM => "Medium priority",
            Priority::LOW => "Low priority",
            _ => "No priority",
        }
    }
}

/// One task as the app uses it; instants are milliseconds of the Unix epoch, 0 for none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Row id; 0 for one that is not stored.
    pub id: i64,
    /// Title.
    pub title: String,
    /// Description.
    pub notes: String,
    /// Priority.
    pub priority: Priority,
    /// When it is due; without seconds it is the day that counts.
    pub due: i64,
    /// When it can be started.
    pub start: i64,
    /// When it was made.
    pub created: i64,
    /// When it was last changed.
    pub modified: i64,
    /// When it was completed.
    pub completed: i64,
    /// The name of its list, if it belongs to one.
    pub list: Option<String>,
}

impl Task {
    /// An empty task for the form.
    pub fn empty() -> Task {
        Task {
            id: 0,
            title: String::new(),
            notes: String::new(),
            priority: Priority::LOW,
            due: 0,
            start: 0,
            created: 0,
            modified: 0,
            completed: 0,
            list: Some(DEFAULT_LIST.to_owned()),
        }
    }

    /// Whether it is done.
    pub fn is_completed(&self) -> bool {
        self.completed > 0
    }
}

/// The app's database.
pub const DATABASE: AppDatabase = AppDatabase {
    package: PACKAGE,
    file: "databases/database",
    prepare: |connection| connection.execute_batch(TABLES),
};

const TABLES: &str = "CREATE TABLE IF NOT EXISTS `tasks` (`_id` INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, \
`title` TEXT, `importance` INTEGER NOT NULL, `dueDate` INTEGER NOT NULL, `hideUntil` INTEGER NOT NULL, \
`created` INTEGER NOT NULL, `modified` INTEGER NOT NULL, `completed` INTEGER NOT NULL, \
`deleted` INTEGER NOT NULL, `notes` TEXT, `estimatedSeconds` INTEGER NOT NULL, \
`elapsedSeconds` INTEGER NOT NULL, `timerStart` INTEGER NOT NULL, `notificationFlags` INTEGER NOT NULL, \
`lastNotified` INTEGER NOT NULL, `recurrence` TEXT, `repeat_from` INTEGER NOT NULL DEFAULT 0, \
`calendarUri` TEXT, `remoteId` TEXT, `collapsed` INTEGER NOT NULL, `parent` INTEGER NOT NULL, \
`order` INTEGER, `read_only` INTEGER NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX IF NOT EXISTS `t_rid` ON `tasks` (`remoteId`);
CREATE INDEX IF NOT EXISTS `active_and_visible` ON `tasks` (`completed`, `deleted`, `hideUntil`);
CREATE TABLE IF NOT EXISTS `alarms` (`_id` INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, \
`task` INTEGER NOT NULL, `time` INTEGER NOT NULL, `type` INTEGER NOT NULL DEFAULT 0, \
`repeat` INTEGER NOT NULL DEFAULT 0, `interval` INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS `caldav_accounts` (`cda_id` INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, \
`cda_uuid` TEXT, `cda_name` TEXT, `cda_url` TEXT, `cda_username` TEXT, `cda_password` TEXT, \
`cda_error` TEXT, `cda_account_type` INTEGER NOT NULL, `cda_collapsed` INTEGER NOT NULL, \
`cda_server_type` INTEGER NOT NULL, `cda_last_sync` INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS `caldav_lists` (`cdl_id` INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, \
`cdl_account` TEXT, `cdl_uuid` TEXT, `cdl_name` TEXT, `cdl_color` INTEGER NOT NULL, `cdl_ctag` TEXT, \
`cdl_url` TEXT, `cdl_icon` INTEGER, `cdl_order` INTEGER NOT NULL, `cdl_access` INTEGER NOT NULL, \
`cdl_last_sync` INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS `caldav_tasks` (`cd_id` INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, \
`cd_task` INTEGER NOT NULL, `cd_calendar` TEXT, `cd_object` TEXT, `cd_remote_id` TEXT, `cd_etag` TEXT, \
`cd_last_sync` INTEGER NOT NULL, `cd_deleted` INTEGER NOT NULL, `cd_remote_parent` TEXT, \
`gt_moved` INTEGER NOT NULL, `gt_remote_order` INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS android_metadata (locale TEXT);
INSERT INTO caldav_accounts (cda_uuid, cda_name, cda_account_type, cda_collapsed, cda_server_type) \
SELECT lower(hex(randomblob(16))), 'Local lists', 2, 0, -1 WHERE NOT EXISTS (SELECT 1 FROM caldav_accounts);
INSERT INTO caldav_lists (cdl_account, cdl_uuid, cdl_name, cdl_color, cdl_order, cdl_access, cdl_last_sync) \
SELECT cda_uuid, lower(hex(randomblob(16))), 'Default list', 0, 0, 0, 0 FROM caldav_accounts \
WHERE cda_account_type = 2 AND NOT EXISTS (SELECT 1 FROM caldav_lists) LIMIT 1;";

/// A whole number, as a client may have stored it: null counts as 0, a real is rounded.
fn whole(row: &Row, index: usize) -> rusqlite::Result<i64> {
    Ok(match row.get_ref(index)? {
        ValueRef::Integer(number) => number,
        ValueRef::Real(number) => number.round() as i64,
        _ => 0,
    })
}

/// Every task that was not deleted, in the order of their ids.
///
/// # Errors
/// When the database cannot be read.
pub fn list(system: &System) -> Result<Vec<Task>, PhoneError> {
    DATABASE.with(system, |connection| {
        connection
            .prepare(
                "SELECT tasks._id, title, notes, importance, dueDate, hideUntil, created, modified, completed, \
                 (SELECT cdl_name FROM caldav_tasks JOIN caldav_lists ON cd_calendar = cdl_uuid \
                  WHERE cd_task = tasks._id AND cd_deleted = 0 LIMIT 1) \
                 FROM tasks WHERE deleted = 0 ORDER BY tasks._id LIMIT ?1",
            )?
            .query_map([MOST], |row| {
                Ok(Task {
                    id: row.get(0)?,
                    title: row.get::<_, Option<String>>(1)?.unwrap_or_default(),
                    notes: row.get::<_, Option<String>>(2)?.unwrap_or_default(),
                    priority: Priority(whole(row, 3)?.clamp(0, 3)),
                    due: whole(row, 4)?,
                    start: whole(row, 5)?,
                    created: whole(row, 6)?,
                    modified: whole(row, 7)?,
                    completed: whole(row, 8)?,
                    list: row.get(9)?,
                })
            })?
            .collect()
    })
}

/// Stores a new task (id 0) in the first list, with its reminders, or changes one. Returns its id.
///
/// # Errors
/// When the database cannot be written.
pub fn save(system: &System, task: &Task) -> Result<i64, PhoneError> {
    let now = system.clock.now_millis();
    let notes = (!task.notes.is_empty()).then_some(&task.notes);
    DATABASE.with(system, |connection| {
        let transaction = connection.transaction()?;
        let id = transaction.query_row(
            "INSERT INTO tasks (_id, title, notes, importance, dueDate, hideUntil, created, modified, \
             completed, deleted, estimatedSeconds, elapsedSeconds, timerStart, notificationFlags, \
             lastNotified, repeat_from, remoteId, collapsed, parent, read_only) \
             VALUES (NULLIF(?8, 0), ?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, 0, 0, 0, 0, 0, 0, 0, \
             abs(random()) || abs(random()), 0, 0, 0) \
             ON CONFLICT (_id) DO UPDATE SET title = ?1, notes = ?2, importance = ?3, dueDate = ?4, \
             hideUntil = ?5, completed = ?7, modified = ?6 RETURNING _id",
            params![
                task.title,
                notes,
                task.priority.0,
                task.due,
                task.start,
                now,
                task.completed,
                task.id
            ],
            |row| row.get(0),
        )?;
        if task.id != 0 {
            transaction.commit()?;
            return Ok(id);
        }
        transaction.execute(
            "INSERT INTO caldav_tasks (cd_task, cd_calendar, cd_remote_id, cd_last_sync, cd_deleted, gt_moved, \
             gt_remote_order) SELECT ?1, cdl_uuid, lower(hex(randomblob(16))), 0, 0, 0, 0 \
             FROM caldav_lists ORDER BY cdl_id LIMIT 1",
            [id],
        )?;
        if task.due > 0 {
            // When it is due, and daily while it is overdue.
            for (time, repeat, interval) in [(0, 0, 0), (DAY, 6, DAY)] {
                transaction.execute(
                    "INSERT INTO alarms (task, time, type, repeat, interval) VALUES (?1, ?2, ?3, ?4, ?5)",
                    [id, time, RELATIVE_TO_END, repeat, interval],
                )?;
            }
        }
        transaction.commit()?;
        Ok(id)
    })
}

fn set(system: &System, ids: &[i64], column: &str, value: i64) -> Result<(), PhoneError> {
    let now = system.clock.now_millis();
    DATABASE.with(system, |connection| {
        let transaction = connection.transaction()?;
        let statement = format!("UPDATE tasks SET {column} = ?1, modified = ?2 WHERE _id = ?3");
        for id in ids {
            transaction.execute(&statement, [value, now, *id])?;
        }
        transaction.commit()
    })
}

/// Completes tasks, or opens them again.
///
/// # Errors
/// When the database cannot be written.
pub fn complete(system: &System, ids: &[i64], done: bool) -> Result<(), PhoneError> {
    let when = if done { system.clock.now_millis() } else { 0 };
    set(system, ids, "completed", when)
}

/// Marks tasks as deleted.
///
/// # Errors
/// When the database cannot be written.
pub fn delete(system: &System, ids: &[i64]) -> Result<(), PhoneError> {
    set(system, ids, "deleted", system.clock.now_millis())
}

/// Gives tasks a priority.
///
/// # Errors
/// When the database cannot be written.
pub fn prioritise(system: &System, ids: &[i64], priority: Priority) -> Result<(), PhoneError> {
    set(system, ids, "importance", priority.0)
}

/// Gives tasks a due date.
///
/// # Errors
/// When the database cannot be written.
pub fn reschedule(system: &System, ids: &[i64], due: i64) -> Result<(), PhoneError> {
    set(system, ids, "dueDate", due)
}
