//! A summary of a model for people and scripts.

use std::collections::BTreeMap;

use serde::Serialize;

use super::proto::{NodeProto, TensorProto, ValueInfoProto};
use super::{ElementType, Model};

/// What a model is made of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Version of the file format.
    pub ir_version: i64,
    /// Version of the standard operators.
    pub opset: i64,
    /// Versions of the operators of all domains; the standard one is called `ai.onnx`.
    pub domains: BTreeMap<String, i64>,
    /// Tool that made the file.
    pub producer: String,
    /// Inputs with their types.
    pub inputs: Vec<ValueSummary>,
    /// Outputs with their types.
    pub outputs: Vec<ValueSummary>,
    /// Number of nodes.
    pub nodes: usize,
    /// How often each operator occurs; those of other domains with their domain.
    pub operators: BTreeMap<String, usize>,
    /// Names of local functions.
    pub functions: Vec<String>,
    /// Number of constant tensors.
    pub initializers: usize,
    /// Elements in all of them.
    pub parameters: u64,
    /// Bytes in all of them.
    pub bytes: u64,
    /// Files that hold the data of constants, and how many constants.
    pub external: BTreeMap<String, usize>,
    /// The constants, the largest first.
    pub weights: Vec<WeightSummary>,
}

/// A name and a type, readable.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ValueSummary {
    /// Name.
    pub name: String,
    /// Element type; empty when it is not declared.
    pub element: String,
    /// Dimensions: numbers, symbols, or `?`; none when not even their number is declared.
    pub shape: Vec<String>,
}

/// A constant tensor.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WeightSummary {
    /// Name.
    pub name: String,
    /// Element type.
    pub element: String,
    /// Shape.
    pub shape: Vec<i64>,
    /// Number of elements.
    pub elements: u64,
}

/// Summarises a model.
pub fn summarise(model: &Model) -> Summary {
    let graph = model.graph();
    let mut operators = BTreeMap::new();
    for node in &graph.node {
        *operators.entry(operator(node)).or_insert(0) += 1;
    }
    let names = model.input_names();
    let is_input =
        |value: &&ValueInfoProto| value.name.as_ref().is_some_and(|name| names.contains(name));
    let domains = model.proto.opset_import.iter().map(|set| {
        let domain = set.domain.as_deref().filter(|domain| !domain.is_empty());
        let domain = domain.unwrap_or("ai.onnx").to_owned();
        (domain, set.version.unwrap_or(0))
    });
    let functions = model.proto.functions.iter();
    let mut external = BTreeMap::new();
    for tensor in &graph.initializer {
        let mut notes = tensor.external_data.iter();
        let location = notes.find(|note| note.key.as_deref() == Some("location"));
        if let Some(location) = location.and_then(|note| note.value.clone()) {
            *external.entry(location).or_insert(0) += 1;
        }
    }
    let mut weights: Vec<WeightSummary> = graph.initializer.iter().map(weight).collect();
    weights.sort_by(|a, b| b.elements.cmp(&a.elements).then(a.name.cmp(&b.name)));
    Summary {
        ir_version: model.proto.ir_version.unwrap_or(0),
        opset: model.opset(),
        domains: domains.collect(),
        producer: model.proto.producer_name.clone().unwrap_or_default(),
        inputs: graph.input.iter().filter(is_input).map(value).collect(),
        outputs: graph.output.iter().map(value).collect(),
        nodes: graph.node.len(),
        operators,
        functions: functions
            .map(|function| function.name.clone().unwrap_or_default())
            .collect(),
        initializers: graph.initializer.len(),
        parameters: weights.iter().map(|weight| weight.elements).sum(),
        bytes: graph.initializer.iter().map(bytes).sum(),
        external,
        weights,
    }
}

/// The operator of a node, with its domain where it is not the standard one.
pub fn operator(node: &NodeProto) -> String {
    match node.domain.as_deref() {
        None | Some("" | "ai.onnx") => node.op().to_owned(),
        Some(domain) => format!("{domain}.{}", node.op()),
    }
}

/// The usual short name of an element type, such as `f32`, also of those that are only passed on.
pub fn element_name(element: ElementType) -> String {
    let name = match element.code() {
        4 => "u16",
        5 => "i16",
        8 => "text",
        12 => "u32",
        13 => "u64",
        21 => "u4",
        22 => "i4",
        _ => return element.to_string(),
    };
    name.to_owned()
}

fn elements(tensor: &TensorProto) -> u64 {
    tensor.dims.iter().fold(1u64, |product, length| {
        product.saturating_mul(u64::try_from(*length).unwrap_or(0))
    })
}

fn bytes(tensor: &TensorProto) -> u64 {
    let element = ElementType::from_code(tensor.data_type.unwrap_or(0));
    let count = elements(tensor);
    match (element.size(), element.code()) {
        (Some(size), _) => count.saturating_mul(size as u64),
        (None, 21 | 22) => count.div_ceil(2),
        (None, _) => 0,
    }
}

fn weight(tensor: &TensorProto) -> WeightSummary {
    WeightSummary {
        name: tensor.name.clone().unwrap_or_default(),
        element: element_name(ElementType::from_code(tensor.data_type.unwrap_or(0))),
        shape: tensor.dims.clone(),
        elements: elements(tensor),
    }
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
    let element = tensor.and_then(|tensor| tensor.elem_type);
    ValueSummary {
        name: info.name.clone().unwrap_or_default(),
        element: element
            .map(|code| element_name(ElementType::from_code(code)))
            .unwrap_or_default(),
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
