//! Which devices there are, wherever they were named, and how each stands: by whoever holds it, else by asking it. May
//! use `adb`, `device`, `emulator` and the register.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::register::{Entry, Lease, Register, canonical};
use super::setup::Records;
use super::standing::{DeviceState, Standing};
use super::{FarmError, consent, kind_of};
use crate::adb::{self, AdbError, ListedDevice, ServerAddress};
use crate::device::{Device, DeviceError, DeviceOptions};
use crate::emulator::{Record as Emulator, StateDirectory};

/// How long one device may take to answer.
const QUESTION: Duration = Duration::from_secs(8);

/// Where devices are looked for.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// Serials that are wanted, wherever they are.
    pub serials: Vec<String>,
    /// adb servers beside the environment's.
    pub servers: Vec<ServerAddress>,
}

/// A device and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Surveyed {
    /// Its serial, as every command takes it.
    pub serial: String,
    /// `virtual`, `emulator`, `network` or `usb`.
    pub kind: String,
    /// Model, where it is known.
    pub model: Option<String>,
    /// State, reason and age.
    #[serde(flatten)]
    pub standing: Standing,
    /// Who holds it.
    pub holder: Option<Holder>,
}

/// Who holds a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Holder {
    /// The process.
    pub pid: u32,
    /// What it does with the device.
    pub purpose: String,
    /// The use of now.
    pub lease: Option<Lease>,
}

/// What is known of a device before it is asked.
#[derive(Debug, Default)]
struct Known {
    serial: String,
    listed: Option<ListedDevice>,
    entry: Option<Entry>,
}

/// The devices that were found, by the one name that each has.
#[derive(Debug, Default)]
struct Found(BTreeMap<String, Known>);

impl Found {
    fn device(&mut self, serial: &str) -> &mut Known {
        let known = self.0.entry(canonical(serial)).or_default();
        if known.serial.is_empty() {
            serial.clone_into(&mut known.serial);
        }
        known
    }
}

/// Looks for devices in all places and asks those that nobody holds, all at once. The notes say which places could not
/// be asked.
pub async fn survey(places: &Places, register: &Register) -> (Vec<Surveyed>, Vec<AdbError>) {
    let mut found = Found::default();
    let mut notes = Vec::new();
    for serial in &places.serials {
        found.device(serial);
    }
    match ServerAddress::from_environment() {
        Ok(server) => match adb::list_devices_of(&server).await {
            Ok(listed) => {
                for device in listed {
                    let serial = device.serial.clone();
                    found.device(&serial).listed = Some(device);
                }
            }
            Err(error) => notes.push(error),
        },
        Err(error) => notes.push(error),
    }
    for server in &places.servers {
        match adb::list_devices_of(server).await {
            Ok(listed) => {
                for device in listed {
                    let serial = format!("{}:{}/{}", server.host, server.port, device.serial);
                    found.device(&serial).listed = Some(device);
                }
            }
            Err(error) => notes.push(error),
        }
    }
    for entry in register.entries() {
        let serial = entry.record.serial.clone();
        found.device(&serial).entry = Some(entry);
    }
    let owned = StateDirectory::find().map(|state| state.records());
    for emulator in owned.unwrap_or_default() {
        found.device(&Emulator::serial(&emulator));
    }
    let mut asking = JoinSet::new();
    for (_, device) in found.0 {
        asking.spawn(ask(device));
    }
    let mut surveyed = asking.join_all().await;
    surveyed.sort_by(|one, other| one.serial.cmp(&other.serial));
    (surveyed, notes)
}

