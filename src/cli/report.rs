//! `stepdroid report`: what a run came to, as a table and as a page.

use std::path::{Path, PathBuf};

use comfy_table::{CellAlignment, Table, presets::UTF8_FULL_CONDENSED};

use super::{Context, Failure, Output};
use crate::report::{self, GuardSeries, Rate, Summary};
use crate::store::Store;
use crate::train::RunDirectory;

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
Writes RUN/report/index.html, one file that needs no network, and prints the table. A run that is
still going on may be looked at.

Examples:
  stepdroid report runs/first
  stepdroid report runs/first --json | jq .after
";

/// Arguments of `report`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Directory of the run.
    #[arg(value_name = "RUN")]
    run: PathBuf,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let run = RunDirectory::read(&args.run)?;
    write_report(&run.path, &run.store, &context.output)?;
    let summary = report::summarize(&run.store)?;
    context.output.result(&summary, |summary| {
        format!("{}{}", summary_table(summary), guard_table(&summary.guards))
    })
}

/// Writes the page and says where it is.
pub(super) fn write_report(
    directory: &Path,
    store: &Store,
    output: &Output,
) -> Result<PathBuf, Failure> {
    let page = report::write_html(directory, store)?;
    output.note(&format!("report: {}", page.display()));
    Ok(page)
}

/// The tasks before and after, for a terminal.
pub(super) fn summary_table(summary: &Summary) -> String {
    let mut table = Table::new();
    table
        .load_style(UTF8_FULL_CONDENSED)
        .set_header(["task", "before", "after", "change"]);
    for row in &summary.by_task {
        let name = if row.held_out {
            format!("{} (held out)", row.task)
        } else {
            row.task.clone()
        };
        table.add_row([
            name,
            rate(row.before.as_ref()),
            rate(row.after.as_ref()),
            change(row.difference),
        ]);
    }
    table.add_row([
        "all".to_owned(),
        rate(summary.before.as_ref()),
        rate(summary.after.as_ref()),
        change(summary.difference),
    ]);
    for column in 1..4 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let verdict = match summary.p_value {
        Some(p) => format!(
            "{} instances twice: {} gained, {} lost (one-sided sign test: p {})",
            summary.pairs.pairs,
            summary.pairs.gained,
            summary.pairs.lost,
            p_text(p)
        ),
        None => "no evaluation before and after to compare".to_owned(),
    };
    format!(
        "{table}\n{verdict}\n{} episodes, {} rounds, {:.0} s. Intervals: 95 % (Wilson).",
        summary.episodes, summary.rounds, summary.seconds
    )
}

/// The guard metrics over the rounds, for a terminal.
fn guard_table(guards: &[GuardSeries]) -> String {
    if guards.is_empty() {
        return String::new();
    }
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_header([
        "guard metric",
        "first",
        "last",
        "lowest",
        "highest",
        "",
    ]);
    for guard in guards {
        let values = || guard.points.iter().map(|point| point.value);
        let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), guard_text);
        table.add_row([
            guard.title.clone(),
            number(values().next()),
            number(values().next_back()),
            number(values().reduce(f64::min)),
            number(values().reduce(f64::max)),
            guard.warning.clone().unwrap_or_default(),
        ]);
    }
    for column in 1..5 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    format!("\n\n{table}")
}

/// Counts as they are, other values in four digits.
fn guard_text(value: f64) -> String {
    if value == value.trunc() && value.abs() < 1e9 {
        format!("{value:.0}")
    } else if value.abs() >= 0.001 {
        let digits = 3 - value.abs().log10().floor().clamp(-3.0, 3.0) as i32;
        format!("{value:.0$}", digits.max(0) as usize)
    } else {
        format!("{value:.1e}")
    }
}

fn rate(rate: Option<&Rate>) -> String {
    rate.map_or_else(
        || "-".to_owned(),
        |rate| {
            format!(
                "{:3.0} % [{:.0}, {:.0}]",
                100.0 * rate.success,
                100.0 * rate.low,
                100.0 * rate.high
            )
        },
    )
}

fn change(difference: Option<f64>) -> String {
    difference.map_or_else(
        || "-".to_owned(),
        |difference| format!("{:+.0}", 100.0 * difference),
    )
}

/// A p value as people read it.
pub(super) fn p_text(p: f64) -> String {
    if p < 0.0001 {
        "< 0.0001".to_owned()
    } else {
        format!("= {p:.4}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guard_values_are_short() {
        let texts: Vec<String> = [
            0.0, 12.0, 0.5, 1.000_04, 123.456, 0.012_346, 0.000_012, -2.5,
        ]
        .map(guard_text)
        .into();
        assert_eq!(
            texts,
            [
                "0", "12", "0.5000", "1.000", "123.5", "0.01235", "1.2e-5", "-2.500"
            ]
        );
    }
}
