//! Judges that are asked over the network: a model behind an OpenAI-compatible interface. Uses
//! `learn` (what is asked, and what an answer is) and `config`.
//!
//! Whatever goes wrong with an answer makes it no judgement: it is asked for again a few times, and
//! then there is none. What a judge says is checked before anybody learns from it.

mod http;
mod questions;
mod replies;

use std::sync::Arc;

use crate::config::{JudgeConfig, JudgeKind};
use crate::learn::{Judge, SubChecks};

pub use http::HttpJudge;

/// Why there is no judge.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JudgeError {
    /// The key is not where the configuration says.
    #[error(
        "judge.api_key_env names the environment variable {variable}, which {problem}; set it to the endpoint's key, or set judge.api_key_env = \"\" for an endpoint without one"
    )]
    Key {
        /// The variable.
        variable: String,
        /// What is wrong with it.
        problem: &'static str,
    },
}

/// The judge that a configuration asks for, where it asks for one.
///
/// # Errors
/// [`JudgeError::Key`].
pub fn of(config: &JudgeConfig) -> Result<Option<Arc<dyn Judge>>, JudgeError> {
    Ok(match config.kind {
        JudgeKind::None => None,
        JudgeKind::Rules => Some(Arc::new(SubChecks)),
        JudgeKind::Http => Some(Arc::new(HttpJudge::new(config)?)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_key_is_told_before_anything_is_asked() {
        let mut config = crate::config::load(None, &[]).unwrap().config.judge;
        assert!(of(&config).unwrap().is_none());
        config.kind = JudgeKind::Http;
        config.endpoint = "http://localhost:1/v1".into();
        assert!(of(&config).unwrap().is_some());
        config.api_key_env = "STEPDROID_TEST_NO_SUCH_VARIABLE".into();
        let error = of(&config).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains("STEPDROID_TEST_NO_SUCH_VARIABLE"), "{error}");
        assert!(error.contains("judge.api_key_env = \"\""), "{error}");
    }
}
