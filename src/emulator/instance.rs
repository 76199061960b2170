//! One emulator from its launch to its certain end. Uses the rest of this folder.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant, SystemTime};

use rand::RngExt;
use rand::distr::Alphanumeric;
use rustix::process::Signal;
use serde::Serialize;
use tokio::process::{Child, Command};

use super::ports::{Ports, reserve};
use super::process::{self, Process};
use super::record::{Found, Record, StateDirectory};
use super::{AvdHome, Cause, Console, Control, EmulatorError, LaunchOptions, Sdk, avd};

/// How long an emulator that was asked to end may take, before it is told, and then before it is killed.
const GRACE: [Duration; 2] = [Duration::from_secs(15), Duration::from_secs(5)];
/// How long one that is not asked may take from SIGTERM to SIGKILL.
const KILL_GRACE: Duration = Duration::from_secs(1);
/// How long it is killed again and again.
const KILLING: Duration = Duration::from_secs(10);
/// How much of the end of a log is looked at, in bytes.
const LOG_END: u64 = 16 << 10;

/// An emulator that this process launched, or found and took over.
#[derive(Debug)]
pub struct Instance {
    record: Record,
    state: StateDirectory,
    child: Option<Child>,
    // Kept until it listens, so that nobody else of this program chooses its ports.
    _ports: Option<Ports>,
}

/// How an emulator came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stopped {
    /// It had ended before.
    Ended,
    /// It ended when its console told it to.
    Asked,
    /// It ended by SIGTERM.
    Terminated,
    /// It ended by SIGKILL.
    Killed,
}

impl Instance {
    /// Launches an emulator; returns when its process runs, which is long before it has booted.
    ///
    /// # Errors
    /// When the AVD or the snapshot is not there, the AVD is in use, no ports are free, or the program can't be
    /// started.
    pub async fn launch(
        sdk: &Sdk,
        home: &AvdHome,
        state: &StateDirectory,
        options: &LaunchOptions,
    ) -> Result<Instance, EmulatorError> {
        let directory = home.avd(&options.avd)?;
        options.check(&directory)?;
        if options.writable {
            avd::remove_stale_locks(&directory);
            avd::refuse_if_busy(&options.avd, &directory)?;
        }
        let records = state.records();
        let taken: Vec<u16> = records
            .iter()
            .filter(|record| record.found() != Found::Ended)
            .map(|record| record.console)
            .collect();
        let ports = reserve(&state.ports(), options.first_port, &taken)?;
        let token = new_token();
        let logs = state.logs();
        let failed =
            |path: &Path, error| EmulatorError::file(path, "making the emulator's files", error);
        fs::create_dir_all(&logs).map_err(|error| failed(&logs, error))?;
        let log = logs.join(format!("emulator-{}-{token}.log", ports.console));
        let record = Record {
            console: ports.console,
            adb: ports.adb,
            grpc: options.grpc.then_some(ports.grpc),
            avd: options.avd.clone(),
            directory,
            read_only: !options.writable,
            token,
            log: log.clone(),
            owner: Process::this(),
            launched: SystemTime::now()
                .duration_since(SystemTime::UNIX_EPOCH)
                .map_or(0, |since| since.as_secs()),
        };
        let temporary = state.temporary(&record);
        fs::create_dir_all(&temporary).map_err(|error| failed(&temporary, error))?;
        let output = File::create(&log).map_err(|error| failed(&log, error))?;
        let errors = output.try_clone().map_err(|error| failed(&log, error))?;
        // Before the start: a crash between the two must not leave an emulator that nobody knows of.
        state.write(&record)?;
        let program = sdk.emulator();
        let mut command = Command::new(&program);
        command
            .args(options.arguments(&ports))
            .env("ANDROID_SDK_ROOT", sdk.root())
            .env("ANDROID_HOME", sdk.root())
            .env("ANDROID_AVD_HOME", home.directory())
            // Its overlays of read-only images, which it leaves behind when it is killed.
            .env("ANDROID_TMP", &temporary)
            .env(process::TOKEN, &record.token)
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            // Of its own, so that Ctrl-C at the terminal reaches this program alone.
            .process_group(0);
        let child = match command.spawn() {
            Ok(child) => child,
            Err(source) => {
                state.remove(&record);
                return Err(EmulatorError::Spawn { program, source });
            }
        };
        tracing::info!(serial = record.serial(), avd = record.avd, log = %record.log.display(), "emulator launched");
        Ok(Instance {
            record,
            state: state.clone(),
            child: Some(child),
            _ports: Some(ports),
        })
    }

