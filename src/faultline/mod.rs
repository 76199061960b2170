//! A TCP proxy that does harm on purpose: it stands before any endpoint and delays, cuts, stalls, throttles and
//! garbles what passes, on a schedule or when it is told to. For tests of whoever must live with bad lines.
//!
//! A room of its own, as it belongs to neither side of the wire: it knows nothing of ADB, and stands before phones
//! and ADB servers alike. Uses `tokio`, and of `domain` the files of faults and the random streams.
//!
//! `plan` says what shall happen and when, `schedule` puts that in an order, `weather` is what the line is like at
//! the moment, `connection` passes the bytes, and [`FaultLine`] holds them together.

mod connection;
mod plan;
mod schedule;
mod weather;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Semaphore, broadcast};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub use plan::{LineFault, LinePlan, PlannedLineFault, When};
pub use schedule::Schedule;
pub use weather::Counts;

use weather::Weather;

/// Most connections at a time; who is one too many is hung up on.
const MAX_CONNECTIONS: usize = 512;
/// Events that are kept for a listener who is slow.
const EVENTS: usize = 256;

/// Why there is no proxy.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// The address is taken, or not this machine's.
    #[error("{address}: {error}; take another port, or 0 for any")]
    Listen {
        /// Where it was to listen.
        address: SocketAddr,
        /// What the system says.
        error: io::Error,
    },
    /// No address of an endpoint.
    #[error("{0:?} is no endpoint; write HOST:PORT, as in 127.0.0.1:5555")]
    Endpoint(String),
}

/// Something that was done to the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineEvent {
    /// How long after the proxy's start.
    pub at: Duration,
    /// What.
    pub fault: LineFault,
    /// Connections that there were.
    pub connections: usize,
}

/// A running proxy. Dropping it ends its connections.
#[derive(Debug)]
pub struct FaultLine {
    address: SocketAddr,
    weather: Arc<Weather>,
    stop: CancellationToken,
    work: tokio::task::JoinHandle<()>,
}

impl FaultLine {
    /// Listens on `listen` and passes what comes on to `to` (`HOST:PORT`), which need not be there yet. `seed` is
    /// that of everything random, where the plan names none.
    ///
    /// # Errors
    /// [`LineError`] for an address that cannot be listened on, or an endpoint that is none.
    pub async fn start(
        listen: SocketAddr,
        to: &str,
        plan: LinePlan,
        seed: u64,
    ) -> Result<FaultLine, LineError> {
        let port = to
            .rsplit_once(':')
            .filter(|(host, _)| !host.is_empty())
            .and_then(|(_, port)| port.parse::<u16>().ok());
        if port.is_none_or(|port| port == 0) {
            return Err(LineError::Endpoint(to.to_owned()));
        }
        let failed = |error| LineError::Listen {
            address: listen,
            error,
        };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let stop = CancellationToken::new();
        let seed = plan.seed.unwrap_or(seed);
        let (events, _) = broadcast::channel(EVENTS);
        let weather = Arc::new(Weather::new(&plan, seed, stop.clone(), events));
        let schedule = Schedule::new(&plan, seed);
        let work = tokio::spawn(run(listener, to.to_owned(), weather.clone(), schedule));
        Ok(FaultLine {
            address,
            weather,
            stop,
            work,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Does something to the line at once.
    pub fn strike(&self, fault: LineFault) {
        self.weather.strike(fault);
    }

    /// Ends whatever lasts; half-open connections stay what they are.
    pub fn clear(&self) {
        self.weather.clear();
    }

    /// What was done so far.
    pub fn counts(&self) -> Counts {
        self.weather.counts()
    }

    /// What is done from now on. Who reads too slowly misses the oldest.
    pub fn events(&self) -> broadcast::Receiver<LineEvent> {
        self.weather.events()
    }

    /// Ends all connections and stops listening; returns when nothing of it is left.
    pub async fn stop(mut self) {
        self.stop.cancel();
        // It ends by itself now; a panic in it leaves nothing to wait for either.
        let _ = (&mut self.work).await;
    }
}

impl Drop for FaultLine {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Accepts connections and follows the schedule until told to stop.
async fn run(listener: TcpListener, to: String, weather: Arc<Weather>, mut schedule: Schedule) {
    let started = Instant::now();
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut connections = JoinSet::new();
    let to: Arc<str> = to.into();
    let mut next = schedule.next();
    loop {
        let due = async {
            match next {
                Some((at, fault)) => {
                    tokio::time::sleep_until(started + at).await;
                    fault
                }
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = weather.stop().cancelled() => break,
            fault = due => {
                weather.strike(fault);
                next = schedule.next();
            }
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((socket, _)) => {
                    let place = places.clone().try_acquire_owned();
                    let Some(place) = place.ok().filter(|_| !weather.is_down()) else {
                        weather.refuse(&socket);
                        continue;
                    };
                    let (weather, to) = (weather.clone(), to.clone());
                    connections.spawn(async move {
                        connection::serve(&weather, socket, &to).await;
                        drop(place);
                    });
                }
                // Out of file descriptors, for instance; it may get better.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}
