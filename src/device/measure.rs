//! How fast the channels of a device are, and how often they fail: measured on the device itself, as no table tells it.
//! Knows channels by their trait only. May use nothing else of the house.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::{Channel, DeviceError, Gesture};

/// What a channel is measured at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// A picture of the screen.
    Picture,
    /// The accessibility tree, without the component on top.
    Tree,
    /// Input: the key `KEYCODE_UNKNOWN`, which no app and no part of the system takes for anything. Over an emulator's
    /// control service it is the lift of a finger that is not there, as the benchmark's own step that does nothing.
    Input,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Purpose; 3] = [Purpose::Picture, Purpose::Tree, Purpose::Input];

    /// Whether a channel can be used for it.
    pub fn fits(self, channel: &dyn Channel) -> bool {
        let offers = channel.offers();
        match self {
            Purpose::Picture => offers.frame,
            Purpose::Tree => offers.tree,
            Purpose::Input => offers.input,
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Purpose::Picture => "picture",
            Purpose::Tree => "tree",
            Purpose::Input => "input",
        })
    }
}

/// What came of measuring a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// Its name.
    pub channel: &'static str,
    /// What it was measured at.
    pub what: Purpose,
    /// Calls that worked, without the first one, which may have had to open something.
    pub worked: usize,
    /// How long the middle one of them took; `None` where none worked.
    pub median: Option<Duration>,
    /// How long nine of ten took at most.
    pub p90: Option<Duration>,
    /// Bytes of a picture's pixels, as the last one came.
    pub bytes: Option<u64>,
    /// Calls that failed, the first one among them.
    pub failures: usize,
    /// Why the last of them did.
    pub last_error: Option<String>,
}

/// Uses a channel `samples` times after once to open it, and lets go of it; stops when the deadline for all of it has
/// passed, which is a failure, or when the device is lost.
pub async fn measure(
    channel: &Arc<dyn Channel>,
    what: Purpose,
    samples: usize,
    deadline: Duration,
) -> Measured {
    let mut measured = Measured {
        channel: channel.name(),
        what,
        worked: 0,
        median: None,
        p90: None,
        bytes: None,
        failures: 0,
        last_error: None,
    };
    let end = Instant::now() + deadline;
    let mut times = Vec::with_capacity(samples.min(1_000));
    for number in 0..=samples {
        let begin = Instant::now();
        let answer = timeout_at(end, once(&**channel, what)).await;
        let took = begin.elapsed();
        match answer {
            Ok(Ok(bytes)) => {
                measured.bytes = bytes;
                if number > 0 || samples == 0 {
                    times.push(took);
                }
            }
            Ok(Err(error)) => {
                measured.failures += 1;
                measured.last_error = Some(error.to_string());
                if error.is_lost() {
                    break;
                }
            }
            Err(_) => {
                measured.failures += 1;
                let millis = deadline.as_millis();
                let done = times.len();
                measured.last_error = Some(format!(
                    "{done} of {samples} calls were done within {millis} ms"
                ));
                break;
            }
        }
    }
    channel.close().await;
    times.sort_unstable();
    measured.worked = times.len();
    measured.median = quantile(&times, 50);
    measured.p90 = quantile(&times, 90);
    measured
}

/// One use; the bytes of a picture.
async fn once(channel: &dyn Channel, what: Purpose) -> Result<Option<u64>, DeviceError> {
    match what {
        Purpose::Picture => {
            let frame = channel.frame().await?;
            Ok(Some(frame.rgba.len() as u64))
        }
        Purpose::Tree => channel.tree(false).await.map(|_| None),
        Purpose::Input => {
            let nothing = [Gesture::Key("KEYCODE_UNKNOWN")];
            channel.input(&nothing).await.map(|()| None)
        }
    }
}

/// The smallest time that so many of a hundred do not exceed.
fn quantile(sorted: &[Duration], percent: usize) -> Option<Duration> {
    let position = (sorted.len() * percent).div_ceil(100).max(1) - 1;
    sorted.get(position).copied()
}

/// The channels in the order in which they should be asked: those that never failed first, the fastest of them first;
/// then those that failed now and then, by the same; those that never worked, or were not measured, not at all.
pub fn order(
    channels: &[Arc<dyn Channel>],
    what: Purpose,
    measured: &[Measured],
) -> Vec<Arc<dyn Channel>> {
    let mut found: Vec<(bool, Duration, &Arc<dyn Channel>)> = channels
        .iter()
        .filter_map(|channel| {
            let of_it = |row: &&Measured| row.channel == channel.name() && row.what == what;
            let row = measured.iter().find(of_it)?;
            Some((row.failures > 0, row.median?, channel))
        })
        .collect();
    // Equal ones stay as they were given.
    found.sort_by_key(|(failed, median, _)| (*failed, *median));
    let channels = found.into_iter().map(|(_, _, channel)| channel.clone());
    channels.collect()
}

