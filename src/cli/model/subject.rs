//! What several commands are about: a model file, the loss in it or put behind it, and the weights
//! that are chosen.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use indicatif::ProgressBar;

use crate::cli::{Context, Failure};
use crate::onnx::gradient::coverage;
use crate::onnx::loss::{LossKind, LossOptions, attach, declared_output};
use crate::onnx::select::{self, Selected};
use crate::onnx::{Dimension, Model, OnnxError, ShapeOracle, ValueType};
use crate::runtime::SessionOracle;

/// The loss, and the weights it is minimised by.
#[derive(Debug, clap::Args)]
pub(super) struct LossArgs {
    /// The loss: an output of the file that holds a single number, or one to put behind --logits:
    /// cross-entropy, ppo-step, ppo-token, ppo-sequence, dpo or squared-error.
    #[arg(long, value_name = "NAME", default_value = "loss")]
    loss: String,
    /// The output that a loss is put behind; not needed when there is only one, or one called
    /// `logits`.
    #[arg(long, value_name = "NAME")]
    logits: Option<String>,
    /// Weights to train, as a regular expression; may be given many times. It is looked for in names
    /// of weights, of the nodes that read them, of their biases, and in what the exporter noted on
    /// them. When it is not given: all weights but the running statistics of batch normalisations.
    #[arg(long, value_name = "REGEX")]
    trainable: Vec<String>,
    /// What the loss takes besides: weight, temperature, entropy, kl or token-advantages; may be given
    /// many times. Each is one more input or two.
    #[arg(long, value_name = "WHAT", value_parser = ["weight", "temperature", "entropy", "kl", "token-advantages"])]
    with: Vec<String>,
    /// What the names of the loss's inputs and outputs begin with, for models that use the names
    /// themselves.
    #[arg(long, value_name = "TEXT", default_value = "")]
    prefix: String,
}

impl LossArgs {
    /// Whether a loss is put behind the model.
    pub fn attached(&self, model: &Model) -> Option<LossKind> {
        let taken = model.output_names().contains(&self.loss);
        LossKind::named(&self.loss).filter(|_| !taken)
    }

    /// The weights of a model that were asked for.
    pub fn choose(&self, model: &Model) -> Result<Vec<Selected>, OnnxError> {
        if self.trainable.is_empty() {
            return select::all_weights(model);
        }
        let patterns: Vec<&str> = self.trainable.iter().map(String::as_str).collect();
        select::weights(model, &patterns)
    }

    /// Whether any weight was asked for.
    pub fn chooses(&self) -> bool {
        !self.trainable.is_empty()
    }

    /// Whether the user said what the loss is.
    pub fn loss(&self) -> &str {
        &self.loss
    }

    /// The output that a loss is put behind.
    pub fn logits(&self, model: &Model, path: &Path) -> Result<String, Failure> {
        let outputs = model.output_names();
        let list = || outputs.join(", ");
        match &self.logits {
            Some(name) if outputs.contains(name) => Ok(name.clone()),
            Some(name) => Err(Failure::usage(format!(
                "{}: no output is called {name:?}; there are {}",
                path.display(),
                list()
            ))),
            None if outputs.len() == 1 => Ok(outputs[0].clone()),
            None if outputs.iter().any(|name| name == "logits") => Ok("logits".into()),
            None => Err(Failure::usage(format!(
                "{}: name the output that {} is put behind with --logits; there are {}",
                path.display(),
                self.loss,
                list()
            ))),
        }
    }

    fn options(&self, logits: String, value_type: Option<ValueType>) -> LossOptions {
        let with = |what: &str| self.with.iter().any(|given| given == what);
        LossOptions {
            logits,
            value_type,
            prefix: self.prefix.clone(),
            weight: with("weight"),
            temperature: with("temperature"),
            entropy: with("entropy"),
            kl: with("kl"),
            token_advantages: with("token-advantages"),
        }
    }
}

/// A model that computes a loss, ready for the gradient builder.
pub(super) struct Subject {
    /// The model, without local functions and of operators that the builder knows.
    pub model: Model,
    /// The output that holds the loss.
    pub loss: String,
    /// Outputs that came with an attached loss, without the loss itself.
    pub diagnostics: Vec<String>,
    /// What names of an attached loss begin with.
    pub prefix: Option<String>,
    /// The weights that were chosen and that the loss depends on.
    pub weights: Vec<Selected>,
}

impl Subject {
    /// Names of the weights.
    pub fn trainable(&self) -> Vec<String> {
        let weights = self.weights.iter();
        weights.map(|weight| weight.name.clone()).collect()
    }
}

/// Reads a model file for the gradient builder.
pub(super) fn read(path: &Path) -> Result<Model, Failure> {
    let named = |error: OnnxError| Failure::from(error).context(path.display());
    Model::read(path)?.normalised().map_err(named)
}

