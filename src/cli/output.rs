//! Where a command's words go: results to stdout as text or JSON, notes, progress and logs to stderr.

use std::io::{self, Write};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use serde::Serialize;

use super::{ExitCode, Failure};

/// Stdout and stderr of a command; clones share the progress bars.
#[derive(Debug, Clone)]
pub struct Output {
    json: bool,
    bars: MultiProgress,
}

impl Output {
    /// Results as JSON or as text. Progress bars show only where stderr is a terminal.
    pub fn new(json: bool) -> Output {
        Output {
            json,
            bars: MultiProgress::new(),
        }
    }

    /// Whether results are JSON.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Prints a result: as one line of JSON, or as the text that is made of it.
    ///
    /// # Errors
    /// When stdout is closed or full.
    pub fn result<T: Serialize + ?Sized>(
        &self,
        value: &T,
        text: impl FnOnce(&T) -> String,
    ) -> Result<(), Failure> {
        if self.json {
            let line = serde_json::to_string(value)
                .map_err(|error| Failure::missed(format!("the result is no JSON: {error}")))?;
            self.print(&line)
        } else {
            self.print(&text(value))
        }
    }

    /// Prints text to stdout, with a line break at its end.
    ///
    /// # Errors
    /// When stdout is closed or full. A reader that has seen enough is no error: the program then
    /// ends quietly.
    pub fn print(&self, text: &str) -> Result<(), Failure> {
        let ending = if text.ends_with('\n') || text.is_empty() {
            ""
        } else {
            "\n"
        };
        let write = || {
            let mut stdout = io::stdout().lock();
            write!(stdout, "{text}{ending}")?;
            stdout.flush()
        };
        self.bars.suspend(write).map_err(|error| {
            if error.kind() == io::ErrorKind::BrokenPipe {
                Failure::silent(ExitCode::Ok)
            } else {
                Failure::environment(format!("stdout can't be written: {error}"))
            }
        })
    }

    /// Says something on stderr.
    pub fn note(&self, text: &str) {
        // There is nowhere to complain about a closed stderr.
        let _ = self.bars.suspend(|| writeln!(io::stderr(), "{text}"));
    }

    /// A progress bar on stderr; without a length it only turns. Nothing is shown where stderr is no
    /// terminal.
    pub fn progress(&self, length: Option<u64>, label: &str) -> ProgressBar {
        // Bars that are never drawn would be kept, each with a thread of its own.
        if self.bars.is_hidden() {
            return ProgressBar::hidden();
        }
        let bar = match length {
            Some(length) => ProgressBar::new(length).with_style(style(
                "{msg} {wide_bar} {pos}/{len} {elapsed_precise} (left {eta})",
            )),
            None => ProgressBar::new_spinner().with_style(style("{spinner} {msg} {elapsed}")),
        };
        let bar = self.bars.add(bar.with_message(label.to_owned()));
        bar.enable_steady_tick(Duration::from_millis(200));
        bar
    }

    /// Makes writers for log lines that do not tear the progress bars.
    pub fn log_writer(&self) -> impl Fn() -> LogWriter + Send + Sync + 'static {
        let bars = self.bars.clone();
        move || LogWriter { bars: bars.clone() }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// Writes a log line to stderr, above the progress bars.
#[derive(Debug)]
pub struct LogWriter {
    bars: MultiProgress,
}

impl Write for LogWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bars.suspend(|| io::stderr().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
