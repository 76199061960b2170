//! Content providers: what `content query` reads, kept in real SQLite files at the real paths.
//! Uses `system`.
//!
//! A table is made when it is first needed, so that clearing a provider's package empties it as on
//! a phone.

pub mod book;
pub mod calls;
pub mod contacts;
pub mod documents;
pub mod media;
pub mod messages;
pub mod songs;

use rusqlite::Connection;

use super::system::{Files, PhoneError, System, open_database};

/// A provider's database: path and schema. The schema runs on every opening and must be idempotent.
#[derive(Debug, Clone, Copy)]
pub struct Schema {
    /// The phone's path.
    pub path: &'static str,
    /// `CREATE TABLE IF NOT EXISTS ...`.
    pub statements: &'static str,
}

/// All provider databases.
pub const SCHEMAS: &[Schema] = &[contacts::SCHEMA, messages::SCHEMA, calls::SCHEMA];

impl Schema {
    /// Opens the database with all its tables.
    pub fn open(&self, system: &System) -> Result<Connection, PhoneError> {
        self.open_files(&system.files)
    }

    /// Does something with the database.
    ///
    /// # Errors
    /// When it cannot be opened, made or used.
    pub fn with<T>(
        &self,
        system: &System,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, PhoneError> {
        let mut connection = self.open(system)?;
        work(&mut connection).map_err(|error| PhoneError::database(self.path, error))
    }

    /// [`Schema::open`] for whoever has only the files.
    pub fn open_files(&self, files: &Files) -> Result<Connection, PhoneError> {
        let connection = open_database(files, self.path)?;
        connection
            .execute_batch(self.statements)
            .map_err(|error| PhoneError::database(self.path, error))?;
        Ok(connection)
    }
}

/// Creates the databases of all providers that are missing.
pub fn create(files: &Files) -> Result<(), PhoneError> {
    for schema in SCHEMAS {
        if !files.exists(schema.path) {
            schema.open_files(files)?;
        }
    }
    Ok(())
}
