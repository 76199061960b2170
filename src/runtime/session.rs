//! A model that can be run.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};
use ort::session::{Session as OrtSession, SessionInputValue};
use ort::value::{DynTensor, TensorRef, ValueType as OrtValueType};

use super::device_memory::{DeviceMemory, element_code, extract};
use super::{Chosen, Library, RuntimeError, SharedWeights};
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

impl SessionOptions {
    /// A builder with these options.
    pub(super) fn builder(
        self,
        library: &Library,
        provider: &Chosen,
    ) -> Result<SessionBuilder, String> {
        let text = |error: ort::Error<SessionBuilder>| error.to_string();
        let level = if self.optimise {
            GraphOptimizationLevel::All
        } else {
            GraphOptimizationLevel::Disable
        };
        let builder =
            OrtSession::builder(&library.environment).map_err(|error| error.to_string())?;
        let builder = builder.with_optimization_level(level).map_err(text)?;
        let builder = builder.with_intra_threads(self.threads).map_err(text)?;
        let builder = builder
            .with_memory_pattern(self.memory_pattern)
            .map_err(text)?;
        // Idle threads must not take the cores that the phones need.
        let builder = builder.with_intra_op_spinning(false).map_err(text)?;
        provider.apply(builder)
    }
}

/// A model in the hands of ONNX Runtime. A session runs one thing at a time.
#[derive(Debug)]
pub struct Session {
    name: String,
    running: Mutex<Running>,
    inputs: Vec<String>,
    outputs: Vec<String>,
}

/// What only one run at a time may touch.
#[derive(Debug)]
struct Running {
    session: OrtSession,
    memory: DeviceMemory,
    /// Values of inputs that are the same in every run.
    held: Vec<(String, DynTensor)>,
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
        Session::from_bytes(library, provider, name, &model.to_bytes(), options, None)
    }

    /// Makes a session whose large frozen weights are those that it shares with others.
    ///
    /// # Errors
    /// [`RuntimeError::Model`], also when a shared weight differs from the model's own.
    pub fn sharing(
        library: &Library,
        provider: &Chosen,
        name: &str,
        mut model: Model,
        options: SessionOptions,
        shared: &SharedWeights,
    ) -> Result<Session, RuntimeError> {
        let names = shared
            .strip(&mut model)
            .map_err(|reason| RuntimeError::Model {
                name: name.to_owned(),
                reason,
            })?;
        let bytes = model.to_bytes();
        drop(model);
        Session::from_bytes(
            library,
            provider,
            name,
            &bytes,
            options,
            Some((shared, &names)),
        )
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
        shared: Option<(&SharedWeights, &[String])>,
    ) -> Result<Session, RuntimeError> {
        let refused = |reason: String| RuntimeError::Model {
            name: name.to_owned(),
            reason,
        };
        let mut builder = options.builder(library, provider).map_err(refused)?;
        if let Some((shared, names)) = shared {
            builder = shared.apply(builder, provider, names).map_err(refused)?;
        }
        let session = builder
            .commit_from_memory(bytes)
            .map_err(|error| refused(error.to_string()))?;
        let memory = DeviceMemory::new(&session, provider).map_err(refused)?;
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
            running: Mutex::new(Running {
                session,
                memory,
                held: Vec::new(),
            }),
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
        let running = self.running();
        running
            .session
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

    fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps values for some inputs on the device, for all runs from now on.
    ///
    /// # Errors
    /// [`RuntimeError::Run`] for a name that is no input, or when the device has no room.
    pub fn hold(&self, values: &[(String, Tensor)]) -> Result<(), RuntimeError> {
        let failed = |reason: String| RuntimeError::Run {
            name: self.name.clone(),
            reason,
        };
        let mut running = self.running();
        for (name, tensor) in values {
            if !self.inputs.contains(name) {
                return Err(failed(format!("there is no input {name:?}")));
            }
            let value = running.memory.filled(tensor).map_err(failed)?;
            running.held.retain(|(known, _)| known != name);
            running.held.push((name.clone(), value));
        }
        Ok(())
    }

    /// Runs the model on named inputs and returns the named outputs in their order. Inputs that are
    /// held need not be given.
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
        let mut running = self.running();
        let Running { session, held, .. } = &mut *running;
        let is_given = |name: &&String| inputs.iter().any(|(given, _)| given == name);
        let is_held = |name: &&String| held.iter().any(|(held, _)| held == *name);
        if let Some(missing) = self
            .inputs
            .iter()
            .find(|name| !is_given(name) && !is_held(name))
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
        for (name, value) in held.iter().filter(|(name, _)| !is_given(&name)) {
            values.push((name, value.into()));
        }
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
