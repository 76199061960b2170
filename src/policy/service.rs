//! Acting for many devices at once: requests from all workers are gathered and answered in batches
//! by threads that have a session each.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::acting::Draws;
use super::{Acting, Decision, PolicyError, View};

/// Most requests in one batch.
const LARGEST_BATCH: usize = 64;
/// Longest wait for those that are likely to ask at once: devices that were answered together often ask together again,
/// and a batch of the first of them alone would keep all others waiting. A fraction of what one row takes.
const GATHER: Duration = Duration::from_micros(80);

/// A request for one decision.
#[derive(Debug)]
pub struct Request {
    /// What is seen.
    pub view: View,
    /// Temperature; 0 takes the likeliest choice.
    pub temperature: f32,
    /// Draws from the caller's stream.
    pub draws: Draws,
}

type Waiting = (Request, oneshot::Sender<Result<Decision, PolicyError>>);

/// A handle to the acting threads; they end with the last handle.
#[derive(Debug, Clone)]
pub struct Service {
    queue: Arc<Closing>,
    acting: Arc<RwLock<Arc<Acting>>>,
}

/// Requests that wait.
#[derive(Debug)]
struct Queue<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

#[derive(Debug)]
struct State<T> {
    waiting: VecDeque<T>,
    /// Threads that wait for requests.
    idle: usize,
    /// Requests in the batch before.
    before: usize,
    closed: bool,
}

/// Closes the queue when it goes: then nobody asks any more, or a thread has failed.
#[derive(Debug)]
struct Closing(Arc<Queue<Waiting>>);

impl<T> Queue<T> {
    fn new() -> Queue<T> {
        let state = State {
            waiting: VecDeque::new(),
            idle: 0,
            before: 0,
            closed: false,
        };
        Queue {
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// This thread's share of what waits, once something does; threads that are idle share what is there. Nothing once
    /// the queue is closed.
    fn take(&self) -> Vec<T> {
        let mut state = self.state();
        state.idle += 1;
        let mut first: Option<Instant> = None;
        while !state.closed {
            let came = state.waiting.len();
            if came == 0 {
                first = None;
                let waited = self.changed.wait(state);
                state = waited.unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let since = first.get_or_insert_with(Instant::now).elapsed();
            if came >= state.before || since >= GATHER {
                break;
            }
            let waited = self.changed.wait_timeout(state, GATHER - since);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        let share = state.waiting.len().div_ceil(state.idle).min(LARGEST_BATCH);
        state.idle -= 1;
        if state.closed {
            return Vec::new();
        }
        state.before = share;
        let taken = state.waiting.drain(..share).collect();
        if !state.waiting.is_empty() {
            // Whoever is idle may not have been told of the rest.
            self.changed.notify_one();
        }
        taken
    }

    /// Puts one to the others; `false` once the queue is closed.
    fn put(&self, one: T) -> bool {
        let mut state = self.state();
        if state.closed {
            return false;
        }
        state.waiting.push_back(one);
        drop(state);
        self.changed.notify_one();
        true
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.closed = true;
        // Who asked learns that there is no answer.
        state.waiting.clear();
        drop(state);
        self.0.changed.notify_all();
    }
}

impl Service {
    /// Starts the threads.
    pub fn start(acting: Acting) -> Service {
        let queue = Arc::new(Queue::new());
        let threads = acting.shares();
        let acting = Arc::new(RwLock::new(Arc::new(acting)));
        for thread in 0..threads {
            let (acting, queue) = (acting.clone(), Closing(queue.clone()));
            std::thread::spawn(move || serve(thread, &acting, &queue.0));
        }
        Service {
            queue: Arc::new(Closing(queue)),
            acting,
        }
    }

    /// Acts with other weights from the next batch on.
    pub fn replace(&self, acting: Acting) {
        *self.acting.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(acting);
    }

    /// The policy of now, for callers that bring batches of their own.
    pub fn current(&self) -> Arc<Acting> {
        self.acting
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Waits for a decision.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn decide(&self, request: Request) -> Result<Decision, PolicyError> {
        let (answer, received) = oneshot::channel();
        if !self.queue.0.put((request, answer)) {
            return Err(PolicyError::Stopped);
        }
        received.await.map_err(|_| PolicyError::Stopped)?
    }
}

fn serve(thread: usize, acting: &RwLock<Arc<Acting>>, queue: &Queue<Waiting>) {
    loop {
        let batch = queue.take();
        if batch.is_empty() {
            return;
        }
        let policy = acting
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let rows: Vec<(&View, f32, Draws)> = batch
            .iter()
            .map(|(request, _)| (&request.view, request.temperature, request.draws))
            .collect();
        let mut decisions = policy.decide_alone(thread, &rows).map(Vec::into_iter);
        for (_, answer) in batch {
            let decision = match &mut decisions {
                Ok(decisions) => decisions.next().ok_or(PolicyError::Stopped),
                Err(error) => Err(PolicyError::Sample(error.to_string())),
            };
            // Nobody waits any more when the episode was given up.
            let _ = answer.send(decision);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn nothing_is_left_behind_whoever_is_idle() {
        let queue = Arc::new(Queue::new());
        let (taken, answers) = channel();
        let threads: Vec<_> = (0..3)
            .map(|_| {
                let (queue, taken) = (queue.clone(), taken.clone());
                std::thread::spawn(move || {
                    loop {
                        let batch: Vec<usize> = queue.take();
                        if batch.is_empty() {
                            return;
                        }
                        taken.send(batch).unwrap();
                    }
                })
            })
            .collect();
        // A burst is put only once the one before was taken as a whole: what nobody is told of would stay for ever.
        for burst in 0..2_000 {
            let size = burst % 7 + 1;
            for number in 0..size {
                assert!(queue.put(number));
            }
            let mut came: Vec<usize> = Vec::new();
            while came.len() < size {
                let batch = answers.recv_timeout(Duration::from_secs(60));
                came.extend(batch.expect("a request was left behind"));
            }
            came.sort_unstable();
            assert_eq!(came, (0..size).collect::<Vec<_>>());
        }
        queue.state().closed = true;
        queue.changed.notify_all();
        for thread in threads {
            thread.join().unwrap();
        }
        assert!(!queue.put(0));
    }
}
