//! LayerNormalization out of basic operators, as written before there was an operator for it:
//! `(x - mean) / sqrt(mean((x - mean)^2) + epsilon) * scale + bias` over the last dimension.

use super::{Finder, Replacement};
use crate::onnx::Dimension;
use crate::onnx::proto::{AttributeProto, NodeProto};

/// Every result that is a LayerNormalization of another value.
pub(super) fn find(graph: &Finder) -> Vec<Replacement> {
    let results = graph.graph.node.iter().filter_map(|node| {
        let (x, epsilon) = match node.op() {
            "Div" => divided(graph, node)?,
            _ => return None,
        };
        let normalised = node.output.first()?;
        let (scaled, scale) = with_list(graph, normalised, x, "Mul")?;
        let mut input = vec![x.to_owned(), scale.to_owned()];
        let mut result = scaled;
        if let Some((shifted, bias)) = with_list(graph, scaled, x, "Add") {
            input.push(bias.to_owned());
            result = shifted;
        }
        let found = NodeProto {
            op_type: Some("LayerNormalization".into()),
            input,
            attribute: vec![
                AttributeProto::int("axis", -1),
                AttributeProto::float("epsilon", epsilon as f32),
            ],
            ..Default::default()
        };
        Some((result.to_owned(), found))
    });
    results.collect()
}

/// The input and epsilon of a centred value that is divided by its deviation.
fn divided<'a>(graph: &Finder<'a>, node: &'a NodeProto) -> Option<(&'a str, f64)> {
    let [centred, deviation] = node.input.as_slice() else {
        return None;
    };
    let x = centred_of(graph, centred)?;
    let shifted = graph.made_by(deviation, "Sqrt")?.input.first()?;
    let [a, b] = graph.made_by(shifted, "Add")?.input.as_slice() else {
        return None;
    };
    let (variance, epsilon) = match (graph.number(a), graph.number(b)) {
        (Some(epsilon), None) => (b, epsilon),
        (None, Some(epsilon)) => (a, epsilon),
        _ => return None,
    };
    let square = mean_of(graph, variance)?;
    let same = |name: &str| centred_of(graph, name) == Some(x);
    let squared = match graph.producers.get(square)?.input.as_slice() {
        [base, exponent] if graph.made_by(square, "Pow").is_some() => {
            same(base) && graph.number(exponent) == Some(2.0)
        }
        [a, b] if graph.made_by(square, "Mul").is_some() => same(a) && same(b),
        _ => false,
    };
    squared.then_some((x, epsilon))
}

/// `x` for a value that is `x - mean(x)`.
fn centred_of<'a>(graph: &Finder<'a>, name: &str) -> Option<&'a str> {
    let [x, mean] = graph.made_by(name, "Sub")?.input.as_slice() else {
        return None;
    };
    (mean_of(graph, mean)? == x).then_some(x)
}

/// What a value is the mean of over the last dimension, which is kept.
fn mean_of<'a>(graph: &Finder<'a>, name: &str) -> Option<&'a str> {
    let node = graph.made_by(name, "ReduceMean")?;
    let x = node.input.first()?;
    let last = graph.types.get(x)?.rank() as i64 - 1;
    let axes = match node.input.get(1) {
        Some(axes) => graph.integers(axes)?,
        None => node.ints("axes")?.to_vec(),
    };
    let is_last = matches!(axes.as_slice(), [axis] if *axis == -1 || *axis == last);
    (is_last && last >= 0 && node.int("keepdims", 1) != 0).then_some(x)
}

/// The result of an operator on a value and a list as long as its last dimension, and that list.
fn with_list<'a>(
    graph: &Finder<'a>,
    name: &str,
    x: &str,
    operator: &str,
) -> Option<(&'a str, &'a str)> {
    graph.consumers.get(name)?.iter().find_map(|node| {
        let [a, b] = node.input.as_slice() else {
            return None;
        };
        let list = if a == name { b } else { a };
        let lengths = &graph.types.get(list)?.dimensions;
        let result = node.output.first()?;
        let fits = matches!(lengths.as_slice(), [Dimension::Fixed(length)] if *length > 1)
            && node.op() == operator
            && list != name
            && graph.alike(x, result);
        fits.then_some((result.as_str(), list.as_str()))
    })
}
