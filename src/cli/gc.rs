//! `stepdroid gc`: what a run takes on the disk, and removing what nothing needs any more.

use std::path::{Path, PathBuf};

use comfy_table::{CellAlignment, Table, presets::UTF8_FULL_CONDENSED};
use serde::Serialize;

use super::{Context, Failure};
use crate::config::ScreenshotAge;
use crate::store::StoreError;
use crate::train::{Collected, Keep, RunDirectory, TrainError, collect_garbage};

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
Without options it removes what nothing refers to, and what the run's own [retention] does not keep. Whatever is
said, what `--resume`, the report's table and `compare-samplers` need stays: the first, the best and the newest
checkpoints, the samples of rounds that are still to be learnt from, the record of every episode. A run that is
being trained is only looked at (--dry-run); its training removes by itself what its [retention] does not keep.

Examples:
  stepdroid gc runs/first --dry-run                     what takes how much, and what would go
  stepdroid gc runs/* --keep-checkpoints 5 --keep-screenshots 30 --keep-samples 1
  stepdroid gc runs/first --max-bytes 2000000000        as much as it takes, the least missed first
";

/// Arguments of `gc`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Directories of runs.
    #[arg(value_name = "RUN", required = true)]
    runs: Vec<PathBuf>,
    /// Checkpoints that stay beside the first, the best and those that --resume needs, spread over the run.
    #[arg(long, value_name = "N")]
    keep_checkpoints: Option<u32>,
    /// How long screenshots stay; episodes keep their record.
    #[arg(long, value_name = "DAYS|none|all", value_parser = age)]
    keep_screenshots: Option<ScreenshotAge>,
    /// Rounds whose step samples stay after they were learnt from.
    #[arg(long, value_name = "ROUNDS")]
    keep_samples: Option<u64>,
    /// Size of each run's directory in bytes; more goes until it is kept to.
    #[arg(long, value_name = "N")]
    max_bytes: Option<u64>,
    /// Only show what would go.
    #[arg(long)]
    dry_run: bool,
}

fn age(text: &str) -> Result<ScreenshotAge, String> {
    ScreenshotAge::parse(text).ok_or_else(|| "write all, none or a number of days".to_owned())
}

/// What became of one run.
#[derive(Debug, Serialize)]
struct Cleared {
    run: PathBuf,
    dry_run: bool,
    #[serde(flatten)]
    collected: Collected,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let mut cleared = Vec::new();
    for path in &args.runs {
        cleared.push(Cleared {
            run: path.clone(),
            dry_run: args.dry_run,
            collected: clear(path, args)?,
        });
    }
    context.output.result(&cleared, |cleared| {
        cleared.iter().map(table).collect::<Vec<_>>().join("\n")
    })?;
    match cleared.iter().find(|run| !run.collected.fits) {
        Some(run) if !args.dry_run => Err(Failure::missed(format!(
            "{}: {} are left, more than --max-bytes; what is left is needed to go on with the run and to say \
             what it came to",
            run.run.display(),
            size(run.collected.after)
        ))),
        _ => Ok(()),
    }
}

fn clear(path: &Path, args: &Args) -> Result<Collected, Failure> {
    let run = if args.dry_run {
        RunDirectory::read(path)?
    } else {
        RunDirectory::open(path, &[]).map_err(|error| match error {
            TrainError::Store(StoreError::Locked(_)) => Failure::from(error).hint(
                "what is there can be looked at with --dry-run, and the training itself removes what \
                 its [retention] does not keep",
            ),
            error => error.into(),
        })?
    };
    let mut keep = Keep::of(&run.config.retention);
    keep.checkpoints = args.keep_checkpoints.or(keep.checkpoints);
    keep.screenshots = args.keep_screenshots.unwrap_or(keep.screenshots);
    keep.samples = args.keep_samples.or(keep.samples);
    keep.max_bytes = args.max_bytes.or(keep.max_bytes);
    let remove = !args.dry_run;
    Ok(collect_garbage(
        &run.path,
        &run.store,
        &run.config,
        &keep,
        remove,
    )?)
}

fn table(cleared: &Cleared) -> String {
    let collected = &cleared.collected;
    let goes = if cleared.dry_run { "would go" } else { "gone" };
    let mut table = Table::new();
    table
        .load_style(UTF8_FULL_CONDENSED)
        .set_header(["what", "size", goes, ""]);
    for part in &collected.parts {
        table.add_row([
            part.what.to_owned(),
            size(part.bytes),
            size(part.goes),
            part.detail.clone(),
        ]);
    }
    table.add_row([
        "all".to_owned(),
        size(collected.before),
        size(collected.before.saturating_sub(collected.after)),
        format!("{} left", size(collected.after)),
    ]);
    for column in 1..3 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    format!("{}\n{table}\n", cleared.run.display())
}

/// Bytes as people read them.
pub(super) fn size(bytes: u64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < units.len() {
        value /= 1024.0;
        unit += 1;
    }
    match unit {
        0 => format!("{bytes} B"),
        _ => format!("{value:.1} {}", units[unit]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        let found = [0, 1023, 1536, 5 << 20, 3 << 30].map(size);
        assert_eq!(found, ["0 B", "1023 B", "1.5 KiB", "5.0 MiB", "3.0 GiB"]);
    }
}
