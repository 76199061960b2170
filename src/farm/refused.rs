//! Why a device may not be used by a run, which no repair changes. Uses `consent` alone.

use super::FarmError;
use super::consent::Refusal;

/// What speaks against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refused {
    /// It is somebody's own phone without a record of how it was.
    NoRecord(Refusal),
    /// It has no root, and this is why the run needs it.
    NoRoot(String),
}

impl Refused {
    /// What an error says of a device that could not be opened; nothing where that is no refusal.
    pub(super) fn by(error: &FarmError) -> Option<Refused> {
        match error {
            FarmError::Refused(refusal) => Some(Refused::NoRecord(refusal.clone())),
            FarmError::NoRoot { reason, .. } => Some(Refused::NoRoot(reason.clone())),
            _ => None,
        }
    }

    /// As it is shown.
    pub(super) fn reason(&self) -> String {
        match self {
            Refused::NoRecord(refusal) => refusal.reason.clone(),
            Refused::NoRoot(reason) => format!("it has no root: {reason}"),
        }
    }

    /// The error of a device.
    pub(super) fn error(&self, serial: &str) -> FarmError {
        match self {
            Refused::NoRecord(refusal) => FarmError::Refused(refusal.clone()),
            Refused::NoRoot(reason) => FarmError::NoRoot {
                serial: serial.to_owned(),
                reason: reason.clone(),
            },
        }
    }
}
