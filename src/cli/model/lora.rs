//! `stepdroid model lora` and `stepdroid model merge`: low-rank adapters.

use std::path::{Path, PathBuf};

use comfy_table::{CellAlignment, Table, presets::UTF8_FULL_CONDENSED};
use serde_json::json;

use super::subject::{beside, explained, grouped, while_turning};
use crate::cli::{Context, Failure};
use crate::onnx::lora::{self, LoraOptions};
use crate::onnx::{Model, OnnxError};

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
The adapters are weights called `lora.LAYER.a` and `lora.LAYER.b`; the rest of the model stays as it is,
also when it is quantised. At first they change nothing.

Examples:
  stepdroid model lora model.onnx --target 'query|value' --rank 8 --alpha 16 -o adapted.onnx
  stepdroid model gradient adapted.onnx --loss cross-entropy --trainable '^lora\\.' -o gradient.onnx
  stepdroid model merge adapted.onnx -o merged.onnx
";
/// Shown below the help of `model merge`.
pub(super) const MERGE_EXAMPLES: &str = "\
Example:
  stepdroid model merge adapted.onnx -o merged.onnx
";

/// Arguments of `model lora`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// An ONNX file.
    model: PathBuf,
    /// Matrix products that get an adapter, as a regular expression; may be given many times. It is
    /// looked for in names of weights, nodes and biases, and in what the exporter noted.
    #[arg(long, value_name = "REGEX", required = true)]
    target: Vec<String>,
    /// Columns of the first factor, rows of the second.
    #[arg(long, value_name = "R", default_value_t = 8)]
    rank: usize,
    /// The adapters are multiplied by this over the rank.
    #[arg(long, value_name = "A", default_value_t = 16.0)]
    alpha: f32,
    /// Seed of the first factor.
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,
    /// The ONNX file to write; else one beside the model.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Arguments of `model merge`.
#[derive(Debug, clap::Args)]
pub(super) struct MergeArgs {
    /// An ONNX file with adapters.
    model: PathBuf,
    /// The ONNX file to write; else one beside the model.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn add(args: &Args, context: &Context) -> Result<(), Failure> {
    only_files(&args.model)?;
    if !args.alpha.is_finite() {
        return Err(Failure::usage("--alpha: a number is needed, such as 16"));
    }
    let named = |error: OnnxError| explained(error).context(args.model.display());
    let model = super::subject::read(&args.model)?;
    let options = LoraOptions {
        targets: args.target.clone(),
        rank: args.rank,
        alpha: args.alpha,
        seed: args.seed,
    };
    let (adapted, adapters) =
        while_turning(context, "adding adapters", || lora::add(&model, &options)).map_err(named)?;
    let output = args
        .output
        .clone()
        .unwrap_or_else(|| beside(&args.model, "lora"));
    write(&adapted, &output)?;
    let count = |adapter: &lora::Adapter| (args.rank * (adapter.rows + adapter.columns)) as u64;
    let elements: u64 = adapters.iter().map(count).sum();
    let line = json!({
        "file": output,
        "adapters": adapters,
        "parameters": elements,
    });
    context.output.result(&line, |_| {
        let mut table = Table::new();
        table
            .load_style(UTF8_FULL_CONDENSED)
            .set_header(["layer", "matrix", "weights"]);
        if let Some(column) = table.column_mut(2) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        for adapter in &adapters {
            table.add_row([
                adapter.label.clone(),
                format!("{} x {}", adapter.rows, adapter.columns),
                grouped(count(adapter)),
            ]);
        }
        format!(
            "{table}\n{}: {} adapters with {} weights; train them with --trainable '^lora\\.'\n",
            output.display(),
            adapters.len(),
            grouped(elements)
        )
    })
}

pub(super) fn merge(args: &MergeArgs, context: &Context) -> Result<(), Failure> {
    only_files(&args.model)?;
    let named = |error: OnnxError| Failure::from(error).context(args.model.display());
    let model = Model::read(&args.model)?;
    let adapters = lora::adapters(&model).map_err(named)?;
    if adapters.is_empty() {
        return Err(Failure::usage(format!(
            "{}: it has no adapters to merge; `stepdroid model lora` adds some",
            args.model.display()
        )));
    }
    let merged =
        while_turning(context, "merging adapters", || lora::merge(&model)).map_err(named)?;
    let output = args
        .output
        .clone()
        .unwrap_or_else(|| beside(&args.model, "merged"));
    write(&merged, &output)?;
    let line = json!({"file": output, "merged": adapters.len()});
    context.output.result(&line, |_| {
        format!("{}: {} adapters merged\n", output.display(), adapters.len())
    })
}

fn only_files(path: &Path) -> Result<(), Failure> {
    if path.is_dir() {
        return Err(Failure::usage(format!(
            "{}: adapters are put into ONNX files, not into bundles; all weights of a bundle are trained",
            path.display()
        )));
    }
    Ok(())
}

fn write(model: &Model, path: &Path) -> Result<(), Failure> {
    model
        .write(path)
        .map_err(|error| Failure::environment(format!("{error}; choose another place with -o")))
}
