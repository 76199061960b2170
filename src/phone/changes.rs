//! When something on the phone may have changed, for those who watch its screen. Uses nothing of the house.

use std::ops::{Deref, DerefMut};
use std::sync::MutexGuard;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

/// Counts the times that the phone's state was held and let go.
#[derive(Debug, Default)]
pub struct Changes {
    count: AtomicU64,
    news: Notify,
}

impl Changes {
    /// How often the state may have changed. Whoever locks the state after reading this sees at least all of that.
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::SeqCst)
    }

    /// Waits until the state was let go again since the last call; one waits at a time.
    pub async fn next(&self) {
        self.news.notified().await;
    }

    /// A guard that counts when it is let go.
    pub fn guard<'a, T>(&'a self, inner: MutexGuard<'a, T>) -> Guard<'a, T> {
        Guard {
            changes: self,
            inner,
        }
    }
}

/// The state, held by one.
#[derive(Debug)]
pub struct Guard<'a, T> {
    changes: &'a Changes,
    inner: MutexGuard<'a, T>,
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.inner
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        // Still locked: who reads the new count and then locks comes after this.
        self.changes.count.fetch_add(1, Ordering::SeqCst);
        self.changes.news.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[tokio::test]
    async fn every_hold_is_counted_and_told() {
        let (changes, state) = (Changes::default(), Mutex::new(1));
        *changes.guard(state.lock().unwrap()) += 1;
        *changes.guard(state.lock().unwrap()) += 1;
        assert_eq!((changes.count(), *state.lock().unwrap()), (2, 3));
        // Both are told of at once.
        changes.next().await;
        let again = tokio::time::timeout(std::time::Duration::from_millis(1), changes.next());
        assert!(again.await.is_err());
    }
}
