//! Parts of graphs, each in one line.

use stepdroid::onnx::proto::{
    AttributeProto, DimensionProto, FunctionProto, NodeProto, OperatorSetIdProto,
    StringStringEntryProto, TensorProto, TensorShapeProto, TensorTypeProto, TypeProto,
    ValueInfoProto,
};

/// A domain for operators that no engine knows.
pub const DOMAIN: &str = "test.operators";
/// The data file of [`elsewhere`].
pub const DATA_FILE: &str = "weights/data.bin";

pub fn pair(key: &str, value: &str) -> StringStringEntryProto {
    StringStringEntryProto {
        key: Some(key.into()),
        value: Some(value.into()),
    }
}

pub fn node(
    operator: &str,
    inputs: &[&str],
    outputs: &[&str],
    attribute: Vec<AttributeProto>,
) -> NodeProto {
    NodeProto {
        input: inputs.iter().map(|name| (*name).to_owned()).collect(),
        output: outputs.iter().map(|name| (*name).to_owned()).collect(),
        op_type: Some(operator.into()),
        attribute,
        ..Default::default()
    }
}

pub fn in_domain(mut node: NodeProto, domain: &str) -> NodeProto {
    node.domain = Some(domain.into());
    node
}

pub fn named(name: &str) -> ValueInfoProto {
    ValueInfoProto {
        name: Some(name.into()),
        ..Default::default()
    }
}

pub fn typed(name: &str, element: i32, dims: &[i64]) -> ValueInfoProto {
    let dim = dims.iter().map(|length| DimensionProto {
        dim_value: Some(*length),
        ..Default::default()
    });
    ValueInfoProto {
        r#type: Some(TypeProto {
            tensor_type: Some(TensorTypeProto {
                elem_type: Some(element),
                shape: Some(TensorShapeProto { dim: dim.collect() }),
            }),
            ..Default::default()
        }),
        ..named(name)
    }
}

pub fn set(domain: &str, version: i64) -> OperatorSetIdProto {
    OperatorSetIdProto {
        domain: Some(domain.into()),
        version: Some(version),
    }
}

/// A tensor whose data is in the data file.
pub fn elsewhere(name: &str, dims: &[i64], offset: u64) -> TensorProto {
    let length: i64 = 4 * dims.iter().product::<i64>();
    TensorProto {
        name: Some(name.into()),
        dims: dims.to_vec(),
        data_type: Some(1),
        data_location: Some(1),
        external_data: vec![
            pair("location", DATA_FILE),
            pair("offset", &offset.to_string()),
            pair("length", &length.to_string()),
        ],
        ..Default::default()
    }
}

/// A function of the test domain.
pub fn function(
    name: &str,
    inputs: &[&str],
    outputs: &[&str],
    nodes: Vec<NodeProto>,
) -> FunctionProto {
    FunctionProto {
        name: Some(name.into()),
        domain: Some(DOMAIN.into()),
        input: inputs.iter().map(|name| (*name).to_owned()).collect(),
        output: outputs.iter().map(|name| (*name).to_owned()).collect(),
        node: nodes,
        opset_import: vec![set("", 18), set(DOMAIN, 1)],
        ..Default::default()
    }
}

/// An attribute of a body that stands for one of the function's.
pub fn refers(name: &str, to: &str, kind: i32) -> AttributeProto {
    AttributeProto {
        name: Some(name.into()),
        ref_attr_name: Some(to.into()),
        r#type: Some(kind),
        ..Default::default()
    }
}
