//! The phone's own clock: wall time that can be set, and an uptime that cannot. Uses nothing.
//!
//! `Real` follows the host's monotonic clock from the starting instant; `Steps` stands still until
//! something done on the phone advances it, which makes whole runs repeatable to the bit.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};

/// Sun Oct 15 15:34:00 UTC 2023, AndroidWorld's reference instant (catalogue section 2.5), in
/// microseconds of the Unix epoch.
pub const START_MICROS: i64 = 1_697_384_040 * 1_000_000;

/// How the clock moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClockMode {
    /// With the host's time.
    #[default]
    Real,
    /// Only by what is done on the phone.
    Steps,
}

impl ClockMode {
    /// Parses the command line's `real` or `steps`.
    pub fn parse(text: &str) -> Option<ClockMode> {
        match text {
            "real" => Some(ClockMode::Real),
            "steps" => Some(ClockMode::Steps),
            _ => None,
        }
    }
}

/// What a clock showed at one time, to go back to.
#[derive(Debug, Clone)]
pub struct Moment(State);

#[derive(Debug, Clone)]
struct State {
    /// Wall time minus uptime, in microseconds.
    offset: i64,
    /// Uptime in microseconds under `Steps`; the uptime at `since` under `Real`.
    uptime: i64,
    zone: String,
}

/// A shared handle to the phone's clock.
#[derive(Debug, Clone)]
pub struct Clock {
    mode: ClockMode,
    since: Instant,
    state: Arc<Mutex<State>>,
}

impl Clock {
    /// A clock at [`START_MICROS`] that has been up for half a minute, as after a boot.
    pub fn new(mode: ClockMode) -> Clock {
        let uptime = 30_000_000;
        Clock {
            mode,
            since: Instant::now(),
            state: Arc::new(Mutex::new(State {
                offset: START_MICROS - uptime,
                uptime,
                zone: "UTC".to_owned(),
            })),
        }
    }

    fn with<T>(&self, work: impl FnOnce(&mut State, i64) -> T) -> T {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let uptime = match self.mode {
            ClockMode::Real => {
                let elapsed = i64::try_from(self.since.elapsed().as_micros()).unwrap_or(i64::MAX);
                state.uptime.saturating_add(elapsed)
            }
            ClockMode::Steps => state.uptime,
        };
        work(&mut state, uptime)
    }

    /// What the clock shows now.
    pub fn moment(&self) -> Moment {
        Moment(self.with(|state, _| state.clone()))
    }

    /// Goes back to what the clock showed. A real clock only gets its zone back: its time is the
    /// world's.
    pub fn put_back(&self, moment: &Moment) {
        let steps = self.mode == ClockMode::Steps;
        self.with(|state, _| match steps {
            true => *state = moment.0.clone(),
            false => state.zone.clone_from(&moment.0.zone),
        });
    }

    /// How this clock moves.
    pub fn mode(&self) -> ClockMode {
        self.mode
    }

    /// Wall time in microseconds of the Unix epoch.
    pub fn now_micros(&self) -> i64 {
        self.with(|state, uptime| state.offset.saturating_add(uptime))
    }

    /// Wall time in milliseconds of the Unix epoch.
    pub fn now_millis(&self) -> i64 {
        self.now_micros().div_euclid(1_000)
    }

    /// Wall time in whole seconds of the Unix epoch.
    pub fn now_seconds(&self) -> i64 {
        self.now_micros().div_euclid(1_000_000)
    }

    /// Wall time in the phone's time zone.
    pub fn now(&self) -> ZonedDateTime {
        self.at_micros(self.now_micros())
    }

    /// An instant (microseconds of the Unix epoch) in the phone's time zone; instants outside of
    /// the calendar are clamped.
    pub fn at_micros(&self, micros: i64) -> ZonedDateTime {
        let timestamp = Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH);
        timestamp.to_zoned_datetime(self.time_zone())
    }

    /// Microseconds since the phone booted; never goes back.
    pub fn uptime_micros(&self) -> i64 {
        self.with(|_, uptime| uptime)
    }

    /// Milliseconds since the phone booted.
    pub fn uptime_millis(&self) -> i64 {
        self.uptime_micros() / 1_000
    }

    /// Sets the wall time (microseconds of the Unix epoch); uptime is not affected.
    pub fn set_micros(&self, micros: i64) {
        self.with(|state, uptime| state.offset = micros.saturating_sub(uptime));
    }

    /// Lets time pass under `Steps`; under `Real` time passes by itself and nothing happens.
    pub fn advance_micros(&self, micros: i64) {
        if self.mode == ClockMode::Steps {
            self.with(|state, _| state.uptime = state.uptime.saturating_add(micros.max(0)));
        }
    }

    /// [`Clock::advance_micros`] in milliseconds.
    pub fn advance_millis(&self, millis: i64) {
        self.advance_micros(millis.saturating_mul(1_000));
    }

    /// The name of the phone's time zone, e.g. `UTC`.
    pub fn zone_name(&self) -> String {
        self.with(|state, _| state.zone.clone())
    }

    /// The phone's time zone.
    pub fn time_zone(&self) -> TimeZone {
        let name = self.zone_name();
        TimeZone::get(&name).unwrap_or(TimeZone::UTC)
    }

    /// Changes the time zone; `false` when no such zone is known.
    pub fn set_zone(&self, name: &str) -> bool {
        let known = name == "UTC" || name == "GMT" || TimeZone::get(name).is_ok();
        if known {
            self.with(|state, _| state.zone = name.to_owned());
        }
        known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_move_only_when_told() {
        let clock = Clock::new(ClockMode::Steps);
        assert_eq!(clock.now_micros(), START_MICROS);
        assert_eq!(
            clock.now().strftime("%a %b %d %H:%M:%S %Z %Y").to_string(),
            "Sun Oct 15 15:34:00 UTC 2023"
        );
        let uptime = clock.uptime_micros();
        clock.advance_millis(1_500);
        assert_eq!(clock.now_micros(), START_MICROS + 1_500_000);
        clock.set_micros(5);
        assert_eq!(clock.now_micros(), 5);
        assert_eq!(clock.uptime_micros(), uptime + 1_500_000);
    }

    #[test]
    fn real_time_passes_by_itself() {
        let clock = Clock::new(ClockMode::Real);
        let before = clock.now_micros();
        while clock.now_micros() == before {
            std::thread::yield_now();
        }
        assert!(clock.now_micros() > before);
    }
}
