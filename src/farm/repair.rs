//! From a device that failed to one that is ready: what is tried, in which order. The first failure is only looked at
//! again; the second is met with what harms nothing; the third with a new start, where that is allowed. May use `adb`,
//! `device` and `tasks`.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::host::Back;
use super::member::Member;
use super::patience::{HARD, SOFT};
use super::{FarmError, Reboots};
use crate::adb::{self, Adb, AdbError, Revived};
use crate::device::{Device, Gesture};
use crate::domain::Event;
use crate::tasks::{self, Rights, TaskError};

/// Closes what may stand in the way of an app, frees what we left, and what others hold of the accessibility. Each line
/// may fail; none says anything.
const TIDY: &str = "input keyevent KEYCODE_WAKEUP
wm dismiss-keyguard
cmd statusbar collapse
pkill -f com.wetest.uia2
pkill -f uiautomator
rm -rf /data/local/tmp/stepdroid-*
pm trim-caches 4096G
input keyevent KEYCODE_HOME
true
";
/// Longest that a device may take to boot.
const BOOT: Duration = Duration::from_secs(300);
/// How often a device that boots is looked at.
const LOOK: Duration = Duration::from_secs(1);

impl Member {
    /// Does what is due after so many failures in a row. What fails here shows when the device is opened.
    pub(super) async fn repair(&self, failures: u32) {
        // One that does not run is started when it is opened; there is nothing to mend.
        if self.host.as_ref().is_some_and(|host| !host.runs()) {
            return;
        }
        if failures >= SOFT {
            self.repair_softly().await;
        }
        if failures >= HARD && self.looks_bad().await {
            self.start_anew().await;
        }
    }

    /// Reconnects; a new adb server where this one is dead for all; tidies the screen up.
    async fn repair_softly(&self) {
        self.repairs("reconnecting");
        let address = self.address();
        match adb::server_of(&address) {
            Ok(Some(server)) => match server.revive().await {
                Ok(revived) => {
                    if revived != Revived::Alive {
                        self.repairs(
                            "the adb server was dead for all its devices and was started anew",
                        );
                    }
                    // The server lives, so that only this device's connection is taken up anew.
                    if let Err(error) = adb::reconnect(&address).await {
                        tracing::debug!(serial = self.serial, %error, "no reconnection");
                    }
                }
                Err(error) => {
                    tracing::warn!(serial = self.serial, %error, "the adb server is dead")
                }
            },
            Ok(None) => {}
            Err(error) => tracing::warn!(serial = self.serial, %error, "no adb server"),
        }
        let Ok(device) = self.reached().await else {
            return;
        };
        self.repairs("closing what is open");
        let tidied: Result<(), crate::device::DeviceError> = async {
            answer_dialogs(&device).await;
            device.adb().shell(TIDY).await?;
            if let Some(top) = device.adb().top_activity().await?
                && let Some((package, _)) = top.split_once('/')
                // The launcher is what HOME shows.
                && !package.contains("launcher")
            {
                device.adb().force_stop(package).await?;
            }
            Ok(())
        }
        .await;
        if let Err(error) = tidied {
            tracing::debug!(serial = self.serial, %error, "not tidied up");
        }
    }

    /// Whether it still is of no use after the soft means.
    async fn looks_bad(&self) -> bool {
        let Ok(device) = self.reached().await else {
            return true;
        };
        let well = match device.vital_signs().await {
            Ok(signs) => signs.ailment().is_none() && self.recognize(&signs.hardware).is_ok(),
            Err(_) => false,
        };
        // It failed three times in a row: signs alone do not clear it.
        !well || device.observe(true).await.is_err() || self.failures() > HARD
    }

    /// Has whoever runs it start it anew, or reboots it where that is allowed.
    async fn start_anew(&self) {
        if let Some(host) = &self.host {
            self.repairs("starting it anew");
            if let Err(reason) = host.restart().await {
                tracing::warn!(serial = self.serial, reason, "it could not be started anew");
            }
            return;
        }
        let allowed = match self.reboots {
            Reboots::Never => false,
            Reboots::Emulators => self.kind == "emulator",
            Reboots::Always => true,
        };
        let Ok(device) = self.reached().await else {
            return;
        };
        if !allowed {
            tracing::info!(
                serial = self.serial,
                "not rebooted: devices.reboot does not allow it"
            );
            return;
        }
        self.repairs("rebooting it");
        if let Err(error) = reboot(&device, &self.serial).await {
            tracing::warn!(serial = self.serial, %error, "the reboot failed");
        }
    }

