//! Fused operators: their standard form gives the same numbers as the engine's own kernel, and its
//! gradients agree with finite differences.

use std::collections::HashMap;

use stepdroid::onnx::decompose::{CONTRIB, decompose, decompose_foreign};
use stepdroid::onnx::proto::{AttributeProto, NodeProto};
use stepdroid::onnx::{
    ElementType, GradientOptions, GraphBuilder, Model, ShapeOracle, Tensor, Value, build_gradient,
};
use stepdroid::runtime::{Session, SessionOptions, SessionOracle};

use crate::harness::{CPU, Case, case, check_all, forward, library, random};

/// An attribute that is a whole number.
pub fn int(name: &str, value: i64) -> AttributeProto {
    AttributeProto::int(name, value)
}

/// An attribute that is a number.
pub fn float(name: &str, value: f32) -> AttributeProto {
    AttributeProto::float(name, value)
}

/// An input that is left out.
pub fn none() -> Value {
    Value::named("")
}

/// A node of ONNX Runtime's own operators, with one output.
pub fn contrib(
    builder: &mut GraphBuilder,
    operator: &str,
    inputs: &[&Value],
    attributes: Vec<AttributeProto>,
) -> Value {
    builder.set_opset(CONTRIB, 1);
    builder.node_in(CONTRIB, operator, inputs, attributes)
}

/// Random numbers that are constants of a case.
pub fn constant(builder: &mut GraphBuilder, shape: &[usize], seed: u64) -> Value {
    let tensor = random(shape, 100 + seed, -1.0, 1.0, ElementType::F32);
    builder.constant(&tensor)
}

/// Rows times a constant matrix: afterwards the last dimension is known, as it is in real models, and
/// only batch and length may be open.
pub fn project(builder: &mut GraphBuilder, x: &Value, from: usize, to: usize, seed: u64) -> Value {
    let matrix = constant(builder, &[from, to], seed);
    builder.matmul(x, &matrix)
}

fn is_fused(node: &NodeProto) -> bool {
    let standard = [
        "Attention",
        "RotaryEmbedding",
        "SimplifiedLayerNormalization",
    ];
    node.domain.as_deref() == Some(CONTRIB) || standard.contains(&node.op())
}

/// Runs a model, whose only inputs are the shapes of its weights, and returns some of its values.
fn values(model: &Model, names: &[String]) -> Result<Vec<Tensor>, String> {
    let mut model = model.clone();
    model.graph_mut().output.clear();
    let mut builder = GraphBuilder::extend(model, "run/");
    for name in names {
        builder.untyped_output(name);
    }
    let model = builder.finish().map_err(|error| error.to_string())?;
    // As they are: the engine's own rewriting would make both models alike.
    let options = SessionOptions {
        optimise: false,
        ..SessionOptions::default()
    };
    let session = Session::new(&library(), &CPU, "equal", &model, options)
        .map_err(|error| error.to_string())?;
    let shapes: Vec<(String, Tensor)> = model
        .graph()
        .initializer
        .iter()
        .filter_map(|weight| {
            let number = weight.name.as_deref()?.strip_prefix('w')?;
            let shape = Tensor::i64(&[weight.dims.len()], weight.dims.as_slice());
            Some((format!("shape{number}"), shape))
        })
        .collect();
    let inputs: Vec<(&str, &Tensor)> = shapes
        .iter()
        .map(|(name, shape)| (name.as_str(), shape))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    session
        .run(&inputs, &names)
        .map_err(|error| error.to_string())
}

/// Runs a case with its fused nodes and with their standard form, and compares all that they make.
fn compare(case: &Case, symbolic: bool) -> Result<(), String> {
    let mut model = forward(case, symbolic);
    let outputs: Vec<String> = model
        .graph()
        .node
        .iter()
        .filter(|node| is_fused(node))
        .flat_map(|node| node.output.iter().filter(|name| !name.is_empty()).cloned())
        .collect();
    if outputs.is_empty() {
        return Err("there is no fused node".into());
    }
    let mut builder = GraphBuilder::extend(model, "all/");
    for name in &outputs {
        builder.untyped_output(name);
    }
    model = builder.finish().map_err(|error| error.to_string())?;
    let types = SessionOracle::new(&library())
        .value_types(&model)
        .map_err(|error| error.to_string())?;
    let decomposed = decompose(&model, &types, &|_| true)
        .map_err(|error| error.to_string())?
        .ok_or("nothing was rewritten")?;
    if let Some(reason) = decomposed.refused.values().next() {
        return Err(format!("refused: {reason}"));
    }
    if let Some(node) = decomposed.model.graph().node.iter().find(|n| is_fused(n)) {
        return Err(format!("{} is left", node.op()));
    }
    let fused = values(&model, &outputs)?;
    let standard = values(&decomposed.model, &outputs)?;
    for ((name, a), b) in outputs.iter().zip(&fused).zip(&standard) {
        if a.shape != b.shape {
            return Err(format!("{name}: {:?} became {:?}", a.shape, b.shape));
        }
        let (Some(a), Some(b)) = (a.to_f64(), b.to_f64()) else {
            if a == b {
                continue;
            }
            return Err(format!("{name}: {a:?} became {b:?}"));
        };
        let scale = a.iter().fold(1e-3_f64, |most, value| most.max(value.abs()));
        for (position, (a, b)) in a.iter().zip(&b).enumerate() {
            if !((a - b).abs() <= 1e-5 * scale) {
                return Err(format!("{name}[{position}]: {a} became {b}"));
            }
        }
    }
    Ok(())
}

