//! An emulator's console: the token, and messages that come in.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::time::Duration;

use stepdroid::phone::{ConsoleOptions, Phone, PhoneOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

async fn phone(token: &Path, server: Option<u16>) -> Phone {
    let console = ConsoleOptions {
        port: 0,
        token: token.to_owned(),
        server,
    };
    let options = PhoneOptions {
        console: Some(console),
        ..PhoneOptions::default()
    };
    Phone::start(options).await.unwrap()
}

/// Everything that the console says to these lines.
async fn say(phone: &Phone, lines: &str) -> String {
    let port = phone.console_port().unwrap();
    let mut socket = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    socket.write_all(lines.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let read = socket.read_to_end(&mut answer);
    let read = tokio::time::timeout(Duration::from_secs(10), read).await;
    // What the console does not care to read makes the end of the connection a hard one.
    read.unwrap().ok();
    String::from_utf8(answer).unwrap()
}

fn inbox(phone: &Phone) -> String {
    phone
        .shell("content query --uri content://sms/inbox --projection address:body:read")
        .text()
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_come_in_for_those_who_know_the_token() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("token");
    std::fs::write(&path, "secret\n").unwrap();
    let phone = phone(&path, None).await;
    let refused = say(&phone, "sms send 5550107788 Hi\nauth wrong\nquit\n").await;
    assert_eq!(refused.matches("KO: ").count(), 2, "{refused}");
    assert!(inbox(&phone).contains("No result found"));
    let answer = say(
        &phone,
        "auth secret\nsms send +15550107788 Hello  you\\nthere\nsms send x y\nsms\nquit\n",
    )
    .await;
    // What `adb emu` shows comes after the second OK.
    let shown = answer.splitn(3, "OK\r\n").nth(2).unwrap();
    assert!(shown.starts_with("OK\r\nKO: bad phone number"), "{answer}");
    let expected = "Row: 0 address=+15550107788, body=Hello  you\nthere, read=0";
    assert_eq!(inbox(&phone).trim_end(), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_nothing_is_asked_and_hostile_lines_end() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("token");
    std::fs::write(&path, "").unwrap();
    let phone = phone(&path, None).await;
    assert!(
        say(&phone, "avd name\nquit\n")
            .await
            .contains("stepdroid\r\nOK")
    );
    let endless = "x".repeat(100_000);
    assert!(!say(&phone, &endless).await.contains("KO"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_told_of_the_phone() {
    let home = tempfile::tempdir().unwrap();
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = server.local_addr().unwrap().port();
    let phone = phone(&home.path().join("token"), Some(port)).await;
    let (mut socket, _) = server.accept().await.unwrap();
    let mut told = String::new();
    socket.read_to_string(&mut told).await.unwrap();
    let words = format!("host:emulator:{}", phone.port());
    assert_eq!(told, format!("{:04x}{words}", words.len()));
}
