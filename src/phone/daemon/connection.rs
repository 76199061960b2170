//! One ADB connection: handshake, and packets to and from its streams. Uses `wire`, `stream` and
//! `service`.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Daemon;
use super::authorization;
use super::outgoing::{Outgoing, Queues};
use super::service;
use super::stream::{Shared, StreamReader, StreamWriter, WINDOW};
use crate::wire::packet::{Command, MAX_PAYLOAD, Packet, VERSION_MIN, VERSION_SKIP_CHECKSUM};

/// What this phone can do, as real adbd of API 33 lists it and clients were seen to accept.
pub const FEATURES: &str =
    "shell_v2,cmd,stat_v2,ls_v2,fixed_push_mkdir,apex,abb,abb_exec,sendrecv_v2,delayed_ack";
/// Most streams that one connection may have open.
const MAX_STREAMS: usize = 512;
/// Most sessions of a connection that have a thread, or wait for one.
const MAX_SESSIONS: usize = 128;
/// Payloads shorter than this are copied: a slice would keep the whole buffer that it was read into.
const COPIED: usize = 64 << 10;
/// How long a peer may take to say hello, or to answer an opening.
const HANDSHAKE: Duration = Duration::from_secs(30);

struct Entry {
    shared: Arc<Shared>,
    inbound: mpsc::UnboundedSender<Bytes>,
}

/// A stream that the host was asked for.
pub struct Call {
    shared: Arc<Shared>,
    reader: StreamReader,
}

/// A connection as its services see it.
pub struct Connection {
    /// The daemon.
    pub daemon: Arc<Daemon>,
    /// Ends the connection.
    pub cancel: CancellationToken,
    streams: Mutex<HashMap<u32, Entry>>,
    outgoing: Outgoing,
    max_payload: AtomicU32,
    delayed: bool,
    next_id: AtomicU32,
    sessions: AtomicUsize,
    this: Weak<Connection>,
}

/// Serves a connection until it ends.
pub async fn serve(daemon: Arc<Daemon>, socket: TcpStream, cancel: CancellationToken) {
    // A peer that goes away is everyday life, not an error to report.
    let _ = run(daemon, socket, cancel).await;
}

async fn run(
    daemon: Arc<Daemon>,
    socket: TcpStream,
    cancel: CancellationToken,
) -> Result<(), ConnectionEnd> {
    socket.set_nodelay(true)?;
    let (mut input, output) = socket.into_split();
    let mut buffer = BytesMut::with_capacity(64 << 10);
    let hello = async {
        loop {
            let packet = read_packet(&mut input, &mut buffer, false).await?;
            if packet.command == Command::Connect {
                return Ok::<Packet, ConnectionEnd>(packet);
            }
        }
    };
    let hello = tokio::select! {
        hello = tokio::time::timeout(HANDSHAKE, hello) => hello.map_err(|_| ConnectionEnd)??,
        () = cancel.cancelled() => return Ok(()),
    };
    let version = hello.arg0.clamp(VERSION_MIN, VERSION_SKIP_CHECKSUM);
    let checksum = version < VERSION_SKIP_CHECKSUM;
    let banner = String::from_utf8_lossy(&hello.payload).into_owned();
    let delayed = banner
        .trim_end_matches('\0')
        .rsplit_once("features=")
        .is_some_and(|(_, list)| list.split([',', ';']).any(|one| one == "delayed_ack"));
    let (outgoing, queues) = Outgoing::new();
    let connection = Arc::new_cyclic(|this| Connection {
        daemon: daemon.clone(),
        cancel: cancel.clone(),
        streams: Mutex::default(),
        outgoing,
        max_payload: AtomicU32::new(hello.arg1.clamp(4096, MAX_PAYLOAD)),
        delayed,
        next_id: AtomicU32::new(1),
        sessions: AtomicUsize::new(0),
        this: this.clone(),
    });
    let writer = tokio::spawn(write_packets(output, queues, checksum, cancel.clone()));
    let admitted = authorization::admit(&connection, &mut input, &mut buffer, checksum).await;
    if admitted.is_ok() {
        connection.greet(version);
    }
    let result = loop {
        if admitted.is_err() {
            break admitted;
        }
        let next = async {
            connection.outgoing.uncongested().await;
            read_packet(&mut input, &mut buffer, checksum).await
        };
        let packet = tokio::select! {
            packet = next => packet,
            () = cancel.cancelled() => break Ok(()),
        };
        match packet {
            Ok(packet) if packet.command == Command::Connect => {
                connection.hang_up_all();
                connection.greet(version);
            }
            Ok(packet) => connection.handle(packet),
            Err(end) => break Err(end),
        }
    };
    cancel.cancel();
    connection.hang_up_all();
    daemon.machine.loopback.forget(connection.key());
    let _ = writer.await;
    result
}

