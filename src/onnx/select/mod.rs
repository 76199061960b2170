//! Choosing weights by pattern: regular expressions against everything that may say what a weight is.
//! Exporters rename weights (`val_65`, `onnx::MatMul_812`), so a pattern is also looked for in the
//! names around it: the node that reads the weight, what the exporter noted about that node, and the
//! bias that is added afterwards.

mod matrices;
mod names;

use serde::Serialize;

pub use matrices::{Matrix, matrices};

use super::proto::TensorProto;
use super::{ElementType, Model, OnnxError};
use names::Surroundings;

/// What a pattern was found in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// The weight's own name.
    Weight,
    /// The name of the node that reads the weight.
    Node,
    /// A note that the exporter left on that node, by its key.
    Metadata(String),
    /// The name of the bias that is added to what the node makes.
    Bias,
}

/// Why something was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Why {
    /// The first pattern that matched.
    pub pattern: String,
    /// Where.
    pub place: Place,
    /// The text it matched.
    pub text: String,
}

impl Why {
    /// The part of the text around the match: exporters' notes are long.
    fn excerpt(&self) -> String {
        /// Bytes on either side.
        const AROUND: usize = 24;
        let found = regex::Regex::new(&self.pattern).ok();
        // The last one: notes go from the outer module to the inner.
        let last = found.and_then(|expression| {
            let found = expression.find_iter(&self.text).last();
            found.map(|found| found.range())
        });
        let Some(found) = last else {
            return self.text.clone();
        };
        let mut start = found.start.saturating_sub(AROUND);
        let mut end = (found.end + AROUND).min(self.text.len());
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        let before = if start > 0 { ".." } else { "" };
        let after = if end < self.text.len() { ".." } else { "" };
        format!("{before}{}{after}", &self.text[start..end])
    }
}

impl std::fmt::Display for Why {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.place {
            Place::Weight => write!(formatter, "its name"),
            Place::Node => write!(formatter, "node {}", self.text),
            Place::Metadata(key) => write!(formatter, "{key}: {}", self.excerpt()),
            Place::Bias => write!(formatter, "bias {}", self.text),
        }
    }
}

/// A weight that was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected {
    /// The initializer's name.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Its element type, one of the floats.
    pub element: ElementType,
    /// Why it was chosen.
    pub why: Why,
}

/// Every floating-point weight but the running statistics of normalisations (the mean and the variance of
/// `BatchNormalization`): those are measured, not trained, unless a pattern asks for them.
///
/// # Errors
/// [`OnnxError::Pattern`] when there is none.
pub fn all_weights(model: &Model) -> Result<Vec<Selected>, OnnxError> {
    let mut found = weights(model, &[""])?;
    let statistics: Vec<&String> = model
        .graph()
        .node
        .iter()
        .filter(|node| node.op() == "BatchNormalization")
        .flat_map(|node| node.input.iter().skip(3))
        .collect();
    found.retain(|weight| !statistics.contains(&&weight.name));
    Ok(found)
}

/// The floating-point initializers that patterns choose, in the order of the file.
///
/// A weight matches by its own name, or by what stands around the node that reads it (also through
/// nodes that only change its form, such as `Transpose` and `Cast`). Around a node only real weights
/// count: tensors in a place where an operator has its weights. A scalar (a tensor without dimensions)
/// is chosen by its whole name only, since most of them are constants of a formula.
///
/// # Errors
/// [`OnnxError::Pattern`] for a pattern that is no regular expression, and for one that matches
/// nothing, with the nearest names there are.
pub fn weights(model: &Model, patterns: &[&str]) -> Result<Vec<Selected>, OnnxError> {
    let expressions = names::compile(patterns)?;
    let surroundings = Surroundings::of(model.graph());
    let mut used = vec![false; patterns.len()];
    let mut selected = Vec::new();
    for tensor in &model.graph().initializer {
        let element = ElementType::from_code(tensor.data_type.unwrap_or(0));
        let Some(name) = tensor.name.as_deref().filter(|_| element.is_float()) else {
            continue;
        };
        let scalar = tensor.dims.is_empty();
        let mut first = None;
        for (position, expression) in expressions.iter().enumerate() {
            let why = if scalar {
                (patterns[position] == name).then(|| Why {
                    pattern: name.to_owned(),
                    place: Place::Weight,
                    text: name.to_owned(),
                })
            } else {
                names::find(
                    expression,
                    std::iter::once((Place::Weight, name)).chain(surroundings.of_weight(name)),
                )
            };
            if let Some(why) = why {
                used[position] = true;
                first.get_or_insert(why);
            }
        }
        if let Some(why) = first {
            selected.push(Selected {
                name: name.to_owned(),
                shape: shape(tensor),
                element,
                why,
            });
        }
    }
    names::all_used(patterns, &used, "weight", || {
        let floats = model.graph().initializer.iter().filter(|tensor| {
            ElementType::from_code(tensor.data_type.unwrap_or(0)).is_float()
                && !tensor.dims.is_empty()
        });
        floats
            .filter_map(|tensor| tensor.name.as_deref())
            .flat_map(|name| std::iter::once(name).chain(surroundings.readable(name)))
            .map(str::to_owned)
            .collect()
    })?;
    Ok(selected)
}

fn shape(tensor: &TensorProto) -> Vec<usize> {
    let lengths = tensor.dims.iter();
    lengths
        .map(|length| usize::try_from(*length).unwrap_or(0))
        .collect()
}

#[cfg(test)]
mod tests;
