//! What tasks are given that move a file from one folder to another, whatever the app.

use serde::{Deserialize, Serialize};

use super::{TaskError, names, params};
use crate::domain::{Params, TaskSpec};

/// Names of the parameters.
pub(super) const PARAMS: &[&str] = &[
    "file_name",
    "source_folder",
    "destination_folder",
    "noise_candidates",
];

/// The parameters.
#[derive(Serialize, Deserialize)]
pub(super) struct Given {
    /// The file.
    pub file_name: String,
    /// Where it is.
    pub source_folder: String,
    /// Where it should be.
    pub destination_folder: String,
    /// What other files of its folder are called, more or less.
    pub noise_candidates: Vec<String>,
}

impl Given {
    /// Reads the parameters of a task.
    pub fn read(spec: &TaskSpec, params: &Params) -> Result<Given, TaskError> {
        let given: Given = params::read(spec, params)?;
        for name in [
            &given.file_name,
            &given.source_folder,
            &given.destination_folder,
        ] {
            names::check(spec, name)?;
        }
        if given.source_folder == given.destination_folder {
            return Err(params::wrong(spec, "the two folders are the same"));
        }
        Ok(given)
    }
}
