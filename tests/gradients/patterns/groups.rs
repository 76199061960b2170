//! Groups that stay in the forward graph and have the gradient of one operator.

use stepdroid::onnx::{GradientOptions, GraphBuilder, Recompute, Tensor, Value, build_gradient};
use stepdroid::runtime::{Session, SessionOptions, SessionOracle};

use super::gradient;
use crate::harness::{Build, CPU, Case, case, check_all, forward, library};

/// Checks the gradients of cases, and how many nodes of an operator their backward passes have.
fn check(cases: Vec<Case>, weights: usize, operator: &str, expected: usize) {
    for case in &cases {
        let model = gradient(&forward(case, false), weights);
        let backward = |name: &String| name.starts_with("g/") || name.starts_with("grad.");
        let nodes = model.graph().node.iter();
        let found = nodes
            .filter(|node| node.op() == operator && node.output.iter().any(backward))
            .count();
        assert_eq!(found, expected, "{operator} in {:?}", case.name());
    }
    check_all(&cases);
}

fn number(b: &mut GraphBuilder, value: f64) -> Value {
    b.constant(&Tensor {
        shape: vec![],
        ..Tensor::f64(&[1], [value])
    })
}

/// Twelve numbers.
fn ramp() -> Vec<f64> {
    (0..12).map(|step| f64::from(step) / 8.0 - 0.6).collect()
}

fn rows(name: &'static str, build: Build) -> Case {
    case(name, &[&[3, 4]], build)
}

fn pair(name: &'static str, build: Build) -> Case {
    case(name, &[&[2, 3, 4], &[2, 3, 4]], build)
}

fn silu(b: &mut GraphBuilder, x: &Value) -> Value {
    let gate = b.sigmoid(x);
    b.mul(x, &gate)
}

#[test]
fn x_times_its_sigmoid() {
    let cases = vec![
        rows("x first", |b, v| silu(b, &v[0])),
        rows("gate first", |b, v| {
            let gate = b.sigmoid(&v[0]);
            b.mul(&gate, &v[0])
        }),
        rows("in 32 bits", |b, v| silu(b, &v[0])).single(),
    ];
    // One of them belongs to the loss.
    check(cases, 1, "Mul", 3);
    let shared = rows("the gate is read by others", |b, v| {
        let gate = b.sigmoid(&v[0]);
        let y = b.mul(&v[0], &gate);
        let other = b.exp(&gate);
        b.mul(&y, &other)
    });
    check_all(&[shared]);
}

#[test]
fn a_gate_times_another_value() {
    let cases = vec![
        pair("gate first", |b, v| {
            let y = silu(b, &v[0]);
            b.mul(&y, &v[1])
        }),
        pair("gate second", |b, v| {
            let y = silu(b, &v[0]);
            b.mul(&v[1], &y)
        }),
    ];
    check(cases, 2, "Mul", 4);
    check_all(&[
        pair("the gated value is read by others", |b, v| {
            let y = silu(b, &v[0]);
            let z = b.mul(&y, &v[1]);
            b.add(&z, &y)
        }),
        pair("times itself", |b, v| {
            let y = silu(b, &v[0]);
            let square = b.mul(&y, &y);
            let product = b.mul(&y, &v[0]);
            let sum = b.add(&square, &product);
            b.mul(&sum, &v[1])
        }),
        case("broadcast", &[&[3, 4], &[4]], |b, v| {
            let y = silu(b, &v[0]);
            b.mul(&y, &v[1])
        }),
        case("only the gate is trained", &[&[3, 4]], |b, v| {
            let y = silu(b, &v[0]);
            let other = b.constant(&Tensor::f64(&[3, 4], ramp()));
            b.mul(&other, &y)
        }),
        case("only the other one is trained", &[&[3, 4]], |b, v| {
            let other = b.constant(&Tensor::f64(&[3, 4], ramp()));
            let y = silu(b, &other);
            b.mul(&v[0], &y)
        }),
    ]);
}

#[test]
fn what_only_looks_like_a_gate_has_its_own_gradient() {
    check_all(&[
        rows("another argument", |b, v| {
            let two = number(b, 2.0);
            let double = b.mul(&v[0], &two);
            let gate = b.sigmoid(&double);
            b.mul(&v[0], &gate)
        }),
        rows("a sum", |b, v| {
            let gate = b.sigmoid(&v[0]);
            b.add(&v[0], &gate)
        }),
    ]);
}

