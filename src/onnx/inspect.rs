//! A summary of a model for people and scripts.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Model;
use super::proto::{TensorProto, ValueInfoProto};

/// What a model is made of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Version of the file format.
    pub ir_version: i64,
    /// Version of the standard operators.
    pub opset: i64,
    /// Tool that made the file.
    pub producer: String,
    /// Inputs with their types.
    pub inputs: Vec<ValueSummary>,
    /// Outputs with their types.
    pub outputs: Vec<ValueSummary>,
    /// Number of nodes.
    pub nodes: usize,
    /// How often each operator occurs.
    pub operators: BTreeMap<String, usize>,
    /// Number of constant tensors.
    pub initializers: usize,
    /// Elements in all of them.
    pub parameters: u64,
}

/// A name and a type, readable.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ValueSummary {
    /// Name.
    pub name: String,
    /// Dimensions: numbers, symbols, or `?`.
    pub shape: Vec<String>,
}

/// Summarises a model.
pub fn summarise(model: &Model) -> Summary {
    let graph = model.graph();
    let mut operators = BTreeMap::new();
    for node in &graph.node {
        *operators.entry(node.op().to_owned()).or_insert(0) += 1;
    }
    let names = model.input_names();
    let is_input =
        |value: &&ValueInfoProto| value.name.as_ref().is_some_and(|name| names.contains(name));
    Summary {
        ir_version: model.proto.ir_version.unwrap_or(0),
        opset: model.opset(),
        producer: model.proto.producer_name.clone().unwrap_or_default(),
        inputs: graph.input.iter().filter(is_input).map(value).collect(),
        outputs: graph.output.iter().map(value).collect(),
        nodes: graph.node.len(),
        operators,
        initializers: graph.initializer.len(),
        parameters: graph.initializer.iter().map(elements).sum(),
    }
}

fn elements(tensor: &TensorProto) -> u64 {
    tensor.dims.iter().fold(1u64, |product, length| {
        product.saturating_mul(u64::try_from(*length).unwrap_or(0))
    })
}

fn value(info: &ValueInfoProto) -> ValueSummary {
    let tensor = info
        .r#type
        .as_ref()
        .and_then(|kind| kind.tensor_type.as_ref());
    let dimensions = tensor
        .and_then(|tensor| tensor.shape.as_ref())
        .map(|shape| shape.dim.as_slice())
        .unwrap_or(&[]);
    ValueSummary {
        name: info.name.clone().unwrap_or_default(),
        shape: dimensions
            .iter()
            .map(
                |dimension| match (dimension.dim_value, &dimension.dim_param) {
                    (Some(length), _) => length.to_string(),
                    (None, Some(symbol)) => symbol.clone(),
                    (None, None) => "?".into(),
                },
            )
            .collect(),
    }
}
