//! Port forwarding: `adb forward` arrives here as `tcp:` and `local*:` streams, `adb reverse` as
//! `reverse:` requests. Uses the phone's own network.

use std::os::unix::net::UnixStream as HostStream;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use super::connection::Connection;
use super::stream::{StreamReader, StreamWriter};

/// How long the host may still answer after the phone's side has ended.
const LINGER: Duration = Duration::from_millis(500);

/// Connects a stream with what listens on the phone.
pub async fn connect(
    connection: &Arc<Connection>,
    name: &str,
    reader: StreamReader,
    writer: StreamWriter,
) {
    if let Some(socket) = connection.daemon.machine.loopback.dial(name) {
        pump(socket, reader, writer).await;
    }
}

/// Carries bytes both ways until one side ends.
async fn pump(socket: HostStream, mut reader: StreamReader, writer: StreamWriter) {
    if socket.set_nonblocking(true).is_err() {
        return;
    }
    let Ok(socket) = UnixStream::from_std(socket) else {
        return;
    };
    let (mut input, mut output) = socket.into_split();
    let to_phone = async {
        while let Some(piece) = reader.next().await {
            if output.write_all(&piece).await.is_err() {
                break;
            }
        }
        // The phone's side sees the end; it may still answer.
        let _ = output.shutdown().await;
    };
    let to_host = async {
        let mut buffer = BytesMut::new();
        loop {
            buffer.reserve(64 << 10);
            match input.read_buf(&mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(_) => {
                    if writer.write(buffer.split().freeze()).await.is_err() {
                        break;
                    }
                }
            }
        }
    };
    tokio::pin!(to_phone);
    tokio::pin!(to_host);
    tokio::select! {
        // ADB has no half-close: when the phone's side has said everything, the host gets a moment
        // to answer before the stream is closed.
        () = &mut to_host => {
            let _ = tokio::time::timeout(LINGER, to_phone).await;
        }
        () = &mut to_phone => {}
    }
}

/// Answers a `reverse:` request.
pub async fn reverse(connection: &Arc<Connection>, request: &str, writer: &StreamWriter) {
    let answer = match answer(connection, request) {
        Ok(answer) => answer,
        Err(message) => format!("FAIL{:04x}{message}", message.len()),
    };
    // Who closed the stream does not want to know.
    let _ = writer.write(Bytes::from(answer.into_bytes())).await;
}

fn answer(connection: &Arc<Connection>, request: &str) -> Result<String, String> {
    let loopback = &connection.daemon.machine.loopback;
    if request == "list-forward" {
        // This answer alone has no OKAY in front.
        let list: String = loopback
            .reversed(connection.key())
            .into_iter()
            .map(|(name, target)| format!("host-1 {name} {target}\n"))
            .collect();
        return Ok(format!("{:04x}{list}", list.len()));
    }
    if request == "killforward-all" {
        loopback.forget(connection.key());
        return Ok("OKAY".to_owned());
    }
    if let Some(name) = request.strip_prefix("killforward:") {
        return match loopback.close(name) {
            true => Ok("OKAY".to_owned()),
            false => Err(format!("listener '{name}' not found")),
        };
    }
    let rest = request
        .strip_prefix("forward:")
        .ok_or_else(|| format!("unknown reverse request '{request}'"))?;
    let (keep, rest) = match rest.strip_prefix("norebind:") {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let (name, target) = rest
        .split_once(';')
        .ok_or_else(|| format!("bad forward: {rest}"))?;
    let (name, chosen) = match name {
        "tcp:0" => {
            let port = loopback.free_port();
            (format!("tcp:{port}"), Some(port))
        }
        name if is_address(name) => {
            let port = name.strip_prefix("tcp:").and_then(|port| port.parse().ok());
            (name.to_owned(), port)
        }
        name => return Err(format!("cannot bind listener: bad address '{name}'")),
    };
    let weak = Arc::downgrade(connection);
    let runtime = tokio::runtime::Handle::current();
    let wanted = target.to_owned();
    let accept = move |socket: HostStream| {
        let Some(connection) = weak.upgrade() else {
            return;
        };
        // Here and not in the task: the host gets sockets in the order in which they were connected.
        let Some(call) = connection.call(&wanted) else {
            return;
        };
        runtime.spawn(async move {
            if let Some((reader, writer)) = connection.answered(call).await {
                pump(socket, reader, writer.clone()).await;
                writer.close().await;
                connection.finished(writer.shared().local);
            }
        });
    };
    loopback.listen(&name, Some((connection.key(), target)), keep, accept)?;
    // Every listener on a port is answered with its port, chosen or given.
    Ok(match chosen {
        Some(port) => {
            let text = port.to_string();
            format!("OKAY{:04x}{text}", text.len())
        }
        None => "OKAY".to_owned(),
    })
}

fn is_address(name: &str) -> bool {
    match name.split_once(':') {
        Some(("tcp", port)) => port.parse::<u16>().is_ok_and(|port| port > 0),
        Some(("localabstract" | "localfilesystem" | "localreserved" | "local", name)) => {
            !name.is_empty()
        }
        _ => false,
    }
}
