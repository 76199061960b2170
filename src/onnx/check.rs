//! What every later step relies on: operator sets, unique names, inputs that exist before they are
//! used (which also rules out cycles), tensors whose data fits. Branches and bodies see the names
//! around them and may hide them.

use std::collections::HashSet;

use super::OnnxError;
use super::proto::{
    AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto,
    SparseTensorProto,
};

/// Graphs within graphs.
pub(super) const DEEPEST: usize = 32;

/// A name for messages; very long ones are cut.
pub(super) fn quoted(name: &str) -> String {
    const LONGEST: usize = 120;
    match name.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", name.get(..end).unwrap_or_default()),
        None => name.to_owned(),
    }
}

/// The domain of an operator; the standard one is empty.
pub(super) fn domain(name: Option<&str>) -> &str {
    match name {
        None | Some("ai.onnx") => "",
        Some(name) => name,
    }
}

/// Checks a model.
///
/// # Errors
/// [`OnnxError::Decode`] for a file without a graph; [`OnnxError::Invalid`], [`OnnxError::Tensor`]
/// and [`OnnxError::External`] otherwise.
pub(super) fn check(model: &ModelProto) -> Result<(), OnnxError> {
    let graph = model
        .graph
        .as_ref()
        .ok_or_else(|| OnnxError::Decode("there is no graph in it".into()))?;
    if graph.node.is_empty() && graph.output.is_empty() {
        return Err(OnnxError::Decode("its graph is empty".into()));
    }
    let domains = imported(&model.opset_import)?;
    let mut scopes = Scopes {
        levels: Vec::new(),
        domains,
        in_function: false,
    };
    scopes.graph(graph)?;
    let mut names = HashSet::with_capacity(model.functions.len());
    for function in &model.functions {
        if function.name.as_deref().unwrap_or("").is_empty() {
            return Err(invalid("a function without a name".into()));
        }
        if !names.insert(identity(function)) {
            return Err(invalid(format!(
                "the function {:?} is there twice",
                quoted(function.name.as_deref().unwrap_or(""))
            )));
        }
        check_function(function)?;
    }
    Ok(())
}

/// Domain, name and overload, which tell functions apart.
pub(super) fn identity(function: &FunctionProto) -> (&str, &str, &str) {
    (
        domain(function.domain.as_deref()),
        function.name.as_deref().unwrap_or(""),
        function.overload.as_deref().unwrap_or(""),
    )
}

fn invalid(reason: String) -> OnnxError {
    OnnxError::Invalid(reason)
}

fn imported(sets: &[OperatorSetIdProto]) -> Result<HashSet<&str>, OnnxError> {
    let mut versions = std::collections::HashMap::with_capacity(sets.len());
    for set in sets {
        let name = domain(set.domain.as_deref());
        let version = set.version.unwrap_or(0);
        if version < 1 {
            return Err(invalid(format!(
                "version {version} of the operators of {:?}",
                quoted(name)
            )));
        }
        if *versions.entry(name).or_insert(version) != version {
            return Err(invalid(format!(
                "two versions of the operators of {:?}",
                quoted(name)
            )));
        }
    }
    Ok(versions.into_keys().collect())
}

fn check_function(function: &FunctionProto) -> Result<(), OnnxError> {
    let label = |error: OnnxError| match error {
        OnnxError::Invalid(reason) => invalid(format!(
            "function {:?}: {reason}",
            quoted(function.name.as_deref().unwrap_or(""))
        )),
        other => other,
    };
    let mut scopes = Scopes {
        levels: Vec::new(),
        domains: imported(&function.opset_import).map_err(label)?,
        in_function: true,
    };
    scopes.function(function).map_err(label)
}

/// Names that can be seen, from the outermost graph to the innermost.
struct Scopes<'a> {
    levels: Vec<HashSet<&'a str>>,
    domains: HashSet<&'a str>,
    in_function: bool,
}

impl<'a> Scopes<'a> {
    fn known(&self, name: &str) -> bool {
        self.levels.iter().rev().any(|level| level.contains(name))
    }

    /// Declares a name in the innermost scope.
    fn declare(&mut self, name: &'a str, what: &str) -> Result<(), OnnxError> {
        if name.is_empty() {
            return Err(invalid(format!("{what} without a name")));
        }
        let fresh = self
            .levels
            .last_mut()
            .is_none_or(|level| level.insert(name));
        if !fresh {
            return Err(invalid(format!(
                "{what} {:?} has a name that is taken",
                quoted(name)
            )));
        }
        Ok(())
    }

    fn open(&mut self, nodes: &[NodeProto], others: usize) -> Result<(), OnnxError> {
        if self.levels.len() > DEEPEST {
            return Err(invalid(format!(
                "more than {DEEPEST} graphs within each other"
            )));
        }
        // Reserved at once, so that it takes no more than was foreseen.
        let outputs: usize = nodes.iter().map(|node| node.output.len()).sum();
        self.levels.push(HashSet::with_capacity(outputs + others));
        Ok(())
    }

