//! The reverse walk over a graph.

use std::collections::{HashMap, HashSet};

use super::constants::constants;
use super::pieces::Piece;
use super::recompute::{Plan, Recompute, Recomputed};
use super::shapes::KnownShapes;
use super::standard::standard_form;
use super::{layout, patterns, rules};
use crate::onnx::decompose::describe;
use crate::onnx::model::value_info;
use crate::onnx::proto::{NodeProto, TensorProto};
use crate::onnx::{
    Dimension, ElementType, GraphBuilder, Model, OnnxError, ShapeOracle, Tensor, TensorData, Value,
    ValueType,
};

/// What the names of the backward pass begin with.
const PREFIX: &str = "g/";

/// What to differentiate.
#[derive(Debug, Clone, Default)]
pub struct GradientOptions {
    /// The output that holds the scalar loss.
    pub loss: String,
    /// Initializers to train.
    pub trainable: Vec<String>,
    /// Other outputs to keep, e.g. diagnostics.
    pub keep: Vec<String>,
    /// What is computed a second time to save memory.
    pub recompute: Recompute,
    /// Name of a new scalar input by which all gradients are multiplied, for loss scaling.
    pub loss_scale: Option<String>,
}

/// A gradient graph: trainable weights are inputs by their own names, outputs are the loss, the kept
/// outputs, and `grad.<weight>` for each trainable weight.
#[derive(Debug, Clone)]
pub struct GradientGraph {
    /// The graph.
    pub model: Model,
    /// Trainable weights in the order that was asked for, with their first values.
    pub weights: Vec<(String, Tensor)>,
    /// Number of blocks that are computed a second time.
    pub recomputed: usize,
}

/// What a rule may use: the graph so far, types of values, and gradients to hand out.
pub(super) struct Context<'a> {
    /// Appends nodes.
    pub builder: GraphBuilder,
    types: &'a HashMap<String, ValueType>,
    constants: HashMap<String, TensorProto>,
    active: HashSet<String>,
    gradients: HashMap<String, Vec<Value>>,
    /// Contributions that are zero but for a part of an axis.
    pub(super) pieces: HashMap<String, Vec<Piece>>,
    /// The node of the forward graph that makes each value.
    producers: HashMap<&'a str, &'a NodeProto>,
    /// Values that were computed a second time, with the names of the first.
    aliases: HashMap<String, String>,
    /// Inputs and their axes whose lengths have a symbol.
    pub(super) symbols: HashMap<String, (String, usize)>,
    /// Shapes and lengths that were asked for before.
    pub(super) known_shapes: KnownShapes,
}

