//! Parameters as typed data, and back.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::TaskError;
use crate::domain::{Instance, Params, TaskSpec};

/// The benchmark keeps the seed of an instance among its parameters.
const SEED: &str = "seed";

/// Reads the parameters of a task. What is missing, ill-typed or not known is named.
pub(super) fn read<T: DeserializeOwned>(spec: &TaskSpec, params: &Params) -> Result<T, TaskError> {
    only_known(spec, params)?;
    serde_json::from_value(Value::Object(params.clone())).map_err(|error| {
        let reason = match ill_typed::<T>(spec, params) {
            Some(name) => format!("`{name}`: {error}"),
            None => error.to_string(),
        };
        wrong(spec, reason)
    })
}

/// Refuses parameters that the task does not have.
pub(super) fn only_known(spec: &TaskSpec, params: &Params) -> Result<(), TaskError> {
    let known = |name: &str| name == SEED || spec.params.contains(&name);
    let Some(name) = params.keys().find(|name| !known(name)) else {
        return Ok(());
    };
    let there = match spec.params {
        [] => "it has none".to_owned(),
        names => format!("it has {}", names.join(", ")),
    };
    Err(wrong(spec, format!("there is no `{name}`; {there}")))
}

/// The parameter whose value has a wrong type: alone, it is complained of before the missing ones.
fn ill_typed<'a, T: DeserializeOwned>(spec: &TaskSpec, params: &'a Params) -> Option<&'a str> {
    let is_ill = |(name, value): &(&String, &Value)| {
        let alone = Params::from_iter([((*name).clone(), (*value).clone())]);
        let error = serde_json::from_value::<T>(Value::Object(alone)).err();
        error.is_some_and(|error| {
            let text = error.to_string();
            !spec
                .params
                .iter()
                .any(|name| text == format!("missing field `{name}`"))
        })
    };
    params.iter().find(is_ill).map(|(name, _)| name.as_str())
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
