//! Weights of 16 bits with their masters, and what a provider computes in.

use stepdroid::onnx::optimizer::{Algorithm, LossScaleOptions};
use stepdroid::onnx::{ElementType, Tensor};
use stepdroid::runtime::{ApplyBy, RuntimeError, TrainingOptions, TrainingSession};

use crate::network::{
    CPU, batch, close, gradient_of, library, network, rows, scaled_gradient_of, session, training,
};

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

#[test]
fn halves_are_trained_by_way_of_their_masters() {
    // Adam would turn the rounding of tiny gradients into whole steps.
    let momentum = Algorithm::Sgd {
        momentum: 0.9,
        nesterov: false,
    };
    let wide = network(ElementType::F32);
    let mut reference = session(gradient_of(&wide), training(ApplyBy::Fastest, momentum));
    let halves = network(ElementType::F16);
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
        session(scaled_gradient_of(&halves), options)
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
    let mut graph = scaled_gradient_of(&network(ElementType::F32));
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
