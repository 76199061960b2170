//! A small network to train, its gradient graph, and sessions for it.

use rand::RngExt;
use stepdroid::domain::streams::stream;
use stepdroid::onnx::optimizer::{Algorithm, OptimizerOptions};
use stepdroid::onnx::{
    Dimension, ElementType, GradientGraph, GradientOptions, GraphBuilder, Model, Tensor,
    build_gradient,
};
use stepdroid::runtime::{
    ApplyBy, Chosen, Library, SessionOracle, TrainingOptions, TrainingSession,
};

pub const CPU: Chosen = Chosen::Cpu {
    instead_of_cuda: None,
};

pub fn library() -> Library {
    Library::load(None).expect("ONNX Runtime is needed: run `make setup`")
}

pub fn random(length: usize, seed: u64, scale: f32) -> Vec<f32> {
    let mut rng = stream(seed, "optimizer test", 0);
    (0..length)
        .map(|_| scale * rng.random_range(-1.0f32..1.0))
        .collect()
}

pub const TRAINED: [&str; 3] = ["w1", "b1", "w2"];

/// A small network over a frozen base, with `loss`, and `error` of each row.
pub fn network(element: ElementType) -> Model {
    let mut builder = GraphBuilder::new("network");
    let batch = Dimension::Symbol("batch".into());
    let x = builder.input("x", element, &[batch.clone(), Dimension::Fixed(16)]);
    let target = builder.input("target", element, &[batch, Dimension::Fixed(3)]);
    let mut weight = |name: &str, shape: &[usize], seed: u64| {
        let values = random(shape.iter().product(), seed, 0.4);
        let tensor = Tensor::f32(shape, values).converted(element).unwrap();
        builder.initializer(name, &tensor)
    };
    let base = weight("base", &[16, 96], 1);
    let (w1, b1) = (weight("w1", &[96, 24], 2), weight("b1", &[24], 3));
    let w2 = weight("w2", &[24, 3], 4);
    let h = builder.matmul(&x, &base);
    let h = builder.tanh(&h);
    let h = builder.matmul(&h, &w1);
    let h = builder.add(&h, &b1);
    let h = builder.tanh(&h);
    let y = builder.matmul(&h, &w2);
    builder.alias(&y, "y");
    builder.untyped_output("y");
    let difference = builder.sub(&y, &target);
    let square = builder.mul(&difference, &difference);
    let error = builder.reduce_mean(&square, &[-1], false);
    builder.alias(&error, "error");
    let loss = builder.reduce_mean(&error, &[], false);
    builder.alias(&loss, "loss");
    builder.untyped_output("error");
    builder.untyped_output("loss");
    builder.finish().unwrap()
}

pub fn gradient_of(model: &Model) -> GradientGraph {
    build(model, false)
}

/// The gradient graph of a loss that is scaled.
pub fn scaled_gradient_of(model: &Model) -> GradientGraph {
    build(model, true)
}

pub fn build(model: &Model, loss_scale: bool) -> GradientGraph {
    let options = GradientOptions {
        loss: "loss".into(),
        trainable: TRAINED.map(String::from).to_vec(),
        keep: vec!["error".into()],
        loss_scale,
        ..Default::default()
    };
    build_gradient(model, &options, &SessionOracle::new(&library())).unwrap()
}

pub fn batch(rows: usize, seed: u64, element: ElementType) -> (Tensor, Tensor) {
    let float = |shape: &[usize], seed: u64| {
        let tensor = Tensor::f32(shape, random(shape.iter().product(), seed, 1.0));
        tensor.converted(element).unwrap()
    };
    (float(&[rows, 16], seed), float(&[rows, 3], seed + 1000))
}

/// Some rows of a batch.
pub fn rows(tensor: &Tensor, range: std::ops::Range<usize>) -> Tensor {
    let width = tensor.shape[1];
    let values = &tensor.as_f32().unwrap()[range.start * width..range.end * width];
    Tensor::f32(&[range.len(), width], values)
}

pub fn training(apply: ApplyBy, algorithm: Algorithm) -> TrainingOptions {
    TrainingOptions {
        threads: 1,
        optimizer: OptimizerOptions {
            algorithm,
            max_norm: Some(0.5),
            ..OptimizerOptions::default()
        },
        loss_scale: None,
        apply,
    }
}

pub fn session(graph: GradientGraph, options: TrainingOptions) -> TrainingSession {
    TrainingSession::new(&library(), &CPU, "training", graph, options, None).unwrap()
}

pub fn close(a: &[(String, Tensor)], b: &[(String, Tensor)], tolerance: f64) {
    assert_eq!(a.len(), b.len());
    for ((name, a), (other, b)) in a.iter().zip(b) {
        assert_eq!((name, &a.shape), (other, &b.shape));
        let (a, b) = (a.to_f64().unwrap(), b.to_f64().unwrap());
        let scale = b.iter().fold(1e-9f64, |m, x| m.max(x.abs()));
        for (x, y) in a.iter().zip(&b) {
            assert!((x - y).abs() <= tolerance * scale, "{name}: {x} {y}");
        }
    }
}

pub fn algorithms() -> Vec<Algorithm> {
    let sgd = |momentum, nesterov| Algorithm::Sgd { momentum, nesterov };
    vec![
        Algorithm::default(),
        sgd(0.0, false),
        sgd(0.9, false),
        sgd(0.9, true),
    ]
}
