//! The phone's ADB daemon over TCP: connections, streams, services. Uses `wire`, the machine and
//! its shell.

pub mod authorization;
pub mod connection;
pub mod forward;
pub mod framebuffer;
pub mod held;
pub mod loopback;
pub mod outgoing;
pub mod service;
pub mod session;
pub mod stream;
pub mod sync;

use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Semaphore, SemaphorePermit, mpsc};
use tokio_util::sync::CancellationToken;

use super::faults::befall;
use super::machine::{MAX_SESSIONS, Machine};

/// Most connections at a time.
const MAX_CONNECTIONS: usize = 1024;
/// How long commands of a phone that is swapped for another are waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// What happens to the phone as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// Everything restarts; files stay.
    Reboot,
    /// The daemon restarts as another user.
    Restart {
        /// As root.
        root: bool,
    },
    /// Not reachable for a while.
    Offline(Duration),
    /// All connections end.
    Disconnect,
    /// Another phone is in its place.
    Swap,
}

/// The daemon of one phone.
pub struct Daemon {
    /// The phone.
    pub machine: Arc<Machine>,
    controls: mpsc::UnboundedSender<Control>,
    /// Ends all connections of this moment.
    epoch: Mutex<CancellationToken>,
    boot_time: Duration,
    /// Bytes that streams keep and nobody has read yet.
    held: Arc<AtomicI64>,
    connections: Arc<Semaphore>,
}

impl Daemon {
    /// Serves a listener until `stop` is cancelled. `boot_time` is how long a reboot takes.
    pub fn start(
        machine: Arc<Machine>,
        listener: TcpListener,
        boot_time: Duration,
        stop: CancellationToken,
    ) -> Arc<Daemon> {
        let (controls, queue) = mpsc::unbounded_channel();
        machine.set_control(controls.clone());
        let daemon = Arc::new(Daemon {
            machine,
            controls,
            epoch: Mutex::new(stop.child_token()),
            boot_time,
            held: Arc::default(),
            connections: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
        });
        tokio::spawn(accept(daemon.clone(), listener, stop.clone()));
        let faults = befall::keep_time(daemon.machine.clone(), stop.clone());
        tokio::spawn(faults);
        tokio::spawn(obey(daemon.clone(), queue, stop));
        daemon
    }

    /// Whether nobody is connected.
    pub fn is_alone(&self) -> bool {
        self.connections.available_permits() == MAX_CONNECTIONS
    }

    fn epoch(&self) -> CancellationToken {
        self.epoch
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Ends all connections; new ones are served.
    pub fn disconnect_all(&self, stop: &CancellationToken) {
        let mut epoch = self.epoch.lock().unwrap_or_else(PoisonError::into_inner);
        epoch.cancel();
        *epoch = stop.child_token();
    }

    /// Waits until no session works, and keeps new ones waiting as long as the permit is held;
    /// `None` where one works on for longer than `patience`.
    pub async fn quiet(&self, patience: Duration) -> Option<SemaphorePermit<'_>> {
        // A server that a client runs here would work on for ever; its client starts it again.
        self.machine.automation.end();
        let all = self.machine.sessions.acquire_many(MAX_SESSIONS as u32);
        tokio::time::timeout(patience, all).await.ok()?.ok()
    }

    /// Asks for something that concerns the whole phone.
    pub fn control(&self, control: Control) {
        // A phone that is being stopped obeys nobody.
        let _ = self.controls.send(control);
    }

    /// [`Daemon::control`] after a moment, so that an answer gets out first.
    pub fn control_later(&self, control: Control, delay: Duration) {
        let controls = self.controls.clone();
        tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            let _ = controls.send(control);
        });
    }
}

async fn accept(daemon: Arc<Daemon>, listener: TcpListener, stop: CancellationToken) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        match accepted {
            // A phone that is not there does not even say why.
            Ok((socket, _)) if daemon.machine.faults.is_offline() => drop(socket),
            Ok((socket, _)) => {
                // Whoever is one too many is hung up on, and may try again.
                let Ok(place) = daemon.connections.clone().try_acquire_owned() else {
                    continue;
                };
                let (daemon, cancel) = (daemon.clone(), daemon.epoch().child_token());
                tokio::spawn(async move {
                    connection::serve(daemon, socket, cancel).await;
                    drop(place);
                });
            }
            // Out of file descriptors, for instance; it may get better.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn obey(
    daemon: Arc<Daemon>,
    mut queue: mpsc::UnboundedReceiver<Control>,
    stop: CancellationToken,
) {
    loop {
        let control = tokio::select! {
            control = queue.recv() => control,
            () = stop.cancelled() => return,
        };
        let Some(control) = control else { return };
        match control {
            Control::Reboot => {
                daemon.machine.faults.go_offline(daemon.boot_time);
                daemon.disconnect_all(&stop);
                let machine = daemon.machine.clone();
                // Booting draws and reads databases: off the reactor.
                let _ = tokio::task::spawn_blocking(move || machine.reboot()).await;
            }
            Control::Disconnect => daemon.disconnect_all(&stop),
            Control::Swap => {
                daemon
                    .machine
                    .faults
                    .go_offline(PATIENCE + daemon.boot_time);
                daemon.disconnect_all(&stop);
                // Commands that work on would mix what is there with what comes.
                let quiet = daemon.quiet(PATIENCE).await;
                let machine = daemon.machine.clone();
                let swapped = tokio::task::spawn_blocking(move || machine.swap()).await;
                if let Ok(Err(error)) = swapped {
                    tracing::warn!(%error, "the phone could not be swapped for another");
                }
                daemon.machine.faults.go_offline(daemon.boot_time);
                drop(quiet);
            }
            Control::Restart { root } => {
                daemon.machine.set_root(root);
                daemon.disconnect_all(&stop);
            }
            Control::Offline(duration) => {
                daemon.machine.faults.go_offline(duration);
                daemon.disconnect_all(&stop);
            }
        }
    }
}
