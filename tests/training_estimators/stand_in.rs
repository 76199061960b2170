//! An HTTP server that stands in for a judge's endpoint and answers as it is told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What a request is answered with.
pub enum Reply {
    /// A chat completion in which the model says this.
    Says(String),
    /// This status and body.
    Raw(u16, String),
    /// The same after this long, to whoever still waits.
    SaysAfter(Duration, String),
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Request {
    /// Request line and headers.
    pub head: String,
    /// The body as JSON.
    pub body: serde_json::Value,
}

impl Request {
    /// The question: the content of the last message, which is JSON.
    pub fn question(&self) -> serde_json::Value {
        let content = self.body["messages"][1]["content"].as_str().unwrap();
        serde_json::from_str(content).unwrap()
    }
}

/// A running server; it ends with the test.
pub struct StandIn {
    /// Base address for `judge.endpoint`.
    pub endpoint: String,
    /// Every request so far.
    pub requests: Arc<Mutex<Vec<Request>>>,
}

impl StandIn {
    /// Starts a server; `reply` gets the number of the request, from 0, and the request.
    pub fn start(reply: impl Fn(usize, &Request) -> Reply + Send + Sync + 'static) -> StandIn {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}/v1", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, reply) = (requests.clone(), Arc::new(reply));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (seen, reply) = (seen.clone(), reply.clone());
                std::thread::spawn(move || {
                    // A client that gave up has closed its side.
                    let _ = serve(stream.unwrap(), &seen, &*reply);
                });
            }
        });
        StandIn { endpoint, requests }
    }

    /// How many requests came.
    pub fn count(&self) -> usize {
        self.requests.lock().unwrap().len()
    }
}

fn serve(
    mut stream: TcpStream,
    seen: &Mutex<Vec<Request>>,
    reply: &(dyn Fn(usize, &Request) -> Reply + Send + Sync),
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line == "\r\n" {
            break;
        }
        let line = line.to_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let request = Request {
        head,
        body: serde_json::from_slice(&body).unwrap(),
    };
    let number = {
        let mut seen = seen.lock().unwrap();
        seen.push(request.clone());
        seen.len() - 1
    };
    let answer = match reply(number, &request) {
        Reply::SaysAfter(time, content) => {
            std::thread::sleep(time);
            Reply::Says(content)
        }
        at_once => at_once,
    };
    let (status, text) = match answer {
        Reply::Says(content) | Reply::SaysAfter(_, content) => {
            let message = serde_json::json!({"role": "assistant", "content": content});
            let body =
                serde_json::json!({"id": "x", "choices": [{"index": 0, "message": message}]});
            (200, body.to_string())
        }
        Reply::Raw(status, text) => (status, text),
    };
    write!(
        stream,
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
        text.len()
    )
}
