//! Whether a device may be changed without asking anybody: somebody's own phone only once `stepdroid devices setup` has
//! shown what it changes and keeps a record of how it was. May use `adb`, `config` and the records of `setup`.

use std::path::PathBuf;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::setup::{Kind, RecordFile, Records, Who};
use super::{FarmError, Member};
use crate::adb::{Adb, AdbError};
use crate::config::Devices;

/// How often a record that is missing is looked for.
const LOOK: Duration = Duration::from_secs(1);

/// A device that may not be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The device.
    pub serial: String,
    /// Why, and what to do.
    pub reason: String,
    /// Where its record would be.
    record: RecordFile,
}

/// The records that devices of a configuration must be in; nothing where they need none.
pub(super) fn wanted(config: &Devices) -> Result<Option<Records>, FarmError> {
    if config.without_record {
        return Ok(None);
    }
    let records = Records::find().map_err(|error| FarmError::Register {
        path: PathBuf::from("~/.local/state"),
        reason: error.to_string(),
    })?;
    Ok(Some(records))
}

/// Looks whether a device says that it is an emulator or has a record of its set-up. Changes nothing.
///
/// # Errors
/// [`FarmError::Refused`] where neither is so; [`FarmError::Connect`] when it does not say who it is.
pub async fn consent(adb: &Adb, records: &Records) -> Result<(), FarmError> {
    agreed(adb.serial(), &Who::at(adb).await?, records)
}

fn agreed(serial: &str, who: &Who, records: &Records) -> Result<(), FarmError> {
    let Who { identity, kind } = who;
    if *kind == Kind::Emulator {
        return Ok(());
    }
    if identity.android_id.is_empty() {
        // While it boots; it would be taken for one without a record.
        return Err(FarmError::Connect(AdbError::Malformed {
            serial: serial.to_owned(),
            what: "who it is",
            detail: "it says nothing of its android_id".to_owned(),
        }));
    }
    let record = records.of(identity);
    let reason = match record.read() {
        Ok(Some(record)) if record.device == *identity => return Ok(()),
        Ok(_) => format!(
            "it is a physical phone, {identity}, and there is no record of how it was; run `stepdroid devices setup \
             {serial}` first (keeps a record; `stepdroid devices restore {serial}` undoes it), or set \
             devices.without_record = true to go on without (`stepdroid tasks`: --without-record)"
        ),
        Err(error) => error.to_string(),
    };
    Err(FarmError::Refused(Refusal {
        serial: serial.to_owned(),
        reason,
        record,
    }))
}

/// Waits until a device that was refused has a record, or for so long that another may have taken its place.
pub(super) async fn until_recorded(refusal: &Refusal, longest: Duration) {
    let end = Instant::now() + longest;
    loop {
        sleep(LOOK).await;
        let read = refusal.record.read();
        if Instant::now() >= end || read.is_ok_and(|record| record.is_some()) {
            return;
        }
    }
}

impl Member {
    /// Looks whether the device at hand may be changed, where that is asked of it.
    pub(super) async fn may_be_changed(&self, adb: &Adb) -> Result<(), FarmError> {
        let Some(records) = &self.records else {
            return Ok(());
        };
        let who = Who::at(adb).await?;
        let agreed = agreed(&self.serial, &who, records);
        // The one that was there before is waited for, not a record of the one that has taken its place.
        if matches!(agreed, Err(FarmError::Refused(_))) && self.hardware().is_some() {
            self.recognize(&who.identity.serial_number)?;
        }
        agreed
    }
}

#[cfg(test)]
mod tests {
    use super::super::setup::{Identity, Record};
    use super::*;

    fn phone(kind: Kind, android_id: &str) -> Who {
        Who {
            identity: Identity {
                serial_number: "R5".to_owned(),
                android_id: android_id.to_owned(),
                model: "Pixel 6".to_owned(),
            },
            kind,
        }
    }

    #[test]
    fn somebodys_own_phone_is_used_once_there_is_a_record_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let records = Records::at(folder.path());
        let agreed = |who: &Who| agreed("a:1", who, &records);
        assert!(agreed(&phone(Kind::Emulator, "")).is_ok());
        let own = phone(Kind::Physical, "1");
        let error = agreed(&own).unwrap_err();
        let text = error.to_string();
        for words in [
            "Pixel 6",
            "devices setup a:1",
            "devices restore a:1",
            "devices.without_record",
        ] {
            assert!(text.contains(words), "{text}");
        }
        let file = records.of(&own.identity);
        file.write(&Record::new(&own.identity, "a:1")).unwrap();
        assert!(agreed(&own).is_ok());
        assert!(agreed(&phone(Kind::Physical, "2")).is_err());
        // One that boots is no stranger.
        let booting = agreed(&phone(Kind::Physical, "")).unwrap_err();
        assert!(matches!(booting, FarmError::Connect(_)), "{booting}");
        std::fs::write(file.path(), "{").unwrap();
        let broken = agreed(&own).unwrap_err();
        assert!(matches!(broken, FarmError::Refused(_)) && broken.to_string().contains("record"));
    }
}
