//! The server's sockets on the phone's own network. Uses the machine's network.

use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use super::Server;
use crate::wire::scrcpy::{NAME_LENGTH, socket_name};

/// How often somebody who waits sees whether the server is over.
pub const GLANCE: Duration = Duration::from_millis(20);

/// The sockets that the client asked for.
pub struct Sockets {
    /// Pictures.
    pub video: Option<UnixStream>,
    /// Sound.
    pub audio: Option<UnixStream>,
    /// Control.
    pub control: Option<UnixStream>,
}

/// Waits for the client, or goes to it; `None` when the server is over before.
///
/// # Errors
/// What the real server says when the address is taken or nobody listens.
pub fn open(server: &Server) -> Result<Option<Sockets>, String> {
    let name = match server.options.scid {
        Some(scid) => socket_name(scid),
        None => "scrcpy".to_owned(),
    };
    let address = format!("localabstract:{name}");
    let loopback = &server.machine.loopback;
    let (sender, arrivals) = mpsc::channel();
    if server.options.tunnel_forward {
        let sender = Mutex::new(sender);
        let accept = move |socket| {
            // After the last one that is wanted nobody takes them any more, and they close.
            let _ = sender
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .send(socket);
        };
        loopback
            .listen(&address, None, true, accept)
            .map_err(|_| "Address already in use".to_owned())?;
    }
    let next = || -> Result<Option<UnixStream>, String> {
        let socket = match server.options.tunnel_forward {
            true => arrival(server, &arrivals),
            false => Some(loopback.dial(&address).ok_or("Connection refused")?),
        };
        if let Some(socket) = &socket {
            let timed = socket
                .set_read_timeout(Some(GLANCE))
                .and_then(|()| socket.set_write_timeout(Some(GLANCE)));
            timed.map_err(|error| error.to_string())?;
        }
        Ok(socket)
    };
    let wanted = &server.options;
    let mut dummy = wanted.dummy_byte && wanted.tunnel_forward;
    let mut sockets = [None, None, None];
    let kinds = [wanted.video, wanted.audio, wanted.control];
    let mut outcome = Ok(true);
    for (slot, _) in sockets.iter_mut().zip(kinds).filter(|(_, wanted)| *wanted) {
        match next() {
            Ok(Some(socket)) => {
                if std::mem::take(&mut dummy) && send(server, &socket, &[0]).is_err() {
                    outcome = Ok(false);
                    break;
                }
                *slot = Some(socket);
            }
            Ok(None) => {
                outcome = Ok(false);
                break;
            }
            Err(message) => {
                outcome = Err(message);
                break;
            }
        }
    }
    if server.options.tunnel_forward {
        loopback.close(&address);
    }
    let [video, audio, control] = sockets;
    Ok(outcome?.then_some(Sockets {
        video,
        audio,
        control,
    }))
}

fn arrival(server: &Server, arrivals: &Receiver<UnixStream>) -> Option<UnixStream> {
    while !server.is_over() {
        if let Ok(socket) = arrivals.recv_timeout(GLANCE) {
            return Some(socket);
        }
    }
    None
}

impl Sockets {
    /// Says the device's name on the first socket, and on the one for sound that there is none.
    ///
    /// # Errors
    /// When the client has gone.
    pub fn greet(&self, server: &Server, device: &str) -> io::Result<()> {
        let mut name = [0; NAME_LENGTH];
        let mut length = device.len().min(NAME_LENGTH - 1);
        while !device.is_char_boundary(length) {
            length -= 1;
        }
        name[..length].copy_from_slice(&device.as_bytes()[..length]);
        let sockets = [&self.video, &self.audio, &self.control];
        if let Some(first) = sockets.into_iter().flatten().next() {
            send(server, first, &name)?;
        }
        if let Some(audio) = &self.audio {
            send(server, audio, &[0; 4])?;
        }
        Ok(())
    }
}

/// Sends everything, unless the server is over before.
///
/// # Errors
/// When the client has gone, or the server is over.
pub fn send(server: &Server, mut socket: &UnixStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match socket.write(bytes) {
            Ok(0) => return Err(ErrorKind::BrokenPipe.into()),
            Ok(count) => bytes = &bytes[count..],
            Err(error) if is_pause(&error) => {}
            Err(error) => return Err(error),
        }
        if server.is_over() && !bytes.is_empty() {
            return Err(ErrorKind::BrokenPipe.into());
        }
    }
    Ok(())
}

/// Reads what is there; `Some(0)` when nothing is for the moment, `None` at the end.
pub fn receive(mut socket: &UnixStream, into: &mut [u8]) -> Option<usize> {
    match socket.read(into) {
        Ok(0) => None,
        Ok(count) => Some(count),
        Err(error) if is_pause(&error) => Some(0),
        Err(_) => None,
    }
}

fn is_pause(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
    )
}

/// Waits for the end of a server without pictures: of its socket for sound, or of whatever else ends it.
pub fn watch(server: &Server, audio: Option<&UnixStream>) {
    let mut ignored = [0; 64];
    while !server.is_over() {
        match audio {
            Some(socket) if receive(socket, &mut ignored).is_none() => return,
            Some(_) => {}
            None => std::thread::sleep(GLANCE),
        }
    }
}
