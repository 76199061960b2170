//! The accessibility forwarder: the service app with which `android-env` sees the screen. It is told by broadcasts
//! where a server listens, and sends it every new forest of accessibility trees, and what happened.
//!
//! What it was told is kept here and belongs to the machine; [`push`] is what sends. Uses the intents and settings.

pub mod events;
pub mod forest;
pub mod push;

use std::time::Duration;

use tokio::sync::watch;

use crate::phone::changes::Changes;
use crate::phone::system::{Extra, Intent, Namespace, Settings};
pub use crate::wire::forwarder::PACKAGE;

const SERVICE: &str = "com.google.androidenv.accessibilityforwarder.AccessibilityForwarder";
const RECEIVER: &str = "com.google.androidenv.accessibilityforwarder.FlagsBroadcastReceiver";
const ACTION: &str = "accessibility_forwarder.intent.action.";
/// The host as an emulator sees it, and the phone itself, where `adb reverse` may have brought a port: nobody else is
/// dialled.
const HOST: &str = "10.0.2.2";
const ITSELF: &str = "127.0.0.1";
/// Longest wait for a server that is slow to take a forest; a call that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(1);

/// Where a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    /// At a port of this machine's 127.0.0.1.
    Host(u16),
    /// At a port of the phone's own network.
    Phone(u16),
}

impl std::fmt::Display for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Server::Host(port) => write!(f, "{HOST}:{port}"),
            Server::Phone(port) => write!(f, "{ITSELF}:{port}"),
        }
    }
}

/// What the broadcasts said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flags {
    /// Forests are wanted, not only events.
    pub tree: bool,
    /// Sending is on.
    pub grpc: bool,
    /// The server.
    pub server: Option<Server>,
    /// Counts how often a server was named, so that the same one can be tried afresh.
    pub asked: u64,
}

impl Flags {
    const START: Flags = Flags {
        tree: false,
        grpc: true,
        server: None,
        asked: 0,
    };

    /// Where to send, if anywhere.
    pub fn target(&self) -> Option<(Server, u64)> {
        self.server
            .filter(|_| self.grpc)
            .map(|server| (server, self.asked))
    }
}

/// What the app was told, and how far it got.
#[derive(Debug)]
pub struct Forwarder {
    flags: watch::Sender<Flags>,
    /// The count of changes that a server knows; `None` while none is served.
    told: watch::Sender<Option<u64>>,
}

impl Default for Forwarder {
    fn default() -> Forwarder {
        Forwarder {
            flags: watch::Sender::new(Flags::START),
            told: watch::Sender::new(None),
        }
    }
}

impl Forwarder {
    /// A broadcast; those for others do nothing. Gives what the log says about it.
    pub fn receive(&self, intent: &Intent) -> Option<String> {
        let ours = intent
            .component
            .as_ref()
            .is_some_and(|(package, class)| package == PACKAGE && class == RECEIVER);
        let action = intent.action.as_deref()?.strip_prefix(ACTION)?;
        if !ours {
            return None;
        }
        let change = |change: &dyn Fn(&mut Flags)| self.flags.send_modify(|flags| change(flags));
        match action {
            "ENABLE_ACCESSIBILITY_TREE_LOGS" => change(&|flags| flags.tree = true),
            "DISABLE_ACCESSIBILITY_TREE_LOGS" => change(&|flags| flags.tree = false),
            "ENABLE_GRPC" => change(&|flags| flags.grpc = true),
            "DISABLE_GRPC" => change(&|flags| flags.grpc = false),
            "SET_GRPC" => match server(intent) {
                Ok(server) => change(&|flags| {
                    flags.server = Some(server);
                    flags.asked += 1;
                }),
                Err(reason) => return Some(reason),
            },
            other => return Some(format!("there is no flag {other}")),
        }
        Some(format!("{action}: done"))
    }

    /// Forgets everything, as a reboot does.
    pub fn forget(&self) {
        self.flags.send_modify(|flags| {
            *flags = Flags {
                asked: flags.asked,
                ..Flags::START
            }
        });
    }

    /// Waits until a server has been told of everything up to now; not for long, and not at all without one.
    pub async fn caught_up(&self, changes: &Changes) {
        let wanted = changes.count();
        let mut told = self.told.subscribe();
        let done = told.wait_for(|told| told.is_none_or(|count| count >= wanted));
        // A server that takes no forests waits for none either.
        let _ = tokio::time::timeout(PATIENCE, done).await;
    }

