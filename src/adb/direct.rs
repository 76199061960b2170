//! A daemon reached directly over TCP: one connection, many streams, with delayed acknowledgement
//! where both sides have it (AOSP `protocol.txt`, `delayed_ack`).
//!
//! Packets have checksums, as the oldest version of the protocol has them: a device at the end of a bad line is lost,
//! and what it never said is not believed.
//!
//! A reader task owns the receiving half and hands data to the streams; writers share the sending
//! half behind a lock, one write a packet. When the connection ends, every stream ends with an error.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex as StdMutex, PoisonError};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{Mutex, Notify, mpsc};

use super::{AdbError, Connector, ServiceStream};
use crate::wire::packet::{Command, MAX_PAYLOAD, Packet, VERSION_MIN};

/// Features that this client has.
const FEATURES: &str =
    "shell_v2,cmd,stat_v2,ls_v2,fixed_push_mkdir,apex,abb,abb_exec,sendrecv_v2,delayed_ack";
/// Bytes that the daemon may send on one stream before we acknowledge.
const WINDOW: u32 = 8 << 20;
/// Room for one read, in bytes; a packet that is longer gets more.
const READ: usize = 64 << 10;

/// Opens streams over one direct connection, made on the first call and again after it broke.
#[derive(Debug)]
pub struct DirectConnector {
    address: String,
    connection: Mutex<Option<Arc<Connection>>>,
}

impl DirectConnector {
    /// A connector to `host:port`; nothing is connected yet.
    pub fn new(address: &str) -> DirectConnector {
        DirectConnector {
            address: address.to_owned(),
            connection: Mutex::new(None),
        }
    }

    async fn connection(&self) -> Result<Arc<Connection>, AdbError> {
        let mut slot = self.connection.lock().await;
        if let Some(connection) = slot.as_ref()
            && connection.broken().is_none()
        {
            return Ok(connection.clone());
        }
        let connection = Arc::new(Connection::dial(&self.address).await?);
        *slot = Some(connection.clone());
        Ok(connection)
    }
}

#[async_trait]
impl Connector for DirectConnector {
    fn serial(&self) -> &str {
        &self.address
    }

    async fn open(&self, service: &str) -> Result<Box<dyn ServiceStream>, AdbError> {
        let connection = self.connection().await?;
        Ok(Box::new(connection.open(service).await?))
    }

    async fn features(&self) -> Result<Vec<String>, AdbError> {
        Ok(self.connection().await?.features.clone())
    }

    async fn reset(&self) {
        if let Some(connection) = self.connection.lock().await.take() {
            connection
                .shared
                .fail("the connection was dropped on purpose");
        }
    }
}

/// What a stream is told by the reader task.
#[derive(Debug)]
enum Event {
    /// The first one accepts the stream, the later ones acknowledge writes; `bytes` more may be sent
    /// where acknowledgement is delayed.
    Okay {
        remote: u32,
        bytes: Option<u32>,
    },
    Data(Bytes),
    Closed,
}

#[derive(Debug)]
struct Shared {
    serial: String,
    streams: StdMutex<HashMap<u32, mpsc::UnboundedSender<Event>>>,
    broken: StdMutex<Option<String>>,
    stop: Notify,
    writer: Mutex<OwnedWriteHalf>,
}

impl Shared {
    fn streams(&self) -> std::sync::MutexGuard<'_, HashMap<u32, mpsc::UnboundedSender<Event>>> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Marks the connection as over; every stream sees its channel close.
    fn fail(&self, reason: &str) {
        self.broken
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert_with(|| reason.to_owned());
        self.streams().clear();
        self.stop.notify_one();
    }

    fn reason(&self) -> String {
        let broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
        broken
            .clone()
            .unwrap_or_else(|| "the stream was closed".into())
    }

    async fn send(&self, packet: &Packet) -> Result<(), AdbError> {
        let mut bytes = BytesMut::new();
        packet.encode(true, &mut bytes);
        let mut writer = self.writer.lock().await;
        if let Err(error) = writer.write_all(&bytes).await {
            self.fail(&error.to_string());
            return Err(AdbError::lost(&self.serial, "a write", error));
        }
        Ok(())
    }
}

#[derive(Debug)]
struct Connection {
    shared: Arc<Shared>,
    features: Vec<String>,
    delayed_ack: bool,
    max_payload: usize,
    next_id: AtomicU32,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.shared.fail("the connection was dropped");
    }
}

