//! Types of all values, with the number of dimensions of those that an engine does not follow: an oracle
//! that knows nothing of a shape calls it a single number, which would make wrong gradients.

use std::collections::HashMap;

use crate::onnx::model::value_info;
use crate::onnx::proto::{GraphProto, NodeProto};
use crate::onnx::{Dimension, Model, OnnxError, ShapeOracle, ValueType};

/// Asks the oracle, tells it the ranks that follow from the operators, and asks again while that helps.
pub(super) fn value_types(
    model: &Model,
    oracle: &dyn ShapeOracle,
) -> Result<HashMap<String, ValueType>, OnnxError> {
    let mut types = oracle.value_types(model)?;
    let mut told = model.clone();
    loop {
        let found = missing_ranks(told.graph(), &types);
        if found.is_empty() {
            return Ok(types);
        }
        let graph = told.graph_mut();
        for (name, value) in found {
            graph
                .value_info
                .retain(|info| info.name.as_deref() != Some(&name));
            graph.value_info.push(value_info(&name, &value));
        }
        types = oracle.value_types(&told)?;
    }
}

/// Outputs that are said to be single numbers and were not declared, but must have dimensions.
fn missing_ranks(
    graph: &GraphProto,
    types: &HashMap<String, ValueType>,
) -> Vec<(String, ValueType)> {
    let declared = |name: &str| {
        let mut names = graph.value_info.iter().map(|info| info.name.as_deref());
        names.any(|declared| declared == Some(name))
    };
    let output = |node: &NodeProto| {
        let name = node.output.first()?;
        let (rank, known) = (rank_of(node, types)?, types.get(name)?);
        let missing = rank > 0 && known.dimensions.is_empty() && !declared(name);
        let value = ValueType {
            element: known.element,
            dimensions: vec![Dimension::Unknown; rank],
        };
        missing.then(|| (name.clone(), value))
    };
    graph.node.iter().filter_map(output).collect()
}

/// The rank of an operator's output, for operators whose shapes are not always followed.
fn rank_of(node: &NodeProto, types: &HashMap<String, ValueType>) -> Option<usize> {
    let rank = types.get(node.input.first()?)?.rank();
    match node.op() {
        "MeanVarianceNormalization" => Some(rank),
        operator if operator.starts_with("Reduce") => {
            let axes = node.input.get(1).filter(|axes| !axes.is_empty())?;
            if node.int("keepdims", 1) != 0 {
                return Some(rank);
            }
            match types.get(axes)?.dimensions.as_slice() {
                [Dimension::Fixed(count)] if *count > 0 => rank.checked_sub(*count),
                _ => None,
            }
        }
        _ => None,
    }
}
