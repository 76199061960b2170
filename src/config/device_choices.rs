//! Choices of `[devices]`.

use serde::{Deserialize, Serialize};

/// Which devices may be rebooted as a repair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RebootKind {
    /// None.
    Never,
    /// Emulators.
    Emulators,
    /// All.
    Always,
}

/// What becomes of devices whose shell is not root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WithoutRootKind {
    /// They are left out.
    Refuse,
    /// They run the tasks that do without root.
    Run,
}
