//! The reverse walk over a graph.

use std::collections::{HashMap, HashSet};

use super::context::{Context, PREFIX};
use super::recompute::{Plan, Recompute, Recomputed};
use super::standard::standard_form;
use super::{layout, patterns, rules};
use crate::onnx::decompose::describe;
use crate::onnx::proto::NodeProto;
use crate::onnx::{
    ElementType, GraphBuilder, Model, OnnxError, ShapeOracle, Tensor, Value, ValueType,
};

/// Name of the input by which gradients are multiplied.
pub const LOSS_SCALE: &str = "loss_scale";

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
    /// Whether the graph gets the scalar f32 input [`LOSS_SCALE`], by which all gradients are multiplied.
    pub loss_scale: bool,
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
    refuse_unsupported(&nodes, &active, |node| {
        form.refused.get(node.output.first()?)
    })?;
    let trainable: HashSet<&str> = options.trainable.iter().map(String::as_str).collect();
    forward.weights_to_inputs(&options.trainable);
    let graph = forward.graph_mut();
    graph.output.clear();
    graph.value_info.clear();
    let symbols = layout::symbols(model, options);
    let mut context = Context::new(forward, types, active, &nodes, symbols);
    let seed = seed(&mut context, options)?;
    context.give(&options.loss, seed);
    let plan = Plan::new(&options.recompute, &nodes, context.active(), &trainable)?;
    let outputs = options.keep.iter().chain([&options.loss]);
    let mut recomputed = Recomputed::new(&plan, &nodes, &trainable, outputs.map(String::as_str));
    for (position, node) in nodes.iter().enumerate().rev() {
        if !node.output.iter().any(|name| context.wants(name)) {
            continue;
        }
        let outputs: Vec<Option<Value>> =
            node.output.iter().map(|name| context.take(name)).collect();
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
    declare_outputs(&mut builder, options, types, &weights);
    let mut model = builder.finish()?;
    layout::prune(&mut model);
    layout::ends_last(model.graph_mut());
    Ok(GradientGraph {
        model,
        weights,
        recomputed: plan.count(),
    })
}

/// Names every node on the way of the gradients that has no rule, all of them at once.
fn refuse_unsupported<'a>(
    nodes: &'a [NodeProto],
    active: &HashSet<String>,
    reason: impl Fn(&'a NodeProto) -> Option<&'a String>,
) -> Result<(), OnnxError> {
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
    if unsupported.is_empty() {
        Ok(())
    } else {
        Err(OnnxError::Unsupported(unsupported))
    }
}

/// The loss and what is kept with the types that are known, and a gradient of each weight's own type.
fn declare_outputs(
    builder: &mut GraphBuilder,
    options: &GradientOptions,
    types: &HashMap<String, ValueType>,
    weights: &[(String, Tensor)],
) {
    for name in std::iter::once(&options.loss).chain(&options.keep) {
        match types.get(name) {
            Some(known) => {
                builder.output(&Value::named(name), known.element, Some(&known.dimensions));
            }
            None => builder.untyped_output(name),
        }
    }
    for (name, tensor) in weights {
        let gradient = Value::named(&format!("grad.{name}"));
        let kind = tensor.value_type();
        builder.output(&gradient, kind.element, Some(&kind.dimensions));
    }
}

/// The gradient of the loss with respect to itself: 1, or the scale.
fn seed(context: &mut Context, options: &GradientOptions) -> Result<Value, OnnxError> {
    let loss = context.value_type(&options.loss)?.clone();
    let one = if options.loss_scale {
        if context.value_type(LOSS_SCALE).is_ok() || context.initializer(LOSS_SCALE).is_some() {
            return Err(OnnxError::Invalid(format!(
                "the graph has a value {LOSS_SCALE:?} already"
            )));
        }
        let scale = context.builder.input(LOSS_SCALE, ElementType::F32, &[]);
        context.builder.cast(&scale, loss.element)
    } else {
        context.number(1.0, &options.loss)?
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

/// Names every gradient `grad.<weight>`; a weight that got none is an error of a rule. A gradient
/// that a node of its own makes just gets that name; others pass a node that does nothing.
fn collect_weight_gradients(
    context: &mut Context,
    weights: &[(String, Tensor)],
) -> Result<GraphBuilder, OnnxError> {
    let mut renames: HashMap<String, String> = HashMap::new();
    let mut gradients = Vec::with_capacity(weights.len());
    for (name, _) in weights {
        gradients.push(context.take(name).ok_or_else(|| {
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