/// A softmax of scores with a mask; one row has no key at all. `value` stands where nothing was found.
fn guarded(b: &mut GraphBuilder, x: &Value, value: f64) -> (Value, Value) {
    let shut = f64::NEG_INFINITY;
    let mask = [
        0.0, 0.0, shut, 0.0, shut, shut, shut, shut, 0.0, shut, 0.0, 0.0,
    ];
    let mask = b.constant(&Tensor::f64(&[3, 4], mask));
    let masked = b.add(x, &mask);
    let softmax = b.softmax(&masked, -1);
    let empty = b.node("IsNaN", &[&softmax], Vec::new());
    let value = number(b, value);
    (b.choose(&empty, &value, &softmax), softmax)
}

#[test]
fn a_guarded_softmax() {
    let cases = vec![
        rows("rows", |b, v| guarded(b, &v[0], 0.0).0),
        case("batch", &[&[2, 3, 4]], |b, v| guarded(b, &v[0], 0.0).0),
    ];
    check(cases, 1, "Where", 0);
    // The softmax's own values have no number in the empty row: they are read where there is one.
    let shared = rows("the softmax is read by others", |b, v| {
        let softmax = b.softmax(&v[0], -1);
        let empty = b.node("IsNaN", &[&softmax], Vec::new());
        let zero = number(b, 0.0);
        let guarded = b.choose(&empty, &zero, &softmax);
        let square = b.mul(&softmax, &softmax);
        b.add(&guarded, &square)
    });
    check(vec![shared], 1, "Where", 0);
}

#[test]
fn what_only_looks_like_a_guard_has_its_own_gradient() {
    let cases = vec![
        rows("another value where there is none", |b, v| {
            let softmax = b.softmax(&v[0], -1);
            let empty = b.node("IsNaN", &[&softmax], Vec::new());
            let one = number(b, 1.0);
            b.choose(&empty, &one, &softmax)
        }),
        rows("another value is tested", |b, v| {
            let softmax = b.softmax(&v[0], -1);
            let root = b.sqrt(&v[0]);
            let empty = b.node("IsNaN", &[&root], Vec::new());
            let zero = number(b, 0.0);
            b.choose(&empty, &zero, &softmax)
        }),
    ];
    check(cases, 1, "Where", 1);
}

/// The root of the mean square, with the epsilon.
fn deviation(b: &mut GraphBuilder, x: &Value, axes: &[i64], by_power: bool) -> Value {
    let square = if by_power {
        let two = number(b, 2.0);
        b.pow(x, &two)
    } else {
        b.mul(x, x)
    };
    let mean = b.reduce_mean(&square, axes, true);
    let epsilon = number(b, 1e-3);
    let sum = b.add(&mean, &epsilon);
    b.sqrt(&sum)
}

fn cube(name: &'static str, build: Build) -> Case {
    case(name, &[&[2, 3, 4], &[4]], build)
}

#[test]
fn a_root_mean_square_normalisation() {
    let cases = vec![
        cube("by a reciprocal", |b, v| {
            let size = deviation(b, &v[0], &[-1], true);
            let factor = b.reciprocal(&size);
            let y = b.mul(&v[0], &factor);
            b.mul(&v[1], &y)
        }),
        cube("one over it, squared by a product", |b, v| {
            let size = deviation(b, &v[0], &[2], false);
            let one = number(b, 1.0);
            let factor = b.div(&one, &size);
            let y = b.mul(&factor, &v[0]);
            b.mul(&y, &v[1])
        }),
        cube("by a division", |b, v| {
            let size = deviation(b, &v[0], &[-1], true);
            let y = b.div(&v[0], &size);
            b.mul(&y, &v[1])
        }),
        cube("by a power, over two axes", |b, v| {
            let square = b.mul(&v[0], &v[0]);
            let mean = b.reduce_mean(&square, &[0, 2], true);
            let epsilon = number(b, 1e-3);
            let sum = b.add(&epsilon, &mean);
            let power = number(b, -0.5);
            let factor = b.pow(&sum, &power);
            let y = b.mul(&v[0], &factor);
            b.mul(&y, &v[1])
        }),
    ];
    check(cases, 2, "Sub", 1);
    let shared = cube("the factor and the square are read by others", |b, v| {
        let square = b.mul(&v[0], &v[0]);
        let mean = b.reduce_mean(&square, &[-1], true);
        let epsilon = number(b, 1e-3);
        let sum = b.add(&mean, &epsilon);
        let size = b.sqrt(&sum);
        let factor = b.reciprocal(&size);
        let y = b.mul(&v[0], &factor);
        let y = b.mul(&y, &v[1]);
        let y = b.add(&y, &factor);
        b.add(&y, &square)
    });
    check(vec![shared], 2, "Sub", 1);
}

