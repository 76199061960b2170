//! Devices that took part, and what happened to them.

use super::database::now;
use super::{Store, StoreError};

/// A device that took part in the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRow {
    /// Serial.
    pub serial: String,
    /// `virtual`, `emulator`, `hardware`.
    pub kind: String,
    /// What its probe said, as JSON.
    pub info: String,
}

/// Something that happened to a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceEvent {
    /// Serial.
    pub serial: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// `lost`, `back`, `restarted`, …
    pub kind: String,
    /// For people.
    pub detail: String,
}

/// How far a run is, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rounds of training that are done.
    pub rounds_done: u64,
    /// Episodes, lost ones included.
    pub episodes: u64,
    /// Episodes that were judged.
    pub judged: u64,
    /// The last episode that is counted.
    last: i64,
}

impl Store {
    /// How far the run is, where it was as far as `before` once; the default is its beginning. Only episodes that
    /// came since are looked at: none ever goes.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn counts(&self, before: &Counts) -> Result<Counts, StoreError> {
        let found = self.rows(
            "counting episodes",
            // Rounds are done one after the other.
            "SELECT coalesce((SELECT number + 1 FROM rounds WHERE phase = 'train' AND state = 'done' \
                 ORDER BY number DESC LIMIT 1), 0), \
               count(*), count(*) FILTER (WHERE outcome IN ('success', 'failure')), max(id) \
             FROM episodes WHERE id > ?1",
            [before.last],
            |row| {
                let number = |column| Ok::<_, rusqlite::Error>(row.get::<_, i64>(column)? as u64);
                Ok(Counts {
                    rounds_done: number(0)?,
                    episodes: before.episodes + number(1)?,
                    judged: before.judged + number(2)?,
                    last: row.get::<_, Option<i64>>(3)?.unwrap_or(before.last),
                })
            },
        )?;
        Ok(found.into_iter().next().unwrap_or(*before))
    }

    /// Stores that a device takes part, or is seen again.
    ///
    /// # Errors
    /// The database can't be written.
    pub fn put_device(&self, device: &DeviceRow) -> Result<(), StoreError> {
        self.write("storing a device", |transaction| {
            transaction
                .execute(
                    "INSERT INTO devices VALUES (?1, ?2, ?3, ?4, ?4) ON CONFLICT (serial) \
                     DO UPDATE SET kind = ?2, info = ?3, last_seen = ?4",
                    (&device.serial, &device.kind, &device.info, now()),
                )
                .map(|_| ())
        })
    }

    /// All devices, by serial.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn devices(&self) -> Result<Vec<DeviceRow>, StoreError> {
        self.rows(
            "reading devices",
            "SELECT serial, kind, info FROM devices ORDER BY serial",
            [],
            |row| {
                Ok(DeviceRow {
                    serial: row.get(0)?,
                    kind: row.get(1)?,
                    info: row.get(2)?,
                })
            },
        )
    }

    /// Stores something that happened to a device just now.
    ///
    /// # Errors
    /// The database can't be written.
    pub fn put_device_event(
        &self,
        serial: &str,
        kind: &str,
        detail: &str,
    ) -> Result<(), StoreError> {
        self.write("storing a device's event", |transaction| {
            transaction
                .execute(
                    "INSERT INTO device_events (serial, at, kind, detail) VALUES (?1, ?2, ?3, ?4)",
                    (serial, now(), kind, detail),
                )
                .map(|_| ())
        })
    }

    /// Everything that happened, in order.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn device_events(&self) -> Result<Vec<DeviceEvent>, StoreError> {
        self.rows(
            "reading the devices' events",
            "SELECT serial, at, kind, detail FROM device_events ORDER BY id",
            [],
            |row| {
                Ok(DeviceEvent {
                    serial: row.get(0)?,
                    at: row.get(1)?,
                    kind: row.get(2)?,
                    detail: row.get(3)?,
                })
            },
        )
    }
}
