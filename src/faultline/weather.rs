//! What the line is like at the moment, and the counters. Uses `plan`.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use tokio::net::TcpStream;
use tokio::sync::{Notify, broadcast};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::LineEvent;
use super::plan::{LineFault, LinePlan, When};
use crate::domain::streams;

/// What a proxy did and passed so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections that were accepted and served.
    pub connections: u64,
    /// Connections that were reset at once: the line was down, or there were too many.
    pub refused: u64,
    /// Connections that found nobody at the endpoint.
    pub unreachable: u64,
    /// Bytes that passed in both directions.
    pub bytes: u64,
    /// Bits that were flipped.
    pub flipped: u64,
    /// Faults by the name of their kind, those that happened.
    pub faults: BTreeMap<&'static str, u64>,
}

#[derive(Debug, Default)]
struct Counters {
    connections: AtomicU64,
    refused: AtomicU64,
    unreachable: AtomicU64,
    bytes: AtomicU64,
    flipped: AtomicU64,
    faults: [AtomicU64; LineFault::KINDS.len()],
}

/// What lasts, with its end.
#[derive(Debug, Default)]
struct Lasting {
    delay: Option<(Duration, Instant)>,
    throttle: Option<(u64, Instant)>,
    stall: Option<Instant>,
    half_open: Option<Instant>,
    down: Option<Instant>,
    garbage: Option<Instant>,
    /// Garbage in the next piece.
    garbage_once: bool,
}

/// A fault that waits for bytes.
#[derive(Debug)]
struct Mark {
    fault: LineFault,
    at: u64,
    every: Option<u64>,
}

/// The state that all connections of a proxy share.
#[derive(Debug)]
pub(super) struct Weather {
    lasting: Mutex<Lasting>,
    marks: Mutex<Vec<Mark>>,
    /// Where the next mark is, so that most pieces need no lock.
    next_mark: AtomicU64,
    random: Mutex<ChaCha8Rng>,
    /// Resets the connections of now.
    cut: Mutex<CancellationToken>,
    /// Makes the connections of now half-open.
    hole: Mutex<CancellationToken>,
    changed: Notify,
    counters: Counters,
    open: AtomicUsize,
    started: Instant,
    stop: CancellationToken,
    events: broadcast::Sender<LineEvent>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Weather {
    /// Fair weather, with the plan's marks set.
    pub fn new(
        plan: &LinePlan,
        seed: u64,
        stop: CancellationToken,
        events: broadcast::Sender<LineEvent>,
    ) -> Weather {
        let mark = |fault, when| match when {
            When::Bytes { count, repeated } => Some(Mark {
                fault,
                at: count,
                every: repeated.then_some(count),
            }),
            _ => None,
        };
        let marks: Vec<Mark> = plan
            .faults
            .iter()
            .filter_map(|planned| mark(planned.fault, planned.when))
            .collect();
        Weather {
            lasting: Mutex::default(),
            next_mark: AtomicU64::new(nearest(&marks)),
            marks: Mutex::new(marks),
            random: Mutex::new(streams::stream(seed, "faultline garbage", 0)),
            cut: Mutex::new(stop.child_token()),
            hole: Mutex::new(CancellationToken::new()),
            changed: Notify::new(),
            counters: Counters::default(),
            open: AtomicUsize::new(0),
            started: Instant::now(),
            stop,
            events,
        }
    }

    /// Cancelled when the proxy is to end.
    pub fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// See [`super::FaultLine::events`].
    pub fn events(&self) -> broadcast::Receiver<LineEvent> {
        self.events.subscribe()
    }

    /// Does something to the line.
    pub fn strike(&self, fault: LineFault) {
        let now = Instant::now();
        let mut lasting = lock(&self.lasting);
        let until = now + fault.lasts();
        let longer = |old: Option<Instant>| Some(old.map_or(until, |old| old.max(until)));
        match fault {
            LineFault::Delay { by, .. } => lasting.delay = Some((by, until)),
            LineFault::Throttle {
                bytes_per_second, ..
            } => lasting.throttle = Some((bytes_per_second, until)),
            LineFault::Stall { .. } => lasting.stall = longer(lasting.stall),
            LineFault::Down { .. } => lasting.down = longer(lasting.down),
            LineFault::HalfOpen { .. } => lasting.half_open = longer(lasting.half_open),
            LineFault::Garbage { lasts } if lasts.is_zero() => lasting.garbage_once = true,
            LineFault::Garbage { .. } => lasting.garbage = longer(lasting.garbage),
            LineFault::Cut => {}
        }
        drop(lasting);
        self.counters.faults[fault.index()].fetch_add(1, Ordering::Relaxed);
        // Nobody may listen.
        let _ = self.events.send(LineEvent {
            at: now - self.started,
            fault,
            connections: self.open.load(Ordering::Relaxed),
        });
        match fault {
            LineFault::Cut | LineFault::Down { .. } => {
                std::mem::replace(&mut *lock(&self.cut), self.stop.child_token()).cancel();
            }
            LineFault::HalfOpen { .. } => {
                std::mem::take(&mut *lock(&self.hole)).cancel();
            }
            _ => {}
        }
        self.changed.notify_waiters();
    }

    /// See [`super::FaultLine::clear`].
    pub fn clear(&self) {
        *lock(&self.lasting) = Lasting::default();
        self.changed.notify_waiters();
    }

    /// Tokens of a new connection: one resets it, one makes it half-open, maybe at once.
    pub fn tokens(&self) -> (CancellationToken, CancellationToken) {
        let hole = lock(&self.hole).clone();
        let half_open = lock(&self.lasting).half_open;
        if half_open.is_some_and(|until| Instant::now() < until) {
            let dead = CancellationToken::new();
            dead.cancel();
            return (lock(&self.cut).clone(), dead);
        }
        (lock(&self.cut).clone(), hole)
    }

    /// Whether new connections are reset.
    pub fn is_down(&self) -> bool {
        let down = lock(&self.lasting).down;
        down.is_some_and(|until| Instant::now() < until)
    }

    /// Resets a connection that was just accepted.
    pub fn refuse(&self, socket: &TcpStream) {
        self.counters.refused.fetch_add(1, Ordering::Relaxed);
        // If the system cannot reset it, closing it says the same.
        let _ = socket.set_zero_linger();
    }

    /// Counts a connection for as long as the guard lives.
    pub fn enter(&self) -> Open<'_> {
        self.counters.connections.fetch_add(1, Ordering::Relaxed);
        self.open.fetch_add(1, Ordering::Relaxed);
        Open(self)
    }

