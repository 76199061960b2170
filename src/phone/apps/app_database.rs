//! The SQLite database of an app: where it lies, how its tables are made when they are missing, and the one
//! way to work with it. Errors name its path.

use rusqlite::Connection;

use crate::phone::system::{PhoneError, System, data_directory};

/// A database of an app, which is made when it is first opened.
#[derive(Debug, Clone, Copy)]
pub struct AppDatabase {
    /// The app's package.
    pub package: &'static str,
    /// Its path in the app's data directory.
    pub file: &'static str,
    /// Makes the tables; runs on every opening, so it must leave alone what is there.
    pub prepare: fn(&Connection) -> rusqlite::Result<()>,
}

impl AppDatabase {
    /// The phone's path.
    pub fn path(&self) -> String {
        format!("{}/{}", data_directory(self.package), self.file)
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
        let path = self.path();
        let mut connection = system.database(&path)?;
        (self.prepare)(&connection)
            .and_then(|()| work(&mut connection))
            .map_err(|error| PhoneError::database(&path, error))
    }

    /// Makes the database when it is missing.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create(&self, system: &System) -> Result<(), PhoneError> {
        self.with(system, |_| Ok(()))
    }
}
