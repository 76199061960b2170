//! RMSNormalization out of basic operators: `x / sqrt(mean(x^2) + epsilon)`. Its forward pass stays, since
//! the larger operator does not hand out the factor that the way back needs.

use super::{Finder, Group};
use crate::onnx::gradient::rules::group;
use crate::onnx::proto::{AttributeProto, NodeProto};

/// The group that ends in a node, if there is one.
pub(super) fn find(graph: &Finder, node: &NodeProto) -> Option<Group> {
    let [a, b] = node.input.as_slice() else {
        return None;
    };
    let (x, size, axes) = match node.op() {
        "Div" => (a, b, deviation(graph, b, a)?),
        "Mul" => [(a, b), (b, a)]
            .into_iter()
            .find_map(|(x, factor)| Some((x, factor, inverse(graph, factor, x)?)))?,
        _ => return None,
    };
    // No constant may have broadcast it to more dimensions.
    let rank = |name: &str| Some(graph.types.get(name)?.rank());
    let matches = rank(x)? == rank(node.output.first()?)?;
    matches.then(|| Group {
        node: NodeProto {
            input: vec![x.clone(), size.clone()],
            attribute: vec![AttributeProto::ints("axes", &axes)],
            ..node.clone()
        },
        rule: group::root_mean_square,
    })
}

/// The axes of the mean, for a value that is one over the deviation of `x`.
fn inverse(graph: &Finder, name: &str, x: &str) -> Option<Vec<i64>> {
    let node = graph.producers.get(name)?;
    match (node.op(), node.input.as_slice()) {
        ("Reciprocal", [size]) => deviation(graph, size, x),
        ("Div", [one, size]) if graph.number(one) == Some(1.0) => deviation(graph, size, x),
        ("Pow", [square, power]) if graph.number(power) == Some(-0.5) => variance(graph, square, x),
        _ => None,
    }
}

/// The same for the deviation of `x`.
fn deviation(graph: &Finder, name: &str, x: &str) -> Option<Vec<i64>> {
    let node = graph.producers.get(name)?;
    match (node.op(), node.input.as_slice()) {
        ("Sqrt", [square]) => variance(graph, square, x),
        ("Pow", [square, power]) if graph.number(power) == Some(0.5) => variance(graph, square, x),
        _ => None,
    }
}

/// The same for its square, `mean(x^2) + epsilon`.
fn variance(graph: &Finder, name: &str, x: &str) -> Option<Vec<i64>> {
    let [a, b] = graph.made_by(name, "Add")?.input.as_slice() else {
        return None;
    };
    let mean = match (graph.number(a), graph.number(b)) {
        (None, Some(_)) => a,
        (Some(_), None) => b,
        _ => return None,
    };
    let mean = graph.made_by(mean, "ReduceMean")?;
    let square = graph.producers.get(mean.input.first()?.as_str())?;
    let squared = match (square.op(), square.input.as_slice()) {
        ("Mul", [a, b]) => a == x && b == x,
        ("Pow", [base, power]) => base == x && graph.number(power) == Some(2.0),
        _ => false,
    };
    let axes = match mean.input.get(1) {
        Some(axes) => graph.integers(axes)?,
        None => mean.ints("axes")?.to_vec(),
    };
    let matches = squared && !axes.is_empty() && mean.int("keepdims", 1) != 0;
    matches.then_some(axes)
}
