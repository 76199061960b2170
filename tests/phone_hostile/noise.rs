//! Packets that no client should send.

use bytes::{BufMut, BytesMut};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use stepdroid::wire::packet::{Command, Packet};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::client::{Client, alive_tasks, answers, calm, hello, memory, packet, phone};

/// Connections that send noise.
const CASES: u64 = 1500;

const COMMANDS: [Command; 7] = [
    Command::Connect,
    Command::Auth,
    Command::StartTls,
    Command::Open,
    Command::Okay,
    Command::Close,
    Command::Write,
];

const SERVICES: [&[u8]; 16] = [
    b"",
    b"\0",
    b"sync:\0",
    b"exec:cat\0",
    b"shell,v2,raw:cat\0",
    b"shell,v2,pty:\0",
    b"shell:\0",
    b"abb_exec:\0\0\0",
    b"abb:settings\0get\0",
    b"framebuffer:\0",
    b"source:18446744073709551615\0",
    b"sink:-1\0",
    b"reverse:forward:tcp:9;tcp:9\0",
    b"reverse:killforward:\xff\0",
    b"tcp:9\0",
    b"shell,,,:\xff\xfe\0",
];

/// What one connection sends.
fn script(seed: u64) -> BytesMut {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut bytes = BytesMut::new();
    if random.random_ratio(9, 10) {
        bytes.extend_from_slice(&hello(
            ["", "delayed_ack", "shell_v2,\u{fffd}"][seed as usize % 3],
        ));
    }
    for _ in 0..random.random_range(0..16) {
        let command = COMMANDS[random.random_range(0..COMMANDS.len())];
        let small: u32 = random.random_range(0..8);
        let arg0 = if random.random_ratio(1, 8) {
            random.random()
        } else {
            small
        };
        let arg1 = if random.random_ratio(1, 8) {
            random.random()
        } else {
            small
        };
        let payload = match command {
            Command::Open => SERVICES[random.random_range(0..SERVICES.len())].to_vec(),
            _ => (0..random.random_range(0..64))
                .map(|_| random.random())
                .collect(),
        };
        let mut one = BytesMut::new();
        Packet::new(command, arg0, arg1, payload).encode(random.random(), &mut one);
        // Now and then a bit of the header is wrong: command, length, checksum or magic.
        if random.random_ratio(1, 12) {
            let at = random.random_range(0..24);
            one[at] ^= 1 << random.random_range(0..8);
        }
        bytes.extend_from_slice(&one);
    }
    let cut = random.random_range(0..=bytes.len());
    if random.random_ratio(1, 3) {
        bytes.truncate(cut);
    }
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_broken_packets_leave_nothing_behind() {
    let phone = phone().await;
    answers(&phone).await;
    let (tasks, before) = (alive_tasks(), memory());
    for group in 0..CASES / 25 {
        let clients = (0..25).map(|number| {
            let (serial, bytes) = (phone.serial(), script(group * 25 + number));
            tokio::spawn(async move {
                let mut socket = TcpStream::connect(serial).await.unwrap();
                // The phone may hang up in the middle.
                let _ = socket.write_all(&bytes).await;
                let mut answer = [0; 64];
                let read = socket.read(&mut answer);
                let _ = tokio::time::timeout(std::time::Duration::from_millis(20), read).await;
            })
        });
        for client in clients.collect::<Vec<_>>() {
            client.await.unwrap();
        }
    }
    calm(tasks).await;
    let grown = memory().saturating_sub(before);
    println!("{CASES} connections of noise: {grown} MiB more");
    assert!(grown < 300, "{grown} MiB");
    answers(&phone).await;
    phone.stop().await;
}

#[tokio::test]
async fn a_broken_header_ends_the_connection_at_once() {
    let phone = phone().await;
    let honest = packet(Command::Okay, 1, 1, b"");
    let with = |at: usize, value: u32| {
        let mut bytes = honest.clone();
        bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
        bytes
    };
    let mut unknown = with(0, 0x1234_5678);
    unknown[20..24].copy_from_slice(&(!0x1234_5678_u32).to_le_bytes());
    let mut wild = BytesMut::new();
    wild.put_bytes(0xff, 4096);
    for bytes in [
        with(20, 0),
        with(12, u32::MAX),
        with(12, (1 << 20) + 1),
        unknown,
        wild,
    ] {
        let mut client = Client::connect(&phone).await;
        client.write(&bytes).await.unwrap();
        assert!(client.receive().await.is_none(), "{bytes:?}");
    }
    answers(&phone).await;
    phone.stop().await;
}
