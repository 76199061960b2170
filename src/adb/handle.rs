//! [`Adb`]: a device in the hand of a task or an episode. Deadlines for every call, retries for what
//! changes nothing, and the commands that are used all over the house.

use std::sync::Arc;
use std::time::Duration;

use super::capture::{LastDump, TOP_ACTIVITY};
use super::parse::content::parse_rows;
use super::parse::{bundle, dumpsys};
use super::{
    AdbError, FileStat, RemoteEntry, ServiceStream, ShellOutput, Transport, Upload, quote,
};
use crate::domain::ScreenSize;

/// Most bytes that a file read through [`Adb::read_file`] may have.
const FILE_LIMIT: u64 = 256 << 20;

/// How long calls may take.
#[derive(Debug, Clone, Copy)]
pub struct Deadlines {
    /// A question whether the device lives.
    pub probe: Duration,
    /// A shell command.
    pub shell: Duration,
    /// A screenshot or an accessibility tree.
    pub capture: Duration,
    /// A file of any size.
    pub file: Duration,
}

impl Default for Deadlines {
    fn default() -> Deadlines {
        Deadlines {
            probe: Duration::from_secs(5),
            shell: Duration::from_secs(30),
            capture: Duration::from_secs(30),
            file: Duration::from_secs(120),
        }
    }
}

/// A handle to one device; clones share the connection.
#[derive(Debug, Clone)]
pub struct Adb {
    pub(super) transport: Arc<dyn Transport>,
    pub(super) deadlines: Deadlines,
    pub(super) last_dump: Arc<LastDump>,
}

impl Adb {
    /// Wraps a transport with the default deadlines.
    pub fn new(transport: Arc<dyn Transport>) -> Adb {
        Adb {
            transport,
            deadlines: Deadlines::default(),
            last_dump: Arc::default(),
        }
    }

    /// The same device with other deadlines.
    pub fn with_deadlines(&self, deadlines: Deadlines) -> Adb {
        Adb {
            transport: self.transport.clone(),
            deadlines,
            last_dump: self.last_dump.clone(),
        }
    }

    /// How long its calls may take.
    pub fn deadlines(&self) -> Deadlines {
        self.deadlines
    }

    /// The serial.
    pub fn serial(&self) -> &str {
        self.transport.serial()
    }

    /// How often the device was asked for something so far, through this handle or its clones; see
    /// [`Transport::round_trips`].
    pub fn round_trips(&self) -> u64 {
        self.transport.round_trips()
    }

    /// Asks the shell for nothing, to see whether the device lives.
    ///
    /// # Errors
    /// When it does not answer in time.
    pub async fn probe(&self) -> Result<(), AdbError> {
        let result = self.transport.shell("true", self.deadlines.probe).await;
        if result.is_err() {
            // Half of a broken connection must not stay in the way of the next probe.
            self.transport.reset().await;
        }
        result.map(|_| ())
    }

    /// Runs a command or a script and returns whatever came of it.
    ///
    /// # Errors
    /// When the device fails; a command that fails is not an error here.
    pub async fn shell(&self, command: &str) -> Result<ShellOutput, AdbError> {
        self.transport.shell(command, self.deadlines.shell).await
    }

    /// Runs a command and returns its standard output.
    ///
    /// # Errors
    /// When the device fails or the command ends with a code other than 0.
    pub async fn shell_ok(&self, command: &str) -> Result<String, AdbError> {
        let output = self.shell(command).await?;
        self.require_success(command, &output)?;
        Ok(output.text())
    }

    /// Runs a command that changes nothing; once more when the connection broke under it.
    ///
    /// # Errors
    /// As [`Adb::shell_ok`].
    pub async fn query(&self, command: &str) -> Result<String, AdbError> {
        match self.shell_ok(command).await {
            Err(error) if error.is_retriable() => self.shell_ok(command).await,
            result => result,
        }
    }

    /// Opens a raw stream to a service of the device, such as `tcp:9008` or `localabstract:NAME`, within the probe's
    /// deadline.
    ///
    /// # Errors
    /// When nothing answers for the service, or the way to the device has no such streams.
    pub async fn open(&self, service: &str) -> Result<Box<dyn ServiceStream>, AdbError> {
        self.transport.open(service, self.deadlines.probe).await
    }

