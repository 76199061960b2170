//! Logs: lines for people on stderr, and a file of JSON lines in a run's directory. Uses nothing of
//! the house.
//!
//! What is logged is chosen by `RUST_LOG`, else by how often `-v` was said. The file gets everything
//! from `info` up whatever is shown; its size has a bound.

mod rotate;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};

use rotate::{REOPENED, RotatingFile};
use tracing_appender::non_blocking::{NonBlocking, WorkerGuard};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

pub use rotate::Rotation;

/// Name of the file in a run's `log/`.
const FILE: &str = "stepdroid.log";

/// The file that is logged into, while there is one.
static SINK: Mutex<Option<NonBlocking>> = Mutex::new(None);

/// Why there is no log file.
#[derive(Debug, thiserror::Error)]
#[error("{}: the log can't be written: {source}", path.display())]
pub struct LogError {
    /// The file or directory.
    path: PathBuf,
    /// Why.
    source: io::Error,
}

/// Starts logging to stderr through `writer`. `verbosity` is how often `-v` was said: warnings at 0,
/// then `info`, `debug`, `trace`. Does nothing when logging was started before.
pub fn start<W, F>(verbosity: u8, writer: F)
where
    F: Fn() -> W + Send + Sync + 'static,
    W: Write + 'static,
{
    let level = match verbosity {
        0 => "warn",
        1 => "warn,stepdroid=info",
        2 => "info,stepdroid=debug",
        _ => "debug,stepdroid=trace",
    };
    let shown = std::env::var(EnvFilter::DEFAULT_ENV)
        .ok()
        .filter(|text| !text.is_empty())
        .unwrap_or_else(|| level.to_owned());
    let people = tracing_subscriber::fmt::layer()
        .with_writer(writer)
        .with_target(verbosity > 1)
        .with_ansi(io::IsTerminal::is_terminal(&io::stderr()))
        .with_filter(EnvFilter::new(shown));
    let file = tracing_subscriber::fmt::layer()
        .json()
        .with_writer(Sink)
        .with_filter(LevelFilter::INFO);
    // Another logger stands already where tests run several commands in one process.
    let _ = tracing_subscriber::registry()
        .with(people)
        .with(file)
        .try_init();
}

/// Ends logging into a file when dropped, after everything was written.
#[derive(Debug)]
#[must_use = "the log file is closed when this is dropped"]
pub struct LogFile {
    _guard: WorkerGuard,
}

impl Drop for LogFile {
    fn drop(&mut self) {
        SINK.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// Logs into `stepdroid.log` in a directory, which is made when it is missing; lines are appended. Files
/// that are full are put aside as `stepdroid.log.1` and so on. Lines that can't be written later, as on a
/// full disk, are lost: whoever logs is not stopped by them.
///
/// # Errors
/// When the file can't be written.
pub fn log_into(directory: &Path, rotation: Rotation) -> Result<LogFile, LogError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| LogError { path, source }
    };
    std::fs::create_dir_all(directory).map_err(failed(directory))?;
    let path = directory.join(FILE);
    let file = RotatingFile::open(&path, rotation).map_err(failed(&path))?;
    let (writer, guard) = tracing_appender::non_blocking(file);
    *SINK.lock().unwrap_or_else(PoisonError::into_inner) = Some(writer);
    Ok(LogFile { _guard: guard })
}

/// Opens the log files anew with the next line: somebody else moved them away.
pub fn reopen() {
    REOPENED.fetch_add(1, Ordering::SeqCst);
}

/// Makes writers to the file of the moment.
struct Sink;

impl<'a> MakeWriter<'a> for Sink {
    type Writer = SinkWriter;

    fn make_writer(&'a self) -> SinkWriter {
        SinkWriter(SINK.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

/// Writes to the file, or nowhere.
struct SinkWriter(Option<NonBlocking>);

impl Write for SinkWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            Some(file) => file.write(bytes),
            None => Ok(bytes.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.0 {
            Some(file) => file.flush(),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_go_into_the_file_while_it_is_open() {
        let folder = std::env::temp_dir().join(format!("stepdroid-log-{}", std::process::id()));
        start(0, io::sink);
        let open = log_into(&folder, Rotation::default()).expect("a log file");
        tracing::info!(round = 3, "planned");
        drop(open);
        tracing::info!("too late");
        let text = std::fs::read_to_string(folder.join(FILE)).expect("the log");
        std::fs::remove_dir_all(&folder).expect("cleaned");
        let line: serde_json::Value = serde_json::from_str(text.trim()).expect("one line of JSON");
        assert_eq!(line["fields"]["message"], "planned");
        assert_eq!(line["fields"]["round"], 3);
    }
}