    pub(super) async fn reached(&self) -> Result<Device, FarmError> {
        let adb = match &self.host {
            Some(host) => host.start().await.map_err(|reason| FarmError::Start {
                serial: self.serial.clone(),
                reason,
            })?,
            None => None,
        };
        let adb = match adb {
            Some(adb) => adb,
            None => adb::connect(&self.serial).await?,
        };
        // Whoever wants to repair it asks first, as whoever opens it.
        self.may_be_changed(&adb).await?;
        Ok(Device::open(adb, self.options.clone()).await?)
    }

    /// Connects, looks whether the device is well and the one that it was, sets the apps up.
    pub(super) async fn open_now(&self) -> Result<Device, FarmError> {
        if let Some(host) = &self.host {
            // A set-up that broke off begins anew, so that it ends like any other; and whatever broke off on a
            // device that was lost is gone.
            let back = self.hosted(host.put_back().await)?;
            self.keeps(back != Back::Unprepared && self.is_kept());
        }
        let device = self.reached().await?;
        let signs = device.vital_signs().await?;
        self.recognize(&signs.hardware)?;
        if let Some(ailment) = signs.ailment() {
            return Err(device.unwell(ailment).into());
        }
        self.prepared(&device).await?;
        if let Some(host) = self.host.as_ref().filter(|_| !self.is_kept()) {
            let kept = self.hosted(host.keep().await)?;
            self.keeps(kept);
        }
        let channels = self.channels(&device).await?;
        let device = device.with_channels(channels);
        // One that can't be seen is of no use, whatever else it does, nor one that asks about an app that hangs.
        device.home().await?;
        device.observe(true).await?;
        Ok(device)
    }

    /// Sets the apps of a device up, once.
    async fn prepared(&self, device: &Device) -> Result<(), FarmError> {
        match tasks::prepare_for(device, &self.tasks).await {
            Ok(Rights::Root) => {}
            Ok(Rights::Shell) => self.observer.tell(&Event::Note(format!(
                "device {} has no root: its clock and its apps' data stay as they are",
                self.serial
            ))),
            Err(TaskError::NoRoot { reason, .. }) => {
                return Err(FarmError::NoRoot {
                    serial: self.serial.clone(),
                    reason,
                });
            }
            Err(source) => {
                return Err(FarmError::SetUp {
                    serial: self.serial.clone(),
                    source,
                });
            }
        }
        Ok(())
    }
}

/// Answers the system's questions about apps that hang: they are closed.
async fn answer_dialogs(device: &Device) {
    for _ in 0..3 {
        let Ok(tree) = device.channels().tree(false).await else {
            return;
        };
        let close = tree
            .elements
            .iter()
            .find(|element| ["aerr_close", "aerr_wait"].contains(&element.resource_entry()));
        let Some(bounds) = close.and_then(|element| element.bbox_pixels) else {
            return;
        };
        let close = [Gesture::Tap(bounds.center())];
        if device.channels().input(&close).await.is_err() {
            return;
        }
    }
}

/// Reboots a device and waits until it has booted.
async fn reboot(device: &Device, serial: &str) -> Result<(), FarmError> {
    let before = device.vital_signs().await?;
    // The connection breaks under it.
    let _ = device.adb().shell("reboot").await;
    let deadline = Instant::now() + BOOT;
    loop {
        sleep(LOOK).await;
        let now = look(serial, device).await;
        if let Ok(signs) = &now
            && signs.has_rebooted_since(&before)
            && signs.ailment().is_none()
        {
            return Ok(());
        }
        if Instant::now() >= deadline {
            return Err(AdbError::Timeout {
                serial: serial.to_owned(),
                operation: "a reboot".to_owned(),
                deadline: BOOT,
            }
            .into());
        }
    }
}

async fn look(serial: &str, device: &Device) -> Result<crate::device::VitalSigns, FarmError> {
    let adb: Adb = adb::connect(serial).await?;
    let device = Device::open(adb, device.options().clone()).await?;
    Ok(device.vital_signs().await?)
}
