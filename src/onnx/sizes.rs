//! Memory that copies of parts of a model take, so that a copy can be refused before it is made.

use std::mem::size_of;

use super::proto::{
    AttributeProto, GraphProto, NodeProto, StringStringEntryProto, TensorProto, ValueInfoProto,
};

fn text_size(text: &Option<String>) -> usize {
    text.as_ref().map_or(0, String::len)
}

fn pairs_size(pairs: &[StringStringEntryProto]) -> usize {
    pairs
        .iter()
        .map(|pair| {
            size_of::<StringStringEntryProto>() + text_size(&pair.key) + text_size(&pair.value)
        })
        .sum()
}

/// Bytes of memory that a copy of a node takes, names of values aside.
pub(super) fn node_size(node: &NodeProto) -> usize {
    let names = (node.input.len() + node.output.len()) * size_of::<String>();
    let texts = [
        &node.name,
        &node.op_type,
        &node.domain,
        &node.overload,
        &node.doc_string,
    ];
    size_of::<NodeProto>()
        + names
        + texts.into_iter().map(text_size).sum::<usize>()
        + pairs_size(&node.metadata_props)
        + node.attribute.iter().map(attribute_size).sum::<usize>()
}

/// Bytes of memory that a copy of an attribute takes.
pub(super) fn attribute_size(attribute: &AttributeProto) -> usize {
    let tensors = attribute.all_tensors();
    let graphs = attribute.all_graphs();
    let sparse = attribute.all_sparse();
    let sparse = sparse.map(|tensor| {
        let parts = [&tensor.values, &tensor.indices].into_iter().flatten();
        parts.map(|part| tensor_size(part)).sum::<usize>() + 8 * tensor.dims.len() + 64
    });
    size_of::<AttributeProto>()
        + text_size(&attribute.name)
        + text_size(&attribute.doc_string)
        + 8 * attribute.ints.len()
        + 4 * attribute.floats.len()
        + 32 * (attribute.strings.len() + attribute.type_protos.len())
        + tensors.map(tensor_size).sum::<usize>()
        + sparse.sum::<usize>()
        + graphs.map(graph_size).sum::<usize>()
}

/// Large bytes are shared by all copies.
fn tensor_size(tensor: &TensorProto) -> usize {
    size_of::<TensorProto>()
        + 8 * (tensor.dims.len() + tensor.int64_data.len())
        + 8 * (tensor.double_data.len() + tensor.uint64_data.len())
        + 4 * (tensor.float_data.len() + tensor.int32_data.len())
        + 32 * tensor.string_data.len()
        + text_size(&tensor.name)
        + text_size(&tensor.doc_string)
        + pairs_size(&tensor.external_data)
        + pairs_size(&tensor.metadata_props)
}

fn graph_size(graph: &GraphProto) -> usize {
    let infos = graph
        .input
        .iter()
        .chain(&graph.output)
        .chain(&graph.value_info);
    let infos = infos.map(|value| {
        let shape = value
            .r#type
            .as_ref()
            .and_then(|kind| kind.tensor_type.as_ref()?.shape.as_ref());
        let dimensions = shape.map_or(0, |shape| {
            shape
                .dim
                .iter()
                .map(|dim| 80 + text_size(&dim.dim_param) + text_size(&dim.denotation))
                .sum()
        });
        size_of::<ValueInfoProto>()
            + text_size(&value.name)
            + text_size(&value.doc_string)
            + dimensions
    });
    size_of::<GraphProto>()
        + infos.sum::<usize>()
        + graph.initializer.iter().map(tensor_size).sum::<usize>()
        + graph.node.iter().map(node_size).sum::<usize>()
        + pairs_size(&graph.metadata_props)
}
