//! `stepdroid model lora` and `stepdroid model merge`: low-rank adapters.

use std::path::{Path, PathBuf};

use comfy_table::{CellAlignment, Table, presets::UTF8_FULL_CONDENSED};
use serde_json::json;

use super::subject::{beside, explained, grouped, while_turning};
use crate::cli::{Context, Failure};
use crate::onnx::lora::{self, LoraOptions};
use crate::onnx::{Model, OnnxError};
use crate::policy::Bundle;

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
The adapters are weights called `lora.LAYER.a` and `lora.LAYER.b`; the rest of the model stays as it is,
also when it is quantised. At first they change nothing. Of a bundle with adapters, training changes
the adapters alone.

Examples:
  stepdroid model lora model.onnx --target 'query|value' --rank 8 --alpha 16 -o adapted.onnx
  stepdroid model gradient adapted.onnx --loss cross-entropy --trainable '^lora\\.' -o gradient.onnx
  stepdroid model merge adapted.onnx -o merged.onnx
  stepdroid model lora models/start --target 'layer' --rank 4 -o models/adapted
";
/// Shown below the help of `model merge`.
pub(super) const MERGE_EXAMPLES: &str = "\
Examples:
  stepdroid model merge adapted.onnx -o merged.onnx
  stepdroid model merge runs/demo/checkpoints/latest -o models/merged
";

/// Arguments of `model lora`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// An ONNX file or a bundle directory.
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
    /// The file or directory to write; else one beside the model.
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
}

/// Arguments of `model merge`.
#[derive(Debug, clap::Args)]
pub(super) struct MergeArgs {
    /// An ONNX file or a bundle directory with adapters.
    model: PathBuf,
    /// The file or directory to write; else one beside the model.
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
}

pub(super) fn add(args: &Args, context: &Context) -> Result<(), Failure> {
    if !args.alpha.is_finite() {
        return Err(Failure::usage("--alpha: a number is needed, such as 16"));
    }
    let named = |error: OnnxError| explained(error).context(args.model.display());
    let source = Source::read(&args.model)?;
    let options = LoraOptions {
        targets: args.target.clone(),
        rank: args.rank,
        alpha: args.alpha,
        seed: args.seed,
    };
    let (adapted, adapters) = while_turning(context, "adding adapters", || {
        lora::add(source.model(), &options)
    })
    .map_err(named)?;
    let output = args
        .output
        .clone()
        .unwrap_or_else(|| beside(&args.model, "lora"));
    source.write(adapted, &output)?;
    let count = |adapter: &lora::Adapter| (args.rank * (adapter.rows + adapter.columns)) as u64;
    let elements: u64 = adapters.iter().map(count).sum();
    let line = json!({
        "model": output,
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
            "{table}\n{}: {} adapters with {} weights{}\n",
            output.display(),
            adapters.len(),
            grouped(elements),
            source.advice()
        )
    })
}

pub(super) fn merge(args: &MergeArgs, context: &Context) -> Result<(), Failure> {
    let named = |error: OnnxError| Failure::from(error).context(args.model.display());
    let source = Source::read(&args.model)?;
    let adapters = lora::adapters(source.model()).map_err(named)?;
    if adapters.is_empty() {
        return Err(Failure::usage(format!(
            "{}: it has no adapters to merge; `stepdroid model lora` adds some",
            args.model.display()
        )));
    }
    let merged = while_turning(context, "merging adapters", || lora::merge(source.model()))
        .map_err(named)?;
    let output = args
        .output
        .clone()
        .unwrap_or_else(|| beside(&args.model, "merged"));
    source.write(merged, &output)?;
    let line = json!({"model": output, "merged": adapters.len()});
    context.output.result(&line, |_| {
        format!("{}: {} adapters merged\n", output.display(), adapters.len())
    })
}

/// Where adapters are put or taken from.
enum Source {
    File(Model),
    Bundle(Bundle),
}

impl Source {
    fn read(path: &Path) -> Result<Source, Failure> {
        Ok(if path.is_dir() {
            Source::Bundle(Bundle::load(path)?)
        } else {
            Source::File(super::subject::read(path)?)
        })
    }

    fn model(&self) -> &Model {
        match self {
            Source::File(model) => model,
            Source::Bundle(bundle) => &bundle.forward,
        }
    }

    /// What to do next with adapters.
    fn advice(&self) -> &'static str {
        match self {
            Source::File(_) => "; train them with --trainable '^lora\\.'",
            Source::Bundle(_) => "; training changes these alone",
        }
    }

    /// Writes what came of the model in the form that it had.
    fn write(&self, model: Model, path: &Path) -> Result<(), Failure> {
        match self {
            Source::File(_) => model.write(path).map_err(|error| {
                Failure::environment(format!("{error}; choose another place with -o"))
            }),
            Source::Bundle(_) if path.exists() && !path.join("policy.toml").is_file() => {
                Err(Failure::usage(format!(
                    "{}: this is no policy bundle, so it is not replaced",
                    path.display()
                )))
            }
            Source::Bundle(bundle) => {
                let bundle = Bundle {
                    forward: model,
                    // The moments were those of other weights.
                    optimizer: None,
                    ..bundle.clone()
                };
                Ok(bundle.save(path)?)
            }
        }
    }
}
