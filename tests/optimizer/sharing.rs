//! Sessions that share weights, and acting sessions whose weights are replaced.

use stepdroid::onnx::optimizer::Algorithm;
use stepdroid::onnx::{Dimension, ElementType, GraphBuilder, Tensor};
use stepdroid::runtime::{
    ActingSession, ActingWeights, ApplyBy, Prepacking, Session, SessionOptions, SharedWeights,
    TrainingSession,
};

use crate::network::{CPU, TRAINED, batch, gradient_of, library, network, random, training};

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
        let graph = gradient_of(&model);
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
