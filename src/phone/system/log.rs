//! The log that `logcat` prints: a ring of the newest lines. Uses nothing.

use std::collections::VecDeque;

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Wall time in microseconds of the Unix epoch.
    pub micros: i64,
    /// `V`, `D`, `I`, `W`, `E` or `F`.
    pub priority: char,
    /// Who wrote it.
    pub tag: String,
    /// What it says.
    pub text: String,
}

/// The newest lines, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Log {
    lines: VecDeque<LogLine>,
    written: u64,
}

impl Log {
    /// How many lines are kept.
    pub const CAPACITY: usize = 512;

    /// Adds a line.
    pub fn write(&mut self, micros: i64, priority: char, tag: &str, text: &str) {
        if self.lines.len() == Log::CAPACITY {
            self.lines.pop_front();
        }
        self.written += 1;
        self.lines.push_back(LogLine {
            micros,
            priority,
            tag: tag.to_owned(),
            text: text.to_owned(),
        });
    }

    /// Number of lines ever written.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Lines written after the first `seen`, as far as they are kept.
    pub fn since(&self, seen: u64) -> impl Iterator<Item = &LogLine> {
        let first = self.written - self.lines.len() as u64;
        let skip = usize::try_from(seen.saturating_sub(first)).unwrap_or(usize::MAX);
        self.lines.iter().skip(skip)
    }

    /// `logcat -c`.
    pub fn clear(&mut self) {
        self.lines.clear();
    }
}
