//! The channels of one device in use: for pictures, trees and input each the ones that there are, best first. One that
//! fails again and again gives way to the next, as does one whose pictures stand still ([`super::still`] has the rule);
//! one at a time holds the device's accessibility. May use `adb` and `domain`.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::still::{Outline, Print, Still, Verdict};
use super::stock::{InputTool, Screencap, Uiautomator};
use super::{Channel, DeviceError, Gesture, Tree, check};
use crate::adb::Adb;
use crate::domain::{Frame, ScreenSize, UiElement};

/// After so many failures in a row a channel is not asked first any more.
const PATIENCE: u32 = 3;

/// The channels of one device; clones share them.
#[derive(Debug, Clone)]
pub struct Channels(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    frame: Ranking,
    tree: Ranking,
    input: Ranking,
    /// Who held the device's accessibility last.
    holder: Mutex<Option<Arc<dyn Channel>>>,
    /// The screen that pictures are of, where it is known.
    screen: OnceLock<ScreenSize>,
    /// What composes the device's screen when it is asked, to hold pictures against.
    witness: OnceLock<Witness>,
    still: Mutex<Still>,
}

#[derive(Debug)]
struct Witness {
    serial: String,
    channel: Arc<dyn Channel>,
}

/// Channels for one purpose, best first.
#[derive(Debug)]
struct Ranking {
    channels: Vec<Arc<dyn Channel>>,
    /// The one that is asked first.
    first: AtomicUsize,
    /// Its failures in a row.
    failures: AtomicU32,
}

impl Ranking {
    fn new(channels: Vec<Arc<dyn Channel>>) -> Ranking {
        Ranking {
            channels,
            first: AtomicUsize::new(0),
            failures: AtomicU32::new(0),
        }
    }

    fn name(&self) -> &'static str {
        let first = self.channels.get(self.first.load(Ordering::Relaxed));
        first.map_or("none", |channel| channel.name())
    }

    /// The first one worked or failed; returns the one that takes its place, where it has failed too often.
    fn note(&self, position: usize, worked: bool) -> Option<&'static str> {
        if position != self.first.load(Ordering::Relaxed) {
            return None;
        }
        if worked {
            self.failures.store(0, Ordering::Relaxed);
            return None;
        }
        let failures = self.failures.fetch_add(1, Ordering::Relaxed) + 1;
        if failures < PATIENCE || position + 1 >= self.channels.len() {
            return None;
        }
        self.failures.store(0, Ordering::Relaxed);
        self.first.store(position + 1, Ordering::Relaxed);
        Some(self.name())
    }
}

/// What is wanted of a channel.
#[derive(Debug, Clone, Copy)]
enum Wish {
    Frame,
    Tree { activity: bool },
}

/// What came of it.
enum Answer {
    Frame(Frame),
    Tree(Tree),
}

/// A picture that has not been held against a tree, and the place of its channel.
pub(super) struct Picture {
    frame: Frame,
    position: usize,
}

impl Channels {
    /// The channels that every Android has.
    pub fn stock(adb: &Adb) -> Channels {
        Channels::ranked(
            vec![Arc::new(Screencap::raw(adb.clone()))],
            vec![Arc::new(Uiautomator::new(adb.clone()))],
            vec![Arc::new(InputTool::new(adb.clone()))],
        )
    }

    /// Channels for pictures, trees and input, best first each. Ones that do not offer that are left out.
    pub fn ranked(
        mut frame: Vec<Arc<dyn Channel>>,
        mut tree: Vec<Arc<dyn Channel>>,
        mut input: Vec<Arc<dyn Channel>>,
    ) -> Channels {
        frame.retain(|channel| channel.offers().frame);
        tree.retain(|channel| channel.offers().tree);
        input.retain(|channel| channel.offers().input);
        Channels(Arc::new(Inner {
            frame: Ranking::new(frame),
            tree: Ranking::new(tree),
            input: Ranking::new(input),
            holder: Mutex::default(),
            screen: OnceLock::new(),
            witness: OnceLock::new(),
            still: Mutex::default(),
        }))
    }

