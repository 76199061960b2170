//! What a device is and how it stands: asked for, never changed.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::SetupError;
use crate::adb::{Adb, AdbError, quote};

/// What a device can be known by, whatever its address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// `ro.serialno`.
    pub serial_number: String,
    /// The setting `android_id`: another one after the device was reset.
    pub android_id: String,
    /// `ro.product.model`, for people.
    pub model: String,
}

impl Identity {
    /// The two names as the name of a file.
    pub fn file_name(&self) -> String {
        let plain = |text: &str| -> String {
            let kept = text.chars().take(64);
            kept.map(|sign| {
                if sign.is_ascii_alphanumeric() {
                    sign
                } else {
                    '_'
                }
            })
            .collect()
        };
        format!("{}-{}", plain(&self.serial_number), plain(&self.android_id))
    }
}

impl std::fmt::Display for Identity {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "{} (serial number {}, android_id {})",
            self.model, self.serial_number, self.android_id
        )
    }
}

/// What kind of device it says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Its image is an emulator's.
    Emulator,
    /// Anything else: taken for somebody's own phone.
    Physical,
}

/// A device at the time when it was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Look {
    /// The address.
    pub serial: String,
    /// Who it is.
    pub identity: Identity,
    /// What it is.
    pub kind: Kind,
    /// Whether its shell is root.
    pub root: bool,
    /// Whether it is one after `adb root`: `ro.debuggable`, which is 0 on phones that are sold.
    pub may_be_root: bool,
    /// Its time zone.
    pub zone: String,
    /// Its clock, in seconds of the Unix epoch.
    pub now: i64,
    /// This machine's clock at that moment.
    pub host_now: i64,
    /// Installed packages with their versions' numbers.
    pub packages: BTreeMap<String, Option<i64>>,
}

/// This machine's clock, in seconds of the Unix epoch.
pub(super) fn host_seconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}

const WHO: &str = "echo serial_number=$(getprop ro.serialno)
echo android_id=$(settings get secure android_id)
echo model=$(getprop ro.product.model)
echo emulated=$(getprop ro.kernel.qemu)$(getprop ro.boot.qemu)
echo hardware=$(getprop ro.hardware)
";
/// Hardware of containers, some of whose images do not say that they are emulated.
const CONTAINER: &str = "redroid";
const QUESTIONS: &str = "echo user=$(id -u)
echo debuggable=$(getprop ro.debuggable)
echo zone=$(getprop persist.sys.timezone)
echo now=$(date +%s)
pm list packages --show-versioncode
";

impl Look {
    /// Looks at a device.
    ///
    /// # Errors
    /// When it fails, or can't be told from others.
    pub async fn at(adb: &Adb) -> Result<Look, SetupError> {
        let text = adb.query(&format!("{WHO}{QUESTIONS}")).await?;
        let host_now = host_seconds();
        let who = Who::read(adb.serial(), &text)?;
        let answer = |name: &str| answer(&text, name).unwrap_or("");
        let now = answer("now").parse().map_err(|_| AdbError::Malformed {
            serial: adb.serial().to_owned(),
            what: "a time",
            detail: answer("now").to_owned(),
        })?;
        Ok(Look {
            serial: adb.serial().to_owned(),
            identity: named(adb, who.identity)?,
            kind: who.kind,
            root: answer("user") == "0",
            may_be_root: answer("debuggable") == "1",
            zone: answer("zone").to_owned(),
            now,
            host_now,
            packages: text.lines().filter_map(package).collect(),
        })
    }

    /// What to do about a shell that is not root.
    pub(super) fn way_to_root(&self) -> &'static str {
        match self.may_be_root {
            true => "run `adb root`",
            false => "take a device whose image allows `adb root`, which this one refuses",
        }
    }
}

/// The value of a line `NAME=VALUE`.
fn answer<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = text.lines();
    let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    value.map(str::trim)
}

/// A device's own name and kind, without anything else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// Who it is; what it does not say is empty.
    pub identity: Identity,
    /// What it is.
    pub kind: Kind,
}

impl Who {
    /// Asks a device, in one round trip.
    ///
    /// # Errors
    /// When it fails, or answers in part.
    pub async fn at(adb: &Adb) -> Result<Who, AdbError> {
        Who::read(adb.serial(), &adb.query(WHO).await?)
    }

    fn read(serial: &str, text: &str) -> Result<Who, AdbError> {
        let said = |name: &'static str| {
            let value = answer(text, name).ok_or_else(|| AdbError::Malformed {
                serial: serial.to_owned(),
                what: "who it is",
                detail: format!("it says nothing of its {name}"),
            })?;
            // What the tools print where there is nothing.
            Ok::<_, AdbError>(match value {
                "null" | "unknown" => "",
                value => value,
            })
        };
        let emulated = said("emulated")?.contains('1') || said("hardware")? == CONTAINER;
        Ok(Who {
            identity: Identity {
                serial_number: said("serial_number")?.to_owned(),
                android_id: said("android_id")?.to_owned(),
                model: said("model")?.to_owned(),
            },
            kind: match emulated {
                true => Kind::Emulator,
                false => Kind::Physical,
            },
        })
    }
}

fn named(adb: &Adb, identity: Identity) -> Result<Identity, SetupError> {
    match identity.serial_number.is_empty() && identity.android_id.is_empty() {
        false => Ok(identity),
        true => Err(SetupError::Nameless {
            serial: adb.serial().to_owned(),
        }),
    }
}

