//! HTTP/1.1 over a stream to the device: one request after the other on one connection. Strict, as only one kind of
//! server is spoken to: an answer has a length, nothing follows it, and its size is checked before it is read. May use
//! `adb`.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};

use crate::adb::{AdbError, ServiceStream};

/// Longest head of an answer, in bytes.
const HEAD: usize = 16 << 10;
/// The server closes a connection that is silent for 5 s; one that was silent for longer than this is not used again.
const FRESH: Duration = Duration::from_secs(3);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    /// The stream broke.
    #[error("{0}")]
    Stream(#[from] AdbError),
    /// The stream ended before the answer did.
    #[error("the server closed the connection")]
    Closed,
    /// It is no answer, or one beyond the limits.
    #[error("its answer can't be understood: {0}")]
    Malformed(String),
}

/// What the server said.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Response {
    /// As 200.
    pub(super) status: u16,
    /// The content.
    pub(super) body: Bytes,
}

/// One connection.
pub(super) struct Connection {
    stream: Box<dyn ServiceStream>,
    buffer: BytesMut,
    used: Instant,
    open: bool,
}

impl Connection {
    pub(super) fn new(stream: Box<dyn ServiceStream>) -> Connection {
        Connection {
            stream,
            buffer: BytesMut::new(),
            used: Instant::now(),
            open: true,
        }
    }

    /// Whether another request can go over it.
    pub(super) fn is_fresh(&self) -> bool {
        self.open && self.used.elapsed() < FRESH
    }

    /// Asks for a path.
    pub(super) async fn get(&mut self, path: &str, most: usize) -> Result<Response, HttpError> {
        let head = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        self.exchange(head.as_bytes(), most).await
    }

    /// Sends JSON, which must be ASCII: the server reads nothing else.
    pub(super) async fn post(
        &mut self,
        path: &str,
        json: &str,
        most: usize,
    ) -> Result<Response, HttpError> {
        let length = json.len();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{json}"
        );
        self.exchange(request.as_bytes(), most).await
    }

    /// One request and its answer, whose content has at most `most` bytes. After an error, or when it is dropped half
    /// done, the connection is of no more use.
    async fn exchange(&mut self, request: &[u8], most: usize) -> Result<Response, HttpError> {
        self.open = false;
        self.stream.write_all(request).await?;
        let end = loop {
            let from = self.buffer.len().saturating_sub(3);
            if self.buffer.len() > HEAD {
                return Err(malformed(format!("no end of the head in {HEAD} bytes")));
            }
            self.read().await?;
            if let Some(at) = find(&self.buffer[from..], b"\r\n\r\n") {
                break from + at;
            }
        };
        let head = self.buffer.split_to(end + 4);
        let (status, length, keep) = parse_head(&head[..end])?;
        if length > most {
            return Err(malformed(format!("{length} bytes, more than {most}")));
        }
        while self.buffer.len() < length {
            self.read().await?;
        }
        let body = self.buffer.split_to(length).freeze();
        if !self.buffer.is_empty() {
            return Err(malformed("more than its length says".to_owned()));
        }
        self.open = keep;
        self.used = Instant::now();
        Ok(Response { status, body })
    }

    async fn read(&mut self) -> Result<(), HttpError> {
        match self.stream.read_chunk().await? {
            Some(chunk) => {
                self.buffer.extend_from_slice(&chunk);
                Ok(())
            }
            None => Err(HttpError::Closed),
        }
    }
}

/// Status, length of the content, and whether the connection stays open.
fn parse_head(head: &[u8]) -> Result<(u16, usize, bool), HttpError> {
    let head = std::str::from_utf8(head).map_err(|_| malformed("a head that is no text".into()))?;
    let mut lines = head.split("\r\n");
    let first = lines.next().unwrap_or("");
    let status = first
        .strip_prefix("HTTP/1.1 ")
        .and_then(|rest| rest.split(' ').next())
        .filter(|code| code.len() == 3)
        .and_then(|code| code.parse().ok())
        .ok_or_else(|| malformed(format!("the first line {first:.60?}")))?;
    let (mut length, mut keep) = (None, true);
    for line in lines {
        let (name, value) = line
            .split_once(':')
            .ok_or_else(|| malformed(format!("the header {line:.60?}")))?;
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => {
                let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
                let number = value.parse::<usize>().ok().filter(|_| digits);
                if length.is_some() || number.is_none() {
                    return Err(malformed(format!("the length {value:.60?}")));
                }
                length = number;
            }
            "transfer-encoding" | "content-encoding" => {
                return Err(malformed(format!("the encoding {value:.60?}")));
            }
            "connection" => keep = !value.eq_ignore_ascii_case("close"),
            _ => {}
        }
    }
    let length = length.ok_or_else(|| malformed("no length".to_owned()))?;
    Ok((status, length, keep))
}

