//! An emulator's console: the token, messages and calls that come in, turning the phone.
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

#[tokio::test(flavor = "multi_thread")]
async fn calls_come_in_and_are_answered_declined_or_given_up() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("token");
    std::fs::write(&path, "").unwrap();
    let phone = phone(&path, None).await;
    let state = |phone: &Phone| {
        let dumped = phone.shell("dumpsys telephony.registry").text();
        let at = dumped.find("mCallState=").unwrap();
        dumped[at + 11..at + 12].to_owned()
    };
    let dump = "uiautomator dump /sdcard/d.xml > /dev/null; cat /sdcard/d.xml";
    let log = "content query --uri content://call_log/calls --projection number:type";
    let ring = "gsm call +15551234567\nquit\n";
    let bad = say(
        &phone,
        "gsm call\ngsm call x\ngsm cancel 5\ngsm foo\nquit\n",
    )
    .await;
    assert_eq!(bad.matches("KO: ").count(), 4, "{bad}");
    // Given up by the other side.
    assert!(say(&phone, ring).await.ends_with("OK\r\n"));
    assert_eq!(state(&phone), "1");
    let listed = say(&phone, "gsm list\nquit\n").await;
    assert!(listed.contains("inbound from +15551234567 : incoming\r\nOK"));
    assert!(say(&phone, ring).await.contains("KO: the line is busy"));
    let seen = phone.shell(dump).text();
    assert!(seen.contains("Incoming call") && seen.contains("Answer"));
    say(&phone, "gsm cancel +15551234567\nquit\n").await;
    assert_eq!(state(&phone), "0");
    // Answered, then ended by the key that ends calls.
    say(&phone, ring).await;
    phone.shell("input keyevent KEYCODE_CALL");
    assert_eq!(state(&phone), "2");
    let listed = say(&phone, "gsm list\nquit\n").await;
    assert!(listed.contains(" : active\r\nOK"), "{listed}");
    phone.shell("input keyevent KEYCODE_ENDCALL");
    assert_eq!(state(&phone), "0");
    // Declined.
    say(&phone, ring).await;
    phone.shell("input keyevent KEYCODE_ENDCALL");
    let rows = phone.shell(log).text();
    for (number, kind) in [(0, 3), (1, 1), (2, 5)] {
        let row = format!("Row: {number} number=+15551234567, type={kind}");
        assert!(rows.contains(&row), "{rows}");
    }
    // Without a call the key does nothing.
    phone.shell("input keyevent KEYCODE_ENDCALL");
    phone.shell("settings put global airplane_mode_on 1");
    assert!(say(&phone, ring).await.contains("KO: "));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_turns_its_screen_does_when_it_is_turned() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("token");
    std::fs::write(&path, "").unwrap();
    let phone = phone(&path, None).await;
    say(&phone, "rotate\nquit\n").await;
    assert_eq!((phone.frame().width, phone.frame().height), (1080, 2400));
    phone.shell("settings put system accelerometer_rotation 1");
    assert_eq!((phone.frame().width, phone.frame().height), (2400, 1080));
    say(&phone, "rotate\nrotate\nrotate\nquit\n").await;
    assert_eq!((phone.frame().width, phone.frame().height), (1080, 2400));
}
