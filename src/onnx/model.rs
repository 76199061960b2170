//! A model file: reading, writing, and looking things up in it.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use prost::Message;

use super::external::{self, WriteOptions};
use super::proto::{GraphProto, ModelProto, OperatorSetIdProto, TensorProto, ValueInfoProto};
use super::{Tensor, ValueType, check, constants, decode, functions, upgrade};

/// Protobuf's own limit on one message, in bytes.
pub const MAX_BYTES: u64 = (2 << 30) - 1;

/// Why a model can't be read, built or differentiated.
#[derive(Debug, thiserror::Error)]
pub enum OnnxError {
    /// The file can't be read or written.
    #[error("model file {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not an ONNX model, or cut off.
    #[error("not a whole ONNX model: {0}")]
    Decode(String),
    /// It would take far more memory than its size.
    #[error(
        "not a reasonable ONNX model: {file} bytes that decode to more than {allowed} bytes of memory"
    )]
    Memory {
        /// Bytes of the file.
        file: u64,
        /// Bytes that a file of this size may take.
        allowed: u64,
    },
    /// The graph breaks a rule of the format.
    #[error("the graph is not valid: {0}")]
    Invalid(String),
    /// A tensor can't be used.
    #[error("tensor {name:?}: {reason}")]
    Tensor {
        /// Its name.
        name: String,
        /// Why.
        reason: String,
    },
    /// The data of a tensor, which is in another file, can't be used.
    #[error("tensor {tensor:?}, whose data is in {file:?}: {reason}")]
    External {
        /// The tensor's name.
        tensor: String,
        /// The file.
        file: PathBuf,
        /// Why.
        reason: String,
    },
    /// Local functions can't be put in the place of their calls.
    #[error("the function {name:?}: {reason}")]
    Function {
        /// Its name.
        name: String,
        /// Why.
        reason: String,
    },
    /// Operators can't be brought to a newer version.
    #[error("standard operators of version {version}: {reason}")]
    Upgrade {
        /// Their version.
        version: i64,
        /// Why.
        reason: String,
    },
    /// A name that is not in the graph.
    #[error("the graph has no {what} {name:?}")]
    Missing {
        /// What was looked for.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// A name that the graph uses for something else.
    #[error("the graph has a value {name:?} already; give new names a prefix")]
    Taken {
        /// The name.
        name: String,
    },
    /// A pattern that chooses nothing.
    #[error("pattern {pattern:?}: {reason}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// Why.
        reason: String,
    },
    /// Operators without a gradient rule on the way from the weights to the loss, all of them.
    #[error("no gradient rule for {}", .0.join(", "))]
    Unsupported(Vec<String>),
    /// The engine did not take the model.
    #[error("the engine refused the model: {0}")]
    Engine(String),
}

/// A model.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// The file's content.
    pub proto: ModelProto,
}