/// That the device at the address is still the same; addresses change hands.
pub(super) async fn same(adb: &Adb, expected: &Identity) -> Result<(), SetupError> {
    let found = named(adb, Who::at(adb).await?.identity)?;
    match found == *expected {
        true => Ok(()),
        false => Err(SetupError::Swapped {
            serial: adb.serial().to_owned(),
            expected: expected.to_string(),
            found: found.to_string(),
        }),
    }
}

/// A line `package:NAME versionCode:NUMBER`.
fn package(line: &str) -> Option<(String, Option<i64>)> {
    let mut words = line.trim().strip_prefix("package:")?.split_whitespace();
    let name = words.next()?.to_owned();
    let version = words.find_map(|word| word.strip_prefix("versionCode:"));
    Some((name, version.and_then(|number| number.parse().ok())))
}

/// Values of settings, in the order of their names; nothing where one is not set.
pub(super) async fn settings(
    adb: &Adb,
    names: &[(String, String)],
) -> Result<Vec<Option<String>>, AdbError> {
    const MARK: &str = "@setting";
    let script: String = names
        .iter()
        .map(|(namespace, key)| {
            format!(
                "echo {MARK}\nsettings get {} {}\n",
                quote(namespace),
                quote(key)
            )
        })
        .collect();
    let text = adb.query(&script).await?;
    let values: Vec<Option<String>> = text
        .split(&format!("{MARK}\n"))
        .skip(1)
        .map(|value| value.strip_suffix('\n').unwrap_or(value).replace('\r', ""))
        .map(|value| (value != "null").then_some(value))
        .collect();
    if values.len() != names.len() {
        return Err(AdbError::Malformed {
            serial: adb.serial().to_owned(),
            what: "settings",
            detail: format!("{} values of {}", values.len(), names.len()),
        });
    }
    Ok(values)
}

/// Runtime permissions that a package was granted, from `dumpsys package`.
pub(super) fn granted(dump: &str) -> Vec<String> {
    let mut granted = Vec::new();
    let mut within = false;
    for line in dump.lines().map(str::trim) {
        // One section a user; those of the image's own permissions are others.
        if line.ends_with(':') {
            within = line == "runtime permissions:";
            continue;
        }
        if let Some((name, rest)) = line.split_once(':').filter(|_| within)
            && rest.trim_start().starts_with("granted=true")
        {
            granted.push(name.to_owned());
        }
    }
    granted.sort_unstable();
    granted.dedup();
    granted
}

/// The mode of an operation in what `appops get` printed; `default` where it says none.
pub(super) fn operation(printed: &str, operation: &str) -> String {
    let mode = printed.lines().map(str::trim).find_map(|line| {
        // Modes of the whole user id come first and count for every package of it.
        let line = line.strip_prefix("Uid mode:").map_or(line, str::trim);
        line.strip_prefix(operation)?.strip_prefix(':')
    });
    let word = mode.and_then(|rest| rest.trim().split([';', ' ']).next());
    word.filter(|word| !word.is_empty())
        .unwrap_or("default")
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_says_whether_it_is_emulated_or_says_nothing() {
        let says = |emulated: &str, hardware: &str| {
            let text = format!(
                "serial_number=R5\nandroid_id=null\nmodel=Pixel 6\nemulated={emulated}\nhardware={hardware}\n"
            );
            Who::read("a", &text).unwrap()
        };
        for (emulated, hardware, kind) in [
            ("1", "ranchu", Kind::Emulator),
            ("", "redroid", Kind::Emulator),
            ("", "oriole", Kind::Physical),
            ("0", "", Kind::Physical),
        ] {
            let who = says(emulated, hardware);
            assert_eq!(who.kind, kind, "{emulated} {hardware}");
            assert_eq!(who.identity.android_id, "");
            assert_eq!(who.identity.model, "Pixel 6");
        }
        assert!(Who::read("a", "serial_number=R5\nandroid_id=1\nmodel=x\n").is_err());
    }

    #[test]
    fn permissions_are_those_of_the_running_app() {
        let dump = "    install permissions:\n      android.permission.INTERNET: granted=true\n    User 0: ceDataInode=1 \
                    installed=true\n      gids=[3003]\n      runtime permissions:\n        \
                    android.permission.CAMERA: granted=true, flags=[ USER_SET ]\n        \
                    android.permission.READ_SMS: granted=false\n\n      disabledComponents:\n      a.b: granted=true\n";
        assert_eq!(granted(dump), ["android.permission.CAMERA"]);
    }

    #[test]
    fn modes_of_operations_are_found_or_are_the_default() {
        let printed =
            "Uid mode: COARSE_LOCATION: ignore\nMANAGE_EXTERNAL_STORAGE: allow; time=+3s ago\n";
        assert_eq!(operation(printed, "MANAGE_EXTERNAL_STORAGE"), "allow");
        assert_eq!(operation(printed, "COARSE_LOCATION"), "ignore");
        assert_eq!(operation("No operations.\n", "CAMERA"), "default");
    }

    #[test]
    fn packages_are_read_with_their_versions() {
        assert_eq!(
            package("package:a.b versionCode:7"),
            Some(("a.b".into(), Some(7)))
        );
        assert_eq!(package("package:a.b"), Some(("a.b".into(), None)));
        assert_eq!(package("user=0"), None);
    }
}
