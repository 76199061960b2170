//! Groups of small operators that are differentiated as one: the forms that exporters write, and forms
//! that only look alike.

mod forms;
mod groups;
mod pieces;

use stepdroid::onnx::proto::AttributeProto as Attribute;
use stepdroid::onnx::{
    GradientOptions, GraphBuilder, Model, Tensor, TensorData, Value, build_gradient,
};
use stepdroid::runtime::{Session, SessionOptions, SessionOracle};

use crate::harness::{Build, CPU, Case, case, check_all, forward, library};

/// How often an operator occurs in the forward part of a gradient graph.
fn count(model: &Model, operator: &str) -> usize {
    let forward = |name: &String| !name.starts_with("g/");
    let nodes = model.graph().node.iter();
    nodes
        .filter(|node| node.op() == operator && node.output.first().is_some_and(forward))
        .count()
}

fn gradient(model: &Model, weights: usize) -> Model {
    let options = GradientOptions {
        loss: "loss".into(),
        trainable: (0..weights).map(|number| format!("w{number}")).collect(),
        keep: Vec::new(),
        ..Default::default()
    };
    build_gradient(model, &options, &SessionOracle::new(&library()))
        .unwrap()
        .model
}

/// The loss with the weights as they are in the file.
fn loss(model: &Model, weights: &[(String, Tensor)]) -> f64 {
    let session = Session::new(&library(), &CPU, "loss", model, SessionOptions::default()).unwrap();
    let inputs: Vec<(&str, &Tensor)> = weights
        .iter()
        .map(|(name, tensor)| (name.as_str(), tensor))
        .collect();
    session.run(&inputs, &["loss"]).unwrap()[0]
        .to_f64()
        .unwrap()[0]
}

/// Checks that every case becomes the larger operator (or does not), that the loss stays what it was,
/// and the gradients.
fn check(cases: Vec<(Case, usize)>, operator: &str, expected: usize) {
    for (case, weights) in &cases {
        let before = forward(case, false);
        let after = gradient(&before, *weights);
        assert_eq!(
            count(&after, operator),
            expected,
            "{operator} in {:?}",
            before.graph().name
        );
        let values: Vec<(String, Tensor)> = (0..*weights)
            .map(|number| format!("w{number}"))
            .map(|name| (name.clone(), before.initializer(&name).unwrap()))
            .collect();
        let (old, new) = (loss(&before, &[]), loss(&after, &values));
        assert!(
            (old - new).abs() < 1e-5,
            "{new} instead of {old} in {:?}",
            before.graph().name
        );
    }
    let cases: Vec<Case> = cases.into_iter().map(|(case, _)| case).collect();
    check_all(&cases);
}

fn rows(name: &'static str, build: Build) -> (Case, usize) {
    (case(name, &[&[3, 4]], build).single().range(-2.0, 2.0), 1)
}

fn erf_sum(b: &mut GraphBuilder, x: &Value, by_division: bool) -> Value {
    let scaled = if by_division {
        let root = b.scalar(std::f32::consts::SQRT_2);
        b.div(x, &root)
    } else {
        let inverse = b.scalar(std::f32::consts::FRAC_1_SQRT_2);
        b.mul(&inverse, x)
    };
    let erf = b.erf(&scaled);
    let one = b.scalar(1.0);
    b.add(&one, &erf)
}

#[test]
fn gelu_by_the_error_function_in_every_order() {
    check(
        vec![
            rows("x times sum, halved", |b, v| {
                let sum = erf_sum(b, &v[0], true);
                let product = b.mul(&v[0], &sum);
                let half = b.scalar(0.5);
                b.mul(&product, &half)
            }),
            rows("half x times sum", |b, v| {
                let half = b.scalar(0.5);
                let halved = b.mul(&half, &v[0]);
                let sum = erf_sum(b, &v[0], false);
                b.mul(&halved, &sum)
            }),
            rows("x times half the sum", |b, v| {
                let sum = erf_sum(b, &v[0], false);
                let two = b.scalar(2.0);
                let halved = b.div(&sum, &two);
                b.mul(&halved, &v[0])
            }),
            rows("x is a sum itself", |b, v| {
                let bias = b.constant(&Tensor::f32(&[4], [0.1, -0.2, 0.3, 0.0]));
                let x = b.add(&v[0], &bias);
                b.gelu(&x)
            }),
            rows("constants as nodes", |b, v| {
                let half = Tensor {
                    shape: vec![],
                    data: TensorData::F32(vec![0.5]),
                };
                let attributes = vec![Attribute::tensor("value", half.to_proto(""))];
                let half = b.node("Constant", &[], attributes);
                let sum = erf_sum(b, &v[0], true);
                let product = b.mul(&v[0], &sum);
                b.mul(&product, &half)
            }),
        ],
        "Gelu",
        1,
    );
}