    /// The same, with pictures held against the screen's size: one of another size is an error. The first size that is
    /// said stays.
    pub fn of_screen(self, screen: ScreenSize) -> Channels {
        self.0.screen.get_or_init(|| screen);
        self
    }

    /// The same, with observations' pictures held against those of `witness`, which composes the screen when it is asked,
    /// where they seem to stand still. `serial` is the device's, for warnings. The first one that is said stays.
    pub fn witnessed(self, serial: &str, witness: Arc<dyn Channel>) -> Channels {
        self.0.witness.get_or_init(|| Witness {
            serial: serial.to_owned(),
            channel: witness,
        });
        self
    }

    /// The names of those that are asked first, for pictures, trees and input.
    pub fn names(&self) -> [&'static str; 3] {
        [self.0.frame.name(), self.0.tree.name(), self.0.input.name()]
    }

    /// The names of all, best first, for pictures, trees and input.
    pub fn order(&self) -> [Vec<&'static str>; 3] {
        [&self.0.frame, &self.0.tree, &self.0.input].map(|ranking| {
            let named = ranking.channels.iter();
            named.map(|channel| channel.name()).collect()
        })
    }

    /// A picture of the screen.
    ///
    /// # Errors
    /// When the device is lost, or no channel has one.
    pub async fn frame(&self) -> Result<Frame, DeviceError> {
        let picture = self.picture().await?;
        self.0.frame.note(picture.position, true);
        Ok(picture.frame)
    }

    /// A picture of the screen, to be handed to [`Channels::beside`].
    ///
    /// # Errors
    /// As [`Channels::frame`].
    pub(super) async fn picture(&self) -> Result<Picture, DeviceError> {
        match self.ask(&self.0.frame, Wish::Frame).await? {
            (Answer::Frame(frame), position) => Ok(Picture { frame, position }),
            (Answer::Tree(_), _) => Err(none()),
        }
    }

    /// The picture of an observation whose tree was seen with it or after it: the same, or a fresh one where that has
    /// stood still.
    ///
    /// # Errors
    /// When the device is lost.
    pub(super) async fn beside(
        &self,
        Picture { frame, position }: Picture,
        elements: &[UiElement],
        activity: Option<&str>,
    ) -> Result<Frame, DeviceError> {
        let ranking = &self.0.frame;
        let channel = ranking.channels.get(position);
        let watched = channel.filter(|channel| !channel.composes());
        let Some((channel, witness)) = watched.zip(self.0.witness.get()) else {
            ranking.note(position, true);
            return Ok(frame);
        };
        let outline = Outline::of(elements, activity);
        let suspect = self.still().suspects(Print::of(&frame), &outline);
        let (frame, worked) = match suspect {
            true => self.held_against(witness, channel, frame, outline).await?,
            false => (frame, Some(true)),
        };
        if let Some(worked) = worked {
            self.gave_way(channel, ranking.note(position, worked));
        }
        Ok(frame)
    }

    /// The accessibility tree; with the component on top of the screen where that is asked for.
    ///
    /// # Errors
    /// When the device is lost, or no channel has one.
    pub async fn tree(&self, activity: bool) -> Result<Tree, DeviceError> {
        let ranking = &self.0.tree;
        match self.ask(ranking, Wish::Tree { activity }).await? {
            (Answer::Tree(tree), position) => {
                ranking.note(position, true);
                Ok(tree)
            }
            (Answer::Frame(_), _) => Err(none()),
        }
    }

    /// Does one thing after the other. What has been sent to one channel is not sent to another: it may have been
    /// done.
    ///
    /// # Errors
    /// When the device is lost, or the channel fails.
    pub async fn input(&self, gestures: &[Gesture]) -> Result<(), DeviceError> {
        let ranking = &self.0.input;
        let position = ranking.first.load(Ordering::Relaxed);
        let Some(channel) = ranking.channels.get(position) else {
            return Err(none());
        };
        self.hold(channel).await;
        let result = channel.input(gestures).await;
        let worked = match &result {
            Err(DeviceError::Channel { .. }) => false,
            // A command that the device refused is no fault of its channel.
            _ => true,
        };
        self.gave_way(channel, ranking.note(position, worked));
        result
    }

