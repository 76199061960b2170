//! A client that sends whatever it is told to, and what is measured of the phone meanwhile.

use std::time::{Duration, Instant};

use bytes::BytesMut;
use stepdroid::phone::{Phone, PhoneOptions};
use stepdroid::wire::packet::{Command, Packet, VERSION_SKIP_CHECKSUM};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The longest that a phone in good health may be silent.
const PATIENCE: Duration = Duration::from_secs(60);

pub async fn phone() -> Phone {
    Phone::start(PhoneOptions {
        size: stepdroid::domain::ScreenSize::parse("540x1200").unwrap(),
        ..PhoneOptions::default()
    })
    .await
    .unwrap()
}

/// A packet as bytes.
pub fn packet(command: Command, arg0: u32, arg1: u32, payload: &[u8]) -> BytesMut {
    let mut bytes = BytesMut::new();
    Packet::new(command, arg0, arg1, payload.to_vec()).encode(false, &mut bytes);
    bytes
}

/// The hello of a client.
pub fn hello(features: &str) -> BytesMut {
    let banner = format!("host::features={features}");
    let version = VERSION_SKIP_CHECKSUM;
    packet(Command::Connect, version, 1 << 20, banner.as_bytes())
}

pub struct Client {
    pub socket: TcpStream,
    buffer: BytesMut,
}

impl Client {
    pub async fn connect(phone: &Phone) -> Client {
        let mut client = Client {
            socket: TcpStream::connect(phone.serial()).await.unwrap(),
            buffer: BytesMut::new(),
        };
        client.socket.set_nodelay(true).unwrap();
        client.write(&hello("shell_v2")).await.unwrap();
        assert_eq!(client.receive().await.unwrap().command, Command::Connect);
        client
    }

    pub async fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.socket.write_all(bytes).await
    }

    /// Sends one packet; what became of it is seen in the answers.
    pub async fn send(&mut self, command: Command, arg0: u32, arg1: u32, payload: &[u8]) {
        let _ = self.write(&packet(command, arg0, arg1, payload)).await;
    }

    /// The next packet; `None` when the phone has hung up.
    pub async fn receive(&mut self) -> Option<Packet> {
        let read = async {
            loop {
                if let Some(packet) = Packet::decode(&mut self.buffer, false).unwrap() {
                    return Some(packet);
                }
                match self.socket.read_buf(&mut self.buffer).await {
                    Ok(0) | Err(_) => return None,
                    Ok(_) => {}
                }
            }
        };
        tokio::time::timeout(PATIENCE, read)
            .await
            .expect("the phone is silent")
    }

    /// Opens a stream; its id on the phone, `None` when it was refused.
    pub async fn open(&mut self, local: u32, service: &str) -> Option<u32> {
        self.send(Command::Open, local, 0, format!("{service}\0").as_bytes())
            .await;
        loop {
            let packet = self.receive().await?;
            match packet.command {
                Command::Okay if packet.arg1 == local => return Some(packet.arg0),
                Command::Close if packet.arg1 == local => return None,
                _ => {}
            }
        }
    }

    /// Everything a service says until it closes.
    pub async fn ask(&mut self, local: u32, service: &str) -> Option<Vec<u8>> {
        let remote = self.open(local, service).await?;
        let mut all = Vec::new();
        loop {
            let packet = self.receive().await?;
            match packet.command {
                _ if packet.arg1 != local => {}
                Command::Write => {
                    all.extend_from_slice(&packet.payload);
                    self.send(Command::Okay, local, remote, &[]).await;
                }
                Command::Close => return Some(all),
                _ => {}
            }
        }
    }
}

/// The phone answers a new client.
pub async fn answers(phone: &Phone) {
    let mut client = Client::connect(phone).await;
    assert_eq!(client.ask(1, "exec:echo alive").await.unwrap(), b"alive\n");
}

/// Tasks of this runtime that have not ended.
pub fn alive_tasks() -> usize {
    tokio::runtime::Handle::current()
        .metrics()
        .num_alive_tasks()
}

/// Waits until no more tasks run than there were before.
pub async fn calm(before: usize) {
    let started = Instant::now();
    while alive_tasks() > before {
        assert!(
            started.elapsed() < PATIENCE,
            "{} tasks instead of {before}",
            alive_tasks()
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Memory of this process in MiB. Other tests may run beside; bounds leave room for them.
pub fn memory() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = text.split(' ').nth(1).and_then(|word| word.parse().ok());
    (pages.unwrap_or(0_u64) * 4096) >> 20
}