/// A connection ended: closed, broken, or not speaking ADB.
#[derive(Debug)]
pub(super) struct ConnectionEnd;

impl From<io::Error> for ConnectionEnd {
    fn from(_: io::Error) -> ConnectionEnd {
        ConnectionEnd
    }
}

/// The next packet. What was read of one stays in the buffer when this is dropped.
pub(super) async fn read_packet(
    input: &mut OwnedReadHalf,
    buffer: &mut BytesMut,
    verify: bool,
) -> Result<Packet, ConnectionEnd> {
    loop {
        match Packet::decode(buffer, verify) {
            Ok(Some(packet)) => return Ok(packet),
            Ok(None) => {}
            Err(_) => return Err(ConnectionEnd),
        }
        buffer.reserve(64 << 10);
        if input.read_buf(buffer).await? == 0 {
            return Err(ConnectionEnd);
        }
    }
}

async fn write_packets(
    mut output: OwnedWriteHalf,
    mut queues: Queues,
    checksum: bool,
    cancel: CancellationToken,
) {
    let mut buffer = BytesMut::new();
    loop {
        let first = tokio::select! {
            biased;
            () = cancel.cancelled() => break,
            Some(next) = queues.next() => next,
            else => break,
        };
        buffer.clear();
        let mut next = Some(first);
        while let Some((packet, is_data)) = next {
            // The OKAY that opens a stream was queued before the stream's first data, but maybe after the
            // look at its queue that found nothing.
            while is_data && let Some(packet) = queues.control_now() {
                packet.encode(checksum, &mut buffer);
            }
            packet.encode(checksum, &mut buffer);
            // Small packets that wait already go out with one write.
            next = if buffer.len() < 16 << 10 {
                let waiting = queues.control_now().map(|packet| (packet, false));
                waiting.or_else(|| Some((queues.data.try_recv().ok()?, true)))
            } else {
                None
            };
        }
        let written = tokio::select! {
            written = output.write_all(&buffer) => written,
            () = cancel.cancelled() => break,
        };
        if written.is_err() {
            cancel.cancel();
            break;
        }
    }
    let _ = output.shutdown().await;
}

impl Connection {
    fn streams(&self) -> std::sync::MutexGuard<'_, HashMap<u32, Entry>> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number that tells this connection from the others.
    pub fn key(&self) -> usize {
        self.this.as_ptr() as usize
    }

    fn greet(&self, version: u32) {
        let name = {
            let state = self.daemon.machine.lock();
            let properties = &state.system.properties;
            format!(
                "device::ro.product.name={};ro.product.model={};ro.product.device={};features={FEATURES}",
                properties.get("ro.product.name"),
                properties.get("ro.product.model"),
                properties.get("ro.product.device"),
            )
        };
        self.send(Packet::new(
            Command::Connect,
            version,
            MAX_PAYLOAD,
            name.into_bytes(),
        ));
    }

    pub(super) fn send(&self, packet: Packet) {
        self.outgoing.control(packet);
    }

    fn hang_up_all(&self) {
        for (_, entry) in self.streams().drain() {
            entry.shared.hang_up();
        }
    }

