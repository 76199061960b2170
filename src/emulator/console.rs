//! A client of an emulator's console: text lines over TCP, behind a token that the user's home holds. Every answer
//! has a deadline and a longest length.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::EmulatorError;
use super::definition::is_name;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a snapshot may take.
const SNAPSHOT_PATIENCE: Duration = Duration::from_secs(180);
/// Longest answer in bytes.
const LONGEST: u64 = 1 << 20;

/// The file with the token, below the home directory.
const TOKEN_FILE: &str = ".emulator_console_auth_token";

/// A connection that was let in.
#[derive(Debug)]
pub struct Console {
    port: u16,
    socket: BufReader<TcpStream>,
}

impl Console {
    /// Connects with the token of the user's home.
    ///
    /// # Errors
    /// When nobody answers in time, or the token is not taken.
    pub async fn connect(port: u16) -> Result<Console, EmulatorError> {
        let home = std::env::home_dir().unwrap_or_else(|| PathBuf::from("."));
        Console::connect_with(port, &home.join(TOKEN_FILE)).await
    }

    /// As [`Console::connect`], with the token of a file.
    ///
    /// # Errors
    /// As there.
    pub async fn connect_with(port: u16, token: &Path) -> Result<Console, EmulatorError> {
        let failed = |reason: String| EmulatorError::Console {
            console: port,
            reason,
        };
        let dialled = timeout(PATIENCE, TcpStream::connect(("127.0.0.1", port))).await;
        let socket = dialled
            .map_err(|_| failed("nobody answers".into()))?
            .map_err(|error| failed(format!("can't be reached: {error}")))?;
        let mut console = Console {
            port,
            socket: BufReader::new(socket),
        };
        let greeting = console.answer(PATIENCE).await?;
        if greeting.contains("Authentication required") {
            // The greeting names a file too, but whoever listens there must not choose what is sent to them.
            let said = tokio::fs::read_to_string(token).await.map_err(|error| {
                failed(format!(
                    "it asks for the token of {}, which can't be read: {error}",
                    token.display()
                ))
            })?;
            console
                .command(&format!("auth {}", said.trim()), PATIENCE)
                .await?;
        }
        Ok(console)
    }

    /// Says a line and reads the answer, without its `OK`.
    ///
    /// # Errors
    /// When the console says `KO`, ends, or is not done in time.
    pub async fn command(
        &mut self,
        line: &str,
        patience: Duration,
    ) -> Result<String, EmulatorError> {
        if line.contains(['\n', '\r']) {
            return Err(self.failed("a command is one line".into()));
        }
        let said = timeout(
            patience,
            self.socket.write_all(format!("{line}\r\n").as_bytes()),
        )
        .await;
        match said {
            Ok(Ok(())) => self.answer(patience).await,
            Ok(Err(error)) => Err(self.failed(format!("is gone: {error}"))),
            Err(_) => Err(self.failed("takes no commands".into())),
        }
    }

    async fn answer(&mut self, patience: Duration) -> Result<String, EmulatorError> {
        let reading = async {
            let mut text = String::new();
            let mut left = LONGEST;
            loop {
                let mut line = Vec::new();
                let read = (&mut self.socket)
                    .take(left)
                    .read_until(b'\n', &mut line)
                    .await;
                let read = read.map_err(|error| format!("is gone: {error}"))?;
                left = left.saturating_sub(read as u64);
                if line.last() != Some(&b'\n') {
                    return Err(match left {
                        0 => format!("its answer is longer than {LONGEST} bytes"),
                        _ => "hung up".to_owned(),
                    });
                }
                let line = String::from_utf8_lossy(&line);
                let line = line.trim_end();
                if line == "OK" || line.starts_with("OK:") {
                    return Ok(text);
                }
                if let Some(reason) = line.strip_prefix("KO") {
                    return Err(format!(
                        "refused: {}",
                        reason.trim_start_matches(':').trim()
                    ));
                }
                text.push_str(line);
                text.push('\n');
            }
        };
        let result = match timeout(patience, reading).await {
            Ok(result) => result,
            Err(_) => Err(format!("no answer within {} s", patience.as_secs())),
        };
        result.map_err(|reason| self.failed(reason))
    }

    fn failed(&self, reason: String) -> EmulatorError {
        EmulatorError::Console {
            console: self.port,
            reason,
        }
    }

    /// The name of the AVD that it runs.
    ///
    /// # Errors
    /// As [`Console::command`].
    pub async fn avd_name(&mut self) -> Result<String, EmulatorError> {
        let text = self.command("avd name", PATIENCE).await?;
        Ok(text.trim().to_owned())
    }

    /// The names of the snapshots.
    ///
    /// # Errors
    /// As [`Console::command`].
    pub async fn snapshots(&mut self) -> Result<Vec<String>, EmulatorError> {
        let text = self.command("avd snapshot list", PATIENCE).await?;
        Ok(snapshot_names(&text))
    }

