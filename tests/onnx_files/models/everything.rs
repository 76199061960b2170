//! A model with every field of the schema.

use bytes::Bytes;
use stepdroid::onnx::proto::{
    AttributeProto, GraphProto, SparseTensorProto, TensorProto, TypeProto, ValueInfoProto,
};
use stepdroid::onnx::{Dimension, ElementType, GraphBuilder, Model, Tensor};

use super::parts::{DOMAIN, named, node, pair, typed};

/// One tensor of every element type, with its data in the field where old tools put it, and one with
/// raw bytes.
fn tensors() -> Vec<TensorProto> {
    let mut made = Vec::new();
    for kind in 1..=28 {
        let name = |how: &str| Some(format!("{how}.{kind}"));
        let plain = TensorProto {
            dims: vec![3],
            data_type: Some(kind),
            ..Default::default()
        };
        let field = TensorProto {
            name: name("field"),
            ..plain.clone()
        };
        made.push(match kind {
            1 => TensorProto {
                float_data: vec![0.5, f32::NAN, -0.0],
                ..field
            },
            8 => TensorProto {
                string_data: vec![
                    Bytes::from_static(b"a"),
                    Bytes::new(),
                    Bytes::from_static(&[0xff, 0]),
                ],
                ..field
            },
            7 => TensorProto {
                int64_data: vec![1, i64::MIN, -1],
                ..field
            },
            11 => TensorProto {
                double_data: vec![0.1, f64::INFINITY, 2.0],
                ..field
            },
            12 | 13 => TensorProto {
                uint64_data: vec![1, 2, u64::from(u32::MAX)],
                ..field
            },
            14 => TensorProto {
                float_data: vec![1.0; 6],
                ..field
            },
            15 => TensorProto {
                double_data: vec![1.0; 6],
                ..field
            },
            21..=23 => TensorProto {
                int32_data: vec![0x21, 0x03],
                ..field
            },
            25 | 26 => TensorProto {
                int32_data: vec![0x1b],
                ..field
            },
            _ => TensorProto {
                int32_data: vec![1, 0, 1],
                ..field
            },
        });
        let bytes = match kind {
            2 | 3 | 9 | 17..=20 | 24 => 3,
            4 | 5 | 10 | 16 => 6,
            1 | 6 | 12 => 12,
            7 | 11 | 13 | 14 => 24,
            15 => 48,
            21..=23 => 2,
            25 | 26 => 1,
            27 | 28 => 3,
            _ => continue,
        };
        let raw: Vec<u8> = (0..bytes).map(|byte| (byte % 2) as u8).collect();
        made.push(TensorProto {
            name: name("raw"),
            raw_data: Some(raw.into()),
            doc_string: Some("raw".into()),
            metadata_props: vec![pair("quantised", "no")],
            ..plain
        });
    }
    made
}

fn sparse(name: &str) -> SparseTensorProto {
    SparseTensorProto {
        values: Some(Box::new(Tensor::f32(&[2], [1.0, 2.0]).to_proto(name))),
        indices: Some(Box::new(Tensor::i64(&[2], [0, 3]).to_proto(""))),
        dims: vec![5],
    }
}