/// Checks numbers and gradients of all cases.
pub fn check_fused(cases: &[Case]) {
    compare_all(cases);
    check_all(cases);
}

/// Checks the numbers of all cases.
pub fn compare_all(cases: &[Case]) {
    let mut wrong = Vec::new();
    for case in cases {
        for symbolic in [false, true] {
            if symbolic && case.is_fixed_only() {
                continue;
            }
            if let Err(reason) = compare(case, symbolic) {
                wrong.push(format!("{} (symbolic {symbolic}): {reason}", case.name()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

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

/// Leaves out outputs of the last node.
pub fn leave_out(builder: &mut GraphBuilder, outputs: &[usize]) {
    let node = builder.graph().node.last_mut().unwrap();
    for output in outputs {
        node.output[*output].clear();
    }
}

/// A value one of whose lengths is not known before it runs.
pub fn of_any_length(builder: &mut GraphBuilder, x: &Value, length: usize, axis: i64) -> Value {
    let ones = builder.constant(&Tensor::i64(&[length], vec![1; length]));
    let places = builder.node("NonZero", &[&ones], vec![]);
    let places = builder.reshape(&places, &[-1]);
    builder.gather(x, &places, axis)
}

/// A constant of 32-bit whole numbers.
pub fn list(builder: &mut GraphBuilder, shape: &[usize], values: &[i32]) -> Value {
    builder.constant(&Tensor {
        shape: shape.to_vec(),
        data: stepdroid::onnx::TensorData::I32(values.to_vec()),
    })
}

/// A model whose outputs `loss` is the sum of what `build` makes of a weight, and `y` is that itself.
fn model_of(
    weights: &[(&str, Tensor)],
    build: impl Fn(&mut GraphBuilder, &[Value]) -> Value,
) -> Model {
    let mut builder = GraphBuilder::new("fused");
    builder.set_opset(CONTRIB, 1);
    let values: Vec<Value> = weights
        .iter()
        .map(|(name, tensor)| builder.initializer(name, tensor))
        .collect();
    let made = build(&mut builder, &values);
    builder.alias(&made, "y");
    let total = builder.reduce_sum(&made, &[], false);
    builder.alias(&total, "loss");
    builder.untyped_output("loss");
    builder.untyped_output("y");
    builder.finish().unwrap()
}

fn gradient_error(model: &Model, weight: &str) -> String {
    let options = GradientOptions {
        loss: "loss".into(),
        trainable: vec![weight.into()],
        ..Default::default()
    };
    build_gradient(model, &options, &SessionOracle::new(&library()))
        .unwrap_err()
        .to_string()
}

#[test]
fn all_that_is_not_supported_is_named_at_once() {
    let weight = random(&[2, 3, 8], 1, -1.0, 1.0, ElementType::F32);
    let model = model_of(&[("w", weight)], |b, v| {
        let positions = b.constant(&Tensor::i64(&[1], [0]));
        let (cos, sin) = (constant(b, &[4, 4], 1), constant(b, &[4, 4], 2));
        let inputs = [&v[0], &positions, &cos, &sin];
        let turned = contrib(b, "RotaryEmbedding", &inputs, vec![float("scale", 0.5)]);
        b.graph().node.last_mut().unwrap().name = Some("turn".into());
        let unknown = contrib(b, "SampleOp", &[&turned], vec![]);
        contrib(b, "Gelu", &[&unknown], vec![])
    });
    let error = gradient_error(&model, "w");
    let expected = [
        "RotaryEmbedding",
        "\"turn\"",
        "its scale is not 1",
        "SampleOp",
    ];
    for part in expected {
        assert!(error.contains(part), "{part} in {error}");
    }
    assert!(!error.contains("Gelu"), "{error}");
}

#[test]
fn frozen_parts_keep_their_fused_operators() {
    let weights = [
        ("frozen", random(&[2, 4], 1, -1.0, 1.0, ElementType::F32)),
        ("w", random(&[4], 2, -1.0, 1.0, ElementType::F32)),
    ];
    let model = model_of(&weights, |b, v| {
        let before = contrib(b, "Gelu", &[&v[0]], vec![]);
        contrib(b, "BiasGelu", &[&before, &v[1]], vec![])
    });
    let options = GradientOptions {
        loss: "loss".into(),
        trainable: vec!["w".into()],
        ..Default::default()
    };
    let gradient = build_gradient(&model, &options, &SessionOracle::new(&library())).unwrap();
    let fused: Vec<&str> = gradient
        .model
        .graph()
        .node
        .iter()
        .filter(|node| is_fused(node))
        .map(NodeProto::op)
        .collect();
    assert_eq!(fused, ["Gelu"]);
}

#[test]
fn malformed_nodes_are_refused() {
    for operator in [
        "Attention",
        "BiasAdd",
        "BiasGelu",
        "BiasSoftmax",
        "BiasSplitGelu",
        "EmbedLayerNormalization",
        "FastGelu",
        "FusedConv",
        "FusedGemm",
        "FusedMatMul",
        "Gelu",
        "GemmFastGelu",
        "GroupNorm",
        "GroupQueryAttention",
        "MultiHeadAttention",
        "NhwcConv",
        "QuickGelu",
        "RotaryEmbedding",
        "SkipGroupNorm",
        "SkipLayerNormalization",
        "SkipSimplifiedLayerNormalization",
    ] {
        let mut builder = GraphBuilder::new("malformed");
        let empty = none();
        let made = contrib(&mut builder, operator, &[&empty], vec![]);
        builder.untyped_output(made.name());
        let model = builder.finish().unwrap();
        let decomposed = decompose(&model, &HashMap::new(), &|_| true)
            .unwrap()
            .unwrap();
        assert!(decomposed.refused.contains_key(made.name()), "{operator}");
        assert_eq!(decomposed.model.graph().node, model.graph().node);
    }
}

/// Runs the standard form of a node that the engine has no CPU kernel for.
fn run_foreign(
    weights: &[(&str, Tensor)],
    build: impl Fn(&mut GraphBuilder, &[Value]) -> Value,
) -> Vec<f64> {
    let model = model_of(weights, build);
    let standard = decompose_foreign(&model).unwrap().unwrap();
    values(&standard, &["y".into()]).unwrap()[0]
        .to_f64()
        .unwrap()
}

fn assert_close(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-5, "{found}, not {expected}");
    }
}

#[test]
fn operators_without_a_kernel_here_have_a_standard_form() {
    let tensor = |shape: &[usize], seed| random(shape, seed, -1.0, 1.0, ElementType::F32);
    let (x, bias, skip) = (
        tensor(&[2, 3, 4], 1),
        tensor(&[4], 2),
        tensor(&[2, 3, 4], 3),
    );
    let (xs, bs, ss) = (
        x.to_f64().unwrap(),
        bias.to_f64().unwrap(),
        skip.to_f64().unwrap(),
    );
    let weights = [("x", x.clone()), ("b", bias), ("s", skip)];
    let sum = |position: usize| xs[position] + bs[position % 4];
    let found = run_foreign(&weights, |b, v| {
        contrib(b, "BiasAdd", &[&v[0], &v[1], &v[2]], vec![])
    });
    let expected: Vec<f64> = (0..24).map(|at| sum(at) + ss[at]).collect();
    assert_close(&found, &expected);

    let gelu = |x: f64| 0.5 * x * (1.0 + statrs::function::erf::erf(x / 2f64.sqrt()));
    let found = run_foreign(&weights, |b, v| {
        contrib(b, "BiasSplitGelu", &[&v[0], &v[1]], vec![])
    });
    let expected: Vec<f64> = (0..12)
        .map(|at| at / 2 * 4 + at % 2)
        .map(|at| sum(at) * gelu(sum(at + 2)))
        .collect();
    assert_close(&found, &expected);

    for axis in [1, 2] {
        let found = run_foreign(&weights, |b, v| {
            let attributes = vec![int("axis", axis), int("is_inner_broadcast", 0)];
            let inner = b.identity(&v[0]);
            contrib(b, "BiasSoftmax", &[&inner, &v[2]], attributes)
        });
        let row = if axis == 1 { 12 } else { 4 };
        let expected: Vec<f64> = (0..24)
            .map(|at| {
                let power = |at: usize| (xs[at] + ss[at]).exp();
                let total: f64 = (at / row * row..(at / row + 1) * row).map(power).sum();
                power(at) / total
            })
            .collect();
        assert_close(&found, &expected);
    }
}

#[test]
fn image_operators_without_a_kernel_here_have_a_standard_form() {
    let tensor = |shape: &[usize], seed| random(shape, seed, -1.0, 1.0, ElementType::F32);
    // [1, 2, 1, 4]: two places of four channels in two groups.
    let (x, gamma, beta) = (tensor(&[1, 2, 1, 4], 1), tensor(&[4], 2), tensor(&[4], 3));
    let skip = tensor(&[1, 4], 4);
    let numbers = |tensor: &Tensor| tensor.to_f64().unwrap();
    let (xs, gs, bs, ss) = (numbers(&x), numbers(&gamma), numbers(&beta), numbers(&skip));
    let expect = |xs: &[f64]| -> Vec<f64> {
        (0..8)
            .map(|at| {
                let group = at % 4 / 2;
                let of: Vec<f64> = (0..8)
                    .filter(|o| o % 4 / 2 == group)
                    .map(|o| xs[o])
                    .collect();
                let mean = of.iter().sum::<f64>() / 4.0;
                let variance = of.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 4.0;
                let y = gs[at % 4] * (xs[at] - mean) / (variance + 1e-3).sqrt() + bs[at % 4];
                y / (1.0 + (-y).exp())
            })
            .collect()
    };
    let attributes = || {
        vec![
            int("groups", 2),
            int("activation", 1),
            float("epsilon", 1e-3),
        ]
    };
    let weights = [("x", x), ("gamma", gamma), ("beta", beta), ("skip", skip)];
    let found = run_foreign(&weights, |b, v| {
        let inner = b.identity(&v[0]);
        contrib(b, "GroupNorm", &[&inner, &v[1], &v[2]], attributes())
    });
    assert_close(&found, &expect(&xs));
    let found = run_foreign(&weights, |b, v| {
        let moved = b.transpose(&v[0], &[0, 3, 1, 2]);
        let mut attributes = attributes();
        attributes.push(int("channels_last", 0));
        let made = contrib(b, "GroupNorm", &[&moved, &v[1], &v[2]], attributes);
        b.transpose(&made, &[0, 2, 3, 1])
    });
    assert_close(&found, &expect(&xs));
    let found = run_foreign(&weights, |b, v| {
        let inputs = [&v[0], &v[1], &v[2], &v[3]];
        contrib(b, "SkipGroupNorm", &inputs, attributes())
    });
    let sums: Vec<f64> = (0..8).map(|at| xs[at] + ss[at % 4]).collect();
    assert_close(&found, &expect(&sums));

    let weights = [
        ("x", tensor(&[1, 4, 5, 2], 5)),
        ("w", tensor(&[3, 2, 2, 3], 6)),
    ];
    let found = run_foreign(&weights, |b, v| {
        contrib(b, "NhwcConv", &[&v[0], &v[1]], vec![])
    });
    let model = model_of(&weights, |b, v| {
        let moved = b.transpose(&v[0], &[0, 3, 1, 2]);
        let made = b.node("Conv", &[&moved, &v[1]], vec![]);
        b.transpose(&made, &[0, 2, 3, 1])
    });
    let expected = values(&model, &["y".into()]).unwrap()[0].to_f64().unwrap();
    assert_close(&found, &expected);

    let weights = [
        ("x", tensor(&[3, 4], 7)),
        ("w", tensor(&[4, 2], 8)),
        ("b", tensor(&[2], 9)),
    ];
    let found = run_foreign(&weights, |b, v| {
        contrib(b, "GemmFastGelu", &[&v[0], &v[1], &v[2]], vec![])
    });
    let model = model_of(&weights, |b, v| {
        let product = b.matmul(&v[0], &v[1]);
        contrib(b, "FastGelu", &[&product, &v[2]], vec![])
    });
    let expected = values(&model, &["y".into()]).unwrap()[0].to_f64().unwrap();
    assert_close(&found, &expected);
    let found = run_foreign(&weights, |b, v| {
        let attributes = vec![
            AttributeProto::text("activation", "Relu"),
            float("alpha", 3.0),
        ];
        contrib(b, "FusedMatMulActivation", &[&v[0], &v[1]], attributes)
    });
    let model = model_of(&weights, |b, v| {
        let product = b.matmul(&v[0], &v[1]);
        let three = b.scalar(3.0);
        let scaled = b.mul(&product, &three);
        b.relu(&scaled)
    });
    let expected = values(&model, &["y".into()]).unwrap()[0].to_f64().unwrap();
    assert_close(&found, &expected);
}
