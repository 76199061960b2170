//! What is done to a finished gradient graph: names of the outputs, what nothing needs, and the order
//! of the nodes, on which the engine's use of memory depends; and which inputs have which lengths.

use std::collections::{HashMap, HashSet};

use super::GradientOptions;
use crate::onnx::proto::{GraphProto, NodeProto};
use crate::onnx::{Dimension, Model};

/// Gives values other names, where they are made and where they are read. For an output that saves a
/// node that only copies.
pub(super) fn rename(graph: &mut GraphProto, renames: &HashMap<String, String>) {
    let names = graph
        .node
        .iter_mut()
        .flat_map(|node| node.input.iter_mut().chain(node.output.iter_mut()));
    for name in names {
        if let Some(to) = renames.get(name.as_str()) {
            to.clone_into(name);
        }
    }
}

/// Takes away nodes, constants and inputs that no output needs.
pub(super) fn prune(model: &mut Model) {
    let mut needed: HashSet<String> = model.output_names().into_iter().collect();
    let graph = model.graph_mut();
    let mut kept = Vec::with_capacity(graph.node.len());
    for mut node in graph.node.drain(..).rev() {
        // Positions of maxima cost time, and are optional.
        if node.op() == "MaxPool"
            && node
                .output
                .get(1)
                .is_some_and(|name| !needed.contains(name))
        {
            node.output.truncate(1);
        }
        if node.output.iter().any(|name| needed.contains(name)) {
            needed.extend(reads(&node).into_iter().map(str::to_owned));
            kept.push(node);
        }
    }
    kept.reverse();
    graph.node = kept;
    graph.initializer.retain(|tensor| {
        tensor
            .name
            .as_ref()
            .is_some_and(|name| needed.contains(name))
    });
    graph.input.retain(|value| {
        value
            .name
            .as_ref()
            .is_some_and(|name| needed.contains(name))
    });
}

/// Everything that a node reads: its inputs, and what its subgraphs take from around them. Names of
/// a subgraph's own values are among them and do no harm.
pub(super) fn reads(node: &NodeProto) -> Vec<&str> {
    let mut names: Vec<&str> = node.input.iter().map(String::as_str).collect();
    for attribute in &node.attribute {
        for graph in attribute.g.as_deref().into_iter().chain(&attribute.graphs) {
            names.extend(graph.node.iter().flat_map(reads));
            let outputs = graph.output.iter();
            names.extend(outputs.filter_map(|value| value.name.as_deref()));
        }
    }
    names
}

/// Puts the nodes that nobody reads (gradients of weights, the loss) at the end, the one that comes
/// first in the backward pass last. ONNX Runtime orders nodes by a search from such ends, the last
/// one first: in this order it finishes a weight's gradient as soon as it can and lets go of what
/// only that needed. In the plain order it would compute all of the backward pass first.
pub(super) fn ends_last(graph: &mut GraphProto) {
    let read: HashSet<&str> = graph
        .node
        .iter()
        .flat_map(|node| node.input.iter().map(String::as_str))
        .collect();
    let is_end: Vec<bool> = graph
        .node
        .iter()
        .map(|node| !node.output.iter().any(|name| read.contains(name.as_str())))
        .collect();
    let mut ends = Vec::new();
    let mut ordered = Vec::with_capacity(graph.node.len());
    for (node, end) in graph.node.drain(..).zip(is_end) {
        if end {
            ends.push(node);
        } else {
            ordered.push(node);
        }
    }
    ordered.extend(ends.into_iter().rev());
    graph.node = ordered;
}

/// An input and its axis for each symbol of a length. Only inputs count that the loss or another
/// output needs anyway.
pub(super) fn symbols(
    model: &Model,
    options: &GradientOptions,
) -> HashMap<String, (String, usize)> {
    let mut needed: HashSet<&str> = options.keep.iter().map(String::as_str).collect();
    needed.insert(&options.loss);
    for node in model.graph().node.iter().rev() {
        if node
            .output
            .iter()
            .any(|name| needed.contains(name.as_str()))
        {
            needed.extend(reads(node));
        }
    }
    let types = model.declared_types();
    let mut symbols = HashMap::new();
    for name in model.input_names() {
        if !needed.contains(name.as_str()) {
            continue;
        }
        for (axis, dimension) in types
            .get(&name)
            .iter()
            .flat_map(|kind| kind.dimensions.iter().enumerate())
        {
            if let Dimension::Symbol(symbol) = dimension {
                symbols
                    .entry(symbol.clone())
                    .or_insert((name.clone(), axis));
            }
        }
    }
    symbols
}
