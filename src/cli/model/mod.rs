//! `stepdroid model`: policy bundles, ONNX files and gradient graphs. One file per command.

mod check;
mod diff;
mod gradient;
mod inspect;
mod lora;
mod new;
mod subject;

use super::{Context, Failure};
use crate::policy::Bundle;

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
Examples:
  stepdroid model new models/start --size small --seed 1
  stepdroid model inspect model.onnx --trainable 'layers\\.0\\.'
  stepdroid model check model.onnx --loss cross-entropy
  stepdroid model gradient model.onnx --loss cross-entropy -o gradient.onnx
  stepdroid model lora model.onnx --target 'query|value' -o adapted.onnx
  stepdroid model diff base.onnx merged.onnx
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
    #[command(after_help = new::EXAMPLES)]
    New(new::Args),
    /// Show what a bundle or an ONNX file is made of, and what of it can be trained.
    #[command(after_help = inspect::EXAMPLES)]
    Inspect(inspect::Args),
    /// Write the gradient graph of an ONNX file or a bundle as plain ONNX.
    #[command(after_help = gradient::EXAMPLES)]
    Gradient(gradient::Args),
    /// Check that a bundle acts and learns, or that the gradients of an ONNX file are right.
    #[command(after_help = check::EXAMPLES)]
    Check(check::Args),
    /// Show what differs between two bundles or ONNX files.
    #[command(after_help = diff::EXAMPLES)]
    Diff(diff::Args),
    /// Put low-rank adapters beside matrix products of an ONNX file.
    #[command(after_help = lora::EXAMPLES)]
    Lora(lora::Args),
    /// Add what low-rank adapters learnt to the matrices, and take them away.
    #[command(after_help = lora::MERGE_EXAMPLES)]
    Merge(lora::MergeArgs),
}

pub(super) fn run(args: Args, context: &Context) -> Result<(), Failure> {
    match args.operation {
        Operation::New(args) => new::run(&args, context),
        Operation::Inspect(args) => inspect::run(&args, context),
        Operation::Gradient(args) => gradient::run(&args, context),
        Operation::Check(args) => check::run(&args, context),
        Operation::Diff(args) => diff::run(&args, context),
        Operation::Lora(args) => lora::add(&args, context),
        Operation::Merge(args) => lora::merge(&args, context),
    }
}

fn parameters(bundle: &Bundle) -> Result<usize, Failure> {
    let weights = bundle.weights()?;
    Ok(weights.iter().map(|(_, tensor)| tensor.data.len()).sum())
}