    /// An emulator that another process of this program launched.
    pub fn found(state: &StateDirectory, record: Record) -> Instance {
        Instance {
            record,
            state: state.clone(),
            child: None,
            _ports: None,
        }
    }

    /// Lets it live on after this program, until it is stopped by its serial.
    ///
    /// # Errors
    /// When its record can't be written; it is then stopped by the next clean-up.
    pub fn keep(&mut self) -> Result<(), EmulatorError> {
        self.record.owner = None;
        self.state.write(&self.record)
    }

    /// What is known of it.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Its serial behind an ADB server.
    pub fn serial(&self) -> String {
        self.record.serial()
    }

    /// Fails once its process has ended, with why.
    ///
    /// # Errors
    /// [`EmulatorError::Ended`].
    pub fn check(&mut self) -> Result<(), EmulatorError> {
        let (status, signal) = match &mut self.child {
            Some(child) => match child.try_wait() {
                Ok(Some(status)) => (status.to_string(), signal_of(status)),
                // Its first thread is gone; the others are about to follow.
                _ if !child.id().is_some_and(|pid| process::exists(pid as i32)) => {
                    ("it is ending".to_owned(), None)
                }
                // It runs, or can't be asked, which the next question will tell.
                _ => return Ok(()),
            },
            None if !self.record.processes().is_empty() => return Ok(()),
            None => ("nobody saw how".to_owned(), None),
        };
        Err(EmulatorError::Ended {
            console: self.record.console,
            status,
            cause: Cause::of_log(&log_end(&self.record.log), signal),
            log: self.record.log.clone(),
        })
    }

    /// Its console, after making sure that it is this emulator's: another program may have been faster at the port.
    ///
    /// # Errors
    /// When it does not answer, or another emulator does.
    pub async fn console(&self) -> Result<Console, EmulatorError> {
        let mut console = Console::connect(self.record.console).await?;
        let name = console.avd_name().await?;
        match name == self.record.avd {
            true => Ok(console),
            false => Err(EmulatorError::Console {
                console: self.record.console,
                reason: format!(
                    "it runs AVD {name:?}, not {:?}: another emulator has the port; stop this one and start it again",
                    self.record.avd
                ),
            }),
        }
    }

