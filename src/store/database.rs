//! Opening a run's database, and the connection that everything else goes through.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::lock::RunLock;
use super::migrate::{MIGRATIONS, inspect, migrate};
use super::{Blobs, Refusals, StoreError};
use crate::domain::TaskSpec;

/// The database's file name in a run directory.
pub const DATABASE_NAME: &str = "run.sqlite";

/// Databases up to this size are checked as a whole when they are opened, in bytes.
const WHOLE_CHECK: u64 = 64 << 20;

/// How a store is opened.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// How long to wait for a reader or a backup that holds the database.
    pub busy_timeout: Duration,
    /// Bound of the database's size in bytes; beyond it the disk counts as full.
    pub max_bytes: Option<u64>,
    /// Writes that are refused as by a full disk; a test plans them.
    pub refusals: Option<Refusals>,
}

impl Default for StoreOptions {
    fn default() -> StoreOptions {
        StoreOptions {
            busy_timeout: Duration::from_secs(10),
            max_bytes: None,
            refusals: None,
        }
    }
}

/// What is known when a run begins.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewRun {
    /// Name.
    pub name: String,
    /// Seed.
    pub seed: u64,
    /// The effective configuration, as TOML.
    pub config: String,
    /// Version of the program.
    pub program_version: String,
    /// What identifies the suite: its tasks and their versions.
    pub suite_version: String,
}

/// A run as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct RunInfo {
    /// What it began with.
    pub run: NewRun,
    /// When, in milliseconds since 1970.
    pub created_at: i64,
}

/// A run's database and blobs. Clones share one connection.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    blobs: Blobs,
    connection: Mutex<Connection>,
    refusals: Option<Refusals>,
    _lock: Option<RunLock>,
}

/// Milliseconds since 1970.
pub fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as i64)
}

impl Store {
    /// Begins a run in a directory, which is made where it does not exist.
    ///
    /// # Errors
    /// [`StoreError::Exists`] where there is a run already.
    pub fn create(
        directory: &Path,
        run: &NewRun,
        options: &StoreOptions,
    ) -> Result<Store, StoreError> {
        std::fs::create_dir_all(directory)
            .map_err(|error| StoreError::io(directory, "making the run's directory", error))?;
        let store = Store::writer(directory, RunLock::take(directory)?, options)?;
        match store.run() {
            // A kill between the file and its first row leaves a database without a run.
            Err(StoreError::NotFound { .. }) => Store::begin(store, run),
            Err(error) => Err(error),
            Ok(_) => Err(StoreError::Exists(directory.to_path_buf())),
        }
    }

    fn begin(store: Store, run: &NewRun) -> Result<Store, StoreError> {
        store.write("beginning the run", |transaction| {
            transaction
                .execute(
                    "INSERT INTO runs VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)",
                    (
                        &run.name,
                        run.seed as i64,
                        &run.config,
                        &run.program_version,
                        &run.suite_version,
                        now(),
                    ),
                )
                .map(|_| ())
        })?;
        Ok(store)
    }

    /// Opens a run for writing; older schemas are brought up to date.
    ///
    /// # Errors
    /// The run is missing, damaged, newer, in use, or not writable.
    pub fn open(directory: &Path, options: &StoreOptions) -> Result<Store, StoreError> {
        let path = directory.join(DATABASE_NAME);
        if !path.is_file() {
            return Err(StoreError::Missing(directory.to_path_buf()));
        }
        // What must not be changed is found out before anything is written.
        check_read_only(&path, options)?;
        let lock = RunLock::take(directory)?;
        Store::writer(directory, lock, options)
    }

