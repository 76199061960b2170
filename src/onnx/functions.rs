//! Puts the bodies of a model's local functions in the place of their calls.
//!
//! Names of a body get a prefix of their own for every call, attributes that stand for a function's
//! attribute get the call's value or the default, and inputs that a call leaves out stay left out.

use std::collections::{HashMap, HashSet};

use super::OnnxError;
use super::check::{domain, identity, quoted};
use super::proto::{
    AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto,
};
use super::sizes::{attribute_size, node_size};
use super::visit;

/// Calls within calls and graphs within graphs.
const DEEPEST: usize = 64;
/// Bytes of memory that all bodies together may take: functions that call each other twice each can
/// grow beyond any machine.
const LARGEST: usize = 256 << 20;

type Identity<'a> = (&'a str, &'a str, &'a str);

/// A model without local functions.
///
/// # Errors
/// [`OnnxError::Function`].
pub(super) fn inline(model: &ModelProto) -> Result<ModelProto, OnnxError> {
    let mut made = model.clone();
    made.functions.clear();
    if model.functions.is_empty() {
        return Ok(made);
    }
    let mut inliner = Inliner {
        functions: model
            .functions
            .iter()
            .map(|function| (identity(function), function))
            .collect(),
        prefix: visit::fresh_prefix(model, "function"),
        calls: 0,
        scopes: 0,
        spent: 0,
        running: Vec::new(),
        imports: made.opset_import.clone(),
        merged: HashSet::new(),
    };
    if let Some(graph) = &mut made.graph {
        inliner.graph(graph, 0)?;
    }
    // Domains that were only there for the functions are of no use any more.
    let mut used = HashSet::new();
    if let Some(graph) = &made.graph {
        domains(&graph.node, &mut used);
    }
    let of_functions: HashSet<&str> = inliner
        .functions
        .keys()
        .map(|(domain, _, _)| *domain)
        .collect();
    made.opset_import = inliner.imports;
    made.opset_import.retain(|set| {
        let name = domain(set.domain.as_deref());
        name.is_empty() || !of_functions.contains(name) || used.contains(name)
    });
    Ok(made)
}

/// Domains of the operators of nodes, branches and bodies included.
fn domains<'a>(nodes: &'a [NodeProto], found: &mut HashSet<&'a str>) {
    for node in nodes {
        found.insert(domain(node.domain.as_deref()));
        for attribute in &node.attribute {
            for graph in attribute.all_graphs() {
                domains(&graph.node, found);
            }
        }
    }
}

fn failed(function: &FunctionProto, reason: impl Into<String>) -> OnnxError {
    OnnxError::Function {
        name: quoted(function.name.as_deref().unwrap_or("")),
        reason: reason.into(),
    }
}

/// The function that a node calls.
fn find<'a>(
    functions: &HashMap<Identity<'_>, &'a FunctionProto>,
    node: &NodeProto,
) -> Option<&'a FunctionProto> {
    let key = (
        domain(node.domain.as_deref()),
        node.op(),
        node.overload.as_deref().unwrap_or(""),
    );
    functions.get(&key).copied()
}

struct Inliner<'a> {
    functions: HashMap<Identity<'a>, &'a FunctionProto>,
    prefix: String,
    calls: usize,
    scopes: usize,
    spent: usize,
    /// Functions whose bodies are being put in, the innermost last.
    running: Vec<Identity<'a>>,
    imports: Vec<OperatorSetIdProto>,
    merged: HashSet<Identity<'a>>,
}

/// One call of a function while its body is copied.
struct Call<'a, 'c> {
    function: &'a FunctionProto,
    node: &'c NodeProto,
    prefix: String,
    /// New names by old ones, from the body to the innermost graph.
    names: Vec<HashMap<&'a str, String>>,
}

impl<'a> Inliner<'a> {
    fn graph(&mut self, graph: &mut GraphProto, depth: usize) -> Result<(), OnnxError> {
        let nodes = std::mem::take(&mut graph.node);
        graph.node = self.nodes(nodes, depth)?;
        Ok(())
    }

