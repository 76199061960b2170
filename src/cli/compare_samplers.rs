//! `stepdroid compare-samplers`: what each sampler would have planned in a recorded run.

use std::path::PathBuf;

use comfy_table::{CellAlignment, Table, presets::UTF8_FULL_CONDENSED};

use super::{Context, Failure};
use crate::train::{Comparison, RunDirectory, compare_samplers};

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
Replays the recorded rounds with the run's own settings, random streams and success rates up to each
round; no device is used. Expected successes are those of the smoothed rates: what was recorded came
from the run's own plans, so that it says what each sampler would have spent, not what it would have
learnt.

Examples:
  stepdroid compare-samplers runs/first
  stepdroid compare-samplers runs/first --json | jq '.samplers[] | {sampler, mastered_share}'
";

/// Arguments of `compare-samplers`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Directory of the run.
    #[arg(value_name = "RUN")]
    run: PathBuf,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let run = RunDirectory::read(&args.run)?;
    let comparison = compare_samplers(&run)?;
    let recorded = comparison
        .samplers
        .iter()
        .any(|sampler| !sampler.rounds.is_empty());
    if !recorded {
        return Err(Failure::usage(format!(
            "{}: no round is recorded yet; go on with `stepdroid train --resume`",
            args.run.display()
        )));
    }
    context.output.result(&comparison, text)
}

fn text(comparison: &Comparison) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_header([
        "sampler",
        "distinct tasks",
        "replaced copies",
        "expected successes",
        "from mastered tasks",
    ]);
    for sampler in &comparison.samplers {
        let own = if sampler.own { " (the run's)" } else { "" };
        table.add_row([
            format!("{}{own}", sampler.sampler),
            format!("{:.1}", sampler.distinct_tasks),
            format!("{:.1}", sampler.replaced_copies),
            format!("{:.1}", sampler.expected_successes),
            format!("{:.0} %", 100.0 * sampler.mastered_share),
        ]);
    }
    for column in 1..5 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let rounds = comparison
        .samplers
        .first()
        .map_or(0, |sampler| sampler.rounds.len());
    let verdict = match &comparison.first_difference {
        None => {
            "The replay of the run's own sampler is exactly the plan that the run stored.".into()
        }
        Some(difference) => format!(
            "The replay of the run's own sampler differs from the plan that the run stored ({difference}): \
             its settings were changed in the middle of the run, or another version drew the plan."
        ),
    };
    format!(
        "{table}\nMeans over {rounds} rounds.\n{verdict}\n\n{}",
        by_task(comparison)
    )
}

/// Copies of each task over all rounds, a column for each sampler.
fn by_task(comparison: &Comparison) -> String {
    let mut table = Table::new();
    let mut header = vec!["copies of".to_owned()];
    header.extend(comparison.samplers.iter().map(|own| own.sampler.clone()));
    table.load_style(UTF8_FULL_CONDENSED).set_header(header);
    let tasks: std::collections::BTreeSet<&String> = comparison
        .samplers
        .iter()
        .flat_map(|sampler| sampler.copies.keys())
        .collect();
    for task in tasks {
        let mut row = vec![task.clone()];
        row.extend(comparison.samplers.iter().map(|sampler| {
            let copies = sampler.copies.get(task).copied().unwrap_or(0);
            copies.to_string()
        }));
        table.add_row(row);
    }
    for column in 1..=comparison.samplers.len() {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}
