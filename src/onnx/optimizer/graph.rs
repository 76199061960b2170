//! The optimizer as one graph over all weights, for weights that stay on a device.
//!
//! Inputs for each weight `w`: `weight.w`, `gradient.w`, and its moments, e.g. `first.w` and
//! `second.w`. Outputs: `new.weight.w`, `new.first.w`, `new.second.w`, and `rounded.w` for a weight
//! whose model reads a 16-bit copy. Scalars, f32 of shape `[]`: [`LEARNING_RATE`],
//! [`GRADIENT_SCALE`], [`MAX_NORM`], and for AdamW [`CORRECTIONS`]; the outputs [`NORM`] and
//! [`FINITE`] say what the gradients were like.
//!
//! Aliasing: the output `new.X` may be bound to the buffer of the input `X`, for every X at once.
//! Each input is read only element by element, by the chain of nodes that ends in its own output, so
//! nothing reads an element after it was overwritten. The gradients are read a second time, by the
//! norm, and must not share a buffer with any output.
//!
//! When the norm is not finite, the same formulas run with numbers that leave all as it was: decays
//! of 1, a learning rate of 0 and gradients of 0. The squares are those of 32 bits, so a norm above
//! 1e19 before the gradient scale counts as not finite here.

use super::{Algorithm, OptimizerError, OptimizerOptions};
use crate::onnx::proto::AttributeProto;
use crate::onnx::{Dimension, ElementType, GraphBuilder, Model, OnnxError, Value};

/// Input: the learning rate.
pub const LEARNING_RATE: &str = "learning_rate";
/// Input: a factor on all gradients, such as one over the loss scale.
pub const GRADIENT_SCALE: &str = "gradient_scale";
/// Input: the largest global norm; infinite for none.
pub const MAX_NORM: &str = "max_norm";
/// Inputs: what the moments are divided by.
pub const CORRECTIONS: [&str; 2] = ["correction.first", "correction.second"];
/// Output: the global norm after the gradient scale, before clipping.
pub const NORM: &str = "norm";
/// Output: whether the norm is finite, so that the weights were moved.
pub const FINITE: &str = "finite";

/// One weight of an optimizer's graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptimizedWeight {
    /// Its name.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Element type of its gradients.
    pub gradient: ElementType,
    /// Element type of the copy that the model reads, when it is not the weight itself.
    pub rounded: Option<ElementType>,
}

impl OptimizedWeight {
    fn dimensions(&self) -> Vec<Dimension> {
        self.shape.iter().copied().map(Dimension::Fixed).collect()
    }
}

/// Numbers of the step, as values of the graph.
struct Numbers {
    finite: Value,
    gradient_factor: Value,
    zero: Value,
    learning_rate: Value,
}

/// Builds the graph that moves all weights one step.
///
/// # Errors
/// When the settings make no sense, or a weight's element types are no floats.
pub fn optimizer_graph(
    weights: &[OptimizedWeight],
    options: &OptimizerOptions,
) -> Result<Model, OptimizerError> {
    if weights.is_empty() {
        return Err(OnnxError::Invalid("there is no weight to move".into()).into());
    }
    let shapes: Vec<(&str, &[usize])> = weights
        .iter()
        .map(|weight| (weight.name.as_str(), weight.shape.as_slice()))
        .collect();
    let settings = options.for_weights(&shapes)?;
    for weight in weights {
        let elements = [Some(weight.gradient), weight.rounded];
        if let Some(element) = elements.into_iter().flatten().find(|e| !e.is_float()) {
            return Err(OptimizerError::Weight {
                name: weight.name.clone(),
                element,
            });
        }
    }
    let mut builder = GraphBuilder::new("optimizer");
    let mut gradients = Vec::with_capacity(weights.len());
    for weight in weights {
        let name = format!("gradient.{}", weight.name);
        let gradient = builder.input(&name, weight.gradient, &weight.dimensions());
        gradients.push(match weight.gradient {
            ElementType::F32 => gradient,
            _ => builder.cast(&gradient, ElementType::F32),
        });
    }
    let numbers = numbers(&mut builder, weights, &gradients);
    let update = update(&mut builder, options, &numbers);
    for ((weight, gradient), settings) in weights.iter().zip(&gradients).zip(settings) {
        let scaled = builder.mul(gradient, &numbers.gradient_factor);
        let gradient = builder.choose(&numbers.finite, &scaled, &numbers.zero);
        let old = input(&mut builder, weight, "weight");
        let step = update.step(&mut builder, weight, &gradient);
        let scale = settings.learning_rate_scale;
        let learning_rate = if scale == 1.0 {
            numbers.learning_rate.clone()
        } else {
            let scale = builder.scalar(scale);
            builder.mul(&numbers.learning_rate, &scale)
        };
        let mut change = builder.mul(&learning_rate, &step);
        if settings.weight_decay != 0.0 {
            let decay = builder.scalar(settings.weight_decay);
            let decay = builder.mul(&learning_rate, &decay);
            let decayed = builder.mul(&decay, &old);
            change = builder.add(&change, &decayed);
        }
        let new = output(&mut builder, "Sub", [&old, &change], weight, "weight");
        if let Some(element) = weight.rounded {
            let rounded = builder.cast(&new, element);
            let rounded = builder.alias(&rounded, &format!("rounded.{}", weight.name));
            builder.output(&rounded, element, Some(&weight.dimensions()));
        }
    }
    Ok(builder.finish()?)
}

