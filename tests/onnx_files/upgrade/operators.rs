//! Operators whose attributes or meaning changed give the same after the change.

use stepdroid::onnx::proto::AttributeProto;
use stepdroid::onnx::{OnnxError, Tensor};

use super::{Old, becomes, check_all, graph_of, int, ints, old, outputs, random, text, with};
use crate::models::parts::node;

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
