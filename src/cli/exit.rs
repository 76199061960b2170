//! How a command ends: exit codes, and which error of which room gets which.

use std::path::Path;

use anyhow::anyhow;

use super::Output;
use crate::adb::AdbError;
use crate::config::ConfigError;
use crate::device::DeviceError;
use crate::emulator::{Cause, EmulatorError};
use crate::env::AgentError;
use crate::eval::{GivenError, GoalsError, OfficialError};
use crate::farm::FarmError;
use crate::farm::emulators::EmulatorsError;
use crate::judge::JudgeError;
use crate::onnx::OnnxError;
use crate::phone::PhoneError;
use crate::policy::PolicyError;
use crate::report::ReportError;
use crate::rollout::RolloutError;
use crate::runtime::RuntimeError;
use crate::store::StoreError;
use crate::tasks::TaskError;
use crate::telemetry::LogError;
use crate::train::TrainError;

/// Exit codes of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitCode {
    /// It worked.
    Ok = 0,
    /// It ran, but missed what was asked.
    Missed = 1,
    /// The command line, a configuration or a file it names is wrong.
    Usage = 2,
    /// This machine is not ready.
    Environment = 3,
    /// A device was lost.
    DeviceLost = 4,
    /// Interrupted.
    Interrupted = 130,
}

