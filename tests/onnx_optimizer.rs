//! The two forms of the optimizer, and sessions whose weights stay where they are.
#![allow(clippy::unwrap_used)]

use rand::RngExt;
use stepdroid::domain::streams::stream;
use stepdroid::onnx::optimizer::{
    Algorithm, LossScaleOptions, OptimizedWeight, OptimizerOptions, Part, StepNumbers, WeightGroup,
    apply, graph, optimizer_graph, scale_loss,
};
use stepdroid::onnx::{
    Dimension, ElementType, GradientGraph, GradientOptions, GraphBuilder, Model, Tensor,
    TensorData, build_gradient,
};
use stepdroid::runtime::{
    ActingSession, ActingWeights, ApplyBy, Chosen, Library, Prepacking, RuntimeError, Session,
    SessionOptions, SessionOracle, SharedWeights, TrainingOptions, TrainingSession,
};

const CPU: Chosen = Chosen::Cpu {
    instead_of_cuda: None,
};

fn library() -> Library {
    Library::load(None).expect("ONNX Runtime is needed: run `make setup`")
}

fn random(length: usize, seed: u64, scale: f32) -> Vec<f32> {
    let mut rng = stream(seed, "optimizer test", 0);
    (0..length)
        .map(|_| scale * rng.random_range(-1.0f32..1.0))
        .collect()
}

const SHAPES: [(&str, &[usize]); 4] = [
    ("body.weight", &[17, 33]),
    ("body.bias", &[33]),
    ("head.weight", &[5, 3, 7]),
    ("scale", &[]),
];

fn algorithms() -> Vec<Algorithm> {
    let sgd = |momentum, nesterov| Algorithm::Sgd { momentum, nesterov };
    vec![
        Algorithm::default(),
        sgd(0.0, false),
        sgd(0.9, false),
        sgd(0.9, true),
    ]
}

/// Weights and moments in plain vectors.
#[derive(Clone)]
struct State {
    weights: Vec<Vec<f32>>,
    moments: Vec<[Vec<f32>; 2]>,
}

impl State {
    fn new(algorithm: Algorithm) -> State {
        let kept = algorithm.moments().len();
        let lengths = SHAPES.map(|(_, shape)| shape.iter().product::<usize>());
        State {
            weights: (0..4)
                .map(|number| random(lengths[number], number as u64, 1.0))
                .collect(),
            moments: lengths
                .map(|length| {
                    [0, 1].map(|moment| vec![0.0; if moment < kept { length } else { 0 }])
                })
                .to_vec(),
        }
    }

    fn native(
        &mut self,
        gradients: &[Vec<f32>],
        options: &OptimizerOptions,
        numbers: &StepNumbers,
        threads: usize,
    ) -> f64 {
        let settings = options.for_weights(&SHAPES).unwrap();
        let parts = self.weights.iter_mut().zip(&mut self.moments);
        let parts = parts.zip(gradients).zip(settings);
        let parts = parts.map(|(((weight, moments), gradient), settings)| {
            let [first, second] = moments;
            Part {
                weight,
                gradient,
                moments: [first, second],
                settings,
            }
        });
        apply(parts.collect(), options, numbers, threads)
    }

    /// The same by the graph; the norm and whether it was finite.
    fn graph(
        &mut self,
        session: &Session,
        gradients: &[Vec<f32>],
        algorithm: Algorithm,
        numbers: &StepNumbers,
    ) -> (f64, bool) {
        let mut inputs: Vec<(String, Tensor)> = [
            (graph::LEARNING_RATE, numbers.learning_rate),
            (graph::GRADIENT_SCALE, numbers.gradient_scale),
            (graph::MAX_NORM, numbers.max_norm),
            (graph::CORRECTIONS[0], numbers.corrections[0]),
            (graph::CORRECTIONS[1], numbers.corrections[1]),
        ]
        .map(|(name, value)| (name.to_owned(), Tensor::scalar(value)))
        .to_vec();
        let mut outputs = vec!["norm".to_owned(), "finite".to_owned()];
        for (number, (name, shape)) in SHAPES.iter().enumerate() {
            let mut both = |kind: &str, values: &[f32]| {
                inputs.push((format!("{kind}.{name}"), Tensor::f32(shape, values)));
                outputs.push(format!("new.{kind}.{name}"));
            };
            both("weight", &self.weights[number]);
            for (kind, moment) in algorithm.moments().iter().zip(&self.moments[number]) {
                both(kind, moment);
            }
            let gradient = Tensor::f32(shape, gradients[number].as_slice());
            inputs.push((format!("gradient.{name}"), gradient));
        }
        let inputs: Vec<(&str, &Tensor)> = inputs
            .iter()
            .map(|(name, tensor)| (name.as_str(), tensor))
            .collect();
        let names: Vec<&str> = outputs.iter().map(String::as_str).collect();
        let mut results = session.run(&inputs, &names).unwrap().into_iter();
        let norm = results.next().unwrap().to_f64().unwrap()[0];
        let finite = results.next().unwrap().data == TensorData::Bool(vec![true]);
        for number in 0..SHAPES.len() {
            let mut take = || results.next().unwrap().to_f32().unwrap();
            self.weights[number] = take();
            for moment in 0..algorithm.moments().len() {
                self.moments[number][moment] = take();
            }
        }
        (norm, finite)
    }

