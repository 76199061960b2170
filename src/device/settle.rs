//! When a screen counts as stable (AndroidWorld, catalogue section 1.9).

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::channels::Picture;
use super::{Channels, DeviceError};
use crate::domain::{Frame, UiElement};

/// How long to look before believing what is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settle {
    /// The element list must be equal for `equal` looks in a row.
    Stable {
        /// Looks that must agree; at least 1.
        equal: u32,
        /// Wait between two looks.
        interval: Duration,
        /// After this the last look is taken as it is.
        deadline: Duration,
    },
    /// Wait, then look once.
    Pause(Duration),
    /// Look once: the device's own wait for idle is enough.
    Idle,
}

impl Settle {
    /// The benchmark's rule: 3 equal looks, half a second apart, at most 6 seconds.
    pub fn benchmark() -> Settle {
        Settle::Stable {
            equal: 3,
            interval: Duration::from_millis(500),
            deadline: Duration::from_secs(6),
        }
    }
}

/// What is wanted beside the elements.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wanted {
    pub frame: bool,
    pub activity: bool,
}

/// What was seen.
pub(super) struct Seen {
    pub elements: Vec<UiElement>,
    /// The component on top, where it was wanted and is known.
    pub activity: Option<String>,
    pub settled: bool,
    pub frame: Option<Frame>,
}

/// Looks until the rule is met.
pub(super) async fn observe(
    channels: &Channels,
    settle: Settle,
    wanted: Wanted,
) -> Result<Seen, DeviceError> {
    let seen = match settle {
        Settle::Idle => return once(channels, wanted).await,
        Settle::Pause(pause) => {
            sleep(pause).await;
            return once(channels, wanted).await;
        }
        Settle::Stable {
            equal,
            interval,
            deadline,
        } => stable(channels, wanted, equal, interval, deadline).await?,
    };
    match wanted.frame {
        true => with(channels, seen, channels.picture().await?).await,
        false => Ok(seen),
    }
}

/// Tree and picture at the same time, over two streams.
async fn once(channels: &Channels, wanted: Wanted) -> Result<Seen, DeviceError> {
    if wanted.frame {
        let (seen, picture) = tokio::try_join!(tree(channels, wanted), channels.picture())?;
        return with(channels, seen, picture).await;
    }
    tree(channels, wanted).await
}

/// What was seen, with a picture that fits it.
async fn with(channels: &Channels, seen: Seen, picture: Picture) -> Result<Seen, DeviceError> {
    let frame = channels.beside(picture, &seen.elements, seen.activity.as_deref());
    let frame = Some(frame.await?);
    Ok(Seen { frame, ..seen })
}

/// One look without a picture: one round trip, whatever is wanted.
async fn tree(channels: &Channels, wanted: Wanted) -> Result<Seen, DeviceError> {
    let tree = channels.tree(wanted.activity).await?;
    Ok(Seen {
        elements: tree.elements,
        activity: tree.activity,
        settled: true,
        frame: None,
    })
}

async fn stable(
    channels: &Channels,
    wanted: Wanted,
    equal: u32,
    interval: Duration,
    deadline: Duration,
) -> Result<Seen, DeviceError> {
    let end = Instant::now() + deadline;
    let mut last = tree(channels, wanted).await?;
    let mut agreeing = 1;
    while agreeing < equal {
        if Instant::now() + interval > end {
            last.settled = false;
            return Ok(last);
        }
        sleep(interval).await;
        let next = tree(channels, wanted).await?;
        agreeing = match next.elements == last.elements {
            true => agreeing + 1,
            false => 1,
        };
        last = next;
    }
    Ok(last)
}