/// Reads a model, puts the loss behind it and chooses weights.
pub(super) fn load(path: &Path, args: &LossArgs, context: &Context) -> Result<Subject, Failure> {
    let named = |error: OnnxError| explained(error).context(path.display());
    let forward = read(path)?;
    let (model, loss, diagnostics, prefix) = match args.attached(&forward) {
        Some(kind) => {
            let logits = args.logits(&forward, path)?;
            let value_type = type_of(&forward, &logits, context)?;
            let options = args.options(logits, value_type);
            let model = attach(&forward, kind, &options).map_err(named)?;
            let before = forward.output_names();
            let loss = format!("{}loss", args.prefix);
            let added = model.output_names().into_iter();
            let added = added.filter(|name| !before.contains(name) && *name != loss);
            let added: Vec<String> = added.collect();
            (model, loss, added, Some(args.prefix.clone()))
        }
        None if forward.output_names().contains(&args.loss) => {
            (forward, args.loss.clone(), Vec::new(), None)
        }
        None => {
            let kinds: Vec<&str> = LossKind::ALL.iter().map(|kind| kind.name()).collect();
            return Err(Failure::usage(format!(
                "{}: no output is called {:?}; there are {}; name the loss with --loss, or put one behind an \
                 output: {}",
                path.display(),
                args.loss,
                forward.output_names().join(", "),
                kinds.join(", ")
            )));
        }
    };
    let mut weights = args.choose(&model).map_err(named)?;
    let names: Vec<String> = weights.iter().map(|weight| weight.name.clone()).collect();
    let found = coverage(&model, Some(&loss), &names).map_err(named)?;
    weights.retain(|weight| !found.unreached.contains(&weight.name));
    if weights.is_empty() {
        return Err(Failure::usage(format!(
            "{}: {loss:?} depends on none of the chosen weights: {}",
            path.display(),
            names.join(", ")
        )));
    }
    if args.chooses() && !found.unreached.is_empty() {
        context.output.note(&format!(
            "left out, since {loss:?} does not depend on them: {}",
            found.unreached.join(", ")
        ));
    }
    Ok(Subject {
        model,
        loss,
        diagnostics,
        prefix,
        weights,
    })
}

/// The type of an output, from the engine where the file does not tell it all or tells it by symbols
/// that no input has. None when the file does.
fn type_of(model: &Model, name: &str, context: &Context) -> Result<Option<ValueType>, Failure> {
    let declared = declared_output(model, name).map_err(Failure::from)?;
    let types = model.declared_types();
    let inputs = model.input_names();
    let known = inputs.iter().filter_map(|input| types.get(input));
    if let Some(declared) = &declared {
        let of_inputs: Vec<&Dimension> = known.flat_map(|kind| &kind.dimensions).collect();
        let told = declared.dimensions.iter().all(|one| match one {
            Dimension::Fixed(_) => true,
            Dimension::Symbol(_) => of_inputs.contains(&one),
            Dimension::Unknown => false,
        });
        if told && declared.element.is_float() {
            return Ok(None);
        }
    }
    let mut types: HashMap<String, ValueType> =
        SessionOracle::new(&context.library()?).value_types(model)?;
    let found = types.remove(name);
    Ok(match (declared, found) {
        (Some(declared), Some(found)) => Some(ValueType {
            element: found.element,
            ..declared.with_lengths_of(&found)
        }),
        (declared, found) => found.or(declared),
    })
}

/// An error of the builder, with what to do about it.
pub(super) fn explained(error: OnnxError) -> Failure {
    let hint = match &error {
        OnnxError::Taken { .. } => "give one with --prefix",
        OnnxError::Pattern { .. } => "`stepdroid model inspect` lists the weights",
        OnnxError::Unsupported(_) => {
            "choose weights behind these nodes with --trainable, or export the model without them"
        }
        _ => return error.into(),
    };
    Failure::from(error).hint(hint)
}

/// Turns a spinner while something is done that may take long.
pub(super) fn while_turning<T>(context: &Context, what: &str, work: impl FnOnce() -> T) -> T {
    let bar: ProgressBar = context.output.progress(None, what);
    let result = work();
    bar.finish_and_clear();
    result
}

/// A file that a command writes, when `-o` names none: the model's name with something before its
/// ending.
pub(super) fn beside(path: &Path, what: &str) -> PathBuf {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy());
    let stem = stem.unwrap_or_default();
    if path.is_dir() {
        return path.with_file_name(format!("{stem}-{what}"));
    }
    path.with_file_name(format!("{stem}.{what}.onnx"))
}

/// A number with a mark every three digits.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_from_the_right() {
        for (number, text) in [
            (7, "7"),
            (999, "999"),
            (1000, "1 000"),
            (1234567, "1 234 567"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }
}
