//! `stepdroid model`: policy bundles and gradient graphs.

mod check;
mod gradient;

use std::path::{Path, PathBuf};

use serde_json::json;

use super::{Context, Failure};
use crate::onnx::Model;
use crate::onnx::inspect::{Summary, summarise};
use crate::policy::{Bundle, Shape};

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
Examples:
  stepdroid model new models/start --size small --seed 1
  stepdroid model inspect models/start
  stepdroid model check models/start
  stepdroid model gradient models/start --out gradient.onnx
";
const NEW_EXAMPLES: &str = "Example:\n  stepdroid model new models/start --size medium --seed 1\n";
const INSPECT_EXAMPLES: &str = "\
Examples:
  stepdroid model inspect models/start
  stepdroid model inspect gradient.onnx --json
";

/// Arguments of `model`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    operation: Operation,
}

#[derive(Debug, clap::Subcommand)]
enum Operation {
    /// Write a policy bundle with random weights.
    #[command(after_help = NEW_EXAMPLES)]
    New {
        /// The directory to make.
        bundle: PathBuf,
        /// Size of the network: small (0.15 M weights), medium (0.4 M) or large (2 M).
        #[arg(long, default_value = "small", value_parser = ["small", "medium", "large"])]
        size: String,
        /// Seed of the weights.
        #[arg(long, value_name = "S", default_value_t = 0)]
        seed: u64,
        /// Replace a bundle that is there.
        #[arg(long)]
        force: bool,
    },
    /// Show what a bundle or an ONNX file is made of.
    #[command(after_help = INSPECT_EXAMPLES)]
    Inspect {
        /// A bundle directory or an ONNX file.
        model: PathBuf,
    },
    /// Write the gradient graph of a bundle, or of an ONNX file with a loss, as plain ONNX.
    #[command(after_help = gradient::EXAMPLES)]
    Gradient(gradient::Args),
    /// Check that a bundle acts and learns: log-probabilities, and gradients against differences.
    #[command(after_help = check::EXAMPLES)]
    Check(check::Args),
}

pub(super) fn run(args: Args, context: &Context) -> Result<(), Failure> {
    match args.operation {
        Operation::New {
            bundle,
            size,
            seed,
            force,
        } => new(&bundle, &size, seed, force, context),
        Operation::Inspect { model } => inspect(&model, context),
        Operation::Gradient(args) => gradient::run(&args, context),
        Operation::Check(args) => check::run(&args, context),
    }
}

fn new(path: &Path, size: &str, seed: u64, force: bool, context: &Context) -> Result<(), Failure> {
    if path.exists() && !force {
        return Err(Failure::usage(format!(
            "{}: this is there already; --force replaces it",
            path.display()
        )));
    }
    // Only what is a bundle is ever replaced: saving removes what was there.
    if path.exists() && !path.join("policy.toml").is_file() {
        return Err(Failure::usage(format!(
            "{}: this is no policy bundle, so it is not replaced",
            path.display()
        )));
    }
    let shape = Shape::named(size)
        .ok_or_else(|| Failure::usage(format!("{size:?} is not a size: small, medium, large")))?;
    let bundle = Bundle::new(shape, seed)?;
    bundle.save(path)?;
    let weights = parameters(&bundle)?;
    let line = json!({"bundle": path, "shape": shape, "parameters": weights});
    context
        .output
        .result(&line, |_| format!("{}: {weights} weights", path.display()))
}

fn parameters(bundle: &Bundle) -> Result<usize, Failure> {
    let weights = bundle.weights()?;
    Ok(weights.iter().map(|(_, tensor)| tensor.data.len()).sum())
}

fn inspect(path: &Path, context: &Context) -> Result<(), Failure> {
    if !path.is_dir() {
        let summary = summarise(&Model::read(path)?);
        return context.output.result(&summary, summary_text);
    }
    let bundle = Bundle::load(path)?;
    let summary = summarise(&bundle.forward);
    let weights: Vec<_> = bundle
        .weights()?
        .into_iter()
        .map(|(name, tensor)| (name, tensor.shape))
        .collect();
    let line = json!({
        "bundle": path,
        "version": bundle.version,
        "shape": bundle.shape,
        "parameters": parameters(&bundle)?,
        "training": bundle.optimizer.as_ref().map(|optimizer| optimizer.steps),
        "weights": weights
            .iter()
            .map(|(name, shape)| json!({"name": name, "shape": shape}))
            .collect::<Vec<_>>(),
        "forward": summary,
    });
    context.output.result(&line, |line| {
        let shape = bundle.shape;
        let mut text = format!(
            "{}: weights of version {}, {} of them\nwidth {}, {} layers, {} heads, {} hidden\n",
            path.display(),
            bundle.version,
            line["parameters"],
            shape.width,
            shape.layers,
            shape.heads,
            shape.hidden
        );
        for (name, shape) in &weights {
            text.push_str(&format!("  {name} {shape:?}\n"));
        }
        text.push_str(&summary_text(&summary));
        text
    })
}

fn summary_text(summary: &Summary) -> String {
    let mut text = format!(
        "ONNX of format {}, operators {}, made by {:?}: {} nodes, {} constants with {} elements\n",
        summary.ir_version,
        summary.opset,
        summary.producer,
        summary.nodes,
        summary.initializers,
        summary.parameters
    );
    for (label, values) in [("input", &summary.inputs), ("output", &summary.outputs)] {
        for value in values {
            text.push_str(&format!(
                "  {label} {} [{}]\n",
                value.name,
                value.shape.join(", ")
            ));
        }
    }
    let operators: Vec<String> = summary
        .operators
        .iter()
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    text.push_str(&format!("  operators: {}\n", operators.join(", ")));
    text
}
