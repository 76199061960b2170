//! Activations, products, normalisations, embeddings.

use stepdroid::onnx::decompose::CONTRIB;
use stepdroid::onnx::proto::AttributeProto;
use stepdroid::onnx::{ElementType, GraphBuilder, Value};

use super::{check_fused, compare_all, contrib, float, int, leave_out, list, none, of_any_length};
use crate::harness::case;

#[test]
fn activations_keep_their_numbers() {
    check_fused(&[
        case("gelu", &[&[2, 5]], |b, v| {
            contrib(b, "Gelu", &[&v[0]], vec![])
        })
        .single(),
        case("bias gelu", &[&[2, 3, 5], &[5]], |b, v| {
            contrib(b, "BiasGelu", &[&v[0], &v[1]], vec![])
        })
        .single(),
        case("fast gelu", &[&[3, 5]], |b, v| {
            contrib(b, "FastGelu", &[&v[0]], vec![])
        })
        .single(),
        case("fast gelu with bias", &[&[2, 3, 5], &[5]], |b, v| {
            contrib(b, "FastGelu", &[&v[0], &v[1]], vec![])
        })
        .single(),
        case("quick gelu", &[&[3, 5]], |b, v| {
            contrib(b, "QuickGelu", &[&v[0]], vec![])
        })
        .single(),
        case("quick gelu with alpha", &[&[3, 5]], |b, v| {
            contrib(b, "QuickGelu", &[&v[0]], vec![float("alpha", 1.0)])
        })
        .single(),
    ]);
}

#[test]
fn products_keep_their_numbers() {
    check_fused(&[
        case("fused matmul", &[&[2, 3, 4], &[2, 4, 5]], |b, v| {
            contrib(b, "FusedMatMul", &[&v[0], &v[1]], vec![float("alpha", 0.5)])
        }),
        case(
            "fused matmul transposed",
            &[&[2, 4, 3], &[2, 5, 4]],
            |b, v| {
                let attributes = vec![int("transA", 1), int("transB", 1), float("alpha", -2.0)];
                contrib(b, "FusedMatMul", &[&v[0], &v[1]], attributes)
            },
        ),
        case("fused matmul of rows", &[&[2, 3, 4], &[5, 4]], |b, v| {
            contrib(b, "FusedMatMul", &[&v[0], &v[1]], vec![int("transB", 1)])
        }),
        case("fused matmul of a matrix", &[&[3, 4], &[5, 4]], |b, v| {
            contrib(b, "FusedMatMul", &[&v[0], &v[1]], vec![int("transB", 1)])
        }),
        case(
            "fused matmul, batch a",
            &[&[3, 2, 2, 4], &[2, 2, 4, 5]],
            |b, v| {
                contrib(
                    b,
                    "FusedMatMul",
                    &[&v[0], &v[1]],
                    vec![int("transBatchA", 1)],
                )
            },
        ),
        case(
            "fused matmul, batches",
            &[&[4, 2, 2, 3], &[4, 2, 2, 5]],
            |b, v| {
                let attributes = vec![
                    int("transBatchA", 1),
                    int("transA", 1),
                    int("transBatchB", 1),
                ];
                contrib(b, "FusedMatMul", &[&v[0], &v[1]], attributes)
            },
        ),
        case("transpose matmul", &[&[4, 3], &[4, 5]], |b, v| {
            contrib(
                b,
                "TransposeMatMul",
                &[&v[0], &v[1]],
                vec![int("transA", 1)],
            )
        })
        .single(),
        case("fused gemm", &[&[4, 3], &[5, 4], &[5]], |b, v| {
            let attributes = vec![
                int("transA", 1),
                int("transB", 1),
                float("alpha", 0.5),
                float("beta", 2.0),
                AttributeProto::text("activation", "Tanh"),
            ];
            contrib(b, "FusedGemm", &[&v[0], &v[1], &v[2]], attributes)
        })
        .single(),
        case("fused gemm without c", &[&[3, 4], &[4, 5]], |b, v| {
            let attributes = vec![AttributeProto::text("activation", "Sigmoid")];
            contrib(b, "FusedGemm", &[&v[0], &v[1]], attributes)
        })
        .single(),
    ]);
}