impl Model {
    /// Reads a model from bytes and checks it.
    ///
    /// # Errors
    /// As [`Model::from_buffer`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Model, OnnxError> {
        limit(bytes.len() as u64)?;
        Model::from_buffer(Bytes::copy_from_slice(bytes))
    }

    /// Reads a model from a buffer, with which its tensors then share their bytes, and checks it.
    /// Takes at most three times the buffer's size and 64 MB.
    ///
    /// # Errors
    /// [`OnnxError::Decode`], [`OnnxError::Memory`], and what [`Model::check`] gives.
    pub fn from_buffer(bytes: Bytes) -> Result<Model, OnnxError> {
        limit(bytes.len() as u64)?;
        let model = Model {
            proto: decode::decode(bytes)?,
        };
        model.check()?;
        Ok(model)
    }

    /// Reads a model file, and the data files beside it that it names, and checks it.
    ///
    /// # Errors
    /// As [`Model::from_buffer`], [`OnnxError::File`], and [`OnnxError::External`].
    pub fn read(path: &Path) -> Result<Model, OnnxError> {
        let file = |source| OnnxError::File {
            path: path.to_owned(),
            source,
        };
        let about = std::fs::metadata(path).map_err(file)?;
        if !about.is_file() {
            return Err(file(std::io::Error::other("this is no regular file")));
        }
        let read = || -> Result<Model, OnnxError> {
            limit(about.len())?;
            let bytes = std::fs::read(path).map_err(file)?;
            let mut model = Model::from_buffer(Bytes::from(bytes))?;
            external::resolve(&mut model.proto, path)?;
            Ok(model)
        };
        read().map_err(|error| match error {
            OnnxError::Decode(reason) => OnnxError::Decode(format!("{}: {reason}", path.display())),
            OnnxError::Invalid(reason) => {
                OnnxError::Invalid(format!("{}: {reason}", path.display()))
            }
            other => other,
        })
    }

    /// The bytes of the file.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.proto.encode_to_vec()
    }

    /// Writes the file; a model over the format's limit gets a data file `<name>.onnx.data` beside
    /// it. Each file appears whole or not at all.
    ///
    /// # Errors
    /// [`OnnxError::File`].
    pub fn write(&self, path: &Path) -> Result<(), OnnxError> {
        self.write_with(path, &WriteOptions::default())
    }

    /// Writes the file with limits of one's own.
    ///
    /// # Errors
    /// [`OnnxError::File`]; [`OnnxError::Invalid`] for a model that is too large even without its
    /// constants.
    pub fn write_with(&self, path: &Path, options: &WriteOptions) -> Result<(), OnnxError> {
        external::write(&self.proto, path, options)
    }

    /// The model with its local functions in the place of their calls.
    ///
    /// # Errors
    /// [`OnnxError::Function`] for functions that call themselves, want other operator versions than
    /// the graph or grow beyond all bounds.
    pub fn inlined(&self) -> Result<Model, OnnxError> {
        let model = Model {
            proto: functions::inline(&self.proto)?,
        };
        model.check()?;
        Ok(model)
    }

    /// The model with standard operators of at least version 18; newer ones stay.
    ///
    /// # Errors
    /// [`OnnxError::Upgrade`] below version 11 and for the few operators without an equivalent.
    pub fn upgraded(&self) -> Result<Model, OnnxError> {
        let model = Model {
            proto: upgrade::upgrade(&self.proto)?,
        };
        model.check()?;
        Ok(model)
    }

    /// The model as the gradient builder wants it: without local functions, with standard operators of
    /// at least version 18, and with weights as initializers.
    ///
    /// # Errors
    /// As [`Model::inlined`] and [`Model::upgraded`].
    pub fn normalised(&self) -> Result<Model, OnnxError> {
        // Functions have operator versions of their own, which then agree more often.
        Ok(self.upgraded()?.inlined()?.with_weights_as_initializers())
    }

    /// The model with weights as initializers where `Constant` nodes hold them: tensors of floats that are
    /// no scalars.
    #[must_use]
    pub fn with_weights_as_initializers(mut self) -> Model {
        constants::lift(self.graph_mut());
        self
    }

    /// The graph. Empty only before [`Model::check`], which every reader calls.
    pub fn graph(&self) -> &GraphProto {
        static EMPTY: std::sync::LazyLock<GraphProto> =
            std::sync::LazyLock::new(GraphProto::default);
        self.proto.graph.as_ref().unwrap_or(&EMPTY)
    }

    /// The graph, to change it.
    pub fn graph_mut(&mut self) -> &mut GraphProto {
        self.proto.graph.get_or_insert_default()
    }

    /// Version of the standard operators.
    pub fn opset(&self) -> i64 {
        let standard = |set: &&OperatorSetIdProto| {
            matches!(set.domain.as_deref(), None | Some("" | "ai.onnx"))
        };
        self.proto
            .opset_import
            .iter()
            .find(standard)
            .and_then(|set| set.version)
            .unwrap_or(0)
    }

    /// An initializer by its name.
    ///
    /// # Errors
    /// When it is not there or can't be used.
    pub fn initializer(&self, name: &str) -> Result<Tensor, OnnxError> {
        self.graph()
            .initializer
            .iter()
            .find(|tensor| tensor.name.as_deref() == Some(name))
            .ok_or_else(|| OnnxError::Missing {
                what: "initializer",
                name: name.to_owned(),
            })
            .and_then(Tensor::from_proto)
    }

    /// Turns initializers into inputs of the same names, to be given at every run.
    pub fn weights_to_inputs(&mut self, names: &[String]) {
        let types = self.declared_types();
        let wanted: HashSet<&str> = names.iter().map(String::as_str).collect();
        let is_weight =
            |name: &Option<String>| name.as_deref().is_some_and(|name| wanted.contains(name));
        let graph = self.graph_mut();
        graph.initializer.retain(|tensor| !is_weight(&tensor.name));
        graph.input.retain(|input| !is_weight(&input.name));
        let known = names
            .iter()
            .filter_map(|name| Some((name, types.get(name)?)));
        graph
            .input
            .extend(known.map(|(name, kind)| value_info(name, kind)));
    }

    /// Names of the outputs.
    pub fn output_names(&self) -> Vec<String> {
        self.graph()
            .output
            .iter()
            .filter_map(|value| value.name.clone())
            .collect()
    }

    /// Names of the inputs that are not initializers.
    pub fn input_names(&self) -> Vec<String> {
        let initializers: HashSet<&str> = initializer_names(self.graph()).collect();
        self.graph()
            .input
            .iter()
            .filter_map(|value| value.name.clone())
            .filter(|name| !initializers.contains(name.as_str()))
            .collect()
    }

    /// Types that the graph itself declares for its inputs and initializers.
    pub fn declared_types(&self) -> HashMap<String, ValueType> {
        let inputs = self.graph().input.iter().filter_map(|value| {
            let tensor = value.r#type.as_ref()?.tensor_type.as_ref()?;
            Some((value.name.clone()?, value_type(tensor)))
        });
        let initializers =
            self.graph()
                .initializer
                .iter()
                .filter_map(|tensor: &TensorProto| {
                    let dimensions = tensor.dims.iter().map(|length| {
                        super::Dimension::Fixed(usize::try_from(*length).unwrap_or(0))
                    });
                    let element = super::ElementType::from_code(tensor.data_type.unwrap_or(0));
                    Some((
                        tensor.name.clone()?,
                        ValueType {
                            element,
                            dimensions: dimensions.collect(),
                        },
                    ))
                });
        inputs.chain(initializers).collect()
    }

    /// Checks what every later step relies on: a graph, known operator sets, unique names, inputs
    /// that exist before they are used (which also rules out cycles), tensors whose data fits.
    ///
    /// # Errors
    /// [`OnnxError::Decode`] for a file without a graph; [`OnnxError::Invalid`],
    /// [`OnnxError::Tensor`] and [`OnnxError::External`] otherwise.
    pub fn check(&self) -> Result<(), OnnxError> {
        check::check(&self.proto)
    }
}