    fn nodes(&mut self, nodes: Vec<NodeProto>, depth: usize) -> Result<Vec<NodeProto>, OnnxError> {
        if depth > DEEPEST {
            return Err(OnnxError::Function {
                name: self
                    .running
                    .last()
                    .map_or(String::new(), |(_, name, _)| quoted(name)),
                reason: format!("more than {DEEPEST} calls and graphs within each other"),
            });
        }
        let mut made = Vec::with_capacity(nodes.len());
        for mut node in nodes {
            for attribute in &mut node.attribute {
                for graph in attribute.all_graphs_mut() {
                    self.graph(graph, depth + 1)?;
                }
            }
            match find(&self.functions, &node) {
                Some(function) => {
                    let key = identity(function);
                    if self.running.contains(&key) {
                        return Err(failed(function, "it calls itself"));
                    }
                    self.merge_imports(key, function)?;
                    let body = self.body(function, &node)?;
                    self.running.push(key);
                    made.extend(self.nodes(body, depth + 1)?);
                    self.running.pop();
                }
                None => made.push(node),
            }
        }
        Ok(made)
    }

    fn spend(&mut self, function: &FunctionProto, bytes: usize) -> Result<(), OnnxError> {
        self.spent = self.spent.saturating_add(bytes);
        if self.spent > LARGEST {
            return Err(failed(
                function,
                format!("with it the graph takes more than {} MB", LARGEST >> 20),
            ));
        }
        Ok(())
    }

    /// The operator versions of a function must be those of the graph, for operators that it uses.
    fn merge_imports(
        &mut self,
        key: Identity<'a>,
        function: &'a FunctionProto,
    ) -> Result<(), OnnxError> {
        if !self.merged.insert(key) {
            return Ok(());
        }
        let mut used = HashSet::new();
        domains(&function.node, &mut used);
        for set in &function.opset_import {
            let name = domain(set.domain.as_deref());
            if !used.contains(name) {
                continue;
            }
            let same = self
                .imports
                .iter()
                .find(|known| domain(known.domain.as_deref()) == name);
            match same {
                None => self.imports.push(set.clone()),
                Some(known) if known.version == set.version => {}
                Some(known) => {
                    return Err(failed(
                        function,
                        format!(
                            "it needs version {} of the operators of {:?}, the graph has {}",
                            set.version.unwrap_or(0),
                            quoted(name),
                            known.version.unwrap_or(0)
                        ),
                    ));
                }
            }
        }
        Ok(())
    }

    /// The nodes of a function's body with the names and attributes of one call.
    fn body(
        &mut self,
        function: &'a FunctionProto,
        node: &NodeProto,
    ) -> Result<Vec<NodeProto>, OnnxError> {
        if node.input.len() > function.input.len() || node.output.len() > function.output.len() {
            return Err(failed(
                function,
                "a call has more inputs or outputs than it",
            ));
        }
        self.calls += 1;
        let prefix = format!("{}{}/", self.prefix, self.calls);
        let mut names: HashMap<&'a str, String> = HashMap::new();
        for (position, name) in function.input.iter().enumerate() {
            names.insert(name, node.input.get(position).cloned().unwrap_or_default());
        }
        let mut made = Vec::with_capacity(function.node.len());
        // An output that is an input, or another output, needs a node of its own.
        let mut copies = Vec::new();
        for (position, name) in function.output.iter().enumerate() {
            let Some(wanted) = node.output.get(position).filter(|name| !name.is_empty()) else {
                continue;
            };
            match names.get(name.as_str()) {
                Some(source) if source.is_empty() => {
                    return Err(failed(
                        function,
                        "a call leaves out an input that is an output",
                    ));
                }
                Some(source) => copies.push(NodeProto {
                    input: vec![source.clone()],
                    output: vec![wanted.clone()],
                    name: Some(format!("{prefix}copy.{position}")),
                    op_type: Some("Identity".into()),
                    ..Default::default()
                }),
                None => {
                    names.insert(name, wanted.clone());
                }
            }
        }
        if !copies.is_empty()
            && !self
                .imports
                .iter()
                .any(|set| domain(set.domain.as_deref()).is_empty())
        {
            return Err(failed(
                function,
                "an output that is an input needs standard operators",
            ));
        }
        for name in function.node.iter().flat_map(|node| &node.output) {
            if !name.is_empty() && !names.contains_key(name.as_str()) {
                names.insert(name, format!("{prefix}{name}"));
            }
        }
        let mut call = Call {
            function,
            node,
            prefix,
            names: vec![names],
        };
        for inner in &function.node {
            made.push(self.node(inner, &mut call)?);
        }
        made.extend(copies);
        Ok(made)
    }

