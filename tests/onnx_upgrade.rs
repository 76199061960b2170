//! Old operator sets: a graph gives the same on ONNX Runtime before and after it is upgraded.
#![allow(clippy::unwrap_used)]

#[path = "onnx_files/models.rs"]
#[allow(dead_code)]
mod models;
#[path = "onnx_files/old.rs"]
#[allow(dead_code)]
mod old;

use models::{DOMAIN, function, model, named, node, refers, set, typed};
use old::{
    Old, becomes, check_all, compare, graph_of, int, ints, old, outputs, random, text, with,
};
use stepdroid::onnx::proto::{AttributeProto, GraphProto};
use stepdroid::onnx::{Model, OnnxError, Tensor, TensorData};

#[test]
fn axes_and_sizes_become_inputs() {
    let mut cases = vec![
        old(
            11,
            &[1, 3, 1],
            vec![node("Squeeze", &["x"], &["y"], vec![ints("axes", &[0])])],
        ),
        old(
            12,
            &[1, 3, 1],
            vec![node(
                "Squeeze",
                &["x"],
                &["y"],
                vec![ints("axes", &[-1, 0])],
            )],
        ),
        old(
            11,
            &[1, 3, 1],
            vec![node("Squeeze", &["x"], &["y"], vec![])],
        ),
        old(
            11,
            &[2, 3],
            vec![node(
                "Unsqueeze",
                &["x"],
                &["y"],
                vec![ints("axes", &[0, -1])],
            )],
        ),
        outputs(
            old(
                11,
                &[2, 5],
                vec![node(
                    "Split",
                    &["x"],
                    &["y", "y2"],
                    vec![int("axis", 1), ints("split", &[2, 3])],
                )],
            ),
            &["y", "y2"],
        ),
        outputs(
            old(
                11,
                &[4, 5],
                vec![node("Split", &["x"], &["y", "y2"], vec![])],
            ),
            &["y", "y2"],
        ),
        outputs(
            old(
                13,
                &[4, 6],
                vec![node(
                    "Split",
                    &["x"],
                    &["y", "y2", "y3"],
                    vec![int("axis", -1)],
                )],
            ),
            &["y", "y2", "y3"],
        ),
        outputs(
            with(
                old(
                    13,
                    &[5, 2],
                    vec![node("Split", &["x", "sizes"], &["y", "y2"], vec![])],
                ),
                "sizes",
                Tensor::i64(&[2], [1, 4]),
            ),
            &["y", "y2"],
        ),
    ];
    for operator in [
        "ReduceSum",
        "ReduceL1",
        "ReduceL2",
        "ReduceMax",
        "ReduceMean",
        "ReduceMin",
        "ReduceProd",
        "ReduceSumSquare",
        "ReduceLogSumExp",
    ] {
        for opset in [11, 12, 13, 17] {
            for (axes, keep) in [
                (Some([0, 2].as_slice()), 1),
                (Some(&[-2]), 0),
                (None, 1),
                (None, 0),
            ] {
                if operator == "ReduceSum" && opset >= 13 {
                    continue;
                }
                let mut attributes = vec![int("keepdims", keep)];
                attributes.extend(axes.map(|axes| ints("axes", axes)));
                cases.push(old(
                    opset,
                    &[2, 3, 4],
                    vec![node(operator, &["x"], &["y"], attributes)],
                ));
            }
        }
    }
    cases.push(old(
        11,
        &[2, 3],
        vec![
            node("Abs", &["x"], &["positive"], vec![]),
            node(
                "ReduceLogSum",
                &["positive"],
                &["y"],
                vec![ints("axes", &[1])],
            ),
        ],
    ));
    cases.push(with(
        old(
            13,
            &[2, 3],
            vec![node("ReduceSum", &["x", "axes"], &["y"], vec![])],
        ),
        "axes",
        Tensor::i64(&[1], [1]),
    ));
    check_all(cases);
}

