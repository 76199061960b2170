//! Gradients of a model against differences of its loss, on made-up inputs: the graph that the
//! builder makes must agree with what the forward graph does when weights are moved.
//!
//! In 64 bits where the engine has all kernels: there every weight is moved in a random direction, and
//! the two agree to many digits. Else in the model's own precision, along the gradient, where the
//! change stands out of the rounding.

mod moves;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use rand::SeedableRng;
use rand_chacha::ChaCha12Rng;

use moves::Moves;

use super::{Chosen, Library, RuntimeError, Session, SessionOptions, SessionOracle};
use crate::onnx::decompose::decompose;
use crate::onnx::inputs::{self, InputOptions};
use crate::onnx::loss::make_sensible;
use crate::onnx::{
    ElementType, GradientGraph, GradientOptions, Model, OnnxError, ShapeOracle, Tensor, ValueType,
    build_gradient, precision,
};

/// Relative error that is allowed in 64 bits. Means and deviations of normalisations are of 32 bits
/// even there.
const TOLERANCE_DOUBLE: f64 = 1e-4;
/// The same in 32 bits and less.
const TOLERANCE_SINGLE: f64 = 2e-2;

/// What is checked, and on what.
#[derive(Debug, Clone, Default)]
pub struct DifferenceOptions {
    /// Loss, weights and the rest of what the builder is asked for.
    pub gradient: GradientOptions,
    /// How inputs are made up.
    pub inputs: InputOptions,
    /// What the names of an attached loss's inputs begin with, when one was attached.
    pub loss_inputs: Option<String>,
    /// How many weights are moved one by one, spread over the file.
    pub weights: usize,
    /// Threads of the engine.
    pub threads: usize,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Differences {
    /// In which the check was computed.
    pub element: ElementType,
    /// Why that is not 64 bits.
    pub why_not_double: Option<String>,
    /// The relative error that is allowed.
    pub tolerance: f64,
    /// The loss on the made-up inputs.
    pub loss: f64,
    /// The inputs' shapes.
    pub inputs: Vec<(String, Vec<usize>)>,
    /// One for all weights together, then one for each that was moved alone.
    pub directions: Vec<Direction>,
}

/// A direction in which weights were moved.
#[derive(Debug, Clone)]
pub struct Direction {
    /// The weight; none for all together.
    pub weight: Option<String>,
    /// Number of elements that were moved.
    pub elements: usize,
    /// Length of the gradient.
    pub gradient: f64,
    /// Slope of the loss in the direction, from the gradient.
    pub slope: f64,
    /// The same from differences.
    pub difference: f64,
    /// How far the two are apart, relative to the gradient's length.
    pub error: f64,
    /// What this says.
    pub verdict: Verdict,
}

/// What a direction says about the gradient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Both agree.
    Agrees,
    /// They do not.
    Differs,
    /// The loss does not change enough to see in this precision.
    TooFlat,
    /// Where the loss changes enough to see in this precision, it is no straight line.
    TooBent,
}

impl Differences {
    /// Whether nothing differs, and something was seen.
    pub fn ok(&self) -> bool {
        let of = |verdict| {
            let directions = self.directions.iter();
            directions.filter(|one| one.verdict == verdict).count()
        };
        of(Verdict::Differs) == 0 && of(Verdict::Agrees) > 0
    }
}

