//! Room on the disk: how much is free, how much a directory takes, and how the database gives back what it
//! does not use.

use std::path::Path;

use super::episodes::WITH_OLD_SAMPLE;
use super::{Store, StoreError};

/// Pages that are given back in one go: few, so that a nearly full disk has room for their log.
const PAGES: i64 = 2048;

/// What the database's file consists of, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DatabaseSpace {
    /// The file and its log of changes.
    pub file: u64,
    /// Pages of it that nothing uses.
    pub unused: u64,
    /// Step samples in it that nobody needs to go on with the run: those of rounds before the one asked about.
    pub old_samples: u64,
}

/// Free space of the disk that a path is on, in bytes, as it is for this user.
///
/// # Errors
/// The path does not exist, or its file system does not say.
pub fn free_bytes(path: &Path) -> Result<u64, StoreError> {
    let found = rustix::fs::statvfs(path)
        .map_err(|error| StoreError::io(path, "asking for free space", error.into()))?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}

/// Sizes of all files below a directory, in bytes. What goes while it is looked at counts nothing.
pub fn size_of(path: &Path) -> u64 {
    let Ok(found) = std::fs::symlink_metadata(path) else {
        return 0;
    };
    if !found.is_dir() {
        return found.len();
    }
    let Ok(entries) = std::fs::read_dir(path) else {
        return 0;
    };
    entries.flatten().map(|entry| size_of(&entry.path())).sum()
}

impl Store {
    /// What the database's file consists of; samples of training rounds before `round` count as old.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn space(&self, round: u64) -> Result<DatabaseSpace, StoreError> {
        let file = |suffix: &str| {
            let mut name = self.path().as_os_str().to_owned();
            name.push(suffix);
            size_of(Path::new(&name))
        };
        let old_samples: i64 = self
            .rows(
                "measuring samples",
                &format!(
                    "SELECT coalesce((SELECT sum(length(sample)) FROM steps WHERE {WITH_OLD_SAMPLE}), 0) \
                     + coalesce((SELECT sum(length(sample)) FROM resampled WHERE number < ?1), 0) \
                     + coalesce((SELECT sum(length(sample)) FROM branch_steps WHERE round < ?1), 0)"
                ),
                [round as i64],
                |row| row.get(0),
            )?
            .pop()
            .unwrap_or(0);
        Ok(DatabaseSpace {
            file: file("") + file("-wal") + file("-shm"),
            unused: self.number("freelist_count")? * self.number("page_size")?,
            old_samples: u64::try_from(old_samples).unwrap_or(0),
        })
    }

    /// Gives pages that nothing uses back to the disk, and returns how many bytes those are. A database that
    /// was begun by an older program is written anew for that, where the disk has room for it twice.
    ///
    /// # Errors
    /// The database can't be written.
    pub fn shrink(&self) -> Result<u64, StoreError> {
        const DOING: &str = "giving free pages back";
        let page = self.number("page_size")?;
        let before = self.number("page_count")?;
        let sql = |error| self.sql(DOING, error);
        if self.number("freelist_count")? > 0 {
            // 2: pages are given back when that is asked for.
            if self.number("auto_vacuum")? == 2 {
                loop {
                    let left = self.number("freelist_count")?;
                    let connection = self.connection();
                    give_back(&connection).map_err(sql)?;
                    truncate_log(&connection).map_err(sql)?;
                    drop(connection);
                    if self.number("freelist_count")? >= left {
                        break;
                    }
                }
            } else if free_bytes(self.path())? > 2 * before.saturating_mul(page) {
                let connection = self.connection();
                connection
                    .execute_batch("PRAGMA auto_vacuum = INCREMENTAL; VACUUM")
                    .map_err(sql)?;
            }
        }
        truncate_log(&self.connection()).map_err(sql)?;
        let after = self.number("page_count")?;
        Ok(before.saturating_sub(after).saturating_mul(page))
    }

    /// A pragma whose value is a number.
    fn number(&self, pragma: &str) -> Result<u64, StoreError> {
        let value: i64 = self
            .connection()
            .query_row(&format!("PRAGMA {pragma}"), [], |row| row.get(0))
            .map_err(|error| self.sql("measuring the database", error))?;
        Ok(u64::try_from(value).unwrap_or(0))
    }
}

/// Gives some pages back; the statement makes a row of each.
fn give_back(connection: &rusqlite::Connection) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(&format!("PRAGMA incremental_vacuum({PAGES})"))?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

/// Moves what the log of changes holds into the database and empties it; a reader that stands in the way
/// only delays that.
fn truncate_log(connection: &rusqlite::Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_as_large_as_its_files() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("below")).unwrap();
        std::fs::write(folder.path().join("a"), [0; 10]).unwrap();
        std::fs::write(folder.path().join("below/b"), [0; 32]).unwrap();
        assert_eq!(size_of(folder.path()), 42);
        assert_eq!(size_of(&folder.path().join("gone")), 0);
        assert!(free_bytes(folder.path()).unwrap() > 0);
        assert!(free_bytes(&folder.path().join("gone")).is_err());
    }
}