#[test]
fn equal_lists_become_one_constant() {
    let nodes = vec![
        node("ReduceMean", &["x"], &["a"], vec![ints("axes", &[-1])]),
        node("ReduceMax", &["x"], &["b"], vec![ints("axes", &[-1])]),
        node("Sub", &["a", "b"], &["y"], vec![]),
    ];
    let new = graph_of(&old(13, &[2, 3], nodes)).upgraded().unwrap();
    assert_eq!(new.graph().initializer.len(), 1);
}

#[test]
fn softmax_over_many_axes_stays_that() {
    let mut cases = Vec::new();
    for operator in ["Softmax", "LogSoftmax", "Hardmax"] {
        for opset in [11, 12] {
            for axis in [
                None,
                Some(0),
                Some(1),
                Some(2),
                Some(-1),
                Some(-2),
                Some(-3),
            ] {
                for known in [true, false] {
                    let attributes: Vec<AttributeProto> =
                        axis.map(|axis| int("axis", axis)).into_iter().collect();
                    let last = axis == Some(-1) || (known && axis == Some(2));
                    let (mut nodes, input) = if known {
                        (Vec::new(), "x")
                    } else {
                        (vec![node("Neg", &["x"], &["unknown"], vec![])], "unknown")
                    };
                    nodes.push(node(operator, &[input], &["y"], attributes));
                    let case = old(opset, &[2, 3, 4], nodes);
                    cases.push(if last && known {
                        becomes(
                            case,
                            if operator == "Softmax" {
                                &["Softmax"]
                            } else if operator == "Hardmax" {
                                &["Hardmax"]
                            } else {
                                &["LogSoftmax"]
                            },
                        )
                    } else {
                        case
                    });
                }
            }
        }
        cases.push(old(
            13,
            &[2, 3, 4],
            vec![node(operator, &["x"], &["y"], vec![int("axis", 1)])],
        ));
        cases.push(old(
            17,
            &[2, 3, 4],
            vec![node(operator, &["x"], &["y"], vec![])],
        ));
    }
    // Nothing to normalise.
    cases.push(old(
        11,
        &[2, 0, 3],
        vec![node("Softmax", &["x"], &["y"], vec![])],
    ));
    check_all(cases);
}

#[test]
fn normalisation_and_dropout_keep_their_meaning() {
    let channels = |case: Old| {
        let case = with(case, "scale", random(&[3], 2));
        let case = with(case, "shift", random(&[3], 3));
        let case = with(case, "mean", random(&[3], 4));
        with(case, "variance", Tensor::f32(&[3], [0.5, 1.0, 2.0]))
    };
    let inputs = ["x", "scale", "shift", "mean", "variance"];
    let normalise = |opset, outputs: &[&str]| {
        let attributes = vec![AttributeProto::float("epsilon", 1e-3)];
        channels(old(
            opset,
            &[2, 3, 4],
            vec![node("BatchNormalization", &inputs, outputs, attributes)],
        ))
    };
    let drop = |opset| {
        old(
            opset,
            &[2, 3],
            vec![node(
                "Dropout",
                &["x"],
                &["y"],
                if opset < 12 {
                    vec![AttributeProto::float("ratio", 0.3)]
                } else {
                    vec![]
                },
            )],
        )
    };
    check_all(vec![
        normalise(11, &["y"]),
        normalise(13, &["y"]),
        normalise(14, &["y"]),
        drop(11),
        drop(12),
        drop(13),
        old(11, &[2, 3], vec![node("Dropout", &["x"], &["y"], vec![])]),
    ]);
    let unused = graph_of(&normalise(11, &["y", ""])).upgraded().unwrap();
    assert_eq!(unused.graph().node[0].output, ["y"]);
    let training = graph_of(&normalise(11, &["y", "m", "v"]))
        .upgraded()
        .unwrap();
    assert_eq!(training.graph().node[0].int("training_mode", 0), 1);
    let error = graph_of(&normalise(11, &["y", "m", "v", "sm", "sv"]))
        .upgraded()
        .unwrap_err();
    assert!(
        matches!(error, OnnxError::Upgrade { version: 11, .. }),
        "{error}"
    );
}

