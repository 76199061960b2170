//! Operators that the engine has no CPU kernel for, against plain references.

use stepdroid::onnx::decompose::decompose_foreign;
use stepdroid::onnx::proto::AttributeProto;
use stepdroid::onnx::{ElementType, GraphBuilder, Tensor, Value};

use super::{contrib, float, int, model_of, values};
use crate::harness::random;

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
