//! What differs between two models: their structure, and their weights.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::inspect::{ValueSummary, summarise};
use super::proto::TensorProto;
use super::{Model, OnnxError, precision};

/// Everything that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// Whether nothing does.
    pub equal: bool,
    /// Facts about the graphs that differ: what, and what the two have.
    pub structure: Vec<Fact>,
    /// Weights that only the first has.
    pub only_first: Vec<String>,
    /// Weights that only the second has.
    pub only_second: Vec<String>,
    /// Weights of another shape or element type.
    pub reshaped: Vec<Fact>,
    /// Weights with other elements, the largest relative change first.
    pub changed: Vec<Change>,
    /// Number of weights that are equal.
    pub same: usize,
}

/// Something that the two models have differently.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fact {
    /// What.
    pub what: String,
    /// In the first; empty when it has none.
    pub first: String,
    /// In the second.
    pub second: String,
}

/// How far a weight moved from the first to the second.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// Its name.
    pub name: String,
    /// Elements in all.
    pub elements: usize,
    /// Elements that differ.
    pub changed: usize,
    /// Largest change of an element; none for elements that are no floats.
    pub largest: Option<f64>,
    /// Length of the change as a vector.
    pub length: Option<f64>,
    /// The same, relative to the length of the first.
    pub relative: Option<f64>,
}

/// Compares two models. Names and data count, the order of weights does not.
///
/// # Errors
/// [`OnnxError::Tensor`] for weights that can't be read.
pub fn compare(first: &Model, second: &Model) -> Result<Difference, OnnxError> {
    let structure = structure(first, second);
    let (left, right) = (&first.graph().initializer, &second.graph().initializer);
    let mut others: HashMap<&str, &TensorProto> = right
        .iter()
        .map(|tensor| (tensor.name.as_deref().unwrap_or(""), tensor))
        .collect();
    let mut difference = Difference {
        equal: false,
        structure,
        only_first: Vec::new(),
        only_second: Vec::new(),
        reshaped: Vec::new(),
        changed: Vec::new(),
        same: 0,
    };
    for tensor in left {
        let name = tensor.name.as_deref().unwrap_or("");
        let Some(other) = others.remove(name) else {
            difference.only_first.push(name.to_owned());
            continue;
        };
        if tensor.dims != other.dims || tensor.data_type != other.data_type {
            difference.reshaped.push(Fact {
                what: name.to_owned(),
                first: described(tensor),
                second: described(other),
            });
        } else if let Some(change) = change(name, tensor, other)? {
            difference.changed.push(change);
        } else {
            difference.same += 1;
        }
    }
    let mut rest: Vec<String> = others.keys().map(|name| (*name).to_owned()).collect();
    rest.sort();
    difference.only_second = rest;
    let relative = |change: &Change| change.relative.unwrap_or(f64::INFINITY);
    difference
        .changed
        .sort_by(|a, b| relative(b).total_cmp(&relative(a)));
    difference.equal = difference.structure.is_empty()
        && difference.only_first.is_empty()
        && difference.only_second.is_empty()
        && difference.reshaped.is_empty()
        && difference.changed.is_empty();
    Ok(difference)
}

