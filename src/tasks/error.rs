//! What can go wrong with a task.

use crate::adb::AdbError;
use crate::device::{Device, DeviceError};

/// Why a task can't be made, set up or judged.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// The device failed.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// There is no task of that name.
    #[error("no task is called {name:?}; the nearest name is {nearest}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// The most similar name of the catalogue.
        nearest: &'static str,
    },
    /// Parameters that make no instance.
    #[error("parameters of {task}: {reason}")]
    Params {
        /// The task.
        task: &'static str,
        /// What is wrong with them.
        reason: String,
    },
    /// The evidence of `init` is missing or broken.
    #[error("the instance of {task} was not initialised on a device: {reason}")]
    State {
        /// The task.
        task: String,
        /// What is missing.
        reason: String,
    },
    /// The device is not as the task needs it.
    #[error("device {serial} can't be set up: {reason}")]
    Setup {
        /// The device.
        serial: String,
        /// What is wrong.
        reason: String,
    },
    /// A database of the device can't be used.
    #[error("database {path} of device {serial}: {reason}")]
    Database {
        /// The device.
        serial: String,
        /// Path on the device.
        path: String,
        /// What is wrong.
        reason: String,
    },
}

impl TaskError {
    /// The device is not as the task needs it.
    pub(super) fn setup(device: &Device, reason: impl Into<String>) -> TaskError {
        TaskError::Setup {
            serial: device.serial().to_owned(),
            reason: reason.into(),
        }
    }

    /// Whether the device is gone or hangs, so that the episode says nothing about the agent.
    pub fn is_lost(&self) -> bool {
        matches!(self, TaskError::Device(error) if error.is_lost())
    }
}

impl From<AdbError> for TaskError {
    fn from(error: AdbError) -> TaskError {
        TaskError::Device(error.into())
    }
}
