//! When a screen counts as stable (AndroidWorld, catalogue section 1.9).

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::adb::{Adb, AdbError};
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
pub(super) async fn observe(adb: &Adb, settle: Settle, wanted: Wanted) -> Result<Seen, AdbError> {
    let seen = match settle {
        Settle::Idle => return once(adb, wanted).await,
        Settle::Pause(pause) => {
            sleep(pause).await;
            return once(adb, wanted).await;
        }
        Settle::Stable {
            equal,
            interval,
            deadline,
        } => stable(adb, wanted, equal, interval, deadline).await?,
    };
    let frame = match wanted.frame {
        true => Some(adb.screencap().await?),
        false => None,
    };
    Ok(Seen { frame, ..seen })
}

/// Tree and picture at the same time, over two streams.
async fn once(adb: &Adb, wanted: Wanted) -> Result<Seen, AdbError> {
    if wanted.frame {
        let (seen, frame) = tokio::try_join!(tree(adb, wanted), adb.screencap())?;
        let frame = Some(frame);
        return Ok(Seen { frame, ..seen });
    }
    tree(adb, wanted).await
}

/// One look without a picture: one round trip, whatever is wanted.
async fn tree(adb: &Adb, wanted: Wanted) -> Result<Seen, AdbError> {
    let (elements, activity) = match wanted.activity {
        true => adb.dump_hierarchy_and_activity().await?,
        false => (adb.dump_hierarchy().await?, None),
    };
    Ok(Seen {
        elements,
        activity,
        settled: true,
        frame: None,
    })
}

async fn stable(
    adb: &Adb,
    wanted: Wanted,
    equal: u32,
    interval: Duration,
    deadline: Duration,
) -> Result<Seen, AdbError> {
    let end = Instant::now() + deadline;
    let mut last = tree(adb, wanted).await?;
    let mut agreeing = 1;
    while agreeing < equal {
        if Instant::now() + interval > end {
            last.settled = false;
            return Ok(last);
        }
        sleep(interval).await;
        let next = tree(adb, wanted).await?;
        agreeing = match next.elements == last.elements {
            true => agreeing + 1,
            false => 1,
        };
        last = next;
    }
    Ok(last)
}
