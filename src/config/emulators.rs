//! `[devices.emulators]` as data: Android emulators that are started and owned. Values and their meaning:
//! `defaults.toml`.

use serde::{Deserialize, Serialize};

use super::validate::first_outside;

/// `[devices.emulators]`: emulators to start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EmulatorDevices {
    /// How many; 0 is none.
    pub count: u16,
    /// Name of the AVD, or the beginning of the names.
    pub avd: String,
    /// Whether each has an AVD of its own.
    pub avds: AvdKind,
    /// Definition of AVDs that are made; empty is the built-in one.
    pub definition: String,
    /// Directory of the SDK; empty looks for it.
    pub sdk: String,
    /// Directory of the AVDs; empty is where the emulator looks.
    pub avd_home: String,
    /// Directory of records, logs and locks; empty is the user's.
    pub state: String,
    /// First console port.
    pub first_port: u16,
    /// Whether the control service is on.
    pub grpc: bool,
    /// How it draws.
    pub gpu: String,
    /// Memory of the guest in megabytes; 0 is the AVD's.
    pub memory_mb: u32,
    /// Snapshot to start from; empty is a full boot.
    pub snapshot: String,
    /// How the ADB daemon is reached.
    pub reach: ReachKind,
    /// Seconds that one may take to be ready.
    pub patience_s: u64,
    /// Uses after which one is launched anew; 0 is never.
    pub renew_uses: u32,
    /// Hours after which one is launched anew; 0 is never.
    pub renew_hours: f64,
    /// How many start at the same time.
    pub at_once: u32,
    /// Free memory in megabytes that a start wants; 0 does not look.
    pub needs_memory_mb: u64,
    /// Free disk in megabytes that a start wants; 0 does not look.
    pub needs_disk_mb: u64,
    /// Folder of APKs to install; empty installs none.
    pub apks: String,
    /// List of the APKs; empty is the built-in one.
    pub apps: String,
    /// Further options of the emulator's command line.
    pub options: Vec<String>,
}

/// Whether emulators share an AVD.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AvdKind {
    /// Each has its own, made where it is missing.
    Own,
    /// All run read-only copies of one.
    Shared,
}

/// How an emulator's ADB daemon is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReachKind {
    /// Through the adb server.
    Server,
    /// At its own port.
    Direct,
}

pub(super) fn broken_rule(emulators: &EmulatorDevices) -> Option<(&'static str, String)> {
    let number = first_outside([
        (
            "devices.emulators.count",
            f64::from(emulators.count),
            0.0,
            42.0,
            true,
        ),
        (
            "devices.emulators.first_port",
            f64::from(emulators.first_port),
            5554.0,
            5682.0,
            true,
        ),
        (
            "devices.emulators.patience_s",
            emulators.patience_s as f64,
            1.0,
            7200.0,
            true,
        ),
        (
            "devices.emulators.renew_hours",
            emulators.renew_hours,
            0.0,
            10_000.0,
            true,
        ),
        (
            "devices.emulators.at_once",
            f64::from(emulators.at_once),
            1.0,
            42.0,
            true,
        ),
        (
            "devices.emulators.memory_mb",
            f64::from(emulators.memory_mb),
            0.0,
            65_536.0,
            true,
        ),
    ]);
    number.or_else(|| misfit(emulators))
}

fn misfit(emulators: &EmulatorDevices) -> Option<(&'static str, String)> {
    let named = |name: &str| {
        let sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        !name.is_empty()
            && name.len() <= 60
            && !name.starts_with(['.', '-'])
            && name.bytes().all(sign)
    };
    let rules = [
        (
            !named(&emulators.avd),
            "devices.emulators.avd",
            format!(
                "{:?} can't name an AVD; use up to 60 letters, digits, '.', '_' and '-'",
                emulators.avd
            ),
        ),
        (
            !emulators.first_port.is_multiple_of(2),
            "devices.emulators.first_port",
            format!(
                "{} is odd: consoles have even ports, and ADB the next one; take {}",
                emulators.first_port,
                emulators.first_port.saturating_sub(1)
            ),
        ),
        (
            !emulators.snapshot.is_empty() && !named(&emulators.snapshot),
            "devices.emulators.snapshot",
            format!(
                "{:?} can't name a snapshot; use letters, digits, '.', '_' and '-'",
                emulators.snapshot
            ),
        ),
        (
            (1..1024).contains(&emulators.memory_mb),
            "devices.emulators.memory_mb",
            format!(
                "Android does not boot with {} MB; give it 1024 or more, or 0 for what the AVD says",
                emulators.memory_mb
            ),
        ),
        (
            !emulators.apps.is_empty() && emulators.apks.is_empty(),
            "devices.emulators.apps",
            "a list of APKs needs the folder that they are in: set devices.emulators.apks".into(),
        ),
        (
            emulators.avds == AvdKind::Shared && !emulators.definition.is_empty(),
            "devices.emulators.definition",
            "a shared AVD is not made by a run; make it with `stepdroid emulators create --from FILE --name AVD`, or \
             set devices.emulators.avds=\"own\""
                .into(),
        ),
    ];
    let broken = rules.into_iter().find(|(broken, ..)| *broken);
    broken.map(|(_, key, problem)| (key, problem))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config;

    #[test]
    fn wrong_values_name_their_key() {
        for (set, words) in [
            ("count=43", "out of bounds"),
            ("avd='a b'", "can't name an AVD"),
            ("first_port=5601", "take 5600"),
            ("first_port=5690", "out of bounds"),
            ("snapshot='../x'", "can't name a snapshot"),
            ("memory_mb=512", "1024 or more"),
            ("apps='x.toml'", "devices.emulators.apks"),
            ("reach='wifi'", "server"),
            ("at_once=0", "out of bounds"),
            ("renew_hours=-1.0", "out of bounds"),
            ("patience_s=0", "out of bounds"),
        ] {
            let key = set.split('=').next().unwrap();
            let error = config::parse("", Path::new("x"), &[format!("devices.emulators.{set}")])
                .unwrap_err()
                .to_string();
            assert!(
                error.contains(words) && error.contains(key),
                "{set}: {error}"
            );
        }
        let shared = ["avds='shared'", "definition='x.toml'"];
        let sets = shared.map(|set| format!("devices.emulators.{set}"));
        let error = config::parse("", Path::new("x"), &sets).unwrap_err();
        assert!(error.to_string().contains("emulators create"), "{error}");
    }

    #[test]
    fn emulators_take_the_place_of_virtual_phones() {
        for (sets, virtual_phones) in [
            (&[][..], true),
            (&["devices.emulators.count=2"][..], false),
            (
                &["devices.emulators.count=2", "devices.virtual.beside=true"][..],
                true,
            ),
        ] {
            let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
            let loaded = config::parse("", Path::new("x"), &sets).unwrap();
            assert_eq!(
                loaded.config.devices.starts_virtual_phones(),
                virtual_phones,
                "{sets:?}"
            );
        }
    }
}