    /// Opens a run for reading, also while another process writes to it.
    ///
    /// # Errors
    /// The run is missing, damaged, or newer.
    pub fn read(directory: &Path, options: &StoreOptions) -> Result<Store, StoreError> {
        let path = directory.join(DATABASE_NAME);
        if !path.is_file() {
            return Err(StoreError::Missing(directory.to_path_buf()));
        }
        let (connection, version) = check_read_only(&path, options)?;
        if version < MIGRATIONS.len() as i64 {
            drop(connection);
            // Only a writer may change the schema; a reader of an old run becomes one for a moment.
            drop(Store::open(directory, options)?);
            let (connection, _) = check_read_only(&path, options)?;
            return Ok(Store::assemble(directory, path, connection, None, options));
        }
        Ok(Store::assemble(directory, path, connection, None, options))
    }

    fn writer(
        directory: &Path,
        lock: RunLock,
        options: &StoreOptions,
    ) -> Result<Store, StoreError> {
        let path = directory.join(DATABASE_NAME);
        let fail = |error| StoreError::sql(&path, "opening the database", error);
        let mut connection = Connection::open(&path).map_err(fail)?;
        connection
            .busy_timeout(options.busy_timeout)
            .map_err(fail)?;
        inspect(&connection, &path, MIGRATIONS.len())?;
        // Each pragma returns a row, which is of no interest.
        for pragma in [
            // Only a new database takes it: what is deleted can be given back to the disk.
            "PRAGMA auto_vacuum = INCREMENTAL",
            "PRAGMA journal_mode = WAL",
            "PRAGMA synchronous = FULL",
            "PRAGMA foreign_keys = ON",
        ] {
            connection.execute_batch(pragma).map_err(fail)?;
        }
        if let Some(bytes) = options.max_bytes {
            let page: i64 = connection
                .query_row("PRAGMA page_size", [], |row| row.get(0))
                .map_err(fail)?;
            let pages = (bytes / page.max(1) as u64).max(1);
            connection
                .execute_batch(&format!("PRAGMA max_page_count = {pages}"))
                .map_err(fail)?;
        }
        migrate(&mut connection, &path, MIGRATIONS)?;
        let lock = Some(lock);
        Ok(Store::assemble(directory, path, connection, lock, options))
    }

    fn assemble(
        directory: &Path,
        path: PathBuf,
        connection: Connection,
        lock: Option<RunLock>,
        options: &StoreOptions,
    ) -> Store {
        let refusals = options.refusals.clone();
        Store {
            inner: Arc::new(Inner {
                path,
                blobs: Blobs::new(directory.join("blobs")).refusing(refusals.clone()),
                connection: Mutex::new(connection),
                refusals,
                _lock: lock,
            }),
        }
    }

    /// The blobs of the run.
    pub fn blobs(&self) -> &Blobs {
        &self.inner.blobs
    }

    /// The database's file.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// The run itself.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where it never began.
    pub fn run(&self) -> Result<RunInfo, StoreError> {
        let found = run_of(&self.connection());
        self.found(found, "reading the run", || "run".into())
    }

