//! A power of two is a product with itself, of the same value to the last digit. Engines multiply faster
//! than they raise to powers.

use super::{Finder, Replacement};
use crate::onnx::proto::NodeProto;

/// Every result that is the square of another value.
pub(super) fn find(graph: &Finder) -> Vec<Replacement> {
    let results = graph.graph.node.iter().filter_map(|node| {
        let [x, power] = node.input.as_slice() else {
            return None;
        };
        let result = node.output.first()?;
        let kinds = (graph.types.get(x)?, graph.types.get(result)?);
        let matches = node.op() == "Pow"
            && graph.number(power) == Some(2.0)
            && kinds.0.element.is_float()
            && kinds.0.rank() == kinds.1.rank();
        let found = NodeProto {
            op_type: Some("Mul".into()),
            input: vec![x.clone(), x.clone()],
            ..Default::default()
        };
        matches.then(|| (result.clone(), found))
    });
    results.collect()
}
