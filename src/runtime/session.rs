//! A model that can be run.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use ort::session::builder::GraphOptimizationLevel;
use ort::session::{Session as OrtSession, SessionInputValue};
use ort::value::{DynValue, TensorElementType, TensorRef, ValueType as OrtValueType};

use super::{Chosen, Library, RuntimeError};
use crate::onnx::{Model, Tensor, TensorData};

/// How a session is made.
#[derive(Debug, Clone, Copy)]
pub struct SessionOptions {
    /// Threads inside one operator.
    pub threads: usize,
    /// Plan memory ahead. Off for gradient graphs, where the plan costs more than it saves.
    pub memory_pattern: bool,
    /// Rewrite the graph for speed.
    pub optimise: bool,
}

impl Default for SessionOptions {
    fn default() -> SessionOptions {
        SessionOptions {
            threads: 1,
            memory_pattern: true,
            optimise: true,
        }
    }
}

/// A model in the hands of ONNX Runtime. A session runs one thing at a time.
#[derive(Debug)]
pub struct Session {
    name: String,
    session: Mutex<OrtSession>,
    inputs: Vec<String>,
    outputs: Vec<String>,
}

impl Session {
    /// Makes a session of a model; `name` is what messages call it.
    ///
    /// # Errors
    /// [`RuntimeError::Model`].
    pub fn new(
        library: &Library,
        provider: &Chosen,
        name: &str,
        model: &Model,
        options: SessionOptions,
    ) -> Result<Session, RuntimeError> {
        Session::from_bytes(library, provider, name, &model.to_bytes(), options)
    }

    /// Makes a session of a model file.
    ///
    /// # Errors
    /// [`RuntimeError::Model`], also when the file can't be read or is not a whole model.
    pub fn from_path(
        library: &Library,
        provider: &Chosen,
        path: &Path,
        options: SessionOptions,
    ) -> Result<Session, RuntimeError> {
        let name = path.display().to_string();
        let model = Model::read(path).map_err(|error| RuntimeError::Model {
            name: name.clone(),
            reason: error.to_string(),
        })?;
        Session::new(library, provider, &name, &model, options)
    }

    fn from_bytes(
        library: &Library,
        provider: &Chosen,
        name: &str,
        bytes: &[u8],
        options: SessionOptions,
    ) -> Result<Session, RuntimeError> {
        let refused = |reason: String| RuntimeError::Model {
            name: name.to_owned(),
            reason,
        };
        let level = if options.optimise {
            GraphOptimizationLevel::All
        } else {
            GraphOptimizationLevel::Disable
        };
        let builder = OrtSession::builder(&library.environment)
            .map_err(|error| refused(error.to_string()))?;
        let builder = builder
            .with_optimization_level(level)
            .map_err(|error| refused(error.to_string()))?;
        let builder = builder
            .with_intra_threads(options.threads)
            .map_err(|error| refused(error.to_string()))?;
        let builder = builder
            .with_memory_pattern(options.memory_pattern)
            .map_err(|error| refused(error.to_string()))?;
        // Idle threads must not take the cores that the phones need.
        let builder = builder
            .with_intra_op_spinning(false)
            .map_err(|error| refused(error.to_string()))?;
        let mut builder = provider.apply(builder).map_err(refused)?;
        let session = builder
            .commit_from_memory(bytes)
            .map_err(|error| refused(error.to_string()))?;
        let inputs = session
            .inputs()
            .iter()
            .map(|input| input.name().to_owned())
            .collect();
        let outputs = session
            .outputs()
            .iter()
            .map(|output| output.name().to_owned())
            .collect();
        Ok(Session {
            name: name.to_owned(),
            session: Mutex::new(session),
            inputs,
            outputs,
        })
    }

    /// Names of the inputs.
    pub fn inputs(&self) -> &[String] {
        &self.inputs
    }

    /// Names of the outputs.
    pub fn outputs(&self) -> &[String] {
        &self.outputs
    }

    /// Types of the outputs as the engine sees them: name, element code, dimensions (-1 for unknown),
    /// symbols.
    pub(super) fn output_types(&self) -> Vec<(String, i32, Vec<i64>, Vec<String>)> {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        session
            .outputs()
            .iter()
            .filter_map(|output| match output.dtype() {
                OrtValueType::Tensor {
                    ty,
                    shape,
                    dimension_symbols,
                } => {
                    let symbols = dimension_symbols.iter().map(ToString::to_string).collect();
                    Some((
                        output.name().to_owned(),
                        element_code(*ty),
                        shape.iter().copied().collect(),
                        symbols,
                    ))
                }
                _ => None,
            })
            .collect()
    }

