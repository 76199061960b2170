//! The form of a model that is differentiated: fused operators on the way of the gradients are rewritten
//! into standard ones, and every value has a type whose lengths have names.

use std::collections::{HashMap, HashSet};

use super::{lengths, ranks};
use crate::onnx::decompose::{decompose, decompose_foreign};
use crate::onnx::{Model, OnnxError, ShapeOracle, ValueType};

/// Types by the names of values.
pub(super) type Types = HashMap<String, ValueType>;

/// A model in standard form.
pub(super) struct Standard {
    /// The model.
    pub model: Model,
    /// Types of its values.
    pub types: Types,
    /// Why nodes could not be rewritten, by their first output.
    pub refused: HashMap<String, String>,
}

/// Rewrites what is fused among the nodes whose outputs `reached` names.
pub(super) fn standard_form(
    model: Model,
    oracle: &dyn ShapeOracle,
    reached: impl Fn(&Model, &Types) -> HashSet<String>,
) -> Result<Standard, OnnxError> {
    let model = decompose_foreign(&model)?.unwrap_or(model);
    let mut before = ranks::value_types(&model, oracle)?;
    lengths::name_all(&model, &mut before);
    let names = reached(&model, &before);
    let decomposed = decompose(&model, &before, &|node| {
        node.output.iter().any(|name| names.contains(name))
    })?;
    let Some(decomposed) = decomposed else {
        return Ok(Standard {
            model,
            types: before,
            refused: HashMap::new(),
        });
    };
    let mut types = ranks::value_types(&decomposed.model, oracle)?;
    let known = before.iter().map(|(name, kind)| (name, &kind.dimensions));
    // What a rewrite tells of a node's output says more than a name of its own.
    for (name, shape) in decomposed.shapes.iter().chain(known) {
        lengths::learn(&mut types, name, shape);
    }
    lengths::name_all(&decomposed.model, &mut types);
    Ok(Standard {
        model: decomposed.model,
        types,
        refused: decomposed.refused,
    })
}
