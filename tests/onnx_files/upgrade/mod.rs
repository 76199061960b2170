//! Graphs of old operator sets, and whether they give the same once they are upgraded.

mod graphs;
mod kept;
mod operators;

use rand::RngExt;
use stepdroid::domain::streams::stream;
use stepdroid::onnx::proto::{AttributeProto, GraphProto, ModelProto, NodeProto};
use stepdroid::onnx::{Model, OnnxError, Tensor};

use crate::engine::try_run;
use crate::models::parts::{named, set, typed};

/// A graph with an input `x` of floats, constants, and outputs `y`, `y2`, ...
struct Old {
    opset: i64,
    shape: Vec<usize>,
    constants: Vec<(&'static str, Tensor)>,
    nodes: Vec<NodeProto>,
    outputs: Vec<&'static str>,
    /// Operators that must be there afterwards, and no other.
    becomes: Option<&'static [&'static str]>,
}

fn old(opset: i64, shape: &[usize], nodes: Vec<NodeProto>) -> Old {
    Old {
        opset,
        shape: shape.to_vec(),
        constants: Vec::new(),
        nodes,
        outputs: vec!["y"],
        becomes: None,
    }
}

fn with(mut case: Old, name: &'static str, tensor: Tensor) -> Old {
    case.constants.push((name, tensor));
    case
}

fn outputs(case: Old, names: &[&'static str]) -> Old {
    Old {
        outputs: names.to_vec(),
        ..case
    }
}

fn becomes(case: Old, operators: &'static [&'static str]) -> Old {
    Old {
        becomes: Some(operators),
        ..case
    }
}

fn int(name: &str, value: i64) -> AttributeProto {
    AttributeProto::int(name, value)
}

fn ints(name: &str, values: &[i64]) -> AttributeProto {
    AttributeProto::ints(name, values)
}

fn text(name: &str, value: &str) -> AttributeProto {
    AttributeProto::text(name, value)
}

fn random(shape: &[usize], seed: u64) -> Tensor {
    let mut rng = stream(seed, "upgrade", 0);
    let count: usize = shape.iter().product();
    Tensor::f32(
        shape,
        (0..count)
            .map(|_| rng.random_range(-2.0..2.0))
            .collect::<Vec<f32>>(),
    )
}

/// A whole model file of one graph.
fn model(opset: i64, graph: GraphProto) -> Model {
    Model {
        proto: ModelProto {
            ir_version: Some(if opset < 15 { 7 } else { 8 }),
            opset_import: vec![set("", opset)],
            graph: Some(graph),
            ..Default::default()
        },
    }
}

fn graph_of(case: &Old) -> Model {
    let dims: Vec<i64> = case.shape.iter().map(|length| *length as i64).collect();
    model(
        case.opset,
        GraphProto {
            name: Some("old".into()),
            node: case.nodes.clone(),
            input: vec![typed("x", 1, &dims)],
            output: case.outputs.iter().map(|name| named(name)).collect(),
            initializer: case
                .constants
                .iter()
                .map(|(name, tensor)| tensor.to_proto(name))
                .collect(),
            ..Default::default()
        },
    )
}

/// Equal up to the last bits of a float; a few kernels differ between versions.
fn close(a: &Tensor, b: &Tensor) -> bool {
    let floats = |tensor: &Tensor| tensor.to_f64();
    a.shape == b.shape
        && match (floats(a), floats(b)) {
            (Some(a), Some(b)) => a
                .iter()
                .zip(&b)
                .all(|(a, b)| (a - b).abs() <= 1e-6 * (1.0 + a.abs())),
            _ => a == b,
        }
}

fn compare(
    old: &Model,
    inputs: &[(&str, &Tensor)],
    change: impl Fn(&Model) -> Result<Model, OnnxError>,
) -> Result<Model, String> {
    old.check().map_err(|error| format!("before: {error}"))?;
    let before = try_run(old, inputs).map_err(|error| format!("before: {error}"))?;
    let new = change(old).map_err(|error| error.to_string())?;
    let after = try_run(&new, inputs).map_err(|error| format!("after: {error}"))?;
    for (before, after) in before.iter().zip(&after) {
        if !close(before, after) {
            return Err(format!("{before:?} became {after:?}"));
        }
    }
    Ok(new)
}

fn check_all(cases: Vec<Old>) {
    let mut wrong = Vec::new();
    for case in cases {
        let label = format!("opset {} {:?}", case.opset, case.nodes);
        let attempt = compare(
            &graph_of(&case),
            &[("x", &random(&case.shape, 1))],
            Model::upgraded,
        );
        match attempt {
            Ok(new) => {
                if new.opset() != case.opset.max(18) {
                    wrong.push(format!("{label}: version {}", new.opset()));
                }
                let operators: Vec<&str> = new.graph().node.iter().map(NodeProto::op).collect();
                if case.becomes.is_some_and(|wanted| wanted != operators) {
                    wrong.push(format!("{label}: became {operators:?}"));
                }
            }
            Err(reason) => wrong.push(format!("{label}: {reason}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