fn tangent_sum(b: &mut GraphBuilder, cubic: &Value, x: &Value) -> Value {
    let factor = b.scalar(0.044715);
    let scaled = b.mul(cubic, &factor);
    let inner = b.add(x, &scaled);
    let root = b.scalar(0.797_884_6);
    let argument = b.mul(&inner, &root);
    let tangent = b.tanh(&argument);
    let one = b.scalar(1.0);
    b.add(&tangent, &one)
}

#[test]
fn gelu_by_the_hyperbolic_tangent_in_every_order() {
    check(
        vec![
            rows("cube by a power", |b, v| {
                let three = b.scalar(3.0);
                let cube = b.pow(&v[0], &three);
                let sum = tangent_sum(b, &cube, &v[0]);
                let half = b.scalar(0.5);
                let halved = b.mul(&v[0], &half);
                b.mul(&halved, &sum)
            }),
            rows("cube by products", |b, v| {
                let square = b.mul(&v[0], &v[0]);
                let cube = b.mul(&square, &v[0]);
                let sum = tangent_sum(b, &cube, &v[0]);
                let half = b.scalar(0.5);
                let product = b.mul(&sum, &v[0]);
                b.mul(&half, &product)
            }),
            rows("x taken out of the polynomial", |b, v| {
                let square = b.mul(&v[0], &v[0]);
                let factor = b.scalar(0.044715);
                let scaled = b.mul(&factor, &square);
                let one = b.scalar(1.0);
                let sum = b.add(&scaled, &one);
                let root = b.scalar(0.797_884_6);
                let outer = b.mul(&v[0], &root);
                let argument = b.mul(&outer, &sum);
                let tangent = b.tanh(&argument);
                let half = b.scalar(0.5);
                let scaled = b.mul(&half, &tangent);
                let gate = b.add(&scaled, &half);
                b.mul(&v[0], &gate)
            }),
        ],
        "Gelu",
        1,
    );
}

#[test]
fn what_only_looks_like_gelu_stays_as_it_is() {
    check(
        vec![
            rows("another scale", |b, v| {
                let scale = b.scalar(0.8);
                let scaled = b.mul(&v[0], &scale);
                let erf = b.erf(&scaled);
                let one = b.scalar(1.0);
                let sum = b.add(&erf, &one);
                let product = b.mul(&v[0], &sum);
                let half = b.scalar(0.5);
                b.mul(&product, &half)
            }),
            rows("no half", |b, v| {
                let sum = erf_sum(b, &v[0], true);
                b.mul(&v[0], &sum)
            }),
            rows("another value outside", |b, v| {
                let sum = erf_sum(b, &v[0], true);
                let other = b.exp(&v[0]);
                let product = b.mul(&other, &sum);
                let half = b.scalar(0.5);
                b.mul(&product, &half)
            }),
            rows("plain tangent", |b, v| {
                let tangent = b.tanh(&v[0]);
                b.mul(&v[0], &tangent)
            }),
            (
                case("the half is trained", &[&[3, 4], &[1]], |b, v| {
                    let sum = erf_sum(b, &v[0], true);
                    let product = b.mul(&v[0], &sum);
                    b.mul(&product, &v[1])
                })
                .single()
                .range(0.4, 0.6),
                2,
            ),
        ],
        "Gelu",
        0,
    );
}

