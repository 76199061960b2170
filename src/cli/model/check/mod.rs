//! `stepdroid model check`: whether a bundle acts and learns as it should, and whether the gradients
//! of an ONNX file are right.

mod bundle;
mod file;

use std::path::PathBuf;

use super::subject::LossArgs;
use crate::cli::{Context, Failure};
use crate::runtime::Provider;

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
For an ONNX file, gradients are compared with differences of its loss when weights are moved, on made-up
inputs: in 64 bits where ONNX Runtime has all kernels, else in 32 bits with a wider tolerance.
Ends with code 1 when a check fails.

Examples:
  stepdroid model check models/start
  stepdroid model check model.onnx --loss cross-entropy --trainable 'layers\\.0\\.'
  stepdroid model check model.onnx --loss squared-error --dim batch=3 --dim seq=7 --json
";

/// Arguments of `model check`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A bundle directory, or an ONNX file.
    model: PathBuf,
    #[command(flatten)]
    loss: LossArgs,
    /// Size of a symbolic dimension of an ONNX file's inputs; may be given many times.
    #[arg(long, value_name = "NAME=N")]
    dim: Vec<String>,
    /// How many weights of an ONNX file are moved one by one, spread over the file; they are also
    /// moved together.
    #[arg(long, value_name = "N", default_value_t = 32)]
    weights: usize,
    /// Seed of the made-up inputs and of the directions.
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,
    /// What computes a bundle: auto, cpu or cuda.
    #[arg(long, default_value = "auto", value_parser = ["auto", "cpu", "cuda"])]
    provider: String,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    if !args.model.is_dir() {
        return file::run(args, context);
    }
    let provider = match args.provider.as_str() {
        "cpu" => Provider::Cpu,
        "cuda" => Provider::Cuda,
        _ => Provider::Auto,
    };
    bundle::run(&args.model, provider, context)
}
