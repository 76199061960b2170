//! The names around weights, and the search in them.

use std::collections::{HashMap, HashSet};

use regex::Regex;

use super::{Place, Why};
use crate::onnx::OnnxError;
use crate::onnx::proto::{GraphProto, NodeProto};

/// How many near names an error lists.
const NEAR_NAMES: usize = 5;

/// Nodes that give a constant another form, and no more.
const FORMS: [&str; 7] = [
    "Identity",
    "Cast",
    "Transpose",
    "Reshape",
    "Squeeze",
    "Unsqueeze",
    "Flatten",
];

/// Who reads what, for one graph.
pub(super) struct Surroundings<'a> {
    graph: &'a GraphProto,
    readers: HashMap<&'a str, Vec<usize>>,
    constants: HashSet<&'a str>,
    /// What nodes make of constants only.
    derived: HashSet<&'a str>,
}

impl<'a> Surroundings<'a> {
    /// Reads a graph.
    pub fn of(graph: &'a GraphProto) -> Surroundings<'a> {
        let mut readers: HashMap<&str, Vec<usize>> = HashMap::new();
        for (position, node) in graph.node.iter().enumerate() {
            for name in node.input.iter().filter(|name| !name.is_empty()) {
                readers.entry(name).or_default().push(position);
            }
        }
        let initializers = graph.initializer.iter();
        let constants = initializers.filter_map(|tensor| tensor.name.as_deref());
        let constants: HashSet<&str> = constants.collect();
        let mut derived: HashSet<&str> = HashSet::new();
        for node in graph.node.iter().filter(|node| !node.input.is_empty()) {
            let known = |name: &String| {
                name.is_empty()
                    || constants.contains(name.as_str())
                    || derived.contains(name.as_str())
            };
            if node.input.iter().all(known) {
                derived.extend(node.output.iter().map(String::as_str));
            }
        }
        Surroundings {
            graph,
            readers,
            constants,
            derived,
        }
    }

    /// The nodes that read a value.
    pub fn readers(&self, name: &str) -> impl Iterator<Item = &'a NodeProto> {
        let positions = self.readers.get(name).map_or(&[][..], Vec::as_slice);
        positions
            .iter()
            .filter_map(|position| self.graph.node.get(*position))
    }

    /// What stands around the nodes that use an initializer as a weight.
    pub fn of_weight(&self, name: &'a str) -> impl Iterator<Item = (Place, &'a str)> {
        let mut found = Vec::new();
        self.follow(name, 0, &mut found);
        found.into_iter()
    }

    fn follow(&self, name: &str, depth: usize, found: &mut Vec<(Place, &'a str)>) {
        // Deeper chains of forms than this are made, not exported.
        if depth > 8 {
            return;
        }
        for node in self.readers(name) {
            let position = node.input.iter().position(|input| input == name);
            if FORMS.contains(&node.op()) && position == Some(0) {
                if let Some(output) = node.output.first() {
                    self.follow(output, depth + 1, found);
                }
            } else if position.is_some_and(|position| takes_weight(node, position))
                // What scales or shifts a constant is part of its form.
                && !node.output.iter().any(|output| self.derived.contains(output.as_str()))
            {
                found.extend(self.of_node(node));
            }
        }
    }

    /// What stands around a node: its name, the notes on it, and the bias that is added to its output.
    pub fn of_node(&self, node: &'a NodeProto) -> Vec<(Place, &'a str)> {
        let mut found = Vec::new();
        if let Some(name) = node.name.as_deref().filter(|name| !name.is_empty()) {
            found.push((Place::Node, name));
        }
        found.extend(node.metadata_props.iter().filter_map(|note| {
            let key = note.key.clone().unwrap_or_default();
            Some((Place::Metadata(key), note.value.as_deref()?))
        }));
        found.extend(self.bias(node).map(|bias| (Place::Bias, bias)));
        found
    }

    /// The bias of a matrix product: its own, or the one that the next node adds.
    pub fn bias(&self, node: &'a NodeProto) -> Option<&'a str> {
        let own = match node.op() {
            "Gemm" | "Conv" | "ConvTranspose" => node.input.get(2),
            "MatMulNBits" => node.input.get(5),
            _ => None,
        };
        if let Some(own) = own.filter(|own| self.constants.contains(own.as_str())) {
            return Some(own);
        }
        let output = node.output.first()?;
        let add = self.readers(output).find(|reader| reader.op() == "Add")?;
        let mut others = add.input.iter().filter(|input| *input != output);
        others
            .find(|input| self.constants.contains(input.as_str()))
            .map(String::as_str)
    }

    /// What a person would call an initializer, besides its own name.
    pub fn readable(&self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.of_weight(name)
            .filter(|(place, _)| matches!(place, Place::Bias | Place::Node))
            .map(|(_, text)| text)
    }
}

/// Whether an operator has a weight at this input.
fn takes_weight(node: &NodeProto, position: usize) -> bool {
    match node.op() {
        "MatMul" | "Einsum" | "Add" | "Sub" | "Mul" | "Div" => true,
        "Gemm" | "Conv" | "ConvTranspose" => position > 0,
        "Gather" => position == 0,
        "LayerNormalization"
        | "GroupNormalization"
        | "InstanceNormalization"
        | "RMSNormalization"
        | "SimplifiedLayerNormalization"
        | "SkipLayerNormalization"
        | "SkipSimplifiedLayerNormalization"
        | "PRelu"
        | "LSTM"
        | "GRU"
        | "RNN" => position > 0,
        // The other two are running statistics.
        "BatchNormalization" => matches!(position, 1 | 2),
        _ => false,
    }
}

/// Regular expressions from patterns.
pub(super) fn compile(patterns: &[&str]) -> Result<Vec<Regex>, OnnxError> {
    let compiled = patterns.iter().map(|pattern| {
        Regex::new(pattern).map_err(|error| OnnxError::Pattern {
            pattern: (*pattern).to_owned(),
            // The whole text draws the place under the pattern; its last line says what is wrong.
            reason: format!(
                "not a regular expression ({})",
                error
                    .to_string()
                    .lines()
                    .last()
                    .unwrap_or("")
                    .trim_start_matches("error: ")
            ),
        })
    });
    compiled.collect()
}

/// The first place where an expression matches.
pub(super) fn find<'a>(
    expression: &Regex,
    mut places: impl Iterator<Item = (Place, &'a str)>,
) -> Option<Why> {
    places
        .find(|(_, text)| expression.is_match(text))
        .map(|(place, text)| Why {
            pattern: expression.as_str().to_owned(),
            place,
            text: text.to_owned(),
        })
}

/// An error for the first pattern that matched nothing.
pub(super) fn all_used(
    patterns: &[&str],
    used: &[bool],
    what: &str,
    names: impl FnOnce() -> Vec<String>,
) -> Result<(), OnnxError> {
    let Some((pattern, _)) = patterns.iter().zip(used).find(|(_, used)| !**used) else {
        return Ok(());
    };
    let mut names = names();
    names.sort();
    names.dedup();
    let nearness = |name: &String| strsim::jaro_winkler(pattern, name);
    names.sort_by(|a, b| nearness(b).total_cmp(&nearness(a)));
    let more = names.len().saturating_sub(NEAR_NAMES);
    names.truncate(NEAR_NAMES);
    let reason = if names.is_empty() {
        format!("there is no {what} to choose in this graph")
    } else {
        let rest = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        format!("matches no {what}; nearest are {}{rest}", names.join(", "))
    };
    Err(OnnxError::Pattern {
        pattern: (*pattern).to_owned(),
        reason,
    })
}
