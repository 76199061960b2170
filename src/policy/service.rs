//! Acting for many devices at once: requests from all workers are gathered and answered in batches
//! by one thread that owns the session.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, PoisonError, RwLock};

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

/// A handle to the acting thread; the thread ends with the last handle.
#[derive(Debug, Clone)]
pub struct Service {
    queue: Sender<Waiting>,
    acting: Arc<RwLock<Arc<Acting>>>,
}

impl Service {
    /// Starts the thread.
    pub fn start(acting: Acting) -> Service {
        let (queue, requests) = channel();
        let acting = Arc::new(RwLock::new(Arc::new(acting)));
        let shared = acting.clone();
        std::thread::spawn(move || serve(&shared, &requests));
        Service { queue, acting }
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
        self.queue
            .send((request, answer))
            .map_err(|_| PolicyError::Stopped)?;
        received.await.map_err(|_| PolicyError::Stopped)?
    }
}

fn serve(acting: &RwLock<Arc<Acting>>, requests: &Receiver<Waiting>) {
    while let Ok(first) = requests.recv() {
        let mut batch = vec![first];
        while batch.len() < LARGEST_BATCH
            && let Ok(next) = requests.try_recv()
        {
            batch.push(next);
        }
        let policy = acting
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let rows: Vec<(&View, f32, Draws)> = batch
            .iter()
            .map(|(request, _)| (&request.view, request.temperature, request.draws))
            .collect();
        let mut decisions = policy.decide(&rows).map(Vec::into_iter);
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
