//! Walks over parts of a model wherever they are: in the graph, in branches and bodies, in
//! attributes, in functions.

use super::OnnxError;
use super::proto::{
    AttributeProto, GraphProto, ModelProto, NodeProto, SparseTensorProto, TensorProto,
};

/// What a tensor is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A constant of a graph.
    Initializer,
    /// The value of an attribute, or a part of a sparse tensor.
    Other,
}

impl AttributeProto {
    /// Graphs within the attribute, whether it holds one or many.
    pub fn all_graphs(&self) -> impl Iterator<Item = &GraphProto> {
        self.g.iter().map(AsRef::as_ref).chain(&self.graphs)
    }

    /// The same, to change them.
    pub fn all_graphs_mut(&mut self) -> impl Iterator<Item = &mut GraphProto> {
        self.g.iter_mut().map(AsMut::as_mut).chain(&mut self.graphs)
    }

    /// Dense tensors within the attribute.
    pub fn all_tensors(&self) -> impl Iterator<Item = &TensorProto> {
        self.t.iter().map(AsRef::as_ref).chain(&self.tensors)
    }

    /// Sparse tensors within the attribute.
    pub fn all_sparse(&self) -> impl Iterator<Item = &SparseTensorProto> {
        self.sparse_tensor
            .iter()
            .map(AsRef::as_ref)
            .chain(&self.sparse_tensors)
    }
}

type Visit<'a> = dyn FnMut(Role, &mut TensorProto) -> Result<(), OnnxError> + 'a;

/// Visits every tensor of a model.
///
/// # Errors
/// The first that a visit gives.
pub(super) fn tensors(model: &mut ModelProto, visit: &mut Visit) -> Result<(), OnnxError> {
    if let Some(graph) = &mut model.graph {
        in_graph(graph, visit)?;
    }
    for function in &mut model.functions {
        in_attributes(&mut function.attribute_proto, visit)?;
        in_nodes(&mut function.node, visit)?;
    }
    Ok(())
}

fn in_graph(graph: &mut GraphProto, visit: &mut Visit) -> Result<(), OnnxError> {
    for tensor in &mut graph.initializer {
        visit(Role::Initializer, tensor)?;
    }
    for tensor in &mut graph.sparse_initializer {
        for part in [&mut tensor.values, &mut tensor.indices]
            .into_iter()
            .flatten()
        {
            visit(Role::Other, part)?;
        }
    }
    in_nodes(&mut graph.node, visit)
}

fn in_nodes(nodes: &mut [NodeProto], visit: &mut Visit) -> Result<(), OnnxError> {
    nodes
        .iter_mut()
        .try_for_each(|node| in_attributes(&mut node.attribute, visit))
}

fn in_attributes(attributes: &mut [AttributeProto], visit: &mut Visit) -> Result<(), OnnxError> {
    for attribute in attributes {
        let single = attribute.t.iter_mut().map(AsMut::as_mut);
        for tensor in single.chain(&mut attribute.tensors) {
            visit(Role::Other, tensor)?;
        }
        let single = attribute.sparse_tensor.iter_mut().map(AsMut::as_mut);
        for tensor in single.chain(&mut attribute.sparse_tensors) {
            for part in [&mut tensor.values, &mut tensor.indices]
                .into_iter()
                .flatten()
            {
                visit(Role::Other, part)?;
            }
        }
        for graph in attribute.all_graphs_mut() {
            in_graph(graph, visit)?;
        }
    }
    Ok(())
}

/// Whether a predicate holds for any name that a model uses for a value or a node.
pub(super) fn any_name(model: &ModelProto, found: &mut dyn FnMut(&str) -> bool) -> bool {
    model.graph.iter().any(|graph| name_in_graph(graph, found))
        || model.functions.iter().any(|function| {
            let names = function.input.iter().chain(&function.output);
            names.into_iter().any(|name| found(name)) || name_in_nodes(&function.node, found)
        })
}

fn name_in_graph(graph: &GraphProto, found: &mut dyn FnMut(&str) -> bool) -> bool {
    let initializers = graph.initializer.iter().map(|tensor| &tensor.name);
    let sparse = graph
        .sparse_initializer
        .iter()
        .filter_map(|tensor| Some(&tensor.values.as_ref()?.name));
    let infos = graph
        .input
        .iter()
        .chain(&graph.output)
        .chain(&graph.value_info);
    let infos = infos.map(|value| &value.name);
    initializers
        .chain(sparse)
        .chain(infos)
        .flatten()
        .any(|name| found(name))
        || name_in_nodes(&graph.node, found)
}

fn name_in_nodes(nodes: &[NodeProto], found: &mut dyn FnMut(&str) -> bool) -> bool {
    nodes.iter().any(|node| {
        node.input
            .iter()
            .chain(&node.output)
            .chain(&node.name)
            .any(|name| found(name))
            || node.attribute.iter().any(|attribute| {
                attribute
                    .all_graphs()
                    .any(|graph| name_in_graph(graph, found))
            })
    })
}

/// A beginning that no name of the model has: `label/`, or `label1/`, `label2/`, ...
pub(super) fn fresh_prefix(model: &ModelProto, label: &str) -> String {
    // Numbers that are taken; a model with n names can't take all of 0..=n.
    let mut taken = std::collections::HashSet::new();
    any_name(model, &mut |name| {
        if let Some((head, _)) = name.split_once('/')
            && let Some(number) = head.strip_prefix(label)
        {
            match number {
                "" => taken.insert(0),
                number => number
                    .parse::<usize>()
                    .is_ok_and(|number| taken.insert(number)),
            };
        }
        false
    });
    let number = (0..=taken.len())
        .find(|number| !taken.contains(number))
        .unwrap_or(0);
    match number {
        0 => format!("{label}/"),
        number => format!("{label}{number}/"),
    }
}
