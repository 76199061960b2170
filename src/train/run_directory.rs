//! The run directory: `run.toml`, `run.sqlite`, `blobs/`, `checkpoints/`, `report/`, `log/`.

use std::path::{Path, PathBuf};

use super::TrainError;
use crate::config::{self, TrainConfig};
use crate::store::{NewRun, Store, StoreOptions};

const CONFIG: &str = "run.toml";

/// A run on disk.
#[derive(Debug, Clone)]
pub struct RunDirectory {
    /// Where it is.
    pub path: PathBuf,
    /// Its effective configuration.
    pub config: TrainConfig,
    /// Its database and blobs.
    pub store: Store,
}

impl RunDirectory {
    /// Begins a run: writes `run.toml` and the database.
    ///
    /// # Errors
    /// There is a run already, or the directory can't be written.
    pub fn create(
        path: &Path,
        config: &TrainConfig,
        options: &StoreOptions,
    ) -> Result<RunDirectory, TrainError> {
        let text = config.to_toml()?;
        let store = Store::create(
            path,
            &NewRun {
                name: config.run.name.clone(),
                seed: config.run.seed,
                config: text.clone(),
                program_version: env!("CARGO_PKG_VERSION").into(),
                suite_version: config.suite.name.clone(),
            },
            options,
        )?;
        let file = path.join(CONFIG);
        std::fs::write(&file, text).map_err(|source| TrainError::File {
            path: file,
            doing: "writing the configuration",
            source,
        })?;
        Ok(RunDirectory {
            path: path.to_path_buf(),
            config: config.clone(),
            store,
        })
    }

    /// Opens a run to go on with it. `sets` change its configuration for what is still to come.
    ///
    /// # Errors
    /// There is no run, its database is damaged or in use, or a value is not valid.
    pub fn resume(
        path: &Path,
        sets: &[String],
        options: &StoreOptions,
    ) -> Result<RunDirectory, TrainError> {
        let store = Store::open(path, options)?;
        store.release_leases()?;
        let config = RunDirectory::configuration(path, &store, sets)?;
        Ok(RunDirectory {
            path: path.to_path_buf(),
            config,
            store,
        })
    }

    /// Opens a run to look at it, also while another process goes on with it.
    ///
    /// # Errors
    /// There is no run, or its database is damaged.
    pub fn read(path: &Path) -> Result<RunDirectory, TrainError> {
        let store = Store::read(path, &StoreOptions::default())?;
        let config = RunDirectory::configuration(path, &store, &[])?;
        Ok(RunDirectory {
            path: path.to_path_buf(),
            config,
            store,
        })
    }

    /// The configuration as the database has it: `run.toml` is a copy for people, and changing it
    /// in the middle of a run would make the record untrue.
    fn configuration(
        path: &Path,
        store: &Store,
        sets: &[String],
    ) -> Result<TrainConfig, TrainError> {
        let text = store.run()?.run.config;
        Ok(config::parse(&text, &path.join(CONFIG), sets)?.config)
    }

    /// Where checkpoints lie, relative to the run.
    pub fn checkpoint_path(version: u64) -> String {
        format!("checkpoints/{version:06}")
    }
}
