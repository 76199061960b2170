//! Whether the gradients of an ONNX file are right.

use std::collections::HashMap;
use std::path::PathBuf;

use comfy_table::{CellAlignment, Table, presets::UTF8_FULL_CONDENSED};
use serde::Serialize;

use super::Args;
use crate::cli::model::subject::{Subject, explained, load};
use crate::cli::{Context, Failure};
use crate::onnx::GradientOptions;
use crate::onnx::inputs::{InputOptions, sizes};
use crate::runtime::{
    DifferenceError, DifferenceOptions, Differences, Direction, Verdict, differences,
};

/// The result as JSON.
#[derive(Debug, Serialize)]
struct Report {
    file: PathBuf,
    ok: bool,
    /// In which element type it was computed.
    precision: String,
    why_not_double: Option<String>,
    tolerance: f64,
    loss: f64,
    inputs: Vec<Input>,
    trainable: usize,
    weights: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Input {
    name: String,
    shape: Vec<usize>,
}

#[derive(Debug, Serialize)]
struct Row {
    /// None for all weights together.
    weight: Option<String>,
    elements: usize,
    gradient: f64,
    slope: f64,
    difference: f64,
    error: f64,
    verdict: &'static str,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let options = InputOptions {
        sizes: dimensions(&args.dim)?,
        seed: args.seed,
    };
    let subject = load(&args.model, &args.loss, context)?;
    unknown_dimension(args, &subject, &options)?;
    let library = context.library()?;
    let wanted = DifferenceOptions {
        gradient: GradientOptions {
            loss: subject.loss.clone(),
            trainable: subject.trainable(),
            ..GradientOptions::default()
        },
        inputs: options.clone(),
        loss_inputs: subject.prefix.clone(),
        weights: args.weights,
        threads: std::thread::available_parallelism().map_or(1, usize::from),
    };
    let bar = context
        .output
        .progress(Some(1), "gradients and differences");
    let found = differences(&library, &subject.model, &wanted, &mut |done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
        !context.cancel.is_cancelled()
    });
    bar.finish_and_clear();
    let found = found.map_err(|error| refused(error, args, &subject, &options))?;
    if context.cancel.is_cancelled() {
        return Err(Failure::interrupted());
    }
    let report = report(args, &subject, &found);
    context.output.result(&report, text)?;
    if report.ok {
        return Ok(());
    }
    Err(Failure::missed(verdict(args, &report)))
}

fn report(args: &Args, subject: &Subject, found: &Differences) -> Report {
    Report {
        file: args.model.clone(),
        ok: found.ok(),
        precision: found.element.to_string(),
        why_not_double: found.why_not_double.clone(),
        tolerance: found.tolerance,
        loss: found.loss,
        inputs: found
            .inputs
            .iter()
            .map(|(name, shape)| Input {
                name: name.clone(),
                shape: shape.clone(),
            })
            .collect(),
        trainable: subject.weights.len(),
        weights: found.directions.iter().map(row).collect(),
    }
}

fn row(one: &Direction) -> Row {
    Row {
        weight: one.weight.clone(),
        elements: one.elements,
        gradient: one.gradient,
        slope: one.slope,
        difference: one.difference,
        error: one.error,
        verdict: match one.verdict {
            Verdict::Agrees => "ok",
            Verdict::Differs => "FAILED",
            Verdict::TooFlat => "too flat",
            Verdict::TooBent => "too bent",
        },
    }
}

