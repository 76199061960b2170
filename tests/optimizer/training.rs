//! Training sessions: accumulation, where weights are kept, going on, what is refused.

use stepdroid::onnx::optimizer::{Algorithm, Part, StepNumbers, apply};
use stepdroid::onnx::{ElementType, Tensor, TensorData};
use stepdroid::runtime::{ApplyBy, Session, SessionOptions, TrainingSession};

use crate::network::{
    CPU, TRAINED, algorithms, batch, close, gradient_of, library, network, rows, session, training,
};

#[test]
fn accumulated_gradients_are_those_of_the_big_batch() {
    let model = network(ElementType::F32);
    let (x, target) = batch(12, 5, ElementType::F32);
    for apply in [ApplyBy::Fastest, ApplyBy::Graphs] {
        let make = || session(gradient_of(&model), training(apply, Algorithm::default()));
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
        let gradient = gradient_of(&model);
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
        let make = || session(gradient_of(&model), training(apply, Algorithm::default()));
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
        gradient_of(&model),
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
