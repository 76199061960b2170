//! Emulators that this program owns, as devices: launched until they are ready, set up with apps, launched again from
//! time to time, stopped for certain. May use `emulator`, `adb`, `device` and the rest of `farm`.

mod apks;
mod host;
mod owned;
mod ready;
mod starts;

pub(in crate::farm) use apks::sha256;
pub use apks::{Apk, ApkList, ApkState, BUILT_IN_APKS};
pub(super) use host::{EmulatorHost, hosts};
pub use owned::{Owned, Renewal};
pub use ready::{Reach, ready};
pub use starts::Starts;

use std::path::PathBuf;

use crate::adb::AdbError;
use crate::emulator::EmulatorError;

/// Why an emulator is no device.
#[derive(Debug, thiserror::Error)]
pub enum EmulatorsError {
    /// The emulator itself.
    #[error(transparent)]
    Emulator(#[from] EmulatorError),
    /// Its ADB daemon.
    #[error(transparent)]
    Adb(#[from] AdbError),
    /// A list of APKs that makes no sense.
    #[error("{path}: {reason}")]
    List {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// An APK that is not there or can't be read.
    #[error("{}: {reason}; put {file} there, or leave the app out of the list with --apps", .path.display())]
    Missing {
        /// Where it would be.
        path: PathBuf,
        /// The file's name.
        file: String,
        /// Why it can't be used.
        reason: String,
    },
    /// An APK other than the expected one.
    #[error(
        "{}: its SHA-256 is {found}, the list says {expected}; take the right file, or correct the list if this one is \
         meant", .path.display()
    )]
    Hash {
        /// The file.
        path: PathBuf,
        /// In the list.
        expected: String,
        /// Of the file.
        found: String,
    },
    /// Interrupted before it was ready.
    #[error("interrupted before the emulator was ready")]
    Interrupted,
    /// The device did not take an APK.
    #[error("device {serial} did not install {file}: {answer}")]
    Refused {
        /// The device.
        serial: String,
        /// The APK.
        file: String,
        /// Its words.
        answer: String,
    },
}
