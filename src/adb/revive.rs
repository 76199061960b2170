//! Whether an adb server is dead for all its devices, and a new one in its place. A server that answers is never
//! touched, whatever one of its devices does. Uses `rustix` to end a server that hangs.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use tokio::sync::Mutex;
use tokio::time::{sleep, timeout};

use super::{AdbError, ServerAddress};

/// How long a server may take to say its version, and how often it is asked before it counts as dead: it answers
/// between the pieces of what it does for devices.
const PATIENCE: Duration = Duration::from_secs(5);
const LOOKS: u32 = 2;
/// How long the port of a server that was ended may stay taken.
const ENDING: Duration = Duration::from_secs(5);

/// One revival at a time: every device of a dead server asks for it.
static REVIVING: Mutex<()> = Mutex::const_new(());

/// How a server was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revived {
    /// It answers: what is wrong is not its fault.
    Alive,
    /// None listened; one was started.
    Started,
    /// One took connections and answered nothing; it was ended and another one started.
    Replaced,
}

impl ServerAddress {
    /// Whether a server answers, without starting one.
    ///
    /// # Errors
    /// When none listens, or it does not answer in time.
    pub async fn version(&self) -> Result<String, AdbError> {
        match timeout(PATIENCE, self.ask_running("host:version")).await {
            Ok(answer) => answer,
            Err(_) => Err(AdbError::Timeout {
                serial: self.to_string(),
                operation: "host:version".to_owned(),
                deadline: PATIENCE,
            }),
        }
    }

    /// Has a server answer: one of this machine that is dead for all its devices is started anew.
    ///
    /// # Errors
    /// When it can't be: it is another machine's, or not this user's to end.
    pub async fn revive(&self) -> Result<Revived, AdbError> {
        let _one = REVIVING.lock().await;
        let mut last = None;
        for look in 0..LOOKS {
            if look > 0 {
                sleep(PATIENCE / 5).await;
            }
            match self.version().await {
                Ok(_) => return Ok(Revived::Alive),
                Err(error @ AdbError::Unreachable { .. }) if !self.is_here() => return Err(error),
                Err(AdbError::Unreachable { .. }) => {
                    self.start().await?;
                    return Ok(Revived::Started);
                }
                Err(error) => last = Some(error),
            }
        }
        if let Some(error) = last.filter(|_| !self.is_here()) {
            return Err(error);
        }
        self.end().await?;
        self.start().await?;
        Ok(Revived::Replaced)
    }

    /// Ends the server of this machine that listens on the port, and waits until the port is free.
    async fn end(&self) -> Result<(), AdbError> {
        let port = self.port;
        let found = tokio::task::spawn_blocking(move || listener(port)).await;
        let cannot = |reason: &str| {
            AdbError::Environment(format!(
                "the adb server on port {port} does not answer, and {reason}; end it by hand, or use another port \
                 (ANDROID_ADB_SERVER_PORT)"
            ))
        };
        let Ok(Some((pid, name))) = found else {
            return Err(cannot("its process can't be found by this user"));
        };
        if name != "adb" {
            return Err(cannot(&format!("what listens there is {name:?}, no adb")));
        }
        let ended = Pid::from_raw(pid)
            .ok_or(rustix::io::Errno::SRCH)
            .and_then(|pid| pidfd_open(pid, PidfdFlags::empty()))
            .and_then(|process| pidfd_send_signal(&process, Signal::KILL));
        ended.map_err(|error| cannot(&format!("its process {pid} can't be ended: {error}")))?;
        tracing::warn!(port, pid, "ended an adb server that answered nobody");
        let freed = async {
            while listening(port).is_some() {
                sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(ENDING, freed)
            .await
            .map_err(|_| cannot("its port stays taken"))
    }
}

/// The inode of the socket that listens on a port of this machine (proc(5), `/proc/net/tcp`).
fn listening(port: u16) -> Option<String> {
    const LISTEN: &str = "0A";
    let wanted = format!(":{port:04X}");
    ["/proc/net/tcp", "/proc/net/tcp6"].iter().find_map(|path| {
        let text = fs::read_to_string(path).ok()?;
        text.lines().skip(1).find_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let (local, state, inode) = (fields.get(1)?, fields.get(3)?, fields.get(9)?);
            (local.ends_with(&wanted) && *state == LISTEN).then(|| (*inode).to_owned())
        })
    })
}

/// The process of this user that listens on a port, and its name.
fn listener(port: u16) -> Option<(i32, String)> {
    let socket = PathBuf::from(format!("socket:[{}]", listening(port)?));
    let processes = fs::read_dir("/proc").ok()?.flatten();
    processes
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
        .find(|pid| {
            // Other users' descriptors can't be read.
            let open = fs::read_dir(format!("/proc/{pid}/fd"))
                .into_iter()
                .flatten();
            open.flatten()
                .any(|entry| fs::read_link(entry.path()).is_ok_and(|target| target == socket))
        })
        .map(|pid| {
            let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
            (pid, name.trim().to_owned())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_listens_is_found() {
        let listener_here = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener_here.local_addr().unwrap().port();
        let (pid, name) = listener(port).unwrap();
        assert_eq!(pid, std::process::id() as i32);
        assert!(!name.is_empty());
        drop(listener_here);
        assert_eq!(listener(port), None);
    }

    #[tokio::test]
    async fn what_is_no_adb_is_not_ended() {
        let stranger = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = stranger.local_addr().unwrap().port();
        let server = ServerAddress {
            host: "127.0.0.1".to_owned(),
            port,
        };
        let error = server.end().await.unwrap_err();
        assert!(error.to_string().contains("no adb"), "{error}");
    }
}
