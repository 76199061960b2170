//! Devices behind an adb server: smart sockets on its TCP port (AOSP `SERVICES.TXT`).

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use serde::Serialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio::time::timeout;

use super::parse::devices::{DeviceLine, parse_devices};
use super::{AdbError, Connector, ServiceStream};
use crate::wire::smart_socket;

/// Longest answer text that is taken from a server, in bytes.
const TEXT_LIMIT: usize = 0xffff;
/// Most bytes of one read.
const READ: usize = 256 << 10;
/// How long a server may take to come up.
const START_DEADLINE: Duration = Duration::from_secs(10);
/// How long a list of devices may take.
const LIST_DEADLINE: Duration = Duration::from_secs(15);

/// Where an adb server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerAddress {
    /// Host.
    pub host: String,
    /// Port.
    pub port: u16,
}

impl ServerAddress {
    /// `ANDROID_ADB_SERVER_PORT` on this machine, else port 5037.
    ///
    /// # Errors
    /// When the variable is not a port.
    pub fn from_environment() -> Result<ServerAddress, AdbError> {
        let port = match std::env::var("ANDROID_ADB_SERVER_PORT") {
            Ok(text) => text.parse().map_err(|_| {
                AdbError::Environment(format!(
                    "ANDROID_ADB_SERVER_PORT is {text:?}, which is not a port"
                ))
            })?,
            Err(_) => 5037,
        };
        Ok(ServerAddress {
            host: "127.0.0.1".into(),
            port,
        })
    }

    /// `HOST:PORT`, with the standard port where none is said.
    ///
    /// # Errors
    /// When it has neither form.
    pub fn parse(text: &str) -> Result<ServerAddress, AdbError> {
        let (host, port) = text.rsplit_once(':').unwrap_or((text, "5037"));
        match port.parse() {
            Ok(port) if !host.is_empty() && port != 0 => Ok(ServerAddress {
                host: host.to_owned(),
                port,
            }),
            _ => Err(AdbError::Environment(format!(
                "{text:?} is no adb server; write HOST:PORT, as in 10.0.0.7:5037"
            ))),
        }
    }

    /// Whether it is on this machine.
    pub fn is_here(&self) -> bool {
        matches!(self.host.as_str(), "127.0.0.1" | "localhost")
    }

    async fn dial(&self) -> Result<TcpStream, AdbError> {
        let name = self.to_string();
        let socket = TcpStream::connect((self.host.as_str(), self.port))
            .await
            .map_err(|error| AdbError::unreachable(&name, error))?;
        let _ = socket.set_nodelay(true);
        Ok(socket)
    }

    /// Connects, starting a server on this machine when none listens.
    async fn dial_or_start(&self) -> Result<TcpStream, AdbError> {
        match self.dial().await {
            Ok(socket) => Ok(socket),
            Err(error) if !self.is_here() => Err(error),
            Err(_) => {
                self.start().await?;
                self.dial().await
            }
        }
    }

    pub(super) async fn start(&self) -> Result<(), AdbError> {
        let adb = program();
        let start = tokio::process::Command::new(&adb)
            .args(["-P", &self.port.to_string(), "start-server"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .status();
        match timeout(START_DEADLINE, start).await {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => Err(AdbError::Environment(format!(
                "`{} start-server` on port {} ended with {status}",
                adb.display(),
                self.port
            ))),
            Ok(Err(error)) => Err(AdbError::Environment(format!(
                "no adb server on port {} and none could be started with `{}`: {error}; install adb or run `make setup`",
                self.port,
                adb.display()
            ))),
            Err(_) => Err(AdbError::Environment(format!(
                "the adb server on port {} did not start within {} s",
                self.port,
                START_DEADLINE.as_secs()
            ))),
        }
    }

    /// Sends a request that is answered with OKAY and a text.
    ///
    /// # Errors
    /// When no server can be had, or it says no.
    pub async fn ask(&self, request: &str) -> Result<String, AdbError> {
        let socket = self.dial_or_start().await?;
        self.ask_over(socket, request).await
    }

    /// The same of a server that runs.
    pub(super) async fn ask_running(&self, request: &str) -> Result<String, AdbError> {
        let socket = self.dial().await?;
        self.ask_over(socket, request).await
    }

    async fn ask_over(&self, mut socket: TcpStream, request: &str) -> Result<String, AdbError> {
        let name = self.to_string();
        send_request(&mut socket, &name, request).await?;
        read_text(&mut socket, &name).await
    }
}

impl std::fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "adb server {}:{}", self.host, self.port)
    }
}