    /// What it was told, and every change of that.
    fn flags(&self) -> watch::Receiver<Flags> {
        self.flags.subscribe()
    }

    /// Stops trying a server, unless another one was named meanwhile.
    fn give_up(&self, asked: u64) {
        self.flags.send_if_modified(|flags| {
            let same = flags.asked == asked;
            if same {
                flags.server = None;
            }
            same
        });
    }

    fn set_told(&self, count: Option<u64>) {
        self.told.send_replace(count);
    }
}

/// The server of a `SET_GRPC`.
fn server(intent: &Intent) -> Result<Server, String> {
    let place = match intent.extra_text("host").as_deref() {
        None | Some(HOST) => Server::Host,
        Some(ITSELF) => Server::Phone,
        Some(other) => {
            return Err(format!(
                "{other} is not dialled: a virtual phone reaches the host as {HOST}, itself as {ITSELF} and nobody else"
            ));
        }
    };
    match intent.extras.get("port") {
        Some(Extra::Integer(port)) => u16::try_from(*port)
            .ok()
            .filter(|port| *port > 0)
            .map(place)
            .ok_or_else(|| format!("{port} is no port")),
        _ => Err("SET_GRPC needs a port (--ei port NUMBER)".to_owned()),
    }
}

/// Whether the user switched the service on.
pub fn is_enabled(settings: &Settings) -> bool {
    let enabled = settings.get(Namespace::Secure, "enabled_accessibility_services");
    let mut services = enabled.unwrap_or_default().split(':');
    services.any(|name| {
        let class = name
            .strip_prefix(PACKAGE)
            .and_then(|rest| rest.strip_prefix('/'));
        class.is_some_and(|class| class == SERVICE || class == ".AccessibilityForwarder")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broadcast(action: &str, extras: &[(&str, Extra)]) -> Intent {
        Intent {
            action: Some(format!("{ACTION}{action}")),
            component: Some((PACKAGE.to_owned(), RECEIVER.to_owned())),
            extras: extras
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
            ..Intent::default()
        }
    }

    #[test]
    fn flags_follow_the_broadcasts() {
        let forwarder = Forwarder::default();
        let flags = forwarder.flags();
        let host = |name: &str| ("host", Extra::Text(name.to_owned()));
        let port = |number: i64| ("port", Extra::Integer(number));
        forwarder.receive(&broadcast("ENABLE_ACCESSIBILITY_TREE_LOGS", &[]));
        assert_eq!((flags.borrow().tree, flags.borrow().target()), (true, None));
        forwarder.receive(&broadcast("SET_GRPC", &[port(9_000), host(HOST)]));
        assert_eq!(flags.borrow().target(), Some((Server::Host(9_000), 1)));
        for wrong in [
            vec![port(0)],
            vec![port(70_000)],
            vec![port(-1)],
            vec![],
            vec![port(80), host("198.51.100.7")],
            vec![port(80), host("10.0.2.2.example.com")],
        ] {
            let said = forwarder.receive(&broadcast("SET_GRPC", &wrong)).unwrap();
            assert!(!said.ends_with("done"), "{said}");
        }
        assert_eq!(flags.borrow().target(), Some((Server::Host(9_000), 1)));
        let own = [port(9_001), host(ITSELF)];
        forwarder.receive(&broadcast("SET_GRPC", &own));
        assert_eq!(flags.borrow().target(), Some((Server::Phone(9_001), 2)));
        forwarder.receive(&broadcast("SET_GRPC", &[port(9_000)]));
        forwarder.receive(&broadcast("DISABLE_GRPC", &[]));
        assert_eq!(flags.borrow().target(), None);
        forwarder.receive(&broadcast("ENABLE_GRPC", &[]));
        forwarder.receive(&broadcast("DISABLE_ACCESSIBILITY_TREE_LOGS", &[]));
        assert_eq!(
            (flags.borrow().tree, flags.borrow().target()),
            (false, Some((Server::Host(9_000), 3)))
        );
        forwarder.give_up(2);
        assert_eq!(flags.borrow().target(), Some((Server::Host(9_000), 3)));
        forwarder.give_up(3);
        assert_eq!(flags.borrow().target(), None);
        let elsewhere = Intent {
            component: None,
            ..broadcast("SET_GRPC", &[port(9_000)])
        };
        assert_eq!(forwarder.receive(&elsewhere), None);
    }
}
