//! `[judge]` as data. Its values and their meaning: `defaults.toml`.

use serde::{Deserialize, Serialize};

use super::JudgeKind;

/// `[judge]`: who judges steps, where an option of `[train]` asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JudgeConfig {
    /// Kind of judge.
    pub kind: JudgeKind,
    /// Base address of an OpenAI-compatible interface, without `/chat/completions`.
    pub endpoint: String,
    /// Model that the endpoint is asked for.
    pub model: String,
    /// Environment variable that holds the key; empty sends none.
    pub api_key_env: String,
    /// Longest time for one answer, in seconds.
    pub timeout_seconds: u64,
    /// How often a question is asked again after a broken answer or none.
    pub retries: u32,
    /// Questions that are asked at the same time.
    pub parallel: u32,
    /// Longest answer, in tokens of the model.
    pub max_tokens: u32,
}
