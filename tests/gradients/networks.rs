//! Whole networks, with and without recomputed blocks.

use regex::Regex;
use stepdroid::onnx::{
    ElementType, GradientGraph, GradientOptions, GraphBuilder, LOSS_SCALE, Model, Recompute,
    Tensor, build_gradient,
};
use stepdroid::runtime::{Session, SessionOptions, SessionOracle};

use crate::decoder::{Decoder, decoder, inputs, weights};
use crate::harness::{CPU, library};

/// The size of the decoders that are tested.
pub const SMALL: Decoder = Decoder {
    layers: 3,
    width: 16,
    heads: 2,
    vocabulary: 11,
    batch: 2,
    tokens: 5,
    symbolic: true,
};

fn gradient_of(model: &Model, recompute: Recompute) -> GradientGraph {
    let options = GradientOptions {
        loss: "loss".into(),
        trainable: weights(model),
        recompute,
        ..Default::default()
    };
    build_gradient(model, &options, &SessionOracle::new(&library())).unwrap()
}

/// Loss and gradients.
pub fn run(built: &GradientGraph, size: Decoder) -> Vec<Tensor> {
    let options = SessionOptions {
        memory_pattern: false,
        ..Default::default()
    };
    let session = Session::new(&library(), &CPU, "decoder", &built.model, options).unwrap();
    let mut all: Vec<(&str, &Tensor)> = built
        .weights
        .iter()
        .map(|(name, tensor)| (name.as_str(), tensor))
        .collect();
    let given = inputs(size);
    all.extend(given.iter().map(|(name, tensor)| (*name, tensor)));
    let names = built.model.output_names();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    session.run(&all, &names).unwrap()
}

/// How often an operator occurs.
fn count(built: &GradientGraph, operator: &str) -> usize {
    let nodes = built.model.graph().node.iter();
    nodes.filter(|node| node.op() == operator).count()
}

#[test]
fn recomputed_blocks_give_the_same_gradients_to_the_bit() {
    let pattern = Regex::new(r"layer\.(\d+)").unwrap();
    for symbolic in [true, false] {
        let size = Decoder { symbolic, ..SMALL };
        let model = decoder(size);
        let plain = gradient_of(&model, Recompute::None);
        assert_eq!(plain.recomputed, 0);
        let expected = run(&plain, size);
        for (recompute, blocks) in [
            (Recompute::Auto, 7..=7),
            (Recompute::Blocks(pattern.clone()), 3..=3),
        ] {
            let built = gradient_of(&model, recompute);
            assert!(blocks.contains(&built.recomputed), "{}", built.recomputed);
            let softmaxes = |built| count(built, "Softmax");
            assert_eq!(softmaxes(&plain), size.layers);
            assert_eq!(softmaxes(&built), 2 * size.layers);
            let found = run(&built, size);
            assert_eq!(found.len(), expected.len());
            for (number, (found, expected)) in found.iter().zip(&expected).enumerate() {
                assert_eq!(found, expected, "output {number}, symbolic: {symbolic}");
            }
        }
    }
}

#[test]
fn a_pattern_that_matches_nothing_is_an_error() {
    let model = decoder(SMALL);
    let options = GradientOptions {
        loss: "loss".into(),
        trainable: weights(&model),
        recompute: Recompute::Blocks(Regex::new("nothing").unwrap()),
        ..Default::default()
    };
    let error = build_gradient(&model, &options, &SessionOracle::new(&library())).unwrap_err();
    assert!(error.to_string().contains("nothing"), "{error}");
}

#[test]
fn a_name_that_is_taken_is_not_used_for_the_scale() {
    let mut builder = GraphBuilder::new("taken");
    let x = builder.input(LOSS_SCALE, ElementType::F32, &[]);
    let weight = builder.initializer("weight", &Tensor::scalar(2.0));
    builder.named_node("Mul", &[&x, &weight], Vec::new(), "loss");
    builder.untyped_output("loss");
    let options = GradientOptions {
        loss: "loss".into(),
        trainable: vec!["weight".into()],
        loss_scale: true,
        ..Default::default()
    };
    let model = builder.finish().unwrap();
    let error = build_gradient(&model, &options, &SessionOracle::new(&library())).unwrap_err();
    assert!(error.to_string().contains(LOSS_SCALE), "{error}");
}

#[test]
fn a_scaled_loss_scales_the_gradients_and_not_the_loss() {
    let model = decoder(SMALL);
    let plain = run(&gradient_of(&model, Recompute::None), SMALL);
    let options = GradientOptions {
        loss: "loss".into(),
        trainable: weights(&model),
        loss_scale: true,
        ..Default::default()
    };
    let built = build_gradient(&model, &options, &SessionOracle::new(&library())).unwrap();
    let session = Session::new(
        &library(),
        &CPU,
        "scaled",
        &built.model,
        SessionOptions::default(),
    )
    .unwrap();
    let scale = Tensor::scalar(8.0);
    let given = inputs(SMALL);
    let mut all: Vec<(&str, &Tensor)> = vec![(LOSS_SCALE, &scale)];
    all.extend(
        built
            .weights
            .iter()
            .map(|(name, tensor)| (name.as_str(), tensor)),
    );
    all.extend(given.iter().map(|(name, tensor)| (*name, tensor)));
    let names = built.model.output_names();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let scaled = session.run(&all, &names).unwrap();
    assert_eq!(scaled[0], plain[0]);
    for (scaled, plain) in scaled[1..].iter().zip(&plain[1..]) {
        let (scaled, plain) = (scaled.to_f64().unwrap(), plain.to_f64().unwrap());
        for (scaled, plain) in scaled.iter().zip(plain) {
            assert!((scaled - 8.0 * plain).abs() <= 1e-6 + 1e-5 * plain.abs());
        }
    }
}

#[test]
fn weight_gradients_are_made_without_copies() {
    let built = gradient_of(&decoder(SMALL), Recompute::None);
    let copies = built.model.graph().node.iter().filter(|node| {
        node.op() == "Identity" && node.output.iter().any(|name| name.starts_with("grad."))
    });
    assert_eq!(copies.count(), 0);
}
