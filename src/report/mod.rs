//! What a run looks like: its result as plain data ([`summarize`]) and as one HTML page
//! ([`write_html`]). An observer: it reads the store, writes only to the run directory's `report/`,
//! and where something can't be read it shows that it is missing instead of failing the run.
//!
//! The page is one file that works from `file://` without a network: styles, script, drawings and
//! pictures are inside. May use `domain`, `store`, `pixels`, `config`.

mod curves;
mod experiment;
mod guards;
mod markup;
mod page;
mod replay;
mod summary;

pub use curves::{Curves, HeatRow, Point, RatedPoint};
pub use experiment::{
    ArmResult, Comparison, CurvePoint, ExperimentReport, RunResult, SearchRow, compare, read_run,
    write_experiment,
};
pub use guards::{GuardSeries, Losses};
pub use page::write_html;
pub use summary::{Judged, Pairs, Rate, Summary, TaskRow, significance, summarize};

use std::path::{Path, PathBuf};

use crate::store::StoreError;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The run's database can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The page can't be written.
    #[error("{}: can't write the report: {source}; check the disk and the permissions", path.display())]
    Write {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl ReportError {
    fn write(path: &Path, source: std::io::Error) -> ReportError {
        ReportError::Write {
            path: path.to_path_buf(),
            source,
        }
    }
}
