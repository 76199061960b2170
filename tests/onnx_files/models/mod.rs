//! Small models that together have everything a file can hold.

mod everything;
pub mod parts;

use everything::everything;
use parts::{DOMAIN, elsewhere, function, in_domain, named, node, refers, typed};
use stepdroid::onnx::proto::{AttributeProto, FunctionProto, GraphProto};
use stepdroid::onnx::{Dimension, ElementType, GraphBuilder, Model, Tensor};

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