fn text(report: &Report) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_header([
        "weight",
        "elements",
        "gradient",
        "slope",
        "by differences",
        "error",
        "",
    ]);
    for column in 1..6 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for row in &report.weights {
        table.add_row([
            row.weight.clone().unwrap_or_else(|| "all together".into()),
            row.elements.to_string(),
            format!("{:.3e}", row.gradient),
            format!("{:.6e}", row.slope),
            shown(row.difference, |value| format!("{value:.6e}")),
            shown(row.error, |value| format!("{value:.1e}")),
            row.verdict.to_owned(),
        ]);
    }
    let why = match &report.why_not_double {
        None => String::new(),
        Some(why) => format!("not in f64: {}\n", why.lines().next().unwrap_or_default()),
    };
    let inputs: Vec<String> = report
        .inputs
        .iter()
        .map(|input| format!("{} {:?}", input.name, input.shape))
        .collect();
    format!(
        "{table}\n{why}loss {:.6} in {}, errors of up to {:.0e} allowed; made-up inputs: {}\n",
        report.loss,
        report.precision,
        report.tolerance,
        inputs.join(", ")
    )
}

fn shown(value: f64, text: impl Fn(f64) -> String) -> String {
    if value.is_nan() {
        "-".into()
    } else {
        text(value)
    }
}

fn verdict(args: &Args, report: &Report) -> String {
    let file = args.model.display();
    if !report.loss.is_finite() {
        return format!(
            "{file}: the loss is {} on made-up inputs, so there is nothing to compare; other inputs may do: --seed, \
             --dim",
            report.loss
        );
    }
    let failed: Vec<&str> = report
        .weights
        .iter()
        .filter(|row| row.verdict == "FAILED")
        .map(|row| row.weight.as_deref().unwrap_or("all together"))
        .collect();
    if failed.is_empty() {
        return format!(
            "{file}: the loss is too flat or too bent along every weight, so nothing was compared; other inputs may \
             do: --seed, --dim"
        );
    }
    format!(
        "{file}: gradients differ from differences of the loss for {}",
        failed.join(", ")
    )
}

/// Sizes from `NAME=N`.
fn dimensions(texts: &[String]) -> Result<HashMap<String, usize>, Failure> {
    let parsed = texts.iter().map(|text| {
        let (name, size) = text.split_once('=')?;
        let size: usize = size.trim().parse().ok().filter(|size| *size > 0)?;
        Some((name.trim().to_owned(), size))
    });
    texts
        .iter()
        .zip(parsed)
        .map(|(text, parsed)| {
            parsed.ok_or_else(|| {
                Failure::usage(format!(
                    "--dim {text:?}: a name and a size above 0 are needed, such as batch=2"
                ))
            })
        })
        .collect()
}

fn unknown_dimension(
    args: &Args,
    subject: &Subject,
    options: &InputOptions,
) -> Result<(), Failure> {
    let known = sizes(&subject.model, options);
    let is_known = |name: &String| {
        let mut symbols = known.iter();
        symbols
            .any(|(symbol, _)| symbol == name || symbol.split('+').any(|part| part.trim() == name))
    };
    match options.sizes.keys().find(|name| !is_known(name)) {
        None => Ok(()),
        Some(name) => {
            let symbols: Vec<&str> = known.iter().map(|(symbol, _)| symbol.as_str()).collect();
            Err(Failure::usage(format!(
                "{}: no dimension is called {name:?}; there are {}",
                args.model.display(),
                if symbols.is_empty() {
                    "none that are open".to_owned()
                } else {
                    symbols.join(", ")
                }
            )))
        }
    }
}

/// Why nothing was compared, and what may help.
fn refused(
    error: DifferenceError,
    args: &Args,
    subject: &Subject,
    options: &InputOptions,
) -> Failure {
    let failure = match error {
        DifferenceError::Onnx(error) => explained(error),
        DifferenceError::Runtime(error @ crate::runtime::RuntimeError::Run { .. }) => {
            let sizes: Vec<String> = sizes(&subject.model, options)
                .iter()
                .map(|(symbol, size)| format!("{symbol}={size}"))
                .collect();
            let hint = if sizes.is_empty() {
                "the made-up inputs may not suit the model: try another --seed".to_owned()
            } else {
                format!(
                    "sizes were {}; choose ones that suit the model with --dim NAME=N",
                    sizes.join(", ")
                )
            };
            Failure::from(error).hint(hint)
        }
        DifferenceError::Runtime(error) => error.into(),
    };
    failure.context(args.model.display())
}
