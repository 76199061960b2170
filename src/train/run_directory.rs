//! The run directory: `run.toml`, `run.sqlite`, `blobs/`, `checkpoints/`, `report/`, `log/`.

use std::path::{Path, PathBuf};

use super::{TrainError, load_checkpoint, unchanged};
use crate::config::{self, TrainConfig};
use crate::store::{Inspected, NewRun, Store, StoreOptions};

pub(super) const CONFIG: &str = "run.toml";

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
    pub fn create(path: &Path, config: &TrainConfig) -> Result<RunDirectory, TrainError> {
        let text = config.to_toml()?;
        let identities = unchanged::identities(config)?;
        let store = Store::create(
            path,
            &NewRun {
                name: config.run.name.clone(),
                seed: config.run.seed,
                config: text.clone(),
                program_version: env!("CARGO_PKG_VERSION").into(),
                suite_version: config.suite.name.clone(),
            },
            &options(config),
        )?;
        store.put_identities(&identities)?;
        let file = path.join(CONFIG);
        write_whole(&file, &text).map_err(|source| TrainError::File {
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

    /// Opens a run to go on with it. `sets` change its configuration for what is still to come; only
    /// what does not change what is learnt may change.
    ///
    /// # Errors
    /// There is no run, its database or its newest checkpoint is damaged, it is in use, it was begun
    /// with something else ([`TrainError::Changed`]), or a value is not valid. Then nothing on disk
    /// is changed.
    pub fn resume(path: &Path, sets: &[String]) -> Result<RunDirectory, TrainError> {
        let run = Store::inspect(path, &StoreOptions::default())?;
        let config = config::parse(&run.run.run.config, &path.join(CONFIG), sets)?.config;
        RunDirectory::go_on(path, &run, config)
    }

    /// As [`RunDirectory::resume`], with the whole configuration to go on with.
    ///
    /// # Errors
    /// As there.
    pub fn resume_with(path: &Path, config: TrainConfig) -> Result<RunDirectory, TrainError> {
        let run = Store::inspect(path, &StoreOptions::default())?;
        RunDirectory::go_on(path, &run, config)
    }

    fn go_on(
        path: &Path,
        run: &Inspected,
        config: TrainConfig,
    ) -> Result<RunDirectory, TrainError> {
        unchanged::check(path, run, &config)?;
        // The newest learns on; it or one of those before it acts.
        let ahead = usize::try_from(config.train.off_policy_rounds).unwrap_or(usize::MAX);
        for checkpoint in run.checkpoints.iter().rev().take(ahead.saturating_add(1)) {
            load_checkpoint(path, checkpoint)?;
        }
        RunDirectory::opened(path, config)
    }

    /// Opens a run for something beside its training, as an evaluation of its weights under whatever
    /// configuration.
    ///
    /// # Errors
    /// There is no run, its database is damaged or in use, or a value is not valid.
    pub fn open(path: &Path, sets: &[String]) -> Result<RunDirectory, TrainError> {
        let run = Store::inspect(path, &StoreOptions::default())?;
        let config = config::parse(&run.run.run.config, &path.join(CONFIG), sets)?.config;
        RunDirectory::opened(path, config)
    }

    fn opened(path: &Path, config: TrainConfig) -> Result<RunDirectory, TrainError> {
        let store = Store::open(path, &options(&config))?;
        store.release_leases()?;
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
        // The configuration as the database has it: `run.toml` is a copy for people.
        let text = store.run()?.run.config;
        let config = config::parse(&text, &path.join(CONFIG), &[])?.config;
        Ok(RunDirectory {
            path: path.to_path_buf(),
            config,
            store,
        })
    }

    /// Where checkpoints lie, relative to the run.
    pub fn checkpoint_path(version: u64) -> String {
        format!("checkpoints/{version:06}")
    }
}

/// Writes a file such that it is there as a whole or not at all.
fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let partial = path.with_extension("partial");
    let mut file = std::fs::File::create(&partial)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(partial, path)
}

fn options(config: &TrainConfig) -> StoreOptions {
    let limit = config.run.max_database_bytes;
    StoreOptions {
        max_bytes: (limit > 0).then_some(limit),
        ..StoreOptions::default()
    }
}
