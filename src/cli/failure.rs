//! Why a command did not do what was asked: the code that it ends with, and what the user reads.

use std::path::Path;

use anyhow::anyhow;

use super::{ExitCode, Output};

/// Why a command did not do what was asked.
#[derive(Debug)]
pub struct Failure {
    /// What the process ends with.
    pub code: ExitCode,
    /// What the user reads; nothing when the code says it all.
    pub error: Option<anyhow::Error>,
}

impl Failure {
    /// A failure with a code of its own.
    pub fn new(code: ExitCode, error: impl Into<anyhow::Error>) -> Failure {
        Failure {
            code,
            error: Some(error.into()),
        }
    }

    /// It ran, but missed what was asked.
    pub fn missed(message: impl std::fmt::Display) -> Failure {
        Failure::new(ExitCode::Missed, anyhow!("{message}"))
    }

    /// The command line or a file it names is wrong.
    pub fn usage(message: impl std::fmt::Display) -> Failure {
        Failure::new(ExitCode::Usage, anyhow!("{message}"))
    }

    /// This machine is not ready.
    pub fn environment(message: impl std::fmt::Display) -> Failure {
        Failure::new(ExitCode::Environment, anyhow!("{message}"))
    }

    /// Interrupted; there is nothing to explain.
    pub fn interrupted() -> Failure {
        Failure::silent(ExitCode::Interrupted)
    }

    /// Ends with a code and says nothing, because everything was said.
    pub fn silent(code: ExitCode) -> Failure {
        Failure { code, error: None }
    }

    /// The same error with the code of an interruption.
    pub fn interrupt(self) -> Failure {
        Failure {
            code: ExitCode::Interrupted,
            ..self
        }
    }

    /// Says before the error what was being done.
    pub fn context(self, doing: impl std::fmt::Display) -> Failure {
        Failure {
            error: self.error.map(|error| error.context(doing.to_string())),
            ..self
        }
    }

    /// Says after the error what to do next.
    pub fn hint(self, what: impl std::fmt::Display) -> Failure {
        let text = format!("{}; {what}", self.text());
        Failure {
            error: Some(anyhow!("{text}")),
            ..self
        }
    }

    /// A file of this machine that can't be written.
    pub fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
        Failure::environment(format!("{}: can't be written: {error}", path.display()))
    }

    /// The error and its causes in one line.
    pub fn text(&self) -> String {
        self.error.as_ref().map(text).unwrap_or_default()
    }

    /// Writes the error and its causes to stderr.
    pub fn report(&self, output: &Output) {
        if self.error.is_some() {
            output.note(&format!("error: {}", self.text()));
        }
    }
}

/// The causes of an error, one after the other. Many errors say their cause themselves: what was said is
/// not said again.
fn text(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let said = cause.to_string();
        if text.is_empty() {
            text = said;
        } else if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::config::ConfigError;

    #[test]
    fn what_an_error_says_itself_is_not_said_twice() {
        let error = ConfigError::Read {
            path: PathBuf::from("a.toml"),
            source: std::io::Error::other("no such thing"),
        };
        let failure = Failure::from(error);
        assert_eq!(failure.code, ExitCode::Usage);
        assert_eq!(
            failure.error.as_ref().map(text).as_deref(),
            Some("a.toml: can't read the configuration: no such thing")
        );
    }
}
