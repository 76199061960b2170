//! The server of the Python package uiautomator2 (`com.wetest.uia2.Main` of its `u2.jar`), as the phone runs it: a
//! shell command that holds the phone's accessibility for as long as it lives and answers HTTP on a port. Uses the
//! machine and the shell that started it.
//!
//! [`http`] is the protocol, [`methods`] what can be asked, [`nodes`] the tree that selectors look at, [`touches`] what
//! fingers and keys do. Where the real server shows the windows of the system too, this one shows the active window
//! alone, as `uiautomator dump` does.

mod http;
mod methods;
mod nodes;
mod touches;

use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::machine::Machine;
use super::shell::{Shell, Streams};

/// The class that the command names.
pub const MAIN: &str = "com.wetest.uia2.Main";
/// The port unless `-p` says another one.
const PORT: u16 = 9008;
/// How often the process looks whether it is to end.
const TURN: Duration = Duration::from_millis(5);
/// Longest that whoever kills the process waits for its end.
const KILLED: Duration = Duration::from_secs(1);
/// Most connections at a time.
const MOST: usize = 32;

/// Who holds the phone's accessibility, if anybody. `uiautomator` and this server exclude each other, and whoever
/// holds it keeps the accessibility services from hearing anything.
#[derive(Debug, Default)]
pub struct Automation {
    holder: Mutex<Option<Holder>>,
    /// Told when it is let go of.
    freed: Condvar,
}

#[derive(Debug, Clone)]
struct Holder {
    process: u32,
    user: u32,
    ended: Arc<AtomicBool>,
}

impl Automation {
    fn holder(&self) -> MutexGuard<'_, Option<Holder>> {
        self.holder.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a process holds it.
    pub fn is_held(&self) -> bool {
        self.holder().is_some()
    }

    /// Process and user that hold it.
    pub fn process(&self) -> Option<(u32, u32)> {
        let holder = self.holder();
        holder.as_ref().map(|holder| (holder.process, holder.user))
    }

    /// Tells the process that holds it to end.
    pub fn end(&self) {
        if let Some(holder) = &*self.holder() {
            holder.ended.store(true, Ordering::Release);
        }
    }

    /// Ends the process that holds it, as a signal does: afterwards it is gone.
    pub fn kill(&self) {
        self.end();
        let held = |holder: &mut Option<Holder>| {
            let ended = |holder: &Holder| holder.ended.load(Ordering::Acquire);
            holder.as_ref().is_some_and(ended)
        };
        // One that is stuck is left to itself.
        drop(self.freed.wait_timeout_while(self.holder(), KILLED, held));
    }

    /// Takes it until the registration is dropped; `None` while another process has it.
    pub fn register(&self, process: u32, user: u32) -> Option<Registration<'_>> {
        let mut holder = self.holder();
        if holder.is_some() {
            return None;
        }
        let ended = Arc::new(AtomicBool::new(false));
        *holder = Some(Holder {
            process,
            user,
            ended: ended.clone(),
        });
        Some(Registration {
            automation: self,
            ended,
        })
    }
}

/// Holds the accessibility as long as it lives.
#[derive(Debug)]
pub struct Registration<'a> {
    automation: &'a Automation,
    ended: Arc<AtomicBool>,
}

impl Drop for Registration<'_> {
    fn drop(&mut self) {
        *self.automation.holder() = None;
        self.automation.freed.notify_all();
    }
}

/// The connections of one server, to break them when it ends.
#[derive(Default)]
struct Connections {
    open: Mutex<Vec<Arc<UnixStream>>>,
}

impl Connections {
    fn all(&self) -> MutexGuard<'_, Vec<Arc<UnixStream>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a connection, unless there are too many.
    fn add(&self, socket: UnixStream) -> Option<Arc<UnixStream>> {
        let mut all = self.all();
        if all.len() >= MOST {
            return None;
        }
        let socket = Arc::new(socket);
        all.push(socket.clone());
        Some(socket)
    }

    fn remove(&self, socket: &Arc<UnixStream>) {
        self.all().retain(|other| !Arc::ptr_eq(other, socket));
    }

