//! Acting for many devices at once: requests from all workers are gathered and answered in batches
//! by threads that have a session each.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock};

use tokio::sync::oneshot;

use super::acting::Draws;
use super::{Acting, Decision, PolicyError, View};

/// Most requests in one batch.
const LARGEST_BATCH: usize = 64;

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
#[derive(Debug, Default)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Waiting>,
    /// Threads that wait for requests.
    idle: usize,
    closed: bool,
}

/// Closes the queue when it goes: then nobody asks any more, or a thread has failed.
#[derive(Debug)]
struct Closing(Arc<Queue>);

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// This thread's share of what waits, once something does. Nobody waits for more to come: threads
    /// that are idle share what is there. Nothing once the queue is closed.
    fn take(&self) -> Vec<Waiting> {
        let mut state = self.state();
        state.idle += 1;
        while state.waiting.is_empty() && !state.closed {
            let waited = self.changed.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
        let share = state.waiting.len().div_ceil(state.idle).min(LARGEST_BATCH);
        state.idle -= 1;
        if state.closed {
            return Vec::new();
        }
        state.waiting.drain(..share).collect()
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
        let queue = Arc::new(Queue::default());
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
        {
            let mut state = self.queue.0.state();
            if state.closed {
                return Err(PolicyError::Stopped);
            }
            state.waiting.push_back((request, answer));
        }
        self.queue.0.changed.notify_one();
        received.await.map_err(|_| PolicyError::Stopped)?
    }
}

fn serve(thread: usize, acting: &RwLock<Arc<Acting>>, queue: &Queue) {
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