    /// Counts a connection that found nobody.
    pub fn unreachable(&self) {
        self.counters.unreachable.fetch_add(1, Ordering::Relaxed);
    }

    /// When a piece that arrives now may leave.
    pub fn due(&self) -> Instant {
        let now = Instant::now();
        match lock(&self.lasting).delay {
            Some((by, until)) if now < until => now + by,
            _ => now,
        }
    }

    /// Waits while the line is stalled.
    pub async fn passable(&self) {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let stall = lock(&self.lasting).stall;
            match stall {
                Some(until) if Instant::now() < until => {
                    tokio::select! {
                        () = tokio::time::sleep_until(until) => {}
                        () = changed => {}
                    }
                }
                _ => return,
            }
        }
    }

    /// Bytes a second that may pass, where that is limited now.
    pub fn limit(&self) -> Option<u64> {
        let throttle = lock(&self.lasting).throttle;
        throttle
            .filter(|(_, until)| Instant::now() < *until)
            .map(|(rate, _)| rate)
    }

    /// The piece, with a bit flipped if that is how the line is.
    pub fn garble(&self, piece: Bytes) -> Bytes {
        {
            let mut lasting = lock(&self.lasting);
            let garbage = lasting.garbage.is_some_and(|until| Instant::now() < until);
            if piece.is_empty() || (!std::mem::take(&mut lasting.garbage_once) && !garbage) {
                return piece;
            }
        }
        let mut bytes = Vec::from(piece);
        let mut random = lock(&self.random);
        let place = random.random_range(0..bytes.len());
        bytes[place] ^= 1 << random.random_range(0..8_u8);
        self.counters.flipped.fetch_add(1, Ordering::Relaxed);
        bytes.into()
    }

    /// How many of `wanted` bytes may pass before a fault that waits for bytes.
    pub fn before_mark(&self, wanted: usize) -> usize {
        let passed = self.counters.bytes.load(Ordering::Relaxed);
        let left = self
            .next_mark
            .load(Ordering::Relaxed)
            .saturating_sub(passed);
        wanted.min(usize::try_from(left.max(1)).unwrap_or(usize::MAX))
    }

    /// Counts bytes that passed, and does what waited for them; says whether something did.
    pub fn passed(&self, count: usize) -> bool {
        let passed = self
            .counters
            .bytes
            .fetch_add(count as u64, Ordering::Relaxed)
            + count as u64;
        if passed < self.next_mark.load(Ordering::Relaxed) {
            return false;
        }
        let mut due = Vec::new();
        let mut marks = lock(&self.marks);
        marks.retain_mut(|mark| {
            if mark.at > passed {
                return true;
            }
            due.push(mark.fault);
            match mark.every {
                Some(every) => {
                    let missed = (passed - mark.at) / every;
                    mark.at = mark.at.saturating_add(every.saturating_mul(missed + 1));
                    true
                }
                None => false,
            }
        });
        self.next_mark.store(nearest(&marks), Ordering::Relaxed);
        drop(marks);
        let any = !due.is_empty();
        due.into_iter().for_each(|fault| self.strike(fault));
        any
    }

    /// See [`super::FaultLine::counts`].
    pub fn counts(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let faults = LineFault::KINDS.iter().zip(&self.counters.faults);
        Counts {
            connections: read(&self.counters.connections),
            refused: read(&self.counters.refused),
            unreachable: read(&self.counters.unreachable),
            bytes: read(&self.counters.bytes),
            flipped: read(&self.counters.flipped),
            faults: faults
                .map(|(kind, counter)| (*kind, read(counter)))
                .filter(|(_, count)| *count > 0)
                .collect(),
        }
    }
}

fn nearest(marks: &[Mark]) -> u64 {
    marks.iter().map(|mark| mark.at).min().unwrap_or(u64::MAX)
}

/// A connection that is there.
pub(super) struct Open<'a>(&'a Weather);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}