    fn node(
        &mut self,
        node: &'a NodeProto,
        call: &mut Call<'a, '_>,
    ) -> Result<NodeProto, OnnxError> {
        // Before the copy is made.
        self.spend(call.function, node_size(node))?;
        let mut copy = NodeProto {
            op_type: node.op_type.clone(),
            domain: node.domain.clone(),
            overload: node.overload.clone(),
            doc_string: node.doc_string.clone(),
            metadata_props: node.metadata_props.clone(),
            name: node
                .name
                .as_ref()
                .map(|name| format!("{}{name}", call.prefix)),
            ..Default::default()
        };
        for (list, names) in [
            (&mut copy.input, &node.input),
            (&mut copy.output, &node.output),
        ] {
            for name in names {
                list.push(self.renamed(name, call)?);
            }
        }
        for attribute in &node.attribute {
            if let Some(attribute) = self.attribute(attribute, call)? {
                copy.attribute.push(attribute);
            }
        }
        if copy.op() == "Constant" && copy.attribute.is_empty() {
            return Err(failed(
                call.function,
                "a call leaves out an attribute that is needed",
            ));
        }
        Ok(copy)
    }

    fn renamed(&mut self, name: &str, call: &Call<'a, '_>) -> Result<String, OnnxError> {
        if name.is_empty() {
            return Ok(String::new());
        }
        let known = call.names.iter().rev().find_map(|names| names.get(name));
        let renamed = match known {
            Some(known) => known.clone(),
            None => format!("{}{name}", call.prefix),
        };
        self.spend(call.function, renamed.len())?;
        Ok(renamed)
    }

    /// An attribute of the body; none when it stands for one that the call leaves out.
    fn attribute(
        &mut self,
        attribute: &'a AttributeProto,
        call: &mut Call<'a, '_>,
    ) -> Result<Option<AttributeProto>, OnnxError> {
        let refers = attribute
            .ref_attr_name
            .as_deref()
            .filter(|name| !name.is_empty());
        let Some(refers) = refers else {
            let mut copy = attribute.clone();
            self.inner_graphs(attribute, &mut copy, call)?;
            return Ok(Some(copy));
        };
        let default = call
            .function
            .attribute_proto
            .iter()
            .find(|default| default.name.as_deref() == Some(refers));
        let Some(value) = call.node.find(refers).or(default) else {
            return Ok(None);
        };
        let kinds = (attribute.r#type.unwrap_or(0), value.r#type.unwrap_or(0));
        if kinds.0 != 0 && kinds.1 != 0 && kinds.0 != kinds.1 {
            return Err(failed(
                call.function,
                format!("a call's attribute {:?} is of another kind", quoted(refers)),
            ));
        }
        self.spend(call.function, attribute_size(value))?;
        Ok(Some(AttributeProto {
            name: attribute.name.clone(),
            ref_attr_name: None,
            ..value.clone()
        }))
    }

    fn inner_graphs(
        &mut self,
        attribute: &'a AttributeProto,
        copy: &mut AttributeProto,
        call: &mut Call<'a, '_>,
    ) -> Result<(), OnnxError> {
        let old = attribute.all_graphs();
        let new = copy.all_graphs_mut();
        for (old, new) in old.zip(new) {
            self.inner_graph(old, new, call)?;
        }
        Ok(())
    }

    /// Renames what a graph within a body makes, and what it sees of the body.
    fn inner_graph(
        &mut self,
        old: &'a GraphProto,
        new: &mut GraphProto,
        call: &mut Call<'a, '_>,
    ) -> Result<(), OnnxError> {
        self.scopes += 1;
        let number = self.scopes;
        let own = old.input.iter().filter_map(|value| value.name.as_deref());
        let own = own.chain(
            old.initializer
                .iter()
                .filter_map(|tensor| tensor.name.as_deref()),
        );
        let own = own.chain(
            old.sparse_initializer
                .iter()
                .filter_map(|tensor| tensor.values.as_ref()?.name.as_deref()),
        );
        let own = own.chain(
            old.node
                .iter()
                .flat_map(|node| node.output.iter().map(String::as_str)),
        );
        let prefix = &call.prefix;
        let names = own
            .filter(|name| !name.is_empty())
            .map(|name| (name, format!("{prefix}graph{number}.{name}")))
            .collect();
        call.names.push(names);
        new.node.clear();
        for node in &old.node {
            new.node.push(self.node(node, call)?);
        }
        let infos = new
            .input
            .iter_mut()
            .chain(&mut new.output)
            .chain(&mut new.value_info);
        let infos = infos.map(|value| &mut value.name);
        let tensors = new.initializer.iter_mut().map(|tensor| &mut tensor.name);
        let sparse = new
            .sparse_initializer
            .iter_mut()
            .filter_map(|tensor| Some(&mut tensor.values.as_mut()?.name));
        for name in infos.chain(tensors).chain(sparse).flatten() {
            *name = self.renamed(name, call)?;
        }
        call.names.pop();
        Ok(())
    }
}
