//! How work is asked to end: softly, so that nothing new begins and what runs may end, and then at once.

use tokio_util::sync::CancellationToken;

/// A wish that work ends, in two degrees. Clones share it; a [`Stop::child`] hears of its parent's, but
/// not the other way round.
#[derive(Debug, Clone)]
pub struct Stop {
    soft: CancellationToken,
    hard: CancellationToken,
}

impl Default for Stop {
    fn default() -> Stop {
        Stop::new()
    }
}

impl From<CancellationToken> for Stop {
    /// A stop that only knows the second degree: cancelling the token ends everything at once.
    fn from(hard: CancellationToken) -> Stop {
        Stop {
            soft: hard.child_token(),
            hard,
        }
    }
}

impl Stop {
    /// Nobody has asked for anything.
    pub fn new() -> Stop {
        CancellationToken::new().into()
    }

    /// A stop of a part of the work.
    pub fn child(&self) -> Stop {
        Stop {
            soft: self.soft.child_token(),
            hard: self.hard.child_token(),
        }
    }

    /// Asks that nothing new begins.
    pub fn finish(&self) {
        self.soft.cancel();
    }

    /// Asks that everything ends at once.
    pub fn at_once(&self) {
        self.hard.cancel();
        self.soft.cancel();
    }

    /// Whether anything was asked: nothing new may begin.
    pub fn is_asked(&self) -> bool {
        self.soft.is_cancelled()
    }

    /// Whether everything is to end at once.
    pub fn is_at_once(&self) -> bool {
        self.hard.is_cancelled()
    }

    /// Waits until nothing new may begin.
    pub async fn asked(&self) {
        self.soft.cancelled().await;
    }

    /// Waits until everything is to end at once.
    pub async fn asked_at_once(&self) {
        self.hard.cancelled().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_hears_of_both_degrees_and_keeps_its_own() {
        let parent = Stop::new();
        let (first, second) = (parent.child(), parent.child());
        first.at_once();
        assert!(first.is_asked() && first.is_at_once());
        assert!(!parent.is_asked() && !second.is_asked());
        parent.finish();
        assert!(second.is_asked() && !second.is_at_once());
        parent.at_once();
        assert!(second.is_at_once());
    }

    #[test]
    fn a_token_ends_everything_at_once() {
        let token = CancellationToken::new();
        let stop = Stop::from(token.clone()).child();
        token.cancel();
        assert!(stop.is_asked() && stop.is_at_once());
    }
}