    /// Largest difference, relative to the largest number that each tensor ever had: a single number
    /// that passes through zero has no relative precision of its own.
    fn difference(&self, other: &State, scales: &mut Vec<f32>) -> f64 {
        let all = |state: &State| -> Vec<Vec<f32>> {
            let moments = state.moments.iter().flatten().cloned();
            state.weights.iter().cloned().chain(moments).collect()
        };
        let mut largest = 0.0f64;
        scales.resize(3 * SHAPES.len(), 1e-30);
        for ((a, b), scale) in all(self).iter().zip(&all(other)).zip(scales) {
            *scale = a.iter().fold(*scale, |m, x| m.max(x.abs()));
            for (x, y) in a.iter().zip(b) {
                assert!(x.is_finite() && y.is_finite());
                largest = largest.max(f64::from((x - y).abs()) / f64::from(*scale));
            }
        }
        largest
    }
}

fn options(algorithm: Algorithm) -> OptimizerOptions {
    OptimizerOptions {
        algorithm,
        weight_decay: 0.05,
        max_norm: Some(3.0),
        groups: vec![WeightGroup {
            pattern: "^head".into(),
            learning_rate_scale: 0.25,
            weight_decay: Some(0.3),
        }],
    }
}

fn optimized() -> Vec<OptimizedWeight> {
    let weight = |(name, shape): (&str, &[usize])| OptimizedWeight {
        name: name.into(),
        shape: shape.to_vec(),
        gradient: ElementType::F32,
        rounded: None,
    };
    SHAPES.map(weight).to_vec()
}

