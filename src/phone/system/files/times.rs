//! Change times on the phone's clock, kept on the host's files.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use filetime::FileTime;

use super::Files;
use crate::phone::system::paths;

impl Files {
    /// The change time on the phone's clock. SQLite writes through the host and so leaves the
    /// host's time: such a change gets the phone's time when it is first seen.
    pub(super) fn modified(&self, normal: &str, host: &Path, found: &fs::Metadata) -> i64 {
        let micros = found.mtime() * 1_000_000 + found.mtime_nsec() / 1_000;
        let stamped = self
            .state()
            .known
            .get(normal)
            .and_then(|known| known.stamped);
        if stamped == Some(micros) {
            return micros;
        }
        let since = SystemTime::UNIX_EPOCH + Duration::from_micros(micros.max(0) as u64);
        if since < self.started {
            return micros;
        }
        let now = self.clock.now_micros();
        self.stamp(normal, host, now);
        now
    }

    pub(super) fn stamp(&self, normal: &str, host: &Path, micros: i64) {
        let time = FileTime::from_unix_time(
            micros.div_euclid(1_000_000),
            (micros.rem_euclid(1_000_000) * 1_000) as u32,
        );
        self.touch(normal);
        // A file that vanished meanwhile needs no time.
        if filetime::set_file_times(host, time, time).is_ok() {
            self.state()
                .known
                .entry(normal.to_owned())
                .or_default()
                .stamped = Some(micros);
        }
    }

    pub(super) fn stamp_now(&self, normal: &str, host: &Path) {
        let now = self.clock.now_micros();
        self.stamp(normal, host, now);
    }

    pub(super) fn stamp_parent(&self, normal: &str) {
        if let Some((parent, _)) = paths::split(normal)
            && let Ok(host) = self.host(parent)
        {
            self.stamp_now(parent, &host);
        }
    }
}