    /// Its control service; `None` where that is off.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn control(&self) -> Result<Option<Control>, EmulatorError> {
        match self.record.grpc {
            Some(port) => Control::connect(port).await.map(Some),
            None => Ok(None),
        }
    }

    /// Ends it for certain: by its console, then by SIGTERM, then by SIGKILL to every process of it. Then its record,
    /// its temporary files and the locks that it leaves are removed; its log stays.
    ///
    /// # Errors
    /// [`EmulatorError::Alive`] when its processes survive that.
    pub async fn stop(self) -> Result<Stopped, EmulatorError> {
        self.stop_within(GRACE).await
    }

    /// Ends it for certain without asking it first: for one that does not answer.
    ///
    /// # Errors
    /// As [`Instance::stop`].
    pub async fn kill(mut self) -> Result<Stopped, EmulatorError> {
        let how = self.end_by_signals(KILL_GRACE).await?;
        self.forget(how).await;
        Ok(how)
    }

    /// As [`Instance::stop`], with how long each of the two first ways may take.
    ///
    /// # Errors
    /// As there.
    pub async fn stop_within(mut self, grace: [Duration; 2]) -> Result<Stopped, EmulatorError> {
        let how = self.end(grace).await?;
        self.forget(how).await;
        Ok(how)
    }

    /// Takes note of its end.
    async fn forget(&mut self, how: Stopped) {
        if let Some(mut child) = self.child.take() {
            // It has ended: this only takes note of it.
            let _ = child.wait().await;
        }
        avd::remove_stale_locks(&self.record.directory);
        self.state.remove(&self.record);
        tracing::info!(serial = self.record.serial(), ?how, "emulator stopped");
    }

    async fn end(&self, grace: [Duration; 2]) -> Result<Stopped, EmulatorError> {
        let token = &self.record.token;
        if process::gone(token, Duration::ZERO).await {
            return Ok(Stopped::Ended);
        }
        // Only through a console that is surely its own.
        if let Ok(mut console) = self.console().await {
            console.kill().await;
            if process::gone(token, grace[0]).await {
                return Ok(Stopped::Asked);
            }
        }
        self.end_by_signals(grace[1]).await
    }

    async fn end_by_signals(&self, grace: Duration) -> Result<Stopped, EmulatorError> {
        let token = &self.record.token;
        if process::gone(token, Duration::ZERO).await {
            return Ok(Stopped::Ended);
        }
        let refused =
            |source| EmulatorError::file(Path::new("/proc"), "signalling the emulator", source);
        process::signal(token, Signal::TERM).map_err(refused)?;
        if process::gone(token, grace).await {
            return Ok(Stopped::Terminated);
        }
        // Again and again: a process may start another one between the look and the blow.
        let deadline = Instant::now() + KILLING;
        while Instant::now() < deadline {
            process::signal(token, Signal::KILL).map_err(refused)?;
            if process::gone(token, Duration::from_millis(500)).await {
                return Ok(Stopped::Killed);
            }
        }
        Err(EmulatorError::Alive {
            console: self.record.console,
            pids: process::with_token(token)
                .iter()
                .map(|process| process.pid)
                .collect(),
        })
    }

    /// Stops the emulators whose owner is gone, and forgets those that have ended. Returns what was done to each.
    pub async fn clean(state: &StateDirectory) -> Vec<(Record, Result<Stopped, EmulatorError>)> {
        let mut done = Vec::new();
        for record in state.records() {
            let deserted = match record.found() {
                Found::Orphan => true,
                // One that is being launched has no processes yet.
                Found::Ended => record.owner.is_none_or(|owner| !owner.lives()),
                Found::Owned | Found::Kept => false,
            };
            if deserted {
                let instance = Instance::found(state, record.clone());
                done.push((record, instance.stop().await));
            }
        }
        done
    }
}

impl Drop for Instance {
    /// One that this process is to stop, and whose stop broke off or never came, is killed: it must not outlive whoever
    /// would have stopped it.
    fn drop(&mut self) {
        if self.child.is_none() || self.record.owner.is_none() {
            return;
        }
        let token = &self.record.token;
        let deadline = Instant::now() + KILLING;
        while !process::with_token(token).is_empty() && Instant::now() < deadline {
            // Whoever it can't be sent to is found by the next clean-up.
            let _ = process::signal(token, Signal::KILL);
            std::thread::sleep(Duration::from_millis(10));
        }
        if process::with_token(token).is_empty() {
            avd::remove_stale_locks(&self.record.directory);
            self.state.remove(&self.record);
        }
        tracing::warn!(serial = self.record.serial(), "emulator killed");
    }
}

fn new_token() -> String {
    let mut random = rand::rng();
    let signs = (0..24).map(|_| char::from(random.sample(Alphanumeric)));
    signs.collect()
}

fn signal_of(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

/// The end of a log; what can't be read says nothing.
fn log_end(path: &Path) -> String {
    let read = || {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(LOG_END)))?;
        let mut bytes = Vec::new();
        file.take(LOG_END).read_to_end(&mut bytes)?;
        Ok::<_, std::io::Error>(String::from_utf8_lossy(&bytes).into_owned())
    };
    read().unwrap_or_default()
}
