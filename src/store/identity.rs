//! What a run was begun with, and a look at it that changes nothing on disk.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::database::{DATABASE_NAME, check, run_of};
use super::evaluations::checkpoints_of;
use super::migrate::MIGRATIONS;
use super::{Checkpoint, RunInfo, Store, StoreError, StoreOptions};

/// What there is to know of a run before it is gone on with.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspected {
    /// The run itself.
    pub run: RunInfo,
    /// What it was begun with, by name; empty for runs of older programs.
    pub identities: BTreeMap<String, String>,
    /// Its checkpoints, oldest first; empty where the schema is older than the program's.
    pub checkpoints: Vec<Checkpoint>,
}

impl Store {
    /// Stores what the run was begun with, by name.
    ///
    /// # Errors
    /// The database can't be written.
    pub fn put_identities(&self, identities: &BTreeMap<String, String>) -> Result<(), StoreError> {
        self.write("storing what the run was begun with", |transaction| {
            let mut insert =
                transaction.prepare("INSERT OR REPLACE INTO identities VALUES (?1, ?2)")?;
            for (name, value) in identities {
                insert.execute((name, value))?;
            }
            Ok(())
        })
    }

    /// Looks at a run without changing anything, not even its schema.
    ///
    /// # Errors
    /// The run is missing, damaged, or newer than this program.
    pub fn inspect(directory: &Path, options: &StoreOptions) -> Result<Inspected, StoreError> {
        let path = directory.join(DATABASE_NAME);
        if !path.is_file() {
            return Err(StoreError::Missing(directory.to_path_buf()));
        }
        let fail = |error| StoreError::sql(&path, "looking at the run", error);
        let connection = open_untouched(&path).map_err(fail)?;
        connection
            .busy_timeout(options.busy_timeout)
            .map_err(fail)?;
        let version = check(&connection, &path)?;
        if version == 0 {
            // Killed before there was anything in it.
            return Err(StoreError::Missing(directory.to_path_buf()));
        }
        let run = match run_of(&connection) {
            Err(rusqlite::Error::QueryReturnedNoRows) => {
                return Err(StoreError::Missing(directory.to_path_buf()));
            }
            run => run.map_err(fail)?,
        };
        let mut inspected = Inspected {
            run,
            identities: BTreeMap::new(),
            checkpoints: Vec::new(),
        };
        // Tables of an older schema are brought up to date later, by whoever goes on with the run.
        if version == MIGRATIONS.len() as i64 {
            let mut statement = connection
                .prepare("SELECT name, value FROM identities")
                .map_err(fail)?;
            inspected.identities = statement
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
                .and_then(Iterator::collect)
                .map_err(fail)?;
            inspected.checkpoints = checkpoints_of(&connection).map_err(fail)?;
        }
        Ok(inspected)
    }
}

/// Opens a database that nobody writes to without so much as a file beside it; where a log of changes
/// lies there, after a kill or during a run, it must be read too.
fn open_untouched(path: &Path) -> rusqlite::Result<Connection> {
    let log = path.with_file_name(format!("{DATABASE_NAME}-wal"));
    let is_settled = std::fs::metadata(log).map_or(true, |found| found.len() == 0);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    match path.to_str().filter(|_| is_settled) {
        Some(text) => {
            let escaped = text
                .replace('%', "%25")
                .replace('?', "%3f")
                .replace('#', "%23");
            Connection::open_with_flags(
                format!("file:{escaped}?immutable=1"),
                flags | OpenFlags::SQLITE_OPEN_URI,
            )
        }
        None => Connection::open_with_flags(path, flags),
    }
}