/// The program that starts a server: `adb` of the checkout's set-up when there is one, else the one on
/// PATH.
pub fn program() -> PathBuf {
    let local = PathBuf::from(".deps/bin/adb");
    if local.is_file() {
        local
    } else {
        PathBuf::from("adb")
    }
}

/// A device that a server knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedDevice {
    /// Serial.
    pub serial: String,
    /// `device`, `offline`, `unauthorized`, `no permissions`, ...
    pub state: String,
    /// Model, where the server says it.
    pub model: Option<String>,
}

/// The devices of the server named by the environment.
///
/// # Errors
/// When no server can be had.
pub async fn list_devices() -> Result<Vec<ListedDevice>, AdbError> {
    list_devices_of(&ServerAddress::from_environment()?).await
}

/// The devices of a server.
///
/// # Errors
/// When it can't be had, or does not answer in time.
pub async fn list_devices_of(server: &ServerAddress) -> Result<Vec<ListedDevice>, AdbError> {
    let asked = timeout(LIST_DEADLINE, server.ask("host:devices-l")).await;
    let answer = asked.unwrap_or_else(|_| {
        Err(AdbError::Timeout {
            serial: server.to_string(),
            operation: "host:devices-l".to_owned(),
            deadline: LIST_DEADLINE,
        })
    })?;
    Ok(parse_devices(&answer)
        .into_iter()
        .map(
            |DeviceLine {
                 serial,
                 state,
                 properties,
             }| ListedDevice {
                serial,
                state,
                model: properties
                    .into_iter()
                    .find(|(key, _)| key == "model")
                    .map(|(_, value)| value),
            },
        )
        .collect())
}

async fn send_request(socket: &mut TcpStream, serial: &str, request: &str) -> Result<(), AdbError> {
    let bytes = smart_socket::encode(request).map_err(|error| AdbError::wire(serial, &error))?;
    socket
        .write_all(&bytes)
        .await
        .map_err(|error| AdbError::lost(serial, request, error))?;
    let mut status = [0; 4];
    socket
        .read_exact(&mut status)
        .await
        .map_err(|error| AdbError::lost(serial, request, error))?;
    match &status {
        b"OKAY" => Ok(()),
        b"FAIL" => {
            let reason = read_text(socket, serial).await?;
            if reason.contains("not found")
                || reason.contains("offline")
                || reason.contains("no devices")
            {
                return Err(AdbError::unreachable(serial, reason));
            }
            Err(AdbError::Refused {
                serial: serial.to_owned(),
                operation: request.to_owned(),
                reason,
            })
        }
        other => Err(AdbError::malformed(
            serial,
            "a status",
            String::from_utf8_lossy(other).escape_default(),
        )),
    }
}

