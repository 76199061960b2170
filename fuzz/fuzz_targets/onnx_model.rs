//! Any bytes as a model file: they end in a typed error or in a model that can be written and read
//! again and, when its functions and operators allow it, normalised.
//!
//! `make fuzz FUZZ=onnx_model`, with the nightly compiler and `cargo install cargo-fuzz`.

#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use stepdroid::onnx::inspect::summarise;
use stepdroid::onnx::{Model, Tensor};

fuzz_target!(|data: &[u8]| {
    let Ok(model) = Model::from_buffer(Bytes::copy_from_slice(data)) else {
        return;
    };
    let bytes = model.to_bytes();
    let again = Model::from_bytes(&bytes).expect("what was read can be read again");
    assert!(
        again.to_bytes() == bytes,
        "reading and writing changes nothing"
    );
    summarise(&model);
    for tensor in &model.graph().initializer {
        let _ = Tensor::from_proto(tensor);
    }
    if let Ok(normal) = model.normalised() {
        normal.check().expect("what is normalised is valid");
    }
});
