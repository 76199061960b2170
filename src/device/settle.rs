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

/// Looks until the rule is met; returns the elements, whether they were stable, and the frame.
pub(super) async fn observe(
    adb: &Adb,
    settle: Settle,
    want_frame: bool,
) -> Result<(Vec<UiElement>, bool, Option<Frame>), AdbError> {
    let (elements, settled) = match settle {
        Settle::Idle => return once(adb, want_frame).await,
        Settle::Pause(pause) => {
            sleep(pause).await;
            return once(adb, want_frame).await;
        }
        Settle::Stable {
            equal,
            interval,
            deadline,
        } => stable(adb, equal, interval, deadline).await?,
    };
    let frame = if want_frame {
        Some(adb.screencap().await?)
    } else {
        None
    };
    Ok((elements, settled, frame))
}

/// Tree and picture at the same time, over two streams.
async fn once(
    adb: &Adb,
    want_frame: bool,
) -> Result<(Vec<UiElement>, bool, Option<Frame>), AdbError> {
    if want_frame {
        let (elements, frame) = tokio::try_join!(adb.dump_hierarchy(), adb.screencap())?;
        return Ok((elements, true, Some(frame)));
    }
    Ok((adb.dump_hierarchy().await?, true, None))
}

async fn stable(
    adb: &Adb,
    equal: u32,
    interval: Duration,
    deadline: Duration,
) -> Result<(Vec<UiElement>, bool), AdbError> {
    let end = Instant::now() + deadline;
    let mut last = adb.dump_hierarchy().await?;
    let mut agreeing = 1;
    while agreeing < equal {
        if Instant::now() + interval > end {
            return Ok((last, false));
        }
        sleep(interval).await;
        let next = adb.dump_hierarchy().await?;
        agreeing = if next == last { agreeing + 1 } else { 1 };
        last = next;
    }
    Ok((last, true))
}
