//! The channel `uiautomator2` before a device whose shell is well and whose server hangs, talks nonsense or dies: each
//! is an error of the channel, in time, and the next call starts the server again where that helps.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use stepdroid::adb::{
    Adb, AdbError, Deadlines, FileStat, RemoteEntry, ServiceStream, ShellOutput, Transport, Upload,
};
use stepdroid::channels::uiautomator2::Uiautomator2;
use stepdroid::device::{Channel, DeviceError, Gesture};
use stepdroid::domain::Point;
use stepdroid::wire::shell_v2::{Kind, ShellPacket};

fn is_channel(error: &DeviceError) -> bool {
    matches!(error, DeviceError::Channel { .. })
}

/// A device whose server says what a test wants; its shell is well.
#[derive(Debug)]
struct Played {
    answer: Answer,
    /// How often the server was started.
    starts: Arc<AtomicUsize>,
    /// Whether it runs.
    runs: AtomicBool,
}

#[derive(Debug, Clone)]
enum Answer {
    /// These bytes, and then the end.
    Bytes(Vec<u8>),
    /// Nothing.
    Silence,
    /// A result in due form, with the number of the question.
    Result(String),
    /// An endless body.
    Flood,
}

struct Stream {
    answer: Answer,
    asked: Option<String>,
    begun: bool,
}