/// Measures channels for the purposes of [`Purpose::ALL`], one after the other, and gives their orders. A purpose for
/// which nothing works keeps its channels as they were given, so that their errors are what is read.
pub async fn orders(
    channels: [Vec<Arc<dyn Channel>>; 3],
    samples: usize,
    deadline: Duration,
) -> ([Vec<Arc<dyn Channel>>; 3], Vec<Measured>) {
    let mut rows = Vec::new();
    for (what, given) in Purpose::ALL.into_iter().zip(&channels) {
        for channel in given.iter().filter(|channel| what.fits(&***channel)) {
            rows.push(measure(channel, what, samples, deadline).await);
        }
    }
    let mut purposes = Purpose::ALL.into_iter();
    let orders = channels.map(|given| {
        let best = purposes.next().map(|what| order(&given, what, &rows));
        best.filter(|best| !best.is_empty()).unwrap_or(given)
    });
    (orders, rows)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use async_trait::async_trait;
    use tokio::time::sleep;

    use super::*;
    use crate::device::{Offers, Tree};
    use crate::domain::UiElement;

    /// Takes so long for a tree, and fails as often as it is told.
    #[derive(Debug)]
    struct Played {
        name: &'static str,
        time: Duration,
        /// Every so many calls one fails; 0: none.
        fails: usize,
        calls: AtomicUsize,
    }

    fn played(name: &'static str, millis: u64, fails: usize) -> Arc<dyn Channel> {
        Arc::new(Played {
            name,
            time: Duration::from_millis(millis),
            fails,
            calls: AtomicUsize::new(0),
        })
    }

    #[async_trait]
    impl Channel for Played {
        fn name(&self) -> &'static str {
            self.name
        }

        fn offers(&self) -> Offers {
            Offers {
                tree: true,
                ..Offers::default()
            }
        }

        async fn tree(&self, _activity: bool) -> Result<Tree, DeviceError> {
            sleep(self.time).await;
            let call = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
            match self.fails > 0 && call.is_multiple_of(self.fails) {
                true => Err(self.lacks("luck")),
                false => Ok(Tree {
                    elements: vec![UiElement::default()],
                    activity: None,
                }),
            }
        }
    }

    #[tokio::test]
    async fn times_and_failures_are_counted() {
        let minute = Duration::from_secs(60);
        let steady = measure(&played("steady", 2, 0), Purpose::Tree, 10, minute).await;
        assert_eq!((steady.worked, steady.failures), (10, 0));
        assert!(steady.median >= Some(Duration::from_millis(2)) && steady.p90 >= steady.median);
        assert_eq!(steady.last_error, None);
        let shaky = measure(&played("shaky", 0, 3), Purpose::Tree, 10, minute).await;
        assert_eq!((shaky.worked, shaky.failures), (7, 3));
        assert!(shaky.last_error.unwrap().contains("luck"));
        let hanging = played("hanging", 3_600_000, 0);
        let slow = measure(&hanging, Purpose::Tree, 10, Duration::from_millis(20)).await;
        assert_eq!((slow.worked, slow.failures, slow.median), (0, 1, None));
        assert!(slow.last_error.unwrap().contains("0 of 10"));
        let other = measure(&played("tree", 0, 0), Purpose::Input, 2, minute).await;
        assert_eq!((other.worked, other.failures, other.median), (0, 3, None));
    }

    #[test]
    fn the_fastest_that_never_failed_comes_first() {
        let given: Vec<Arc<dyn Channel>> = ["broken", "shaky", "slow", "fast", "new"]
            .iter()
            .map(|name| played(name, 0, 0))
            .collect();
        let row = |channel, millis: Option<u64>, failures| Measured {
            channel,
            what: Purpose::Tree,
            worked: 8,
            median: millis.map(Duration::from_millis),
            p90: None,
            bytes: None,
            failures,
            last_error: None,
        };
        let rows = [
            row("broken", None, 9),
            row("shaky", Some(2), 1),
            row("slow", Some(50), 0),
            row("fast", Some(20), 0),
        ];
        let names = |what| -> Vec<&'static str> {
            let found = order(&given, what, &rows);
            found.iter().map(|channel| channel.name()).collect()
        };
        assert_eq!(names(Purpose::Tree), ["fast", "slow", "shaky"]);
        assert!(names(Purpose::Picture).is_empty());
    }

    #[tokio::test]
    async fn where_nothing_works_the_channels_stay_and_say_why() {
        let channels = [
            Vec::new(),
            vec![played("broken", 0, 1), played("well", 0, 0)],
            vec![played("broken", 0, 1)],
        ];
        let (found, rows) = orders(channels, 1, Duration::from_secs(60)).await;
        let found = found.map(|order| -> Vec<&'static str> {
            order.iter().map(|channel| channel.name()).collect()
        });
        assert_eq!(found, [vec![], vec!["well"], vec!["broken"]]);
        // It offers no input, and is not asked for any.
        assert_eq!(rows.len(), 2);
    }
}
