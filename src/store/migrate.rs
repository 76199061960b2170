//! Schema versions: `PRAGMA user_version` counts the migrations that a database has seen.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;

/// Marks the file as a run of stepdroid ("sdrd").
pub const APPLICATION_ID: i64 = 0x7364_7264;

/// All migrations, oldest first; the schema version is their number. They are never changed once
/// released, only added to.
pub const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_first.sql"),
    include_str!("migrations/0002_evidence.sql"),
    include_str!("migrations/0003_stages.sql"),
    include_str!("migrations/0004_branches.sql"),
    include_str!("migrations/0005_long_runs.sql"),
];

/// Refuses what is damaged, foreign or newer. Changes nothing.
pub fn inspect(connection: &Connection, path: &Path, known: usize) -> Result<i64, StoreError> {
    let fail = |error| StoreError::sql(path, "reading the schema version", error);
    let pragma = |name: &str| connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0));
    let version: i64 = pragma("user_version").map_err(fail)?;
    let application: i64 = pragma("application_id").map_err(fail)?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(fail)?;
    if application != APPLICATION_ID && (tables > 0 || version != 0) {
        return Err(StoreError::Foreign(path.to_path_buf()));
    }
    if version < 0 || version > known as i64 {
        return Err(StoreError::Newer {
            path: path.to_path_buf(),
            found: version,
            known: known as i64,
        });
    }
    Ok(version)
}

/// Brings a database up to the last of `migrations`, each in a transaction of its own.
pub fn migrate(
    connection: &mut Connection,
    path: &Path,
    migrations: &[&str],
) -> Result<(), StoreError> {
    let fail = |error| StoreError::sql(path, "bringing the schema up to date", error);
    let version = inspect(connection, path, migrations.len())?;
    for (index, migration) in migrations.iter().enumerate().skip(version as usize) {
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(fail)?;
        transaction.execute_batch(migration).map_err(fail)?;
        transaction
            .pragma_update(None, "user_version", index as i64 + 1)
            .map_err(fail)?;
        transaction
            .pragma_update(None, "application_id", APPLICATION_ID)
            .map_err(fail)?;
        transaction.commit().map_err(fail)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEXT: &str = "ALTER TABLE runs ADD COLUMN remark TEXT NOT NULL DEFAULT 'none';";

    #[test]
    fn an_older_database_gains_what_is_new_and_keeps_its_rows() {
        let path = Path::new("memory");
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, path, &MIGRATIONS[..1]).unwrap();
        connection
            .execute("INSERT INTO runs VALUES (1, 'old', 5, '', '', '', 0)", [])
            .unwrap();
        let more: Vec<&str> = MIGRATIONS.iter().copied().chain([NEXT]).collect();
        migrate(&mut connection, path, &more).unwrap();
        // A second time there is nothing to do.
        migrate(&mut connection, path, &more).unwrap();
        let row: (String, String) = connection
            .query_row("SELECT name, remark FROM runs", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .unwrap();
        assert_eq!(row, ("old".into(), "none".into()));
        // And the older program refuses it.
        assert!(matches!(
            migrate(&mut connection, path, MIGRATIONS),
            Err(StoreError::Newer { found, known, .. })
                if found == known + 1 && known == MIGRATIONS.len() as i64
        ));
    }

    #[test]
    fn a_failed_migration_leaves_the_version_before() {
        let path = Path::new("memory");
        let mut connection = Connection::open_in_memory().unwrap();
        let broken = [
            MIGRATIONS[0],
            "CREATE TABLE half (id INTEGER); INSERT INTO nowhere VALUES (1);",
        ];
        assert!(migrate(&mut connection, path, &broken).is_err());
        assert_eq!(inspect(&connection, path, 1).unwrap(), 1);
        let tables: i64 = connection
            .query_row(
                "SELECT count(*) FROM sqlite_schema WHERE name = 'half'",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(tables, 0);
    }
}