fn input(builder: &mut GraphBuilder, weight: &OptimizedWeight, kind: &str) -> Value {
    let name = format!("{kind}.{}", weight.name);
    builder.input(&name, ElementType::F32, &weight.dimensions())
}

fn output(
    builder: &mut GraphBuilder,
    operator: &str,
    inputs: [&Value; 2],
    weight: &OptimizedWeight,
    kind: &str,
) -> Value {
    let name = format!("new.{kind}.{}", weight.name);
    let value = builder.named_node(operator, &inputs, Vec::new(), &name);
    builder.output(&value, ElementType::F32, Some(&weight.dimensions()));
    value
}

/// The norm, and what follows from it for all weights.
fn numbers(
    builder: &mut GraphBuilder,
    weights: &[OptimizedWeight],
    gradients: &[Value],
) -> Numbers {
    let scalar = |builder: &mut GraphBuilder, name| builder.input(name, ElementType::F32, &[]);
    let learning_rate = scalar(builder, LEARNING_RATE);
    let gradient_scale = scalar(builder, GRADIENT_SCALE);
    let max_norm = scalar(builder, MAX_NORM);
    let mut squares = Vec::with_capacity(gradients.len());
    for (weight, gradient) in weights.iter().zip(gradients) {
        // In two steps, so that no sum has so many terms that 32 bits lose the small ones.
        let sum = if weight.shape.len() > 1 {
            let axes = builder.integers(&[-1]);
            let rows = builder.node("ReduceSumSquare", &[gradient, &axes], Vec::new());
            builder.reduce_sum(&rows, &[], false)
        } else {
            let attributes = vec![AttributeProto::int("keepdims", 0)];
            builder.node("ReduceSumSquare", &[gradient], attributes)
        };
        squares.push(sum);
    }
    let total = builder.node("Sum", &squares.iter().collect::<Vec<_>>(), Vec::new());
    let norm = builder.sqrt(&total);
    let norm = builder.named_node("Mul", &[&norm, &gradient_scale], Vec::new(), NORM);
    builder.output(&norm, ElementType::F32, Some(&[]));
    let (one, zero) = (builder.scalar(1.0), builder.scalar(0.0));
    let infinity = builder.scalar(f32::INFINITY);
    let finite = builder.named_node("Less", &[&norm, &infinity], Vec::new(), FINITE);
    builder.output(&finite, ElementType::Bool, Some(&[]));
    let long = builder.greater(&norm, &max_norm);
    let ratio = builder.div(&max_norm, &norm);
    let clip = builder.choose(&long, &ratio, &one);
    let gradient_factor = builder.mul(&gradient_scale, &clip);
    let learning_rate = builder.choose(&finite, &learning_rate, &zero);
    Numbers {
        finite,
        gradient_factor,
        zero,
        learning_rate,
    }
}

/// The update of an algorithm, with its numbers as values of the graph.
enum Update {
    AdamW {
        decays: [Value; 2],
        rests: [Value; 2],
        corrections: [Value; 2],
        epsilon: Value,
    },
    Momentum {
        decay: Value,
        nesterov: Option<Value>,
    },
    Plain,
}

