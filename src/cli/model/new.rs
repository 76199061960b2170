//! `stepdroid model new`: a policy bundle with random weights.

use std::path::PathBuf;

use serde_json::json;

use super::parameters;
use crate::cli::{Context, Failure};
use crate::policy::{Bundle, Shape};

/// Shown below the help.
pub(super) const EXAMPLES: &str =
    "Example:\n  stepdroid model new models/start --size medium --seed 1\n";

/// Arguments of `model new`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
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
}

pub(super) fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let path = &args.bundle;
    if path.exists() && !args.force {
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
    let size = &args.size;
    let shape = Shape::named(size)
        .ok_or_else(|| Failure::usage(format!("{size:?} is not a size: small, medium, large")))?;
    let bundle = Bundle::new(shape, args.seed)?;
    bundle.save(path)?;
    let weights = parameters(&bundle)?;
    let line = json!({"bundle": path, "shape": shape, "parameters": weights});
    context
        .output
        .result(&line, |_| format!("{}: {weights} weights", path.display()))
}
