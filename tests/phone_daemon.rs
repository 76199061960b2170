//! The phone's ADB daemon against a client that speaks packets: delayed acknowledgement, old
//! versions, many streams, and bytes that no client should send.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use proptest::prelude::*;
use stepdroid::phone::{Fault, Phone, PhoneOptions, PlannedFault};
use stepdroid::wire::packet::{Command, Packet, VERSION_MIN, VERSION_SKIP_CHECKSUM};
use stepdroid::wire::sync::Id;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

struct Client {
    socket: TcpStream,
    buffer: BytesMut,
    checksum: bool,
}

impl Client {
    async fn connect(phone: &Phone, version: u32, features: &str) -> Client {
        let mut client = Client {
            socket: TcpStream::connect(phone.serial()).await.unwrap(),
            buffer: BytesMut::new(),
            checksum: version < VERSION_SKIP_CHECKSUM,
        };
        let banner = format!("host::features={features}");
        client
            .send(Command::Connect, version, 1 << 20, banner.as_bytes())
            .await;
        let hello = client.receive().await.unwrap();
        assert_eq!((hello.command, hello.arg0), (Command::Connect, version));
        assert!(
            hello
                .payload
                .starts_with(b"device::ro.product.name=sdk_gphone64_x86_64;")
        );
        client
    }

    async fn send(&mut self, command: Command, arg0: u32, arg1: u32, payload: &[u8]) {
        let mut bytes = BytesMut::new();
        Packet::new(command, arg0, arg1, payload.to_vec()).encode(self.checksum, &mut bytes);
        self.socket.write_all(&bytes).await.unwrap();
    }