#[test]
fn resizing_keeps_its_meaning() {
    let empty = || Tensor::f32(&[0], Vec::new());
    let scales = || Tensor::f32(&[4], [1.0, 1.0, 2.0, 1.5]);
    let sizes = || Tensor::i64(&[4], [1, 2, 7, 5]);
    let mut cases = Vec::new();
    for (mode, more) in [
        ("nearest", vec![text("nearest_mode", "floor")]),
        (
            "nearest",
            vec![
                text("coordinate_transformation_mode", "asymmetric"),
                text("nearest_mode", "ceil"),
            ],
        ),
        (
            "nearest",
            vec![
                text("coordinate_transformation_mode", "tf_half_pixel_for_nn"),
                text("nearest_mode", "floor"),
            ],
        ),
        (
            "linear",
            vec![text("coordinate_transformation_mode", "align_corners")],
        ),
        (
            "linear",
            vec![text("coordinate_transformation_mode", "pytorch_half_pixel")],
        ),
        ("linear", vec![]),
        (
            "cubic",
            vec![
                AttributeProto::float("cubic_coeff_a", -0.5),
                int("exclude_outside", 1),
            ],
        ),
    ] {
        let attributes = || {
            let mut attributes = vec![text("mode", mode)];
            attributes.extend(more.clone());
            attributes
        };
        for opset in [11, 12, 13, 17] {
            if opset >= 13
                && more
                    .iter()
                    .any(|a| a.s.as_deref() == Some(b"tf_half_pixel_for_nn"))
            {
                continue;
            }
            let case = old(
                opset,
                &[1, 2, 4, 3],
                vec![node(
                    "Resize",
                    &["x", "roi", "scales"],
                    &["y"],
                    attributes(),
                )],
            );
            cases.push(with(with(case, "roi", empty()), "scales", scales()));
            let case = old(
                opset,
                &[1, 2, 4, 3],
                vec![node(
                    "Resize",
                    &["x", "roi", "scales", "sizes"],
                    &["y"],
                    attributes(),
                )],
            );
            cases.push(with(
                with(with(case, "roi", empty()), "scales", empty()),
                "sizes",
                sizes(),
            ));
        }
        // The empty list as a node.
        let constant = node(
            "Constant",
            &[],
            &["none"],
            vec![AttributeProto::tensor("value", empty().to_proto(""))],
        );
        let case = old(
            11,
            &[1, 2, 4, 3],
            vec![
                constant,
                node(
                    "Resize",
                    &["x", "none", "none", "sizes"],
                    &["y"],
                    attributes(),
                ),
            ],
        );
        cases.push(with(case, "sizes", sizes()));
    }
    check_all(cases);
    let attributes = vec![
        text("coordinate_transformation_mode", "tf_half_pixel_for_nn"),
        text("mode", "linear"),
    ];
    let case = old(
        11,
        &[1, 1, 4, 4],
        vec![node("Resize", &["x", "roi", "scales"], &["y"], attributes)],
    );
    let case = with(with(case, "roi", empty()), "scales", scales());
    assert!(matches!(
        graph_of(&case).upgraded(),
        Err(OnnxError::Upgrade { .. })
    ));
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
        compare(
            &graph_of(&case),
            &[("x", &random(&case.shape, 1))],
            |model| {
                let mut model = model.clone();
                model.proto.opset_import = vec![set("", 11)];
                model.upgraded()
            },
        )
        .unwrap();
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
    compare(
        &graph_of(&case),
        &[("x", &random(&case.shape, 1))],
        |model| {
            let mut model = model.clone();
            model.proto.opset_import = vec![set("", 11)];
            model.upgraded()
        },
    )
    .unwrap();
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
        for flag in [true, false] {
            let flag = Tensor {
                shape: vec![],
                data: TensorData::Bool(vec![flag]),
            };
            let x = random(&[2, 3], 1);
            compare(
                &model(opset, graph.clone()),
                &[("x", &x), ("flag", &flag)],
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
            node: vec![models::in_domain(
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