#[test]
fn the_loop_and_the_graph_agree_over_many_steps() {
    for algorithm in algorithms() {
        let options = options(algorithm);
        let model = optimizer_graph(&optimized(), &options).unwrap();
        let session = Session::new(
            &library(),
            &CPU,
            "optimizer",
            &model,
            SessionOptions::default(),
        )
        .unwrap();
        let mut native = State::new(algorithm);
        let mut graph = native.clone();
        let start = native.clone();
        let (mut step, mut clipped, mut skipped) = (0, 0, 0);
        let mut scales = Vec::new();
        for round in 0..60u64 {
            // Short and long gradients, at a loss scale, and now and then one that is broken.
            let size = if round % 3 == 0 { 0.01 } else { 0.6 };
            let mut gradients: Vec<Vec<f32>> = (0..4)
                .map(|number| {
                    let length = native.weights[number].len();
                    random(length, 100 + 4 * round + number as u64, size * 1024.0)
                })
                .collect();
            if round % 10 == 7 {
                gradients[1][5] = [f32::NAN, f32::INFINITY][round as usize / 10 % 2];
            }
            let numbers = StepNumbers::new(&options, step + 1, 0.01, 1.0 / 1024.0);
            let before = native.clone();
            let norm = native.native(&gradients, &options, &numbers, 1);
            let (graph_norm, finite) = graph.graph(&session, &gradients, algorithm, &numbers);
            assert_eq!(finite, norm.is_finite());
            if finite {
                step += 1;
                clipped += u64::from(norm > 3.0);
                assert!((norm - graph_norm).abs() < 1e-6 * norm);
            } else {
                skipped += 1;
                assert_eq!(native.difference(&before, &mut scales), 0.0);
            }
            let difference = native.difference(&graph, &mut scales);
            assert!(difference < 1e-6, "{algorithm:?} step {step}: {difference}");
        }
        assert_eq!(skipped, 6);
        assert!(clipped > 10 && clipped < step);
        assert!(native.difference(&start, &mut scales) > 1e-2);
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let length = 900_001;
    let gradient = random(length, 1, 0.1);
    let run = |threads: usize| {
        let mut weight = random(length, 2, 1.0);
        let (mut first, mut second) = (vec![0.0; length], vec![0.0; length]);
        let options = OptimizerOptions::default();
        let settings = options.for_weights(&[("w", &[length, 1])]).unwrap()[0];
        let norms: Vec<f64> = (1..4)
            .map(|step| {
                let numbers = StepNumbers::new(&options, step, 0.01, 1.0);
                let part = Part {
                    weight: &mut weight,
                    gradient: &gradient,
                    moments: [&mut first, &mut second],
                    settings,
                };
                apply(vec![part], &options, &numbers, threads)
            })
            .collect();
        (weight, first, second, norms)
    };
    let one = run(1);
    assert!(one == run(2) && one == run(3));
}

#[test]
fn the_probe_tells_what_the_provider_computes_in() {
    let library = library();
    for element in [ElementType::F32, ElementType::F64, ElementType::F16] {
        CPU.computes_in(&library, element).unwrap();
    }
    // The CPU has no kernels for bf16; a library that gets them passes too.
    match CPU.computes_in(&library, ElementType::Bf16) {
        Ok(()) => {}
        Err(RuntimeError::ElementType {
            provider, element, ..
        }) => assert_eq!((provider, element), ("cpu", ElementType::Bf16)),
        Err(other) => panic!("{other}"),
    }
    assert!(matches!(
        CPU.computes_in(&library, ElementType::I64),
        Err(RuntimeError::ElementType { .. })
    ));
}

const TRAINED: [&str; 3] = ["w1", "b1", "w2"];

/// A small network over a frozen base, with `loss`, and `error` of each row.
fn network(element: ElementType) -> Model {
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

fn gradient_of(model: &Model, loss: &str) -> GradientGraph {
    let options = GradientOptions {
        loss: loss.into(),
        trainable: TRAINED.map(String::from).to_vec(),
        keep: ["loss", "error"]
            .into_iter()
            .filter(|name| *name != loss)
            .map(String::from)
            .collect(),
        ..Default::default()
    };
    build_gradient(model, &options, &SessionOracle::new(&library())).unwrap()
}

fn batch(rows: usize, seed: u64, element: ElementType) -> (Tensor, Tensor) {
    let float = |shape: &[usize], seed: u64| {
        let tensor = Tensor::f32(shape, random(shape.iter().product(), seed, 1.0));
        tensor.converted(element).unwrap()
    };
    (float(&[rows, 16], seed), float(&[rows, 3], seed + 1000))
}

/// Some rows of a batch.
fn rows(tensor: &Tensor, range: std::ops::Range<usize>) -> Tensor {
    let width = tensor.shape[1];
    let values = &tensor.as_f32().unwrap()[range.start * width..range.end * width];
    Tensor::f32(&[range.len(), width], values)
}

fn training(apply: ApplyBy, algorithm: Algorithm) -> TrainingOptions {
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

fn session(graph: GradientGraph, options: TrainingOptions) -> TrainingSession {
    TrainingSession::new(&library(), &CPU, "training", graph, options, None).unwrap()
}

fn close(a: &[(String, Tensor)], b: &[(String, Tensor)], tolerance: f64) {
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

#[test]
fn accumulated_gradients_are_those_of_the_big_batch() {
    let model = network(ElementType::F32);
    let (x, target) = batch(12, 5, ElementType::F32);
    for apply in [ApplyBy::Fastest, ApplyBy::Graphs] {
        let make = || {
            session(
                gradient_of(&model, "loss"),
                training(apply, Algorithm::default()),
            )
        };
        let (mut whole, mut parts) = (make(), make());
        for _ in 0..3 {
            let outputs = whole
                .accumulate(&[("x", &x), ("target", &target)], 1.0)
                .unwrap();
            assert_eq!(outputs[0].0, "loss");
            let mut loss = 0.0;
            // Portions of other lengths each time: outputs of varying shape are bound anew.
            for range in [0..3, 3..5, 5..12] {
                let share = range.len() as f32 / 12.0;
                let (x, target) = (rows(&x, range.clone()), rows(&target, range.clone()));
                let outputs = parts
                    .accumulate(&[("x", &x), ("target", &target)], share)
                    .unwrap();
                let error = &outputs.iter().find(|(name, _)| name == "error").unwrap().1;
                assert_eq!(error.shape, [range.len()]);
                loss += f64::from(share) * outputs[0].1.to_f64().unwrap()[0];
            }
            assert!((loss - outputs[0].1.to_f64().unwrap()[0]).abs() < 1e-6);
            close(
                &whole.gradients().unwrap(),
                &parts.gradients().unwrap(),
                1e-5,
            );
            let (a, b) = (whole.step(0.01).unwrap(), parts.step(0.01).unwrap());
            assert!(a.applied && b.applied && (a.norm - b.norm).abs() < 1e-5 * a.norm);
        }
        close(&whole.weights().unwrap(), &parts.weights().unwrap(), 1e-4);
    }
}

#[test]
fn weights_on_the_device_move_as_those_on_the_host() {
    let model = network(ElementType::F32);
    for algorithm in algorithms() {
        let gradient = gradient_of(&model, "loss");
        let plain = Session::new(
            &library(),
            &CPU,
            "plain",
            &gradient.model,
            SessionOptions::default(),
        )
        .unwrap();
        let mut weights = gradient.weights.clone();
        let mut moments: Vec<[Vec<f32>; 2]> = weights
            .iter()
            .map(|(_, tensor)| {
                let length = |number| match number < algorithm.moments().len() {
                    true => tensor.data.len(),
                    false => 0,
                };
                [0, 1].map(|number| vec![0.0; length(number)])
            })
            .collect();
        let options = training(ApplyBy::Fastest, algorithm);
        let mut native = session(gradient.clone(), options.clone());
        let mut graphs = session(gradient, training(ApplyBy::Graphs, algorithm));
        let options = options.optimizer;
        for step in 1..=20u64 {
            let (x, target) = batch(2 + step as usize % 3, step, ElementType::F32);
            let data = [("x", &x), ("target", &target)];
            let mut inputs = data.to_vec();
            inputs.extend(weights.iter().map(|(name, tensor)| (name.as_str(), tensor)));
            let names = TRAINED.map(|name| format!("grad.{name}"));
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let gradients = plain.run(&inputs, &names).unwrap();
            let shapes: Vec<(String, Vec<usize>)> = weights
                .iter()
                .map(|(name, tensor)| (name.clone(), tensor.shape.clone()))
                .collect();
            let shapes: Vec<(&str, &[usize])> = shapes
                .iter()
                .map(|(name, shape)| (name.as_str(), shape.as_slice()))
                .collect();
            let settings = options.for_weights(&shapes).unwrap();
            let parts = weights.iter_mut().zip(&mut moments).zip(&gradients);
            let parts = parts
                .zip(settings)
                .map(|(((weight, moments), gradient), settings)| {
                    let TensorData::F32(values) = &mut weight.1.data else {
                        unreachable!()
                    };
                    let [first, second] = moments;
                    Part {
                        weight: values,
                        gradient: gradient.as_f32().unwrap(),
                        moments: [first, second],
                        settings,
                    }
                });
            let numbers = StepNumbers::new(&options, step, 0.02, 1.0);
            let norm = apply(parts.collect(), &options, &numbers, 1);
            for training in [&mut native, &mut graphs] {
                training.accumulate(&data, 1.0).unwrap();
                let report = training.step(0.02).unwrap();
                assert!(report.applied && (report.norm - norm).abs() < 1e-5 * norm);
            }
        }
        // The same loops on the same numbers; the graph rounds the norm in its own way.
        close(&native.weights().unwrap(), &weights, 1e-6);
        close(&graphs.weights().unwrap(), &weights, 1e-4);
    }
}

#[test]
fn training_goes_on_from_what_was_kept() {
    let model = network(ElementType::F32);
    let run = |training: &mut TrainingSession, steps: std::ops::Range<u64>| {
        for step in steps {
            let (x, target) = batch(4, step, ElementType::F32);
            training
                .accumulate(&[("x", &x), ("target", &target)], 1.0)
                .unwrap();
            training.step(0.02).unwrap();
        }
    };
    for apply in [ApplyBy::Fastest, ApplyBy::Graphs] {
        let make = || {
            session(
                gradient_of(&model, "loss"),
                training(apply, Algorithm::default()),
            )
        };
        let mut first = make();
        run(&mut first, 0..4);
        let (masters, state) = (first.masters().unwrap(), first.state().unwrap());
        assert_eq!((state.steps, state.moments.len()), (4, 6));
        run(&mut first, 4..8);
        let mut second = make();
        second.load(&masters).unwrap();
        second.load_state(&state).unwrap();
        run(&mut second, 4..8);
        assert_eq!(first.weights().unwrap(), second.weights().unwrap());
        assert_eq!(first.state().unwrap(), second.state().unwrap());
        let wrong = [("w1".to_owned(), Tensor::f32(&[2], [1.0, 2.0]))];
        assert!(second.load(&wrong).unwrap_err().to_string().contains("w1"));
    }
}

#[test]
fn what_does_not_fit_is_told_by_name() {
    let model = network(ElementType::F32);
    let mut training = session(
        gradient_of(&model, "loss"),
        training(ApplyBy::Fastest, Algorithm::default()),
    );
    let (x, target) = batch(4, 1, ElementType::F32);
    let short = Tensor::f32(&[4, 2], vec![0.0; 8]);
    let fewer = rows(&target, 0..3);
    let whole = Tensor::i64(&[4, 3], vec![0; 12]);
    for (given, told) in [
        (
            &[("x", &x)][..],
            "no value was given for the input \"target\"",
        ),
        (
            &[("x", &x), ("target", &short)],
            "the model wants [batch, 3]",
        ),
        (&[("x", &x), ("target", &fewer)], "\"batch\" is 3"),
        (
            &[("x", &x), ("target", &whole)],
            "is of i64, the model wants f32",
        ),
        (&[("x", &x), ("y", &target)], "for the input \"target\""),
    ] {
        let error = training.accumulate(given, 1.0).unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
    assert!(
        training
            .step(0.1)
            .unwrap_err()
            .to_string()
            .contains("no gradients")
    );
    training
        .accumulate(&[("x", &x), ("target", &target)], 1.0)
        .unwrap();
    assert!(training.step(0.1).unwrap().applied);
    // An overflow moves nothing, and the next step is not spoilt by it.
    let before = training.weights().unwrap();
    let huge = Tensor::f32(&[4, 3], vec![f32::INFINITY; 12]);
    training
        .accumulate(&[("x", &x), ("target", &huge)], 1.0)
        .unwrap();
    assert!(!training.step(0.1).unwrap().applied);
    assert_eq!(training.weights().unwrap(), before);
    training
        .accumulate(&[("x", &x), ("target", &target)], 1.0)
        .unwrap();
    assert!(training.step(0.1).unwrap().applied);
}

#[test]
fn halves_are_trained_by_way_of_their_masters() {
    // Adam would turn the rounding of tiny gradients into whole steps.
    let momentum = Algorithm::Sgd {
        momentum: 0.9,
        nesterov: false,
    };
    let wide = network(ElementType::F32);
    let mut reference = session(
        gradient_of(&wide, "loss"),
        training(ApplyBy::Fastest, momentum),
    );
    let (scaled, loss) = scale_loss(network(ElementType::F16), "loss").unwrap();
    let make = |apply| {
        let options = TrainingOptions {
            loss_scale: Some(LossScaleOptions {
                // Too large for 16 bits, so that it has to come down first.
                initial: 8_388_608.0,
                growth_interval: 1000,
                ..LossScaleOptions::default()
            }),
            ..training(apply, momentum)
        };
        session(gradient_of(&scaled, &loss), options)
    };
    let (mut native, mut graphs) = (make(ApplyBy::Fastest), make(ApplyBy::Graphs));
    let mut skipped = 0;
    for step in 0..40 {
        let (x, target) = batch(8, step, ElementType::F16);
        let both = [&mut native, &mut graphs].map(|training| {
            for range in [0..4usize, 4..8] {
                let part = |tensor: &Tensor| {
                    let tensor = tensor.converted(ElementType::F32).unwrap();
                    rows(&tensor, range.clone())
                        .converted(ElementType::F16)
                        .unwrap()
                };
                let (x, target) = (part(&x), part(&target));
                let outputs = training
                    .accumulate(&[("x", &x), ("target", &target)], 0.5)
                    .unwrap();
                assert!(outputs.iter().any(|(name, _)| name == "loss"));
            }
            training.step(0.01).unwrap()
        });
        assert_eq!(both[0].applied, both[1].applied);
        if !both[0].applied {
            skipped += 1;
            continue;
        }
        let wide = |tensor: &Tensor| tensor.converted(ElementType::F32).unwrap();
        let data = [("x", &wide(&x)), ("target", &wide(&target))];
        reference.accumulate(&data, 1.0).unwrap();
        let report = reference.step(0.01).unwrap();
        assert!((both[0].norm - report.norm).abs() < 0.02 * report.norm);
    }
    assert!(skipped > 0 && skipped < 15, "{skipped}");
    assert_eq!(native.state().unwrap().steps, 40 - skipped);
    for training in [&native, &graphs] {
        let masters = training.masters().unwrap();
        close(&masters, &reference.weights().unwrap(), 0.02);
        for ((_, rounded), (_, master)) in training.weights().unwrap().iter().zip(&masters) {
            assert_eq!(rounded.element(), ElementType::F16);
            assert_eq!(*rounded, master.converted(ElementType::F16).unwrap());
            assert_eq!(master.element(), ElementType::F32);
        }
    }
    close(&native.masters().unwrap(), &graphs.masters().unwrap(), 1e-3);
}

#[test]
fn bfloats_are_refused_where_there_are_no_kernels() {
    if CPU.computes_in(&library(), ElementType::Bf16).is_ok() {
        return;
    }
    let (scaled, loss) = scale_loss(network(ElementType::F32), "loss").unwrap();
    let mut graph = gradient_of(&scaled, &loss);
    for (_, tensor) in &mut graph.weights {
        *tensor = tensor.converted(ElementType::Bf16).unwrap();
    }
    let options = training(ApplyBy::Fastest, Algorithm::default());
    let made = TrainingSession::new(&library(), &CPU, "training", graph, options, None);
    assert!(matches!(
        made.err(),
        Some(RuntimeError::ElementType {
            element: ElementType::Bf16,
            ..
        })
    ));
}

#[test]
fn sessions_that_share_weights_compute_the_same() {
    let model = network(ElementType::F32);
    let (x, target) = batch(4, 1, ElementType::F32);
    let data = [("x", &x), ("target", &target)];
    let trainable = TRAINED.map(String::from).to_vec();
    let options = SessionOptions::default();
    let plain = Session::new(&library(), &CPU, "plain", &model, options).unwrap();
    let expected = plain.run(&data, &["y", "loss"]).unwrap();
    for prepacking in [Prepacking::Off, Prepacking::Shared] {
        let shared = SharedWeights::new(&model, &trainable, prepacking).unwrap();
        assert_eq!(shared.bytes(), 16 * 96 * 4);
        let sessions = [(); 3].map(|()| {
            Session::sharing(&library(), &CPU, "shared", model.clone(), options, &shared).unwrap()
        });
        let graph = gradient_of(&model, "loss");
        let settings = training(ApplyBy::Fastest, Algorithm::default());
        let mut training =
            TrainingSession::new(&library(), &CPU, "t", graph, settings, Some(&shared)).unwrap();
        // The sessions outlive what made them.
        drop(shared);
        for session in &sessions {
            let outputs = session.run(&data, &["y", "loss"]).unwrap();
            for (a, b) in outputs.iter().zip(&expected) {
                for (a, b) in a.to_f64().unwrap().iter().zip(b.to_f64().unwrap()) {
                    assert!((a - b).abs() < 1e-6);
                }
            }
        }
        let outputs = training.accumulate(&data, 1.0).unwrap();
        let loss = outputs[0].1.to_f64().unwrap()[0];
        assert!((loss - expected[1].to_f64().unwrap()[0]).abs() < 1e-6);
    }
    // A weight of the same name with other numbers must not be taken for the shared one.
    let shared = SharedWeights::new(&model, &trainable, Prepacking::Off).unwrap();
    let mut other = model.clone();
    let initializers = &mut other.graph_mut().initializer;
    let base = initializers
        .iter_mut()
        .find(|tensor| tensor.name.as_deref() == Some("base"))
        .unwrap();
    *base = Tensor::f32(&[16, 96], random(16 * 96, 77, 0.4)).to_proto("base");
    let refused = Session::sharing(&library(), &CPU, "other", other, options, &shared);
    assert!(refused.err().unwrap().to_string().contains("\"base\""));
}

#[test]
fn acting_weights_give_the_same_wherever_they_are_kept() {
    let model = network(ElementType::F32);
    let trainable = TRAINED.map(String::from).to_vec();
    let (x, target) = batch(4, 1, ElementType::F32);
    let data = [("x", &x), ("target", &target)];
    let new: Vec<(String, Tensor)> = TRAINED
        .iter()
        .enumerate()
        .map(|(number, name)| {
            let old = model.initializer(name).unwrap();
            let values = random(old.data.len(), 50 + number as u64, 0.4);
            (name.to_string(), Tensor::f32(&old.shape, values))
        })
        .collect();
    let shared = SharedWeights::new(&model, &trainable, Prepacking::Shared).unwrap();
    let shared = std::sync::Arc::new(shared);
    let mut seen = Vec::new();
    for kept in [ActingWeights::Baked, ActingWeights::Inputs] {
        for shared in [None, Some(shared.clone())] {
            let options = SessionOptions::default();
            let acting = ActingSession::new(
                &library(),
                &CPU,
                "acting",
                model.clone(),
                &trainable,
                Some(kept),
                options,
                shared,
            )
            .unwrap();
            assert_eq!(acting.kept(), kept);
            let run = || acting.run(&data, &["y"]).unwrap()[0].to_f64().unwrap();
            let before = run();
            acting.update(&new).unwrap();
            seen.push((before, run()));
            let wrong = [("w1".to_owned(), Tensor::f32(&[2], [1.0, 2.0]))];
            assert!(acting.update(&wrong).is_err());
            let frozen = [("base".to_owned(), Tensor::f32(&[2], [1.0, 2.0]))];
            assert!(acting.update(&frozen).is_err());
        }
    }
    let differ = |a: &[f64], b: &[f64]| {
        let pairs = a.iter().zip(b).map(|(a, b)| (a - b).abs());
        pairs.fold(0.0, f64::max)
    };
    for (before, after) in &seen {
        assert!(differ(before, &seen[0].0) < 1e-6 && differ(after, &seen[0].1) < 1e-6);
        assert!(differ(before, after) > 1e-2);
    }
    assert_eq!(ActingWeights::choose(5, 100), ActingWeights::Inputs);
    assert_eq!(ActingWeights::choose(50, 100), ActingWeights::Baked);
}

#[test]
fn shared_weights_that_are_computed_with_while_loading_are_right() {
    let mut builder = GraphBuilder::new("folded");
    let x = builder.input(
        "x",
        ElementType::F32,
        &[Dimension::Fixed(2), Dimension::Fixed(64)],
    );
    let base = Tensor::f32(&[48, 64], random(48 * 64, 9, 1.0));
    let weight = builder.initializer("base", &base);
    let transposed = builder.transpose(&weight, &[1, 0]);
    let y = builder.matmul(&x, &transposed);
    builder.alias(&y, "y");
    builder.untyped_output("y");
    let model = builder.finish().unwrap();
    let x = Tensor::f32(&[2, 64], random(128, 10, 1.0));
    let options = SessionOptions::default();
    let plain = Session::new(&library(), &CPU, "plain", &model, options).unwrap();
    let expected = plain.run(&[("x", &x)], &["y"]).unwrap();
    let shared = SharedWeights::new(&model, &[], Prepacking::Shared).unwrap();
    for _ in 0..2 {
        let session =
            Session::sharing(&library(), &CPU, "folded", model.clone(), options, &shared).unwrap();
        assert_eq!(session.run(&[("x", &x)], &["y"]).unwrap(), expected);
    }
}

#[test]
fn sessions_may_go_from_thread_to_thread() {
    fn sent<T: Send>() {}
    fn used_by_many<T: Send + Sync>() {}
    sent::<TrainingSession>();
    used_by_many::<Session>();
    used_by_many::<ActingSession>();
}
