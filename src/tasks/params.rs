//! Parameters as typed data, and back.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::TaskError;
use crate::domain::{Instance, Params, TaskSpec};

/// Reads the parameters of a task; names that the type does not know (such as `seed`) are left alone.
pub(super) fn read<T: DeserializeOwned>(spec: &TaskSpec, params: &Params) -> Result<T, TaskError> {
    serde_json::from_value(Value::Object(params.clone()))
        .map_err(|error| wrong(spec, error.to_string()))
}

/// The error for parameters that make no instance.
pub(super) fn wrong(spec: &TaskSpec, reason: impl Into<String>) -> TaskError {
    TaskError::Params {
        task: spec.name,
        reason: reason.into(),
    }
}

/// Typed parameters as JSON.
pub(super) fn write<T: Serialize>(params: &T) -> Params {
    match serde_json::to_value(params) {
        Ok(Value::Object(map)) => map,
        // Only types with named fields are written.
        _ => Params::new(),
    }
}

/// Leaves evidence for `check`.
pub(super) fn keep<T: Serialize>(instance: &mut Instance, evidence: &T) {
    // Only types that JSON can hold are kept.
    instance.state = serde_json::to_value(evidence).unwrap_or_default();
}

/// Reads the evidence that `init` left.
pub(super) fn evidence<T: DeserializeOwned>(instance: &Instance) -> Result<T, TaskError> {
    serde_json::from_value(instance.state.clone()).map_err(|error| TaskError::State {
        task: instance.task.clone(),
        reason: error.to_string(),
    })
}
