//! Softmax with a guard against rows without any key: `Where(IsNaN(p), 0, p)` around `p = Softmax(x)`. The
//! guarded values take the place of the softmax's own on the way back, where a row of zeros gets no
//! gradient, so that neither the mask nor the other values are kept.

use super::{Finder, Group};
use crate::onnx::gradient::rules::group;
use crate::onnx::proto::NodeProto;

/// The group that ends in a node, if there is one.
pub(super) fn find(graph: &Finder, node: &NodeProto) -> Option<Group> {
    let [condition, zero, kept] = node.input.as_slice() else {
        return None;
    };
    let result = node.output.first()?;
    let softmax = graph.made_by(kept, "Softmax")?;
    let tested = graph.made_by(condition, "IsNaN")?.input.first()?;
    let same_shape = graph.types.get(kept)?.rank() == graph.types.get(result)?.rank();
    let matches =
        node.op() == "Where" && tested == kept && graph.number(zero) == Some(0.0) && same_shape;
    matches.then(|| Group {
        node: NodeProto {
            output: node.output.clone(),
            ..softmax.clone()
        },
        rule: group::softmax,
    })
}
