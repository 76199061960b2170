//! The gate `y = x sigmoid(x)`, and its product with another value of the same shape, as in the
//! feed-forward part of decoders.

use super::{Finder, Group};
use crate::onnx::gradient::rules::group;
use crate::onnx::proto::NodeProto;

/// The group that ends in a node, if there is one.
pub(super) fn find(graph: &Finder, node: &NodeProto) -> Option<Group> {
    if let Some((x, gate)) = silu(graph, node) {
        return Some(Group {
            node: NodeProto {
                input: vec![x.to_owned(), gate.to_owned()],
                ..node.clone()
            },
            rule: group::silu,
        });
    }
    let [a, b] = node.input.as_slice() else {
        return None;
    };
    let (x, gate, y, other) = [(a, b), (b, a)].into_iter().find_map(|(y, other)| {
        let (x, gate) = silu(graph, graph.made_by(y, "Mul")?)?;
        Some((x, gate, y.as_str(), other.as_str()))
    })?;
    let result = node.output.first()?;
    let matches = node.op() == "Mul" && graph.same_shape(y, result) && graph.same_shape(other, y);
    matches.then(|| Group {
        node: NodeProto {
            input: [x, gate, y, other].map(str::to_owned).to_vec(),
            ..node.clone()
        },
        rule: group::gated_linear,
    })
}

/// `x` and `sigmoid(x)` for a node that multiplies them.
fn silu<'a>(graph: &Finder<'a>, node: &'a NodeProto) -> Option<(&'a str, &'a str)> {
    let [a, b] = node.input.as_slice() else {
        return None;
    };
    let is_gate_of = |gate: &str, x: &String| {
        let sigmoid = graph.made_by(gate, "Sigmoid");
        sigmoid.is_some_and(|sigmoid| sigmoid.input.first() == Some(x))
    };
    let pairs = [(a, b), (b, a)].into_iter();
    let (x, gate) = pairs
        .filter(|_| node.op() == "Mul")
        .find(|(x, gate)| is_gate_of(gate, x))?;
    Some((x.as_str(), gate.as_str()))
}
