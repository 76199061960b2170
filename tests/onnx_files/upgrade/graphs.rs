//! Operators that ended, graphs within graphs, and whole files of other versions.

use stepdroid::onnx::proto::{AttributeProto, GraphProto};
use stepdroid::onnx::{Model, OnnxError, Tensor};

use super::{Old, compare, graph_of, int, ints, model, old, random, text, with};
use crate::engine::flag;
use crate::models::parts::{DOMAIN, function, in_domain, named, node, refers, set, typed};

/// Compares a case as it is with what becomes of it if it says version 11.
fn check_as_11(case: &Old) {
    let upgraded = |model: &Model| {
        let mut model = model.clone();
        model.proto.opset_import = vec![set("", 11)];
        model.upgraded()
    };
    let x = random(&case.shape, 1);
    compare(&graph_of(case), &[("x", &x)], upgraded).unwrap();
}

/// Operators that ended before version 11, as they still stand in files: the reference is version 9.
#[test]
fn ended_operators_get_their_successors() {
    for mode in ["nearest", "linear"] {
        let nodes = vec![node(
            "Upsample",
            &["x", "scales"],
            &["y"],
            vec![text("mode", mode)],
        )];
        let case = with(
            old(9, &[1, 1, 3, 4], nodes),
            "scales",
            Tensor::f32(&[4], [1.0, 1.0, 2.0, 3.0]),
        );
        check_as_11(&case);
    }
    let nodes = vec![node(
        "Scatter",
        &["x", "places", "updates"],
        &["y"],
        vec![int("axis", 1)],
    )];
    let case = with(
        old(9, &[2, 4], nodes),
        "places",
        Tensor::i64(&[2, 1], [3, 0]),
    );
    let case = with(case, "updates", random(&[2, 1], 5));
    check_as_11(&case);
}

#[test]
fn branches_bodies_and_functions_are_upgraded_too() {
    let branch = |operator: &str| GraphProto {
        name: Some("branch".into()),
        node: vec![
            node(
                operator,
                &["x"],
                &["sum"],
                vec![ints("axes", &[1]), int("keepdims", 0)],
            ),
            node("Softmax", &["sum"], &["out"], vec![int("axis", 0)]),
        ],
        output: vec![named("out")],
        ..Default::default()
    };
    for opset in [11, 12] {
        let graph = GraphProto {
            name: Some("outer".into()),
            input: vec![typed("x", 1, &[2, 3]), typed("flag", 9, &[])],
            node: vec![node(
                "If",
                &["flag"],
                &["y"],
                vec![
                    AttributeProto::graph("then_branch", branch("ReduceSum")),
                    AttributeProto::graph("else_branch", branch("ReduceMax")),
                ],
            )],
            output: vec![named("y")],
            ..Default::default()
        };
        for value in [true, false] {
            let x = random(&[2, 3], 1);
            compare(
                &model(opset, graph.clone()),
                &[("x", &x), ("flag", &flag(value))],
                Model::upgraded,
            )
            .unwrap();
        }
    }
    // A function of an older version than the graph, whose axes come from the call.
    let mut calling = model(
        15,
        GraphProto {
            name: Some("calling".into()),
            input: vec![typed("x", 1, &[2, 3])],
            node: vec![in_domain(
                node("Mean", &["x"], &["y"], vec![ints("along", &[1])]),
                DOMAIN,
            )],
            output: vec![named("y")],
            ..Default::default()
        },
    );
    let mut mean = function(
        "Mean",
        &["x"],
        &["y"],
        vec![
            node(
                "ReduceMean",
                &["x"],
                &["m"],
                vec![refers("axes", "along", 7)],
            ),
            node("Neg", &["m"], &["y"], vec![]),
        ],
    );
    mean.attribute = vec!["along".into()];
    mean.opset_import = vec![set("", 15)];
    calling.proto.functions = vec![mean];
    calling.proto.opset_import.push(set(DOMAIN, 1));
    let new = compare(&calling, &[("x", &random(&[2, 3], 1))], Model::normalised).unwrap();
    assert!(new.proto.functions.is_empty());
    assert_eq!(new.proto.opset_import.len(), 1);
}

#[test]
fn what_is_too_old_is_refused_and_what_is_newer_stays() {
    let case = |opset| graph_of(&old(opset, &[2], vec![node("Neg", &["x"], &["y"], vec![])]));
    for opset in [1, 7, 10] {
        let error = case(opset).normalised().unwrap_err();
        assert!(
            matches!(error, OnnxError::Upgrade { version, .. } if version == opset),
            "{error}"
        );
    }
    for opset in [18, 21, 28, 1000] {
        let model = case(opset);
        assert_eq!(model.normalised().unwrap(), model);
        // The reader leaves it to the engine which versions it knows.
        assert_eq!(Model::from_bytes(&model.to_bytes()).unwrap(), model);
    }
}

#[test]
fn constants_of_the_oldest_format_stay_constants() {
    let mut old = graph_of(&with(
        old(
            11,
            &[2, 3],
            vec![node("MatMul", &["x", "w"], &["y"], vec![])],
        ),
        "w",
        random(&[3, 2], 1),
    ));
    old.proto.ir_version = Some(3);
    old.graph_mut().input.push(typed("w", 1, &[3, 2]));
    let new = compare(&old, &[("x", &random(&[2, 3], 2))], Model::upgraded).unwrap();
    assert_eq!(new.graph().input.len(), 1);
    assert_eq!(new.proto.ir_version, Some(8));
}
