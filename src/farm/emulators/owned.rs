//! An emulator that is launched again when it has ended, and from time to time before it does: emulators that run for
//! days grow slow and full.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::ready::answering;
use super::{ApkList, EmulatorsError, Reach, Starts, ready};
use crate::adb::Adb;
use crate::emulator::{
    AvdHome, EmulatorError, Instance, LaunchOptions, Sdk, Start, StateDirectory, Stopped,
};

/// How often other ports are tried when somebody else was faster.
const TRIES: u32 = 4;
/// How long one that has loaded a snapshot may take to answer.
const ANSWER: Duration = Duration::from_secs(30);

/// When an emulator is launched again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Renewal {
    /// After so many uses; 0: never for that.
    pub uses: u32,
    /// After so long; zero: never for that.
    pub age: Duration,
}

impl Default for Renewal {
    /// Every hundred uses and every six hours.
    fn default() -> Renewal {
        Renewal {
            uses: 100,
            age: Duration::from_secs(6 * 3600),
        }
    }
}

/// An emulator that this program keeps running.
#[derive(Debug)]
pub struct Owned {
    sdk: Sdk,
    home: AvdHome,
    state: StateDirectory,
    options: LaunchOptions,
    /// How it is reached.
    reach: Reach,
    /// How long it may take to be ready.
    patience: Duration,
    /// What is installed on it when it is ready.
    apks: Option<(ApkList, PathBuf)>,
    renewal: Renewal,
    starts: Option<Arc<Starts>>,
    cancel: CancellationToken,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    instance: Instance,
    adb: Adb,
    since: Instant,
    uses: u32,
}

impl Owned {
    /// An emulator that has not been launched.
    pub fn new(
        (sdk, home, state): (Sdk, AvdHome, StateDirectory),
        options: LaunchOptions,
        reach: Reach,
        patience: Duration,
        renewal: Renewal,
    ) -> Owned {
        Owned {
            sdk,
            home,
            state,
            options,
            reach,
            patience,
            apks: None,
            renewal,
            starts: None,
            cancel: CancellationToken::new(),
            running: None,
        }
    }

    /// The same, with apps.
    pub fn with_apks(mut self, list: ApkList, folder: PathBuf) -> Owned {
        self.apks = Some((list, folder));
        self
    }

    /// The same, which waits for its turn before each launch.
    pub fn with_starts(mut self, starts: Arc<Starts>) -> Owned {
        self.starts = Some(starts);
        self
    }

    /// The same, which breaks a launch off when it is cancelled.
    pub fn with_cancel(mut self, cancel: CancellationToken) -> Owned {
        self.cancel = cancel;
        self
    }

    /// From what it is launched the next time.
    pub fn start_from(&mut self, start: Start) {
        self.options.start = start;
    }

    /// How it is launched the next time.
    pub fn options(&self) -> &LaunchOptions {
        &self.options
    }

    /// The emulator, if it has been launched.
    pub fn instance(&self) -> Option<&Instance> {
        self.running.as_ref().map(|running| &running.instance)
    }

    /// The serial that `adb::connect` takes for the one that runs.
    pub fn address(&self) -> Option<String> {
        self.instance().map(|instance| self.reach.serial(instance))
    }

    /// The way to the emulator that runs; none where none was launched.
    ///
    /// # Errors
    /// When its process has ended, with why.
    pub fn way(&mut self) -> Result<Option<Adb>, EmulatorError> {
        match &mut self.running {
            Some(running) => {
                running.instance.check()?;
                Ok(Some(running.adb.clone()))
            }
            None => Ok(None),
        }
    }

    /// Counts a use; whether it was one too many.
    pub fn used_up(&mut self) -> bool {
        let Some(running) = &mut self.running else {
            return false;
        };
        running.uses += 1;
        // The first one is not after any other.
        self.renewal
            .is_due(running.uses - 1, running.since.elapsed())
    }

    /// The way to an emulator that is ready: the one that runs, or a new one where it has ended or its time has come.
    /// Counts as a use.
    ///
    /// # Errors
    /// When none can be made ready; what was launched for it has been stopped.
    pub async fn take(&mut self) -> Result<Adb, EmulatorsError> {
        let due = self.used_up();
        match self.way() {
            Ok(Some(adb)) if !due => return Ok(adb),
            Ok(None) => {}
            Ok(Some(_)) => {
                tracing::info!(serial = self.address(), "emulator renewed");
                self.stop().await?;
            }
            Err(error) => {
                tracing::warn!(%error, "emulator launched again");
                self.stop().await?;
            }
        }
        let adb = self.relaunch().await?;
        self.used_up();
        Ok(adb)
    }