    fn graph(&mut self, graph: &'a GraphProto) -> Result<(), OnnxError> {
        let others = graph.initializer.len() + graph.sparse_initializer.len() + graph.input.len();
        self.open(&graph.node, others)?;
        for tensor in &graph.initializer {
            self.declare(tensor.name.as_deref().unwrap_or(""), "the initializer")?;
            tensor.check()?;
        }
        for tensor in &graph.sparse_initializer {
            check_sparse(tensor)?;
            let name = tensor
                .values
                .as_ref()
                .and_then(|values| values.name.as_deref());
            self.declare(name.unwrap_or(""), "the sparse initializer")?;
        }
        // An initializer may be the default of an input.
        let mut inputs = HashSet::with_capacity(graph.input.len());
        for input in &graph.input {
            let name = input.name.as_deref().unwrap_or("");
            if name.is_empty() {
                return Err(invalid("an input without a name".into()));
            }
            if !inputs.insert(name) {
                return Err(invalid(format!(
                    "the input {:?} is there twice",
                    quoted(name)
                )));
            }
            if let Some(level) = self.levels.last_mut() {
                level.insert(name);
            }
        }
        drop(inputs);
        self.nodes(&graph.node)?;
        let level = self.levels.pop().unwrap_or_default();
        for output in &graph.output {
            let name = output.name.as_deref().unwrap_or("");
            if !level.contains(name) {
                return Err(invalid(format!(
                    "nothing makes the output {:?}",
                    quoted(name)
                )));
            }
        }
        Ok(())
    }

    fn function(&mut self, function: &'a FunctionProto) -> Result<(), OnnxError> {
        self.open(&function.node, function.input.len())?;
        for name in &function.input {
            self.declare(name, "the input")?;
        }
        for attribute in &function.attribute_proto {
            self.attribute(attribute)?;
        }
        self.nodes(&function.node)?;
        let level = self.levels.pop().unwrap_or_default();
        for name in &function.output {
            if !level.contains(name.as_str()) {
                return Err(invalid(format!(
                    "nothing makes the output {:?}",
                    quoted(name)
                )));
            }
        }
        Ok(())
    }

    fn nodes(&mut self, nodes: &'a [NodeProto]) -> Result<(), OnnxError> {
        for (number, node) in nodes.iter().enumerate() {
            self.node(node).map_err(|error| match error {
                OnnxError::Invalid(reason) => invalid(format!(
                    "node {number} ({} {:?}) {reason}",
                    quoted(node.op()),
                    quoted(node.name.as_deref().unwrap_or(""))
                )),
                other => other,
            })?;
        }
        Ok(())
    }

    fn node(&mut self, node: &'a NodeProto) -> Result<(), OnnxError> {
        if node.op().is_empty() {
            return Err(invalid("has no operator".into()));
        }
        let set = domain(node.domain.as_deref());
        if !self.domains.contains(set) {
            let set = match set {
                "" => "the standard operators".to_owned(),
                set => format!("the operators of {:?}", quoted(set)),
            };
            return Err(invalid(format!(
                "is one of {set}, of which no version is named"
            )));
        }
        let missing = |name: &&String| !name.is_empty() && !self.known(name);
        if let Some(missing) = node.input.iter().find(missing) {
            return Err(invalid(format!(
                "reads {:?} before it exists",
                quoted(missing)
            )));
        }
        let mut names = HashSet::with_capacity(node.attribute.len());
        for attribute in &node.attribute {
            let name = attribute.name.as_deref().unwrap_or("");
            if name.is_empty() || !names.insert(name) {
                return Err(invalid(format!("has two attributes {:?}", quoted(name))));
            }
            self.attribute(attribute)?;
        }
        for name in node.output.iter().filter(|name| !name.is_empty()) {
            let fresh = self
                .levels
                .last_mut()
                .is_none_or(|level| level.insert(name));
            if !fresh {
                return Err(invalid(format!("makes {:?} a second time", quoted(name))));
            }
        }
        Ok(())
    }

    fn attribute(&mut self, attribute: &'a AttributeProto) -> Result<(), OnnxError> {
        let refers = attribute
            .ref_attr_name
            .as_deref()
            .is_some_and(|name| !name.is_empty());
        if refers && !self.in_function {
            return Err(invalid(format!(
                "has the attribute {:?} of a function, but is in none",
                quoted(attribute.name.as_deref().unwrap_or(""))
            )));
        }
        for tensor in attribute.all_tensors() {
            tensor.check()?;
        }
        for tensor in attribute.all_sparse() {
            check_sparse(tensor)?;
        }
        for graph in attribute.all_graphs() {
            self.graph(graph)?;
        }
        Ok(())
    }
}

fn check_sparse(tensor: &SparseTensorProto) -> Result<(), OnnxError> {
    for part in [&tensor.values, &tensor.indices] {
        part.as_ref()
            .ok_or_else(|| invalid("a sparse tensor without values or places".into()))?
            .check()?;
    }
    if tensor.dims.iter().any(|length| *length < 0) {
        return Err(invalid("a sparse tensor with a negative dimension".into()));
    }
    Ok(())
}