fn structure(first: &Model, second: &Model) -> Vec<Fact> {
    let (left, right) = (summarise(first), summarise(second));
    let mut facts = Vec::new();
    let mut fact = |what: &str, first: String, second: String| {
        if first != second {
            facts.push(Fact {
                what: what.to_owned(),
                first,
                second,
            });
        }
    };
    let number = |count: Option<&usize>| count.map_or_else(String::new, ToString::to_string);
    fact("nodes", left.nodes.to_string(), right.nodes.to_string());
    for operator in keys(&left.operators, &right.operators) {
        fact(
            &format!("operator {operator}"),
            number(left.operators.get(operator)),
            number(right.operators.get(operator)),
        );
    }
    for domain in keys(&left.domains, &right.domains) {
        let version = |found: Option<&i64>| found.map_or_else(String::new, ToString::to_string);
        fact(
            &format!("operators of {domain}"),
            version(left.domains.get(domain)),
            version(right.domains.get(domain)),
        );
    }
    fact(
        "functions",
        left.functions.join(", "),
        right.functions.join(", "),
    );
    for (what, left, right) in [
        ("input", &left.inputs, &right.inputs),
        ("output", &left.outputs, &right.outputs),
    ] {
        let (left, right) = (typed(left), typed(right));
        for name in keys(&left, &right) {
            let kind = |found: Option<&String>| found.cloned().unwrap_or_default();
            fact(
                &format!("{what} {name}"),
                kind(left.get(name)),
                kind(right.get(name)),
            );
        }
    }
    // The same operators may still be wired in another way.
    if facts.is_empty() && first.graph().node != second.graph().node {
        let nodes = first.graph().node.iter().zip(&second.graph().node);
        let differing = nodes.filter(|(a, b)| a != b);
        let named: Vec<(String, String)> = differing
            .map(|(a, b)| {
                let name = |node: &super::proto::NodeProto| node.name.clone().unwrap_or_default();
                (name(a), name(b))
            })
            .collect();
        if let Some((first, second)) = named.first() {
            facts.push(Fact {
                what: format!("{} nodes, the first", named.len()),
                first: first.clone(),
                second: second.clone(),
            });
        }
    }
    facts
}

fn keys<'a, T>(left: &'a BTreeMap<String, T>, right: &'a BTreeMap<String, T>) -> Vec<&'a String> {
    let mut keys: Vec<&String> = left.keys().chain(right.keys()).collect();
    keys.sort();
    keys.dedup();
    keys
}

fn typed(values: &[ValueSummary]) -> BTreeMap<String, String> {
    let values = values.iter();
    values
        .map(|value| {
            let kind = format!("{} [{}]", value.element, value.shape.join(", "));
            (value.name.clone(), kind)
        })
        .collect()
}

fn described(tensor: &TensorProto) -> String {
    let element = super::ElementType::from_code(tensor.data_type.unwrap_or(0));
    format!(
        "{} {:?}",
        super::inspect::element_name(element),
        tensor.dims
    )
}

/// How one weight changed; none when it did not. Two numbers that are none count as equal when their
/// bits are.
fn change(
    name: &str,
    first: &TensorProto,
    second: &TensorProto,
) -> Result<Option<Change>, OnnxError> {
    let same = match (first.packed(), second.packed()) {
        (Ok(first), Ok(second)) => first == second,
        _ => content(first) == content(second),
    };
    if same {
        return Ok(None);
    }
    let (Some(left), Some(right)) = (precision::floats(first)?, precision::floats(second)?) else {
        let (left, right) = (content(first), content(second));
        let changed = left.iter().zip(&right).filter(|(a, b)| a != b).count();
        return Ok(Some(Change {
            name: name.to_owned(),
            elements: left.len(),
            changed: changed.max(left.len().abs_diff(right.len())),
            largest: None,
            length: None,
            relative: None,
        }));
    };
    let mut change = Change {
        name: name.to_owned(),
        elements: left.len(),
        changed: 0,
        largest: None,
        length: None,
        relative: None,
    };
    let (mut largest, mut squares, mut length) = (0.0_f64, 0.0, 0.0);
    for (a, b) in left.iter().zip(&right) {
        length += a * a;
        if a.to_bits() == b.to_bits() || a == b {
            continue;
        }
        change.changed += 1;
        let moved = (b - a).abs();
        // What is no number must not be hidden by a larger one that is.
        if largest.is_nan() || moved.is_nan() {
            largest = f64::NAN;
        } else {
            largest = largest.max(moved);
        }
        squares += moved * moved;
    }
    if change.changed == 0 {
        return Ok(None);
    }
    change.largest = Some(largest);
    change.length = Some(squares.sqrt());
    change.relative = Some(squares.sqrt() / length.sqrt());
    Ok(Some(change))
}

