//! `stepdroid model gradient`: writes a gradient graph as plain ONNX.

use std::path::PathBuf;

use regex::Regex;
use serde_json::json;

use super::subject::{LossArgs, beside, explained, grouped, load, while_turning};
use crate::cli::{Context, Failure};
use crate::onnx::{GradientGraph, GradientOptions, Recompute, build_gradient};
use crate::policy::{Bundle, Objective, gradient_graph};
use crate::runtime::SessionOracle;

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
The graph uses standard operators only and runs on any ONNX Runtime. Its inputs are the trained weights
by their names, those of the model and those of the loss; its outputs the loss, one `grad.NAME` for each
weight, what the loss says about itself, and what --keep names.

Examples:
  stepdroid model gradient model.onnx --loss cross-entropy --trainable '\\.weight$' -o gradient.onnx
  stepdroid model gradient lm.onnx --loss ppo-token --trainable 'layers\\.2\\d\\.' --recompute auto -o ppo.onnx
  stepdroid model gradient forward.onnx --loss loss --trainable w1 --trainable b1 -o gradient.onnx
  stepdroid model gradient models/start --objective clone -o cloning.onnx
";

/// Arguments of `model gradient`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// An ONNX file, or a bundle directory.
    model: PathBuf,
    #[command(flatten)]
    loss: LossArgs,
    /// The ONNX file to write; else one beside the model.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// What is computed a second time instead of kept, to save memory: auto, none, or a regular
    /// expression of node names, one block for each text in its first group.
    #[arg(long, value_name = "WHAT", default_value = "none")]
    recompute: String,
    /// Another output to keep; may be given many times.
    #[arg(long, value_name = "NAME")]
    keep: Vec<String>,
    /// Gives the graph the scalar input `loss_scale`, by which all gradients are multiplied.
    #[arg(long)]
    loss_scale: bool,
    /// What a bundle is to minimise: ppo (the clipped loss) or clone (cross-entropy).
    #[arg(long, default_value = "ppo", value_parser = ["ppo", "clone"])]
    objective: String,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let built = if args.model.is_dir() {
        of_bundle(args, context)?
    } else {
        of_file(args, context)?
    };
    let output = args
        .output
        .clone()
        .unwrap_or_else(|| beside(&args.model, "gradient"));
    built
        .model
        .write(&output)
        .map_err(|error| Failure::environment(format!("{error}; choose another place with -o")))?;
    let elements: u64 = built
        .weights
        .iter()
        .map(|(_, tensor)| tensor.data.len() as u64)
        .sum();
    let line = json!({
        "file": output,
        "nodes": built.model.graph().node.len(),
        "weights": built.weights.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        "parameters": elements,
        "recomputed": built.recomputed,
        "inputs": built.model.input_names(),
        "outputs": built.model.output_names(),
    });
    context.output.result(&line, |line| {
        let again = match built.recomputed {
            0 => String::new(),
            blocks => format!(", {blocks} blocks computed a second time"),
        };
        format!(
            "{}: {} nodes, gradients of {} weights with {} elements{again}",
            output.display(),
            line["nodes"],
            built.weights.len(),
            grouped(elements)
        )
    })
}

fn of_bundle(args: &Args, context: &Context) -> Result<GradientGraph, Failure> {
    if args.loss.chooses() {
        return Err(Failure::usage(format!(
            "{}: --trainable is for ONNX files; all weights of a bundle are trained",
            args.model.display()
        )));
    }
    let bundle = Bundle::load(&args.model)?;
    let objective = match args.objective.as_str() {
        "clone" => Objective::Clone { entropy: 0.0 },
        _ => Objective::Ppo {
            clip_low: 0.0,
            clip_high: 0.0,
            entropy: 0.0,
            kl: 0.0,
        },
    };
    Ok(gradient_graph(
        &context.library()?,
        &bundle.forward,
        objective,
    )?)
}

fn of_file(args: &Args, context: &Context) -> Result<GradientGraph, Failure> {
    let recompute = recompute(&args.recompute)?;
    let subject = load(&args.model, &args.loss, context)?;
    let outputs = subject.model.output_names();
    if let Some(unknown) = args.keep.iter().find(|name| !outputs.contains(name)) {
        return Err(Failure::usage(format!(
            "{}: no output to keep is called {unknown:?}; there are {}",
            args.model.display(),
            outputs.join(", ")
        )));
    }
    let mut keep = subject.diagnostics.clone();
    for name in &args.keep {
        if *name != subject.loss && !keep.contains(name) {
            keep.push(name.clone());
        }
    }
    let options = GradientOptions {
        loss: subject.loss.clone(),
        trainable: subject.trainable(),
        keep,
        recompute,
        loss_scale: args.loss_scale,
    };
    let oracle = SessionOracle::new(&context.library()?);
    while_turning(context, "building the gradient graph", || {
        build_gradient(&subject.model, &options, &oracle)
    })
    .map_err(|error| explained(error).context(args.model.display()))
}

fn recompute(text: &str) -> Result<Recompute, Failure> {
    Ok(match text {
        "none" => Recompute::None,
        "auto" => Recompute::Auto,
        pattern => Recompute::Blocks(Regex::new(pattern).map_err(|error| {
            let text = error.to_string();
            let reason = text.lines().last().unwrap_or_default();
            Failure::usage(format!(
                "--recompute {pattern:?} is no regular expression ({reason}); use auto, none, or one such as \
                 'layer\\.(\\d+)'"
            ))
        })?),
    })
}