#[test]
fn a_value_inside_of_the_group_may_be_read_by_others() {
    check(
        vec![rows("the error function is used again", |b, v| {
            let sum = erf_sum(b, &v[0], true);
            let product = b.mul(&v[0], &sum);
            let half = b.scalar(0.5);
            let gelu = b.mul(&product, &half);
            b.add(&gelu, &sum)
        })],
        "Gelu",
        1,
    );
}

#[test]
fn f64_keeps_its_small_operators() {
    let model = forward(
        &case("in 64 bits", &[&[3, 4]], |b, v| {
            let wide = |b: &mut GraphBuilder, value: f64| b.constant(&Tensor::f64(&[1], [value]));
            let (three, factor) = (wide(b, 3.0), wide(b, 0.044715));
            let (root, one) = (wide(b, (2.0 / std::f64::consts::PI).sqrt()), wide(b, 1.0));
            let half = wide(b, 0.5);
            let cube = b.pow(&v[0], &three);
            let scaled = b.mul(&cube, &factor);
            let inner = b.add(&v[0], &scaled);
            let argument = b.mul(&inner, &root);
            let tangent = b.tanh(&argument);
            let sum = b.add(&tangent, &one);
            let product = b.mul(&v[0], &sum);
            b.mul(&product, &half)
        }),
        false,
    );
    assert_eq!(count(&gradient(&model, 1), "Gelu"), 0);
}

/// A layer normalization of small operators; `twice` centres the input a second time for the variance.
fn normalised(b: &mut GraphBuilder, x: &Value, axis: i64, twice: bool, by_power: bool) -> Value {
    let centred = |b: &mut GraphBuilder| {
        let mean = b.reduce_mean(x, &[axis], true);
        b.sub(x, &mean)
    };
    let first = centred(b);
    let second = if twice { centred(b) } else { first.clone() };
    let square = if by_power {
        let two = b.scalar(2.0);
        b.pow(&second, &two)
    } else {
        b.mul(&second, &second)
    };
    let variance = b.reduce_mean(&square, &[axis], true);
    let epsilon = b.scalar(1e-5);
    let shifted = b.add(&variance, &epsilon);
    let deviation = b.sqrt(&shifted);
    b.div(&first, &deviation)
}

fn layers(name: &'static str, build: Build) -> (Case, usize) {
    (
        case(name, &[&[2, 3, 4], &[4], &[4]], build)
            .single()
            .positive(),
        3,
    )
}

#[test]
fn layer_normalization_of_small_operators() {
    check(
        vec![
            layers("as exported", |b, v| {
                let unit = normalised(b, &v[0], -1, false, true);
                let scaled = b.mul(&unit, &v[1]);
                b.add(&scaled, &v[2])
            }),
            layers("centred twice, squared by a product", |b, v| {
                let unit = normalised(b, &v[0], 2, true, false);
                let scaled = b.mul(&v[1], &unit);
                b.add(&v[2], &scaled)
            }),
            (
                case("without a bias", &[&[2, 3, 4], &[4]], |b, v| {
                    let unit = normalised(b, &v[0], -1, false, true);
                    b.mul(&unit, &v[1])
                })
                .single()
                .positive(),
                2,
            ),
        ],
        "LayerNormalization",
        1,
    );
}

#[test]
fn what_only_looks_like_layer_normalization_stays_as_it_is() {
    check(
        vec![
            layers("over another axis", |b, v| {
                let unit = normalised(b, &v[0], 1, false, true);
                let scaled = b.mul(&unit, &v[1]);
                b.add(&scaled, &v[2])
            }),
            layers("the variance of something else", |b, v| {
                let mean = b.reduce_mean(&v[0], &[-1], true);
                let centred = b.sub(&v[0], &mean);
                let two = b.scalar(2.0);
                let square = b.pow(&v[0], &two);
                let variance = b.reduce_mean(&square, &[-1], true);
                let epsilon = b.scalar(1e-5);
                let shifted = b.add(&variance, &epsilon);
                let deviation = b.sqrt(&shifted);
                let unit = b.div(&centred, &deviation);
                let scaled = b.mul(&unit, &v[1]);
                b.add(&scaled, &v[2])
            }),
        ],
        "LayerNormalization",
        0,
    );
}