    /// Runs the model on named inputs and returns the named outputs in their order.
    ///
    /// # Errors
    /// [`RuntimeError::Run`]: a name that is missing, a shape that does not fit, ...
    pub fn run(
        &self,
        inputs: &[(&str, &Tensor)],
        outputs: &[&str],
    ) -> Result<Vec<Tensor>, RuntimeError> {
        let failed = |reason: String| RuntimeError::Run {
            name: self.name.clone(),
            reason,
        };
        if let Some(missing) = self
            .inputs
            .iter()
            .find(|name| !inputs.iter().any(|(given, _)| given == name))
        {
            return Err(failed(format!(
                "no value was given for the input {missing:?}"
            )));
        }
        let mut values: Vec<(&str, SessionInputValue)> = Vec::with_capacity(inputs.len());
        for (name, tensor) in inputs {
            if self.inputs.iter().any(|input| input == name) {
                values.push((
                    name,
                    input_value(tensor)
                        .map_err(|error| failed(format!("input {name:?}: {error}")))?,
                ));
            }
        }
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let results = session
            .run(values)
            .map_err(|error| failed(error.to_string()))?;
        outputs
            .iter()
            .map(|name| {
                let value = results
                    .get(*name)
                    .ok_or_else(|| failed(format!("there is no output {name:?}")))?;
                extract(value).map_err(|error| failed(format!("output {name:?}: {error}")))
            })
            .collect()
    }
}

/// A view of a tensor, without a copy.
fn input_value(tensor: &Tensor) -> Result<SessionInputValue<'_>, String> {
    let shape: Vec<i64> = tensor.shape.iter().map(|length| *length as i64).collect();
    let text = |error: ort::Error| error.to_string();
    Ok(match &tensor.data {
        TensorData::F32(values) => TensorRef::from_array_view((shape, values.as_slice()))
            .map_err(text)?
            .into(),
        TensorData::F64(values) => TensorRef::from_array_view((shape, values.as_slice()))
            .map_err(text)?
            .into(),
        TensorData::F16(values) => TensorRef::from_array_view((shape, values.as_slice()))
            .map_err(text)?
            .into(),
        TensorData::Bf16(values) => TensorRef::from_array_view((shape, values.as_slice()))
            .map_err(text)?
            .into(),
        TensorData::I64(values) => TensorRef::from_array_view((shape, values.as_slice()))
            .map_err(text)?
            .into(),
        TensorData::I32(values) => TensorRef::from_array_view((shape, values.as_slice()))
            .map_err(text)?
            .into(),
        TensorData::U8(values) => TensorRef::from_array_view((shape, values.as_slice()))
            .map_err(text)?
            .into(),
        TensorData::I8(values) => TensorRef::from_array_view((shape, values.as_slice()))
            .map_err(text)?
            .into(),
        TensorData::Bool(values) => TensorRef::from_array_view((shape, values.as_slice()))
            .map_err(text)?
            .into(),
    })
}

fn extract(value: &DynValue) -> Result<Tensor, String> {
    let OrtValueType::Tensor { ty, .. } = value.dtype() else {
        return Err("not a tensor".into());
    };
    macro_rules! take {
        ($kind:ty, $data:ident) => {{
            let (shape, values) = value
                .try_extract_tensor::<$kind>()
                .map_err(|error| error.to_string())?;
            (
                shape.iter().map(|length| *length as usize).collect(),
                TensorData::$data(values.to_vec()),
            )
        }};
    }
    let (shape, data) = match ty {
        TensorElementType::Float32 => take!(f32, F32),
        TensorElementType::Float64 => take!(f64, F64),
        TensorElementType::Float16 => take!(half::f16, F16),
        TensorElementType::Bfloat16 => take!(half::bf16, Bf16),
        TensorElementType::Int64 => take!(i64, I64),
        TensorElementType::Int32 => take!(i32, I32),
        TensorElementType::Uint8 => take!(u8, U8),
        TensorElementType::Int8 => take!(i8, I8),
        TensorElementType::Bool => take!(bool, Bool),
        other => return Err(format!("element type {other:?} is not read here")),
    };
    Ok(Tensor { shape, data })
}

/// The number of an element type in the ONNX schema.
fn element_code(element: TensorElementType) -> i32 {
    match element {
        TensorElementType::Float32 => 1,
        TensorElementType::Uint8 => 2,
        TensorElementType::Int8 => 3,
        TensorElementType::Uint16 => 4,
        TensorElementType::Int16 => 5,
        TensorElementType::Int32 => 6,
        TensorElementType::Int64 => 7,
        TensorElementType::String => 8,
        TensorElementType::Bool => 9,
        TensorElementType::Float16 => 10,
        TensorElementType::Float64 => 11,
        TensorElementType::Uint32 => 12,
        TensorElementType::Uint64 => 13,
        TensorElementType::Bfloat16 => 16,
        _ => 0,
    }
}