async fn ask(known: Known) -> Surveyed {
    let kind = known.entry.as_ref().map(|entry| entry.record.kind.clone());
    let mut surveyed = Surveyed {
        kind: kind.unwrap_or_else(|| kind_of(&known.serial).to_owned()),
        model: known
            .listed
            .as_ref()
            .and_then(|listed| listed.model.clone()),
        standing: Standing::now(DeviceState::Ready, ""),
        holder: None,
        serial: known.serial,
    };
    if let Some(Entry { record, held: true }) = &known.entry {
        surveyed.standing = record.standing.clone();
        surveyed.holder = Some(Holder {
            pid: record.pid,
            purpose: record.purpose.clone(),
            lease: record.lease.clone(),
        });
        return surveyed;
    }
    let said = known.listed.and_then(|listed| of_server(&listed.state));
    surveyed.standing = match said {
        Some(standing) => standing,
        None => match timeout(QUESTION, question(&surveyed.serial)).await {
            Ok((standing, model)) => {
                surveyed.model = surveyed.model.or(model);
                standing
            }
            Err(_) => Standing::now(
                DeviceState::Offline,
                format!("it did not answer within {} s", QUESTION.as_secs()),
            ),
        },
    };
    // One that failed when it was held last, and fails still, does so since then.
    if let Some(Entry { record, .. }) = &known.entry
        && record.standing.state == DeviceState::Quarantined
        && surveyed.standing.state != DeviceState::Ready
    {
        surveyed.standing = record.standing.clone();
    }
    // One that was refused is asked whether it would be again.
    if let Some(Entry { record, .. }) = &known.entry
        && record.standing.state == DeviceState::Refused
        && surveyed.standing.state == DeviceState::Ready
        && let Ok(true) = timeout(QUESTION, is_refused(&surveyed.serial)).await
    {
        surveyed.standing = record.standing.clone();
    }
    surveyed
}

async fn is_refused(serial: &str) -> bool {
    let (Ok(records), Ok(adb)) = (Records::find(), adb::connect(serial).await) else {
        return false;
    };
    matches!(consent(&adb, &records).await, Err(FarmError::Refused(_)))
}

/// What an adb server's word for a device's state means; nothing where the device itself must be asked.
fn of_server(state: &str) -> Option<Standing> {
    let (state, reason) = match state {
        "device" => return None,
        "unauthorized" => (
            DeviceState::Unauthorized,
            "unlock it and accept this machine's key on its screen",
        ),
        "authorizing" => (DeviceState::Unauthorized, "the keys are being exchanged"),
        "no permissions" => (
            DeviceState::Unauthorized,
            "this user may not use the cable: add a udev rule for it or join the group plugdev, then plug it in again",
        ),
        "offline" => (
            DeviceState::Offline,
            "the adb server can't reach it; plug it in again, or `adb reconnect`",
        ),
        other => {
            return Some(Standing::now(
                DeviceState::Offline,
                format!("the adb server says {other:?}"),
            ));
        }
    };
    Some(Standing::now(state, reason))
}

/// How a device stands by its own account, and its model.
async fn question(serial: &str) -> (Standing, Option<String>) {
    let asked = async {
        let adb = adb::connect(serial).await?;
        let model = adb.query("getprop ro.product.model").await?;
        let device = Device::open(adb, DeviceOptions::default()).await?;
        Ok::<_, DeviceError>((device.vital_signs().await?, model.trim().to_owned()))
    };
    match asked.await {
        Ok((signs, model)) => {
            let standing = match signs.ailment() {
                None => Standing::now(DeviceState::Ready, ""),
                Some(ailment) => Standing::now(DeviceState::Preparing, ailment.to_string()),
            };
            (standing, Some(model).filter(|model| !model.is_empty()))
        }
        Err(DeviceError::Adb(error)) => (
            Standing::now(DeviceState::of(&error), error.to_string()),
            None,
        ),
        Err(error) => (Standing::now(DeviceState::Offline, error.to_string()), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_words_are_states() {
        for (word, state) in [
            ("unauthorized", DeviceState::Unauthorized),
            ("no permissions", DeviceState::Unauthorized),
            ("offline", DeviceState::Offline),
            ("recovery", DeviceState::Offline),
        ] {
            let standing = of_server(word).unwrap();
            assert_eq!(standing.state, state, "{word}");
            assert!(!standing.reason.is_empty());
        }
        assert_eq!(of_server("device"), None);
    }
}