    /// As [`Owned::take`], unless it is cancelled: then what was being launched is stopped, and there is none.
    ///
    /// # Errors
    /// As there.
    pub async fn take_unless(
        &mut self,
        cancel: &CancellationToken,
    ) -> Result<Option<Adb>, EmulatorsError> {
        self.cancel = cancel.clone();
        let taken = self.take().await;
        match cancel.is_cancelled() {
            true => {
                self.stop().await?;
                Ok(None)
            }
            false => taken.map(Some),
        }
    }

    /// Kills the one that runs, if one does, and launches it until it is ready.
    ///
    /// # Errors
    /// As [`Owned::take`].
    pub async fn relaunch(&mut self) -> Result<Adb, EmulatorsError> {
        if let Some(running) = self.running.take() {
            running.instance.kill().await?;
        }
        let (instance, adb) = self.launch().await?;
        self.running = Some(Running {
            instance,
            adb: adb.clone(),
            since: Instant::now(),
            uses: 0,
        });
        Ok(adb)
    }

    async fn launch(&self) -> Result<(Instance, Adb), EmulatorsError> {
        // Before it is waited for: nothing that the machine has makes up for it.
        self.home.avd(&self.options.avd)?;
        let cancelled = self.cancel.cancelled();
        let _turn = match &self.starts {
            Some(starts) => tokio::select! {
                turn = starts.turn(&self.sdk, self.home.directory()) => Some(turn?),
                () = cancelled => return Err(EmulatorsError::Interrupted),
            },
            None => None,
        };
        let mut options = self.options.clone();
        let mut tries = 1;
        loop {
            if self.cancel.is_cancelled() {
                return Err(EmulatorsError::Interrupted);
            }
            let mut instance =
                Instance::launch(&self.sdk, &self.home, &self.state, &options).await?;
            let error = tokio::select! {
                adb = self.prepared(&mut instance) => match adb {
                    Ok(adb) => return Ok((instance, adb)),
                    Err(error) => error,
                },
                () = self.cancel.cancelled() => EmulatorsError::Interrupted,
            };
            let next = instance.record().console + 2;
            // One that is of no use must not hold the AVD, the ports and the memory.
            instance.kill().await?;
            match &error {
                EmulatorsError::Emulator(error) if error.is_port_taken() && tries < TRIES => {
                    options.first_port = next
                }
                _ => return Err(error),
            }
            tries += 1;
        }
    }

    async fn prepared(&self, instance: &mut Instance) -> Result<Adb, EmulatorsError> {
        let adb = ready(instance, self.reach, self.patience).await?;
        if let Some((list, folder)) = &self.apks {
            let installed = list.install(&adb, folder).await?;
            tracing::info!(serial = instance.serial(), ?installed, "apps installed");
        }
        Ok(adb)
    }

    /// Connects to the one that runs anew, once it answers: what was connected to it before a snapshot was loaded is
    /// not any more.
    ///
    /// # Errors
    /// When none runs, or it does not answer in time.
    pub async fn reconnected(&mut self) -> Result<Adb, EmulatorsError> {
        let reach = self.reach;
        let Some(running) = &mut self.running else {
            return Err(EmulatorsError::Interrupted);
        };
        running.adb = answering(&mut running.instance, reach, ANSWER).await?;
        Ok(running.adb.clone())
    }

    /// Lets go of it; it is killed.
    pub fn abandon(&mut self) {
        self.running = None;
    }

    /// Gives the running emulator away; it is then somebody else's to stop.
    pub fn release(mut self) -> Option<Instance> {
        self.running.take().map(|running| running.instance)
    }

    /// Stops it, if it runs.
    ///
    /// # Errors
    /// When its processes survive that.
    pub async fn stop(&mut self) -> Result<Option<Stopped>, EmulatorError> {
        match self.running.take() {
            Some(running) => running.instance.stop().await.map(Some),
            None => Ok(None),
        }
    }
}

impl Renewal {
    fn is_due(self, uses: u32, age: Duration) -> bool {
        (self.uses > 0 && uses >= self.uses) || (!self.age.is_zero() && age >= self.age)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emulators_are_renewed_after_uses_or_hours() {
        let renewal = |uses, seconds| Renewal {
            uses,
            age: Duration::from_secs(seconds),
        };
        let minute = Duration::from_secs(60);
        for (renewal, uses, due) in [
            (renewal(0, 0), 1_000_000, false),
            (renewal(2, 0), 1, false),
            (renewal(2, 0), 2, true),
            (renewal(0, 60), 0, true),
            (renewal(0, 61), 0, false),
        ] {
            assert_eq!(renewal.is_due(uses, minute), due, "{renewal:?} {uses}");
        }
    }
}