    /// Raw output of a command.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn exec_out(&self, command: &str) -> Result<Vec<u8>, AdbError> {
        self.transport
            .exec_out(command, self.deadlines.capture)
            .await
    }

    /// Has connections to a port of the device come to one of this machine, as `adb reverse` does. An adb server brings
    /// them; a device that is reached directly has nobody who does.
    ///
    /// # Errors
    /// When the device refuses.
    pub async fn reverse(&self, device: u16, host: u16) -> Result<(), AdbError> {
        self.ask_reverse(&format!("reverse:forward:tcp:{device};tcp:{host}"))
            .await
    }

    /// Ends what [`Adb::reverse`] began.
    ///
    /// # Errors
    /// When the device refuses.
    pub async fn stop_reverse(&self, device: u16) -> Result<(), AdbError> {
        self.ask_reverse(&format!("reverse:killforward:tcp:{device}"))
            .await
    }

    async fn ask_reverse(&self, service: &str) -> Result<(), AdbError> {
        // `OKAY` and perhaps a port, or `FAIL`, four digits of a length and as much text.
        const LONGEST: usize = 4 << 10;
        let mut stream = self.open(service).await?;
        let reading = async {
            let mut answer = Vec::new();
            while !answer.starts_with(b"OKAY")
                && answer.len() < LONGEST
                && let Some(chunk) = stream.read_chunk().await?
            {
                answer.extend_from_slice(&chunk);
            }
            Ok::<Vec<u8>, AdbError>(answer)
        };
        let deadline = self.deadlines.probe;
        let answer = tokio::time::timeout(deadline, reading).await;
        let answer = answer.map_err(|_| AdbError::Timeout {
            serial: self.serial().to_owned(),
            operation: service.to_owned(),
            deadline,
        })??;
        match answer.starts_with(b"OKAY") {
            true => Ok(()),
            false => Err(AdbError::Refused {
                serial: self.serial().to_owned(),
                operation: service.to_owned(),
                reason: String::from_utf8_lossy(answer.get(8..).unwrap_or_default()).into_owned(),
            }),
        }
    }

    fn require_success(&self, command: &str, output: &ShellOutput) -> Result<(), AdbError> {
        if output.exit_code == 0 {
            return Ok(());
        }
        let message = if output.stderr.is_empty() {
            &output.stdout
        } else {
            &output.stderr
        };
        Err(AdbError::Command {
            serial: self.serial().to_owned(),
            command: command.chars().take(200).collect(),
            exit_code: output.exit_code,
            message: String::from_utf8_lossy(message).trim().to_owned(),
        })
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`AdbError::NoFile`] when it is not there.
    pub async fn read_file(&self, path: &str) -> Result<Vec<u8>, AdbError> {
        match self
            .transport
            .pull(path, FILE_LIMIT, self.deadlines.file)
            .await
        {
            Err(error) if error.is_retriable() => {
                self.transport
                    .pull(path, FILE_LIMIT, self.deadlines.file)
                    .await
            }
            result => result,
        }
    }

    /// Reads files, all at once; `None` for one that is not there.
    ///
    /// # Errors
    /// When the device fails, or a file changed under the reading.
    pub async fn read_files(&self, paths: &[&str]) -> Result<Vec<Option<Vec<u8>>>, AdbError> {
        let script = bundle::script(paths);
        let read = || async {
            let bundle = self
                .transport
                .exec_out(&script, self.deadlines.file)
                .await?;
            bundle::parse(&bundle, paths.len())
                .map_err(|reason| AdbError::malformed(self.serial(), "files", reason))
        };
        match read().await {
            Err(error) if error.is_retriable() => read().await,
            result => result,
        }
    }

    /// Writes a file with the given permission bits, dated now.
    ///
    /// # Errors
    /// When the device fails or refuses.
    pub async fn write_file(&self, path: &str, data: &[u8], mode: u32) -> Result<(), AdbError> {
        self.write_files(&[Upload { path, data }], mode).await
    }

    /// Writes files with the given permission bits, dated now, all in one session.
    ///
    /// # Errors
    /// When the device fails or refuses one; those before it are written.
    pub async fn write_files(&self, files: &[Upload<'_>], mode: u32) -> Result<(), AdbError> {
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        self.transport
            .push(files, mode, now.as_secs() as u32, self.deadlines.file)
            .await
    }

    /// Copies a file of this machine to the device.
    ///
    /// # Errors
    /// When the file can't be read, or the device fails.
    pub async fn push_file(
        &self,
        local: &std::path::Path,
        path: &str,
        mode: u32,
    ) -> Result<(), AdbError> {
        let data = tokio::fs::read(local)
            .await
            .map_err(|source| AdbError::LocalFile {
                path: local.display().to_string(),
                source,
            })?;
        self.write_file(path, &data, mode).await
    }

    /// Metadata of a path.
    ///
    /// # Errors
    /// [`AdbError::NoFile`] when it is not there.
    pub async fn stat(&self, path: &str) -> Result<FileStat, AdbError> {
        self.transport.stat(path, self.deadlines.shell).await
    }

    /// Entries of a directory.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn list(&self, path: &str) -> Result<Vec<RemoteEntry>, AdbError> {
        self.transport.list(path, self.deadlines.shell).await
    }

    /// Whether a path is there.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn exists(&self, path: &str) -> Result<bool, AdbError> {
        match self.stat(path).await {
            Ok(_) => Ok(true),
            Err(AdbError::NoFile { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// A setting of `global`, `system` or `secure`; none when it is not set.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn setting(&self, namespace: &str, key: &str) -> Result<Option<String>, AdbError> {
        let answer = self
            .query(&format!("settings get {} {}", quote(namespace), quote(key)))
            .await?;
        let answer = answer.trim();
        Ok((answer != "null" && !answer.is_empty()).then(|| answer.to_owned()))
    }

    /// Changes a setting.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn set_setting(
        &self,
        namespace: &str,
        key: &str,
        value: &str,
    ) -> Result<(), AdbError> {
        let command = format!(
            "settings put {} {} {}",
            quote(namespace),
            quote(key),
            quote(value)
        );
        self.shell_ok(&command).await.map(|_| ())
    }

    /// Starts an activity by its component and waits until it is there.
    ///
    /// # Errors
    /// When the device fails or has no such activity.
    pub async fn start_activity(&self, component: &str) -> Result<(), AdbError> {
        let command = format!("am start -W -n {}", quote(component));
        let text = self.shell_ok(&command).await?;
        if text.contains("Error") {
            return Err(AdbError::Refused {
                serial: self.serial().to_owned(),
                operation: command,
                reason: text.trim().to_owned(),
            });
        }
        Ok(())
    }

    /// Stops every process of a package.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn force_stop(&self, package: &str) -> Result<(), AdbError> {
        self.shell_ok(&format!("am force-stop {}", quote(package)))
            .await
            .map(|_| ())
    }

    /// Deletes a package's data.
    ///
    /// # Errors
    /// When the device fails or does not know the package.
    pub async fn clear_package(&self, package: &str) -> Result<(), AdbError> {
        let command = format!("pm clear {}", quote(package));
        let text = self.shell_ok(&command).await?;
        if text.contains("Success") {
            return Ok(());
        }
        let reason = text.trim().to_owned();
        Err(AdbError::Refused {
            serial: self.serial().to_owned(),
            operation: command,
            reason,
        })
    }

    /// Rows of a content provider, with the columns that were asked for.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn content_query(
        &self,
        uri: &str,
        columns: &[&str],
    ) -> Result<Vec<Vec<(String, String)>>, AdbError> {
        let command = format!(
            "content query --uri {} --projection {}",
            quote(uri),
            quote(&columns.join(":"))
        );
        Ok(parse_rows(&self.query(&command).await?, columns))
    }

    /// The component on top of the screen, e.g. `com.android.settings/com.android.settings.Settings`.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn top_activity(&self) -> Result<Option<String>, AdbError> {
        let output = self.shell(TOP_ACTIVITY).await?;
        Ok(dumpsys::parse_top_activity(&output.text()))
    }

    /// Closes every task of the overview.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn close_recents(&self) -> Result<(), AdbError> {
        let text = self.query("dumpsys activity recents").await?;
        let ids = dumpsys::parse_recent_ids(&text);
        if ids.is_empty() {
            return Ok(());
        }
        let script: Vec<String> = ids
            .iter()
            .map(|id| format!("am stack remove {id}"))
            .collect();
        self.shell(&script.join("\n")).await.map(|_| ())
    }

    /// How the screen lies on the display, in one small round trip.
    ///
    /// # Errors
    /// When the device fails or does not say it.
    pub async fn viewport(&self) -> Result<dumpsys::Viewport, AdbError> {
        let text = self.query("dumpsys input | grep logicalFrame").await?;
        dumpsys::parse_viewport(&text).ok_or_else(|| {
            AdbError::malformed(
                self.serial(),
                "a viewport",
                text.lines().next().unwrap_or_default(),
            )
        })
    }

    /// The logical screen size in pixels.
    ///
    /// # Errors
    /// When the device fails or says no size.
    pub async fn screen_size(&self) -> Result<ScreenSize, AdbError> {
        let logical = self.query("dumpsys input").await.ok();
        if let Some(size) = logical.as_deref().and_then(dumpsys::parse_logical_frame) {
            return Ok(size);
        }
        let text = self.query("wm size").await?;
        dumpsys::parse_wm_size(&text)
            .ok_or_else(|| AdbError::malformed(self.serial(), "a screen size", text.trim()))
    }
}