/// The elements of a tensor as bytes, one piece each; texts, and where data lies that is not at hand,
/// as they are.
fn content(tensor: &TensorProto) -> Vec<Vec<u8>> {
    if let Ok(bytes) = tensor.packed() {
        let size = super::ElementType::from_code(tensor.data_type.unwrap_or(0)).size();
        return bytes
            .chunks(size.unwrap_or(1))
            .map(<[u8]>::to_vec)
            .collect();
    }
    let notes = tensor.external_data.iter().map(|note| {
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        format!("{}={}", text(&note.key), text(&note.value)).into_bytes()
    });
    let texts = tensor.string_data.iter().map(|text| text.to_vec());
    notes.chain(texts).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::{Dimension, ElementType, GraphBuilder, Tensor};

    fn model(weight: &Tensor, extra: bool, operator: &str) -> Model {
        let mut builder = GraphBuilder::new("model");
        let x = builder.input("x", ElementType::F32, &[Dimension::Symbol("batch".into())]);
        let w = builder.initializer("w", weight);
        builder.initializer("count", &Tensor::i64(&[1], [3]));
        if extra {
            builder.initializer("extra", &Tensor::scalar(1.0));
        }
        let y = builder.named_node(operator, &[&x, &w], Vec::new(), "y");
        builder.output(&y, ElementType::F32, None);
        builder.finish().unwrap()
    }

    fn of(values: &[f32]) -> Tensor {
        Tensor::f32(&[values.len()], values)
    }

    #[test]
    fn weights_are_compared_by_name() {
        let first = model(&of(&[3.0, 4.0]), false, "Add");
        let second = model(&of(&[3.0, 5.0]), true, "Add");
        let found = compare(&first, &second).unwrap();
        assert!(!found.equal);
        assert_eq!(found.only_second, ["extra"]);
        assert_eq!((found.same, found.structure.len()), (1, 0));
        let change = &found.changed[0];
        assert_eq!((change.elements, change.changed), (2, 1));
        assert_eq!(
            (change.largest, change.length, change.relative),
            (Some(1.0), Some(1.0), Some(0.2))
        );
        assert_eq!(compare(&second, &first).unwrap().only_first, ["extra"]);
        assert!(compare(&first, &first).unwrap().equal);
    }

    #[test]
    fn other_shapes_operators_and_numbers_that_are_none_are_seen() {
        let first = model(&of(&[3.0, 4.0]), false, "Add");
        let found = compare(&first, &model(&of(&[3.0]), false, "Mul")).unwrap();
        assert_eq!(found.reshaped[0].first, "f32 [2]");
        assert_eq!(found.reshaped[0].second, "f32 [1]");
        let facts: Vec<&str> = found
            .structure
            .iter()
            .map(|fact| fact.what.as_str())
            .collect();
        assert_eq!(facts, ["operator Add", "operator Mul"]);
        let found = compare(&first, &model(&of(&[f32::NAN, 9.0]), false, "Add")).unwrap();
        assert!(found.changed[0].largest.is_some_and(f64::is_nan));
        let mut rewired = first.clone();
        rewired.graph_mut().node[0].input.swap(0, 1);
        let found = compare(&first, &rewired).unwrap();
        assert!(!found.equal && found.structure[0].what.contains("1 nodes"));
    }

    #[test]
    fn the_way_numbers_are_stored_is_no_difference() {
        let first = model(&of(&[3.0, 4.0]), false, "Add");
        let mut second = first.clone();
        let tensor = &mut second.graph_mut().initializer[0];
        tensor.raw_data = None;
        tensor.float_data = vec![3.0, 4.0];
        assert!(compare(&first, &second).unwrap().equal);
    }
}
