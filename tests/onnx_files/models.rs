//! Small models that together have everything a file can hold.

use bytes::Bytes;
use stepdroid::onnx::proto::{
    AttributeProto, DimensionProto, FunctionProto, GraphProto, ModelProto, NodeProto,
    OperatorSetIdProto, SparseTensorProto, StringStringEntryProto, TensorProto, TensorShapeProto,
    TensorTypeProto, TypeProto, ValueInfoProto,
};
use stepdroid::onnx::{Dimension, ElementType, GraphBuilder, Model, Tensor};

/// A domain for operators that no engine knows.
pub const DOMAIN: &str = "test.operators";
/// The data file of [`external`].
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

/// One tensor of every element type, with its data in the field where old tools put it, and one with
/// raw bytes.
pub fn tensors() -> Vec<TensorProto> {
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

/// Branches and loops that see names around them.
pub fn nested() -> Model {
    let mut builder = GraphBuilder::new("nested");
    let x = builder.input("x", ElementType::F32, &[Dimension::Fixed(2)]);
    let flag = builder.input("flag", ElementType::Bool, &[]);
    let two = builder.initializer("two", &Tensor::scalar(2.0));
    let doubled = builder.mul(&x, &two);
    let branch = |operator: &str, name: &str| GraphProto {
        name: Some(name.into()),
        node: vec![node(operator, &[doubled.name(), "two"], &[name], vec![])],
        output: vec![typed(name, 1, &[2])],
        ..Default::default()
    };
    let chosen = builder.node(
        "If",
        &[&flag],
        vec![
            AttributeProto::graph("then_branch", branch("Add", "sum")),
            AttributeProto::graph("else_branch", branch("Sub", "difference")),
        ],
    );
    let inner = GraphProto {
        name: Some("inner".into()),
        node: vec![node("Mul", &["state", "factor"], &["scaled"], vec![])],
        initializer: vec![Tensor::scalar(0.5).to_proto("factor")],
        output: vec![typed("scaled", 1, &[2])],
        ..Default::default()
    };
    let body = GraphProto {
        name: Some("body".into()),
        input: vec![
            typed("step", 7, &[]),
            typed("go", 9, &[]),
            typed("state", 1, &[2]),
        ],
        node: vec![
            node("Identity", &["go"], &["again"], vec![]),
            node(
                "If",
                &["flag"],
                &["next"],
                vec![
                    AttributeProto::graph("then_branch", inner.clone()),
                    AttributeProto::graph("else_branch", inner),
                ],
            ),
        ],
        output: vec![typed("again", 9, &[]), typed("next", 1, &[2])],
        ..Default::default()
    };
    let steps = builder.initializer(
        "steps",
        &Tensor {
            shape: vec![],
            ..Tensor::i64(&[1], [3])
        },
    );
    let y = builder.node(
        "Loop",
        &[&steps, &flag, &chosen],
        vec![AttributeProto::graph("body", body)],
    );
    builder.output(&y, ElementType::F32, None);
    builder.finish().unwrap()
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

/// Functions that call each other, with attributes, defaults, optional inputs and a branch.
pub fn functions() -> Model {
    let leaky = FunctionProto {
        attribute_proto: vec![AttributeProto::float("slope", 0.25)],
        ..function(
            "Leaky",
            &["x", "bias"],
            &["y", "negative"],
            vec![
                node(
                    "LeakyRelu",
                    &["x"],
                    &["t"],
                    vec![refers("alpha", "slope", 1)],
                ),
                node("Neg", &["t"], &["negative"], vec![]),
                node("Clip", &["t", "", "bias"], &["y"], vec![]),
            ],
        )
    };
    let branch = |operator: &str| GraphProto {
        name: Some(operator.into()),
        node: vec![
            in_domain(
                node(
                    "Leaky",
                    &["x"],
                    &["t"],
                    vec![AttributeProto::float("slope", 0.5)],
                ),
                DOMAIN,
            ),
            node(operator, &["t", "x"], &["out"], vec![]),
        ],
        output: vec![named("out")],
        ..Default::default()
    };
    let outer = FunctionProto {
        attribute: vec!["axes".into()],
        ..function(
            "Outer",
            &["x", "flag"],
            &["total", "x"],
            vec![
                in_domain(node("Leaky", &["x", ""], &["", "n"], vec![]), DOMAIN),
                node(
                    "If",
                    &["flag"],
                    &["t"],
                    vec![
                        AttributeProto::graph("then_branch", branch("Add")),
                        AttributeProto::graph("else_branch", branch("Mul")),
                    ],
                ),
                node("Add", &["t", "n"], &["s"], vec![]),
                node(
                    "Constant",
                    &[],
                    &["axes"],
                    vec![refers("value_ints", "axes", 7)],
                ),
                node("ReduceSum", &["s", "axes"], &["total"], vec![]),
            ],
        )
    };
    let mut builder = GraphBuilder::new("functions");
    let x = builder.input(
        "x",
        ElementType::F32,
        &[Dimension::Fixed(2), Dimension::Fixed(3)],
    );
    let flag = builder.input("flag", ElementType::Bool, &[]);
    let outputs = builder.nodes(
        "Outer",
        &[&x, &flag],
        vec![AttributeProto::ints("axes", &[1])],
        2,
    );
    let again = builder.node("Leaky", &[&outputs[1], &outputs[1]], vec![]);
    for value in [&outputs[0], &again] {
        builder.output(value, ElementType::F32, None);
    }
    builder.set_opset(DOMAIN, 1);
    let mut model = builder.finish().unwrap();
    for node in &mut model.graph_mut().node {
        node.domain = Some(DOMAIN.into());
    }
    model.proto.functions = vec![leaky, outer];
    model.check().unwrap();
    model
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

/// Weights in another file, also within a branch and an attribute.
pub fn external() -> Model {
    let mut model = nested();
    let graph = model.graph_mut();
    graph
        .initializer
        .retain(|tensor| tensor.name.as_deref() != Some("two"));
    graph.initializer.push(elsewhere("two", &[], 16));
    graph.initializer.push(elsewhere("all", &[4, 2], 0));
    graph.node.push(node(
        "Constant",
        &[],
        &["constant"],
        vec![AttributeProto::tensor("value", elsewhere("", &[3], 20))],
    ));
    model.check().unwrap();
    model
}

/// The content of the data file.
pub fn data() -> Vec<u8> {
    (0..8u8)
        .flat_map(|number| f32::from(number).to_le_bytes())
        .collect()
}

/// A plain network.
pub fn plain() -> Model {
    let mut builder = GraphBuilder::new("plain");
    let mut x = builder.input(
        "x",
        ElementType::F32,
        &[Dimension::Symbol("batch".into()), Dimension::Fixed(4)],
    );
    for layer in 0..3 {
        let weights: Vec<f32> = (0..16).map(|number| number as f32 / 16.0).collect();
        let weight = builder.initializer(&format!("weight{layer}"), &Tensor::f32(&[4, 4], weights));
        let product = builder.matmul(&x, &weight);
        x = builder.relu(&product);
    }
    builder.output(&x, ElementType::F32, None);
    builder.finish().unwrap()
}

/// All of them.
pub fn all() -> Vec<(&'static str, Model)> {
    vec![
        ("everything", everything()),
        ("nested", nested()),
        ("functions", functions()),
        ("external", external()),
        ("plain", plain()),
    ]
}

/// A whole model file of one graph.
pub fn model(opset: i64, graph: GraphProto) -> Model {
    Model {
        proto: ModelProto {
            ir_version: Some(if opset < 15 { 7 } else { 8 }),
            opset_import: vec![set("", opset)],
            graph: Some(graph),
            ..Default::default()
        },
    }
}
