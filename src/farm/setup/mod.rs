//! Set-up of a device that somebody owns: what is changed is found out and shown first, written down before it is
//! done, and can be undone. May use `adb`, `device`, `tasks`, the state directory of `emulator` and the APKs of `farm`.
//!
//! `look` asks the device what it is like, `planner` finds out what would change, which is a `plan`, `record` keeps that, `apply` does it, `undo`
//! takes it back. `app_data` keeps copies of the apps' private data, `runnable` says which tasks a device can do.

mod app_data;
mod apply;
mod look;
mod plan;
mod planner;
mod record;
mod runnable;
mod undo;

pub use apply::apply;
pub use look::{Identity, Kind, Look, Who};
pub use plan::{Plan, Row, Skipped, Step, Wishes};
pub use planner::plan;
pub use record::{Change, Kept, KeptFolder, Record, RecordFile, RecordLock, Records};
pub use runnable::{Runnable, runnable};
pub use undo::{Outcome, Undone, undo};

use std::path::PathBuf;

use super::emulators::EmulatorsError;
use crate::adb::AdbError;
use crate::device::DeviceError;
use crate::tasks::TaskError;

/// Why a device is not set up, or not put back.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The device failed.
    #[error(transparent)]
    Adb(#[from] AdbError),
    /// The device failed while it was seen and touched.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// An app's first-time set-up.
    #[error(transparent)]
    Task(#[from] TaskError),
    /// An APK, or the list of them.
    #[error(transparent)]
    Apk(#[from] EmulatorsError),
    /// The device does not say what it is.
    #[error(
        "device {serial} names neither ro.serialno nor android_id, so that it could not be known again; \
         `stepdroid doctor` looks whether it has booted"
    )]
    Nameless {
        /// The device.
        serial: String,
    },
    /// There is no record of the device.
    #[error("there is no record of {device} in {}; {hint}", .path.display())]
    NoRecord {
        /// The device.
        device: String,
        /// Where it was looked for.
        path: PathBuf,
        /// What may have happened.
        hint: String,
    },
    /// A record of another device.
    #[error(
        "{}: is a record of {recorded}, and {serial} is {found}; connect that device, or leave --record out to use the \
         record of this one", .path.display()
    )]
    OtherDevice {
        /// The record.
        path: PathBuf,
        /// The device of the record.
        recorded: String,
        /// The address.
        serial: String,
        /// The device at it.
        found: String,
    },
    /// A record that can't be read or written.
    #[error("{}: {reason}", .path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// Another process sets the device up or puts it back.
    #[error("{}: another stepdroid is at work with this record; wait until it has ended", .path.display())]
    Locked {
        /// The record.
        path: PathBuf,
    },
    /// Copies of the apps' data do not fit on the device.
    #[error(
        "device {serial} has {free} kB free on /data, and the copies of its apps' data need {needed} kB; free some, or set \
         the device up without its apps (--no-apps)"
    )]
    NoRoom {
        /// The device.
        serial: String,
        /// Free now.
        free: u64,
        /// Needed, with a reserve.
        needed: u64,
    },
    /// An app with more data than is kept.
    #[error(
        "on device {serial}, {package} has {size} kB of data, and at most {limit} kB are kept; allow more with \
         --largest-app, or set the device up without its apps (--no-apps)"
    )]
    TooLarge {
        /// The device.
        serial: String,
        /// The app.
        package: String,
        /// Its data.
        size: u64,
        /// What is kept.
        limit: u64,
    },
    /// A step that the device did not do. What was done before it is in the record.
    #[error(
        "device {serial}: {what}: {reason}; `stepdroid devices restore {serial}` undoes what was changed"
    )]
    Step {
        /// The device.
        serial: String,
        /// The step.
        what: String,
        /// Its words.
        reason: String,
    },
    /// Another device answers at the address in the middle of the work.
    #[error("{serial} is no longer {expected}, but {found}: another device answers there now")]
    Swapped {
        /// The address.
        serial: String,
        /// Who was there.
        expected: String,
        /// Who is.
        found: String,
    },
    /// A wish that makes no sense.
    #[error("{0}")]
    Wish(String),
}
