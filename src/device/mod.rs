//! One device as an episode sees it: perform an action, observe, settle, probe.
//! May use `adb` and `domain`.

mod apps;
mod perform;
mod settle;

pub use apps::{Launch, resolve_app};
pub use perform::Performed;
pub use settle::Settle;
use settle::Wanted;

use std::sync::Arc;
use std::time::Duration;

use crate::adb::{Adb, AdbError, Deadlines};
use crate::domain::{Compat, Observation, ScreenSize};

/// Why a device could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// The wire failed.
    #[error(transparent)]
    Adb(#[from] AdbError),
}

impl DeviceError {
    /// Whether the device is gone or hangs.
    pub fn is_lost(&self) -> bool {
        match self {
            DeviceError::Adb(error) => error.is_lost(),
        }
    }
}

/// Which list of elements an action's index counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolve {
    /// The list that the agent saw.
    Seen,
    /// A list read anew just before acting, as the benchmark does.
    Fresh,
}

/// How a device is driven.
#[derive(Debug, Clone)]
pub struct DeviceOptions {
    /// When a screen counts as stable.
    pub settle: Settle,
    /// The benchmark's quirks, kept or mended: typed text ends with ENTER, a scroll with index 0 means the
    /// screen. An episode takes its instance's: [`Device::with_compat`].
    pub compat: Compat,
    /// Where an index is looked up.
    pub resolve: Resolve,
    /// Wait after the tap into a field, and after clearing it, before typing.
    pub focus_pause: Duration,
    /// Length of a `wait` action.
    pub wait: Duration,
    /// Deadlines of the wire.
    pub deadlines: Deadlines,
}

impl Default for DeviceOptions {
    fn default() -> DeviceOptions {
        DeviceOptions {
            settle: Settle::benchmark(),
            compat: Compat::default(),
            resolve: Resolve::Seen,
            focus_pause: Duration::from_secs(1),
            wait: Duration::from_secs(1),
            deadlines: Deadlines::default(),
        }
    }
}

/// One device; clones share it.
#[derive(Debug, Clone)]
pub struct Device {
    adb: Adb,
    screen: ScreenSize,
    options: Arc<DeviceOptions>,
}

impl Device {
    /// Opens a device: reads its screen size.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn open(adb: Adb, options: DeviceOptions) -> Result<Device, DeviceError> {
        let adb = adb.with_deadlines(options.deadlines);
        let screen = adb.screen_size().await?;
        Ok(Device {
            adb,
            screen,
            options: Arc::new(options),
        })
    }

    /// The same device, with the benchmark's quirks of actions kept or mended.
    pub fn with_compat(&self, compat: Compat) -> Device {
        let mut device = self.clone();
        if device.options.compat != compat {
            Arc::make_mut(&mut device.options).compat = compat;
        }
        device
    }

    /// The wire, for tasks.
    pub fn adb(&self) -> &Adb {
        &self.adb
    }

    /// The serial.
    pub fn serial(&self) -> &str {
        self.adb.serial()
    }

    /// The logical screen size in pixels.
    pub fn screen(&self) -> ScreenSize {
        self.screen
    }

    /// The options it was opened with.
    pub fn options(&self) -> &DeviceOptions {
        &self.options
    }

    /// One look at the device once it has settled; with a screenshot when asked for.
    ///
    /// # Errors
    /// When the device fails, or gives no usable picture or tree.
    pub async fn observe(&self, want_frame: bool) -> Result<Observation, DeviceError> {
        Ok(self.look(want_frame, false).await?.0)
    }

    /// The same with the component on top of the screen, where the device knows one, for no further round
    /// trip.
    ///
    /// # Errors
    /// As [`Device::observe`].
    pub async fn observe_with_activity(
        &self,
        want_frame: bool,
    ) -> Result<(Observation, Option<String>), DeviceError> {
        self.look(want_frame, true).await
    }

    async fn look(
        &self,
        frame: bool,
        activity: bool,
    ) -> Result<(Observation, Option<String>), DeviceError> {
        let wanted = Wanted { frame, activity };
        let seen = settle::observe(&self.adb, self.options.settle, wanted).await?;
        let observation = Observation {
            frame: seen.frame,
            elements: seen.elements,
            screen: self.screen,
            settled: seen.settled,
        };
        Ok((observation, seen.activity))
    }

    /// Presses HOME.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn home(&self) -> Result<(), DeviceError> {
        Ok(self.adb.key_event("KEYCODE_HOME").await?)
    }

    /// Asks whether the device lives, within a short deadline.
    ///
    /// # Errors
    /// When it does not.
    pub async fn probe(&self) -> Result<(), DeviceError> {
        Ok(self.adb.probe().await?)
    }
}
