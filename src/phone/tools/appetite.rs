//! How much memory a query takes: what it sorts and keeps aside stays in memory, where SQLite has no bound of its
//! own for one connection. Looks at the process's own memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Most bytes by which the process may grow during a query.
const MOST: usize = 256 << 20;
/// Time between two looks: nothing fills much memory in it.
const LOOK: Duration = Duration::from_millis(1);
/// Bytes of a page of memory.
const PAGE: usize = 4 << 10;

/// Watches one connection.
#[derive(Debug, Clone)]
pub struct Appetite {
    begin: Option<usize>,
    last: Instant,
    over: Arc<AtomicBool>,
}

impl Appetite {
    /// From now on.
    pub fn new() -> Appetite {
        Appetite {
            begin: resident(),
            last: Instant::now(),
            over: Arc::default(),
        }
    }

    /// Whether more was taken than may be, as far as that is known.
    pub fn is_over(&mut self) -> bool {
        if self.last.elapsed() < LOOK {
            return false;
        }
        self.last = Instant::now();
        let grown = self
            .begin
            .zip(resident())
            .is_some_and(|(begin, now)| now.saturating_sub(begin) > MOST);
        if grown {
            self.over.store(true, Ordering::Relaxed);
        }
        grown
    }

    /// Whether it ever was.
    pub fn was_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }
}

/// Bytes of memory that this process has.
fn resident() -> Option<usize> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: usize = text.split(' ').nth(1)?.parse().ok()?;
    pages.checked_mul(PAGE)
}
