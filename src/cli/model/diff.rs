//! `stepdroid model diff`: what differs between two bundles or ONNX files.

use std::path::{Path, PathBuf};

use comfy_table::{CellAlignment, Table, presets::UTF8_FULL_CONDENSED};
use serde_json::json;

use super::subject::while_turning;
use crate::cli::{Context, ExitCode, Failure};
use crate::onnx::Model;
use crate::onnx::diff::{Change, Difference, Fact, compare};
use crate::policy::Bundle;

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
Ends with code 0 when nothing differs and with code 1 when something does, as `diff` does.

Examples:
  stepdroid model diff models/start runs/demo-0/checkpoints/latest
  stepdroid model diff base.onnx merged.onnx --all
  stepdroid model diff a.onnx b.onnx --json
";

/// Changed weights that the table shows.
const SHOWN: usize = 20;

/// Arguments of `model diff`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A bundle directory or an ONNX file.
    first: PathBuf,
    /// Another one.
    second: PathBuf,
    /// Show every changed weight, not only those that changed most.
    #[arg(long)]
    all: bool,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let (first, second) = (read(&args.first)?, read(&args.second)?);
    let found = while_turning(context, "comparing", || compare(&first, &second))?;
    let line = json!({
        "first": args.first,
        "second": args.second,
        "difference": found,
    });
    context.output.result(&line, |_| text(args, &found))?;
    if found.equal {
        Ok(())
    } else {
        // What differs was said; the code alone says that something does.
        Err(Failure::silent(ExitCode::Missed))
    }
}

fn read(path: &Path) -> Result<Model, Failure> {
    if path.is_dir() {
        return Ok(Bundle::load(path)?.forward);
    }
    Ok(Model::read(path)?)
}

fn text(args: &Args, found: &Difference) -> String {
    if found.equal {
        return format!("nothing differs; {} weights are the same\n", found.same);
    }
    let mut text = String::new();
    text.push_str(&facts("structure", &found.structure));
    text.push_str(&facts("weight of another form", &found.reshaped));
    for (path, names) in [
        (&args.first, &found.only_first),
        (&args.second, &found.only_second),
    ] {
        if !names.is_empty() {
            text.push_str(&format!(
                "only in {}: {}\n",
                path.display(),
                names.join(", ")
            ));
        }
    }
    if !found.changed.is_empty() {
        let shown = if args.all { found.changed.len() } else { SHOWN };
        text.push_str(&changes(&found.changed[..shown.min(found.changed.len())]));
        if found.changed.len() > shown {
            text.push_str(&format!(
                "and {} that changed less; --all shows them\n",
                found.changed.len() - shown
            ));
        }
    }
    text.push_str(&format!(
        "{} weights changed, {} are the same\n",
        found.changed.len(),
        found.same
    ));
    text
}

fn facts(label: &str, facts: &[Fact]) -> String {
    if facts.is_empty() {
        return String::new();
    }
    let mut table = Table::new();
    table
        .load_style(UTF8_FULL_CONDENSED)
        .set_header([label, "first", "second"]);
    for fact in facts {
        let shown = |text: &str| {
            if text.is_empty() {
                "-".to_owned()
            } else {
                text.to_owned()
            }
        };
        table.add_row([fact.what.clone(), shown(&fact.first), shown(&fact.second)]);
    }
    format!("{table}\n")
}

fn changes(changed: &[Change]) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_header([
        "changed weight",
        "elements",
        "differ",
        "largest",
        "length",
        "relative",
    ]);
    for column in 1..6 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let number =
        |value: Option<f64>| value.map_or_else(|| "-".into(), |value| format!("{value:.2e}"));
    for change in changed {
        table.add_row([
            change.name.clone(),
            change.elements.to_string(),
            change.changed.to_string(),
            number(change.largest),
            number(change.length),
            number(change.relative),
        ]);
    }
    format!("{table}\n")
}
