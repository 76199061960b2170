//! A client that speaks ADB packets over TCP and takes what comes.

use std::time::Duration;

use bytes::BytesMut;
use stepdroid::domain::ScreenSize;
use stepdroid::phone::{ClockMode, Fault, Phone, PhoneOptions, PlannedFault};
use stepdroid::wire::packet::{Command, Packet, VERSION_SKIP_CHECKSUM};
use stepdroid::wire::shell_v2::{Kind, ShellPacket};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The longest that a phone in good health may be silent.
const PATIENCE: Duration = Duration::from_secs(60);

pub async fn phone(clock: ClockMode, seed: u64, faults: Vec<PlannedFault>) -> Phone {
    Phone::start(PhoneOptions {
        size: ScreenSize::parse("540x1200").unwrap(),
        clock,
        seed,
        faults,
        boot_time: Duration::from_millis(100),
        ..PhoneOptions::default()
    })
    .await
    .unwrap()
}

/// A fault that comes with the next service whose name contains a text.
pub fn with(service: &str, fault: Fault) -> PlannedFault {
    PlannedFault {
        service: service.to_owned(),
        ..PlannedFault::now(fault)
    }
}

/// What a command printed and how it ended; the exit code is missing where no exit packet came.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub stdout: Vec<u8>,
    pub stderr: String,
    pub status: Option<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }
}

pub struct Client {
    socket: TcpStream,
    buffer: BytesMut,
    local: u32,
}

impl Client {
    /// A connection that has said hello; what answers is for the caller to see.
    pub async fn hello(address: &str) -> Client {
        let socket = TcpStream::connect(address).await.unwrap();
        socket.set_nodelay(true).unwrap();
        let mut client = Client {
            socket,
            buffer: BytesMut::new(),
            local: 0,
        };
        let version = VERSION_SKIP_CHECKSUM;
        let banner = b"host::features=shell_v2";
        client
            .send(Command::Connect, version, 1 << 20, banner)
            .await;
        client
    }

    /// A connection that was let in; tries again while the phone is away.
    pub async fn connect(address: &str) -> Client {
        let trying = async {
            loop {
                if TcpStream::connect(address).await.is_ok() {
                    let mut client = Client::hello(address).await;
                    let packet = client.receive().await;
                    if packet.is_some_and(|packet| packet.command == Command::Connect) {
                        return client;
                    }
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, trying)
            .await
            .expect("the phone does not come back")
    }

    pub async fn send(&mut self, command: Command, arg0: u32, arg1: u32, payload: &[u8]) {
        let mut bytes = BytesMut::new();
        Packet::new(command, arg0, arg1, payload.to_vec()).encode(false, &mut bytes);
        // What became of it is seen in the answers.
        let _ = self.socket.write_all(&bytes).await;
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

    /// Everything a service says until it closes; `None` when it is refused or the connection ends.
    pub async fn ask(&mut self, service: &str) -> Option<Vec<u8>> {
        self.local += 1;
        let local = self.local;
        let name = format!("{service}\0");
        self.send(Command::Open, local, 0, name.as_bytes()).await;
        let mut all = Vec::new();
        loop {
            let packet = self.receive().await?;
            match packet.command {
                _ if packet.arg1 != local => {}
                Command::Write => {
                    all.extend_from_slice(&packet.payload);
                    self.send(Command::Okay, local, packet.arg0, &[]).await;
                }
                Command::Close if packet.arg0 == 0 => return None,
                Command::Close => return Some(all),
                _ => {}
            }
        }
    }

    /// A command line over the shell protocol's second version.
    pub async fn shell(&mut self, line: &str) -> Option<Answer> {
        let all = self.ask(&format!("shell,v2,raw:{line}")).await?;
        let mut bytes = BytesMut::from(&all[..]);
        let mut answer = Answer {
            stdout: Vec::new(),
            stderr: String::new(),
            status: None,
        };
        while let Some(packet) = ShellPacket::decode(&mut bytes).unwrap() {
            match packet.kind {
                Kind::Stdout => answer.stdout.extend_from_slice(&packet.data),
                Kind::Stderr => answer
                    .stderr
                    .push_str(&String::from_utf8_lossy(&packet.data)),
                Kind::Exit => answer.status = packet.data.first().copied(),
                _ => {}
            }
        }
        Some(answer)
    }

    /// The same for a command that works: its output.
    pub async fn run(&mut self, line: &str) -> String {
        let answer = self.shell(line).await.unwrap();
        assert_eq!(answer.status, Some(0), "{line}: {answer:?}");
        answer.text()
    }

    /// The tree that is dumped to the terminal.
    pub async fn tree(&mut self) -> String {
        self.run("uiautomator dump /dev/tty").await
    }
}

/// Whether a phone lets nobody in for as long as a client would wait for it.
pub async fn is_silent(client: &mut Client, time: Duration) -> bool {
    tokio::time::timeout(time, client.receive()).await.is_err()
}
