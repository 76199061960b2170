//! The track that is recorded now. It is kept in the app's preferences, as recording goes on whatever
//! screen is shown.

use super::PACKAGE;
use super::database;
use super::kinds::UNKNOWN;
use crate::phone::system::{Files, PhoneError, Preference, Preferences, System};

const TRACK: &str = "recordingTrackId";
const SINCE: &str = "recordingSinceUptime";
const BEFORE: &str = "recordingTimeBefore";

/// A track that is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recording {
    /// Its row id.
    pub id: i64,
    /// When recording began or went on, in milliseconds of the phone's uptime.
    since: i64,
    /// Milliseconds that were recorded earlier.
    before: i64,
}

impl Recording {
    /// The one that goes on now.
    pub fn current(files: &Files) -> Option<Recording> {
        let stored = Preferences::load_default(files, PACKAGE);
        let id = stored.number(TRACK, -1);
        (id >= 0).then(|| Recording {
            id,
            since: stored.number(SINCE, 0),
            before: stored.number(BEFORE, 0),
        })
    }

    /// Begins a new track.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub fn begin(system: &mut System) -> Result<i64, PhoneError> {
        let name = system.clock.now().strftime("%Y-%m-%d %H:%M").to_string();
        let id = database::begin(system, &name, UNKNOWN)?;
        Recording::go_on(system, id, 0)?;
        Ok(id)
    }

    /// Goes on with a track that has so many milliseconds already.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub fn go_on(system: &System, id: i64, before: i64) -> Result<(), PhoneError> {
        Preferences::load_default(&system.files, PACKAGE)
            .with(TRACK, Preference::Long(id))
            .with(SINCE, Preference::Long(system.clock.uptime_millis()))
            .with(BEFORE, Preference::Long(before))
            .save(&system.files)
    }

    /// Milliseconds up to now.
    pub fn elapsed(&self, system: &System) -> i64 {
        let now = system.clock.uptime_millis();
        self.before
            .saturating_add(now.saturating_sub(self.since).max(0))
    }

    /// Ends it and stores its time.
    ///
    /// # Errors
    /// When that cannot be stored.
    pub fn stop(self, system: &System) -> Result<(), PhoneError> {
        database::end(system, self.id, self.elapsed(system))?;
        let mut stored = Preferences::load_default(&system.files, PACKAGE);
        stored.retain(|key| ![TRACK, SINCE, BEFORE].contains(&key));
        stored.save(&system.files)
    }
}
