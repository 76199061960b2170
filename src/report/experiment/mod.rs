//! What an experiment found: several arms on several seeds, read from the stores of their runs, as
//! plain data ([`ExperimentReport`]) and as one HTML page ([`write_experiment`]).
//!
//! Nothing here knows what an arm is good for: every arm is treated alike, and a run that is missing
//! is said to be missing.

mod arm;
mod comparison;
mod page;

pub use arm::{ArmResult, CurvePoint, RunResult, read_run};
pub use comparison::{Comparison, compare};
pub use page::write_experiment;

use serde::Serialize;

/// A setting of the search and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SearchRow {
    /// Arm.
    pub arm: String,
    /// Settings, as `train.key=value`.
    pub settings: Vec<String>,
    /// Mean success of the last two evaluations on the search's instances; `None` while it runs.
    pub success: Option<f64>,
    /// Whether the arm's runs use it.
    pub chosen: bool,
}

/// An experiment's result.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExperimentReport {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub about: String,
    /// Seeds.
    pub seeds: Vec<u64>,
    /// Trajectories that every run had.
    pub trajectories: u64,
    /// Success of each seed's warm start, where it is known.
    pub warm: Vec<Option<f64>>,
    /// The arm that the others are compared with.
    pub reference: String,
    /// The arms in their order.
    pub arms: Vec<ArmResult>,
    /// The reference against each other arm.
    pub comparisons: Vec<Comparison>,
    /// The search.
    pub search: Vec<SearchRow>,
    /// Runs that are not done.
    pub missing: Vec<String>,
}
