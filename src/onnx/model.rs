//! Reading and writing of model files, and what is checked before anything else looks at them.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use prost::Message;

use super::proto::{GraphProto, ModelProto, OperatorSetIdProto, TensorProto, ValueInfoProto};
use super::{Tensor, ValueType};

/// Protobuf's own limit on one message, in bytes.
pub const MAX_BYTES: u64 = 2 << 30;

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
    /// [`OnnxError::Decode`] and [`OnnxError::Invalid`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Model, OnnxError> {
        if bytes.len() as u64 > MAX_BYTES {
            return Err(OnnxError::Decode(format!(
                "{} bytes are over the format's limit",
                bytes.len()
            )));
        }
        let proto =
            ModelProto::decode(bytes).map_err(|error| OnnxError::Decode(error.to_string()))?;
        let model = Model { proto };
        model.check()?;
        Ok(model)
    }

    /// Reads a model file and checks it.
    ///
    /// # Errors
    /// As [`Model::from_bytes`], and [`OnnxError::File`].
    pub fn read(path: &Path) -> Result<Model, OnnxError> {
        let file = |source| OnnxError::File {
            path: path.to_owned(),
            source,
        };
        let length = std::fs::metadata(path).map_err(file)?.len();
        if length > MAX_BYTES {
            return Err(OnnxError::Decode(format!(
                "{} has {length} bytes, over the format's limit",
                path.display()
            )));
        }
        let bytes = std::fs::read(path).map_err(file)?;
        Model::from_bytes(&bytes).map_err(|error| match error {
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

    /// Writes the file.
    ///
    /// # Errors
    /// [`OnnxError::File`].
    pub fn write(&self, path: &Path) -> Result<(), OnnxError> {
        std::fs::write(path, self.to_bytes()).map_err(|source| OnnxError::File {
            path: path.to_owned(),
            source,
        })
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

    /// Checks what every later step relies on: a graph, a known operator set, unique names, and
    /// inputs that exist before they are used (which also rules out cycles).
    ///
    /// # Errors
    /// [`OnnxError::Decode`] for a file without a graph, [`OnnxError::Invalid`] otherwise.
    pub fn check(&self) -> Result<(), OnnxError> {
        let graph = self
            .proto
            .graph
            .as_ref()
            .ok_or_else(|| OnnxError::Decode("there is no graph in it".into()))?;
        if graph.node.is_empty() && graph.output.is_empty() {
            return Err(OnnxError::Decode("its graph is empty".into()));
        }
        if self.opset() == 0 {
            return Err(OnnxError::Invalid(
                "no version of the standard operators".into(),
            ));
        }
        let mut known: HashSet<&str> = initializer_names(graph).collect();
        known.extend(graph.input.iter().filter_map(|value| value.name.as_deref()));
        for (number, node) in graph.node.iter().enumerate() {
            let label = || {
                format!(
                    "node {number} ({} {:?})",
                    node.op(),
                    node.name.as_deref().unwrap_or("")
                )
            };
            if let Some(missing) = node
                .input
                .iter()
                .find(|name| !name.is_empty() && !known.contains(name.as_str()))
            {
                return Err(OnnxError::Invalid(format!(
                    "{} reads {missing:?} before it exists",
                    label()
                )));
            }
            for name in node.output.iter().filter(|name| !name.is_empty()) {
                if !known.insert(name) {
                    return Err(OnnxError::Invalid(format!(
                        "{} makes {name:?} a second time",
                        label()
                    )));
                }
            }
        }
        match graph
            .output
            .iter()
            .filter_map(|value| value.name.as_deref())
            .find(|name| !known.contains(name))
        {
            Some(name) => Err(OnnxError::Invalid(format!(
                "nothing makes the output {name:?}"
            ))),
            None => Ok(()),
        }
    }
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
            dim_param: None,
        },
        super::Dimension::Symbol(symbol) => DimensionProto {
            dim_value: None,
            dim_param: Some(symbol.clone()),
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
        doc_string: None,
    }
}
