//! `stepdroid model inspect`: what a bundle or an ONNX file is made of, and what of it can be trained.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use comfy_table::{CellAlignment, Table, presets::UTF8_FULL_CONDENSED};
use serde::Serialize;
use serde_json::json;

use super::parameters;
use super::subject::{LossArgs, explained, grouped};
use crate::cli::{Context, Failure};
use crate::onnx::gradient::{Coverage, coverage};
use crate::onnx::inspect::{Summary, element_name, summarise};
use crate::onnx::select::Selected;
use crate::onnx::{Model, OnnxError, model::MAX_BYTES};
use crate::policy::Bundle;

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
Weights are listed with what chose them, and nodes without a gradient rule by name: while there is one
between a chosen weight and the loss, `model gradient` has to give up. Without --trainable every weight
counts as chosen; without --loss every output as the loss.

Examples:
  stepdroid model inspect models/start
  stepdroid model inspect model.onnx --trainable 'layers\\.1[0-9]\\.' --loss loss
  stepdroid model inspect gradient.onnx --json
";

/// Weights that the table shows.
const SHOWN: usize = 12;
/// Nodes without a rule that are listed.
const LISTED: usize = 20;

/// Arguments of `model inspect`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A bundle directory or an ONNX file.
    model: PathBuf,
    #[command(flatten)]
    loss: LossArgs,
}

/// What can be trained.
#[derive(Debug, Serialize)]
struct Training {
    /// The output that gradients begin at; none for all outputs.
    from: Option<String>,
    trainable: Vec<Chosen>,
    parameters: u64,
    #[serde(flatten)]
    coverage: Coverage,
}

#[derive(Debug, Serialize)]
struct Chosen {
    name: String,
    element: String,
    shape: Vec<usize>,
    why: String,
}

#[derive(Debug, Serialize)]
struct Report {
    file: PathBuf,
    #[serde(flatten)]
    summary: Summary,
    training: Option<Training>,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let path = &args.model;
    if path.is_dir() {
        return bundle(path, context);
    }
    let model = without_data(path)?.with_weights_as_initializers();
    let report = Report {
        file: path.clone(),
        summary: summarise(&model),
        training: training(&model, args)?,
    };
    context.output.result(&report, |report| {
        let mut text = summary_text(&report.summary);
        text.push_str(&weights_text(&report.summary));
        if let Some(training) = &report.training {
            text.push_str(&training_text(training, args.loss.chooses()));
        }
        text
    })
}

/// The model without what lies in other files, which may be large or missing: sizes are in the model
/// itself.
fn without_data(path: &Path) -> Result<Model, Failure> {
    let file = |source| OnnxError::File {
        path: path.to_owned(),
        source,
    };
    let length = std::fs::metadata(path).map_err(file)?.len();
    if length > MAX_BYTES {
        return Err(Failure::usage(format!(
            "{}: {length} bytes are over the format's limit",
            path.display()
        )));
    }
    let bytes = std::fs::read(path).map_err(file)?;
    Model::from_bytes(&bytes).map_err(|error| Failure::from(error).context(path.display()))
}

/// What is between the chosen weights and the loss. A model without weights has nothing to train.
fn training(model: &Model, args: &Args) -> Result<Option<Training>, Failure> {
    let named = |error: OnnxError| explained(error).context(args.model.display());
    let weights = match args.loss.choose(model) {
        Ok(weights) => weights,
        Err(OnnxError::Pattern { .. }) if !args.loss.chooses() => return Ok(None),
        Err(error) => return Err(named(error)),
    };
    // The graph as the builder sees it; a file that it can't take is still worth a look.
    let normalised = model.normalised();
    let model = normalised.as_ref().unwrap_or(model);
    let from = match args.loss.attached(model) {
        // A loss that is put behind logits has rules for all it is made of.
        Some(_) => Some(args.loss.logits(model, &args.model)?),
        None if model
            .output_names()
            .iter()
            .any(|name| name == args.loss.loss()) =>
        {
            Some(args.loss.loss().to_owned())
        }
        None if args.loss.loss() == "loss" => None,
        None => {
            return Err(Failure::usage(format!(
                "{}: no output is called {:?}; there are {}",
                args.model.display(),
                args.loss.loss(),
                model.output_names().join(", ")
            )));
        }
    };
    let names: Vec<String> = weights.iter().map(|weight| weight.name.clone()).collect();
    let coverage = coverage(model, from.as_deref(), &names).map_err(named)?;
    let elements = |weight: &Selected| {
        weight
            .shape
            .iter()
            .map(|length| *length as u64)
            .product::<u64>()
    };
    Ok(Some(Training {
        from,
        parameters: weights.iter().map(elements).sum(),
        trainable: weights
            .iter()
            .map(|weight| Chosen {
                name: weight.name.clone(),
                element: element_name(weight.element),
                shape: weight.shape.clone(),
                why: weight.why.to_string(),
            })
            .collect(),
        coverage,
    }))
}

