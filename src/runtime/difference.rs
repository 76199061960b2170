//! Gradients of a model against differences of its loss, on made-up inputs: the graph that the
//! builder makes must agree with what the forward graph does when weights are moved.
//!
//! In 64 bits where the engine has all kernels: there every weight is moved in a random direction, and
//! the two agree to many digits. Else in the model's own precision, along the gradient, where the
//! change stands out of the rounding.

use std::collections::HashMap;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;

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
/// By how much weights are moved in 64 bits, relative to their size; smaller steps are for losses
/// with corners.
const STEPS: [f64; 3] = [1e-3, 1e-4, 1e-5];
/// By how much the loss is to change in 32 bits, relative to itself.
const LOSS_CHANGE: f64 = 1e-2;
/// Farthest that weights are moved for it, relative to their size.
const LONGEST_STEP: f64 = 1e-1;
/// Farthest that a single element is moved for it, relative to its weight's size: a gradient may be that
/// of a few elements among many.
const FARTHEST_ELEMENT: f64 = 3e-1;
/// A change of the loss below this drowns in the rounding of 32 bits, relative to the loss.
const FLAT: f64 = 2e-4;
/// How much shorter the next step is, in 32 bits, as long as the change stands out of the rounding.
const SHORTER: f64 = 0.25;
/// How far two differences may be apart, relative to the slope, to count as those of a straight line.
const STRAIGHT: f64 = 0.1;
/// Weights whose gradient is smaller than this against the largest are held to that.
const SMALL: f64 = 1e-6;

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

/// Weights, their gradients, and how the loss changes when they are moved.
struct Moves<'a> {
    check: &'a Check,
    loss: f64,
    double: bool,
    values: Vec<Vec<f64>>,
    gradients: Vec<Vec<f64>>,
}

