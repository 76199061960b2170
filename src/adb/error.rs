//! What can go wrong between this machine and a device.

use std::time::Duration;

use crate::wire::WireError;

/// An ADB failure, with the serial it happened on.
#[derive(Debug, thiserror::Error)]
pub enum AdbError {
    /// Nothing listens, or the device is gone.
    #[error("device {serial} can't be reached: {reason}")]
    Unreachable {
        /// The device.
        serial: String,
        /// Why.
        reason: String,
    },
    /// The connection ended in the middle of a call.
    #[error("device {serial} was lost during {operation}: {reason}")]
    Lost {
        /// The device.
        serial: String,
        /// What was running.
        operation: String,
        /// Why.
        reason: String,
    },
    /// The deadline passed.
    #[error("device {serial} did not finish {operation} within {} ms", deadline.as_millis())]
    Timeout {
        /// The device.
        serial: String,
        /// What was running.
        operation: String,
        /// The deadline.
        deadline: Duration,
    },
    /// The server or the daemon said no.
    #[error("device {serial} refused {operation}: {reason}")]
    Refused {
        /// The device.
        serial: String,
        /// What was asked.
        operation: String,
        /// Its words.
        reason: String,
    },
    /// A command ended with a code other than 0.
    #[error("on device {serial}, `{command}` ended with exit code {exit_code}: {message}")]
    Command {
        /// The device.
        serial: String,
        /// The command.
        command: String,
        /// Its exit code.
        exit_code: u8,
        /// Its error output, else its output.
        message: String,
    },
    /// A file is not there.
    #[error("on device {serial} there is no {path}")]
    NoFile {
        /// The device.
        serial: String,
        /// The path.
        path: String,
    },
    /// The answer can't be understood.
    #[error("device {serial} answered {what} that can't be understood: {detail}")]
    Malformed {
        /// The device.
        serial: String,
        /// What was expected.
        what: &'static str,
        /// What is wrong.
        detail: String,
    },
    /// A local file failed.
    #[error("local file {path}: {source}")]
    LocalFile {
        /// The path.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A setting of this machine is wrong.
    #[error("{0}")]
    Environment(String),
}

impl AdbError {
    /// Whether the device itself is gone or hangs, so that the trajectory is lost.
    pub fn is_lost(&self) -> bool {
        matches!(
            self,
            AdbError::Unreachable { .. } | AdbError::Lost { .. } | AdbError::Timeout { .. }
        )
    }

    /// Whether a command that changes nothing may be sent again.
    pub fn is_retriable(&self) -> bool {
        matches!(self, AdbError::Lost { .. } | AdbError::Malformed { .. })
    }

    pub(super) fn wire(serial: &str, error: &WireError) -> AdbError {
        AdbError::Malformed {
            serial: serial.to_owned(),
            what: "a frame",
            detail: error.to_string(),
        }
    }

    pub(super) fn lost(serial: &str, operation: &str, reason: impl ToString) -> AdbError {
        AdbError::Lost {
            serial: serial.to_owned(),
            operation: operation.to_owned(),
            reason: reason.to_string(),
        }
    }

    pub(super) fn unreachable(serial: &str, reason: impl ToString) -> AdbError {
        AdbError::Unreachable {
            serial: serial.to_owned(),
            reason: reason.to_string(),
        }
    }

    pub(super) fn malformed(serial: &str, what: &'static str, detail: impl ToString) -> AdbError {
        AdbError::Malformed {
            serial: serial.to_owned(),
            what,
            detail: detail.to_string(),
        }
    }
}
