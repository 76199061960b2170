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
    /// An app that no task uses.
    #[error("no task uses an app called {app:?}; the apps are {known}")]
    UnknownApp {
        /// What was asked for.
        app: String,
        /// All apps.
        known: String,
    },
    /// Everything is held out.
    #[error(
        "suite.held_out and suite.held_out_apps leave no task of the suite to train on; hold out \
         fewer"
    )]
    NothingToTrain,
    /// An instance that is evaluated could be trained on.
    #[error(
        "suite.train_seeds: the instance of {task} with seed {seed} is evaluated, and could be drawn \
         for training too; choose other train_seeds or another suite.seed"
    )]
    SharedSeed {
        /// The task.
        task: String,
        /// The seed.
        seed: u64,
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
    /// The shell of the device is not root, and that is needed; time does not change it.
    #[error("device {serial} has no root: {reason}")]
    NoRoot {
        /// The device.
        serial: String,
        /// What needs it, and what to do.
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
