//! A transposition of the last two axes that is written with one leading axis only: a Reshape, a Transpose
//! of three axes and a Reshape back. As one Transpose it can become a part of a matrix product, forward and
//! backward, and nothing asks for shapes.

use super::{Finder, Replacement};
use crate::onnx::proto::{AttributeProto, NodeProto};

/// Every result that is another value with its last two axes swapped.
pub(super) fn find(graph: &Finder) -> Vec<Replacement> {
    let results = graph.graph.node.iter().filter_map(|node| {
        let (result, swapped) = (node.output.first()?, node.input.first()?);
        let swap = graph.made_by(swapped, "Transpose")?;
        let rows = swap.input.first()?;
        let x = graph.made_by(rows, "Reshape")?.input.first()?;
        let dimensions = |name: &str| Some(graph.types.get(name)?.dimensions.as_slice());
        let [.., height, width] = dimensions(x)? else {
            return None;
        };
        let keeps_matrix = matches!(
            dimensions(rows)?,
            [_, h, w] if h.same(height) && w.same(width)
        );
        let leading = dimensions(x)?.len() - 2;
        let mut turned = dimensions(x)?.to_vec();
        turned.swap(leading, leading + 1);
        let mut pairs = turned.iter().zip(dimensions(result)?);
        let fits = turned.len() == dimensions(result)?.len() && pairs.all(|(a, b)| a.same(b));
        let matches =
            node.op() == "Reshape" && swap.ints("perm") == Some(&[0, 2, 1]) && keeps_matrix && fits;
        let mut order: Vec<i64> = (0..turned.len() as i64).collect();
        order.swap(leading, leading + 1);
        let found = NodeProto {
            op_type: Some("Transpose".into()),
            input: vec![x.clone()],
            attribute: vec![AttributeProto::ints("perm", &order)],
            ..Default::default()
        };
        matches.then(|| (result.clone(), found))
    });
    results.collect()
}