impl Connection {
    async fn dial(address: &str) -> Result<Connection, AdbError> {
        let socket = TcpStream::connect(address)
            .await
            .map_err(|error| AdbError::unreachable(address, error))?;
        // Without this, a header and a payload may wait 40 ms for each other's acknowledgement.
        let _ = socket.set_nodelay(true);
        let (mut reader, mut writer) = socket.into_split();
        let mut hello = BytesMut::new();
        let banner = format!("host::features={FEATURES}");
        Packet::new(
            Command::Connect,
            // Neither side leaves the checksums out then.
            VERSION_MIN,
            MAX_PAYLOAD,
            banner.into_bytes(),
        )
        .encode(true, &mut hello);
        writer
            .write_all(&hello)
            .await
            .map_err(|error| AdbError::unreachable(address, error))?;
        let mut buffer = BytesMut::new();
        let answer = loop {
            match Packet::decode(&mut buffer, false)
                .map_err(|error| AdbError::wire(address, &error))?
            {
                Some(packet) => break packet,
                None => {
                    let read = reader.read_buf(&mut buffer).await;
                    if read.map_err(|error| AdbError::unreachable(address, error))? == 0 {
                        return Err(AdbError::unreachable(
                            address,
                            "it closed the connection before its greeting",
                        ));
                    }
                }
            }
        };
        let refuse = |reason: &str| {
            Err(AdbError::Refused {
                serial: address.to_owned(),
                operation: "a direct connection".into(),
                reason: reason.into(),
            })
        };
        match answer.command {
            Command::Connect => {}
            Command::Auth => return refuse("it wants a key; connect it through the adb server"),
            Command::StartTls => {
                return refuse("it wants TLS; pair it and use usb: or the adb server");
            }
            other => return refuse(&format!("its first packet is {other:?}")),
        }
        if answer.arg0 < VERSION_MIN {
            return refuse(&format!("its protocol version is {:#010x}", answer.arg0));
        }
        let features = banner_features(&String::from_utf8_lossy(&answer.payload));
        let shared = Arc::new(Shared {
            serial: address.to_owned(),
            streams: StdMutex::new(HashMap::new()),
            broken: StdMutex::new(None),
            stop: Notify::new(),
            writer: Mutex::new(writer),
        });
        tokio::spawn(receive(reader, buffer, shared.clone()));
        Ok(Connection {
            delayed_ack: features.iter().any(|feature| feature == "delayed_ack"),
            max_payload: answer.arg1.clamp(4096, MAX_PAYLOAD) as usize,
            features,
            shared,
            next_id: AtomicU32::new(1),
        })
    }

    fn broken(&self) -> Option<String> {
        self.shared
            .broken
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    async fn open(&self, service: &str) -> Result<DirectStream, AdbError> {
        let local = self.next_id.fetch_add(1, Ordering::Relaxed);
        let (sender, mut events) = mpsc::unbounded_channel();
        self.shared.streams().insert(local, sender);
        // The stream exists from here on, so that dropping this future takes it off the table.
        let mut stream = DirectStream {
            shared: self.shared.clone(),
            local,
            remote: 0,
            window: None,
            acknowledged: true,
            delayed_ack: self.delayed_ack,
            max_payload: self.max_payload,
            pending: None,
            closed: false,
            events: mpsc::unbounded_channel().1,
        };
        let window = if self.delayed_ack { WINDOW } else { 0 };
        // Old daemons want the terminating zero.
        let name = format!("{service}\0").into_bytes();
        self.shared
            .send(&Packet::new(Command::Open, local, window, name))
            .await?;
        match events.recv().await {
            Some(Event::Okay { remote, bytes }) => {
                stream.remote = remote;
                stream.window = bytes.map(i64::from);
                stream.events = events;
                Ok(stream)
            }
            Some(Event::Closed) => {
                stream.closed = true;
                Err(AdbError::Refused {
                    serial: self.shared.serial.clone(),
                    operation: format!("the service {service:?}"),
                    reason: "it closed the stream at once".into(),
                })
            }
            Some(other) => Err(AdbError::malformed(
                &self.shared.serial,
                "the opening of a stream",
                format!("{other:?}"),
            )),
            None => Err(AdbError::lost(
                &self.shared.serial,
                "opening a stream",
                self.shared.reason(),
            )),
        }
    }
}

/// The features in `device::ro.product.name=..;features=a,b`.
fn banner_features(banner: &str) -> Vec<String> {
    let banner = banner.trim_end_matches('\0');
    banner
        .split([';', ':'])
        .find_map(|part| part.strip_prefix("features="))
        .map(|list| list.split(',').map(str::to_owned).collect())
        .unwrap_or_default()
}

/// Receives packets until the connection ends.
async fn receive(mut reader: OwnedReadHalf, mut buffer: BytesMut, shared: Arc<Shared>) {
    loop {
        loop {
            match Packet::decode(&mut buffer, true) {
                Ok(Some(packet)) => dispatch(&shared, packet),
                Ok(None) => break,
                Err(error) => return shared.fail(&error.to_string()),
            }
        }
        buffer.reserve(READ);
        let read = tokio::select! {
            read = reader.read_buf(&mut buffer) => read,
            () = shared.stop.notified() => return,
        };
        match read {
            Ok(0) => return shared.fail("the device closed the connection"),
            Ok(_) => {}
            Err(error) => return shared.fail(&error.to_string()),
        }
    }
}

fn dispatch(shared: &Arc<Shared>, packet: Packet) {
    let mut streams = shared.streams();
    let event = match packet.command {
        Command::Okay => {
            let bytes = packet.payload.get(..4).map(|bytes| {
                let mut word = [0; 4];
                word.copy_from_slice(bytes);
                u32::from_le_bytes(word)
            });
            Event::Okay {
                remote: packet.arg0,
                bytes,
            }
        }
        Command::Write => Event::Data(packet.payload),
        Command::Close => Event::Closed,
        Command::Connect | Command::Auth | Command::StartTls | Command::Open => return,
    };
    let closing = matches!(event, Event::Closed);
    if let Some(sender) = streams.get(&packet.arg1) {
        let _ = sender.send(event);
    }
    if closing {
        streams.remove(&packet.arg1);
    }
}

/// One multiplexed stream.
struct DirectStream {
    shared: Arc<Shared>,
    local: u32,
    remote: u32,
    /// Bytes that may still be sent, with delayed acknowledgement.
    window: Option<i64>,
    /// Whether the last write was acknowledged, without delayed acknowledgement.
    acknowledged: bool,
    delayed_ack: bool,
    max_payload: usize,
    /// Data that came while waiting for an acknowledgement.
    pending: Option<Bytes>,
    closed: bool,
    events: mpsc::UnboundedReceiver<Event>,
}

impl DirectStream {
    fn lost(&self, operation: &str) -> AdbError {
        AdbError::lost(&self.shared.serial, operation, self.shared.reason())
    }

