//! The server on the device: its jar is pushed once, it is started by a shell command that is kept open, and it ends
//! with that command. May use `adb`, `wire`.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::BytesMut;
use sha2::{Digest, Sha256};
use tokio::sync::{OnceCell, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use super::http::Connection;
use super::{PORT, failed};
use crate::adb::{Adb, AdbError, ServiceStream};
use crate::device::DeviceError;
use crate::wire::shell_v2::{Kind, ShellPacket};

/// Where the jar goes: where the Python package puts it too.
const REMOTE: &str = "/data/local/tmp/u2.jar";
/// The class inside it.
const MAIN: &str = "com.wetest.uia2.Main";
/// Largest jar that is taken, in bytes.
const LARGEST: u64 = 64 << 20;
/// How much of what the server says is kept, for messages.
const TAIL: usize = 4 << 10;
/// How often a starting server is asked whether it is there.
const TURN: Duration = Duration::from_millis(25);
/// How long a server may take to end.
const END: Duration = Duration::from_secs(3);

/// The jar on this machine, read when it is wanted first.
#[derive(Debug)]
pub(super) struct Jar {
    path: PathBuf,
    content: OnceCell<Content>,
}

#[derive(Debug)]
struct Content {
    bytes: Vec<u8>,
    /// SHA-256 in hexadecimal.
    hash: String,
}

impl Jar {
    pub(super) fn new(path: &Path) -> Jar {
        Jar {
            path: path.to_owned(),
            content: OnceCell::new(),
        }
    }

    async fn content(&self) -> Result<&Content, DeviceError> {
        let read = || async {
            let path = self.path.display();
            let unusable = |reason: &dyn std::fmt::Display| {
                failed(format!(
                    "{path} can't be used: {reason}; name the u2.jar of the Python package uiautomator2"
                ))
            };
            let known = tokio::fs::metadata(&self.path).await;
            let length = known.map_err(|error| unusable(&error))?.len();
            if length > LARGEST {
                return Err(unusable(&format!(
                    "it has {length} bytes, more than {LARGEST}"
                )));
            }
            let bytes = tokio::fs::read(&self.path).await;
            let bytes = bytes.map_err(|error| unusable(&error))?;
            if !bytes.starts_with(b"PK\x03\x04") {
                return Err(unusable(&"it is no jar"));
            }
            let digest = Sha256::digest(&bytes);
            let hash = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            Ok(Content { bytes, hash })
        };
        self.content.get_or_try_init(read).await
    }

    /// Puts the jar on the device, unless this very one is there.
    async fn push(&self, adb: &Adb) -> Result<(), DeviceError> {
        let content = self.content().await?;
        let there = adb.shell(&format!("sha256sum {REMOTE}")).await?;
        if there.text().starts_with(&content.hash) {
            return Ok(());
        }
        Ok(adb.write_file(REMOTE, &content.bytes, 0o644).await?)
    }
}

/// A server that runs. Dropping it closes its shell command, with which it ends.
#[derive(Debug)]
pub(super) struct Server {
    said: Arc<Mutex<Vec<u8>>>,
    ended: watch::Receiver<bool>,
    watcher: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        // The stream is the task's: with it, it is closed.
        self.watcher.abort();
    }
}

impl Server {
    /// Starts a server and waits until it answers.
    ///
    /// # Errors
    /// When the device is lost, or the server does not come up; then with what it said.
    pub(super) async fn start(adb: &Adb, jar: &Jar) -> Result<(Server, Connection), DeviceError> {
        let end = Instant::now() + adb.deadlines().capture;
        jar.push(adb).await?;
        Server::end_leftover(adb).await?;
        // The first line is the number of the process: it stays the same when the shell becomes the server.
        let service = format!(
            "shell,v2,raw:export CLASSPATH={REMOTE}; echo $$; exec app_process / {MAIN} 2>&1"
        );
        let stream = adb.open(&service).await?;
        let said = Arc::new(Mutex::new(Vec::new()));
        let (telling, ended) = watch::channel(false);
        let server = Server {
            said: said.clone(),
            ended,
            watcher: tokio::spawn(watch_over(stream, said, telling)),
        };
        loop {
            // Looked at first: whoever answers then is this server, or it has found the port taken.
            let over = server.has_ended();
            if let Some(connection) = answering(adb).await?
                && !over
            {
                return Ok((server, connection));
            }
            if over {
                let said = server.words();
                let hint = match said.contains("already registered") {
                    true => "; another program holds the accessibility: end it",
                    false => "",
                };
                return Err(failed(format!(
                    "its server on {} ended at once: {said:.600}{hint}",
                    adb.serial()
                )));
            }
            if Instant::now() >= end {
                return Err(failed(format!(
                    "its server on {} did not answer in time; it said: {:.600}",
                    adb.serial(),
                    server.words()
                )));
            }
            sleep(TURN).await;
        }
    }