    fn break_all(&self) {
        for socket in self.all().drain(..) {
            // One that is closed already needs no breaking.
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

/// Runs the server until its client goes, it is killed, or asked to stop. The arguments are those behind the class.
pub fn run(shell: &Shell, arguments: &[String], streams: &Streams) -> i32 {
    let port = match port(arguments) {
        Ok(port) => port,
        Err(message) => {
            streams.complain(message);
            return 1;
        }
    };
    say(streams, "[UiAutomator2Server] Starting Server");
    let machine = shell.machine.clone();
    let Some(registration) = machine.automation.register(shell.process, shell.user) else {
        streams.complain(
            "java.lang.IllegalStateException: UiAutomationService \
             android.accessibilityservice.IAccessibilityServiceClient$Stub$Proxy@5deffd5already registered!",
        );
        return 1;
    };
    let connections = Arc::new(Connections::default());
    let address = format!("tcp:{port}");
    let server = Arc::new(methods::Server::new(&machine, registration.ended.clone()));
    let accepted = connections.clone();
    let listening = machine
        .loopback
        .listen(&address, None, false, move |socket| {
            serve(&server, &accepted, socket);
        });
    if listening.is_err() {
        streams
            .complain("java.net.BindException: bind failed: EADDRINUSE (Address already in use)");
        return 1;
    }
    say(streams, &format!("http server listening on *:{port}"));
    while !shell.is_cancelled() && !registration.ended.load(Ordering::Acquire) {
        std::thread::sleep(TURN);
    }
    machine.loopback.close(&address);
    connections.break_all();
    drop(registration);
    0
}

fn say(streams: &Streams, text: &str) {
    streams.line(format!("[server] INFO: {text}"));
    streams.flush();
}

/// The port of `[-p PORT]`.
fn port(arguments: &[String]) -> Result<u16, String> {
    let mut words = arguments.iter();
    let mut port = PORT;
    while let Some(word) = words.next() {
        match word.as_str() {
            "-p" | "--port" => {
                let text = words.next().ok_or("Missing argument for option: p")?;
                port =
                    text.parse().ok().filter(|port| *port > 0).ok_or_else(|| {
                        format!("Invalid port: {text}. Must be between 1 and 65535.")
                    })?;
            }
            other => return Err(format!("Unrecognized option: {other}")),
        }
    }
    Ok(port)
}

/// Serves a connection on a thread of its own.
fn serve(server: &Arc<methods::Server>, connections: &Arc<Connections>, socket: UnixStream) {
    let Some(socket) = connections.add(socket) else {
        return;
    };
    let (server, owner, own) = (server.clone(), connections.clone(), socket.clone());
    let spawned = std::thread::Builder::new()
        .name("phone-automator".to_owned())
        .spawn(move || {
            http::serve(&own, |request| server.answer(&request));
            owner.remove(&own);
            // The peer sees the end even where the list still holds the socket.
            let _ = own.shutdown(Shutdown::Both);
        });
    if spawned.is_err() {
        connections.remove(&socket);
    }
}

/// Whether a file of the phone is an archive with compiled classes, which is all that is looked at of a jar.
pub fn is_program(machine: &Machine, path: &str) -> bool {
    let Ok(mut file) = machine.files.open_read(path) else {
        return false;
    };
    super::apk::has_entry(&mut file, "classes.dex")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_holds_the_accessibility() {
        let automation = Automation::default();
        let first = automation.register(10, 2000).unwrap();
        assert!(automation.register(11, 2000).is_none());
        assert_eq!(automation.process(), Some((10, 2000)));
        automation.end();
        assert!(first.ended.load(Ordering::Acquire));
        // Who kills it waits until it has gone.
        std::thread::scope(|scope| {
            scope.spawn(|| automation.kill());
            drop(first);
        });
        assert!(!automation.is_held());
        automation.kill();
        assert!(automation.register(12, 0).is_some());
    }

    #[test]
    fn ports_are_read_from_the_arguments() {
        let words =
            |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_owned).collect() };
        assert_eq!(port(&words("")), Ok(9008));
        assert_eq!(port(&words("-p 9100")), Ok(9100));
        assert_eq!(port(&words("--port 1")), Ok(1));
        for wrong in ["-p", "-p 0", "-p 65536", "-p x", "-q"] {
            assert!(port(&words(wrong)).is_err(), "{wrong}");
        }
    }
}