    async fn acknowledge(&self, length: usize) -> Result<(), AdbError> {
        let payload = if self.delayed_ack {
            (length as u32).to_le_bytes().to_vec()
        } else {
            Vec::new()
        };
        self.shared
            .send(&Packet::new(
                Command::Okay,
                self.local,
                self.remote,
                payload,
            ))
            .await
    }

    fn take_acknowledgement(&mut self, bytes: Option<u32>) {
        match (&mut self.window, bytes) {
            (Some(window), Some(bytes)) => *window += i64::from(bytes),
            _ => self.acknowledged = true,
        }
    }

    fn may_send(&self) -> bool {
        self.window.map_or(self.acknowledged, |window| window > 0)
    }
}

#[async_trait]
impl ServiceStream for DirectStream {
    async fn read_chunk(&mut self) -> Result<Option<Bytes>, AdbError> {
        if let Some(data) = self.pending.take() {
            self.acknowledge(data.len()).await?;
            return Ok(Some(data));
        }
        loop {
            if self.closed {
                return Ok(None);
            }
            match self.events.recv().await {
                Some(Event::Data(data)) => {
                    self.acknowledge(data.len()).await?;
                    return Ok(Some(data));
                }
                Some(Event::Okay { bytes, .. }) => {
                    self.take_acknowledgement(bytes);
                }
                Some(Event::Closed) => self.closed = true,
                None => return Err(self.lost("a read")),
            }
        }
    }

    async fn write_all(&mut self, bytes: &[u8]) -> Result<(), AdbError> {
        let mut rest = bytes;
        while !rest.is_empty() {
            while !self.may_send() {
                match self.events.recv().await {
                    Some(Event::Okay { bytes, .. }) => {
                        self.take_acknowledgement(bytes);
                    }
                    Some(Event::Data(data)) => {
                        let mut joined =
                            BytesMut::from(self.pending.take().unwrap_or_default().as_ref());
                        joined.extend_from_slice(&data);
                        self.pending = Some(joined.freeze());
                    }
                    Some(Event::Closed) => {
                        self.closed = true;
                        return Err(AdbError::lost(
                            &self.shared.serial,
                            "a write",
                            "the device closed the stream",
                        ));
                    }
                    None => return Err(self.lost("a write")),
                }
            }
            let (chunk, left) = rest.split_at(rest.len().min(self.max_payload));
            self.shared
                .send(&Packet::new(
                    Command::Write,
                    self.local,
                    self.remote,
                    Bytes::copy_from_slice(chunk),
                ))
                .await?;
            match &mut self.window {
                Some(window) => *window -= chunk.len() as i64,
                None => self.acknowledged = false,
            }
            rest = left;
        }
        Ok(())
    }
}

impl Drop for DirectStream {
    fn drop(&mut self) {
        self.shared.streams().remove(&self.local);
        if self.closed && self.remote == 0 {
            return;
        }
        let (shared, local, remote) = (self.shared.clone(), self.local, self.remote);
        // Close politely in the background; without a runtime the connection is ending anyway.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let _ = shared
                    .send(&Packet::new(Command::Close, local, remote, Bytes::new()))
                    .await;
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::banner_features;

    #[test]
    fn features_are_read_from_the_banner() {
        let banner = "device::ro.product.name=x;ro.product.model=Pixel 6;features=shell_v2,cmd,delayed_ack\0";
        assert_eq!(banner_features(banner), ["shell_v2", "cmd", "delayed_ack"]);
        assert_eq!(banner_features("device::"), Vec::<String>::new());
        assert_eq!(banner_features("device::features=cmd"), ["cmd"]);
    }
}