impl Moves<'_> {
    /// What moving weights by 1 means: their usual size.
    fn size(&self, weight: usize) -> f64 {
        let values = &self.values[weight];
        let squares: f64 = values.iter().map(|value| value * value).sum();
        (squares / values.len().max(1) as f64).sqrt().max(1e-2)
    }

    /// Length of the gradient, measured in the weights' sizes.
    fn steepness(&self, weights: &[usize]) -> f64 {
        let squares = weights.iter().map(|weight| {
            let size = self.size(*weight);
            let slopes = self.gradients[*weight].iter();
            slopes.map(|slope| slope * slope).sum::<f64>() * size * size
        });
        squares.sum::<f64>().sqrt()
    }

    fn along(
        &self,
        weights: &[usize],
        alone: bool,
        tolerance: f64,
        random: &mut ChaCha12Rng,
    ) -> Result<Direction, RuntimeError> {
        let length = norm(weights.iter().flat_map(|weight| &self.gradients[*weight]));
        let steepness = self.steepness(weights);
        let elements = weights
            .iter()
            .map(|weight| self.values[*weight].len())
            .sum();
        let directions: Vec<Vec<f64>> = weights
            .iter()
            .map(|weight| self.direction(*weight, steepness, elements, random))
            .collect();
        let slope: f64 = weights
            .iter()
            .zip(&directions)
            .map(|(weight, direction)| {
                let slopes = self.gradients[*weight].iter();
                slopes.zip(direction).map(|(g, d)| g * d).sum::<f64>()
            })
            .sum();
        let mut found = Direction {
            weight: alone.then(|| self.check.weights[weights[0]].0.clone()),
            elements,
            gradient: length,
            slope,
            difference: f64::NAN,
            error: f64::NAN,
            verdict: Verdict::Differs,
        };
        let everything: Vec<usize> = (0..self.values.len()).collect();
        let scale = if self.double {
            steepness.max(SMALL * self.steepness(&everything))
        } else {
            slope.abs()
        }
        .max(f64::MIN_POSITIVE);
        // A slope that is no number agrees with nothing.
        let size = if self.double {
            1.0
        } else {
            self.loss.abs().max(1e-3)
        };
        let farthest = weights.iter().zip(&directions).map(|(weight, direction)| {
            let most = direction
                .iter()
                .fold(0.0, |most: f64, one| most.max(one.abs()));
            most / self.size(*weight)
        });
        let longest =
            LONGEST_STEP.min(FARTHEST_ELEMENT / farthest.fold(f64::MIN_POSITIVE, f64::max));
        if !self.double && slope.is_finite() && slope.abs() * longest < FLAT * size {
            found.verdict = Verdict::TooFlat;
            return Ok(found);
        }
        let steps = if self.double {
            STEPS.to_vec()
        } else {
            let first = (LOSS_CHANGE * size / slope.abs()).min(longest);
            let shorter = std::iter::successors(Some(first), |step| Some(step * SHORTER));
            let seen = shorter.take_while(|step| slope.abs() * step >= FLAT * size);
            seen.collect()
        };
        // Differences of the last two distances.
        let mut last = [f64::NAN; 2];
        for step in steps {
            let quotient = |part: f64| -> Result<f64, RuntimeError> {
                let high = self.at(weights, &directions, step * part)?;
                let low = self.at(weights, &directions, -step * part)?;
                Ok((high - low) / (2.0 * step * part))
            };
            let (half, whole) = (quotient(0.5)?, quotient(1.0)?);
            let difference = (4.0 * half - whole) / 3.0;
            last = match last[1] {
                before if before.is_nan() => [whole, difference],
                before => [before, difference],
            };
            let error = (difference - slope).abs() / scale;
            if found.error.is_nan() || error < found.error {
                (found.difference, found.error) = (difference, error);
            }
            if error <= tolerance {
                found.verdict = Verdict::Agrees;
                break;
            }
        }
        let straight = (last[0] - last[1]).abs() <= STRAIGHT * scale;
        if !self.double && found.verdict == Verdict::Differs && slope.is_finite() && !straight {
            found.verdict = Verdict::TooBent;
        }
        Ok(found)
    }

    /// A direction of about the weight's size for each element: at random in 64 bits, else along the
    /// gradient, more for some elements than for others.
    fn direction(
        &self,
        weight: usize,
        steepness: f64,
        elements: usize,
        random: &mut ChaCha12Rng,
    ) -> Vec<f64> {
        let size = self.size(weight);
        let gradient = &self.gradients[weight];
        if self.double {
            let root = 3.0_f64.sqrt();
            return gradient
                .iter()
                .map(|_| size * random.random_range(-root..root))
                .collect();
        }
        let unit = size * size * (elements as f64).sqrt() / steepness.max(f64::MIN_POSITIVE);
        gradient
            .iter()
            .map(|slope| slope * unit * random.random_range(0.5..1.5))
            .collect()
    }

    /// The loss with weights moved.
    fn at(
        &self,
        weights: &[usize],
        directions: &[Vec<f64>],
        step: f64,
    ) -> Result<f64, RuntimeError> {
        let moved: Vec<(usize, Tensor)> = weights
            .iter()
            .zip(directions)
            .map(|(weight, direction)| {
                let tensor = &self.check.weights[*weight].1;
                let values = self.values[*weight].iter().zip(direction);
                let values: Vec<f64> = values.map(|(value, along)| value + step * along).collect();
                let double = Tensor::f64(&tensor.shape, values);
                let same = double.converted(tensor.element());
                (*weight, same.unwrap_or_else(|| tensor.clone()))
            })
            .collect();
        let given = named(&self.check.weights, &self.check.inputs, &moved);
        let result = self.check.forward.run(&given, &[&self.check.loss])?;
        Ok(number(&result[0]))
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
    let types = model.declared_types();
    let mut model = model.clone();
    let graph = model.graph_mut();
    let is_weight =
        |name: &Option<String>| name.as_ref().is_some_and(|name| weights.contains(name));
    graph.initializer.retain(|tensor| !is_weight(&tensor.name));
    graph.input.retain(|value| !is_weight(&value.name));
    for name in weights {
        if let Some(kind) = types.get(name) {
            graph.input.push(crate::onnx::model::value_info(name, kind));
        }
    }
    let known = |name: &Option<String>| name.as_ref().is_some_and(|name| outputs.contains(name));
    graph.output.retain(|value| known(&value.name));
    model
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::loss::{LossKind, LossOptions, attach};
    use crate::onnx::{Dimension, GraphBuilder};

    /// Two layers with a loss; the first weight is made of `element`.
    fn classifier(operator: &str) -> Model {
        let mut builder = GraphBuilder::new("classifier");
        let symbol = |name: &str| Dimension::Symbol(name.into());
        let ids = builder.input("ids", ElementType::I64, &[symbol("batch"), symbol("seq")]);
        let weight = |shape: &[usize], seed: u64| {
            let mut random = ChaCha12Rng::seed_from_u64(seed);
            let count: usize = shape.iter().product();
            let values: Vec<f32> = (0..count).map(|_| random.random_range(-0.6..0.6)).collect();
            Tensor::f32(shape, values)
        };
        let table = builder.initializer("table", &weight(&[7, 6], 1));
        let first = builder.initializer("first", &weight(&[6, 5], 2));
        let bias = builder.initializer("bias", &weight(&[5], 3));
        let last = builder.initializer("last", &weight(&[5, 4], 4));
        let rows = builder.gather(&table, &ids, 0);
        let hidden = builder.matmul(&rows, &first);
        let hidden = builder.add(&hidden, &bias);
        let hidden = builder.node(operator, &[&hidden], Vec::new());
        let logits = builder.matmul(&hidden, &last);
        let logits = builder.alias(&logits, "logits");
        let shape = [symbol("batch"), symbol("seq"), Dimension::Fixed(4)];
        builder.output(&logits, ElementType::F32, Some(&shape));
        let model = builder.finish().unwrap();
        let options = LossOptions {
            logits: "logits".into(),
            ..LossOptions::default()
        };
        attach(&model, LossKind::PpoToken, &options).unwrap()
    }

    fn options() -> DifferenceOptions {
        DifferenceOptions {
            gradient: GradientOptions {
                loss: "loss".into(),
                trainable: ["table", "first", "bias", "last"]
                    .map(str::to_owned)
                    .to_vec(),
                ..GradientOptions::default()
            },
            loss_inputs: Some(String::new()),
            weights: 8,
            ..DifferenceOptions::default()
        }
    }

    #[test]
    fn right_gradients_agree_in_64_bits() {
        let library = Library::load(None).unwrap();
        let mut calls = 0;
        let found = differences(
            &library,
            &classifier("Tanh"),
            &options(),
            &mut |_, total| {
                calls += 1;
                total == 5
            },
        )
        .unwrap();
        assert_eq!(
            found.element,
            ElementType::F64,
            "{:?}",
            found.why_not_double
        );
        assert_eq!((found.directions.len(), calls), (5, 5));
        assert!(found.ok(), "{found:?}");
        for one in &found.directions {
            assert!(one.error < 1e-8 && one.gradient > 0.0, "{one:?}");
        }
    }

    /// The engine has no kernel of 64 bits for this one.
    #[test]
    fn the_check_falls_back_to_32_bits_and_says_why() {
        let library = Library::load(None).unwrap();
        let model = classifier("Asinh");
        let found = differences(&library, &model, &options(), &mut |_, _| true).unwrap();
        assert_eq!(found.element, ElementType::F32);
        assert!(
            found
                .why_not_double
                .as_ref()
                .is_some_and(|why| why.contains("Asinh"))
        );
        assert!(found.ok(), "{found:?}");
    }

    /// A right gradient of a loss that is straight over a short way only:
    /// `1 + height tanh(steep (w - 0.5))`, of one element among many.
    #[test]
    fn a_loss_that_bends_is_followed_as_far_as_the_rounding_allows() {
        let library = Library::load(None).unwrap();
        for (height, steep, elements, verdict) in [
            (2e-3, 50.0, 64, Verdict::Agrees),
            (5e-5, 50.0, 64, Verdict::TooBent),
            // It would have to be moved to where the loss is level.
            (1e-5, 10.0, 4096, Verdict::TooFlat),
        ] {
            let mut builder = GraphBuilder::new("bent");
            let w = builder.initializer("w", &Tensor::f32(&[elements], vec![0.5; elements]));
            let first = builder.slice(&w, 0, 0, 1);
            let number = |builder: &mut GraphBuilder, value: f32| {
                builder.constant(&Tensor::f32(&[1], [value]))
            };
            let (half, steep) = (number(&mut builder, 0.5), number(&mut builder, steep));
            let (height, one) = (number(&mut builder, height), number(&mut builder, 1.0));
            let moved = builder.sub(&first, &half);
            let moved = builder.mul(&moved, &steep);
            let bent = builder.tanh(&moved);
            let bent = builder.mul(&bent, &height);
            // Without a kernel of 64 bits.
            let nothing = builder.node("Asinh", &[&moved], Vec::new());
            let zero = number(&mut builder, 0.0);
            let nothing = builder.mul(&nothing, &zero);
            let sum = builder.add(&bent, &one);
            let sum = builder.add(&sum, &nothing);
            let loss = builder.reduce_sum(&sum, &[], false);
            builder.alias(&loss, "loss");
            builder.untyped_output("loss");
            let options = DifferenceOptions {
                gradient: GradientOptions {
                    loss: "loss".into(),
                    trainable: vec!["w".into()],
                    ..GradientOptions::default()
                },
                ..DifferenceOptions::default()
            };
            let model = builder.finish().unwrap();
            let found = differences(&library, &model, &options, &mut |_, _| true).unwrap();
            assert_eq!(found.directions[0].verdict, verdict, "{found:?}");
        }
    }

    /// A gradient graph in which one gradient has the wrong sign, or is a little too long.
    #[test]
    fn wrong_gradients_are_found_in_either_precision() {
        let library = Library::load(None).unwrap();
        let provider = Chosen::Cpu {
            instead_of_cuda: None,
        };
        for (operator, factor) in [
            ("Tanh", -1.0),
            ("Tanh", 1.01),
            ("Asinh", -1.0),
            ("Asinh", 1.1),
        ] {
            let double = operator == "Tanh";
            let model = classifier(operator);
            let model = if double {
                precision::doubled(&model).unwrap()
            } else {
                model
            };
            let mut check = Check::single(&library, &model, &options()).unwrap();
            let oracle = SessionOracle::new(&library);
            let mut built = build_gradient(&model, &options().gradient, &oracle).unwrap();
            for node in &mut built.model.graph_mut().node {
                for name in &mut node.output {
                    if name == "grad.first" {
                        *name = "right".into();
                    }
                }
            }
            let mut builder = GraphBuilder::extend(built.model, "wrong/");
            let factor = if double {
                builder.constant(&Tensor::f64(&[1], [factor]))
            } else {
                builder.constant(&Tensor::f32(&[1], [factor as f32]))
            };
            let inputs = [&crate::onnx::Value::named("right"), &factor];
            builder.named_node("Mul", &inputs, Vec::new(), "grad.first");
            let wrong = builder.finish().unwrap();
            check.gradient = Session::new(
                &library,
                &provider,
                "wrong",
                &wrong,
                SessionOptions::default(),
            )
            .unwrap();
            let why = (!double).then(|| "for the test".to_owned());
            let found = check.run(&options(), why, &mut |_, _| true).unwrap();
            assert!(!found.ok(), "{operator} {factor:?}");
            let mut verdicts = found.directions.iter();
            let first = verdicts
                .find(|one| one.weight.as_deref() == Some("first"))
                .unwrap();
            assert_eq!(
                first.verdict,
                Verdict::Differs,
                "{operator} {factor:?}: {first:?}"
            );
            let last = found.directions.last().unwrap();
            assert_eq!(
                last.verdict,
                Verdict::Agrees,
                "{operator} {factor:?}: {last:?}"
            );
        }
    }
}
