//! Running models on ONNX Runtime.

use stepdroid::onnx::{Model, Tensor, TensorData};
use stepdroid::runtime::{Chosen, Library, Session, SessionOptions};

/// All outputs of a model, which must run.
pub fn run(model: &Model, inputs: &[(&str, &Tensor)]) -> Vec<Tensor> {
    try_run(model, inputs).unwrap()
}

/// All outputs of a model, or what the engine says against it.
pub fn try_run(model: &Model, inputs: &[(&str, &Tensor)]) -> Result<Vec<Tensor>, String> {
    let library = Library::load(None).expect("ONNX Runtime is needed: run `make setup`");
    let provider = Chosen::Cpu {
        instead_of_cuda: None,
    };
    let session = Session::new(
        &library,
        &provider,
        "model",
        model,
        SessionOptions::default(),
    )
    .map_err(|error| error.to_string())?;
    let names = model.output_names();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    session
        .run(inputs, &names)
        .map_err(|error| error.to_string())
}

/// A single truth value.
pub fn flag(value: bool) -> Tensor {
    Tensor {
        shape: vec![],
        data: TensorData::Bool(vec![value]),
    }
}
