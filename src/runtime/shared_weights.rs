//! Large frozen weights that several sessions hold once, such as an acting session and the gradient
//! sessions over the same base.
//!
//! A model that goes into such a session carries no bytes of these weights: it refers to a file, and
//! the values are injected. Nothing reads the file but an optimisation that computes with a weight
//! while the session is made, so the numbers are always at hand in the right way; the pages cost no
//! memory that could not be taken back.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ort::session::builder::{PrepackedWeights, SessionBuilder};
use ort::value::{DynValue, Tensor as OrtTensor};

use super::{Chosen, RuntimeError};
use crate::onnx::proto::{StringStringEntryProto, TensorProto};
use crate::onnx::{Model, Tensor, TensorData};

/// Weights that are shorter than this, in bytes, stay in every model: among them are axes and shapes
/// that the engine wants to know while it loads.
pub const SMALLEST_SHARED: usize = 4096;
/// Name of the file that models refer to.
const FILE: &str = "weights.bin";

/// What becomes of the copies of weights in the order that the matrix kernels like best.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prepacking {
    /// None are made: least memory, slower products of few rows.
    Off,
    /// One for all sessions.
    Shared,
}

/// One weight.
struct Shared {
    name: String,
    dims: Vec<i64>,
    element: i32,
    hash: blake3::Hash,
    offset: u64,
    length: u64,
    value: Arc<DynValue>,
}

/// Frozen weights that sessions share.
pub struct SharedWeights {
    weights: Vec<Shared>,
    packed: Option<PrepackedWeights>,
    folder: PathBuf,
}

impl std::fmt::Debug for SharedWeights {
    fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        formatter
            .debug_struct("SharedWeights")
            .field("weights", &self.weights.len())
            .field("bytes", &self.bytes())
            .finish()
    }
}

impl SharedWeights {
    /// Takes a model's initializers that are long enough, except for the trainable ones. A folder
    /// for the file is made in the system's folder for temporary files and removed at the end.
    ///
    /// # Errors
    /// [`RuntimeError::Model`] when a weight can't be read or the file can't be written.
    pub fn new(
        model: &Model,
        trainable: &[String],
        prepacking: Prepacking,
    ) -> Result<SharedWeights, RuntimeError> {
        let failed = |reason: String| RuntimeError::Model {
            name: "for shared weights".into(),
            reason,
        };
        let folder =
            new_folder().map_err(|error| failed(format!("a temporary folder: {error}")))?;
        let mut shared = SharedWeights {
            weights: Vec::new(),
            packed: (prepacking == Prepacking::Shared).then(PrepackedWeights::new),
            folder,
        };
        shared.take(model, trainable).map_err(failed)?;
        Ok(shared)
    }

    fn take(&mut self, model: &Model, trainable: &[String]) -> Result<(), String> {
        use std::io::Write;
        let path = self.folder.join(FILE);
        let file = |error: std::io::Error| format!("{}: {error}", path.display());
        let mut writer = std::io::BufWriter::new(std::fs::File::create(&path).map_err(file)?);
        let mut offset = 0;
        for proto in &model.graph().initializer {
            let Some(raw) = raw_bytes(proto) else {
                continue;
            };
            let name = proto.name.clone().unwrap_or_default();
            if trainable.contains(&name) {
                continue;
            }
            // Kinds that are not computed with here, such as 4 bits, stay in the models.
            let Ok(tensor) = Tensor::from_proto(proto) else {
                continue;
            };
            writer.write_all(raw).map_err(file)?;
            let length = raw.len() as u64;
            self.weights.push(Shared {
                name,
                dims: proto.dims.clone(),
                element: proto.data_type.unwrap_or(0),
                hash: blake3::hash(raw),
                offset,
                length,
                value: Arc::new(owned_value(tensor)?),
            });
            offset += length;
        }
        writer.flush().map_err(file)
    }

    /// Number of bytes that are shared.
    pub fn bytes(&self) -> u64 {
        self.weights.iter().map(|weight| weight.length).sum()
    }