impl<'a> Context<'a> {
    /// The node of the forward graph that makes a value, for rules of pairs of operators. Its outputs
    /// may be read by their names in the rule's own node only.
    pub fn producer(&self, name: &str) -> Option<&'a NodeProto> {
        self.producers.get(self.original(name)).copied()
    }

    /// Whether a gradient for this value is of any use.
    pub fn wants(&self, name: &str) -> bool {
        self.active.contains(self.original(name))
    }

    pub(super) fn original<'n>(&'n self, name: &'n str) -> &'n str {
        self.aliases.get(name).map_or(name, String::as_str)
    }

    /// Says that a value is another one, computed a second time.
    pub fn add_alias(&mut self, name: &str, original: &str) {
        self.aliases.insert(name.to_owned(), original.to_owned());
    }

    /// Whether a value is another one, computed a second time.
    pub fn is_alias(&self, name: &str) -> bool {
        self.aliases.contains_key(name)
    }

    /// Type of a value of the forward graph.
    pub fn value_type(&self, name: &str) -> Result<&ValueType, OnnxError> {
        self.types
            .get(self.original(name))
            .ok_or_else(|| OnnxError::Missing {
                what: "type for the value",
                name: name.to_owned(),
            })
    }

    /// Number of dimensions of a value of the forward graph.
    pub fn rank(&self, name: &str) -> Result<usize, OnnxError> {
        Ok(self.value_type(name)?.rank())
    }

    /// Whole numbers that are constants of the graph, such as axes; none for what is only known at
    /// run time.
    pub fn known_integers(&self, name: &str) -> Option<Vec<i64>> {
        let tensor = Tensor::from_proto(self.constants.get(self.original(name))?).ok()?;
        match tensor.data {
            TensorData::I64(values) => Some(values),
            TensorData::I32(values) => Some(values.into_iter().map(i64::from).collect()),
            _ => None,
        }
    }

    /// Floats that are constants of the graph, such as bounds.
    pub fn known_floats(&self, name: &str) -> Option<Vec<f64>> {
        let tensor = self.constants.get(self.original(name))?;
        let element = ElementType::from_code(tensor.data_type.unwrap_or(0));
        element.is_float().then(|| tensor.to_f64()).flatten()
    }

    /// A truth value that is a constant of the graph.
    pub fn known_flag(&self, name: &str) -> Option<bool> {
        match Tensor::from_proto(self.constants.get(self.original(name))?)
            .ok()?
            .data
        {
            TensorData::Bool(values) => values.first().copied(),
            _ => None,
        }
    }

    /// A constant of the graph with its data, however large.
    pub fn initializer(&self, name: &str) -> Option<&TensorProto> {
        let graph = self.builder.built()?;
        graph
            .initializer
            .iter()
            .find(|tensor| tensor.name.as_deref() == Some(name))
            .or_else(|| self.constants.get(name))
    }

    /// A number as a constant of the element type of a forward value.
    pub fn number(&mut self, value: f64, like: &str) -> Result<Value, OnnxError> {
        Ok(match self.value_type(like)?.element {
            ElementType::F64 => self.builder.constant(&Tensor {
                shape: vec![],
                ..Tensor::f64(&[1], [value])
            }),
            ElementType::F32 => self.builder.scalar(value as f32),
            other => {
                let number = self.builder.scalar(value as f32);
                self.builder.cast(&number, other)
            }
        })
    }

    /// Adds a contribution to the gradient of a value.
    pub fn give(&mut self, name: &str, gradient: Value) {
        if self.wants(name) {
            let name = self.original(name).to_owned();
            self.gradients.entry(name).or_default().push(gradient);
        }
    }

    /// Adds a contribution whose shape is that of `from` (a forward value), summed down to the shape
    /// of `to`, which was broadcast.
    pub fn give_broadcast(
        &mut self,
        to: &str,
        from: &str,
        gradient: Value,
    ) -> Result<(), OnnxError> {
        if self.wants(to) {
            let reduced = self.sum_to(&gradient, from, to)?;
            self.give(to, reduced);
        }
        Ok(())
    }
}

