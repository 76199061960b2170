//! What a device has pushed, and which of it is of now. Knows nothing of the wire.
//!
//! The app looks at the screen, sends the forest, waits for the answer, pauses and begins again, all in one thread. So a
//! forest was made after the answer to the one before it, and one whose predecessor was answered after some moment shows
//! the screen as it was after that moment. Where the app opens a stream it can be asked for a forest, which is then made
//! after the question.

use tokio::sync::watch;
use tokio::time::Instant;

use super::elements::{RawForest, Seen, read};

/// The newest forest.
#[derive(Debug, Clone)]
pub struct Arrived {
    /// What it shows, or why it can't be read.
    pub seen: Result<Seen, String>,
    /// It was made after this moment; `None` when nothing is known of that.
    pub made_after: Option<Instant>,
    /// When it came.
    pub at: Instant,
}

/// The state that a server fills.
#[derive(Debug, Clone, Default)]
struct State {
    newest: Option<Arrived>,
    /// When the last forest was answered.
    answered: Option<Instant>,
    /// When the last event came.
    event: Option<Instant>,
    /// When a forest was last asked for on a stream, until it comes.
    asked: Option<Instant>,
}

/// What has come from one device.
#[derive(Debug, Default)]
pub struct Received {
    state: watch::Sender<State>,
    /// Counts the questions, for the streams.
    questions: watch::Sender<u64>,
}

impl Received {
    /// A forest came by itself.
    pub fn pushed(&self, forest: &RawForest) {
        let seen = read(forest);
        self.state.send_modify(|state| {
            let at = Instant::now();
            state.newest = Some(Arrived {
                seen,
                made_after: state.answered.replace(at),
                at,
            });
        });
    }

    /// A forest came on a stream, where an app sends what it is asked for and nothing by itself.
    pub fn brought(&self, forest: &RawForest) {
        let seen = read(forest);
        self.state.send_modify(|state| {
            state.newest = Some(Arrived {
                seen,
                made_after: state.asked.take(),
                at: Instant::now(),
            });
        });
    }

    /// Something happened on the screen.
    pub fn happened(&self) {
        self.state
            .send_modify(|state| state.event = Some(Instant::now()));
    }

    /// Asks all streams for a forest.
    pub fn ask(&self) {
        if self.questions.receiver_count() > 0 {
            self.state
                .send_modify(|state| state.asked = Some(Instant::now()));
            self.questions.send_modify(|count| *count += 1);
        }
    }

    /// The questions, for a stream.
    pub fn questions(&self) -> watch::Receiver<u64> {
        self.questions.subscribe()
    }

    /// Whether anything ever came.
    pub fn any(&self) -> bool {
        self.state.borrow().newest.is_some()
    }

    /// Waits for a forest that was made after `since`, and after the last event; where events do not end, the one that
    /// is there at `quiet`. Ends when one comes only; whoever calls has a deadline.
    pub async fn made_after(&self, since: Instant, quiet: Instant) -> Arrived {
        let mut changes = self.state.subscribe();
        loop {
            {
                let state = changes.borrow_and_update();
                let fresh = state.newest.as_ref().filter(|newest| {
                    newest.made_after.is_some_and(|made_after| {
                        let settled = state.event.is_none_or(|event| made_after >= event);
                        made_after >= since && (settled || Instant::now() >= quiet)
                    })
                });
                if let Some(fresh) = fresh {
                    return fresh.clone();
                }
            }
            tokio::select! {
                // It can't end: the sender is ours.
                _ = changes.changed() => {}
                () = tokio::time::sleep_until(quiet), if Instant::now() < quiet => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Whether there is such a forest already.
    async fn is_there(received: &Received, since: Instant, quiet: Instant) -> bool {
        let waiting = received.made_after(since, quiet);
        tokio::time::timeout(Duration::ZERO, waiting).await.is_ok()
    }

    #[tokio::test]
    async fn a_forest_is_of_now_when_the_one_before_was_answered_since() {
        let received = Received::default();
        let forest = RawForest::default();
        let late = Instant::now() + Duration::from_secs(3_600);
        assert!(!received.any());
        received.pushed(&forest);
        received.pushed(&forest);
        let now = Instant::now();
        assert!(received.any() && !is_there(&received, now, late).await);
        // It may have been on its way.
        received.pushed(&forest);
        assert!(!is_there(&received, now, late).await);
        received.pushed(&forest);
        assert!(is_there(&received, now, late).await);
        // What happened is not in it; what was made later is.
        received.happened();
        assert!(!is_there(&received, now, late).await);
        assert!(is_there(&received, now, now).await);
        received.pushed(&forest);
        received.pushed(&forest);
        assert!(is_there(&received, now, late).await);
    }

    #[tokio::test]
    async fn a_stream_is_asked() {
        let received = Received::default();
        let forest = RawForest::default();
        let late = Instant::now() + Duration::from_secs(3_600);
        // Nobody to ask.
        received.ask();
        let mut questions = received.questions();
        assert_eq!(*questions.borrow(), 0);
        let now = Instant::now();
        received.ask();
        assert_eq!(*questions.borrow_and_update(), 1);
        assert!(!is_there(&received, now, late).await);
        received.brought(&forest);
        assert!(is_there(&received, now, late).await);
        // One that nobody asked for may be of any time.
        received.brought(&forest);
        assert!(!is_there(&received, now, late).await);
    }
}
