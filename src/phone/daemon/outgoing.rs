//! The ways out of one connection: control packets that overtake data, and data. Uses `wire`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Notify, mpsc};

use crate::wire::packet::Packet;

/// Control packets that may wait before nothing more is read from a peer that takes no answers.
const CONGESTED: usize = 8192;
/// Data packets of all streams that may wait.
const DATA: usize = 8;

/// Where packets leave.
#[derive(Clone)]
pub struct Outgoing {
    control: mpsc::UnboundedSender<Packet>,
    waiting: Arc<Waiting>,
    /// Data of all streams.
    pub data: mpsc::Sender<Packet>,
}

/// How many control packets wait.
#[derive(Default)]
struct Waiting {
    count: AtomicUsize,
    fewer: Notify,
}

/// The other end of [`Outgoing`], for whoever writes to the peer.
pub struct Queues {
    control: mpsc::UnboundedReceiver<Packet>,
    waiting: Arc<Waiting>,
    /// Data of all streams.
    pub data: mpsc::Receiver<Packet>,
}

impl Outgoing {
    /// Both ends.
    pub fn new() -> (Outgoing, Queues) {
        let (control, control_queue) = mpsc::unbounded_channel();
        let (data, data_queue) = mpsc::channel(DATA);
        let waiting = Arc::<Waiting>::default();
        let outgoing = Outgoing {
            control,
            waiting: waiting.clone(),
            data,
        };
        let queues = Queues {
            control: control_queue,
            waiting,
            data: data_queue,
        };
        (outgoing, queues)
    }

    /// Queues an opening, an acknowledgement or a closing; never blocks.
    pub fn control(&self, packet: Packet) {
        self.waiting.count.fetch_add(1, Ordering::AcqRel);
        // A connection that is ending sends nothing any more.
        let _ = self.control.send(packet);
    }

    /// Waits until the peer has taken enough of its answers.
    pub async fn uncongested(&self) {
        while self.waiting.count.load(Ordering::Acquire) > CONGESTED {
            self.waiting.fewer.notified().await;
        }
    }
}

impl Queues {
    /// The next packet and whether it is data; `None` when nothing can come any more.
    pub async fn next(&mut self) -> Option<(Packet, bool)> {
        let next = tokio::select! {
            biased;
            Some(packet) = self.control.recv() => (packet, false),
            Some(packet) = self.data.recv() => (packet, true),
            else => return None,
        };
        if !next.1 {
            self.taken();
        }
        Some(next)
    }

    /// The next control packet, if one waits already.
    pub fn control_now(&mut self) -> Option<Packet> {
        let packet = self.control.try_recv().ok()?;
        self.taken();
        Some(packet)
    }

    fn taken(&self) {
        if self.waiting.count.fetch_sub(1, Ordering::AcqRel) > CONGESTED {
            // The one who waits is the reader of this connection.
            self.waiting.fewer.notify_one();
        }
    }
}
