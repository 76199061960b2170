//! What a run does while its disk is full: it waits where it stands, with what it holds in memory, and tries
//! again. May use `store` and `domain`.
//!
//! A write of a run goes through [`Disk::keep`]. One that a full disk refused is tried again until it works;
//! meanwhile [`Disk::has_room`] holds back whoever would begin an episode. All that was drawn and planned stays as it
//! is, so that the run ends as one that had room.

use std::future::Future;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::{RolloutError, Stop};
use crate::domain::{Event, Observer};
use crate::store::{StoreError, free_bytes};

/// Time between two attempts.
const PAUSE: Duration = Duration::from_secs(5);
/// With so many bytes free the disk itself is not what is full.
const PLENTY: u64 = 64 << 20;

/// An error that may say that the disk is full.
pub trait MayBeFull {
    /// What was being done when the disk turned out to be full; `None` for any other error.
    fn full_while(&self) -> Option<&'static str>;
}

impl MayBeFull for StoreError {
    fn full_while(&self) -> Option<&'static str> {
        StoreError::full_while(self)
    }
}

impl MayBeFull for RolloutError {
    fn full_while(&self) -> Option<&'static str> {
        match self {
            RolloutError::Store(error) => error.full_while(),
            _ => None,
        }
    }
}

/// The disk that a run is written to. Clones share who waits; the default waits for nothing.
#[derive(Clone, Default)]
pub struct Disk {
    shared: Option<Arc<Shared>>,
    stop: Stop,
}

/// Frees what the run may do without, as soon as something waits for room.
type Clear = dyn Fn() + Send + Sync;

struct Shared {
    directory: PathBuf,
    longest: Option<Duration>,
    pause: Duration,
    observer: Observer,
    clear: Box<Clear>,
    /// Writes that wait for room.
    waiting: watch::Sender<usize>,
    /// Held by the one that clears.
    clearing: tokio::sync::Mutex<()>,
    news: Mutex<News>,
}

/// What happened since the first of the writes that wait was refused.
#[derive(Debug, Clone, Copy, Default)]
struct News {
    cleared: bool,
    told: bool,
}

impl Disk {
    /// The disk of a directory. A write waits for room for the `longest` time, `None` for as long as it takes, and
    /// until somebody asks to stop.
    pub fn new(
        directory: impl Into<PathBuf>,
        longest: Option<Duration>,
        stop: &Stop,
        observer: &Observer,
    ) -> Disk {
        let shared = Shared {
            directory: directory.into(),
            longest,
            pause: PAUSE,
            observer: observer.clone(),
            clear: Box::new(|| {}),
            waiting: watch::Sender::new(0),
            clearing: tokio::sync::Mutex::default(),
            news: Mutex::default(),
        };
        Disk {
            // Whoever does not wait fails as if nobody knew of disks.
            shared: (longest != Some(Duration::ZERO)).then(|| Arc::new(shared)),
            stop: stop.clone(),
        }
    }

    /// The same disk, on which `clear` frees what it can before a wait begins; it may block. Nobody must use
    /// the disk yet.
    pub fn cleared_by(self, clear: impl Fn() + Send + Sync + 'static) -> Disk {
        self.changed(|shared| shared.clear = Box::new(clear))
    }

    /// The same disk with another time between two attempts. Nobody must use the disk yet.
    pub fn tried_every(self, pause: Duration) -> Disk {
        self.changed(|shared| shared.pause = pause)
    }

    fn changed(mut self, change: impl FnOnce(&mut Shared)) -> Disk {
        if let Some(shared) = self.shared.as_mut().and_then(Arc::get_mut) {
            change(shared);
        }
        self
    }

    /// The same disk for a part of the work that may be stopped by itself.
    pub fn heeding(&self, stop: &Stop) -> Disk {
        Disk {
            shared: self.shared.clone(),
            stop: stop.clone(),
        }
    }

    /// Waits until no write waits for room: nothing may begin before.
    pub async fn has_room(&self) {
        if let Some(shared) = &self.shared {
            // The sender lives as long as `shared` does.
            let _ = shared
                .waiting
                .subscribe()
                .wait_for(|count| *count == 0)
                .await;
        }
    }

