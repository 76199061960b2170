//! System properties of the simulated image: Pixel 6 profile, API 33, google_apis. Uses nothing.

use std::collections::BTreeMap;

/// `getprop` and `setprop`.
#[derive(Debug, Clone)]
pub struct Properties {
    values: BTreeMap<String, String>,
}

impl Properties {
    /// The properties of a booted phone; `serial` is `ro.serialno`, `density` in dots an inch.
    pub fn new(serial: &str, density: i64) -> Properties {
        let mut values: BTreeMap<String, String> = FIXED
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        values.insert("ro.serialno".to_owned(), serial.to_owned());
        values.insert("ro.boot.serialno".to_owned(), serial.to_owned());
        values.insert("ro.sf.lcd_density".to_owned(), density.to_string());
        let mut properties = Properties { values };
        properties.booted(0);
        properties
    }

    /// What differs from boot to boot: when `init` started, in nanoseconds of the kernel's clock.
    pub fn booted(&mut self, boots: i64) {
        let started = 512_340_000 + boots.rem_euclid(1_000_000) * 7_919_003 % 90_000_000;
        let name = "ro.boottime.init".to_owned();
        self.values.insert(name, started.to_string());
    }

    /// One value; empty when it is not set, as `getprop` has it.
    pub fn get(&self, key: &str) -> &str {
        self.values.get(key).map_or("", String::as_str)
    }

    /// Sets a value; `false` for read-only ones and for names or values that are too long.
    pub fn set(&mut self, key: &str, value: &str) -> bool {
        let read_only = key.starts_with("ro.") && self.values.contains_key(key);
        if key.is_empty() || key.len() > 255 || value.len() > 91 || read_only {
            return false;
        }
        self.values.insert(key.to_owned(), value.to_owned());
        true
    }

    /// Sets a value before the phone runs, a read-only one too.
    pub fn preset(&mut self, key: &str, value: &str) {
        self.values.insert(key.to_owned(), value.to_owned());
    }

    /// All of them, sorted.
    pub fn list(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

const FIXED: &[(&str, &str)] = &[
    ("dalvik.vm.heapsize", "512m"),
    ("dev.bootcomplete", "1"),
    ("gsm.operator.alpha", "T-Mobile"),
    ("gsm.sim.state", "LOADED"),
    ("init.svc.adbd", "running"),
    ("init.svc.bootanim", "stopped"),
    ("init.svc.zygote", "running"),
    ("persist.sys.locale", "en-US"),
    ("persist.sys.timezone", "UTC"),
    ("persist.sys.usb.config", "adb"),
    ("ro.adb.secure", "0"),
    ("ro.board.platform", ""),
    ("ro.boot.hardware", "ranchu"),
    ("ro.boot.qemu", "1"),
    ("ro.boot.verifiedbootstate", "orange"),
    ("ro.bootmode", "unknown"),
    ("ro.build.characteristics", "emulator"),
    ("ro.build.date.utc", "1672880400"),
    (
        "ro.build.description",
        "sdk_gphone64_x86_64-userdebug 13 TE1A.220922.034 10940250 dev-keys",
    ),
    (
        "ro.build.fingerprint",
        "google/sdk_gphone64_x86_64/emu64xa:13/TE1A.220922.034/10940250:userdebug/dev-keys",
    ),
    ("ro.build.id", "TE1A.220922.034"),
    ("ro.build.product", "emu64xa"),
    ("ro.build.tags", "dev-keys"),
    ("ro.build.type", "userdebug"),
    ("ro.build.user", "android-build"),
    ("ro.build.version.codename", "REL"),
    ("ro.build.version.incremental", "10940250"),
    ("ro.build.version.release", "13"),
    ("ro.build.version.release_or_codename", "13"),
    ("ro.build.version.sdk", "33"),
    ("ro.build.version.security_patch", "2023-09-05"),
    ("ro.crypto.state", "encrypted"),
    ("ro.debuggable", "1"),
    ("ro.hardware", "ranchu"),
    ("ro.kernel.qemu", "1"),
    ("ro.opengles.version", "196609"),
    ("ro.product.board", "goldfish_x86_64"),
    ("ro.product.brand", "google"),
    ("ro.product.cpu.abi", "x86_64"),
    ("ro.product.cpu.abilist", "x86_64,arm64-v8a"),
    ("ro.product.cpu.abilist32", ""),
    ("ro.product.cpu.abilist64", "x86_64,arm64-v8a"),
    ("ro.product.device", "emu64xa"),
    ("ro.product.first_api_level", "33"),
    ("ro.product.locale", "en-US"),
    ("ro.product.manufacturer", "Google"),
    ("ro.product.model", "sdk_gphone64_x86_64"),
    ("ro.product.name", "sdk_gphone64_x86_64"),
    ("ro.secure", "1"),
    ("ro.treble.enabled", "true"),
    ("ro.zygote", "zygote64"),
    ("service.adb.root", "1"),
    ("sys.boot_completed", "1"),
    ("sys.usb.config", "adb"),
    ("sys.usb.state", "adb"),
];
