//! Clients that mean no good.

use std::time::{Duration, Instant};

use stepdroid::domain::ScreenSize;
use stepdroid::phone::{Phone, PhoneOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::Client;
use crate::wire::{Nothing, State};
use crate::{PATIENCE, phone};

/// What a client of HTTP/2 says first.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn hostile_bytes_end_their_connection_and_nothing_else() {
    let phone = phone().await;
    let port = phone.control_port().unwrap();
    // No HTTP/2; an older HTTP; a frame that is longer than allowed; data of no request.
    let vast_frame = [PREFACE, &[0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1], &[7; 4096]].concat();
    let data_first = [PREFACE, &[0, 0, 4, 0, 0, 0, 0, 0, 1], &[1; 4]].concat();
    for bytes in [
        &b"\0\0\0\0garbage garbage garbage garbage garbage"[..],
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        &vast_frame,
        &data_first,
    ] {
        let mut socket = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        socket.write_all(bytes).await.unwrap();
        let mut rest = Vec::new();
        let end = socket.read_to_end(&mut rest);
        // It ends, whether politely or not.
        let ended = tokio::time::timeout(PATIENCE, end).await;
        assert!(ended.is_ok(), "still open after {bytes:?}");
        assert!(rest.len() < 1 << 16, "{} bytes came", rest.len());
    }
    let client = Client::new(&phone).await;
    client.picture(1, 0, 0).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_of_silent_guests_is_sent_away() {
    let phone = phone().await;
    let port = phone.control_port().unwrap();
    let mut crowd = Vec::new();
    for _ in 0..200 {
        crowd.push(TcpStream::connect(("127.0.0.1", port)).await.unwrap());
    }
    let mut open = 0;
    for socket in &mut crowd {
        let mut byte = [0];
        let read = socket.read(&mut byte);
        let read = tokio::time::timeout(Duration::from_millis(300), read).await;
        // Those who are let in hear the server's settings or nothing.
        open += usize::from(!matches!(read, Ok(Ok(0) | Err(_))));
    }
    assert!(open <= 8, "{open} are open");
    drop(crowd);
    // Places are free again once the phone has noticed.
    let begin = Instant::now();
    loop {
        if let Some(client) = Client::connect(&phone).await {
            let state = client.call::<_, State>("getStatus", Nothing {}).await;
            if state.is_ok_and(|state| state.booted) {
                break;
            }
        }
        assert!(begin.elapsed() < PATIENCE, "nobody is let in any more");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A frame of HTTP/2.
fn frame(kind: u8, flags: u8, stream: u32, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), body].concat()
}

/// A request for the whole screen as RGBA.
fn picture_request(stream: u32) -> Vec<u8> {
    let path = "/android.emulation.control.EmulatorController/getScreenshot";
    let mut headers = Vec::new();
    for (name, value) in [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", path),
        (":authority", "x"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ] {
        // A literal that is not kept.
        headers.push(0);
        for text in [name, value] {
            headers.push(u8::try_from(text.len()).unwrap());
            headers.extend(text.bytes());
        }
    }
    let wanted = [0, 0, 0, 0, 2, 8, 1];
    [frame(1, 4, stream, &headers), frame(0, 1, stream, &wanted)].concat()
}

/// Bytes of memory that this process has.
fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = text.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}

#[tokio::test(flavor = "multi_thread")]
async fn guests_who_take_no_pictures_have_few_in_memory_and_are_sent_away() {
    let options = PhoneOptions {
        control: Some(0),
        size: ScreenSize {
            width: 2160,
            height: 4800,
        },
        ..PhoneOptions::default()
    };
    let phone = Phone::start(options).await.unwrap();
    let port = phone.control_port().unwrap();
    // One picture is 41 MB.
    let picture = 2160 * 4800 * 4;
    let before = resident();
    let mut crowd = Vec::new();
    for _ in 0..3 {
        let mut socket = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let window = frame(8, 0, 0, &(1_u32 << 20).to_be_bytes());
        let mut words = [PREFACE, &frame(4, 0, 0, &[]), &window].concat();
        for stream in [1, 3, 5, 7] {
            words.extend(picture_request(stream));
        }
        socket.write_all(&words).await.unwrap();
        crowd.push(socket);
    }
    let (mut most, begin) = (0, Instant::now());
    // Four of each guest's would be there by then, had they been made.
    while begin.elapsed() < Duration::from_secs(4) {
        most = most.max(resident().saturating_sub(before));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // The screen itself, one answer of each guest's and one that is being made.
    assert!(most < 8 * picture, "{} MB", most >> 20);
    // They never say that they have read anything, and are hung up on.
    for socket in &mut crowd {
        let mut all = Vec::new();
        let read = tokio::time::timeout(PATIENCE, socket.read_to_end(&mut all)).await;
        assert!(read.is_ok(), "a guest who takes nothing is kept");
        assert!(all.len() < 1 << 20, "{} bytes came", all.len());
    }
    let client = Client::new(&phone).await;
    for _ in 0..3 {
        client.picture(1, 540, 0).await.unwrap();
    }
}