/// Compares gradients with differences. `progress` hears of directions done and of all there are, and
/// says whether to go on; the check then ends with what it has.
///
/// # Errors
/// What the builder and the engine say about the model.
pub fn differences(
    library: &Library,
    model: &Model,
    options: &DifferenceOptions,
    progress: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<Differences, DifferenceError> {
    let (check, why_not_double) = match Check::double(library, model, options) {
        Ok(check) => (check, None),
        Err(error) => match Check::single(library, model, options) {
            // The same model in 32 bits works, so the engine lacks a kernel for 64.
            Ok(check) => (check, Some(error.to_string())),
            Err(error) => return Err(error),
        },
    };
    check.run(options, why_not_double, progress)
}

/// Why there is nothing to compare.
#[derive(Debug, thiserror::Error)]
pub enum DifferenceError {
    /// The builder, or making inputs up.
    #[error(transparent)]
    Onnx(#[from] OnnxError),
    /// The engine.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
}

/// Sessions and inputs of one precision.
struct Check {
    element: ElementType,
    forward: Session,
    gradient: Session,
    loss: String,
    weights: Vec<(String, Tensor)>,
    inputs: Vec<(String, Tensor)>,
}

impl Check {
    /// In 64 bits.
    fn double(
        library: &Library,
        model: &Model,
        options: &DifferenceOptions,
    ) -> Result<Check, DifferenceError> {
        let oracle = SessionOracle::new(library);
        let types = precision::DoubledOracle { oracle: &oracle };
        // Fused operators have kernels of 32 bits only; their standard forms do.
        let doubled = precision::doubled(model)?;
        let decomposed = decompose(&doubled, &types.value_types(&doubled)?, &|_| true)?;
        let doubled = decomposed.map_or(doubled, |decomposed| decomposed.model);
        let built = build_gradient(&doubled, &options.gradient, &types)?;
        let built = GradientGraph {
            model: precision::substituted(&built.model)?,
            ..built
        };
        let types = types.value_types(&doubled)?;
        let forward = precision::substituted(&doubled)?;
        Check::new(library, &doubled, &forward, built, &types, options)
    }

    /// In the model's own precision.
    fn single(
        library: &Library,
        model: &Model,
        options: &DifferenceOptions,
    ) -> Result<Check, DifferenceError> {
        let oracle = SessionOracle::new(library);
        let built = build_gradient(model, &options.gradient, &oracle)?;
        let types = oracle.value_types(model)?;
        Check::new(library, model, model, built, &types, options)
    }

    /// Sessions of the gradient graph and of `forward`, which computes what `model` says.
    fn new(
        library: &Library,
        model: &Model,
        forward: &Model,
        built: GradientGraph,
        types: &HashMap<String, ValueType>,
        options: &DifferenceOptions,
    ) -> Result<Check, DifferenceError> {
        let provider = Chosen::Cpu {
            instead_of_cuda: None,
        };
        let settings = SessionOptions {
            threads: options.threads.max(1),
            memory_pattern: false,
            optimise: true,
        };
        let session = |name, model: &Model| Session::new(library, &provider, name, model, settings);
        let loss = options.gradient.loss.clone();
        let mut inputs = inputs::make(model, types, &options.inputs)?;
        let said = format!(
            "{}log_probability",
            options.loss_inputs.as_deref().unwrap_or("")
        );
        let says = options.loss_inputs.is_some() && model.output_names().contains(&said);
        let mut outputs = vec![loss.clone()];
        outputs.extend(says.then(|| said.clone()));
        let forward = session(
            "forward",
            &with_inputs(forward, &options.gradient.trainable, &outputs),
        )?;
        if let Some(prefix) = &options.loss_inputs {
            make_sensible(&mut inputs, prefix, None);
            if says {
                let given = named(&built.weights, &inputs, &[]);
                let now = forward.run(&given, &[&said])?.remove(0).to_f64();
                make_sensible(&mut inputs, prefix, now.as_deref());
            }
        }
        let element = types
            .get(&loss)
            .map_or(ElementType::F32, |kind| kind.element);
        let halves = built
            .weights
            .iter()
            .any(|(_, tensor)| tensor.element().is_half());
        let weights = built.weights;
        Ok(Check {
            element: if halves { ElementType::F16 } else { element },
            forward,
            gradient: session("gradient", &built.model)?,
            loss,
            weights,
            inputs,
        })
    }

    fn run(
        &self,
        options: &DifferenceOptions,
        why_not_double: Option<String>,
        progress: &mut dyn FnMut(usize, usize) -> bool,
    ) -> Result<Differences, DifferenceError> {
        let names: Vec<String> = self
            .weights
            .iter()
            .map(|(name, _)| format!("grad.{name}"))
            .collect();
        let mut wanted = vec![self.loss.as_str()];
        wanted.extend(names.iter().map(String::as_str));
        let mut results = self
            .gradient
            .run(&named(&self.weights, &self.inputs, &[]), &wanted)?;
        let loss = number(&results.remove(0));
        let gradients: Vec<Vec<f64>> = results
            .iter()
            .map(|tensor| tensor.to_f64().unwrap_or_default())
            .collect();
        let double = why_not_double.is_none();
        let moves = Moves {
            check: self,
            loss,
            double,
            values: self
                .weights
                .iter()
                .map(|(_, tensor)| tensor.to_f64().unwrap_or_default())
                .collect(),
            gradients,
        };
        let mut found = Differences {
            element: self.element,
            why_not_double,
            tolerance: if double {
                TOLERANCE_DOUBLE
            } else {
                TOLERANCE_SINGLE
            },
            loss,
            inputs: self
                .inputs
                .iter()
                .map(|(name, tensor)| (name.clone(), tensor.shape.clone()))
                .collect(),
            directions: Vec::new(),
        };
        let count = self.weights.len();
        let chosen = options.weights.min(count);
        let singles = (0..chosen).map(|position| vec![position * count / chosen.max(1)]);
        let moved: Vec<Vec<usize>> = std::iter::once((0..count).collect())
            .chain(singles)
            .collect();
        for (position, weights) in moved.iter().enumerate() {
            if !progress(position, moved.len()) {
                break;
            }
            let mut random =
                ChaCha12Rng::seed_from_u64(options.inputs.seed ^ (position as u64 + 1));
            let alone = position > 0;
            found
                .directions
                .push(moves.along(weights, alone, found.tolerance, &mut random)?);
        }
        Ok(found)
    }
}

fn number(tensor: &Tensor) -> f64 {
    let values = tensor.to_f64().unwrap_or_default();
    values.first().copied().unwrap_or(f64::NAN)
}

fn norm<'a>(values: impl Iterator<Item = &'a f64>) -> f64 {
    values.map(|value| value * value).sum::<f64>().sqrt()
}

/// All inputs by name, with some weights in the place of others.
fn named<'a>(
    weights: &'a [(String, Tensor)],
    inputs: &'a [(String, Tensor)],
    moved: &'a [(usize, Tensor)],
) -> Vec<(&'a str, &'a Tensor)> {
    let mut all: Vec<(&str, &Tensor)> = weights
        .iter()
        .chain(inputs)
        .map(|(name, tensor)| (name.as_str(), tensor))
        .collect();
    for (position, tensor) in moved {
        all[*position].1 = tensor;
    }
    all
}

/// The forward model with some weights as inputs, and these outputs.
fn with_inputs(model: &Model, weights: &[String], outputs: &[String]) -> Model {
    let mut model = model.clone();
    model.weights_to_inputs(weights);
    let graph = model.graph_mut();
    let known = |name: &Option<String>| name.as_ref().is_some_and(|name| outputs.contains(name));
    graph.output.retain(|value| known(&value.name));
    model
}
