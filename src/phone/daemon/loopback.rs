//! The phone's own network: ports and abstract sockets that exist inside one phone only, so that
//! phones on one machine never collide. Uses socket pairs of the host.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

use crate::phone::shell::Streams;

/// Most addresses that are listened at.
const MAX_LISTENERS: usize = 1024;
/// Longest address, in bytes.
const MAX_ADDRESS: usize = 4096;

type Accept = Arc<dyn Fn(UnixStream) + Send + Sync>;

struct Listener {
    accept: Accept,
    /// The connection that asked for it with `adb reverse`, and where it leads.
    reverse: Option<(usize, String)>,
}

/// Who listens, by address: `tcp:7000`, `localabstract:name`.
#[derive(Default)]
pub struct Loopback {
    listeners: Mutex<BTreeMap<String, Listener>>,
}

impl Loopback {
    fn listeners(&self) -> MutexGuard<'_, BTreeMap<String, Listener>> {
        self.listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether somebody listens there.
    pub fn is_listening(&self, name: &str) -> bool {
        self.listeners().contains_key(name)
    }

    /// Listens at an address. An `adb reverse` of before is replaced unless `keep`; any other
    /// listener makes it an error, with the text for the client.
    pub fn listen(
        &self,
        name: &str,
        reverse: Option<(usize, &str)>,
        keep: bool,
        accept: impl Fn(UnixStream) + Send + Sync + 'static,
    ) -> Result<(), String> {
        let target = reverse.map_or("", |(_, target)| target);
        if name.len().max(target.len()) > MAX_ADDRESS {
            return Err("cannot bind listener: address too long".to_owned());
        }
        let mut listeners = self.listeners();
        match listeners.get(name) {
            Some(old) if old.reverse.is_none() => {
                return Err("cannot bind listener: Address already in use".to_owned());
            }
            Some(_) if keep => return Err("cannot rebind existing socket".to_owned()),
            None if listeners.len() >= MAX_LISTENERS => {
                return Err("cannot bind listener: too many listeners".to_owned());
            }
            _ => {}
        }
        listeners.insert(
            name.to_owned(),
            Listener {
                accept: Arc::new(accept),
                reverse: reverse.map(|(key, target)| (key, target.to_owned())),
            },
        );
        Ok(())
    }

    /// Stops listening at an address; tells whether anybody did.
    pub fn close(&self, name: &str) -> bool {
        self.listeners().remove(name).is_some()
    }

    /// Stops everything that a connection asked for.
    pub fn forget(&self, key: usize) {
        self.listeners().retain(|_, listener| {
            listener
                .reverse
                .as_ref()
                .is_none_or(|(owner, _)| *owner != key)
        });
    }

    /// Stops everything.
    pub fn clear(&self) {
        self.listeners().clear();
    }

    /// What a connection reversed: address on the phone and on the host.
    pub fn reversed(&self, key: usize) -> Vec<(String, String)> {
        self.listeners()
            .iter()
            .filter_map(|(name, listener)| {
                let (owner, target) = listener.reverse.as_ref()?;
                (*owner == key).then(|| (name.clone(), target.clone()))
            })
            .collect()
    }

    /// A port that nobody listens at.
    pub fn free_port(&self) -> u16 {
        let listeners = self.listeners();
        (40_000..u16::MAX)
            .find(|port| !listeners.contains_key(&format!("tcp:{port}")))
            .unwrap_or(u16::MAX)
    }

    /// Connects to an address; `None` when nobody listens.
    pub fn dial(&self, name: &str) -> Option<UnixStream> {
        let accept = self.listeners().get(name)?.accept.clone();
        let (ours, theirs) = UnixStream::pair().ok()?;
        accept(theirs);
        Some(ours)
    }

    /// `nc HOST PORT`: carries the streams to an address and back until it closes.
    pub fn talk(
        &self,
        name: &str,
        streams: &Streams,
        cancelled: &Arc<AtomicBool>,
    ) -> Result<(), String> {
        let socket = self.dial(name).ok_or("connect: Connection refused")?;
        carry(socket, streams, cancelled).map_err(|error| error.to_string())
    }

    /// `nc -l`: waits for one connection at an address and carries it.
    pub fn serve_once(
        &self,
        name: &str,
        streams: &Streams,
        cancelled: &Arc<AtomicBool>,
    ) -> Result<(), String> {
        let (sender, receiver) = mpsc::channel();
        let sender = Mutex::new(sender);
        self.listen(name, None, false, move |socket| {
            // Only the first one is served.
            let _ = sender
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .send(socket);
        })
        .map_err(|_| "bind: Address already in use".to_owned())?;
        let socket = loop {
            match receiver.recv_timeout(Duration::from_millis(20)) {
                Ok(socket) => break Some(socket),
                Err(_) if cancelled.load(Ordering::Relaxed) => break None,
                Err(_) => {}
            }
        };
        self.close(name);
        match socket {
            Some(socket) => carry(socket, streams, cancelled).map_err(|error| error.to_string()),
            None => Ok(()),
        }
    }
}

fn carry(
    socket: UnixStream,
    streams: &Streams,
    cancelled: &Arc<AtomicBool>,
) -> std::io::Result<()> {
    let mut input = socket.try_clone()?;
    input.set_read_timeout(Some(Duration::from_millis(50)))?;
    let mut output = socket;
    let source = streams.input.clone();
    // The thread ends with the client's input or with its session.
    std::thread::Builder::new()
        .name("phone-nc".to_owned())
        .spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(count @ 1..) = source.read(&mut chunk) {
                if output.write_all(&chunk[..count]).is_err() {
                    return;
                }
            }
            let _ = output.shutdown(std::net::Shutdown::Write);
        })?;
    let mut chunk = vec![0; 64 << 10];
    while !cancelled.load(Ordering::Relaxed) {
        match input.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => {
                streams.print(&chunk[..count]);
                streams.flush();
            }
            Err(error)
                if matches!(
                    error.kind(),
                    std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
                ) => {}
            Err(_) => break,
        }
    }
    Ok(())
}