/// Builds the gradient graph of a model.
///
/// # Errors
/// [`OnnxError::Missing`] for a loss or weight that is not there, [`OnnxError::Unsupported`] with
/// every operator that has no rule, [`OnnxError::Engine`] when the oracle does not take the model.
pub fn build_gradient(
    model: &Model,
    options: &GradientOptions,
    oracle: &dyn ShapeOracle,
) -> Result<GradientGraph, OnnxError> {
    let model = model.normalised()?;
    if !model.output_names().contains(&options.loss) {
        return Err(OnnxError::Missing {
            what: "output",
            name: options.loss.clone(),
        });
    }
    let weights = options
        .trainable
        .iter()
        .map(|name| Ok((name.clone(), model.initializer(name)?)))
        .collect::<Result<Vec<_>, OnnxError>>()?;
    let form = standard_form(model, oracle, |model, types| {
        active_values(model, options, types)
    })?;
    let (model, types) = (&form.model, &form.types);
    let reason = |node: &NodeProto| form.refused.get(node.output.first()?);
    if types.get(&options.loss).is_some_and(|loss| {
        loss.fixed()
            .is_some_and(|f| f.iter().product::<usize>() != 1)
    }) {
        return Err(OnnxError::Invalid(format!(
            "the loss {:?} is not a single number",
            options.loss
        )));
    }
    let forward = patterns::simplify(model.clone(), types, &options.trainable);
    let mut forward = prepare(forward);
    let groups = patterns::groups(&forward, types, &options.trainable);
    let active = active_values(&forward, options, types);
    if let Some((name, _)) = weights.iter().find(|(name, _)| !active.contains(name)) {
        return Err(OnnxError::Invalid(format!(
            "the loss does not depend on the weight {name:?}"
        )));
    }
    let nodes = forward.graph().node.clone();
    let on_path = |node: &&NodeProto| node.output.iter().any(|name| active.contains(name));
    let unsupported: Vec<String> = nodes
        .iter()
        .filter(on_path)
        .filter(|node| rules::find(node).is_none())
        .map(|node| {
            let reason = reason(node);
            let advice = if reason.is_none() {
                rules::advice(node)
            } else {
                ""
            };
            format!("{}{advice}", describe(node, reason))
        })
        .collect();
    if !unsupported.is_empty() {
        return Err(OnnxError::Unsupported(unsupported));
    }
    let trainable: HashSet<&str> = options.trainable.iter().map(String::as_str).collect();
    let graph = forward.graph_mut();
    graph.initializer.retain(|tensor| {
        !tensor
            .name
            .as_deref()
            .is_some_and(|name| trainable.contains(name))
    });
    graph.input.retain(|value| {
        !value
            .name
            .as_deref()
            .is_some_and(|name| trainable.contains(name))
    });
    for (name, tensor) in &weights {
        let dimensions = tensor
            .shape
            .iter()
            .map(|length| Dimension::Fixed(*length))
            .collect();
        graph.input.push(value_info(
            name,
            &ValueType {
                element: tensor.element(),
                dimensions,
            },
        ));
    }
    graph.output.clear();
    graph.value_info.clear();
    let constants = constants(forward.graph());
    let mut context = Context {
        builder: GraphBuilder::extend(forward, PREFIX),
        types,
        constants,
        active,
        gradients: HashMap::new(),
        pieces: HashMap::new(),
        producers: producers(&nodes),
        aliases: HashMap::new(),
        symbols: layout::symbols(model, options),
        known_shapes: KnownShapes::default(),
    };
    let seed = seed(&mut context, options)?;
    context.give(&options.loss, seed);
    let plan = Plan::new(&options.recompute, &nodes, &context.active, &trainable)?;
    let outputs = options.keep.iter().chain([&options.loss]);
    let mut recomputed = Recomputed::new(&plan, &nodes, &trainable, outputs.map(String::as_str));
    for (position, node) in nodes.iter().enumerate().rev() {
        if !node.output.iter().any(|name| context.wants(name)) {
            continue;
        }
        let outputs: Vec<Option<Value>> = node
            .output
            .iter()
            .map(|name| take_gradient(&mut context, name))
            .collect();
        let group = node.output.first().and_then(|name| groups.get(name));
        let arrived = node.output.iter().zip(&outputs);
        let arrived = arrived.filter_map(|(name, gradient)| Some((name, gradient.as_ref()?)));
        if let Some((output, gradient)) = arrived.into_iter().next()
            && let Some(rule) = group.map_or_else(|| rules::find(node), |group| Some(group.rule))
        {
            let node = group.map_or(node, |group| &group.node);
            let node = recomputed.node(&mut context, (position, node), gradient, output)?;
            rule(&mut context, &node, &outputs)?;
        }
    }
    let mut builder = collect_weight_gradients(&mut context, &weights)?;
    for name in std::iter::once(&options.loss).chain(&options.keep) {
        match types.get(name) {
            Some(known) => {
                builder.output(&Value::named(name), known.element, Some(&known.dimensions));
            }
            None => builder.untyped_output(name),
        }
    }
    for (name, tensor) in &weights {
        let lengths = tensor.shape.iter();
        let dimensions: Vec<Dimension> = lengths.map(|length| Dimension::Fixed(*length)).collect();
        let gradient = Value::named(&format!("grad.{name}"));
        builder.output(&gradient, tensor.element(), Some(&dimensions));
    }
    let mut model = builder.finish()?;
    layout::prune(&mut model);
    layout::ends_last(model.graph_mut());
    Ok(GradientGraph {
        model,
        weights,
        recomputed: plan.count(),
    })
}

/// The gradient of the loss with respect to itself: 1, or the scale.
fn seed(context: &mut Context, options: &GradientOptions) -> Result<Value, OnnxError> {
    let loss = context.value_type(&options.loss)?.clone();
    let one = match &options.loss_scale {
        Some(name) => context.builder.input(name, loss.element, &[]),
        None => context.number(1.0, &options.loss)?,
    };
    match loss.fixed() {
        Some(lengths) if lengths.is_empty() => Ok(one),
        Some(lengths) => {
            let lengths: Vec<i64> = lengths.iter().map(|length| *length as i64).collect();
            Ok(context.builder.reshape(&one, &lengths))
        }
        None => {
            let shape = context.builder.shape(&Value::named(&options.loss));
            Ok(context.builder.expand_to(&one, &shape))
        }
    }
}