fn update(builder: &mut GraphBuilder, options: &OptimizerOptions, numbers: &Numbers) -> Update {
    // A decay that is 1 when nothing may change.
    let decay = |builder: &mut GraphBuilder, decay: f32| {
        let (decay, one) = (builder.scalar(decay), builder.scalar(1.0));
        builder.choose(&numbers.finite, &decay, &one)
    };
    match options.algorithm {
        Algorithm::AdamW {
            beta1,
            beta2,
            epsilon,
        } => Update::AdamW {
            decays: [beta1, beta2].map(|beta| decay(builder, beta)),
            rests: [beta1, beta2].map(|beta| builder.scalar(1.0 - beta)),
            corrections: CORRECTIONS.map(|name| builder.input(name, ElementType::F32, &[])),
            epsilon: builder.scalar(epsilon),
        },
        Algorithm::Sgd { momentum: 0.0, .. } => Update::Plain,
        Algorithm::Sgd { momentum, nesterov } => Update::Momentum {
            decay: decay(builder, momentum),
            nesterov: nesterov.then(|| builder.scalar(momentum)),
        },
    }
}

impl Update {
    /// What is to be multiplied by the learning rate.
    fn step(
        &self,
        builder: &mut GraphBuilder,
        weight: &OptimizedWeight,
        gradient: &Value,
    ) -> Value {
        match self {
            Update::Plain => gradient.clone(),
            Update::Momentum { decay, nesterov } => {
                let velocity = input(builder, weight, "velocity");
                let kept = builder.mul(decay, &velocity);
                let velocity = output(builder, "Add", [&kept, gradient], weight, "velocity");
                let Some(momentum) = nesterov else {
                    return velocity;
                };
                let ahead = builder.mul(momentum, &velocity);
                builder.add(gradient, &ahead)
            }
            Update::AdamW {
                decays,
                rests,
                corrections,
                epsilon,
            } => {
                let first = input(builder, weight, "first");
                let kept = builder.mul(&decays[0], &first);
                let fresh = builder.mul(&rests[0], gradient);
                let first = output(builder, "Add", [&kept, &fresh], weight, "first");
                let second = input(builder, weight, "second");
                let kept = builder.mul(&decays[1], &second);
                let fresh = builder.mul(&rests[1], gradient);
                let fresh = builder.mul(&fresh, gradient);
                let second = output(builder, "Add", [&kept, &fresh], weight, "second");
                let first = builder.div(&first, &corrections[0]);
                let second = builder.div(&second, &corrections[1]);
                let root = builder.sqrt(&second);
                let root = builder.add(&root, epsilon);
                builder.div(&first, &root)
            }
        }
    }
}

/// Input of the accumulation graph: whether the sums begin anew; what they held is not looked at.
pub const FRESH: &str = "fresh";
/// Input of the accumulation graph: factor on the gradients.
pub const SHARE: &str = "share";

/// Builds the graph that adds gradients to sums in 32 bits: inputs `sum.w` and `gradient.w` for each
/// weight `w`, [`FRESH`] and [`SHARE`]; outputs `new.sum.w`. The rule for aliasing is that of
/// [`optimizer_graph`].
///
/// # Errors
/// When the graph breaks a rule of the format, such as two weights of one name.
pub fn accumulation_graph(weights: &[OptimizedWeight]) -> Result<Model, OptimizerError> {
    let mut builder = GraphBuilder::new("accumulation");
    let fresh = builder.input(FRESH, ElementType::Bool, &[]);
    let share = builder.input(SHARE, ElementType::F32, &[]);
    let zero = builder.scalar(0.0);
    for weight in weights {
        let name = format!("gradient.{}", weight.name);
        let mut gradient = builder.input(&name, weight.gradient, &weight.dimensions());
        if weight.gradient != ElementType::F32 {
            gradient = builder.cast(&gradient, ElementType::F32);
        }
        let gradient = builder.mul(&gradient, &share);
        let old = input(&mut builder, weight, "sum");
        let old = builder.choose(&fresh, &zero, &old);
        output(&mut builder, "Add", [&old, &gradient], weight, "sum");
    }
    Ok(builder.finish()?)
}
