//! Processes of this machine, told apart for certain: by a token in their environment, and by when they started.
//! Reads `/proc`; signals go through a file descriptor of the process, so that a number that another process has got
//! meanwhile is never hit. Uses `rustix`.

use std::fs;
use std::io;
use std::time::{Duration, Instant};

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use serde::{Deserialize, Serialize};

/// The variable in an emulator's environment that holds its token.
pub(super) const TOKEN: &str = "STEPDROID_EMULATOR";

/// Programs that an emulator may start for all emulators of the machine: ending them would end others' work.
const SHARED: [&str; 2] = ["adb", "netsimd"];

/// A process, now and later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its number.
    pub pid: i32,
    /// When it started, in clock ticks since the machine booted.
    pub started: u64,
}

impl Process {
    /// The process with this number, unless it has ended.
    pub fn of(pid: i32) -> Option<Process> {
        let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name in parentheses may itself have blanks and parentheses.
        let mut fields = text.rsplit_once(')')?.1.split_whitespace();
        let state = fields.next()?;
        let started = fields.nth(18)?.parse().ok()?;
        (!matches!(state, "Z" | "X")).then_some(Process { pid, started })
    }

    /// This program.
    pub fn this() -> Option<Process> {
        Process::of(i32::try_from(std::process::id()).ok()?)
    }

    /// Whether it lives: the number is taken, and by the process that started then.
    pub fn lives(self) -> bool {
        Process::of(self.pid) == Some(self)
    }
}

/// Whether a process has this number.
pub(super) fn exists(pid: i32) -> bool {
    Process::of(pid).is_some()
}

/// The living processes that an emulator's token is on, without those that it shares with others.
pub(super) fn with_token(token: &str) -> Vec<Process> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| carries(*pid, token))
        .filter_map(Process::of)
        .collect()
}

fn carries(pid: i32, token: &str) -> bool {
    let wanted = format!("{TOKEN}={token}");
    // Other users' environments can't be read, and are not ours.
    let Ok(environment) = fs::read(format!("/proc/{pid}/environ")) else {
        return false;
    };
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    !SHARED.contains(&name.trim())
        && environment
            .split(|byte| *byte == 0)
            .any(|entry| entry == wanted.as_bytes())
}

/// Sends a signal to every process with the token. One that ends meanwhile is no error.
pub(super) fn signal(token: &str, signal: Signal) -> io::Result<()> {
    for process in with_token(token) {
        let Some(pid) = Pid::from_raw(process.pid) else {
            continue;
        };
        let Ok(descriptor) = pidfd_open(pid, PidfdFlags::empty()) else {
            continue;
        };
        // The descriptor is of whoever had the number when it was opened: look again before it is used.
        if !process.lives() || !carries(process.pid, token) {
            continue;
        }
        match pidfd_send_signal(&descriptor, signal) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Waits until no process has the token; whether that came before the deadline.
pub(super) async fn gone(token: &str, patience: Duration) -> bool {
    let deadline = Instant::now() + patience;
    loop {
        if with_token(token).is_empty() {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[tokio::test]
    async fn only_processes_with_the_token_are_ended() {
        let sleeper = |token: &str| {
            let mut command = Command::new("sleep");
            command.arg("600").env(TOKEN, token).stdin(Stdio::null());
            command.spawn().unwrap()
        };
        let (mut ours, mut other) = (sleeper("ours-1234"), sleeper("ours-12345"));
        // Until it has become its program, a child has its parent's environment.
        while with_token("ours-1234").is_empty() || with_token("ours-12345").is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let found = with_token("ours-1234");
        assert_eq!(
            found
                .iter()
                .map(|process| process.pid as u32)
                .collect::<Vec<_>>(),
            [ours.id()]
        );
        assert!(found[0].lives());
        let impostor = Process {
            started: found[0].started + 1,
            ..found[0]
        };
        assert!(!impostor.lives());
        signal("ours-1234", Signal::KILL).unwrap();
        assert!(gone("ours-1234", Duration::from_secs(20)).await);
        assert!(!found[0].lives());
        assert!(!gone("ours-12345", Duration::ZERO).await);
        ours.wait().unwrap();
        other.kill().unwrap();
        other.wait().unwrap();
    }
}
