//! A task as data: what it is called, what an instance of it looks like.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Compat;

/// The parameters of an instance, with AndroidWorld's names.
pub type Params = serde_json::Map<String, Value>;

/// What is known of a task without an instance (catalogue section 3).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskSpec {
    /// AndroidWorld's class name, e.g. `SystemWifiTurnOn`.
    pub name: &'static str,
    /// AndroidWorld's app names, e.g. `settings`.
    pub apps: &'static [&'static str],
    /// AndroidWorld's complexity; the budget is ten times it.
    pub complexity: f64,
    /// `easy`, `medium` or `hard`.
    pub difficulty: &'static str,
    /// AndroidWorld's tags.
    pub tags: &'static [&'static str],
    /// Names of the parameters.
    pub params: &'static [&'static str],
}

impl TaskSpec {
    /// All of it, in the order of its fields.
    pub const fn new(
        name: &'static str,
        apps: &'static [&'static str],
        complexity: f64,
        difficulty: &'static str,
        tags: &'static [&'static str],
        params: &'static [&'static str],
    ) -> TaskSpec {
        TaskSpec {
            name,
            apps,
            complexity,
            difficulty,
            tags,
            params,
        }
    }

    /// Steps allowed: the integer part of ten times the complexity (catalogue section 1.10).
    pub fn budget(&self) -> u32 {
        // A complexity such as 1.2 is not exact in binary; the nudge keeps 12 from becoming 11.
        (self.complexity * 10.0 + 1e-9).floor() as u32
    }

    /// The task as `tasks list --json` prints it.
    pub fn listed(&self) -> Value {
        json!({
            "name": self.name,
            "apps": self.apps,
            "difficulty": self.difficulty,
            "complexity": self.complexity,
            "budget": self.budget(),
            "tags": self.tags,
            "params": self.params,
        })
    }
}

/// One instance of a task. `state` is what `init` saw on the device and `check` compares with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    /// Task name.
    pub task: String,
    /// Parameters, whoever generated them.
    pub params: Params,
    /// Seed of the instance.
    pub seed: u64,
    /// Goal text for the agent.
    pub goal: String,
    /// Steps allowed.
    pub budget: u32,
    /// What becomes of the benchmark's known defects.
    #[serde(default, skip_serializing_if = "Compat::is_default")]
    pub compat: Compat,
    /// Evidence taken by `init`, for `check`. Null before `init`.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub state: Value,
}