#[test]
fn what_only_looks_like_a_normalisation_has_its_own_gradient() {
    let cases = vec![
        cube("the size of another value", |b, v| {
            let other = b.exp(&v[0]);
            let size = deviation(b, &other, &[-1], true);
            let y = b.div(&v[0], &size);
            b.mul(&y, &v[1])
        }),
        cube("a cube", |b, v| {
            let three = number(b, 3.0);
            let power = b.pow(&v[0], &three);
            let mean = b.reduce_mean(&power, &[-1], true);
            let many = number(b, 9.0);
            let sum = b.add(&mean, &many);
            let size = b.sqrt(&sum);
            let y = b.div(&v[0], &size);
            b.mul(&y, &v[1])
        }),
        case("a trained epsilon", &[&[3, 4], &[1]], |b, v| {
            let square = b.mul(&v[0], &v[0]);
            let mean = b.reduce_mean(&square, &[-1], true);
            let sum = b.add(&mean, &v[1]);
            let size = b.sqrt(&sum);
            b.div(&v[0], &size)
        })
        .positive(),
    ];
    check(cases, 2, "Sub", 0);
}

/// All groups in a block whose values are computed a second time give the gradients that they give
/// without.
#[test]
fn groups_in_blocks_that_are_computed_again() {
    let case = case("a block", &[&[3, 4], &[4, 4], &[4, 4], &[4]], |b, v| {
        let mut x = v[0].clone();
        for layer in 0..2 {
            let size = deviation(b, &x, &[-1], true);
            let factor = b.reciprocal(&size);
            let y = b.mul(&x, &factor);
            let y = b.mul(&y, &v[3]);
            let left = b.named_node("MatMul", &[&y, &v[1]], Vec::new(), &format!("l{layer}"));
            let right = b.matmul(&y, &v[2]);
            let gated = silu(b, &left);
            let product = b.mul(&gated, &right);
            let (guarded, _) = guarded(b, &product, 0.0);
            x = b.add(&x, &guarded);
        }
        x
    });
    let model = forward(&case, false);
    let names: Vec<String> = (0..4).map(|number| format!("w{number}")).collect();
    let outputs: Vec<String> = names.iter().map(|name| format!("grad.{name}")).collect();
    let outputs: Vec<&str> = outputs.iter().map(String::as_str).collect();
    let library = library();
    let run = |recompute| {
        let options = GradientOptions {
            loss: "loss".into(),
            trainable: names.clone(),
            recompute,
            ..Default::default()
        };
        let graph = build_gradient(&model, &options, &SessionOracle::new(&library)).unwrap();
        let options = SessionOptions::default();
        let session = Session::new(&library, &CPU, "block", &graph.model, options).unwrap();
        let weights = graph.weights.iter();
        let inputs: Vec<_> = weights
            .map(|(name, value)| (name.as_str(), value))
            .collect();
        (graph.recomputed, session.run(&inputs, &outputs).unwrap())
    };
    let (none, plain) = run(Recompute::None);
    let (some, again) = run(Recompute::Auto);
    assert_eq!(none, 0);
    assert!(some > 0);
    for (plain, again) in plain.iter().zip(&again) {
        let pairs = plain
            .to_f64()
            .unwrap()
            .into_iter()
            .zip(again.to_f64().unwrap());
        for (plain, again) in pairs {
            assert!((plain - again).abs() < 1e-12, "{again} instead of {plain}");
        }
    }
}