impl ExitCode {
    /// The number that the process ends with.
    pub fn number(self) -> i32 {
        self as i32
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> std::process::ExitCode {
        std::process::ExitCode::from(code as u8)
    }
}

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

/// The code that belongs to a room's error.
trait Coded {
    fn code(&self) -> ExitCode;
}

impl Coded for ConfigError {
    fn code(&self) -> ExitCode {
        ExitCode::Usage
    }
}

impl Coded for StoreError {
    fn code(&self) -> ExitCode {
        match self {
            StoreError::Locked(_)
            | StoreError::Full { .. }
            | StoreError::ReadOnly { .. }
            | StoreError::Io { .. } => ExitCode::Environment,
            _ => ExitCode::Usage,
        }
    }
}

impl Coded for RuntimeError {
    fn code(&self) -> ExitCode {
        if self.is_environment() {
            ExitCode::Environment
        } else {
            ExitCode::Usage
        }
    }
}

impl Coded for OnnxError {
    fn code(&self) -> ExitCode {
        ExitCode::Usage
    }
}

impl Coded for PolicyError {
    fn code(&self) -> ExitCode {
        match self {
            PolicyError::Runtime(error) => error.code(),
            PolicyError::Stopped => ExitCode::Missed,
            PolicyError::Onnx(_) | PolicyError::Bundle(_) | PolicyError::Sample(_) => {
                ExitCode::Usage
            }
        }
    }
}

impl Coded for AdbError {
    fn code(&self) -> ExitCode {
        match self {
            error if error.is_lost() => ExitCode::DeviceLost,
            AdbError::Environment(_) => ExitCode::Environment,
            // A phone that waits for its owner's consent is a matter of setting it up.
            AdbError::Refused { reason, .. } if reason.contains("unauthorized") => {
                ExitCode::Environment
            }
            AdbError::LocalFile { .. } => ExitCode::Usage,
            _ => ExitCode::Missed,
        }
    }
}

impl Coded for DeviceError {
    fn code(&self) -> ExitCode {
        match self {
            DeviceError::Adb(error) => error.code(),
        }
    }
}

impl Coded for PhoneError {
    fn code(&self) -> ExitCode {
        match self {
            PhoneError::Options(_) => ExitCode::Usage,
            _ => ExitCode::Environment,
        }
    }
}

impl Coded for TaskError {
    fn code(&self) -> ExitCode {
        match self {
            TaskError::Device(error) => error.code(),
            TaskError::Unknown { .. }
            | TaskError::UnknownApp { .. }
            | TaskError::NothingToTrain
            | TaskError::SharedSeed { .. }
            | TaskError::Params { .. }
            | TaskError::State { .. } => ExitCode::Usage,
            TaskError::Setup { .. } => ExitCode::Environment,
            TaskError::Database { .. } => ExitCode::Missed,
        }
    }
}

impl Coded for LogError {
    fn code(&self) -> ExitCode {
        ExitCode::Environment
    }
}

impl Coded for FarmError {
    fn code(&self) -> ExitCode {
        match self {
            FarmError::Phone { source, .. } => source.code(),
            FarmError::Size(_) => ExitCode::Usage,
            FarmError::Connect(error) => error.code(),
            FarmError::Device(error) => error.code(),
            FarmError::SetUp { source, .. } => source.code(),
            FarmError::Quarantined { .. } | FarmError::Rewind { .. } => ExitCode::DeviceLost,
        }
    }
}

impl Coded for EmulatorError {
    fn code(&self) -> ExitCode {
        match self {
            EmulatorError::Definition { .. }
            | EmulatorError::NoAvd { .. }
            | EmulatorError::AvdExists { .. }
            | EmulatorError::Snapshot { .. }
            | EmulatorError::Unknown { .. } => ExitCode::Usage,
            EmulatorError::Ended {
                cause: Cause::Killed(_) | Cause::Other(_),
                ..
            }
            | EmulatorError::NotReady { .. }
            | EmulatorError::Console { .. }
            | EmulatorError::Control { .. } => ExitCode::DeviceLost,
            _ => ExitCode::Environment,
        }
    }
}

impl Coded for EmulatorsError {
    fn code(&self) -> ExitCode {
        match self {
            EmulatorsError::Emulator(error) => error.code(),
            EmulatorsError::Adb(error) => error.code(),
            EmulatorsError::List { .. }
            | EmulatorsError::Missing { .. }
            | EmulatorsError::Hash { .. } => ExitCode::Usage,
            EmulatorsError::Refused { .. } => ExitCode::Missed,
            EmulatorsError::Interrupted => ExitCode::Interrupted,
        }
    }
}

impl Coded for ReportError {
    fn code(&self) -> ExitCode {
        match self {
            ReportError::Store(error) => error.code(),
            ReportError::Write { .. } => ExitCode::Environment,
        }
    }
}

impl Coded for AgentError {
    fn code(&self) -> ExitCode {
        match self {
            AgentError::Policy(error) => error.code(),
            AgentError::TerminalEnded | AgentError::Terminal(_) => ExitCode::Missed,
        }
    }
}

impl Coded for GivenError {
    fn code(&self) -> ExitCode {
        ExitCode::Usage
    }
}

impl Coded for GoalsError {
    fn code(&self) -> ExitCode {
        ExitCode::Usage
    }
}

impl Coded for OfficialError {
    fn code(&self) -> ExitCode {
        match self {
            OfficialError::Request { .. } => ExitCode::Environment,
            OfficialError::Task(error) => error.code(),
        }
    }
}

impl Coded for RolloutError {
    fn code(&self) -> ExitCode {
        match self {
            RolloutError::Store(error) => error.code(),
            RolloutError::Agent(error) => error.code(),
            RolloutError::Task(error) => error.code(),
            RolloutError::NoDevices { last, .. } => last.code(),
            RolloutError::WorkerPanicked => ExitCode::Missed,
            RolloutError::Interrupted => ExitCode::Interrupted,
        }
    }
}

impl Coded for JudgeError {
    fn code(&self) -> ExitCode {
        match self {
            JudgeError::Key { .. } => ExitCode::Environment,
        }
    }
}

impl Coded for TrainError {
    fn code(&self) -> ExitCode {
        match self {
            TrainError::Config(error) => error.code(),
            TrainError::Store(error) => error.code(),
            TrainError::Runtime(error) => error.code(),
            TrainError::Policy(error) => error.code(),
            TrainError::Farm(error) => error.code(),
            TrainError::Rollout(error) => error.code(),
            TrainError::Task(error) => error.code(),
            TrainError::Judge(error) => error.code(),
            TrainError::Learn(_)
            | TrainError::NoCheckpoint(_)
            | TrainError::ExtrapolationOnCuda
            | TrainError::BrokenCheckpoint { .. }
            | TrainError::Changed { .. }
            | TrainError::OtherPolicy { .. }
            | TrainError::NothingToImport(_)
            | TrainError::NoSample { .. } => ExitCode::Usage,
            TrainError::File { .. } => ExitCode::Environment,
            TrainError::NoDemonstrations { .. } | TrainError::Panicked => ExitCode::Missed,
        }
    }
}

macro_rules! failures_from {
    ($($kind:ty),* $(,)?) => {
        $(impl From<$kind> for Failure {
            fn from(error: $kind) -> Failure {
                Failure::new(error.code(), error)
            }
        })*

        /// An error whose type was forgotten on the way: the innermost known cause gives the code.
        impl From<anyhow::Error> for Failure {
            fn from(error: anyhow::Error) -> Failure {
                let mut code = ExitCode::Missed;
                for cause in error.chain() {
                    $(if let Some(known) = cause.downcast_ref::<$kind>() {
                        code = known.code();
                    })*
                }
                Failure::new(code, error)
            }
        }
    };
}

failures_from!(
    AdbError,
    AgentError,
    ConfigError,
    DeviceError,
    EmulatorError,
    EmulatorsError,
    FarmError,
    GivenError,
    GoalsError,
    JudgeError,
    LogError,
    OfficialError,
    OnnxError,
    PhoneError,
    PolicyError,
    ReportError,
    RolloutError,
    RuntimeError,
    StoreError,
    TaskError,
    TrainError,
);

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use anyhow::Context;

    use super::*;

    #[test]
    fn a_forgotten_type_still_gives_its_code() {
        let lost = AdbError::Unreachable {
            serial: "phone".into(),
            reason: "gone".into(),
        };
        let result: Result<(), AdbError> = Err(lost);
        let error = result.context("taking a picture").err();
        let failure = error.map(Failure::from);
        assert_eq!(
            failure.as_ref().map(|failure| failure.code),
            Some(ExitCode::DeviceLost)
        );
        let text = failure.and_then(|failure| failure.error.as_ref().map(text));
        assert_eq!(
            text.as_deref(),
            Some("taking a picture: device phone can't be reached: gone")
        );
    }

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
