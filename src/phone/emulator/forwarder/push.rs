//! Sends the forest to the server that the forwarder was told of, at once when the screen changes and now and then
//! when it does not, as the app does. Uses `tonic`, the machine and its windows.

use std::sync::Arc;
use std::time::{Duration, Instant};

use prost::Message;
use tokio::net::{TcpListener, UnixStream};
use tokio_util::sync::CancellationToken;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

use super::{Server, events, forest::forest, is_enabled};
use crate::phone::faults::Condition;
use crate::phone::machine::Machine;
use crate::wire::emulator::Protobuf;
use crate::wire::forwarder::{Answer, Forest, SERVICE};

/// The app looks at the screen this often and sends what it sees.
const PERIOD: Duration = Duration::from_millis(100);
/// A call that takes longer has failed.
const CALL: Duration = Duration::from_secs(1);
/// First and longest pause before a server is tried again.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(2)];
/// Attempts in a row before a server is left alone, until it is named again.
const ATTEMPTS: u32 = 60;
/// Longest answer that is read.
const ANSWER: usize = 64 << 10;

/// A server and the broadcast that named it.
type Target = (Server, u64);

/// Forwards for a machine until `stop` is cancelled.
pub async fn forward(machine: Arc<Machine>, stop: CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = serve_targets(&machine) => {}
    }
}

async fn serve_targets(machine: &Arc<Machine>) {
    let mut flags = machine.forwarder.flags();
    loop {
        let target = match flags.wait_for(|flags| flags.target().is_some()).await {
            Ok(flags) => flags.target(),
            // The machine is gone.
            Err(_) => return,
        };
        if let Some(target) = target {
            serve_one(machine, target).await;
            machine.forwarder.set_told(None);
        }
    }
}

/// Sends to one server until another one, or none, is wanted.
async fn serve_one(machine: &Arc<Machine>, target: Target) {
    let mut flags = machine.forwarder.flags();
    let (mut attempts, mut pause) = (0, PAUSES[0]);
    loop {
        let mut sent = false;
        let Err(status) = send_all(machine, target, &mut sent).await else {
            return;
        };
        machine.forwarder.set_told(None);
        if sent {
            (attempts, pause) = (0, PAUSES[0]);
        }
        attempts += 1;
        complain(machine, target.0, &status);
        if attempts >= ATTEMPTS {
            tracing::debug!(server = %target.0, %status, "the forwarder gives its server up");
            return machine.forwarder.give_up(target.1);
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = flags.wait_for(|flags| flags.target() != Some(target)) => return,
        }
        pause = (pause * 2).min(PAUSES[1]);
    }
}

/// Whoever wonders why nothing comes finds it in the log.
fn complain(machine: &Machine, server: Server, status: &Status) {
    let now = machine.clock.now_micros();
    let text = format!("gRPC exception: {server}: {status}");
    let mut state = machine.look();
    state
        .system
        .log
        .write(now, 'E', "AccessibilityForwarder", &text);
}

/// Connects and sends; `Ok` when the target is no longer the wanted one. `sent` tells that a call succeeded.
async fn send_all(machine: &Arc<Machine>, target: Target, sent: &mut bool) -> Result<(), Status> {
    let mut link = Link::connect(machine, target.0).await?;
    let mut flags = machine.forwarder.flags();
    let mut last: Option<Forest> = None;
    let mut last_sent: Option<Instant> = None;
    loop {
        let now = *flags.borrow_and_update();
        if now.target() != Some(target) {
            return Ok(());
        }
        let count = machine.changes.count();
        let begin = Instant::now();
        let watched = machine.clone();
        let seen = tokio::task::spawn_blocking(move || look(&watched))
            .await
            .map_err(|error| Status::internal(error.to_string()))?;
        let took = begin.elapsed();
        let stale = machine.faults.is(Condition::StaleTree);
        let seen = match (seen, &last) {
            (Some(_), Some(old)) if stale => Some(old.clone()),
            (seen, _) => seen,
        };
        if let Some(new) = &seen {
            let changed = last.as_ref() != Some(new);
            let due = last_sent.is_none_or(|time| time.elapsed() >= PERIOD);
            if now.tree && (changed || due) {
                link.call("SendForest", new.clone()).await?;
                (*sent, last_sent) = (true, Some(Instant::now()));
            }
            if let (true, Some(old)) = (changed, &last) {
                for event in events::between(old, new, machine.clock.uptime_millis()) {
                    link.call("SendEvent", event).await?;
                    *sent = true;
                }
            }
        }
        last = seen;
        machine.forwarder.set_told(Some(count));
        // Half of the time is left to others, however busy the phone is.
        tokio::time::sleep(took).await;
        tokio::select! {
            () = machine.changes.next() => {}
            () = tokio::time::sleep(PERIOD) => {}
            _ = flags.changed() => {}
        }
    }
}

