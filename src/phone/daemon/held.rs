//! How much the phone keeps of what its clients sent and nobody has read yet. Plain counting.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Bytes that the whole phone keeps for its streams.
const ALL: i64 = 256 << 20;
/// Bytes that are counted for a packet besides its payload.
const PACKET: i64 = 128;
/// Packets that one stream may keep, however small.
const PACKETS: i64 = 1 << 16;

/// What one stream keeps, within what the phone keeps.
pub struct Held {
    bytes: AtomicI64,
    packets: AtomicI64,
    all: Arc<AtomicI64>,
}

impl Held {
    /// A stream that keeps nothing yet; `all` counts for the whole phone.
    pub fn new(all: Arc<AtomicI64>) -> Held {
        Held {
            bytes: AtomicI64::new(0),
            packets: AtomicI64::new(0),
            all,
        }
    }

    /// Counts a packet that arrived; `false` when it is too much for a stream with this many bytes
    /// or for the phone.
    pub fn add(&self, length: usize, most: i64) -> bool {
        let length = length as i64;
        let bytes = self.bytes.fetch_add(length, Ordering::AcqRel) + length;
        let packets = self.packets.fetch_add(1, Ordering::AcqRel) + 1;
        let all = self.all.fetch_add(length + PACKET, Ordering::AcqRel) + length + PACKET;
        bytes <= most && packets <= PACKETS && all <= ALL
    }

    /// Counts a packet that was read.
    pub fn remove(&self, length: usize) {
        let length = length as i64;
        self.bytes.fetch_sub(length, Ordering::AcqRel);
        self.packets.fetch_sub(1, Ordering::AcqRel);
        self.all.fetch_sub(length + PACKET, Ordering::AcqRel);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let rest = *self.bytes.get_mut() + *self.packets.get_mut() * PACKET;
        self.all.fetch_sub(rest, Ordering::AcqRel);
    }
}
