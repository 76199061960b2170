//! `adb root`: a daemon that runs as Android's user `shell` and may run as root is started anew as root. Userdebug
//! images, as emulators have, begin as `shell` after each boot.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::{Adb, AdbError};

/// Longest that a daemon may take to be back as root.
const BACK: Duration = Duration::from_secs(30);
/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(200);
/// Most bytes of its answer, which is a line.
const LONGEST: usize = 1 << 10;

impl Adb {
    /// Has the device's daemon run as root, where it may; returns whether it does. The daemon restarts for that, which
    /// breaks the connections to it, so nobody else may drive the device. Devices that are sold refuse.
    ///
    /// # Errors
    /// When the device fails or does not come back.
    pub async fn become_root(&self) -> Result<bool, AdbError> {
        if self.query("id -u").await?.trim() == "0" {
            return Ok(true);
        }
        let said = match timeout(self.deadlines().probe, self.ask_for_root()).await {
            Ok(Ok(said)) => said,
            Ok(Err(error)) => {
                // A way to the device that has no such streams, or a daemon without the service.
                tracing::debug!(serial = self.serial(), %error, "no answer to `adb root`");
                return Ok(false);
            }
            Err(_) => {
                return Err(AdbError::Timeout {
                    serial: self.serial().to_owned(),
                    operation: "adb root".to_owned(),
                    deadline: self.deadlines().probe,
                });
            }
        };
        // Those that are sold refuse, and some systems have a setting that forbids it.
        if !(said.is_empty() || said.contains("restarting") || said.contains("already running")) {
            tracing::debug!(serial = self.serial(), said, "not root");
            return Ok(false);
        }
        tracing::info!(serial = self.serial(), said, "adb root");
        let deadline = Instant::now() + BACK;
        loop {
            let last = match self.transport.shell("id -u", self.deadlines().probe).await {
                Ok(output) if output.text().trim() == "0" => return Ok(true),
                // The old daemon, or one that does not do what it says.
                Ok(_) => None,
                Err(error) => Some(error),
            };
            if Instant::now() >= deadline {
                return last.map_or(Ok(false), Err);
            }
            // What was connected to the old daemon is of no use.
            self.transport.reset().await;
            sleep(LOOK).await;
        }
    }

    async fn ask_for_root(&self) -> Result<String, AdbError> {
        let mut stream = self.open("root:").await?;
        let mut said = Vec::new();
        // The daemon may end before its answer has: then that it restarts is all that there is to know.
        while let Ok(Some(chunk)) = stream.read_chunk().await {
            said.extend_from_slice(&chunk);
            if said.len() > LONGEST {
                break;
            }
        }
        said.truncate(LONGEST);
        Ok(String::from_utf8_lossy(&said).trim().to_owned())
    }
}