/// Every field of the schema, every kind of attribute, every element type.
pub fn everything() -> Model {
    let attribute = |name: &str, kind: i32| AttributeProto {
        name: Some(name.into()),
        r#type: Some(kind),
        doc_string: Some("what it is".into()),
        ..Default::default()
    };
    let inner = GraphProto {
        node: vec![node("Identity", &["x"], &["inner"], vec![])],
        name: Some("inner".into()),
        output: vec![named("inner")],
        ..Default::default()
    };
    let some_type = Bytes::from_static(&[0x0a, 0x02, 0x08, 0x01]);
    let attributes = vec![
        AttributeProto::float("f", 0.5),
        AttributeProto::int("i", -7),
        AttributeProto::text("s", "text"),
        AttributeProto::tensor("t", Tensor::f32(&[2], [1.0, 2.0]).to_proto("t")),
        AttributeProto::graph("g", inner.clone()),
        AttributeProto {
            floats: vec![1.0, 2.0],
            ..attribute("floats", 6)
        },
        AttributeProto::ints("ints", &[1, -1, i64::MAX]),
        AttributeProto {
            strings: vec![Bytes::from_static(b"a"), Bytes::new()],
            ..attribute("strings", 8)
        },
        AttributeProto {
            tensors: tensors(),
            ..attribute("tensors", 9)
        },
        AttributeProto {
            graphs: vec![inner.clone(), inner],
            ..attribute("graphs", 10)
        },
        AttributeProto {
            sparse_tensor: Some(Box::new(sparse("s"))),
            ..attribute("sparse", 11)
        },
        AttributeProto {
            sparse_tensors: vec![sparse("a"), sparse("b")],
            ..attribute("sparses", 12)
        },
        AttributeProto {
            tp: Some(some_type.clone()),
            ..attribute("tp", 13)
        },
        AttributeProto {
            type_protos: vec![some_type.clone(), some_type],
            ..attribute("types", 14)
        },
    ];
    let mut builder = GraphBuilder::new("everything");
    let x = builder.input(
        "x",
        ElementType::F32,
        &[Dimension::Symbol("batch".into()), Dimension::Fixed(2)],
    );
    let y = builder.node("Relu", &[&x], Vec::new());
    let z = builder.node("Everything", &[&y], attributes);
    builder.output(&y, ElementType::F32, None);
    builder.untyped_output(z.name());
    builder.set_opset(DOMAIN, 1);
    let mut model = builder.finish().unwrap();
    let graph = model.graph_mut();
    if let Some(node) = graph.node.last_mut() {
        node.domain = Some(DOMAIN.into());
        node.overload = Some("one".into());
        node.doc_string = Some("all of it".into());
        node.metadata_props = vec![pair("a", "b"), pair("", "")];
        node.device_configurations = vec![Bytes::from_static(&[0x0a, 0x01, b'd'])];
    }
    graph.initializer = tensors();
    graph.sparse_initializer = vec![sparse("sparse")];
    graph.quantization_annotation = vec![Bytes::from_static(&[0x0a, 0x01, b'x'])];
    graph.metadata_props = vec![pair("graph", "props")];
    graph.doc_string = Some("a graph".into());
    let mut info = typed(y.name(), 1, &[-1, 2]);
    info.metadata_props = vec![pair("value", "props")];
    info.doc_string = Some("a value".into());
    if let Some(kind) = &mut info.r#type {
        kind.denotation = Some("IMAGE".into());
        let shape = kind
            .tensor_type
            .as_mut()
            .and_then(|tensor| tensor.shape.as_mut());
        for dim in shape.into_iter().flat_map(|shape| &mut shape.dim) {
            dim.denotation = Some("DATA_BATCH".into());
        }
    }
    graph.value_info = vec![info];
    for (number, field) in [4u8, 5, 7, 8, 9].into_iter().enumerate() {
        let bytes = Some(vec![0x08, 0x01]);
        let mut kind = TypeProto::default();
        match field {
            4 => kind.sequence_type = bytes,
            5 => kind.map_type = bytes,
            7 => kind.opaque_type = Some(vec![0x0a, 0x01, b'o']),
            8 => kind.sparse_tensor_type = bytes,
            _ => kind.optional_type = bytes,
        }
        graph.value_info.push(ValueInfoProto {
            r#type: Some(kind),
            ..named(&format!("other{number}"))
        });
    }
    let proto = &mut model.proto;
    proto.domain = Some("models".into());
    proto.model_version = Some(3);
    proto.doc_string = Some("everything".into());
    proto.metadata_props = vec![pair("model", "props")];
    proto.training_info = vec![Bytes::from_static(&[0x1a, 0x00])];
    proto.configuration = vec![Bytes::from_static(&[0x0a, 0x01, b'c'])];
    model.check().unwrap();
    model
}