#[test]
fn activations_of_products_keep_their_numbers() {
    compare_all(&[
        case("leaky relu", &[&[3, 4], &[4, 5]], |b, v| {
            let attributes = vec![
                AttributeProto::text("activation", "LeakyRelu"),
                float("activation_alpha", 0.2),
            ];
            contrib(b, "FusedGemm", &[&v[0], &v[1]], attributes)
        })
        .single(),
        case("hard sigmoid", &[&[3, 4], &[4, 5]], |b, v| {
            let attributes = vec![
                AttributeProto::text("activation", "HardSigmoid"),
                float("activation_alpha", 0.3),
                float("activation_beta", 0.4),
            ];
            contrib(b, "FusedGemm", &[&v[0], &v[1]], attributes)
        })
        .single(),
        case("conv", &[&[1, 2, 5, 5], &[3, 2, 3, 3], &[3]], |b, v| {
            let attributes = vec![
                AttributeProto::ints("pads", &[1, 1, 1, 1]),
                AttributeProto::ints("kernel_shape", &[3, 3]),
                AttributeProto::text("activation", "Relu"),
            ];
            contrib(b, "FusedConv", &[&v[0], &v[1], &v[2]], attributes)
        })
        .single(),
        case(
            "conv with a residual",
            &[&[1, 2, 3, 3], &[3, 2, 3, 3], &[3], &[1, 3, 1, 1]],
            |b, v| {
                let attributes = vec![
                    AttributeProto::ints("kernel_shape", &[3, 3]),
                    AttributeProto::text("activation", "Relu"),
                ];
                let inputs = [&v[0], &v[1], &v[2], &v[3]];
                contrib(b, "FusedConv", &inputs, attributes)
            },
        )
        .single(),
        case(
            "conv with bounds",
            &[&[1, 2, 5, 5], &[3, 2, 3, 3]],
            |b, v| {
                let mut bounds = float("activation_params", 0.0);
                bounds.f = None;
                bounds.floats = vec![-0.5, 1.0];
                bounds.r#type = Some(6);
                let attributes = vec![
                    AttributeProto::ints("kernel_shape", &[3, 3]),
                    AttributeProto::text("activation", "Clip"),
                    bounds,
                ];
                contrib(b, "FusedConv", &[&v[0], &v[1]], attributes)
            },
        )
        .single(),
    ]);
}

/// The sum of all outputs of a normalisation that are floats of the input's shape.
fn both(builder: &mut GraphBuilder, first: &Value, second: &Value) -> Value {
    let squared = builder.mul(second, second);
    builder.add(first, &squared)
}

#[test]
fn normalisations_keep_their_numbers() {
    check_fused(&[
        case("skip", &[&[2, 3, 4], &[2, 3, 4], &[4], &[4]], |b, v| {
            let inputs = [&v[0], &v[1], &v[2], &v[3]];
            contrib(
                b,
                "SkipLayerNormalization",
                &inputs,
                vec![float("epsilon", 1e-3)],
            )
        })
        .single(),
        case("skip one row", &[&[2, 3, 4], &[3, 4], &[4]], |b, v| {
            let inputs = [&v[0], &v[1], &v[2]];
            contrib(
                b,
                "SkipLayerNormalization",
                &inputs,
                vec![float("epsilon", 1e-3)],
            )
        })
        .single(),
        case(
            "skip with bias and sum",
            &[&[2, 3, 4], &[2, 3, 4], &[4], &[4], &[4]],
            |b, v| {
                b.set_opset(CONTRIB, 1);
                let inputs = [&v[0], &v[1], &v[2], &v[3], &v[4]];
                let attributes = vec![float("epsilon", 1e-3)];
                let made = b.nodes_in(CONTRIB, "SkipLayerNormalization", &inputs, attributes, 4);
                leave_out(b, &[1, 2]);
                both(b, &made[0], &made[3])
            },
        )
        .single(),
        case("simplified", &[&[2, 3, 4], &[4]], |b, v| {
            let attributes = vec![float("epsilon", 1e-3), int("stash_type", 1)];
            b.node("SimplifiedLayerNormalization", &[&v[0], &v[1]], attributes)
        })
        .single(),
        case("simplified in 64 bits", &[&[2, 3, 4], &[4]], |b, v| {
            let attributes = vec![float("epsilon", 1e-3), int("axis", -1)];
            b.node("SimplifiedLayerNormalization", &[&v[0], &v[1]], attributes)
        }),
        case(
            "simplified over two axes",
            &[&[2, 3, 4], &[3, 4]],
            |b, v| {
                let attributes = vec![float("epsilon", 1e-3), int("axis", 1)];
                let made = b.nodes(
                    "SimplifiedLayerNormalization",
                    &[&v[0], &v[1]],
                    attributes,
                    2,
                );
                b.mul(&made[0], &made[1])
            },
        )
        .single(),
        case(
            "skip simplified",
            &[&[2, 3, 4], &[2, 3, 4], &[4]],
            |b, v| {
                let inputs = [&v[0], &v[1], &v[2]];
                let attributes = vec![float("epsilon", 1e-3)];
                contrib(b, "SkipSimplifiedLayerNormalization", &inputs, attributes)
            },
        )
        .single(),
        case(
            "skip simplified with bias and sum",
            &[&[5, 4], &[5, 4], &[4], &[4]],
            |b, v| {
                b.set_opset(CONTRIB, 1);
                let inputs = [&v[0], &v[1], &v[2], &v[3]];
                let operator = "SkipSimplifiedLayerNormalization";
                let attributes = vec![float("epsilon", 1e-3)];
                let made = b.nodes_in(CONTRIB, operator, &inputs, attributes, 4);
                leave_out(b, &[1, 2]);
                both(b, &made[0], &made[3])
            },
        )
        .single(),
        case("embed", &[&[7, 4], &[6, 4], &[2, 4], &[4], &[4]], |b, v| {
            b.set_opset(CONTRIB, 1);
            let (ids, segments) = (
                list(b, &[2, 3], &[1, 6, 0, 3, 3, 2]),
                list(b, &[2, 3], &[0, 0, 1, 1, 0, 1]),
            );
            let mask = list(b, &[2, 3], &[1, 1, 0, 0, 1, 0]);
            let inputs = [&ids, &segments, &v[0], &v[1], &v[2], &v[3], &v[4], &mask];
            let attributes = vec![float("epsilon", 1e-3)];
            let made = b.nodes_in(CONTRIB, "EmbedLayerNormalization", &inputs, attributes, 3);
            both(b, &made[0], &made[2])
        })
        .single()
        .fixed_only(),
        case(
            "embed with positions",
            &[&[7, 4], &[6, 4], &[4], &[4]],
            |b, v| {
                b.set_opset(CONTRIB, 1);
                let (ids, places) = (
                    list(b, &[2, 3], &[1, 6, 0, 3, 3, 2]),
                    list(b, &[1, 3], &[2, 4, 1]),
                );
                let gap = none();
                let inputs = [&ids, &gap, &v[0], &v[1], &gap, &v[2], &v[3], &gap, &places];
                let attributes = vec![float("epsilon", 1e-3)];
                let made = b.nodes_in(CONTRIB, "EmbedLayerNormalization", &inputs, attributes, 2);
                made[0].clone()
            },
        )
        .single()
        .fixed_only(),
        case(
            "embed of any length",
            &[&[7, 4], &[6, 4], &[4], &[4]],
            |b, v| {
                b.set_opset(CONTRIB, 1);
                let ids = list(b, &[2, 3], &[1, 6, 0, 3, 3, 2]);
                let ids = of_any_length(b, &ids, 3, 1);
                let gap = none();
                let inputs = [&ids, &gap, &v[0], &v[1], &gap, &v[2], &v[3]];
                let attributes = vec![float("epsilon", 1e-3)];
                let made = b.nodes_in(CONTRIB, "EmbedLayerNormalization", &inputs, attributes, 2);
                made[0].clone()
            },
        )
        .single()
        .fixed_only(),
    ]);
}