    /// Lets go of everything that is held on the device.
    pub async fn close(&self) {
        let rankings = [&self.0.frame, &self.0.tree, &self.0.input];
        for channel in rankings.iter().flat_map(|ranking| &ranking.channels) {
            channel.close().await;
        }
        *self.holder() = None;
    }

    /// Asks the first channel, once more when what came was of no use, and then those after it. With the answer comes
    /// the place of the channel that gave it, of which that it worked is not noted yet.
    async fn ask(&self, ranking: &Ranking, wish: Wish) -> Result<(Answer, usize), DeviceError> {
        let first = ranking.first.load(Ordering::Relaxed);
        let mut last = none();
        for (position, channel) in ranking.channels.iter().enumerate().skip(first) {
            for _ in 0..2 {
                match self.once(channel, wish).await {
                    Ok(answer) => return Ok((answer, position)),
                    Err(error) if error.is_lost() => return Err(error),
                    Err(error) => last = error,
                }
            }
            tracing::debug!(channel = channel.name(), error = %last, "no use of this channel now");
            self.gave_way(channel, ranking.note(position, false));
        }
        Err(last)
    }

    /// Asks a channel once.
    async fn once(&self, channel: &Arc<dyn Channel>, wish: Wish) -> Result<Answer, DeviceError> {
        self.hold(channel).await;
        let answer = match wish {
            Wish::Frame => channel.frame().await.map(Answer::Frame),
            Wish::Tree { activity } => channel.tree(activity).await.map(Answer::Tree),
        };
        self.whole(answer?, &**channel)
    }

    /// A picture that seems to stand still, held against the witness's: the one to use, and whether its channel
    /// works, where that can be said.
    async fn held_against(
        &self,
        witness: &Witness,
        channel: &Arc<dyn Channel>,
        frame: Frame,
        outline: Outline,
    ) -> Result<(Frame, Option<bool>), DeviceError> {
        let fresh = match self.once(&witness.channel, Wish::Frame).await {
            Ok(Answer::Frame(fresh)) => fresh,
            Err(error) if error.is_lost() => return Err(error),
            // Nobody knows better.
            _ => return Ok((frame, None)),
        };
        let verdict = self.still().verdict(Print::of(&fresh), &outline);
        match verdict {
            Verdict::Right => return Ok((frame, Some(true))),
            Verdict::ByChance => return Ok((frame, None)),
            Verdict::Wrong => {}
        }
        // It may have been asked before the screen changed; what it shows now was asked for after that.
        let again = match self.once(channel, Wish::Frame).await {
            Ok(Answer::Frame(again)) => again,
            Err(error) if error.is_lost() => return Err(error),
            _ => return Ok((fresh, Some(false))),
        };
        if self.still().moved(Print::of(&again), outline) {
            return Ok((again, Some(true)));
        }
        if self.still().stands() {
            tracing::warn!(
                device = witness.serial,
                channel = channel.name(),
                "its pictures stand still while the screen goes on; {} is asked instead, each time, until the channel \
                 gives way to the next. Start the device or its emulator anew, or leave the channel out of \
                 devices.channels.picture",
                witness.channel.name(),
            );
        }
        Ok((fresh, Some(false)))
    }

    /// An answer that can be of the screen.
    fn whole(&self, answer: Answer, channel: &dyn Channel) -> Result<Answer, DeviceError> {
        let checked = match &answer {
            Answer::Frame(frame) => check::picture(frame, self.0.screen.get().copied()),
            Answer::Tree(tree) => check::tree(tree),
        };
        match checked {
            Ok(()) => Ok(answer),
            Err(reason) => Err(DeviceError::Channel {
                channel: channel.name(),
                reason,
            }),
        }
    }

