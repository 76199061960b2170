//! The rules that every network needs, the losses, and the errors of the builder.

use stepdroid::onnx::proto::AttributeProto;
use stepdroid::onnx::{
    Dimension, ElementType, GradientOptions, GraphBuilder, Model, Tensor, build_gradient, loss,
};
use stepdroid::runtime::{Session, SessionOptions, SessionOracle};

use crate::harness::{CPU, Case, case, check_all, forward, library, random};

fn cases() -> Vec<Case> {
    vec![
        case("add", &[&[2, 3], &[2, 3]], |b, v| b.add(&v[0], &v[1])),
        case("add broadcast row", &[&[2, 3], &[3]], |b, v| {
            b.add(&v[0], &v[1])
        }),
        case("add broadcast both", &[&[2, 1], &[1, 3]], |b, v| {
            b.add(&v[0], &v[1])
        }),
        case("sub broadcast", &[&[3], &[4, 2, 3]], |b, v| {
            b.sub(&v[0], &v[1])
        }),
        case("mul broadcast", &[&[2, 1, 3], &[4, 1]], |b, v| {
            b.mul(&v[0], &v[1])
        }),
        case("mul with itself", &[&[2, 3]], |b, v| b.mul(&v[0], &v[0])),
        case("div broadcast", &[&[2, 3], &[2, 1]], |b, v| {
            b.div(&v[0], &v[1])
        })
        .positive(),
        case("pow", &[&[2, 3], &[3]], |b, v| b.pow(&v[0], &v[1])).positive(),
        case("neg exp", &[&[2, 3]], |b, v| {
            let negative = b.neg(&v[0]);
            b.exp(&negative)
        }),
        case("log sqrt", &[&[2, 3]], |b, v| {
            let root = b.sqrt(&v[0]);
            b.log(&root)
        })
        .positive(),
        case("erf", &[&[2, 3]], |b, v| b.erf(&v[0])).single(),
        case("gelu", &[&[2, 3]], |b, v| b.gelu(&v[0])).single(),
        case("tanh sigmoid", &[&[2, 3]], |b, v| {
            let t = b.tanh(&v[0]);
            b.sigmoid(&t)
        }),
        case("relu", &[&[4, 3]], |b, v| b.relu(&v[0])),
        case("abs", &[&[4, 3]], |b, v| b.abs(&v[0])),
        case("reciprocal", &[&[4]], |b, v| b.reciprocal(&v[0])).positive(),
        case("cast", &[&[4]], |b, v| {
            let half = b.cast(&v[0], ElementType::F32);
            let doubled = b.add(&half, &half);
            b.cast(&doubled, ElementType::F32)
        })
        .single(),
        case("matmul 2x2", &[&[3, 4], &[4, 2]], |b, v| {
            b.matmul(&v[0], &v[1])
        }),
        case("matmul rows by matrix", &[&[2, 3, 4], &[4, 2]], |b, v| {
            b.matmul(&v[0], &v[1])
        }),
        case("matmul batched", &[&[2, 3, 4], &[2, 4, 5]], |b, v| {
            b.matmul(&v[0], &v[1])
        }),
        case("matmul broadcast", &[&[2, 1, 3, 4], &[5, 4, 2]], |b, v| {
            b.matmul(&v[0], &v[1])
        }),
        case("gemm", &[&[3, 4], &[4, 2], &[2]], |b, v| {
            let attributes = vec![
                AttributeProto::float("alpha", 0.5),
                AttributeProto::float("beta", 2.0),
            ];
            b.node("Gemm", &[&v[0], &v[1], &v[2]], attributes)
        }),
        case("gemm transposed", &[&[4, 3], &[2, 4]], |b, v| {
            b.gemm(&v[0], &v[1], true, true)
        }),
        case("gemm transposed a", &[&[4, 3], &[4, 2]], |b, v| {
            b.gemm(&v[0], &v[1], true, false)
        }),
        case("gemm transposed b", &[&[3, 4], &[2, 4]], |b, v| {
            b.gemm(&v[0], &v[1], false, true)
        }),
        case("softmax", &[&[2, 3, 4]], |b, v| b.softmax(&v[0], -1)),
        case("softmax axis 1", &[&[2, 3, 4]], |b, v| b.softmax(&v[0], 1)),
        case("log softmax", &[&[2, 4]], |b, v| b.log_softmax(&v[0], -1)),
        case("layer norm", &[&[2, 3, 4], &[4], &[4]], |b, v| {
            b.layer_norm(&v[0], &v[1], &v[2], 1e-5)
        }),
        case("reduce sum", &[&[2, 3, 4]], |b, v| {
            b.reduce_sum(&v[0], &[1], false)
        }),
        case("reduce sum all", &[&[2, 3]], |b, v| {
            let square = b.mul(&v[0], &v[0]);
            b.reduce_sum(&square, &[], false)
        }),
        case("reduce mean keep", &[&[2, 3, 4]], |b, v| {
            b.reduce_mean(&v[0], &[0, -1], true)
        }),
        case("reduce mean all", &[&[2, 3]], |b, v| {
            b.reduce_mean(&v[0], &[], false)
        }),
        case("reduce max", &[&[3, 4]], |b, v| {
            b.reduce_max(&v[0], &[1], false)
        }),
        case("where", &[&[2, 3], &[3]], |b, v| {
            let condition = b.greater(&v[0], &v[1]);
            b.choose(&condition, &v[0], &v[1])
        }),
        case("min max", &[&[2, 3], &[3]], |b, v| {
            let low = b.min(&v[0], &v[1]);
            let doubled = b.add(&low, &low);
            b.max(&doubled, &v[0])
        }),
        case("clip", &[&[3, 4]], |b, v| {
            let low = b.constant(&Tensor {
                shape: vec![],
                ..Tensor::f64(&[1], [-0.5])
            });
            let high = b.constant(&Tensor {
                shape: vec![],
                ..Tensor::f64(&[1], [0.8])
            });
            b.node("Clip", &[&v[0], &low, &high], Vec::new())
        }),
        case("reshape", &[&[2, 6]], |b, v| b.reshape(&v[0], &[3, -1])),
        case("flatten", &[&[2, 3, 2]], |b, v| {
            b.node("Flatten", &[&v[0]], vec![AttributeProto::int("axis", 1)])
        }),
        case("squeeze unsqueeze", &[&[2, 1, 3]], |b, v| {
            let small = b.squeeze(&v[0], &[1]);
            b.unsqueeze(&small, &[0, -1])
        }),
        case("transpose", &[&[2, 3, 4]], |b, v| {
            b.transpose(&v[0], &[2, 0, 1])
        }),
        case("expand", &[&[2, 1, 3]], |b, v| {
            let shape = b.integers(&[4, 2, 5, 3]);
            b.expand_to(&v[0], &shape)
        }),
        case("concat", &[&[2, 3], &[2, 1]], |b, v| {
            b.concat(&[&v[0], &v[1]], -1)
        }),
        case("concat twice the same", &[&[2, 3]], |b, v| {
            b.concat(&[&v[0], &v[0]], 0)
        }),
        case("split", &[&[2, 5]], |b, v| {
            let sizes = b.integers(&[2, 3]);
            let attributes = vec![AttributeProto::int("axis", 1)];
            let pieces = b.nodes("Split", &[&v[0], &sizes], attributes, 2);
            b.exp(&pieces[1])
        }),
        case("slice", &[&[4, 5]], |b, v| b.slice(&v[0], 1, 1, 4)),
        case("slice backwards", &[&[4, 5]], |b, v| {
            let starts = b.integers(&[-1, 3]);
            let ends = b.integers(&[-6, 0]);
            let axes = b.integers(&[1, 0]);
            let steps = b.integers(&[-2, -1]);
            b.node("Slice", &[&v[0], &starts, &ends, &axes, &steps], Vec::new())
        }),
        case("gather rows", &[&[4, 3]], |b, v| {
            let indices = b.constant(&Tensor::i64(&[2, 2], [0, 2, 2, 3]));
            b.gather(&v[0], &indices, 0)
        }),
        case("gather columns", &[&[2, 4, 3]], |b, v| {
            let indices = b.constant(&Tensor::i64(&[3], [3, 0, 3]));
            b.gather(&v[0], &indices, 1)
        }),
        case(
            "attention",
            &[&[2, 4, 6], &[6, 6], &[6, 6], &[6, 6]],
            |b, v| {
                let (q, k, value) = (
                    b.matmul(&v[0], &v[1]),
                    b.matmul(&v[0], &v[2]),
                    b.matmul(&v[0], &v[3]),
                );
                let keys = b.transpose(&k, &[0, 2, 1]);
                let scores = b.matmul(&q, &keys);
                let weights = b.softmax(&scores, -1);
                let mixed = b.matmul(&weights, &value);
                b.add(&mixed, &v[0])
            },
        ),
    ]
}

