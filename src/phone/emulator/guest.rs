//! Connections to the control service: few at a time, only those that say something, and only those that take what
//! they asked for. Uses `tonic`.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{Instant, Interval, Sleep};
use tokio_util::sync::CancellationToken;
use tonic::codegen::tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::Connected;

/// Most connections at a time.
const GUESTS: usize = 8;
/// Who has said nothing for this long after connecting is hung up on.
const SILENCE: Duration = Duration::from_secs(10);

/// Who takes nothing of an answer for this long is hung up on, and how often that is looked at.
const STALLED: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_secs(1);

/// How much of its answers a connection has taken.
#[derive(Debug, Default)]
pub struct Flow {
    /// Bytes that went out.
    out: AtomicU64,
    /// Where that number will be when everything promised is out.
    due: AtomicU64,
    /// Whoever waits to promise a long answer.
    turn: tokio::sync::Mutex<()>,
}

impl Flow {
    /// An answer of this many bytes is on its way.
    pub fn promise(&self, bytes: u64) {
        let out = self.out.load(Ordering::SeqCst);
        // A lost update would only make the answers seem shorter.
        let due = self.due.load(Ordering::SeqCst).max(out);
        self.due.store(due.saturating_add(bytes), Ordering::SeqCst);
    }

    /// Waits until everything before has gone out, so that a connection never has two long answers in memory;
    /// whoever holds the result is the only one that does not wait.
    pub async fn room(&self) -> tokio::sync::MutexGuard<'_, ()> {
        let turn = self.turn.lock().await;
        while self.is_behind() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        turn
    }

    fn is_behind(&self) -> bool {
        self.out.load(Ordering::SeqCst) < self.due.load(Ordering::SeqCst)
    }
}

/// A connection and its place among the few.
pub struct Guest {
    socket: TcpStream,
    /// Runs until the first word.
    silence: Option<Pin<Box<Sleep>>>,
    flow: Arc<Flow>,
    /// When bytes went out last, and how many had then.
    moved: (Instant, u64),
    look: Interval,
    _place: OwnedSemaphorePermit,
}

/// Lets connections in until `stop` is cancelled; who is one too many is hung up on, and may try again.
pub fn receive(
    listener: TcpListener,
    stop: CancellationToken,
) -> ReceiverStream<Result<Guest, Infallible>> {
    let (sender, receiver) = mpsc::channel(1);
    let places = Arc::new(Semaphore::new(GUESTS));
    tokio::spawn(async move {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = stop.cancelled() => return,
            };
            let Ok((socket, _)) = accepted else {
                // Out of file descriptors, for instance; it may get better.
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            let Ok(place) = places.clone().try_acquire_owned() else {
                continue;
            };
            // Small answers are not to wait for each other; without it they are only slower.
            let _ = socket.set_nodelay(true);
            let guest = Guest {
                socket,
                silence: Some(Box::pin(tokio::time::sleep(SILENCE))),
                flow: Arc::default(),
                moved: (Instant::now(), 0),
                look: tokio::time::interval(LOOK),
                _place: place,
            };
            if sender.send(Ok(guest)).await.is_err() {
                return;
            }
        }
    });
    ReceiverStream::new(receiver)
}

impl Connected for Guest {
    type ConnectInfo = Arc<Flow>;

    fn connect_info(&self) -> Arc<Flow> {
        self.flow.clone()
    }
}

impl Guest {
    /// Whether nothing of an answer has gone out for too long.
    fn stalls(&mut self, context: &mut Context<'_>) -> bool {
        while self.look.poll_tick(context).is_ready() {}
        let (now, out) = (Instant::now(), self.flow.out.load(Ordering::SeqCst));
        if out != self.moved.1 || !self.flow.is_behind() {
            self.moved = (now, out);
        }
        now.duration_since(self.moved.0) > STALLED
    }

    fn sent(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(count)) = &written {
            self.flow.out.fetch_add(*count as u64, Ordering::SeqCst);
        }
        written
    }
}

impl AsyncRead for Guest {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let guest = &mut *self;
        if let Some(silence) = &mut guest.silence
            && silence.as_mut().poll(context).is_ready()
        {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        if guest.stalls(context) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let read = ready!(Pin::new(&mut guest.socket).poll_read(context, buffer));
        guest.silence = None;
        Poll::Ready(read)
    }
}

impl AsyncWrite for Guest {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write(context, bytes);
        self.sent(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write_vectored(context, slices);
        self.sent(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}
