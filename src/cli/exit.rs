//! How a command ends: exit codes, and which error of which room gets which.

use super::Failure;
use crate::adb::AdbError;
use crate::config::ConfigError;
use crate::device::DeviceError;
use crate::emulator::{Cause, EmulatorError};
use crate::env::AgentError;
use crate::eval::{GivenError, GoalsError, OfficialError};
use crate::farm::FarmError;
use crate::farm::emulators::EmulatorsError;
use crate::farm::setup::SetupError;
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
            DeviceError::Channel { .. } | DeviceError::Unwell { .. } => ExitCode::DeviceLost,
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
            TaskError::Setup { .. } | TaskError::NoRoot { .. } => ExitCode::Environment,
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
            FarmError::Size(_) | FarmError::Twice { .. } | FarmError::Channel(_) => ExitCode::Usage,
            FarmError::Held { .. }
            | FarmError::Refused(_)
            | FarmError::Register { .. }
            | FarmError::None => ExitCode::Environment,
            FarmError::Connect(error) => error.code(),
            FarmError::Device(error) => error.code(),
            FarmError::SetUp { source, .. } => source.code(),
            FarmError::Start { .. } | FarmError::NoRoot { .. } => ExitCode::Environment,
            FarmError::Emulators(error) => error.code(),
            FarmError::Quarantined { .. }
            | FarmError::Host { .. }
            | FarmError::Swapped { .. }
            | FarmError::Stopped { .. } => ExitCode::DeviceLost,
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

impl Coded for SetupError {
    fn code(&self) -> ExitCode {
        match self {
            SetupError::Adb(error) => error.code(),
            SetupError::Device(error) => error.code(),
            SetupError::Task(error) => error.code(),
            SetupError::Apk(error) => error.code(),
            SetupError::NoRecord { .. }
            | SetupError::OtherDevice { .. }
            | SetupError::TooLarge { .. }
            | SetupError::Wish(_) => ExitCode::Usage,
            SetupError::Nameless { .. }
            | SetupError::Record { .. }
            | SetupError::Locked { .. }
            | SetupError::NoRoom { .. } => ExitCode::Environment,
            SetupError::Step { .. } => ExitCode::Missed,
            SetupError::Swapped { .. } => ExitCode::DeviceLost,
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
            TrainError::File { .. } | TrainError::DiskLow { .. } => ExitCode::Environment,
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
    SetupError,
    StoreError,
    TaskError,
    TrainError,
);

#[cfg(test)]
mod tests {
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
        let text = failure.map(|failure| failure.text());
        assert_eq!(
            text.as_deref(),
            Some("taking a picture: device phone can't be reached: gone")
        );
    }
}