async fn read_text(socket: &mut TcpStream, serial: &str) -> Result<String, AdbError> {
    let mut digits = [0; 4];
    socket
        .read_exact(&mut digits)
        .await
        .map_err(|error| AdbError::lost(serial, "an answer", error))?;
    let length =
        smart_socket::decode_length(digits).map_err(|error| AdbError::wire(serial, &error))?;
    let mut text = vec![0; length.min(TEXT_LIMIT)];
    socket
        .read_exact(&mut text)
        .await
        .map_err(|error| AdbError::lost(serial, "an answer", error))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// Opens streams to one device of a server; every stream is a connection to the server.
#[derive(Debug)]
pub struct ServerConnector {
    server: ServerAddress,
    serial: String,
    features: OnceCell<Vec<String>>,
}

impl ServerConnector {
    /// A connector to a device by its serial.
    pub fn new(server: ServerAddress, serial: &str) -> ServerConnector {
        ServerConnector {
            server,
            serial: serial.to_owned(),
            features: OnceCell::new(),
        }
    }

    async fn open_socket(&self, service: &str) -> Result<TcpStream, AdbError> {
        let mut socket = self.server.dial_or_start().await?;
        send_request(
            &mut socket,
            &self.serial,
            &format!("host:transport:{}", self.serial),
        )
        .await?;
        send_request(&mut socket, &self.serial, service).await?;
        Ok(socket)
    }

    /// Forwards a local TCP port (0 for any) to a target such as `tcp:9008`; returns the port.
    ///
    /// # Errors
    /// When the server says no.
    pub async fn forward(&self, local_port: u16, target: &str) -> Result<u16, AdbError> {
        let request = format!(
            "host-serial:{}:forward:tcp:{local_port};{target}",
            self.serial
        );
        let mut socket = self.server.dial_or_start().await?;
        send_request(&mut socket, &self.serial, &request).await?;
        // A second status follows the first, and for port 0 the port that was chosen.
        let mut status = [0; 4];
        socket
            .read_exact(&mut status)
            .await
            .map_err(|error| AdbError::lost(&self.serial, "forward", error))?;
        if &status == b"FAIL" {
            let reason = read_text(&mut socket, &self.serial).await?;
            return Err(AdbError::Refused {
                serial: self.serial.clone(),
                operation: request,
                reason,
            });
        }
        if local_port != 0 {
            return Ok(local_port);
        }
        let port = read_text(&mut socket, &self.serial).await?;
        port.parse()
            .map_err(|_| AdbError::malformed(&self.serial, "a forwarded port", port))
    }

    /// The forwards of this device as `local remote` pairs.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn forwards(&self) -> Result<Vec<(String, String)>, AdbError> {
        let text = self.server.ask("host:list-forward").await?;
        Ok(text
            .lines()
            .filter_map(|line| {
                let mut words = line.split_whitespace();
                let (serial, local, remote) = (words.next()?, words.next()?, words.next()?);
                (serial == self.serial).then(|| (local.to_owned(), remote.to_owned()))
            })
            .collect())
    }

    /// Removes a forward.
    ///
    /// # Errors
    /// When there is none, or the server does not answer.
    pub async fn remove_forward(&self, local_port: u16) -> Result<(), AdbError> {
        let request = format!("host-serial:{}:killforward:tcp:{local_port}", self.serial);
        let mut socket = self.server.dial_or_start().await?;
        send_request(&mut socket, &self.serial, &request).await
    }
}

#[async_trait]
impl Connector for ServerConnector {
    fn serial(&self) -> &str {
        &self.serial
    }

    async fn open(&self, service: &str) -> Result<Box<dyn ServiceStream>, AdbError> {
        let socket = self.open_socket(service).await?;
        Ok(Box::new(ServerStream {
            serial: self.serial.clone(),
            socket,
            buffer: BytesMut::new(),
        }))
    }

    async fn features(&self) -> Result<Vec<String>, AdbError> {
        let ask = || async {
            let text = self
                .server
                .ask(&format!("host-serial:{}:features", self.serial))
                .await?;
            Ok(text
                .split(',')
                .map(|feature| feature.trim().to_owned())
                .collect())
        };
        self.features.get_or_try_init(ask).await.cloned()
    }

    async fn reset(&self) {
        // Every stream has a connection of its own: there is nothing to drop.
    }
}

struct ServerStream {
    serial: String,
    socket: TcpStream,
    buffer: BytesMut,
}

#[async_trait]
impl ServiceStream for ServerStream {
    async fn read_chunk(&mut self) -> Result<Option<Bytes>, AdbError> {
        // The memory of chunks that are done with is used again.
        self.buffer.reserve(READ);
        match self.socket.read_buf(&mut self.buffer).await {
            Ok(0) => Ok(None),
            Ok(_) => Ok(Some(self.buffer.split().freeze())),
            Err(error) => Err(AdbError::lost(&self.serial, "a read", error)),
        }
    }

    async fn write_all(&mut self, bytes: &[u8]) -> Result<(), AdbError> {
        self.socket
            .write_all(bytes)
            .await
            .map_err(|error| AdbError::lost(&self.serial, "a write", error))
    }
}
