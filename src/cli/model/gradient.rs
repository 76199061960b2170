//! `stepdroid model gradient`: writes a gradient graph as plain ONNX.

use std::path::PathBuf;

use serde_json::json;

use crate::cli::{Context, Failure};
use crate::onnx::{ElementType, GradientGraph, GradientOptions, Model, build_gradient};
use crate::policy::{Bundle, Objective, gradient_graph};
use crate::runtime::SessionOracle;

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
The graph uses standard operators only. Its inputs are the weights by their names and the inputs of
the forward graph; its outputs the loss and one `grad.NAME` for each weight.

Examples:
  stepdroid model gradient models/start --out gradient.onnx
  stepdroid model gradient models/start --objective clone --out cloning.onnx
  stepdroid model gradient forward.onnx --loss loss --train w1 --train b1 --out gradient.onnx
";

/// Arguments of `model gradient`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A bundle directory, or an ONNX file that computes a loss.
    model: PathBuf,
    /// The ONNX file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// What a bundle is to minimise: ppo (the clipped loss) or clone (cross-entropy).
    #[arg(long, default_value = "ppo", value_parser = ["ppo", "clone"])]
    objective: String,
    /// The output of an ONNX file that holds the loss.
    #[arg(long, value_name = "NAME", default_value = "loss")]
    loss: String,
    /// A weight of an ONNX file to train; may be given many times. All floating-point initializers
    /// when it is not given.
    #[arg(long, value_name = "NAME")]
    train: Vec<String>,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let built = if args.model.is_dir() {
        if !args.train.is_empty() {
            return Err(Failure::usage(format!(
                "{}: --train is for ONNX files; all weights of a bundle are trained",
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
        gradient_graph(&context.library()?, bundle.shape, objective)?
    } else {
        of_file(args, context)?
    };
    built.model.write(&args.out).map_err(|error| {
        Failure::environment(format!("{error}; choose another place with --out"))
    })?;
    let line = json!({
        "file": args.out,
        "nodes": built.model.graph().node.len(),
        "weights": built.weights.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        "outputs": built.model.output_names(),
    });
    context.output.result(&line, |line| {
        format!(
            "{}: {} nodes, gradients of {} weights",
            args.out.display(),
            line["nodes"],
            built.weights.len()
        )
    })
}

fn of_file(args: &Args, context: &Context) -> Result<GradientGraph, Failure> {
    let model = Model::read(&args.model)?;
    let named = |failure: Failure| failure.context(args.model.display());
    let outputs = model.output_names();
    if !outputs.contains(&args.loss) {
        return Err(Failure::usage(format!(
            "{}: no output is called {:?}; there are {}; name the loss with --loss",
            args.model.display(),
            args.loss,
            outputs.join(", ")
        )));
    }
    let floats = floating_initializers(&model);
    let trainable = if args.train.is_empty() {
        floats
    } else {
        if let Some(unknown) = args.train.iter().find(|name| !floats.contains(name)) {
            return Err(Failure::usage(format!(
                "{}: no floating-point initializer is called {unknown:?}; there are {}",
                args.model.display(),
                floats.join(", ")
            )));
        }
        args.train.clone()
    };
    let options = GradientOptions {
        loss: args.loss.clone(),
        trainable,
        keep: outputs
            .into_iter()
            .filter(|name| *name != args.loss)
            .collect(),
        ..Default::default()
    };
    let oracle = SessionOracle::new(&context.library()?);
    build_gradient(&model, &options, &oracle).map_err(|error| named(error.into()))
}

fn floating_initializers(model: &Model) -> Vec<String> {
    model
        .graph()
        .initializer
        .iter()
        .filter(|tensor| {
            let element = ElementType::from_code(tensor.data_type.unwrap_or(0));
            matches!(element, ElementType::F32 | ElementType::F64)
        })
        .filter_map(|tensor| tensor.name.clone())
        .collect()
}