fn bundle(path: &Path, context: &Context) -> Result<(), Failure> {
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
        "ONNX of format {}, operators {}, made by {:?}: {} nodes, {} constants with {} elements, {} MB\n",
        summary.ir_version,
        summary.opset,
        summary.producer,
        summary.nodes,
        summary.initializers,
        grouped(summary.parameters),
        summary.bytes.div_ceil(1_000_000)
    );
    for (label, values) in [("input", &summary.inputs), ("output", &summary.outputs)] {
        for value in values {
            text.push_str(&format!(
                "  {label} {} {} [{}]\n",
                value.name,
                value.element,
                value.shape.join(", ")
            ));
        }
    }
    let mut operators: Vec<(&String, &usize)> = summary.operators.iter().collect();
    operators.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    let operators: Vec<String> = operators
        .iter()
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    text.push_str(&format!("  operators: {}\n", operators.join(", ")));
    if summary.domains.len() > 1 {
        text.push_str(&format!("  domains: {}\n", pairs(&summary.domains)));
    }
    if !summary.functions.is_empty() {
        text.push_str(&format!("  functions: {}\n", summary.functions.join(", ")));
    }
    if !summary.external.is_empty() {
        text.push_str(&format!(
            "  data in other files: {}\n",
            pairs(&summary.external)
        ));
    }
    text
}

fn pairs<T: std::fmt::Display>(values: &BTreeMap<String, T>) -> String {
    let pairs = values.iter().map(|(name, value)| format!("{name} {value}"));
    pairs.collect::<Vec<_>>().join(", ")
}

fn table(header: &[&str], numbers: &[usize]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_header(header);
    for position in numbers {
        if let Some(column) = table.column_mut(*position) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn weights_text(summary: &Summary) -> String {
    if summary.weights.is_empty() {
        return String::new();
    }
    let mut table = table(&["weight", "type", "shape", "elements"], &[3]);
    for weight in summary.weights.iter().take(SHOWN) {
        table.add_row([
            weight.name.clone(),
            weight.element.clone(),
            format!("{:?}", weight.shape),
            grouped(weight.elements),
        ]);
    }
    let more = summary.weights.len().saturating_sub(SHOWN);
    let rest = if more > 0 {
        format!("and {more} smaller ones; --json lists them all\n")
    } else {
        String::new()
    };
    format!("{table}\n{rest}")
}

fn training_text(training: &Training, chosen: bool) -> String {
    let mut text = String::new();
    if chosen {
        let mut table = table(&["trainable", "type", "shape", "chosen by"], &[]);
        for weight in &training.trainable {
            table.add_row([
                weight.name.clone(),
                weight.element.clone(),
                format!("{:?}", weight.shape),
                weight.why.clone(),
            ]);
        }
        text.push_str(&format!("{table}\n"));
    }
    let from = training
        .from
        .as_deref()
        .map_or_else(|| "all outputs".to_owned(), |name| format!("{name:?}"));
    text.push_str(&format!(
        "{} weights with {} elements {}; gradients from {from} pass {} nodes\n",
        training.trainable.len(),
        grouped(training.parameters),
        if chosen {
            "would be trained"
        } else {
            "can be trained"
        },
        training.coverage.differentiated
    ));
    let without = &training.coverage.without_rule;
    if !without.is_empty() {
        text.push_str(&format!(
            "{} of them have no gradient rule:\n",
            without.len()
        ));
        for node in without.iter().take(LISTED) {
            text.push_str(&format!("  {} (node {:?})\n", node.operator, node.node));
        }
        if without.len() > LISTED {
            text.push_str(&format!("  and {} more\n", without.len() - LISTED));
        }
    }
    let unreached = &training.coverage.unreached;
    if !unreached.is_empty() {
        text.push_str(&format!("no gradient reaches {}\n", unreached.join(", ")));
    }
    text
}