    /// Makes a write. One that the full disk refuses is made again until it works, the time is over, or somebody asks
    /// to stop, after a last attempt; then its error is what it was. Dropped, it is not made again.
    ///
    /// # Errors
    /// Those of the write.
    pub async fn keep<T, E, F>(&self, mut write: impl FnMut() -> F) -> Result<T, E>
    where
        E: MayBeFull,
        F: Future<Output = Result<T, E>>,
    {
        let first = write().await;
        let Some(shared) = &self.shared else {
            return first;
        };
        if !is_full(&first) {
            return first;
        }
        let mut waiting = Waiting::begin(shared);
        let since = Instant::now();
        shared.make_room().await;
        loop {
            // What ended the wait by now leaves one more attempt.
            let left = shared
                .longest
                .map(|most| most.saturating_sub(since.elapsed()));
            let last = self.stop.is_asked() || left == Some(Duration::ZERO);
            let result = write().await;
            let doing = result.as_ref().err().and_then(MayBeFull::full_while);
            let Some(doing) = doing.filter(|_| !last) else {
                waiting.worked = !is_full(&result);
                return result;
            };
            shared.tell(doing);
            tokio::select! {
                () = self.stop.asked() => {}
                () = sleep(left.map_or(shared.pause, |left| left.min(shared.pause))) => {}
            }
        }
    }
}

fn is_full<T, E: MayBeFull>(result: &Result<T, E>) -> bool {
    let error = result.as_ref().err();
    error.is_some_and(|error| error.full_while().is_some())
}

impl Shared {
    /// Frees what the run may do without, once in a wait.
    async fn make_room(self: &Arc<Self>) {
        let _one = self.clearing.lock().await;
        if std::mem::replace(&mut self.news().cleared, true) {
            return;
        }
        let shared = self.clone();
        // What it could not free is not there; a panic in there is on standard error.
        let _ = tokio::task::spawn_blocking(move || (shared.clear)()).await;
    }

    /// Says once in a wait that it waits.
    fn tell(&self, doing: &str) {
        // Held until it was said, so that a wait and its end are said in their order.
        let mut news = self.news();
        if std::mem::replace(&mut news.told, true) {
            return;
        }
        let directory = self.directory.display();
        let mut reason = format!("the disk is full while {doing}: ");
        match free_bytes(&self.directory) {
            Ok(free) => {
                reason.push_str(&format!("{free} bytes are free in {directory}"));
                if free > PLENTY {
                    reason.push_str(" (run.max_database_bytes or a quota may be reached)");
                }
            }
            Err(error) => reason.push_str(&format!("{directory} can't be looked at ({error})")),
        }
        reason.push_str("; the run waits for room");
        if let Some(longest) = self.longest {
            reason.push_str(&format!(" for {} s", longest.as_secs()));
        }
        tracing::info!("{reason}");
        self.observer.tell(&Event::Waiting { reason });
    }

    fn news(&self) -> MutexGuard<'_, News> {
        // Nothing panics while the lock is held.
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A write that waits for room.
struct Waiting<'a> {
    shared: &'a Shared,
    worked: bool,
}