#[test]
fn the_basic_rules_agree_with_finite_differences() {
    check_all(&cases());
}

#[test]
fn operators_without_a_rule_are_named_all_at_once() {
    let mut builder = GraphBuilder::new("unsupported");
    let weight = builder.initializer("w", &Tensor::f32(&[1, 2, 2], [0.1, 0.2, 0.3, 0.4]));
    let determinant = builder.node("Det", &[&weight], Vec::new());
    let both = builder.node("Unique", &[&determinant], Vec::new());
    let total = builder.reduce_sum(&both, &[], false);
    builder.alias(&total, "loss");
    builder.untyped_output("loss");
    let model = builder.finish().unwrap();
    let options = GradientOptions {
        loss: "loss".into(),
        trainable: vec!["w".into()],
        keep: Vec::new(),
        ..Default::default()
    };
    let error = build_gradient(&model, &options, &SessionOracle::new(&library()))
        .unwrap_err()
        .to_string();
    assert!(error.contains("Det") && error.contains("Unique"), "{error}");
}

#[test]
fn wrong_names_are_errors() {
    let model = forward(&cases()[0], false);
    let oracle = SessionOracle::new(&library());
    let build = |loss: &str, weight: &str| {
        let options = GradientOptions {
            loss: loss.into(),
            trainable: vec![weight.into()],
            keep: Vec::new(),
            ..Default::default()
        };
        build_gradient(&model, &options, &oracle)
            .unwrap_err()
            .to_string()
    };
    assert!(build("nothing", "w0").contains("nothing"));
    assert!(build("loss", "w9").contains("w9"));
}