    /// Saves a snapshot; one of the same name is replaced. An emulator that was not started writable refuses.
    ///
    /// # Errors
    /// [`EmulatorError::Snapshot`] with the emulator's words.
    pub async fn save_snapshot(&mut self, avd: &str, name: &str) -> Result<(), EmulatorError> {
        self.snapshot("save", avd, name).await?;
        // A save that failed half way is not in the list.
        let there = self.snapshots().await?;
        match there.iter().any(|other| other == name) {
            true => Ok(()),
            false => Err(EmulatorError::Snapshot {
                name: name.to_owned(),
                avd: avd.to_owned(),
                reason: "the emulator says it saved it, but does not list it; is the disk full?"
                    .to_owned(),
            }),
        }
    }

    /// Goes back to a snapshot.
    ///
    /// # Errors
    /// As [`Console::save_snapshot`].
    pub async fn load_snapshot(&mut self, avd: &str, name: &str) -> Result<(), EmulatorError> {
        self.snapshot("load", avd, name).await
    }

    /// Removes a snapshot.
    ///
    /// # Errors
    /// As [`Console::save_snapshot`].
    pub async fn delete_snapshot(&mut self, avd: &str, name: &str) -> Result<(), EmulatorError> {
        match self.snapshot("delete", avd, name).await {
            // Older emulators call it so.
            Err(EmulatorError::Snapshot { reason, .. }) if reason.contains("sub-command") => {
                self.snapshot("del", avd, name).await
            }
            result => result,
        }
    }

    async fn snapshot(&mut self, verb: &str, avd: &str, name: &str) -> Result<(), EmulatorError> {
        let wrong = |reason: String| EmulatorError::Snapshot {
            name: name.to_owned(),
            avd: avd.to_owned(),
            reason,
        };
        if !is_name(name) {
            return Err(wrong(
                "a name has letters, digits, '.', '_' and '-' only".to_owned(),
            ));
        }
        let line = format!("avd snapshot {verb} {name}");
        match self.command(&line, SNAPSHOT_PATIENCE).await {
            Ok(_) => Ok(()),
            Err(EmulatorError::Console { reason, .. }) => {
                Err(wrong(format!("{verb} failed: {reason}")))
            }
            Err(error) => Err(error),
        }
    }

    /// Tells the emulator to end. It may hang up before it answers.
    pub async fn kill(&mut self) {
        // Whether it ends is seen by its processes, not by its answer.
        let _ = self.command("kill", Duration::from_secs(2)).await;
    }
}

/// Names in the table of `avd snapshot list`: below a header that begins with `ID`, the second column.
fn snapshot_names(text: &str) -> Vec<String> {
    let rows = text
        .lines()
        .skip_while(|line| !line.trim_start().starts_with("ID"))
        .skip(1);
    let names = rows.filter_map(|line| line.split_whitespace().nth(1));
    names
        .filter(|name| is_name(name))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// Somebody who says these things, one after each line that is heard, and hangs up.
    async fn speaker(greeting: &'static str, answers: &'static [&'static str]) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (socket, _) = listener.accept().await.unwrap();
            let mut socket = BufReader::new(socket);
            // A client that has heard enough hangs up.
            let _ = socket.write_all(greeting.as_bytes()).await;
            for answer in answers {
                let mut line = String::new();
                socket.read_line(&mut line).await.unwrap();
                socket.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        port
    }

    #[test]
    fn snapshots_are_read_from_the_table() {
        let text = "List of snapshots present on all disks:\n\
                    ID        TAG                 VM SIZE                DATE       VM CLOCK\n\
                    --        default_boot           8.2M 2024-01-01 12:00:00   00:01:02.003\n\
                    --        ready                  8.2M 2024-01-01 12:00:00   00:01:02.003\n";
        assert_eq!(snapshot_names(text), ["default_boot", "ready"]);
        assert!(snapshot_names("There is no snapshot available.\n").is_empty());
    }

    #[tokio::test]
    async fn refusals_ends_and_floods_are_errors() {
        let place = tempfile::tempdir().unwrap();
        let token = place.path().join("token");
        std::fs::write(&token, "secret\n").unwrap();
        let asks = "Android Console: Authentication required\r\nOK\r\n";
        let port = speaker(asks, &["OK\r\n", "KO: Failed to load snapshot 'x'\r\n"]).await;
        let mut console = Console::connect_with(port, &token).await.unwrap();
        let error = console
            .load_snapshot("A", "x")
            .await
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("\"x\"") && error.contains("Failed to load"),
            "{error}"
        );
        assert!(console.avd_name().await.is_err());

        let port = speaker(asks, &["KO: authentication token does not match\r\n"]).await;
        let error = Console::connect_with(port, &token)
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains("does not match"), "{error}");

        let port = speaker(asks, &[]).await;
        let error = Console::connect_with(port, &place.path().join("none"))
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains("token"), "{error}");

        let flood: &'static str = Box::leak("x".repeat(2 << 20).into_boxed_str());
        let port = speaker(flood, &[]).await;
        let error = Console::connect_with(port, &token)
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains("longer than"), "{error}");

        let port = speaker("hello\r\nOK\r\n", &["A\r\nOK\r\n"]).await;
        let mut console = Console::connect_with(port, &token).await.unwrap();
        assert_eq!(console.avd_name().await.unwrap(), "A");
        assert!(console.command("a\nkill", PATIENCE).await.is_err());
        assert!(console.save_snapshot("A", "two words").await.is_err());
    }
}