impl Waiting<'_> {
    fn begin(shared: &Shared) -> Waiting<'_> {
        shared.waiting.send_modify(|count| *count += 1);
        Waiting {
            shared,
            worked: false,
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut news = self.shared.news();
        self.shared.waiting.send_modify(|count| *count -= 1);
        if *self.shared.waiting.borrow() > 0 {
            return;
        }
        let ended = std::mem::take(&mut *news);
        if ended.told && self.worked {
            tracing::info!("there is room on the disk again");
            self.shared.observer.tell(&Event::GoesOn);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    fn full() -> StoreError {
        StoreError::Full {
            path: "run.sqlite".into(),
            doing: "storing an episode",
        }
    }

    /// A disk and what it says.
    fn disk(longest: Option<Duration>, stop: &Stop) -> (Disk, Arc<Mutex<Vec<Event>>>) {
        let said = Arc::new(Mutex::new(Vec::new()));
        let heard = said.clone();
        let observer = Observer::new(move |event| heard.lock().unwrap().push(event.clone()));
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let disk = Disk::new(here, longest, stop, &observer);
        (disk.tried_every(Duration::from_millis(5)), said)
    }

    fn refused(times: u32) -> (Arc<AtomicU32>, impl Fn() -> Result<u32, StoreError>) {
        let made = Arc::new(AtomicU32::new(0));
        let count = made.clone();
        let write = move || match count.fetch_add(1, Ordering::SeqCst) {
            number if number < times => Err(full()),
            number => Ok(number),
        };
        (made, write)
    }

    #[tokio::test]
    async fn a_refused_write_waits_is_made_again_and_says_so_once() {
        let (disk, said) = disk(None, &Stop::new());
        let cleared = Arc::new(AtomicU32::new(0));
        let count = cleared.clone();
        let disk = disk.cleared_by(move || {
            count.fetch_add(1, Ordering::SeqCst);
        });
        let (_, write) = refused(4);
        let keeping = disk.keep(|| std::future::ready(write()));
        assert_eq!(keeping.await.unwrap(), 4);
        assert_eq!(cleared.load(Ordering::SeqCst), 1);
        let said = said.lock().unwrap();
        let [Event::Waiting { reason }, Event::GoesOn] = &said[..] else {
            panic!("{said:?}");
        };
        for part in [
            "storing an episode",
            "bytes are free in",
            env!("CARGO_MANIFEST_DIR"),
        ] {
            assert!(reason.contains(part), "{reason}");
        }
    }

    #[tokio::test]
    async fn what_clearing_makes_room_for_is_not_spoken_of() {
        let (disk, said) = disk(None, &Stop::new());
        let (made, write) = refused(1);
        disk.keep(|| std::future::ready(write())).await.unwrap();
        assert_eq!(made.load(Ordering::SeqCst), 2);
        assert!(said.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn nothing_begins_until_the_last_write_has_room() {
        let (disk, said) = disk(None, &Stop::new());
        let ((_, one), (_, other)) = (refused(3), refused(6));
        let begun = Arc::new(Mutex::new(Vec::new()));
        let write = |name, write: Box<dyn Fn() -> Result<u32, StoreError>>| {
            let (disk, begun) = (disk.clone(), begun.clone());
            async move {
                disk.keep(|| std::future::ready(write())).await.unwrap();
                begun.lock().unwrap().push(name);
            }
        };
        let begin = async {
            tokio::task::yield_now().await;
            disk.has_room().await;
            begun.lock().unwrap().push("an episode");
        };
        tokio::join!(
            write("one", Box::new(one)),
            write("other", Box::new(other)),
            begin
        );
        assert_eq!(*begun.lock().unwrap(), ["one", "other", "an episode"]);
        assert_eq!(said.lock().unwrap().len(), 2);
    }

    #[tokio::test]
    async fn the_time_and_a_stop_end_the_wait_with_the_error() {
        let time = Duration::from_millis(30);
        let (disk, said) = disk(Some(time), &Stop::new());
        let began = Instant::now();
        let (made, write) = refused(u32::MAX);
        let error = disk.keep(|| std::future::ready(write())).await.unwrap_err();
        assert!(matches!(error, StoreError::Full { .. }));
        assert!(began.elapsed() >= time);
        // At once, after the clearing, and when the time is over, at the least.
        assert!(made.load(Ordering::SeqCst) >= 3);
        // It does not go on.
        assert!(matches!(&said.lock().unwrap()[..], [Event::Waiting { .. }]));

        let stop = Stop::new();
        let asked = stop.clone();
        let observer = Observer::new(move |_| asked.finish());
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let disk = Disk::new(here, None, &stop, &observer).tried_every(Duration::MAX);
        let (made, write) = refused(u32::MAX);
        disk.keep(|| std::future::ready(write())).await.unwrap_err();
        // Once more after the stop.
        assert_eq!(made.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn other_errors_and_a_disk_without_patience_fail_at_once() {
        let (disk, _) = disk(Some(Duration::ZERO), &Stop::new());
        let (made, write) = refused(u32::MAX);
        disk.keep(|| std::future::ready(write())).await.unwrap_err();
        assert_eq!(made.load(Ordering::SeqCst), 1);
        let (disk, said) = super::tests::disk(None, &Stop::new());
        let made = AtomicU32::new(0);
        let locked = || {
            made.fetch_add(1, Ordering::SeqCst);
            std::future::ready(Err::<(), _>(StoreError::Locked("run".into())))
        };
        disk.keep(locked).await.unwrap_err();
        assert_eq!(made.load(Ordering::SeqCst), 1);
        assert!(said.lock().unwrap().is_empty());
    }
}