    /// Has whoever holds the device's accessibility let go of it, where another one wants it.
    async fn hold(&self, channel: &Arc<dyn Channel>) {
        if !channel.offers().exclusive {
            return;
        }
        let before = self.holder().replace(channel.clone());
        if let Some(before) = before.filter(|before| before.name() != channel.name()) {
            before.close().await;
        }
    }

    fn gave_way(&self, channel: &Arc<dyn Channel>, next: Option<&'static str>) {
        if let Some(next) = next {
            tracing::warn!(
                from = channel.name(),
                to = next,
                "a channel failed {PATIENCE} times in a row and gives way to the next"
            );
        }
    }

    fn holder(&self) -> std::sync::MutexGuard<'_, Option<Arc<dyn Channel>>> {
        self.0.holder.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn still(&self) -> std::sync::MutexGuard<'_, Still> {
        self.0.still.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn none() -> DeviceError {
    DeviceError::Channel {
        channel: "none",
        reason: "no channel offers it".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;

    use super::*;
    use crate::device::Offers;

    /// Fails so often, by an error or by an empty tree, then answers; counts what is asked of it.
    #[derive(Debug)]
    struct Played {
        name: &'static str,
        exclusive: bool,
        failures: AtomicU32,
        asked: AtomicU32,
        closed: AtomicU32,
    }

    impl Played {
        fn new(name: &'static str, exclusive: bool, failures: u32) -> Arc<Played> {
            Arc::new(Played {
                name,
                exclusive,
                failures: AtomicU32::new(failures),
                asked: AtomicU32::new(0),
                closed: AtomicU32::new(0),
            })
        }
    }

    #[async_trait]
    impl Channel for Played {
        fn name(&self) -> &'static str {
            self.name
        }

        fn offers(&self) -> Offers {
            Offers {
                tree: true,
                exclusive: self.exclusive,
                ..Offers::default()
            }
        }

        async fn tree(&self, _activity: bool) -> Result<Tree, DeviceError> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            let left = self.failures.load(Ordering::Relaxed);
            self.failures
                .store(left.saturating_sub(1), Ordering::Relaxed);
            match left {
                0 => Ok(Tree {
                    elements: vec![UiElement::default()],
                    activity: None,
                }),
                _ if left.is_multiple_of(2) => Ok(Tree::default()),
                _ => Err(self.lacks("luck")),
            }
        }

        async fn close(&self) {
            self.closed.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[tokio::test]
    async fn a_channel_that_fails_gives_way_to_the_next() {
        let (bad, good) = (
            Played::new("bad", true, u32::MAX),
            Played::new("good", true, 0),
        );
        let channels = Channels::ranked(
            Vec::new(),
            vec![bad.clone(), good.clone()],
            vec![bad.clone()],
        );
        for _ in 0..5 {
            channels.tree(false).await.unwrap();
        }
        assert_eq!(bad.asked.load(Ordering::Relaxed), 2 * PATIENCE);
        assert_eq!(good.asked.load(Ordering::Relaxed), 5);
        assert_eq!(channels.names(), ["none", "good", "none"]);
        // Each time that the other one wanted the accessibility, it was let go of.
        assert_eq!(bad.closed.load(Ordering::Relaxed), PATIENCE);
        assert!(good.closed.load(Ordering::Relaxed) >= PATIENCE - 1);
    }

    #[tokio::test]
    async fn a_single_failure_is_asked_again() {
        let once = Played::new("once", false, 1);
        let channels = Channels::ranked(Vec::new(), vec![once.clone()], Vec::new());
        channels.tree(false).await.unwrap();
        assert_eq!(once.asked.load(Ordering::Relaxed), 2);
        let gone = Played::new("gone", false, u32::MAX);
        let channels = Channels::ranked(Vec::new(), vec![gone], Vec::new());
        assert!(channels.tree(false).await.is_err());
        assert!(channels.frame().await.is_err());
    }
}