/// The forest now; `None` while the service is off.
fn look(machine: &Machine) -> Option<Forest> {
    let empty = machine.faults.is(Condition::EmptyTree);
    let layers = {
        let mut state = machine.look();
        let state = &mut *state;
        // Who holds the accessibility keeps the services from hearing anything.
        if !is_enabled(&state.system.settings) || machine.automation.is_held() {
            return None;
        }
        match empty {
            true => Vec::new(),
            false => state.windows.layers(&mut state.system),
        }
    };
    Some(forest(&layers))
}

/// A connection to `android_env.A11yService`.
struct Link {
    grpc: Grpc<Channel>,
}

impl Link {
    /// Only ever to this machine, or to whoever listens on the phone.
    async fn connect(machine: &Machine, server: Server) -> Result<Link, Status> {
        let unreachable = |error: &dyn std::fmt::Display| Status::unavailable(error.to_string());
        let port = match server {
            Server::Host(port) => port,
            Server::Phone(port) => own(machine, port)
                .await
                .map_err(|error| unreachable(&error))?,
        };
        let endpoint = Endpoint::from_shared(format!("http://127.0.0.1:{port}"))
            .map_err(|error| unreachable(&error))?
            .connect_timeout(CALL)
            .timeout(CALL);
        let connecting = tokio::time::timeout(CALL, endpoint.connect()).await;
        let channel = connecting
            .map_err(|_| unreachable(&"no answer"))?
            .map_err(|error| unreachable(&error))?;
        Ok(Link {
            grpc: Grpc::new(channel).max_decoding_message_size(ANSWER),
        })
    }

    async fn call<M: Message + 'static>(
        &mut self,
        method: &'static str,
        message: M,
    ) -> Result<(), Status> {
        let path = PathAndQuery::try_from(format!("{SERVICE}{method}"))
            .map_err(|error| Status::internal(error.to_string()))?;
        let ready = tokio::time::timeout(CALL, self.grpc.ready()).await;
        ready
            .map_err(|_| Status::deadline_exceeded("the connection was not ready"))?
            .map_err(|error| Status::unavailable(error.to_string()))?;
        let codec = Protobuf::<M, Answer>::default();
        let call = self.grpc.unary(Request::new(message), path, codec);
        let answer = tokio::time::timeout(CALL, call)
            .await
            .map_err(|_| Status::deadline_exceeded("no answer"))??;
        match answer.into_inner().error.as_str() {
            "" => Ok(()),
            error => Err(Status::internal(error)),
        }
    }
}

/// A port of this machine that leads, for one connection, to a port of the phone's own network.
async fn own(machine: &Machine, port: u16) -> std::io::Result<u16> {
    let refused = || std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
    let inside = machine.loopback.dial(&format!("tcp:{port}"));
    let inside = inside.ok_or_else(refused)?;
    inside.set_nonblocking(true)?;
    let mut inside = UnixStream::from_std(inside)?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let outside = listener.local_addr()?.port();
    tokio::spawn(async move {
        let Ok(Ok((mut socket, _))) = tokio::time::timeout(CALL, listener.accept()).await else {
            return;
        };
        // Either side may end it.
        let _ = tokio::io::copy_bidirectional(&mut socket, &mut inside).await;
    });
    Ok(outside)
}

#[cfg(test)]
mod tests {
    use super::super::{PACKAGE, SERVICE};
    use super::*;
    use crate::phone::system::Namespace;
    use crate::phone::{PhoneOptions, boot};

    #[test]
    fn nothing_is_heard_while_another_holds_the_accessibility() {
        let (machine, _root) = boot(&PhoneOptions::default()).unwrap();
        assert!(look(&machine).is_none(), "the service is off");
        let name = format!("{PACKAGE}/{SERVICE}");
        let mut state = machine.lock();
        let settings = &mut state.system.settings;
        settings
            .put(Namespace::Secure, "enabled_accessibility_services", name)
            .unwrap();
        drop(state);
        assert!(look(&machine).is_some());
        let held = machine.automation.register(4_002, 2_000);
        assert!(held.is_some() && look(&machine).is_none());
        drop(held);
        assert!(look(&machine).is_some());
    }
}
