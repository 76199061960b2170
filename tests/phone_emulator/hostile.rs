//! Clients that mean no good.

use std::time::{Duration, Instant};

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
