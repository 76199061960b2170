//! What the app remembers in its preferences: the choices, the counter of names, and the recording that
//! goes on, whatever screen is shown.

use super::PACKAGE;
use super::audio::{Format, Quality};
use super::library;
use crate::phone::system::{Files, PhoneError, Preference, Preferences, System};

const FILE: &str = "com.dimowner.audiorecorder.data.PrefsImpl";
const FIRST_RUN: &str = "is_first_run";
const ASK_NAME: &str = "is_ask_rename_after_stop_recording";
const ACTIVE: &str = "active_record";
const COUNTER: &str = "record_counter";
const FORMAT: &str = "setting_recording_format";
const RATE: &str = "setting_sample_rate";
const BITRATE: &str = "setting_bitrate";
const CHANNELS: &str = "setting_channel_count";
const PATH: &str = "recording_path";
const SINCE: &str = "recording_since_uptime";
const BEFORE: &str = "recording_time_before";

/// The preferences.
pub struct Memory(Preferences);

impl Memory {
    /// Reads them.
    pub fn load(files: &Files) -> Memory {
        Memory(Preferences::load(files, PACKAGE, FILE))
    }

    fn number(&self, key: &str, fallback: u32) -> u32 {
        u32::try_from(self.0.number(key, fallback.into())).unwrap_or(fallback)
    }

    /// Whether the app was never set up.
    pub fn is_first_run(&self) -> bool {
        self.0.flag(FIRST_RUN, true)
    }

    /// Whether a name is asked for when a recording ends.
    pub fn asks_name(&self) -> bool {
        self.0.flag(ASK_NAME, true)
    }

    /// The recording that the main screen shows.
    pub fn active(&self) -> i64 {
        self.0.number(ACTIVE, -1)
    }

    /// How sound is kept.
    pub fn quality(&self) -> Quality {
        let format = Format::of(self.0.text(FORMAT).unwrap_or("m4a"));
        Quality {
            format,
            rate: self.number(RATE, 44_100),
            bitrate: self.number(BITRATE, 128_000),
            channels: if self.number(CHANNELS, 2) == 1 { 1 } else { 2 },
        }
    }

    /// The recording that goes on.
    pub fn session(&self) -> Option<Session> {
        Some(Session {
            path: self.0.text(PATH)?.to_owned(),
            since: match self.0.number(SINCE, -1) {
                ..0 => None,
                since => Some(since),
            },
            before: self.0.number(BEFORE, 0),
        })
    }
}

/// A recording that goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its file.
    pub path: String,
    /// When it began or went on, in milliseconds of the phone's uptime; nothing while it is paused.
    since: Option<i64>,
    /// Milliseconds that were recorded earlier.
    before: i64,
}

fn store(system: &System, change: impl FnOnce(&mut Preferences)) -> Result<(), PhoneError> {
    let mut stored = Preferences::load(&system.files, PACKAGE, FILE);
    change(&mut stored);
    stored.save(&system.files)
}

/// Remembers that the app was set up.
///
/// # Errors
/// When that cannot be written.
pub fn set_up(system: &System) -> Result<(), PhoneError> {
    store(system, |stored| stored.put(FIRST_RUN, false))
}

/// Remembers whether a name is asked for when a recording ends.
///
/// # Errors
/// When that cannot be written.
pub fn ask_name(system: &System, ask: bool) -> Result<(), PhoneError> {
    store(system, |stored| stored.put(ASK_NAME, ask))
}

/// Remembers the recording that the main screen shows.
///
/// # Errors
/// When that cannot be written.
pub fn activate(system: &System, id: i64) -> Result<(), PhoneError> {
    store(system, |stored| stored.put(ACTIVE, Preference::Long(id)))
}

/// Remembers how sound is kept.
///
/// # Errors
/// When that cannot be written.
pub fn keep_quality(system: &System, quality: Quality) -> Result<(), PhoneError> {
    let number = |value: u32| Preference::Integer(i32::try_from(value).unwrap_or(i32::MAX));
    store(system, |stored| {
        stored.put(FORMAT, quality.format.extension());
        stored.put(RATE, number(quality.rate));
        stored.put(BITRATE, number(quality.bitrate));
        stored.put(CHANNELS, number(quality.channels.into()));
    })
}

impl Session {
    /// Begins a recording with the next name.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub fn begin(system: &System) -> Result<Session, PhoneError> {
        let memory = Memory::load(&system.files);
        let count = memory.0.number(COUNTER, 0).saturating_add(1);
        let format = memory.quality().format;
        let path = library::begin(system, &format!("Record-{count}"), format)?;
        let session = Session {
            path,
            since: Some(system.clock.uptime_millis()),
            before: 0,
        };
        store(system, |stored| {
            stored.put(COUNTER, Preference::Long(count));
        })?;
        session.save(system)?;
        Ok(session)
    }

    fn save(&self, system: &System) -> Result<(), PhoneError> {
        store(system, |stored| {
            stored.put(PATH, self.path.as_str());
            stored.put(SINCE, Preference::Long(self.since.unwrap_or(-1)));
            stored.put(BEFORE, Preference::Long(self.before));
        })
    }

    /// Whether it is paused.
    pub fn is_paused(&self) -> bool {
        self.since.is_none()
    }

    /// Milliseconds up to now.
    pub fn elapsed(&self, system: &System) -> i64 {
        let now = system.clock.uptime_millis();
        let last = self.since.map_or(0, |since| now.saturating_sub(since));
        self.before.saturating_add(last.max(0))
    }

    /// Pauses it, or goes on.
    ///
    /// # Errors
    /// When that cannot be stored.
    pub fn pause_or_go_on(&mut self, system: &System) -> Result<(), PhoneError> {
        self.before = self.elapsed(system);
        self.since = match self.since {
            Some(_) => None,
            None => Some(system.clock.uptime_millis()),
        };
        self.save(system)
    }

    /// Ends it; its recording is what the main screen shows then.
    ///
    /// # Errors
    /// When that cannot be stored.
    pub fn stop(self, system: &System) -> Result<i64, PhoneError> {
        let mut quality = Memory::load(&system.files).quality();
        // The format may have been changed meanwhile; the file is what it began as.
        quality.format = Format::of(self.path.rsplit('.').next().unwrap_or_default());
        let id = library::complete(system, &self.path, quality, self.elapsed(system))?;
        forget(system)?;
        activate(system, id)?;
        Ok(id)
    }

    /// Ends it without a recording.
    ///
    /// # Errors
    /// When its file cannot be removed.
    pub fn cancel(self, system: &System) -> Result<(), PhoneError> {
        let removed = system.files.remove_file(&self.path);
        removed.map_err(|error| PhoneError::file(&self.path, error))?;
        forget(system)
    }
}

/// Forgets that a recording goes on.
///
/// # Errors
/// When that cannot be stored.
pub fn forget(system: &System) -> Result<(), PhoneError> {
    store(system, |stored| {
        stored.retain(|key| ![PATH, SINCE, BEFORE].contains(&key));
    })
}