    fn handle(&self, packet: Packet) {
        match packet.command {
            Command::Open => self.open(packet),
            Command::Okay => {
                let streams = self.streams();
                if let Some(entry) = streams.get(&packet.arg1) {
                    entry.shared.acknowledge(packet.arg0, &packet.payload);
                }
            }
            Command::Write => {
                let streams = self.streams();
                let Some(entry) = streams.get(&packet.arg1) else {
                    // Data for a stream that we closed meanwhile.
                    return;
                };
                if !entry.shared.arrive(packet.payload.len()) {
                    self.cancel.cancel();
                    return;
                }
                let payload = match packet.payload.len() < COPIED {
                    true => Bytes::copy_from_slice(&packet.payload),
                    false => packet.payload,
                };
                // A service that reads no more loses what still comes.
                let _ = entry.inbound.send(payload);
            }
            Command::Close => {
                let entry = self.streams().remove(&packet.arg1);
                if let Some(entry) = entry {
                    if !entry.shared.is_closed() {
                        self.send(Packet::new(
                            Command::Close,
                            packet.arg1,
                            packet.arg0,
                            Bytes::new(),
                        ));
                    }
                    entry.shared.hang_up();
                }
            }
            Command::Connect | Command::Auth | Command::StartTls => {}
        }
    }

    fn open(&self, packet: Packet) {
        let Some(this) = self.this.upgrade() else {
            return;
        };
        let remote = packet.arg0;
        let name = String::from_utf8_lossy(&packet.payload).into_owned();
        let name = name.strip_suffix('\0').unwrap_or(&name).to_owned();
        let session = service::needs_thread(&name);
        let full =
            self.is_full() || (session && self.sessions.load(Ordering::Acquire) >= MAX_SESSIONS);
        if remote == 0 || full || !service::is_known(&this, &name) {
            self.send(Packet::new(Command::Close, 0, remote, Bytes::new()));
            return;
        }
        let window = (self.delayed && packet.arg1 > 0).then_some(packet.arg1);
        let (shared, reader) = self.register(remote, window);
        let greeting = match window {
            Some(_) => Bytes::copy_from_slice(&WINDOW.to_le_bytes()),
            None => Bytes::new(),
        };
        self.send(Packet::new(Command::Okay, shared.local, remote, greeting));
        let writer = self.writer(shared);
        self.sessions
            .fetch_add(usize::from(session), Ordering::AcqRel);
        tokio::spawn(async move {
            service::serve(&this, &name, reader, writer.clone()).await;
            this.sessions
                .fetch_sub(usize::from(session), Ordering::AcqRel);
            writer.close().await;
            this.finished(writer.shared().local);
        });
    }

    fn is_full(&self) -> bool {
        self.streams().len() >= MAX_STREAMS
    }

    fn register(&self, remote: u32, window: Option<u32>) -> (Arc<Shared>, StreamReader) {
        let local = self.next_id.fetch_add(1, Ordering::Relaxed).max(1);
        let held = self.daemon.held.clone();
        let shared = Shared::new(local, remote, window, self.outgoing.clone(), held);
        let (inbound, queue) = mpsc::unbounded_channel();
        self.streams().insert(
            local,
            Entry {
                shared: shared.clone(),
                inbound,
            },
        );
        (shared.clone(), StreamReader::new(shared, queue))
    }

    fn writer(&self, shared: Arc<Shared>) -> StreamWriter {
        StreamWriter::new(shared, self.max_payload.load(Ordering::Relaxed) as usize)
    }

    /// Asks the host for a stream (`adb reverse`), before the next one that asks; `None` when there are too many.
    pub fn call(&self, service: &str) -> Option<Call> {
        if self.is_full() {
            return None;
        }
        // Bytes that the host may send at once, where it understands that; it answers with its own.
        let (window, credit) = match self.delayed {
            true => (WINDOW, Some(0)),
            false => (0, None),
        };
        let (shared, reader) = self.register(0, credit);
        let mut name = service.as_bytes().to_vec();
        name.push(0);
        self.send(Packet::new(Command::Open, shared.local, window, name));
        Some(Call { shared, reader })
    }

    /// The stream that was asked for; `None` when the host refuses or does not answer.
    pub async fn answered(&self, call: Call) -> Option<(StreamReader, StreamWriter)> {
        let Call { shared, reader } = call;
        let accepted = tokio::time::timeout(HANDSHAKE, shared.accepted()).await;
        if accepted != Ok(true) {
            self.finished(shared.local);
            return None;
        }
        Some((reader, self.writer(shared)))
    }

    /// Forgets a stream that both sides are done with.
    pub fn finished(&self, local: u32) {
        self.streams().remove(&local);
    }
}