fn malformed(what: String) -> HttpError {
    HttpError::Malformed(what)
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use proptest::prelude::*;

    use super::*;

    /// Answers with pieces that are known beforehand.
    struct Played(Vec<Vec<u8>>);

    #[async_trait]
    impl ServiceStream for Played {
        async fn read_chunk(&mut self) -> Result<Option<Bytes>, AdbError> {
            match self.0.is_empty() {
                true => Ok(None),
                false => Ok(Some(self.0.remove(0).into())),
            }
        }

        async fn write_all(&mut self, _bytes: &[u8]) -> Result<(), AdbError> {
            Ok(())
        }
    }

    fn ask(pieces: &[&[u8]], most: usize) -> Result<(Response, bool), String> {
        let pieces = pieces.iter().map(|piece| piece.to_vec()).collect();
        let mut connection = Connection::new(Box::new(Played(pieces)));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let answer = runtime.block_on(connection.get("/", most));
        let answer = answer.map_err(|error| error.to_string())?;
        Ok((answer, connection.is_fresh()))
    }

    #[test]
    fn answers_come_in_any_pieces() {
        let whole: &[u8] =
            b"HTTP/1.1 200 OK \r\nContent-Type: text/html\r\nConnection: keep-alive\r\nContent-Length: 4\r\n\r\npong";
        let single: Vec<&[u8]> = whole.chunks(1).collect();
        for pieces in [vec![whole], single] {
            let (answer, fresh) = ask(&pieces, 4).unwrap();
            assert_eq!(
                (answer.status, &answer.body[..], fresh),
                (200, &b"pong"[..], true)
            );
        }
        let (answer, fresh) = ask(
            &[b"HTTP/1.1 404 Not Found \r\nconnection: Close\r\ncontent-length:0\r\n\r\n"],
            9,
        )
        .unwrap();
        assert_eq!((answer.status, answer.body.len(), fresh), (404, 0, false));
    }

    #[test]
    fn what_is_no_answer_is_an_error() {
        let long = vec![b'x'; HEAD + 1];
        for (pieces, expected) in [
            (vec![], "closed the connection"),
            (vec![&b"HTTP/1.1 200"[..]], "closed the connection"),
            (
                vec![&b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"[..]],
                "closed",
            ),
            (vec![&b"HTTP/1.1 200 OK\r\n\r\n"[..]], "no length"),
            (
                vec![&b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"[..]],
                "more than 8",
            ),
            (
                vec![&b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab"[..]],
                "more than its length",
            ),
            (
                vec![&b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"[..]],
                "the length",
            ),
            (
                vec![&b"HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\nx"[..]],
                "the length",
            ),
            (
                vec![&b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n"[..]],
                "the length",
            ),
            (
                vec![&b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"[..]],
                "the length",
            ),
            (
                vec![&b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"[..]],
                "the encoding",
            ),
            (
                vec![
                    &b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx"[..],
                ],
                "the encoding",
            ),
            (
                vec![&b"HTTP/1.1 200 OK\r\nnothing\r\n\r\n"[..]],
                "the header",
            ),
            (vec![&b"HTTP/2 200\r\n\r\n"[..]], "the first line"),
            (vec![&b"HTTP/1.1 20\r\n\r\n"[..]], "the first line"),
            (vec![&b"SSH-2.0\r\n\r\n"[..]], "the first line"),
            (vec![&b"HTTP/1.1 200 \xff\r\n\r\n"[..]], "no text"),
            (vec![&long[..]], "no end of the head"),
            (vec![&long[..], &long[..]], "no end of the head"),
        ] {
            let error = ask(&pieces, 8).unwrap_err();
            assert!(error.contains(expected), "{error} lacks {expected}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>, cut in 0usize..80) {
            let _ = ask(&[&bytes], 64);
            let good: &[u8] = b"HTTP/1.1 200 OK \r\nContent-Length: 4\r\n\r\npong";
            let _ = ask(&[&good[..cut.min(good.len())], &bytes], 64);
        }
    }
}
