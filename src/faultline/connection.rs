//! One connection through the proxy: bytes both ways, as the weather allows. Uses `weather`.

use std::future::pending;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::weather::Weather;

/// Bytes that are passed at once.
const PIECE: usize = 16 << 10;
/// Pieces that wait in one direction of a connection; what more comes waits with the sender.
const WAITING: usize = 16;
/// How long the endpoint may take to accept.
const CONNECT: Duration = Duration::from_secs(10);
/// A throttled line passes something this often.
const TURN: Duration = Duration::from_millis(50);

/// Serves a client until either side ends the connection, or the weather does.
pub(super) async fn serve(weather: &Weather, client: TcpStream, to: &str) {
    let (cut, hole) = weather.tokens();
    let _open = weather.enter();
    if hole.is_cancelled() {
        return swallow(client, &cut).await;
    }
    let connecting = tokio::time::timeout(CONNECT, TcpStream::connect(to));
    let server = tokio::select! {
        connected = connecting => match connected {
            Ok(Ok(server)) => server,
            _ => {
                weather.unreachable();
                return reset(&client);
            }
        },
        () = cut.cancelled() => return reset(&client),
    };
    // A line that cannot be told to hurry is only slower.
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let both = async {
        tokio::join!(
            pass(weather, &mut from_client, &mut to_server),
            pass(weather, &mut from_server, &mut to_client),
        )
    };
    let is_cut = tokio::select! {
        biased;
        () = cut.cancelled() => true,
        () = hole.cancelled() => {
            // The endpoint sees a silent client until the client goes.
            tokio::select! {
                () = drain(&mut from_client) => false,
                () = async { drain(&mut from_server).await; pending::<()>().await } => false,
                () = cut.cancelled() => true,
            }
        }
        _ = both => false,
    };
    if is_cut {
        reset_halves(&from_client, to_client);
        reset_halves(&from_server, to_server);
    }
}

/// Makes the end of a socket a reset.
fn reset(socket: &TcpStream) {
    // If the system cannot reset it, closing it says the same.
    let _ = socket.set_zero_linger();
}

/// The same of a socket in two halves.
fn reset_halves(reader: &OwnedReadHalf, writer: OwnedWriteHalf) {
    reset(reader.as_ref());
    // Dropped, it would end the stream in good order before the reset.
    writer.forget();
}

/// Holds a connection and never answers.
async fn swallow(client: TcpStream, cut: &CancellationToken) {
    let (mut reader, writer) = client.into_split();
    tokio::select! {
        () = drain(&mut reader) => {}
        () = cut.cancelled() => reset_halves(&reader, writer),
    }
}

/// Reads what comes into nowhere, to its end.
async fn drain(reader: &mut OwnedReadHalf) {
    let mut buffer = vec![0; PIECE];
    while let Ok(1..) = reader.read(&mut buffer).await {}
}

/// One direction, to its end.
async fn pass(weather: &Weather, reader: &mut OwnedReadHalf, writer: &mut OwnedWriteHalf) {
    let (sender, mut queue) = mpsc::channel::<(Instant, Bytes)>(WAITING);
    let reading = async move {
        let mut buffer = BytesMut::new();
        loop {
            buffer.reserve(PIECE);
            match reader.read_buf(&mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(_) => {}
            }
            while !buffer.is_empty() {
                let piece = buffer.split_to(buffer.len().min(PIECE)).freeze();
                if sender.send((weather.due(), piece)).await.is_err() {
                    return;
                }
            }
        }
        drop(sender);
        // The other direction may go on.
        pending::<()>().await;
    };
    let writing = async {
        while let Some((due, piece)) = queue.recv().await {
            if due > Instant::now() {
                tokio::time::sleep_until(due).await;
            }
            if write(weather, writer, piece).await.is_err() {
                break;
            }
        }
        // Who is gone needs no goodbye.
        let _ = writer.shutdown().await;
    };
    tokio::select! {
        () = reading => {}
        () = writing => {}
    }
}

async fn write(
    weather: &Weather,
    writer: &mut OwnedWriteHalf,
    piece: Bytes,
) -> std::io::Result<()> {
    let mut piece = weather.garble(piece);
    while !piece.is_empty() {
        weather.passable().await;
        let limit = weather.limit();
        let turn = match limit {
            Some(rate) => usize::try_from(rate / 20).unwrap_or(usize::MAX).max(1),
            None => piece.len(),
        };
        let part = piece.split_to(weather.before_mark(turn.min(piece.len())));
        writer.write_all(&part).await?;
        if weather.passed(part.len()) {
            // What struck is noticed before more passes.
            tokio::task::yield_now().await;
        }
        if let Some(rate) = limit {
            let takes = part.len() as f64 / rate as f64;
            let takes = Duration::from_secs_f64(takes.min(3_600.0));
            // A slow line must not hide that the weather changes.
            let end = Instant::now() + takes;
            while Instant::now() < end && weather.limit() == Some(rate) {
                tokio::time::sleep(TURN.min(end - Instant::now())).await;
            }
        }
    }
    Ok(())
}
