//! Whether values fit the inputs of a model, told by name before the engine fails somewhere inside.

use std::collections::HashMap;

use crate::onnx::{Dimension, Model, Tensor, ValueType};

/// The inputs of a model that are given anew for every run.
#[derive(Debug, Clone)]
pub(super) struct InputCheck {
    inputs: Vec<(String, ValueType)>,
}

impl InputCheck {
    /// The inputs of a model, except for some.
    pub fn new(model: &Model, except: impl Fn(&str) -> bool) -> InputCheck {
        let mut types = model.declared_types();
        let names = model.input_names().into_iter().filter(|name| !except(name));
        InputCheck {
            inputs: names
                .filter_map(|name| types.remove(&name).map(|kind| (name, kind)))
                .collect(),
        }
    }

    /// The given values in the order of the inputs; what the model does not read is left out, since a
    /// gradient graph may need less than its loss.
    pub fn sorted<'a>(
        &self,
        given: &[(&str, &'a Tensor)],
    ) -> Result<Vec<(&str, &'a Tensor)>, String> {
        let mut symbols: HashMap<&str, (usize, &str)> = HashMap::new();
        let mut sorted = Vec::with_capacity(self.inputs.len());
        for (name, kind) in &self.inputs {
            let tensor = given
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, tensor)| *tensor)
                .ok_or_else(|| format!("no value was given for the input {name:?}"))?;
            if tensor.element() != kind.element {
                return Err(format!(
                    "the input {name:?} is of {}, the model wants {}",
                    tensor.element(),
                    kind.element
                ));
            }
            let fits = tensor.shape.len() == kind.rank()
                && tensor.shape.iter().zip(&kind.dimensions).all(
                    |pair| !matches!(pair, (length, Dimension::Fixed(wanted)) if length != wanted),
                );
            if !fits {
                return Err(format!(
                    "the input {name:?} has the shape {:?}, the model wants [{}]",
                    tensor.shape,
                    listed(&kind.dimensions)
                ));
            }
            for (length, dimension) in tensor.shape.iter().zip(&kind.dimensions) {
                let Dimension::Symbol(symbol) = dimension else {
                    continue;
                };
                let (known, first) = *symbols.entry(symbol).or_insert((*length, name));
                if known != *length {
                    return Err(format!(
                        "{symbol:?} is {length} in the input {name:?}, but {known} in {first:?}"
                    ));
                }
            }
            sorted.push((name.as_str(), tensor));
        }
        Ok(sorted)
    }
}

fn listed(dimensions: &[Dimension]) -> String {
    let text = dimensions.iter().map(|dimension| match dimension {
        Dimension::Fixed(length) => length.to_string(),
        Dimension::Symbol(symbol) => symbol.clone(),
        Dimension::Unknown => "?".into(),
    });
    text.collect::<Vec<_>>().join(", ")
}