    /// Takes the bytes of the shared weights out of a model, which then refers to the file, and
    /// returns the names of those weights.
    ///
    /// # Errors
    /// With the reason, when the model has other numbers under the name of a shared weight.
    pub(super) fn strip(&self, model: &mut Model) -> Result<Vec<String>, String> {
        let mut names = Vec::new();
        for proto in &mut model.graph_mut().initializer {
            let Some(raw) = raw_bytes(proto) else {
                continue;
            };
            let known = |weight: &&Shared| proto.name.as_deref() == Some(weight.name.as_str());
            let Some(weight) = self.weights.iter().find(known) else {
                continue;
            };
            let element = proto.data_type.unwrap_or(0);
            if proto.dims != weight.dims
                || element != weight.element
                || blake3::hash(raw) != weight.hash
            {
                return Err(format!(
                    "its weight {:?} differs from the shared one of that name",
                    weight.name
                ));
            }
            names.push(weight.name.clone());
            let entry = |key: &str, value: String| StringStringEntryProto {
                key: Some(key.into()),
                value: Some(value),
            };
            *proto = TensorProto {
                dims: std::mem::take(&mut proto.dims),
                data_type: proto.data_type,
                name: proto.name.take(),
                data_location: Some(1),
                external_data: vec![
                    entry("location", FILE.into()),
                    entry("offset", weight.offset.to_string()),
                    entry("length", weight.length.to_string()),
                ],
                ..Default::default()
            };
        }
        Ok(names)
    }

    /// Injects the values of some weights into a session that is being made.
    pub(super) fn apply(
        &self,
        builder: SessionBuilder,
        provider: &Chosen,
        names: &[String],
    ) -> Result<SessionBuilder, String> {
        const FOLDER_KEY: &str = "session.model_external_initializers_file_folder_path";
        let text = |error: ort::Error<SessionBuilder>| error.to_string();
        let folder: &Path = &self.folder;
        let mut builder = builder
            .with_config_entry(FOLDER_KEY, folder.display().to_string())
            .map_err(text)?;
        if *provider == Chosen::Cuda {
            // A device has its own copy anyway; it is filled from the file. Not yet run on hardware.
            return Ok(builder);
        }
        builder = match &self.packed {
            Some(packed) => builder.with_prepacked_weights(packed).map_err(text)?,
            None => builder.with_prepacking(false).map_err(text)?,
        };
        for weight in self.weights.iter().filter(|w| names.contains(&w.name)) {
            builder = builder
                .with_initializer(&weight.name, Arc::clone(&weight.value))
                .map_err(text)?;
        }
        Ok(builder)
    }
}

impl Drop for SharedWeights {
    fn drop(&mut self) {
        // What is left behind lies among the temporary files.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A folder that nobody had before.
fn new_folder() -> std::io::Result<PathBuf> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    loop {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("stepdroid-weights-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        match std::fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            // Left behind by a process that ended badly and had the same number.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

/// The bytes of an initializer that is worth sharing.
fn raw_bytes(proto: &TensorProto) -> Option<&[u8]> {
    let raw = proto.raw_data.as_deref()?;
    (raw.len() >= SMALLEST_SHARED).then_some(raw)
}

/// A value that owns its memory: the engine takes no other kind as an initializer.
fn owned_value(tensor: Tensor) -> Result<DynValue, String> {
    let shape: Vec<i64> = tensor.shape.iter().map(|length| *length as i64).collect();
    macro_rules! value {
        ($values:expr) => {
            OrtTensor::from_array((shape, $values))
                .map_err(|error| error.to_string())?
                .into_dyn()
        };
    }
    Ok(match tensor.data {
        TensorData::F32(values) => value!(values),
        TensorData::F64(values) => value!(values),
        TensorData::F16(values) => value!(values),
        TensorData::Bf16(values) => value!(values),
        TensorData::I64(values) => value!(values),
        TensorData::I32(values) => value!(values),
        TensorData::U8(values) => value!(values),
        TensorData::I8(values) => value!(values),
        TensorData::Bool(values) => value!(values),
    })
}
