//! ONNX Runtime as the one who knows all types: every inner value becomes an output of a model that
//! is loaded but never run.

use std::collections::HashMap;

use super::{Chosen, Library, Session, SessionOptions};
use crate::onnx::proto::ValueInfoProto;
use crate::onnx::{Dimension, ElementType, Model, OnnxError, ShapeOracle, ValueType};

/// Asks ONNX Runtime for shapes.
#[derive(Debug, Clone)]
pub struct SessionOracle {
    library: Library,
}

impl SessionOracle {
    /// An oracle over a loaded library.
    pub fn new(library: &Library) -> SessionOracle {
        SessionOracle {
            library: library.clone(),
        }
    }
}

impl ShapeOracle for SessionOracle {
    fn value_types(&self, model: &Model) -> Result<HashMap<String, ValueType>, OnnxError> {
        let mut types = model.declared_types();
        let mut exposed = model.clone();
        let names: Vec<String> = model
            .graph()
            .node
            .iter()
            .flat_map(|node| node.output.iter())
            .filter(|name| !name.is_empty())
            .cloned()
            .collect();
        exposed.graph_mut().output = names
            .into_iter()
            .map(|name| ValueInfoProto {
                name: Some(name),
                ..Default::default()
            })
            .collect();
        let options = SessionOptions {
            optimise: false,
            memory_pattern: false,
            threads: 1,
        };
        let provider = Chosen::Cpu {
            instead_of_cuda: None,
        };
        let session = Session::new(
            &self.library,
            &provider,
            "for shape inference",
            &exposed,
            options,
        )
        .map_err(|error| OnnxError::Engine(error.to_string()))?;
        for (name, element, dimensions, symbols) in session.output_types() {
            let dimensions = dimensions.iter().enumerate().map(|(position, length)| {
                match (
                    usize::try_from(*length),
                    symbols.get(position).filter(|symbol| !symbol.is_empty()),
                ) {
                    (Ok(length), _) => Dimension::Fixed(length),
                    (Err(_), Some(symbol)) => Dimension::Symbol(symbol.clone()),
                    (Err(_), None) => Dimension::Unknown,
                }
            });
            let value = ValueType {
                element: ElementType::from_code(element),
                dimensions: dimensions.collect(),
            };
            types.insert(name, value);
        }
        Ok(types)
    }
}
