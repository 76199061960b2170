//! How a device stands: its state, why, and since when. May use `adb` and `device`.

use serde::{Deserialize, Serialize};

use super::FarmError;
use crate::adb::AdbError;
use crate::device::DeviceError;

/// What can be done with a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeviceState {
    /// Nothing answers where it should be.
    Absent,
    /// It is known to an adb server, or was there, and does not answer.
    Offline,
    /// It wants this machine's key to be accepted on its screen, or this user may not use the cable.
    Unauthorized,
    /// It is being opened, set up, put back or repaired.
    Preparing,
    /// It can be used.
    Ready,
    /// Somebody uses it.
    Busy,
    /// It failed too often, and is left alone for a while.
    Quarantined,
    /// It is not what the run needs, and time does not change that.
    Refused,
}

impl DeviceState {
    /// What a failure to reach a device says of it.
    pub fn of(error: &AdbError) -> DeviceState {
        let text = error.to_string();
        let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
        if says(&["unauthorized", "no permissions", "authoriz", "wants a key"]) {
            return DeviceState::Unauthorized;
        }
        match error {
            AdbError::Unreachable { .. } if !says(&["offline"]) => DeviceState::Absent,
            _ => DeviceState::Offline,
        }
    }

    /// What an error of a device says of it.
    pub(super) fn after(error: &FarmError) -> DeviceState {
        match error {
            FarmError::Connect(error) | FarmError::Device(DeviceError::Adb(error)) => {
                DeviceState::of(error)
            }
            _ => DeviceState::Offline,
        }
    }

    /// As it is shown.
    pub fn name(self) -> &'static str {
        match self {
            DeviceState::Absent => "absent",
            DeviceState::Offline => "offline",
            DeviceState::Unauthorized => "unauthorized",
            DeviceState::Preparing => "preparing",
            DeviceState::Ready => "ready",
            DeviceState::Busy => "busy",
            DeviceState::Quarantined => "quarantined",
            DeviceState::Refused => "refused",
        }
    }
}

/// A state with its reason and its age.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The state.
    pub state: DeviceState,
    /// Why, for people; may be empty.
    pub reason: String,
    /// Since when, in milliseconds since 1970.
    pub since: i64,
}

impl Standing {
    /// A state that begins now.
    pub fn now(state: DeviceState, reason: impl Into<String>) -> Standing {
        Standing {
            state,
            reason: reason.into(),
            since: now(),
        }
    }

    /// The same state for another reason keeps its age.
    pub fn then(&self, state: DeviceState, reason: impl Into<String>) -> Standing {
        Standing {
            state,
            reason: reason.into(),
            since: if state == self.state {
                self.since
            } else {
                now()
            },
        }
    }
}

/// Milliseconds since 1970.
pub(super) fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    })
}
