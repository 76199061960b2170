//! Devices that need the `adb_client` crate: a USB cable without an adb server, wireless debugging
//! over TLS, pairing and discovery. The crate is blocking, so each device lives on a thread of its
//! own behind a channel.
//!
//! The crate speaks shell v1 here, which has no exit code and mixes the error output in; the command
//! is therefore wrapped so that the code comes back as a last line.

use std::net::{SocketAddr, SocketAddrV4};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use adb_client::mdns::{MDNSDevice, MDNSDiscoveryService};
use adb_client::server::ADBServer;
use adb_client::tcp::ADBTcpDevice;
use adb_client::usb::ADBUSBDevice;
use adb_client::{ADBDeviceExt, ADBListItemType, RustADBError};
use async_trait::async_trait;
use serde::Serialize;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::{
    AdbError, FileStat, RemoteEntry, ServerAddress, ServiceStream, ShellOutput, Transport, Upload,
};

/// Marks the exit code in the output.
const EXIT_MARK: &str = "stepdroid-exit:";

type BlockingDevice = Box<dyn ADBDeviceExt + Send>;
type Work = Box<dyn FnOnce(&mut dyn ADBDeviceExt) + Send>;

#[derive(Debug, Clone)]
enum Place {
    Usb { vendor: u16, product: u16 },
    OnlyUsb,
    Tls(SocketAddr),
}

impl Place {
    fn open(&self) -> Result<BlockingDevice, RustADBError> {
        Ok(match self {
            Place::Usb { vendor, product } => Box::new(ADBUSBDevice::new(*vendor, *product)?),
            Place::OnlyUsb => Box::new(ADBUSBDevice::autodetect()?),
            Place::Tls(address) => Box::new(ADBTcpDevice::new(*address)?),
        })
    }
}

/// A device behind the blocking crate.
#[derive(Debug)]
pub struct ClientTransport {
    serial: String,
    place: Place,
    /// The thread of the device; taken away when a call hangs, so that the next one starts anew.
    worker: Mutex<Option<Sender<Work>>>,
    /// Calls so far.
    calls: AtomicU64,
}

impl ClientTransport {
    /// A device on a USB cable: `VENDOR:PRODUCT` in hexadecimal as `lsusb` prints them, or `auto`
    /// for the only one.
    ///
    /// # Errors
    /// When the text has neither form. Nothing is opened yet.
    pub fn usb(device: &str) -> Result<ClientTransport, AdbError> {
        let place = if device == "auto" {
            Place::OnlyUsb
        } else {
            let ids = device.split_once(':').and_then(|(vendor, product)| {
                Some((
                    u16::from_str_radix(vendor, 16).ok()?,
                    u16::from_str_radix(product, 16).ok()?,
                ))
            });
            let (vendor, product) = ids.ok_or_else(|| {
                AdbError::Environment(format!(
                    "usb:{device} is neither usb:auto nor usb:VENDOR:PRODUCT (see lsusb)"
                ))
            })?;
            Place::Usb { vendor, product }
        };
        Ok(ClientTransport {
            serial: format!("usb:{device}"),
            place,
            worker: Mutex::new(None),
            calls: AtomicU64::new(0),
        })
    }

    /// A paired device with wireless debugging.
    pub fn tls(address: SocketAddr) -> ClientTransport {
        ClientTransport {
            serial: format!("tls:{address}"),
            place: Place::Tls(address),
            worker: Mutex::new(None),
            calls: AtomicU64::new(0),
        }
    }

    fn sender(&self) -> Sender<Work> {
        let mut worker = self
            .worker
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        worker
            .get_or_insert_with(|| {
                let (sender, receiver) = channel();
                let place = self.place.clone();
                std::thread::spawn(move || serve(&place, &receiver));
                sender
            })
            .clone()
    }

    fn forget_worker(&self) {
        self.worker
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .take();
    }

    async fn call<T: Send + 'static>(
        &self,
        operation: &str,
        deadline: Duration,
        work: impl FnOnce(&mut dyn ADBDeviceExt) -> Result<T, RustADBError> + Send + 'static,
    ) -> Result<T, AdbError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let (answer, received) = oneshot::channel();
        let job: Work = Box::new(move |device| {
            let _ = answer.send(work(device));
        });
        if self.sender().send(job).is_err() {
            self.forget_worker();
            return Err(AdbError::unreachable(
                &self.serial,
                "it could not be opened",
            ));
        }
        match timeout(deadline, received).await {
            Ok(Ok(Ok(value))) => Ok(value),
            Ok(Ok(Err(error))) => {
                self.forget_worker();
                Err(AdbError::lost(&self.serial, operation, error))
            }
            Ok(Err(_)) => {
                self.forget_worker();
                Err(AdbError::unreachable(
                    &self.serial,
                    "it could not be opened",
                ))
            }
            Err(_) => {
                // The thread may hang for ever inside the crate; it is left to itself.
                self.forget_worker();
                Err(AdbError::Timeout {
                    serial: self.serial.clone(),
                    operation: operation.into(),
                    deadline,
                })
            }
        }
    }
}

