//! Tasks and the activities in them.

use crate::phone::ui::Component;

/// What a start led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// The activity as the intent named it or resolved to.
    pub component: Component,
    /// True when an activity was made; false when an existing task came to the front or an existing
    /// activity got the intent (`am start` then prints a warning).
    pub created: bool,
    /// Whether the activity was delivered to an instance that was already on top.
    pub delivered: bool,
}

/// Why nothing was started.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// The component does not exist.
    #[error("activity class {{{0}}} does not exist")]
    NoComponent(String),
    /// No activity answers the intent.
    #[error("no activity found to handle {0}")]
    NoActivity(String),
}
