//! A device's vital signs: what says that it is well, and that it is still the device it was. Taken before and after
//! an episode, they tell a device that failed in between from a model that did. May use `adb` and `domain`.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Device, DeviceError};
use crate::adb::AdbError;
use crate::domain::UiElement;

/// One script for all of them: one round trip. Each line is a name and what was found.
const LOOK: &str = "echo serial=$(getprop ro.serialno)
echo boot=$(getprop ro.boottime.init)
echo completed=$(getprop sys.boot_completed)
echo server=$(pidof system_server)
echo interface=$(pidof com.android.systemui)
echo seen=$(pidof adbd)
echo package=$(service check package)
echo uptime=$(cat /proc/uptime)
echo clock=$(date +%s)
echo free=$(df -k /data | tail -n 1)
echo hung=$(dumpsys window lastanr | grep -m 3 -e 'ANR time' -e 'at fault')
";

/// With less storage than this, apps can't save what they are told to.
const LEAST_FREE_KIB: u64 = 16 << 10;
/// A clock that has moved by this much against the uptime has been set, or jumped.
const CLOCK_JUMP: Duration = Duration::from_secs(60);

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VitalSigns {
    /// `ro.serialno`, which differs from device to device (not from emulator to emulator).
    pub hardware: String,
    /// When `init` started after the kernel, in nanoseconds: differs from boot to boot.
    boot: String,
    /// Whether the boot is completed.
    booted: bool,
    /// Process of the system server: a new one after each crash.
    system_server: String,
    /// Process of the system UI.
    system_ui: String,
    /// Whether processes can be seen at all.
    sees_processes: bool,
    /// Whether the package service is found.
    packages: bool,
    /// Wall clock minus uptime, in seconds: when the device believes to have booted.
    clock: Option<i64>,
    /// Free storage for apps' data, in KiB.
    free_kib: Option<u64>,
    /// The last time that the app in front did not respond, and which window; empty where that never was. Android forgets
    /// it after two hours (AOSP: `WindowManagerService`).
    hung: String,
}

/// Something that is wrong with a device.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Ailment {
    /// Another device answers.
    #[error("another device answers in its place: its serial number was {before}, now it is {now}")]
    Swapped {
        /// Serial number before.
        before: String,
        /// Serial number now.
        now: String,
    },
    /// It has rebooted.
    #[error("it has rebooted")]
    Rebooted,
    /// It is still booting.
    #[error("it has not booted yet (sys.boot_completed is not 1)")]
    Booting,
    /// The system server has been started anew.
    #[error("its system server crashed")]
    SystemServer,
    /// The system UI has been started anew, or is not there.
    #[error("its system UI crashed")]
    SystemUi,
    /// No package manager.
    #[error("its package manager does not answer")]
    Packages,
    /// The clock was moved.
    #[error("its clock jumped by {0} s")]
    ClockJump(i64),
    /// No room for what apps save.
    #[error("its storage is full: {0} KiB are free below /data")]
    StorageFull(u64),
    /// An app hung, and the system asked about it.
    #[error("an app is not responding: the system says {0:?}")]
    NotResponding(String),
}

impl Ailment {
    /// A word for statistics, e.g. `rebooted`.
    pub fn name(&self) -> &'static str {
        match self {
            Ailment::Swapped { .. } => "swapped",
            Ailment::Rebooted => "rebooted",
            Ailment::Booting => "booting",
            Ailment::SystemServer => "system_server_crash",
            Ailment::SystemUi => "system_ui_crash",
            Ailment::Packages => "no_package_manager",
            Ailment::ClockJump(_) => "clock_jump",
            Ailment::StorageFull(_) => "storage_full",
            Ailment::NotResponding(_) => "not_responding",
        }
    }
}

impl VitalSigns {
    fn parse(text: &str) -> VitalSigns {
        let found: BTreeMap<&str, &str> = text
            .lines()
            .filter_map(|line| line.trim().split_once('='))
            .map(|(name, value)| (name, value.trim()))
            .collect();
        let value = |name: &str| found.get(name).copied().unwrap_or("");
        let word = |name: &str, at: usize| value(name).split_whitespace().nth(at);
        let uptime = word("uptime", 0).and_then(|text| text.parse::<f64>().ok());
        let clock = value("clock").parse::<i64>().ok();
        VitalSigns {
            hardware: value("serial").to_owned(),
            boot: value("boot").to_owned(),
            booted: value("completed") == "1",
            system_server: value("server").to_owned(),
            system_ui: value("interface").to_owned(),
            // `Service package: found`, or `not found`.
            sees_processes: !value("seen").is_empty(),
            packages: value("package").ends_with(": found"),
            clock: clock
                .zip(uptime)
                .map(|(clock, uptime)| clock - uptime as i64),
            // Filesystem, blocks, used, available.
            free_kib: word("free", 3).and_then(|text| text.parse().ok()),
            hung: value("hung").to_owned(),
        }
    }

    /// What is wrong with it now, whatever was before; the gravest thing first.
    pub fn ailment(&self) -> Option<Ailment> {
        if !self.booted {
            return Some(Ailment::Booting);
        }
        if !self.packages {
            return Some(Ailment::Packages);
        }
        if self.sees_processes && self.system_server.is_empty() {
            return Some(Ailment::SystemServer);
        }
        if self.sees_processes && self.system_ui.is_empty() {
            return Some(Ailment::SystemUi);
        }
        match self.free_kib {
            Some(free) if free < LEAST_FREE_KIB => Some(Ailment::StorageFull(free)),
            _ => None,
        }
    }

