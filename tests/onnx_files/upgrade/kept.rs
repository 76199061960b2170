//! Operators whose changes up to version 18 keep the meaning: upgraded graphs that only say a newer
//! version give the same on ONNX Runtime.

use stepdroid::onnx::Tensor;
use stepdroid::onnx::proto::AttributeProto;

use super::{becomes, check_all, int, ints, old, outputs, random, text, with};
use crate::models::parts::node;

/// Operators whose changes up to 18 keep the meaning, with attributes at their defaults and not.
#[test]
fn all_other_changes_keep_the_meaning() {
    let scalar = |value: f32| Tensor::scalar(value);
    let index = |shape: &[usize], values: &[i64]| Tensor::i64(shape, values);
    let one = |operator: &str, attributes: Vec<AttributeProto>| {
        vec![node(operator, &["x"], &["y"], attributes)]
    };
    let mut cases = Vec::new();
    for opset in [11, 12, 13, 14, 15, 16, 17] {
        for operator in [
            "Abs",
            "Ceil",
            "Exp",
            "Floor",
            "Neg",
            "Relu",
            "Sigmoid",
            "Sign",
            "Tanh",
            "Erf",
            "Identity",
            "Reciprocal",
            "Shape",
            "Size",
            "NonZero",
            "LeakyRelu",
            "IsNaN",
            "MeanVarianceNormalization",
        ] {
            cases.push(old(opset, &[2, 3, 2, 2], one(operator, vec![])));
        }
        cases.push(old(opset, &[2, 3], one("Cast", vec![int("to", 6)])));
        cases.push(old(
            opset,
            &[2, 3],
            one("ArgMax", vec![int("axis", 1), int("keepdims", 0)]),
        ));
        cases.push(old(opset, &[2, 3], one("ArgMin", vec![])));
        cases.push(old(
            opset,
            &[2, 3, 4],
            one("Flatten", vec![int("axis", -1)]),
        ));
        cases.push(old(opset, &[2, 3], one("Transpose", vec![])));
        cases.push(old(
            opset,
            &[1, 8, 2, 2],
            one(
                "DepthToSpace",
                vec![int("blocksize", 2), text("mode", "CRD")],
            ),
        ));
        cases.push(old(
            opset,
            &[1, 2, 4, 4],
            one("SpaceToDepth", vec![int("blocksize", 2)]),
        ));
        cases.push(old(opset, &[1, 4, 3, 3], one("LRN", vec![int("size", 3)])));
        cases.push(old(
            opset,
            &[1, 2, 5, 5],
            one(
                "MaxPool",
                vec![
                    ints("kernel_shape", &[2, 2]),
                    int("ceil_mode", 1),
                    ints("strides", &[2, 2]),
                ],
            ),
        ));
        cases.push(old(
            opset,
            &[1, 2, 5, 5],
            one(
                "AveragePool",
                vec![ints("kernel_shape", &[3, 3]), ints("pads", &[1, 1, 1, 1])],
            ),
        ));
        cases.push(old(
            opset,
            &[1, 2, 5, 5],
            one("LpPool", vec![ints("kernel_shape", &[2, 2])]),
        ));
        for operator in [
            "Add", "Sub", "Mul", "Div", "Max", "Min", "Mean", "Sum", "Pow", "Greater", "Less",
            "Equal", "PRelu",
        ] {
            let case = old(
                opset,
                &[2, 3],
                vec![
                    node("Abs", &["x"], &["a"], vec![]),
                    node("Floor", &["a"], &["f"], vec![]),
                    if operator == "Equal" {
                        node("Cast", &["f"], &["p"], vec![int("to", 7)])
                    } else {
                        node("Identity", &["a"], &["p"], vec![])
                    },
                    node(operator, &["p", "other"], &["y"], vec![]),
                ],
            );
            let other = if operator == "Equal" {
                index(&[3], &[0, 1, 2])
            } else {
                random(&[3], 6)
            };
            cases.push(with(case, "other", other));
        }
        let case = old(
            opset,
            &[2, 3],
            vec![node("Clip", &["x", "low", "high"], &["y"], vec![])],
        );
        cases.push(with(with(case, "low", scalar(-0.5)), "high", scalar(0.5)));
        let case = old(
            opset,
            &[2, 3],
            vec![node("Clip", &["x", "", "high"], &["y"], vec![])],
        );
        cases.push(with(case, "high", scalar(0.5)));
        for mode in ["constant", "reflect", "edge"] {
            let case = old(
                opset,
                &[3, 3],
                vec![node(
                    "Pad",
                    &["x", "pads", "value"],
                    &["y"],
                    vec![text("mode", mode)],
                )],
            );
            cases.push(with(
                with(case, "pads", index(&[4], &[0, 1, 2, 0])),
                "value",
                scalar(7.0),
            ));
        }
        let case = old(
            opset,
            &[2, 3],
            vec![node(
                "Concat",
                &["x", "more"],
                &["y"],
                vec![int("axis", -1)],
            )],
        );
        cases.push(with(case, "more", random(&[2, 1], 7)));
        let case = old(
            opset,
            &[2, 3],
            vec![node(
                "CumSum",
                &["x", "axis"],
                &["y"],
                vec![int("reverse", 1)],
            )],
        );
        cases.push(with(
            case,
            "axis",
            Tensor {
                shape: vec![],
                ..index(&[1], &[1])
            },
        ));
        let case = old(
            opset,
            &[2, 1],
            vec![node("Expand", &["x", "shape"], &["y"], vec![])],
        );
        cases.push(with(case, "shape", index(&[2], &[1, 3])));
        let case = old(
            opset,
            &[3, 2],
            vec![node("Gather", &["x", "places"], &["y"], vec![])],
        );
        cases.push(with(case, "places", index(&[2], &[-1, 0])));
        let case = old(
            opset,
            &[2, 2],
            vec![node(
                "GatherElements",
                &["x", "places"],
                &["y"],
                vec![int("axis", 1)],
            )],
        );
        cases.push(with(case, "places", index(&[2, 1], &[1, 0])));
        let case = old(
            opset,
            &[2, 2],
            vec![node("GatherND", &["x", "places"], &["y"], vec![])],
        );
        cases.push(with(case, "places", index(&[1, 2], &[1, 0])));
        let case = old(
            opset,
            &[3, 2],
            vec![node(
                "ScatterND",
                &["x", "places", "updates"],
                &["y"],
                vec![],
            )],
        );
        cases.push(with(
            with(case, "places", index(&[1, 1], &[1])),
            "updates",
            random(&[1, 2], 8),
        ));
        let case = old(
            opset,
            &[2, 3],
            vec![node(
                "ScatterElements",
                &["x", "places", "updates"],
                &["y"],
                vec![int("axis", -1)],
            )],
        );
        cases.push(with(
            with(case, "places", index(&[2, 1], &[1, 0])),
            "updates",
            random(&[2, 1], 8),
        ));
        let case = old(
            opset,
            &[2, 3],
            vec![node(
                "Gemm",
                &["x", "w", "b"],
                &["y"],
                vec![AttributeProto::float("alpha", 0.5)],
            )],
        );
        cases.push(with(
            with(case, "w", random(&[3, 2], 9)),
            "b",
            random(&[2], 10),
        ));
        let case = old(
            opset,
            &[2, 3],
            vec![node("MatMul", &["x", "w"], &["y"], vec![])],
        );
        cases.push(with(case, "w", random(&[3, 2], 9)));
        let case = old(
            opset,
            &[2, 6],
            vec![node("Reshape", &["x", "shape"], &["y"], vec![])],
        );
        cases.push(with(case, "shape", index(&[3], &[0, -1, 3])));
        let case = old(
            opset,
            &[3, 4],
            vec![node(
                "Slice",
                &["x", "starts", "ends", "axes", "steps"],
                &["y"],
                vec![],
            )],
        );
        let case = with(
            with(case, "starts", index(&[1], &[3])),
            "ends",
            index(&[1], &[-5]),
        );
        cases.push(with(
            with(case, "axes", index(&[1], &[1])),
            "steps",
            index(&[1], &[-2]),
        ));
        let case = old(
            opset,
            &[2, 2],
            vec![node("Tile", &["x", "repeats"], &["y"], vec![])],
        );
        cases.push(with(case, "repeats", index(&[2], &[1, 2])));
        let case = old(
            opset,
            &[2, 2],
            vec![
                node("Greater", &["x", "zero"], &["c"], vec![]),
                node("Where", &["c", "x", "zero"], &["y"], vec![]),
            ],
        );
        cases.push(with(case, "zero", scalar(0.0)));
        let case = old(
            opset,
            &[2, 2],
            vec![
                node("QuantizeLinear", &["x", "scale"], &["q"], vec![]),
                node("DequantizeLinear", &["q", "scale"], &["y"], vec![]),
            ],
        );
        cases.push(with(case, "scale", scalar(0.1)));
        let case = old(
            opset,
            &[2, 2],
            vec![node("Mod", &["x", "by"], &["y"], vec![int("fmod", 1)])],
        );
        cases.push(with(case, "by", scalar(0.7)));
        let recurrent = |operator: &str, gates: usize| {
            let case = old(
                opset,
                &[3, 2, 4],
                vec![node(
                    operator,
                    &["x", "w", "r"],
                    &["y", "h"],
                    vec![int("hidden_size", 5)],
                )],
            );
            let case = with(case, "w", random(&[1, gates * 5, 4], 11));
            outputs(with(case, "r", random(&[1, gates * 5, 5], 12)), &["y", "h"])
        };
        cases.extend([
            recurrent("LSTM", 4),
            recurrent("GRU", 3),
            recurrent("RNN", 1),
        ]);
        let boxes = vec![node(
            "RoiAlign",
            &["x", "rois", "batch"],
            &["y"],
            vec![
                int("output_height", 2),
                int("output_width", 3),
                AttributeProto::float("spatial_scale", 0.5),
            ],
        )];
        let case = with(
            old(opset, &[1, 1, 8, 8], boxes),
            "rois",
            Tensor::f32(&[2, 4], [0.0, 0.0, 7.0, 9.0, 3.0, 2.0, 14.0, 13.0]),
        );
        cases.push(with(case, "batch", index(&[2], &[0, 0])));
        if opset >= 12 {
            cases.push(old(
                opset,
                &[2, 3],
                one("Celu", vec![AttributeProto::float("alpha", 0.5)]),
            ));
            cases.push(old(
                opset,
                &[2, 3],
                vec![node(
                    "Einsum",
                    &["x", "x"],
                    &["y"],
                    vec![text("equation", "ij,kj->ik")],
                )],
            ));
            let case = old(
                opset,
                &[2, 3],
                vec![node("GreaterOrEqual", &["x", "zero"], &["y"], vec![])],
            );
            cases.push(with(case, "zero", scalar(0.0)));
            for operator in ["SoftmaxCrossEntropyLoss", "NegativeLogLikelihoodLoss"] {
                let case = old(
                    opset,
                    &[2, 3],
                    vec![node(
                        operator,
                        &["x", "labels"],
                        &["y"],
                        vec![text("reduction", "sum")],
                    )],
                );
                cases.push(with(case, "labels", index(&[2], &[2, 0])));
            }
        }
        if opset >= 14 {
            cases.push(old(opset, &[3, 3], one("Trilu", vec![int("upper", 0)])));
            cases.push(old(opset, &[3, 3], one("HardSwish", vec![])));
        }
        if opset >= 15 {
            cases.push(old(opset, &[2, 3, 4], one("Shape", vec![int("start", 1)])));
        }
        if opset >= 17 {
            let case = old(
                opset,
                &[2, 3],
                vec![node("LayerNormalization", &["x", "s"], &["y"], vec![])],
            );
            cases.push(with(case, "s", random(&[3], 13)));
        }
    }
    for opset in [18, 19, 20, 21, 22] {
        cases.push(becomes(
            old(opset, &[2, 3], one("Softmax", vec![])),
            &["Softmax"],
        ));
    }
    check_all(cases);
}
