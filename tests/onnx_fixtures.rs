//! Small networks as PyTorch exports them, old and new operator sets, against the gradients that
//! PyTorch computed for them. `tests/reference/make_fixtures.py` made the files.
#![allow(clippy::unwrap_used)]

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use safetensors::{Dtype, SafeTensors};
use stepdroid::onnx::{GradientOptions, Model, Recompute, Tensor, build_gradient, select};
use stepdroid::runtime::{Chosen, Library, Session, SessionOptions, SessionOracle};

const CPU: Chosen = Chosen::Cpu {
    instead_of_cuda: None,
};

/// Largest difference of a gradient, relative to the largest element of its tensor...
const RELATIVE: f64 = 1e-4;
/// ... or absolute, for gradients that are mathematically zero.
const ABSOLUTE: f64 = 1e-7;

fn library() -> Library {
    Library::load(None).expect("ONNX Runtime is needed: run `make setup`")
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/onnx")
}

/// Inputs, the loss and the gradients of a network.
fn expected(name: &str) -> HashMap<String, Tensor> {
    let bytes = std::fs::read(folder().join(format!("{name}.safetensors"))).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let tensors = file.tensors().into_iter();
    tensors
        .map(|(name, view)| {
            let data = view.data();
            let tensor = match view.dtype() {
                Dtype::F32 => Tensor::f32(view.shape(), floats(data)),
                Dtype::I64 => Tensor::i64(view.shape(), integers(data)),
                other => panic!("{name}: {other:?}"),
            };
            (name, tensor)
        })
        .collect()
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    let words = bytes.as_chunks().0.iter();
    words.map(|word| f32::from_le_bytes(*word)).collect()
}

fn integers(bytes: &[u8]) -> Vec<i64> {
    let words = bytes.as_chunks().0.iter();
    words.map(|word| i64::from_le_bytes(*word)).collect()
}

fn check(name: &str, recompute: Recompute) -> usize {
    let expected = expected(name);
    let model = Model::read(&folder().join(format!("{name}.onnx"))).unwrap();
    let trainable: Vec<String> = expected
        .keys()
        .filter_map(|key| Some(key.strip_prefix("grad.")?.to_owned()))
        .collect();
    let options = GradientOptions {
        loss: "loss".into(),
        trainable: trainable.clone(),
        recompute,
        ..Default::default()
    };
    let built = build_gradient(&model, &options, &SessionOracle::new(&library()))
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    let options = SessionOptions {
        memory_pattern: false,
        ..Default::default()
    };
    let session = Session::new(&library(), &CPU, name, &built.model, options).unwrap();
    let mut inputs: Vec<(&str, &Tensor)> = built
        .weights
        .iter()
        .map(|(name, tensor)| (name.as_str(), tensor))
        .collect();
    inputs.extend(
        expected
            .iter()
            .filter_map(|(key, tensor)| Some((key.strip_prefix("input.")?, tensor))),
    );
    let loss = session.run(&inputs, &["loss"]).unwrap()[0]
        .to_f64()
        .unwrap()[0];
    let reference = expected["loss"].to_f64().unwrap()[0];
    assert!(
        (loss - reference).abs() < 1e-5,
        "{name}: loss {loss}, not {reference}"
    );
    for weight in &trainable {
        let output = format!("grad.{weight}");
        let found = session.run(&inputs, &[&output]).unwrap().remove(0);
        let reference = &expected[&output];
        assert_eq!(found.shape, reference.shape, "{name}: {output}");
        let (found, reference) = (found.to_f64().unwrap(), reference.to_f64().unwrap());
        let largest = reference.iter().fold(0.0f64, |m, v| m.max(v.abs()));
        for (found, reference) in found.iter().zip(&reference) {
            let off = (found - reference).abs();
            assert!(
                off <= ABSOLUTE + RELATIVE * largest,
                "{name}: {output} is {found}, not {reference} (largest {largest})"
            );
        }
    }
    // Every float weight of the file that a person would train is among them.
    assert!(select::weights(&model, &[".*"]).unwrap().len() >= trainable.len());
    built.recomputed
}

macro_rules! networks {
    ($($test:ident: $name:literal, $weights:literal;)*) => {
        $(#[test]
        fn $test() {
            let gradients = expected($name).keys().filter(|key| key.starts_with("grad.")).count();
            assert_eq!(gradients, $weights);
            check($name, Recompute::None);
        })*
    };
}

networks! {
    an_encoder: "encoder", 39;
    an_encoder_of_the_older_exporter: "encoder_13", 39;
    a_decoder_with_grouped_queries: "decoder", 21;
    a_decoder_of_operator_set_23: "decoder_23", 21;
    a_text_recogniser: "recogniser", 17;
    a_text_recogniser_of_the_older_exporter: "recogniser_13", 17;
    a_network_that_goes_down_and_up: "painter", 10;
}

#[test]
fn blocks_of_transformers_are_found_and_recomputed() {
    // Two halves in each of two layers, and what comes behind them.
    assert!(check("encoder", Recompute::Auto) >= 4);
    assert!(check("decoder", Recompute::Auto) >= 4);
    let layers = regex::Regex::new(r"layers\.(\d+)").unwrap();
    assert_eq!(check("decoder", Recompute::Blocks(layers)), 2);
}
