//! HTTP/1.1 as NanoHTTPD 2.3 speaks it, the server inside `u2.jar`: one request after the other on a connection that
//! stays open. Uses a socket of the phone's own network.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// A connection without a request for this long is closed.
const IDLE: Duration = Duration::from_secs(5);
/// Longest head of a request, and longest line of it.
const HEAD: usize = 8 << 10;
/// Longest body.
const BODY: usize = 4 << 20;

/// What a client asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Request {
    /// `GET`, `POST`.
    pub method: String,
    /// The path, without what follows a `?`.
    pub path: String,
    /// The body. NanoHTTPD reads it as US-ASCII unless the type says otherwise: what is not ASCII is lost.
    pub body: String,
}

/// What it is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// As `200 OK`.
    pub status: &'static str,
    /// Type of the content.
    pub kind: &'static str,
    /// The content.
    pub body: Vec<u8>,
}

impl Response {
    /// A text.
    pub fn text(status: &'static str, text: &str) -> Response {
        Response {
            status,
            kind: "text/plain",
            body: text.as_bytes().to_vec(),
        }
    }
}

/// Answers requests until the client goes, says nothing for too long, or sends what is no request.
pub fn serve(socket: &UnixStream, answer: impl Fn(Request) -> Response) {
    // Without a limit on the waiting a silent client would keep its thread for ever.
    if socket.set_read_timeout(Some(IDLE)).is_err() {
        return;
    }
    let mut reader = BufReader::new(socket);
    while let Ok(Some((request, keep))) = read(&mut reader) {
        let response = answer(request);
        if write(socket, &response, keep).is_err() || !keep {
            return;
        }
    }
}

/// Reads one request and whether the connection stays open behind it; `None` at the orderly end.
fn read(reader: &mut impl BufRead) -> io::Result<Option<(Request, bool)>> {
    let wrong = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what);
    let mut left = HEAD;
    let first = line(reader, &mut left)?;
    if first.is_empty() {
        return Ok(None);
    }
    let mut words = first.split(' ');
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Err(wrong("no request line"));
    };
    let mut keep = words.next() == Some("HTTP/1.1");
    let (mut length, mut utf8) = (0, false);
    loop {
        let header = line(reader, &mut left)?;
        let Some((name, value)) = header.split_once(':') else {
            match header.is_empty() {
                true => break,
                false => return Err(wrong("a header without a value")),
            }
        };
        let value = value.trim().to_ascii_lowercase();
        match name.trim().to_ascii_lowercase().as_str() {
            "content-length" => {
                length = value.parse().map_err(|_| wrong("an odd length"))?;
            }
            "content-type" => utf8 = value.contains("utf-8"),
            "connection" if value == "close" => keep = false,
            _ => {}
        }
    }
    if length > BODY {
        return Err(wrong("a long body"));
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let body = match utf8 {
        true => String::from_utf8_lossy(&body).into_owned(),
        false => body.iter().map(|byte| ascii(*byte)).collect(),
    };
    let path = target.split('?').next().unwrap_or(target).to_owned();
    let method = method.to_owned();
    Ok(Some((Request { method, path, body }, keep)))
}

fn ascii(byte: u8) -> char {
    match byte.is_ascii() {
        true => char::from(byte),
        false => char::REPLACEMENT_CHARACTER,
    }
}

/// A line without its end; empty at the end of the stream too.
fn line(reader: &mut impl BufRead, left: &mut usize) -> io::Result<String> {
    let mut bytes = Vec::new();
    reader
        .by_ref()
        .take(*left as u64)
        .read_until(b'\n', &mut bytes)?;
    *left -= bytes.len();
    if !bytes.is_empty() && bytes.last() != Some(&b'\n') {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn write(mut socket: &UnixStream, response: &Response, keep: bool) -> io::Result<()> {
    let connection = if keep { "keep-alive" } else { "close" };
    let mut bytes = format!(
        "HTTP/1.1 {} \r\nContent-Type: {}\r\nConnection: {connection}\r\nContent-Length: {}\r\n\r\n",
        response.status,
        response.kind,
        response.body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(&response.body);
    socket.write_all(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requests(text: &str) -> Vec<(Request, bool)> {
        let mut reader = BufReader::new(text.as_bytes());
        std::iter::from_fn(|| read(&mut reader).ok().flatten()).collect()
    }

    #[test]
    fn requests_follow_each_other() {
        let both = requests(
            "GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\nPOST /jsonrpc/0?x=1 HTTP/1.1\r\nContent-Length: 4\r\n\
             Connection: close\r\n\r\na\u{e9}b",
        );
        assert_eq!(both.len(), 2);
        assert_eq!((both[0].0.path.as_str(), both[0].1), ("/ping", true));
        let (request, keep) = &both[1];
        assert_eq!(
            (request.method.as_str(), request.path.as_str()),
            ("POST", "/jsonrpc/0")
        );
        assert_eq!(
            (request.body.as_str(), *keep),
            ("a\u{fffd}\u{fffd}b", false)
        );
    }

    #[test]
    fn what_is_no_request_is_not_served() {
        let long = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(HEAD));
        for text in [
            "",
            "\r\n",
            "GET\r\n\r\n",
            "GET / HTTP/1.1\r\nno value\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc",
            "GET / HTTP/1.1",
            &long,
        ] {
            assert!(requests(text).is_empty(), "{text:.40}");
        }
    }
}