#[async_trait]
impl ServiceStream for Stream {
    async fn read_chunk(&mut self) -> Result<Option<Bytes>, AdbError> {
        let Some(asked) = self.asked.take() else {
            return match (&self.answer, self.begun) {
                (Answer::Flood, true) => Ok(Some(Bytes::from_static(&[b'x'; 65_536]))),
                (Answer::Bytes(_), true) => Ok(None),
                _ => std::future::pending().await,
            };
        };
        if asked.starts_with("GET /ping ") {
            return Ok(Some(http("pong").into()));
        }
        self.begun = true;
        Ok(Some(match &self.answer {
            Answer::Silence => std::future::pending().await,
            Answer::Bytes(bytes) if bytes.is_empty() => return Ok(None),
            Answer::Bytes(bytes) => bytes.clone().into(),
            Answer::Flood => "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n".into(),
            Answer::Result(result) => {
                let body = asked.split_once("\r\n\r\n").unwrap().1;
                let question: serde_json::Value = serde_json::from_str(body).unwrap();
                let id = &question["id"];
                http(&format!(r#"{{"jsonrpc":"2.0","id":{id},{result}}}"#)).into()
            }
        }))
    }

    async fn write_all(&mut self, bytes: &[u8]) -> Result<(), AdbError> {
        self.asked = Some(String::from_utf8(bytes.to_vec()).unwrap());
        Ok(())
    }
}

/// The shell command that is the server: it says its number and runs.
struct Process(bool);

#[async_trait]
impl ServiceStream for Process {
    async fn read_chunk(&mut self) -> Result<Option<Bytes>, AdbError> {
        if std::mem::replace(&mut self.0, true) {
            return std::future::pending().await;
        }
        let mut packet = BytesMut::new();
        ShellPacket::new(Kind::Stdout, &b"4002\n"[..]).encode(&mut packet);
        Ok(Some(packet.freeze()))
    }

    async fn write_all(&mut self, _bytes: &[u8]) -> Result<(), AdbError> {
        Ok(())
    }
}

fn http(body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 200 OK \r\nContent-Length: {length}\r\n\r\n{body}")
}

fn no(operation: &str) -> AdbError {
    AdbError::Refused {
        serial: "played".to_owned(),
        operation: operation.to_owned(),
        reason: "closed".to_owned(),
    }
}

#[async_trait]
impl Transport for Played {
    fn serial(&self) -> &str {
        "played"
    }

    fn round_trips(&self) -> u64 {
        0
    }

    async fn shell(&self, command: &str, _deadline: Duration) -> Result<ShellOutput, AdbError> {
        if command.contains("kill -9") {
            self.runs.store(false, Ordering::SeqCst);
        }
        Ok(ShellOutput::default())
    }

    async fn exec_out(&self, command: &str, _deadline: Duration) -> Result<Vec<u8>, AdbError> {
        Err(no(command))
    }

    async fn stat(&self, path: &str, _deadline: Duration) -> Result<FileStat, AdbError> {
        Err(no(path))
    }

    async fn list(&self, path: &str, _deadline: Duration) -> Result<Vec<RemoteEntry>, AdbError> {
        Err(no(path))
    }

    async fn push(
        &self,
        _files: &[Upload<'_>],
        _mode: u32,
        _mtime: u32,
        _deadline: Duration,
    ) -> Result<(), AdbError> {
        Ok(())
    }

    async fn pull(
        &self,
        path: &str,
        _limit: u64,
        _deadline: Duration,
    ) -> Result<Vec<u8>, AdbError> {
        Err(no(path))
    }

    async fn open(
        &self,
        service: &str,
        _deadline: Duration,
    ) -> Result<Box<dyn ServiceStream>, AdbError> {
        if service.starts_with("shell,v2,raw:") {
            self.starts.fetch_add(1, Ordering::SeqCst);
            self.runs.store(true, Ordering::SeqCst);
            return Ok(Box::new(Process(false)));
        }
        match self.runs.load(Ordering::SeqCst) {
            false => Err(no(service)),
            true => Ok(Box::new(Stream {
                answer: self.answer.clone(),
                asked: None,
                begun: false,
            })),
        }
    }

    async fn reset(&self) {}
}

/// A file that looks like a jar, in a directory that goes with it.
fn jar() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("u2.jar");
    std::fs::write(&path, b"PK\x03\x04 and what follows").unwrap();
    (folder, path)
}

fn played(answer: Answer, jar: &Path) -> (Uiautomator2, Arc<AtomicUsize>) {
    let starts = Arc::new(AtomicUsize::new(0));
    let transport = Played {
        answer,
        starts: starts.clone(),
        runs: AtomicBool::new(false),
    };
    let adb = Adb::new(Arc::new(transport)).with_deadlines(Deadlines {
        capture: Duration::from_millis(300),
        ..Deadlines::default()
    });
    (Uiautomator2::new(adb, jar), starts)
}

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_is_an_error_and_no_more() {
    let (_folder, jar) = jar();
    let bytes = |text: &str| Answer::Bytes(text.as_bytes().to_vec());
    let body = |text: &str| bytes(&http(text));
    let result = |text: &str| Answer::Result(format!("\"result\":{text}"));
    let failure = |code: i64, text: &str| {
        Answer::Result(format!(r#""error":{{"code":{code},"message":"{text}"}}"#))
    };
    let half = "/9j/4AAQSkZJRgABAQ==";
    for (answer, expected) in [
        (bytes(""), "closed the connection"),
        (bytes("HTTP/1.1 200 OK\r\n"), "closed the connection"),
        (
            bytes("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}"),
            "closed the connection",
        ),
        (
            bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
            "encoding",
        ),
        (
            bytes("HTTP/1.1 500 Error\r\nContent-Length: 0\r\n\r\n"),
            "status 500",
        ),
        (bytes("220 ftp ready\r\n\r\n"), "first line"),
        (Answer::Bytes(vec![0xff; 20_000]), "head"),
        (Answer::Flood, "more than"),
        (body(""), "can't be understood"),
        (body("{\"id\":1,\"result\":"), "can't be understood"),
        (body("{\"id\":77,\"result\":\"<hierarchy/>\"}"), "number"),
        (body(&"[".repeat(10_000)), "recursion"),
        (
            failure(
                -32001,
                "java.lang.IllegalStateException: UiAutomation not connected",
            ),
            "not connected",
        ),
        (
            failure(-32602, "method parameters invalid"),
            "uiautomator2 3.7",
        ),
        (
            failure(-32001, "java.lang.StackOverflowError"),
            "StackOverflowError",
        ),
        (result("null"), "can't be used|no hierarchy"),
        (result("7"), "can't be used|no hierarchy"),
        (result("[true]"), "can't be used|no hierarchy"),
        (result("\"\""), "no whole JPEG|no hierarchy"),
        (
            result("\"<hierarchy rotation=\\\"0\\\" />\""),
            "no base64|an empty hierarchy",
        ),
        (
            result("\"<hierarchy><node </hierarchy>\""),
            "no base64|broken XML",
        ),
        (result(&format!("\"{half}\"")), "no whole JPEG|no hierarchy"),
        (result("\"/9j/2Q==\""), "can't be decoded|no hierarchy"),
        (Answer::Silence, "within 300 ms"),
    ] {
        let (u2, _) = played(answer.clone(), &jar);
        let errors = [
            u2.frame().await.unwrap_err(),
            u2.tree(false).await.unwrap_err(),
        ];
        for error in errors {
            assert!(is_channel(&error), "{answer:?}: {error}");
            let text = error.to_string();
            assert!(
                expected.split('|').any(|part| text.contains(part)),
                "{answer:?}: {text} lacks {expected}"
            );
            assert!(text.contains("played"), "{text} does not name the device");
        }
    }
    // What says that it was not done was not done.
    let (u2, _) = played(result("false"), &jar);
    let error = u2
        .input(&[Gesture::Tap(Point { x: 1, y: 1 })])
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("did not take the click"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_started_anew_only_where_the_old_one_is_of_no_use() {
    let (_folder, jar) = jar();
    let result = |text: &str| Answer::Result(text.to_owned());
    for (answer, wanted) in [
        (Answer::Silence, 3),
        (Answer::Bytes(Vec::new()), 3),
        (
            result(r#""error":{"code":-32001,"message":"android.os.DeadObjectException"}"#),
            3,
        ),
        (
            result(r#""error":{"code":-32001,"message":"java.lang.RuntimeException"}"#),
            1,
        ),
        (result(r#""result":"<hierarchy />""#), 1),
    ] {
        let (u2, starts) = played(answer.clone(), &jar);
        for _ in 0..3 {
            u2.tree(false).await.unwrap_err();
        }
        assert_eq!(starts.load(Ordering::SeqCst), wanted, "{answer:?}");
    }
}
