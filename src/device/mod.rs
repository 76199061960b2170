//! One device as an episode sees it: perform an action, observe, settle, probe.
//! May use `adb`, `pixels` and `domain`.

mod apps;
mod channel;
mod channels;
mod check;
pub mod measure;
mod perform;
mod settle;
mod still;
mod stock;
mod vital;

pub use apps::{Launch, resolve_app};
pub use channel::{Channel, Gesture, Offers, Tree};
pub use channels::Channels;
pub use perform::Performed;
pub use settle::Settle;
use settle::Wanted;
pub use stock::{InputTool, Screencap, Uiautomator};
pub use vital::{Ailment, VitalSigns};

use std::sync::Arc;
use std::time::Duration;

use crate::adb::{Adb, AdbError, Deadlines};
use crate::domain::{Compat, Observation, ScreenSize, UiElement};

/// Why a device could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// The wire failed.
    #[error(transparent)]
    Adb(#[from] AdbError),
    /// A way of seeing or touching it failed, which says nothing of the device.
    #[error("the channel {channel} failed: {reason}")]
    Channel {
        /// Its name.
        channel: &'static str,
        /// Why, with the device.
        reason: String,
    },
    /// It answers, but is not well, or not the device that it was: what is done on it now says nothing.
    #[error("device {serial} is not well: {ailment}")]
    Unwell {
        /// The device.
        serial: String,
        /// What is wrong with it.
        ailment: Ailment,
    },
}

impl DeviceError {
    /// Whether the device is gone, hangs or is not well, so that the trajectory is lost.
    pub fn is_lost(&self) -> bool {
        match self {
            DeviceError::Adb(error) => error.is_lost(),
            DeviceError::Channel { .. } => false,
            DeviceError::Unwell { .. } => true,
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

/// What becomes of a device whose shell is not root.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WithoutRoot {
    /// No task is run on it.
    #[default]
    Refuse,
    /// Tasks that do without root are run on it, with its clock and its apps' data left as they are.
    Run,
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
    /// Whether tasks may be run on it where its shell is not root.
    pub without_root: WithoutRoot,
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
            without_root: WithoutRoot::default(),
        }
    }
}

/// One device; clones share it.
#[derive(Debug, Clone)]
pub struct Device {
    adb: Adb,
    channels: Channels,
    screen: ScreenSize,
    options: Arc<DeviceOptions>,
}

impl Device {
    /// Opens a device: reads its screen size. It is seen and touched by what every Android has.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn open(adb: Adb, options: DeviceOptions) -> Result<Device, DeviceError> {
        let adb = adb.with_deadlines(options.deadlines);
        let screen = adb.screen_size().await?;
        Ok(Device {
            channels: Channels::stock(&adb).of_screen(screen),
            adb,
            screen,
            options: Arc::new(options),
        })
    }

    /// The same device, seen and touched by other channels.
    pub fn with_channels(mut self, channels: Channels) -> Device {
        let screencap = Arc::new(Screencap::raw(self.adb.clone()));
        let channels = channels.witnessed(self.serial(), screencap);
        self.channels = channels.of_screen(self.screen);
        self
    }

    /// The ways in which it is seen and touched.
    pub fn channels(&self) -> &Channels {
        &self.channels
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

    /// The elements on the screen of now, settled or not.
    ///
    /// # Errors
    /// When the device fails, or gives no usable tree.
    pub async fn elements(&self) -> Result<Vec<UiElement>, DeviceError> {
        let elements = self.channels.tree(false).await?.elements;
        self.unhindered(&elements)?;
        Ok(elements)
    }

    /// The system's own question stands over whatever the app would have shown.
    fn unhindered(&self, elements: &[UiElement]) -> Result<(), DeviceError> {
        match vital::not_responding(elements) {
            Some(ailment) => Err(self.unwell(ailment)),
            None => Ok(()),
        }
    }

    async fn look(
        &self,
        frame: bool,
        activity: bool,
    ) -> Result<(Observation, Option<String>), DeviceError> {
        let wanted = Wanted { frame, activity };
        let seen = settle::observe(&self.channels, self.options.settle, wanted).await?;
        self.unhindered(&seen.elements)?;
        let observation = Observation {
            frame: seen.frame,
            elements: seen.elements,
            screen: self.screen,
            settled: seen.settled,
        };
        Ok((observation, seen.activity))
    }

    /// The error of a device with an ailment.
    pub fn unwell(&self, ailment: Ailment) -> DeviceError {
        DeviceError::Unwell {
            serial: self.serial().to_owned(),
            ailment,
        }
    }

    /// Presses HOME.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn home(&self) -> Result<(), DeviceError> {
        self.channels.input(&[Gesture::Key("KEYCODE_HOME")]).await
    }

    /// Asks whether the device lives, within a short deadline.
    ///
    /// # Errors
    /// When it does not.
    pub async fn probe(&self) -> Result<(), DeviceError> {
        Ok(self.adb.probe().await?)
    }
}
