//! Words to systemd over the socket that `NOTIFY_SOCKET` names (sd_notify(3)). Where there is none, or it does not
//! listen, nothing happens.

use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::sync::Arc;
use std::time::Duration;

/// Longest that is waited for somebody who does not take a word.
const PATIENCE: Duration = Duration::from_secs(1);
/// What systemd is told beyond the time that is needed to stop.
const RESERVE: Duration = Duration::from_secs(15);

/// Whom to tell.
#[derive(Debug, Clone, Default)]
pub(super) struct Notifier {
    socket: Option<Arc<UnixDatagram>>,
    watchdog: Option<Duration>,
}

impl Notifier {
    /// As the environment says.
    pub(super) fn from_environment() -> Notifier {
        let Some(socket) = connect() else {
            return Notifier::default();
        };
        let number = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
        let own = number("WATCHDOG_PID").is_none_or(|pid| pid == u64::from(std::process::id()));
        Notifier {
            socket: Some(Arc::new(socket)),
            watchdog: number("WATCHDOG_USEC")
                .filter(|_| own)
                .map(Duration::from_micros),
        }
    }

    /// Says something: lines of `NAME=value`.
    pub(super) fn send(&self, text: &str) {
        if let Some(socket) = &self.socket {
            // Whoever does not listen misses it.
            let _ = socket.send(text.as_bytes());
        }
    }

    /// Says where things stand, in one line.
    pub(super) fn status(&self, text: &str) {
        self.send(&format!("STATUS={}", text.replace('\n', " ")));
    }

    /// Says that the end was asked for, and how long it may take.
    pub(super) fn stopping(&self, within: Duration) {
        let time = (within + RESERVE).as_micros();
        self.send(&format!("STOPPING=1\nEXTEND_TIMEOUT_USEC={time}"));
    }

    /// Time between two signs of life, where they are wanted: half of what is waited for them.
    pub(super) fn watchdog(&self) -> Option<Duration> {
        self.watchdog.map(|time| time / 2)
    }
}

fn connect() -> Option<UnixDatagram> {
    let name = std::env::var_os("NOTIFY_SOCKET")?;
    let address = match name.as_bytes().strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name),
        None => SocketAddr::from_pathname(&name),
    };
    let socket = UnixDatagram::unbound().ok()?;
    // Systemd that is busy must not hold the training up for long.
    socket.set_write_timeout(Some(PATIENCE)).ok()?;
    socket.connect_addr(&address.ok()?).ok()?;
    Some(socket)
}
