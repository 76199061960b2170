//! One ADB stream with its flow control: a reader that acknowledges what was consumed, a writer
//! that waits for credit. Uses `wire`.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Buf, Bytes};
use tokio::runtime::Handle;
use tokio::sync::{Notify, mpsc};

use super::held::Held;
use super::outgoing::Outgoing;
use crate::wire::packet::{Command, Packet};

/// Bytes that a peer with delayed acknowledgement may send ahead.
pub const WINDOW: u32 = 4 << 20;
/// Largest piece that is written at once, so that streams share the connection fairly.
const PIECE: usize = 256 << 10;

/// How much may still be sent.
#[derive(Debug, Clone, Copy)]
enum Credit {
    /// One packet at a time.
    Classic { ready: bool },
    /// Bytes.
    Delayed { bytes: i64 },
}

/// What the connection and the two ends of a stream share.
pub struct Shared {
    /// Our id.
    pub local: u32,
    remote: AtomicU32,
    credit: Mutex<Credit>,
    changed: Notify,
    closed: AtomicBool,
    /// Set for whatever works for this stream, when the peer goes.
    pub cancelled: Arc<AtomicBool>,
    held: Held,
    outgoing: Outgoing,
}

impl Shared {
    /// A stream that the peer opened. `window` is what it gave with delayed acknowledgement; none
    /// means one packet at a time.
    /// `all` counts what the whole phone keeps.
    pub fn new(
        local: u32,
        remote: u32,
        window: Option<u32>,
        outgoing: Outgoing,
        all: Arc<AtomicI64>,
    ) -> Arc<Shared> {
        Arc::new(Shared {
            local,
            remote: AtomicU32::new(remote),
            credit: Mutex::new(match window {
                Some(bytes) => Credit::Delayed {
                    bytes: i64::from(bytes),
                },
                // A stream that we open waits for the peer's first OKAY.
                None => Credit::Classic { ready: remote != 0 },
            }),
            changed: Notify::new(),
            closed: AtomicBool::new(false),
            cancelled: Arc::default(),
            held: Held::new(all),
            outgoing,
        })
    }

    /// The peer's id; 0 until it has answered.
    pub fn remote(&self) -> u32 {
        self.remote.load(Ordering::Acquire)
    }

    fn is_delayed(&self) -> bool {
        let credit = self.credit.lock().unwrap_or_else(PoisonError::into_inner);
        matches!(*credit, Credit::Delayed { .. })
    }

    /// The peer acknowledged: `payload` counts the bytes with delayed acknowledgement.
    pub fn acknowledge(&self, remote: u32, payload: &[u8]) {
        let _ = self
            .remote
            .compare_exchange(0, remote, Ordering::AcqRel, Ordering::Acquire);
        let mut credit = self.credit.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *credit {
            Credit::Classic { ready } => *ready = true,
            Credit::Delayed { bytes } => {
                if let Ok(word) = <[u8; 4]>::try_from(payload) {
                    *bytes = bytes.saturating_add(i64::from(i32::from_le_bytes(word)));
                }
            }
        }
        drop(credit);
        self.changed.notify_waiters();
    }

    /// Counts a packet that arrived; `false` when the peer sends more than it may.
    pub fn arrive(&self, length: usize) -> bool {
        self.held.add(length, i64::from(WINDOW) + (2 << 20))
    }

    fn consumed(&self, length: usize) {
        self.held.remove(length);
        let payload = match self.is_delayed() {
            true => Bytes::copy_from_slice(&(length as u32).to_le_bytes()),
            false => Bytes::new(),
        };
        self.outgoing.control(Packet::new(
            Command::Okay,
            self.local,
            self.remote(),
            payload,
        ));
    }

    /// The peer has closed, or the connection is gone.
    pub fn hang_up(&self) {
        self.closed.store(true, Ordering::Release);
        self.cancelled.store(true, Ordering::Release);
        self.changed.notify_waiters();
    }