#[test]
fn the_clipped_loss_equals_a_plain_reference() {
    let rows = 7;
    let mut builder = GraphBuilder::new("ppo");
    let batch = [Dimension::Symbol("batch".into())];
    let mut rows_input = |name: &str| builder.input(name, ElementType::F32, &batch);
    let (logp, old, advantage, weight) = (
        rows_input("logp"),
        rows_input("old"),
        rows_input("advantage"),
        rows_input("weight"),
    );
    let low = builder.input("low", ElementType::F32, &[]);
    let high = builder.input("high", ElementType::F32, &[]);
    let ppo = loss::ppo_clip(
        &mut builder,
        &logp,
        &old,
        &advantage,
        &weight,
        &low,
        &high,
        ElementType::F32,
    );
    for (value, name) in [
        (&ppo.loss, "loss"),
        (&ppo.clip_fraction, "clipped"),
        (&ppo.approximate_kl, "kl"),
    ] {
        builder.alias(value, name);
        builder.untyped_output(name);
    }
    let model = Model::from_bytes(&builder.finish().unwrap().to_bytes()).unwrap();
    let session = Session::new(&library(), &CPU, "ppo", &model, SessionOptions::default()).unwrap();
    let column = |seed, low, high| random(&[rows], seed, low, high, ElementType::F32);
    let (logp, old, advantage) = (
        column(1, -2.0, 0.0),
        column(2, -2.0, 0.0),
        column(3, -1.0, 1.0),
    );
    let weight = Tensor::f32(&[rows], [1.0, 1.0, 0.5, 1.0, 0.0, 1.0, 1.0]);
    let (low, high) = (Tensor::scalar(0.2), Tensor::scalar(0.3));
    let inputs = [
        ("logp", &logp),
        ("old", &old),
        ("advantage", &advantage),
        ("weight", &weight),
        ("low", &low),
        ("high", &high),
    ];
    let outputs = session.run(&inputs, &["loss", "clipped", "kl"]).unwrap();
    let value = |tensor: &Tensor, row: usize| f64::from(tensor.as_f32().unwrap()[row]);
    let (mut objective, mut clipped, mut kl, mut total) = (0.0, 0.0, 0.0, 0.0);
    for row in 0..rows {
        let difference = value(&logp, row) - value(&old, row);
        let (ratio, a, w) = (
            difference.exp(),
            value(&advantage, row),
            value(&weight, row),
        );
        let bounded = ratio.clamp(0.8, 1.3);
        objective += w * (ratio * a).min(bounded * a);
        clipped += w * f64::from(u8::from((ratio - bounded).abs() > 1e-6));
        kl += w * (ratio - 1.0 - difference);
        total += w;
    }
    for (output, expected) in outputs
        .iter()
        .zip([-objective / total, clipped / total, kl / total])
    {
        let found = output.to_f64().unwrap()[0];
        assert!(
            (found - expected).abs() < 1e-5,
            "{found} instead of {expected}"
        );
    }
}

#[test]
fn broken_files_are_typed_errors() {
    let bytes = forward(&cases()[0], false).to_bytes();
    for length in [0, 1, 7, bytes.len() / 2, bytes.len() - 1] {
        assert!(
            Model::from_bytes(&bytes[..length]).is_err(),
            "cut to {length} bytes"
        );
    }
    assert!(Model::from_bytes(b"PK\x03\x04 not a model").is_err());
    let whole = Model::from_bytes(&bytes).unwrap();
    assert_eq!(whole.to_bytes(), bytes);
    let mut cyclic = whole.clone();
    cyclic.graph_mut().node.reverse();
    assert!(
        cyclic
            .check()
            .unwrap_err()
            .to_string()
            .contains("before it exists")
    );
}

proptest::proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes: Vec<u8>, cut in 0usize..4000, flip in 0usize..4000) {
        let _ = Model::from_bytes(&bytes);
        let mut model = forward(&cases()[0], false).to_bytes();
        let length = model.len();
        model[flip % length] ^= 0x55;
        let _ = Model::from_bytes(&model[..cut.min(length)]);
    }
}