    /// The next packet; `None` when the phone has hung up.
    async fn receive(&mut self) -> Option<Packet> {
        let read = async {
            loop {
                if let Some(packet) = Packet::decode(&mut self.buffer, self.checksum).unwrap() {
                    return Some(packet);
                }
                match self.socket.read_buf(&mut self.buffer).await {
                    Ok(0) | Err(_) => return None,
                    Ok(_) => {}
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), read)
            .await
            .expect("the phone is silent")
    }

    async fn open(&mut self, local: u32, window: u32, service: &str) -> Packet {
        let mut name = service.as_bytes().to_vec();
        name.push(0);
        self.send(Command::Open, local, window, &name).await;
        self.receive().await.unwrap()
    }

    /// Everything a service sends until it closes, one acknowledgement for each packet.
    async fn drain(&mut self, local: u32, remote: u32) -> Vec<u8> {
        let mut all = Vec::new();
        loop {
            let packet = self.receive().await.unwrap();
            assert_eq!((packet.arg0, packet.arg1), (remote, local));
            match packet.command {
                Command::Write => {
                    all.extend_from_slice(&packet.payload);
                    self.send(Command::Okay, local, remote, &[]).await;
                }
                Command::Close => return all,
                other => panic!("{other:?}"),
            }
        }
    }
}

async fn phone() -> Phone {
    Phone::start(PhoneOptions::default()).await.unwrap()
}

#[tokio::test]
async fn old_clients_get_checksums_and_one_packet_at_a_time() {
    let phone = phone().await;
    let mut client = Client::connect(&phone, VERSION_MIN, "").await;
    let okay = client.open(7, 0, "exec:screencap").await;
    assert_eq!((okay.command, okay.arg1), (Command::Okay, 7));
    let raw = client.drain(7, okay.arg0).await;
    assert_eq!(raw.len(), 16 + 1080 * 2400 * 4);
    // No second packet before the first one is acknowledged.
    let okay = client.open(8, 0, "exec:seq 100000").await;
    let first = client.receive().await.unwrap();
    assert_eq!(first.command, Command::Write);
    let silence = tokio::time::timeout(Duration::from_millis(200), client.receive()).await;
    assert!(silence.is_err());
    client.send(Command::Okay, 8, okay.arg0, &[]).await;
    assert_eq!(client.receive().await.unwrap().command, Command::Write);
    phone.stop().await;
}

#[tokio::test]
async fn delayed_acknowledgement_counts_bytes() {
    let phone = phone().await;
    let mut client = Client::connect(&phone, VERSION_SKIP_CHECKSUM, "shell_v2,delayed_ack").await;
    let okay = client.open(3, 100_000, "exec:screencap").await;
    assert_eq!(okay.command, Command::Okay);
    let window = i32::from_le_bytes(okay.payload[..].try_into().unwrap());
    assert!(window > 0);
    let mut got = 0;
    while got < 100_000 {
        let packet = client.receive().await.unwrap();
        assert_eq!(packet.command, Command::Write);
        got += packet.payload.len();
    }
    assert_eq!(got, 100_000);
    let silence = tokio::time::timeout(Duration::from_millis(200), client.receive()).await;
    assert!(silence.is_err(), "more than the window came");
    let rest = 16 + 1080 * 2400 * 4 - got;
    client
        .send(Command::Okay, 3, okay.arg0, &(rest as u32).to_le_bytes())
        .await;
    let mut left = rest;
    while left > 0 {
        left -= client.receive().await.unwrap().payload.len();
    }
    assert_eq!(client.receive().await.unwrap().command, Command::Close);
    // What the phone consumed is acknowledged in bytes.
    let okay = client.open(4, 100_000, "exec:cat").await;
    client.send(Command::Write, 4, okay.arg0, b"hello").await;
    let (mut acknowledged, mut echoed) = (0, Vec::new());
    while acknowledged < 5 || echoed.len() < 5 {
        let packet = client.receive().await.unwrap();
        match packet.command {
            Command::Okay => {
                acknowledged += u32::from_le_bytes(packet.payload[..].try_into().unwrap())
            }
            Command::Write => echoed.extend_from_slice(&packet.payload),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((acknowledged, echoed.as_slice()), (5, &b"hello"[..]));
    phone.stop().await;
}

#[tokio::test]
async fn streams_do_not_wait_for_each_other() {
    let phone = phone().await;
    let mut client = Client::connect(&phone, VERSION_SKIP_CHECKSUM, "shell_v2").await;
    // One stream sleeps, one is not read, a third answers.
    let sleeping = client.open(1, 0, "exec:sleep 100").await;
    let unread = client.open(2, 0, "exec:yes").await;
    assert_eq!(client.receive().await.unwrap().arg1, 2);
    let okay = client.open(3, 0, "shell,v2,raw:echo a; exit 4").await;
    let answer = client.drain(3, okay.arg0).await;
    assert_eq!(
        answer,
        [&[1, 2, 0, 0, 0][..], b"a\n", &[3, 1, 0, 0, 0, 4]].concat()
    );
    for (local, remote) in [(1, sleeping.arg0), (2, unread.arg0)] {
        client.send(Command::Close, local, remote, &[]).await;
        let closed = client.receive().await.unwrap();
        assert_eq!((closed.command, closed.arg1), (Command::Close, local));
    }
    phone.stop().await;
}

#[tokio::test]
async fn a_command_has_no_terminal_unless_asked_for() {
    let phone = phone().await;
    let mut client = Client::connect(&phone, VERSION_SKIP_CHECKSUM, "shell_v2").await;
    let okay = client.open(1, 0, "shell,v2:echo a; echo b >&2").await;
    let answer = client.drain(1, okay.arg0).await;
    assert_eq!(
        answer,
        [
            &[1, 2, 0, 0, 0][..],
            b"a\n",
            &[2, 2, 0, 0, 0],
            b"b\n",
            &[3, 1, 0, 0, 0, 0]
        ]
        .concat()
    );
    let okay = client.open(2, 0, "shell,v2,pty:echo a").await;
    let answer = client.drain(2, okay.arg0).await;
    assert!(answer.windows(3).any(|three| three == b"a\r\n"));
    phone.stop().await;
}

#[tokio::test]
async fn a_reversed_port_is_named_in_the_answer() {
    let phone = phone().await;
    let mut client = Client::connect(&phone, VERSION_SKIP_CHECKSUM, "").await;
    let okay = client.open(1, 0, "reverse:forward:tcp:7000;tcp:1").await;
    assert_eq!(client.drain(1, okay.arg0).await, b"OKAY00047000");
    let okay = client
        .open(2, 0, "reverse:forward:localabstract:x;tcp:1")
        .await;
    assert_eq!(client.drain(2, okay.arg0).await, b"OKAY");
    phone.stop().await;
}

#[tokio::test]
async fn unknown_services_are_refused() {
    let phone = phone().await;
    let mut client = Client::connect(&phone, VERSION_SKIP_CHECKSUM, "").await;
    for service in [
        "",
        "nonsense",
        "jdwp:1",
        "tcp:9",
        "localabstract:nobody",
        "local:x",
    ] {
        let answer = client.open(5, 0, service).await;
        assert_eq!(
            (answer.command, answer.arg0, answer.arg1),
            (Command::Close, 0, 5),
            "{service}"
        );
    }
    let okay = client.open(6, 0, "framebuffer:").await;
    let frame = client.drain(6, okay.arg0).await;
    assert_eq!(frame.len(), 52 + 1080 * 2400 * 4);
    assert_eq!(
        frame[..20],
        [
            [1, 0, 0, 0],
            [32, 0, 0, 0],
            (1080_u32 * 2400 * 4).to_le_bytes(),
            1080_u32.to_le_bytes(),
            2400_u32.to_le_bytes()
        ]
        .concat()
    );
    phone.stop().await;
}

#[tokio::test]
async fn sync_checks_what_it_is_sent() {
    let phone = phone().await;
    let header = |id: Id, value: u32| [&id.0[..], &value.to_le_bytes()].concat();
    let mut client = Client::connect(&phone, VERSION_SKIP_CHECKSUM, "").await;
    let mut local = 10;
    for (request, expected) in [
        (header(Id::STAT, u32::MAX), "path too long"),
        (header(Id(*b"XXXX"), 0), "unknown command XXXX"),
        (
            [header(Id::SEND, 5), b"/nope".to_vec()].concat(),
            "missing , in ID_SEND",
        ),
        (
            [
                header(Id::SEND, 15),
                b"/sdcard/x,33188".to_vec(),
                header(Id::DATA, 1 << 30),
            ]
            .concat(),
            "invalid data message",
        ),
        (
            [header(Id::RECEIVE, 5), b"/nope".to_vec()].concat(),
            "open failed: No such file or directory",
        ),
        (
            [header(Id::RECEIVE, 7), b"/sdcard".to_vec()].concat(),
            "open failed: Is a directory",
        ),
        (
            [
                header(Id::SEND_V2, 9),
                b"/sdcard/y".to_vec(),
                header(Id::SEND_V2, 0o644),
                9_u32.to_le_bytes().to_vec(),
            ]
            .concat(),
            "unsupported flags 0x9",
        ),
    ] {
        local += 1;
        let okay = client.open(local, 0, "sync:").await;
        client
            .send(Command::Write, local, okay.arg0, &request)
            .await;
        loop {
            let packet = client.receive().await.unwrap();
            if packet.command == Command::Write {
                assert_eq!(&packet.payload[..4], b"FAIL");
                assert_eq!(String::from_utf8_lossy(&packet.payload[8..]), expected);
                break;
            }
        }
        client.send(Command::Close, local, okay.arg0, &[]).await;
        while client.receive().await.unwrap().command != Command::Close {}
    }
    // A file that is missing has an error in version 2 and zeros in version 1.
    let okay = client.open(50, 0, "sync:").await;
    let request = [
        header(Id::STAT_V2, 5),
        b"/nope".to_vec(),
        header(Id::STAT, 5),
        b"/nope".to_vec(),
        header(Id::QUIT, 0),
    ]
    .concat();
    client.send(Command::Write, 50, okay.arg0, &request).await;
    let mut answer = Vec::new();
    loop {
        let packet = client.receive().await.unwrap();
        match packet.command {
            Command::Write => {
                answer.extend_from_slice(&packet.payload);
                client.send(Command::Okay, 50, okay.arg0, &[]).await;
            }
            Command::Close => break,
            _ => {}
        }
    }
    assert_eq!(&answer[..8], b"STA2\x02\0\0\0");
    assert_eq!(&answer[72..], [&b"STAT"[..], &[0; 12]].concat());
    phone.stop().await;
}

#[tokio::test]
async fn a_port_in_use_is_told() {
    let phone = phone().await;
    let refused = Phone::start(PhoneOptions {
        port: phone.port(),
        ..PhoneOptions::default()
    })
    .await;
    let message = refused.err().unwrap().to_string();
    assert!(
        message.contains(&phone.port().to_string()) && message.contains("another port"),
        "{message}"
    );
    phone.stop().await;
}

#[tokio::test]
async fn a_stopped_phone_leaves_nothing_behind() {
    let phone = phone().await;
    let root = phone.machine().files.root().to_path_buf();
    let mut client = Client::connect(&phone, VERSION_SKIP_CHECKSUM, "").await;
    let serial = phone.serial();
    assert!(root.exists());
    phone.stop().await;
    assert!(client.receive().await.is_none());
    assert!(!root.exists());
    assert!(
        TcpStream::connect(&serial).await.is_err() || {
            // The listener's task may need a turn more to let go.
            tokio::time::sleep(Duration::from_millis(200)).await;
            TcpStream::connect(&serial).await.is_err()
        }
    );
}

#[tokio::test]
async fn a_dropped_connection_ends_its_commands() {
    let phone = phone().await;
    phone.plan_fault(PlannedFault {
        service: "echo".to_owned(),
        ..PlannedFault::now(Fault::Drop)
    });
    let mut client = Client::connect(&phone, VERSION_SKIP_CHECKSUM, "").await;
    client
        .open(1, 0, "exec:while true; do sleep 0.01; done")
        .await;
    client.send(Command::Open, 2, 0, b"exec:echo x\0").await;
    while client.receive().await.is_some() {}
    let mut client = Client::connect(&phone, VERSION_SKIP_CHECKSUM, "").await;
    let okay = client.open(1, 0, "exec:echo y").await;
    assert_eq!(client.drain(1, okay.arg0).await, b"y\n");
    phone.stop().await;
}

#[test]
fn nonsense_on_the_wire_harms_nobody() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let phone = runtime.block_on(phone());
    let serial = phone.serial();
    let command = prop::sample::select(vec![
        Command::Connect,
        Command::Auth,
        Command::StartTls,
        Command::Open,
        Command::Okay,
        Command::Close,
        Command::Write,
    ]);
    let service = prop::sample::select(vec![
        &b""[..],
        b"sync:\0",
        b"exec:cat\0",
        b"shell,v2,raw:cat\0",
        b"reverse:forward:\0",
        b"shell:\0",
        b"\xff\xfe\0",
        b"reverse:killforward:tcp:x\0",
    ]);
    let packet = (
        command,
        0_u32..6,
        0_u32..6,
        service,
        prop::collection::vec(any::<u8>(), 0..40),
    );
    let packets = prop::collection::vec(packet, 0..12);
    let tail = prop::collection::vec(any::<u8>(), 0..64);
    let config = ProptestConfig::with_cases(64);
    proptest!(config, |(packets in packets, tail in tail)| {
        runtime.block_on(async {
            let mut socket = TcpStream::connect(&serial).await.unwrap();
            let mut bytes = BytesMut::new();
            Packet::new(Command::Connect, VERSION_SKIP_CHECKSUM, 1 << 20, &b"host::features=delayed_ack"[..]).encode(false, &mut bytes);
            for (command, arg0, arg1, service, noise) in packets {
                let payload = if command == Command::Open { service.to_vec() } else { noise };
                Packet::new(command, arg0, arg1, Bytes::from(payload)).encode(false, &mut bytes);
            }
            bytes.extend_from_slice(&tail);
            // The phone may hang up on us in the middle.
            let _ = socket.write_all(&bytes).await;
        });
    });
    runtime.block_on(async {
        let mut client = Client::connect(&phone, VERSION_SKIP_CHECKSUM, "").await;
        let okay = client.open(1, 0, "exec:echo alive").await;
        assert_eq!(client.drain(1, okay.arg0).await, b"alive\n");
        phone.stop().await;
    });
}