    /// Ends a server that somebody left behind.
    async fn end_leftover(adb: &Adb) -> Result<(), DeviceError> {
        if !is_taken(adb).await? {
            return Ok(());
        }
        // The brackets keep the pattern from finding the shell that runs this.
        let kill = format!("pkill -9 -f '[{}]{}'", &MAIN[..1], &MAIN[1..]);
        let end = Instant::now() + END;
        let found = adb.shell(&kill).await?.exit_code == 0;
        while is_taken(adb).await? {
            if !found || Instant::now() >= end {
                return Err(failed(format!(
                    "another program listens at port {PORT} of {}: end it",
                    adb.serial()
                )));
            }
            sleep(TURN).await;
        }
        Ok(())
    }

    /// Whether it is known to have ended.
    pub(super) fn has_ended(&self) -> bool {
        *self.ended.borrow()
    }

    /// Ends it and waits until it has.
    pub(super) async fn stop(mut self, adb: &Adb) {
        let words = self.words();
        let process = words
            .lines()
            .next()
            .and_then(|line| line.trim().parse::<u32>().ok());
        if let Some(process) = process
            && !self.has_ended()
        {
            // Where this does not arrive, the device is lost, and the server with it.
            let _ = adb.shell(&format!("kill -9 {process}")).await;
            let _ = timeout(END, self.ended.wait_for(|ended| *ended)).await;
        }
    }

    /// What it said.
    fn words(&self) -> String {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&said).trim().to_owned()
    }
}

/// Whether anything listens at the server's port.
async fn is_taken(adb: &Adb) -> Result<bool, DeviceError> {
    match adb.open(&format!("tcp:{PORT}")).await {
        Ok(_) => Ok(true),
        Err(error) if error.is_lost() => Err(error.into()),
        Err(_) => Ok(false),
    }
}

/// A connection over which the server has answered; `None` while there is none.
async fn answering(adb: &Adb) -> Result<Option<Connection>, DeviceError> {
    let stream = match adb.open(&format!("tcp:{PORT}")).await {
        Ok(stream) => stream,
        Err(error) if error.is_lost() => return Err(error.into()),
        Err(AdbError::Refused { reason, .. }) if reason.contains("raw streams") => {
            return Err(failed(reason));
        }
        Err(_) => return Ok(None),
    };
    let mut connection = Connection::new(stream);
    let answer = timeout(END, connection.get("/ping", 64)).await;
    Ok(match answer {
        Ok(Ok(answer)) if &answer.body[..] == b"pong" => Some(connection),
        _ => None,
    })
}

/// Keeps the beginning and then the end of what the server says, and tells when it is over.
async fn watch_over(
    mut stream: Box<dyn ServiceStream>,
    said: Arc<Mutex<Vec<u8>>>,
    ended: watch::Sender<bool>,
) {
    let mut buffer = BytesMut::new();
    'reading: while let Ok(Some(chunk)) = stream.read_chunk().await {
        buffer.extend_from_slice(&chunk);
        loop {
            match ShellPacket::decode(&mut buffer) {
                Ok(Some(packet)) if packet.kind == Kind::Exit => break 'reading,
                Ok(Some(packet)) => keep(&said, &packet.data),
                Ok(None) => break,
                Err(_) => break 'reading,
            }
        }
    }
    ended.send_replace(true);
}

/// The first line has the process, the last ones say what went wrong.
fn keep(said: &Mutex<Vec<u8>>, data: &[u8]) {
    let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
    said.extend_from_slice(data);
    let over = said.len().saturating_sub(TAIL);
    if over > 0 {
        let first = said
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        let first = first.min(TAIL / 2);
        let until = (first + over).min(said.len());
        said.drain(first..until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_and_the_last_words_are_kept() {
        let said = Mutex::new(Vec::new());
        keep(&said, b"4002\n");
        for _ in 0..1_000 {
            keep(&said, b"[server] INFO: something\n");
        }
        keep(&said, b"the end\n");
        let said = said.into_inner().unwrap();
        assert!(said.len() <= TAIL);
        assert!(said.starts_with(b"4002\n") && said.ends_with(b"the end\n"));
        let flood = Mutex::new(Vec::new());
        keep(&flood, &vec![b'x'; 10 * TAIL]);
        assert!(flood.into_inner().unwrap().len() <= TAIL);
    }
}
