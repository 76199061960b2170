//! What every way of seeing and touching a device can do. [`super::stock`] has the ways that every Android has; the
//! room `channels` has the others. May use `domain`.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;

use super::DeviceError;
use crate::domain::{Frame, Point, UiElement};

/// What a channel can be used for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Offers {
    /// Pictures of the screen.
    pub frame: bool,
    /// The accessibility tree.
    pub tree: bool,
    /// Touches, keys and text.
    pub input: bool,
    /// Whether it wants the device's accessibility for itself, as `uiautomator` does: of such channels one at a time is
    /// open.
    pub exclusive: bool,
}

/// The accessibility tree of a moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    /// Its elements, depth first without the root, as AndroidWorld lists them.
    pub elements: Vec<UiElement>,
    /// The component on top of the screen, where it was asked for and is known.
    pub activity: Option<String>,
}

/// Something done on the screen, in pixels of the logical screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gesture {
    /// A short touch.
    Tap(Point),
    /// A touch that stays for so long.
    Press(Point, Duration),
    /// A finger that moves in a line.
    Swipe {
        /// Where it comes down.
        from: Point,
        /// Where it goes up.
        to: Point,
        /// How long it takes; `None`: as long as the device's own tool takes (300 ms).
        duration: Option<Duration>,
    },
    /// A key by its Android name, as `KEYCODE_BACK`.
    Key(&'static str),
    /// Text into whatever has the focus, with line breaks as ENTER (catalogue section 1.3).
    Text(String),
    /// Everything in the focused field selected and deleted.
    Clear,
}

/// A way of seeing or touching one device. Calls end by themselves within the device's deadlines; dropping the future
/// cancels them. What it answers is of now and whole: an empty tree, a torn or an old picture is an error.
///
/// An error that is not [`DeviceError::is_lost`] is the channel's own; another channel may then do as well.
#[async_trait]
pub trait Channel: Send + Sync + Debug {
    /// Its name in configurations and tables.
    fn name(&self) -> &'static str;

    /// What it can be used for.
    fn offers(&self) -> Offers;

    /// Whether each of its pictures is composed when it is asked for. Others come from something that has a picture of its
    /// own, such as a video's encoder or an emulator's display, and may stand still while the screen goes on.
    fn composes(&self) -> bool {
        false
    }

    /// A picture of the screen.
    async fn frame(&self) -> Result<Frame, DeviceError> {
        Err(self.lacks("pictures"))
    }

    /// The accessibility tree; with the component on top of the screen where that is asked for.
    async fn tree(&self, _activity: bool) -> Result<Tree, DeviceError> {
        Err(self.lacks("trees"))
    }

    /// Does one thing after the other. What fails does not keep the rest from being done, as in the benchmark.
    async fn input(&self, _gestures: &[Gesture]) -> Result<(), DeviceError> {
        Err(self.lacks("input"))
    }

    /// Lets go of what it holds on the device; a later call takes it again.
    async fn close(&self) {}

    /// The error of something that this channel does not offer.
    fn lacks(&self, what: &str) -> DeviceError {
        DeviceError::Channel {
            channel: self.name(),
            reason: format!("it has no {what}"),
        }
    }
}