    /// Whether it has booted since earlier signs.
    pub fn has_rebooted_since(&self, before: &VitalSigns) -> bool {
        self.boot != before.boot
    }

    /// What has become wrong with it since earlier signs; the gravest thing first.
    pub fn ailment_since(&self, before: &VitalSigns) -> Option<Ailment> {
        if self.hardware != before.hardware {
            return Some(Ailment::Swapped {
                before: before.hardware.clone(),
                now: self.hardware.clone(),
            });
        }
        if self.boot != before.boot {
            return Some(Ailment::Rebooted);
        }
        if let Some(ailment) = self.ailment() {
            return Some(ailment);
        }
        if self.system_server != before.system_server {
            return Some(Ailment::SystemServer);
        }
        if self.system_ui != before.system_ui {
            return Some(Ailment::SystemUi);
        }
        // The question may have been answered by a touch that was meant for the app.
        if !self.hung.is_empty() && self.hung != before.hung {
            return Some(Ailment::NotResponding(self.hung.clone()));
        }
        let jump = self.clock? - before.clock?;
        (jump.unsigned_abs() > CLOCK_JUMP.as_secs()).then_some(Ailment::ClockJump(jump))
    }
}

/// The system's dialog over an app that hangs.
pub(super) fn not_responding(elements: &[UiElement]) -> Option<Ailment> {
    let named = |element: &&UiElement, names: &[&str]| {
        let name = element
            .resource_id
            .as_deref()
            .or(element.resource_name.as_deref());
        name.is_some_and(|name| names.contains(&name))
    };
    elements
        .iter()
        .find(|element| named(element, &["android:id/aerr_close", "android:id/aerr_wait"]))?;
    let title = elements
        .iter()
        .find(|element| named(element, &["android:id/alertTitle"]));
    let words = title.map_or("", |title| title.label());
    Some(Ailment::NotResponding(words.to_owned()))
}

impl Device {
    /// Takes the vital signs, in one round trip.
    ///
    /// # Errors
    /// When the device does not answer.
    pub async fn vital_signs(&self) -> Result<VitalSigns, DeviceError> {
        let answer = match self.adb().shell(LOOK).await {
            Err(error) if error.is_retriable() => self.adb().shell(LOOK).await,
            answer => answer,
        };
        // A tool that an image lacks leaves its line empty and is nobody's fault.
        let text = answer?.text();
        if !text.contains("serial=") {
            return Err(DeviceError::Adb(AdbError::Malformed {
                serial: self.serial().to_owned(),
                what: "vital signs",
                detail: text.chars().take(200).collect(),
            }));
        }
        Ok(VitalSigns::parse(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WELL: &str = "serial=R58M\nboot=512340000\ncompleted=1\nserver=612\ninterface=780\nseen=455\n\
        package=Service package: found\n\
        uptime=100.25 90.1\nclock=1697384040\nfree=/dev/block/dm-5 6094400 732 6093668 1% /data\n\
        hung=\n";

    fn changed(from: &str, to: &str) -> VitalSigns {
        assert!(WELL.contains(from));
        VitalSigns::parse(&WELL.replace(from, to))
    }

    #[test]
    fn what_ails_a_device_is_seen() {
        let well = VitalSigns::parse(WELL);
        assert_eq!((well.ailment(), well.ailment_since(&well)), (None, None));
        for (from, to, now, since) in [
            ("R58M", "R59M", None, Some("swapped")),
            ("512340000", "512340001", None, Some("rebooted")),
            ("=1\n", "=\n", Some("booting"), Some("booting")),
            (
                ": found",
                ": not found",
                Some("no_package_manager"),
                Some("no_package_manager"),
            ),
            ("612", "613", None, Some("system_server_crash")),
            (
                "612",
                "",
                Some("system_server_crash"),
                Some("system_server_crash"),
            ),
            ("780", "781", None, Some("system_ui_crash")),
            ("6093668", "12", Some("storage_full"), Some("storage_full")),
            ("1697384040", "1697394040", None, Some("clock_jump")),
            (
                "hung=\n",
                "hung=ANR time: Oct 15, 2023 3:34:05 PM Application at fault: ActivityRecord{1 u0 a/.B}\n",
                None,
                Some("not_responding"),
            ),
            ("1697384040", "1697384070", None, None),
            // The clock and the uptime go on together.
            ("100.25", "130.00", None, None),
        ] {
            let signs = changed(from, to);
            let name = |ailment: Option<Ailment>| ailment.map(|ailment| ailment.name());
            assert_eq!(name(signs.ailment()), now, "{from} {to}");
            assert_eq!(name(signs.ailment_since(&well)), since, "{from} {to}");
        }
    }

    #[test]
    fn what_is_not_known_is_no_ailment() {
        let text = WELL
            .replace("uptime=100.25 90.1", "uptime=")
            .replace("free=/dev/block/dm-5 6094400 732 6093668 1% /data", "free=");
        let signs = VitalSigns::parse(&text);
        assert_eq!(signs.ailment(), None);
        assert_eq!(signs.ailment_since(&VitalSigns::parse(WELL)), None);
    }
}