    /// Stores what is known of the suite's tasks.
    ///
    /// # Errors
    /// The database can't be written.
    pub fn put_tasks<'a>(
        &self,
        tasks: impl IntoIterator<Item = &'a TaskSpec>,
    ) -> Result<(), StoreError> {
        self.write("storing the tasks", |transaction| {
            let mut insert =
                transaction.prepare("INSERT OR REPLACE INTO tasks VALUES (?1, ?2, ?3, ?4, ?5)")?;
            for task in tasks {
                insert.execute((
                    task.name,
                    task.apps.join(","),
                    task.complexity,
                    task.difficulty,
                    task.budget(),
                ))?;
            }
            Ok(())
        })
    }

    /// The apps of each task that the run knows, by the task's name.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn task_apps(&self) -> Result<Vec<(String, Vec<String>)>, StoreError> {
        self.rows(
            "reading the tasks",
            "SELECT name, apps FROM tasks ORDER BY name",
            (),
            |row| {
                let apps: String = row.get(1)?;
                Ok((row.get(0)?, apps.split(',').map(str::to_owned).collect()))
            },
        )
    }

    pub(super) fn connection(&self) -> MutexGuard<'_, Connection> {
        // A panic while the lock was held has rolled its transaction back: the connection is sound.
        self.inner
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs one transaction; any error rolls it back.
    pub(super) fn write<T>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        self.write_checked(doing, |transaction| {
            work(transaction).map_err(|error| self.sql(doing, error))
        })
    }

    /// As [`Store::write`], for work with errors of its own.
    pub(super) fn write_checked<T>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut connection = self.connection();
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|error| self.sql(doing, error))?;
        let result = work(&transaction)?;
        // Where a full disk shows: what was written so far is rolled back.
        self.admits(&self.inner.path, doing)?;
        transaction
            .commit()
            .map_err(|error| self.sql(doing, error))?;
        Ok(result)
    }

    /// Refuses a write beside the database where a test has planned that.
    ///
    /// # Errors
    /// [`StoreError::Full`].
    pub fn admits(&self, path: &Path, doing: &'static str) -> Result<(), StoreError> {
        match &self.inner.refusals {
            Some(refusals) => refusals.meet(path, doing),
            None => Ok(()),
        }
    }

    /// Runs a query and collects its rows.
    pub(super) fn rows<T>(
        &self,
        doing: &'static str,
        sql: &str,
        parameters: impl rusqlite::Params,
        map: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let connection = self.connection();
        let mut statement = connection
            .prepare_cached(sql)
            .map_err(|error| self.sql(doing, error))?;
        statement
            .query_map(parameters, map)
            .and_then(Iterator::collect)
            .map_err(|error| self.sql(doing, error))
    }

    pub(super) fn sql(&self, doing: &'static str, error: rusqlite::Error) -> StoreError {
        StoreError::sql(&self.inner.path, doing, error)
    }

    pub(super) fn found<T>(
        &self,
        result: rusqlite::Result<T>,
        doing: &'static str,
        what: impl FnOnce() -> String,
    ) -> Result<T, StoreError> {
        result.map_err(|error| match error {
            rusqlite::Error::QueryReturnedNoRows => StoreError::NotFound {
                path: self.inner.path.clone(),
                what: what(),
            },
            error => self.sql(doing, error),
        })
    }

    pub(super) fn value(&self, place: String, problem: impl Into<String>) -> StoreError {
        StoreError::Value {
            path: self.inner.path.clone(),
            place,
            problem: problem.into(),
        }
    }
}

/// The run of a database.
pub(super) fn run_of(connection: &Connection) -> rusqlite::Result<RunInfo> {
    connection.query_row(
        "SELECT name, seed, config, program_version, suite_version, created_at FROM runs",
        [],
        |row| {
            Ok(RunInfo {
                run: NewRun {
                    name: row.get(0)?,
                    seed: row.get::<_, i64>(1)? as u64,
                    config: row.get(2)?,
                    program_version: row.get(3)?,
                    suite_version: row.get(4)?,
                },
                created_at: row.get(5)?,
            })
        },
    )
}

/// Opens a database without changing it and refuses what this program can't use.
fn check_read_only(path: &Path, options: &StoreOptions) -> Result<(Connection, i64), StoreError> {
    let fail = |error| StoreError::sql(path, "opening the database", error);
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(fail)?;
    connection
        .busy_timeout(options.busy_timeout)
        .map_err(fail)?;
    let version = check(&connection, path)?;
    Ok((connection, version))
}

/// Refuses what is damaged, foreign or newer; returns the version of the schema.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<i64, StoreError> {
    let fail = |error| StoreError::sql(path, "opening the database", error);
    let version = inspect(connection, path, MIGRATIONS.len())?;
    if std::fs::metadata(path).is_ok_and(|found| found.len() <= WHOLE_CHECK) {
        let verdict: String = connection
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
            .map_err(fail)?;
        if verdict != "ok" {
            return Err(StoreError::Corrupt {
                path: path.to_path_buf(),
                detail: verdict,
            });
        }
    }
    Ok(version)
}