#[test]
fn newer_operators_are_used_where_there_are_some() {
    let cases = [
        case("simplified at 23", &[&[2, 3, 4], &[4]], |b, v| {
            b.set_opset("", 23);
            let attributes = vec![float("epsilon", 1e-3), int("axis", 2)];
            let made = b.nodes(
                "SimplifiedLayerNormalization",
                &[&v[0], &v[1]],
                attributes,
                2,
            );
            b.mul(&made[0], &made[1])
        })
        .single(),
        case("gelu at 20", &[&[2, 5]], |b, v| {
            b.set_opset("", 20);
            let exact = contrib(b, "Gelu", &[&v[0]], vec![]);
            contrib(b, "FastGelu", &[&exact], vec![])
        })
        .single(),
    ];
    compare_all(&cases);
}

/// Both inputs and the sum of a normalisation in 16 bits.
fn halves(builder: &mut GraphBuilder, v: &[Value]) -> Vec<Value> {
    v.iter()
        .map(|value| builder.cast(value, ElementType::F16))
        .collect()
}

#[test]
fn halves_keep_their_numbers() {
    compare_all(&[
        case("simplified", &[&[2, 3, 8], &[8]], |b, v| {
            let v = halves(b, v);
            let attributes = vec![float("epsilon", 1e-3)];
            b.node("SimplifiedLayerNormalization", &[&v[0], &v[1]], attributes)
        })
        .single(),
        case("skip", &[&[2, 3, 8], &[2, 3, 8], &[8], &[8]], |b, v| {
            let v = halves(b, v);
            let inputs = [&v[0], &v[1], &v[2], &v[3]];
            contrib(
                b,
                "SkipLayerNormalization",
                &inputs,
                vec![float("epsilon", 1e-3)],
            )
        })
        .single(),
        case(
            "skip simplified",
            &[&[2, 3, 8], &[2, 3, 8], &[8]],
            |b, v| {
                let v = halves(b, v);
                let inputs = [&v[0], &v[1], &v[2]];
                let attributes = vec![float("epsilon", 1e-3)];
                contrib(b, "SkipSimplifiedLayerNormalization", &inputs, attributes)
            },
        )
        .single(),
    ]);
}