fn producers(nodes: &[NodeProto]) -> HashMap<&str, &NodeProto> {
    let named = nodes.iter().flat_map(|node| {
        let names = node.output.iter().map(String::as_str);
        names.map(move |name| (name, node))
    });
    named.filter(|(name, _)| !name.is_empty()).collect()
}

/// Names every gradient `grad.<weight>`; a weight that got none is an error of a rule. A gradient
/// that a node of its own makes just gets that name; others pass a node that does nothing.
fn collect_weight_gradients(
    context: &mut Context,
    weights: &[(String, Tensor)],
) -> Result<GraphBuilder, OnnxError> {
    let mut renames: HashMap<String, String> = HashMap::new();
    let mut gradients = Vec::with_capacity(weights.len());
    for (name, _) in weights {
        gradients.push(take_gradient(context, name).ok_or_else(|| {
            OnnxError::Invalid(format!("no gradient reaches the weight {name:?}"))
        })?);
    }
    // Only values of the backward pass may be renamed: the others' names are the user's.
    let made: HashSet<String> = context
        .builder
        .graph()
        .node
        .iter()
        .flat_map(|node| node.output.iter())
        .filter(|name| name.starts_with(PREFIX))
        .cloned()
        .collect();
    for ((name, _), gradient) in weights.iter().zip(&gradients) {
        let output = format!("grad.{name}");
        if made.contains(gradient.name()) && !renames.contains_key(gradient.name()) {
            renames.insert(gradient.name().to_owned(), output);
        } else {
            context.builder.alias(gradient, &output);
        }
    }
    layout::rename(context.builder.graph(), &renames);
    Ok(std::mem::replace(
        &mut context.builder,
        GraphBuilder::new("done"),
    ))
}

/// The sum of all contributions to a value's gradient.
fn take_gradient(context: &mut Context, name: &str) -> Option<Value> {
    let mut contributions = context.gradients.remove(name).unwrap_or_default();
    contributions.extend(context.join_pieces(name));
    contributions
        .into_iter()
        .reduce(|total, next| context.builder.add(&total, &next))
}

/// Asks for the extra outputs that rules read: the mean and inverse deviation of normalisations, the
/// positions of maxima.
fn prepare(mut model: Model) -> Model {
    for (number, node) in model.graph_mut().node.iter_mut().enumerate() {
        if node.op() == "LayerNormalization" {
            node.output.resize(3, String::new());
            for (position, label) in [(1, "mean"), (2, "inverse_deviation")] {
                if node.output[position].is_empty() {
                    node.output[position] = format!("g/{label}.{number}");
                }
            }
        }
        if node.op() == "MaxPool" && node.output.len() == 1 && node.int("storage_order", 0) == 0 {
            node.output.push(format!("g/positions.{number}"));
        }
    }
    model
}

/// Values that depend on a trainable weight and that the loss depends on, floats only.
fn active_values(
    model: &Model,
    options: &GradientOptions,
    types: &HashMap<String, ValueType>,
) -> HashSet<String> {
    let is_float = |name: &str| types.get(name).is_none_or(|value| value.element.is_float());
    let mut reached: HashSet<&str> = options.trainable.iter().map(String::as_str).collect();
    for node in &model.graph().node {
        if !rules::stops_gradient(node.op())
            && layout::reads(node)
                .iter()
                .any(|name| reached.contains(name))
        {
            let flows = |(output, name): &(usize, &String)| {
                (is_float(name) && !rules::is_held(node, *output))
                    || rules::carries_quantised(node, *output)
            };
            let outputs = node.output.iter().enumerate().filter(flows);
            reached.extend(outputs.map(|(_, name)| name.as_str()));
        }
    }
    let mut needed: HashSet<&str> = HashSet::from([options.loss.as_str()]);
    for node in model.graph().node.iter().rev() {
        if node
            .output
            .iter()
            .any(|name| needed.contains(name.as_str()))
        {
            needed.extend(layout::reads(node));
        }
    }
    reached
        .intersection(&needed)
        .filter(|name| !name.is_empty())
        .map(|name| (*name).to_owned())
        .collect()
}