    /// Whether the stream is closed on either side.
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Waits until the stream is closed.
    pub async fn closed(&self) {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if self.is_closed() {
                return;
            }
            changed.await;
        }
    }

    /// Waits until the peer has accepted a stream that we opened; `false` when it refused.
    pub async fn accepted(&self) -> bool {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if self.remote() != 0 {
                return true;
            }
            if self.is_closed() {
                return false;
            }
            changed.await;
        }
    }

    /// Waits for credit and takes as much of `wanted` as may be sent.
    async fn take_credit(&self, wanted: usize) -> io::Result<usize> {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if self.is_closed() {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            {
                let mut credit = self.credit.lock().unwrap_or_else(PoisonError::into_inner);
                match &mut *credit {
                    Credit::Classic { ready } if *ready => {
                        *ready = false;
                        return Ok(wanted);
                    }
                    Credit::Delayed { bytes } if *bytes > 0 => {
                        let allowed = wanted.min(usize::try_from(*bytes).unwrap_or(usize::MAX));
                        *bytes -= allowed as i64;
                        return Ok(allowed);
                    }
                    _ => {}
                }
            }
            changed.await;
        }
    }
}

/// The end of a stream that reads.
pub struct StreamReader {
    shared: Arc<Shared>,
    inbound: mpsc::UnboundedReceiver<Bytes>,
    held: Bytes,
}

impl StreamReader {
    /// Joins a stream's inbound queue.
    pub fn new(shared: Arc<Shared>, inbound: mpsc::UnboundedReceiver<Bytes>) -> StreamReader {
        StreamReader {
            shared,
            inbound,
            held: Bytes::new(),
        }
    }

    /// The next piece; `None` at the end.
    pub async fn next(&mut self) -> Option<Bytes> {
        if !self.held.is_empty() {
            return Some(std::mem::take(&mut self.held));
        }
        let piece = self.inbound.recv().await?;
        self.shared.consumed(piece.len());
        Some(piece)
    }

    /// [`StreamReader::next`] on a thread of its own.
    pub fn next_blocking(&mut self) -> Option<Bytes> {
        if !self.held.is_empty() {
            return Some(std::mem::take(&mut self.held));
        }
        let piece = self.inbound.blocking_recv()?;
        self.shared.consumed(piece.len());
        Some(piece)
    }

    /// Reads some bytes on a thread of its own; 0 at the end.
    pub fn read_blocking(&mut self, into: &mut [u8]) -> usize {
        while self.held.is_empty() {
            match self.next_blocking() {
                Some(piece) => self.held = piece,
                None => return 0,
            }
        }
        let count = into.len().min(self.held.len());
        into[..count].copy_from_slice(&self.held[..count]);
        self.held.advance(count);
        count
    }
}

/// The end of a stream that writes. Dropping it does not close; [`StreamWriter::close`] does.
#[derive(Clone)]
pub struct StreamWriter {
    shared: Arc<Shared>,
    max_payload: usize,
    corrupt: Arc<AtomicBool>,
}

impl StreamWriter {
    /// The writing end of a stream.
    pub fn new(shared: Arc<Shared>, max_payload: usize) -> StreamWriter {
        StreamWriter {
            shared,
            max_payload: max_payload.min(PIECE),
            corrupt: Arc::default(),
        }
    }

    /// Flips a bit in the next piece (fault injection).
    pub fn corrupt_next(&self) {
        self.corrupt.store(true, Ordering::Relaxed);
    }

    /// Writes everything; an error means that the stream is closed.
    pub async fn write(&self, mut bytes: Bytes) -> io::Result<()> {
        if self.corrupt.load(Ordering::Relaxed) && !bytes.is_empty() {
            self.corrupt.store(false, Ordering::Relaxed);
            let mut copy = bytes.to_vec();
            let middle = copy.len() / 2;
            copy[middle] ^= 0x10;
            bytes = copy.into();
        }
        while !bytes.is_empty() {
            let wanted = bytes.len().min(self.max_payload);
            let allowed = self.shared.take_credit(wanted).await?;
            let piece = bytes.split_to(allowed);
            let packet = Packet::new(
                Command::Write,
                self.shared.local,
                self.shared.remote(),
                piece,
            );
            if self.shared.outgoing.data.send(packet).await.is_err() {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
        }
        Ok(())
    }

    /// [`StreamWriter::write`] on a thread of its own.
    pub fn write_blocking(&self, handle: &Handle, bytes: Bytes) -> io::Result<()> {
        handle.block_on(self.write(bytes))
    }

    /// Closes the stream behind everything written.
    pub async fn close(&self) {
        if self.shared.closed.swap(true, Ordering::AcqRel) {
            return;
        }
        self.shared.changed.notify_waiters();
        let packet = Packet::new(
            Command::Close,
            self.shared.local,
            self.shared.remote(),
            Bytes::new(),
        );
        // Behind the data, not in front of it.
        let _ = self.shared.outgoing.data.send(packet).await;
    }

    /// The shared part.
    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}
