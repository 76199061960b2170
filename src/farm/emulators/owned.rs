//! An emulator that is launched again when it has ended, and from time to time before it does: emulators that run for
//! days grow slow and full.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::{ApkList, EmulatorsError, Reach, ready};
use crate::adb::Adb;
use crate::emulator::{
    AvdHome, EmulatorError, Instance, LaunchOptions, Sdk, StateDirectory, Stopped,
};

/// How often other ports are tried when somebody else was faster.
const TRIES: u32 = 4;

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
            cancel: CancellationToken::new(),
            running: None,
        }
    }

    /// The same, with apps.
    pub fn with_apks(mut self, list: ApkList, folder: PathBuf) -> Owned {
        self.apks = Some((list, folder));
        self
    }

    /// The emulator, if it has been launched.
    pub fn instance(&self) -> Option<&Instance> {
        self.running.as_ref().map(|running| &running.instance)
    }

    /// The way to an emulator that is ready: the one that runs, or a new one where it has ended or its time has come.
    /// Counts as a use.
    ///
    /// # Errors
    /// When none can be made ready; what was launched for it has been stopped.
    pub async fn take(&mut self) -> Result<Adb, EmulatorsError> {
        if let Some(mut running) = self.running.take() {
            let due = self.renewal.is_due(running.uses, running.since.elapsed());
            match running.instance.check() {
                Ok(()) if !due => {
                    running.uses += 1;
                    let adb = running.adb.clone();
                    self.running = Some(running);
                    return Ok(adb);
                }
                Ok(()) => tracing::info!(
                    serial = running.instance.serial(),
                    uses = running.uses,
                    "emulator renewed"
                ),
                Err(error) => tracing::warn!(%error, "emulator launched again"),
            }
            running.instance.stop().await?;
        }
        let (instance, adb) = self.launch().await?;
        self.running = Some(Running {
            instance,
            adb: adb.clone(),
            since: Instant::now(),
            uses: 1,
        });
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

    async fn launch(&self) -> Result<(Instance, Adb), EmulatorsError> {
        let mut options = self.options.clone();
        let mut tries = 1;
        loop {
            let mut instance =
                Instance::launch(&self.sdk, &self.home, &self.state, &options).await?;
            let error = match self.prepared(&mut instance).await {
                Ok(adb) => return Ok((instance, adb)),
                Err(error) => error,
            };
            let next = instance.record().console + 2;
            // One that is of no use must not hold the AVD, the ports and the memory.
            instance.stop().await?;
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
        let adb = tokio::select! {
            adb = ready(instance, self.reach, self.patience) => adb?,
            () = self.cancel.cancelled() => return Err(EmulatorsError::Interrupted),
        };
        if let Some((list, folder)) = &self.apks {
            let installed = list.install(&adb, folder).await?;
            tracing::info!(serial = instance.serial(), ?installed, "apps installed");
        }
        Ok(adb)
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
