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

    /// Whether it is the known length 1, which broadcasts to any other.
    pub fn is_one(&self) -> bool {
        *self == Dimension::Fixed(1)
    }

    /// A multiple of a length, by a name that is the same whoever makes it.
    pub fn times(&self, factor: usize) -> Dimension {
        match self {
            _ if factor == 1 => self.clone(),
            Dimension::Fixed(length) => length
                .checked_mul(factor)
                .map_or(Dimension::Unknown, Dimension::Fixed),
            Dimension::Symbol(name) => Dimension::Symbol(format!("{factor} * {name}")),
            Dimension::Unknown => Dimension::Unknown,
        }
    }

    /// The sum of two lengths, by a name that is the same whoever makes it.
    pub fn plus(&self, other: &Dimension) -> Dimension {
        match (self, other) {
            (Dimension::Fixed(a), Dimension::Fixed(b)) => a
                .checked_add(*b)
                .map_or(Dimension::Unknown, Dimension::Fixed),
            (Dimension::Unknown, _) | (_, Dimension::Unknown) => Dimension::Unknown,
            (a, b) => Dimension::Symbol(format!("{a} + {b}")),
        }
    }
}

impl std::fmt::Display for Dimension {
    fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Dimension::Fixed(length) => write!(formatter, "{length}"),
            Dimension::Symbol(name) => formatter.write_str(name),
            Dimension::Unknown => formatter.write_str("?"),
        }
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

impl ValueType {
    /// The type with the lengths that somebody else knows in the place of symbols.
    #[must_use]
    pub fn with_lengths_of(mut self, other: &ValueType) -> ValueType {
        if self.rank() == other.rank() {
            for (own, known) in self.dimensions.iter_mut().zip(&other.dimensions) {
                if let (Dimension::Symbol(_) | Dimension::Unknown, Dimension::Fixed(_)) =
                    (&own, known)
                {
                    own.clone_from(known);
                }
            }
        }
        self
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_take_the_place_of_symbols_only() {
        let symbol = |name: &str| Dimension::Symbol(name.into());
        let value = |dimensions: &[Dimension]| ValueType {
            element: ElementType::F32,
            dimensions: dimensions.to_vec(),
        };
        let declared = value(&[symbol("batch"), symbol("odd"), Dimension::Fixed(3)]);
        let found = value(&[
            Dimension::Unknown,
            Dimension::Fixed(384),
            Dimension::Fixed(4),
        ]);
        let both = value(&[symbol("batch"), Dimension::Fixed(384), Dimension::Fixed(3)]);
        assert_eq!(declared.clone().with_lengths_of(&found), both);
        assert_eq!(declared.clone().with_lengths_of(&value(&[])), declared);
    }
}