/// Opens the device and works through the queue until nobody sends any more.
fn serve(place: &Place, queue: &Receiver<Work>) {
    match place.open() {
        Ok(mut device) => {
            while let Ok(work) = queue.recv() {
                work(device.as_mut());
            }
        }
        // Dropping the queue tells the callers.
        Err(error) => tracing::warn!(?place, %error, "the device could not be opened"),
    }
}

/// Splits the wrapped output into the command's own and its exit code.
fn split_exit(output: &[u8]) -> Option<(Vec<u8>, u8)> {
    let text = String::from_utf8_lossy(output);
    let position = text.rfind(EXIT_MARK)?;
    let code = text[position + EXIT_MARK.len()..].trim().parse().ok()?;
    let marker = output
        .windows(EXIT_MARK.len())
        .rposition(|window| window == EXIT_MARK.as_bytes())?;
    Some((output[..marker].to_vec(), code))
}

#[async_trait]
impl Transport for ClientTransport {
    fn serial(&self) -> &str {
        &self.serial
    }

    fn round_trips(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    async fn shell(&self, command: &str, deadline: Duration) -> Result<ShellOutput, AdbError> {
        let wrapped = format!("{command}\necho {EXIT_MARK}$?");
        let output = self
            .call("a shell command", deadline, move |device| {
                let mut output = Vec::new();
                device.shell_command(&wrapped, Some(&mut output), None)?;
                Ok(output)
            })
            .await?;
        let (stdout, exit_code) = split_exit(&output).ok_or_else(|| {
            AdbError::lost(
                &self.serial,
                "a shell command",
                "it ended without an exit code",
            )
        })?;
        Ok(ShellOutput {
            stdout,
            stderr: Vec::new(),
            exit_code,
        })
    }

    async fn exec_out(&self, command: &str, deadline: Duration) -> Result<Vec<u8>, AdbError> {
        // The crate's own exec returns before any output has come; binary output goes through a file.
        let path = "/data/local/tmp/stepdroid-exec.bin";
        let output = self.shell(&format!("{command} > {path}"), deadline).await?;
        if output.exit_code != 0 {
            return Err(AdbError::Command {
                serial: self.serial.clone(),
                command: command.into(),
                exit_code: output.exit_code,
                message: output.text(),
            });
        }
        self.pull(path, 256 << 20, deadline).await
    }

    async fn stat(&self, path: &str, deadline: Duration) -> Result<FileStat, AdbError> {
        let remote = path.to_owned();
        let stat = self
            .call("stat", deadline, move |device| device.stat(&remote))
            .await?;
        if stat.file_perm == 0 {
            return Err(AdbError::NoFile {
                serial: self.serial.clone(),
                path: path.into(),
            });
        }
        Ok(FileStat {
            mode: stat.file_perm,
            size: stat.file_size.into(),
            mtime: stat.mod_time.into(),
        })
    }

    async fn list(&self, path: &str, deadline: Duration) -> Result<Vec<RemoteEntry>, AdbError> {
        let remote = path.to_owned();
        let items = self
            .call("list", deadline, move |device| device.list(&remote))
            .await?;
        let entries = items.into_iter().map(|item| {
            let (kind, item) = match item {
                ADBListItemType::Directory(item) => (0o040_000, item),
                ADBListItemType::Symlink(item) => (0o120_000, item),
                ADBListItemType::File(item)
                | ADBListItemType::Fifo(item)
                | ADBListItemType::CharacterDevice(item)
                | ADBListItemType::BlockDevice(item)
                | ADBListItemType::Socket(item)
                | ADBListItemType::Other(item) => (0o100_000, item),
            };
            let mode = kind | (item.permissions & 0o7777);
            RemoteEntry {
                name: item.name,
                stat: FileStat {
                    mode,
                    size: item.size.into(),
                    mtime: item.time.into(),
                },
            }
        });
        Ok(entries
            .filter(|entry| entry.name != "." && entry.name != "..")
            .collect())
    }

    async fn push(
        &self,
        files: &[Upload<'_>],
        mode: u32,
        _mtime: u32,
        deadline: Duration,
    ) -> Result<(), AdbError> {
        // The crate always pushes with mode 0777.
        let mut chmod = format!("chmod {:o}", mode & 0o7777);
        for file in files {
            let (data, remote) = (file.data.to_vec(), file.path.to_owned());
            self.call("push", deadline, move |device| {
                device.push(&mut data.as_slice(), &remote)
            })
            .await?;
            chmod.push(' ');
            chmod.push_str(&super::quote(file.path));
        }
        self.shell(&chmod, deadline).await.map(|_| ())
    }

    async fn pull(&self, path: &str, limit: u64, deadline: Duration) -> Result<Vec<u8>, AdbError> {
        let size = self.stat(path, deadline).await?.size;
        if size > limit {
            let detail = format!("{path} is longer than {limit} bytes");
            return Err(AdbError::malformed(&self.serial, "a file", detail));
        }
        let remote = path.to_owned();
        self.call("pull", deadline, move |device| {
            let mut data = Vec::new();
            device.pull(&remote, &mut data)?;
            Ok(data)
        })
        .await
    }

    async fn open(
        &self,
        service: &str,
        _deadline: Duration,
    ) -> Result<Box<dyn ServiceStream>, AdbError> {
        // The crate keeps its connection to itself.
        Err(AdbError::Refused {
            serial: self.serial.clone(),
            operation: format!("the service {service:?}"),
            reason: "raw streams need an adb server or a network address".into(),
        })
    }

    async fn reset(&self) {
        self.forget_worker();
    }
}

/// A device that announces wireless debugging on the local network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DiscoveredDevice {
    /// Service name.
    pub name: String,
    /// Addresses with ports.
    pub addresses: Vec<String>,
}

/// Listens for announcements for a while. Blocking.
///
/// # Errors
/// When this machine does not let us listen.
pub fn discover(wait: Duration) -> Result<Vec<DiscoveredDevice>, AdbError> {
    let environment =
        |error: RustADBError| AdbError::Environment(format!("discovery failed: {error}"));
    let (sender, receiver) = channel::<MDNSDevice>();
    let mut service = MDNSDiscoveryService::new().map_err(environment)?;
    service.start(sender).map_err(environment)?;
    let end = Instant::now() + wait;
    let mut found: Vec<DiscoveredDevice> = Vec::new();
    while let Ok(device) = receiver.recv_timeout(end.saturating_duration_since(Instant::now())) {
        if found.iter().any(|known| known.name == device.fullname) {
            continue;
        }
        let port = device.port();
        let mut addresses: Vec<String> = device
            .addresses()
            .into_iter()
            .map(|address| SocketAddr::new(address, port.get()).to_string())
            .collect();
        addresses.sort();
        found.push(DiscoveredDevice {
            name: device.fullname,
            addresses,
        });
    }
    let _ = service.shutdown();
    Ok(found)
}

/// Pairs with a device that shows a pairing code, through the adb server. Blocking.
///
/// # Errors
/// When the server or the device says no.
pub fn pair(address: SocketAddrV4, code: &str) -> Result<(), AdbError> {
    let server = ServerAddress::from_environment()?;
    let host = server
        .host
        .parse()
        .map_err(|_| AdbError::Environment(format!("{} is no address", server.host)))?;
    ADBServer::new(SocketAddrV4::new(host, server.port))
        .pair(address, code.to_owned())
        .map_err(|error| AdbError::Refused {
            serial: address.to_string(),
            operation: "pairing".into(),
            reason: error.to_string(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_is_the_last_line() {
        assert_eq!(
            split_exit(b"hello\nstepdroid-exit:7\n"),
            Some((b"hello\n".to_vec(), 7))
        );
        assert_eq!(
            split_exit(b"\xff stepdroid-exit:0\r\n"),
            Some((b"\xff ".to_vec(), 0))
        );
        assert_eq!(split_exit(b"hello"), None);
        assert_eq!(split_exit(b"stepdroid-exit:x"), None);
    }

    #[test]
    fn usb_names_are_checked() {
        assert!(ClientTransport::usb("auto").is_ok());
        assert!(ClientTransport::usb("18d1:4ee7").is_ok());
        assert!(ClientTransport::usb("R58M").is_err());
    }

    #[tokio::test]
    async fn a_device_that_can_not_be_opened_is_unreachable() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let transport = ClientTransport::tls(address);
        let error = transport
            .shell("true", Duration::from_secs(5))
            .await
            .unwrap_err();
        assert!(error.is_lost(), "{error}");
        let refused = transport.open("tcp:1", Duration::from_secs(5)).await;
        assert!(matches!(refused.err(), Some(AdbError::Refused { .. })));
    }
}