fn limit(length: u64) -> Result<(), OnnxError> {
    if length > MAX_BYTES {
        return Err(OnnxError::Decode(format!(
            "{length} bytes are over the format's limit"
        )));
    }
    Ok(())
}

fn initializer_names(graph: &GraphProto) -> impl Iterator<Item = &str> {
    graph
        .initializer
        .iter()
        .filter_map(|tensor| tensor.name.as_deref())
}

/// The type that a tensor declares.
pub(super) fn value_type(tensor: &super::proto::TensorTypeProto) -> ValueType {
    let dimensions = tensor
        .shape
        .iter()
        .flat_map(|shape| &shape.dim)
        .map(
            |dimension| match (dimension.dim_value, dimension.dim_param.as_deref()) {
                (Some(length), _) if length >= 0 => super::Dimension::Fixed(length as usize),
                (_, Some(symbol)) if !symbol.is_empty() => {
                    super::Dimension::Symbol(symbol.to_owned())
                }
                _ => super::Dimension::Unknown,
            },
        );
    ValueType {
        element: super::ElementType::from_code(tensor.elem_type.unwrap_or(0)),
        dimensions: dimensions.collect(),
    }
}

/// A value with a name and a type, for inputs and outputs.
pub fn value_info(name: &str, value: &ValueType) -> ValueInfoProto {
    use super::proto::{DimensionProto, TensorShapeProto, TensorTypeProto, TypeProto};
    let dim = value.dimensions.iter().map(|dimension| match dimension {
        super::Dimension::Fixed(length) => DimensionProto {
            dim_value: Some(*length as i64),
            ..Default::default()
        },
        super::Dimension::Symbol(symbol) => DimensionProto {
            dim_param: Some(symbol.clone()),
            ..Default::default()
        },
        super::Dimension::Unknown => DimensionProto::default(),
    });
    ValueInfoProto {
        name: Some(name.to_owned()),
        r#type: Some(TypeProto {
            tensor_type: Some(TensorTypeProto {
                elem_type: Some(value.element.code()),
                shape: Some(TensorShapeProto { dim: dim.collect() }),
            }),
            ..Default::default()
        }),
        ..Default::default()
    }
}
