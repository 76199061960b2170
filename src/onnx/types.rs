//! Shapes and types of values, and who knows them.

use std::collections::HashMap;

use super::{ElementType, Model, OnnxError};

/// One dimension of a shape.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Dimension {
    /// Known.
    Fixed(usize),
    /// Unknown, but equal wherever the same symbol stands.
    Symbol(String),
    /// Unknown.
    Unknown,
}

impl Dimension {
    /// Whether two dimensions are certainly equal.
    pub fn same(&self, other: &Dimension) -> bool {
        self == other && *self != Dimension::Unknown
    }
}

/// Element type and shape of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueType {
    /// Element type.
    pub element: ElementType,
    /// Dimensions.
    pub dimensions: Vec<Dimension>,
}

impl ValueType {
    /// Number of dimensions.
    pub fn rank(&self) -> usize {
        self.dimensions.len()
    }

    /// All dimensions, when every one is known.
    pub fn fixed(&self) -> Option<Vec<usize>> {
        self.dimensions
            .iter()
            .map(|dimension| match dimension {
                Dimension::Fixed(length) => Some(*length),
                _ => None,
            })
            .collect()
    }
}

/// Knows the types of all values of a model, e.g. by asking an engine.
pub trait ShapeOracle {
    /// Types by value name, for inputs, initializers and every node output.
    ///
    /// # Errors
    /// When the model is not valid.
    fn value_types(&self, model: &Model) -> Result<HashMap<String, ValueType>, OnnxError>;
}
