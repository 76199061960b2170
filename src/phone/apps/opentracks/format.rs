//! How OpenTracks writes distances, times, speeds and dates, in the units that were chosen.

use jiff::tz::Offset;
use jiff::{Timestamp, ZonedDateTime};

use super::PACKAGE;
use crate::phone::apps::lengths;
use crate::phone::system::{Files, PhoneError, Preferences, System};

const MILE: f64 = 1609.344;
const FOOT: f64 = 0.3048;
const KILOMETRE: f64 = 1_000.0;
/// Up to half a mile or kilometre the small unit is used.
const THRESHOLD: f64 = 0.5;
/// The preference.
const UNITS: &str = "statsUnits";

/// Units of lengths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Units {
    /// Miles and feet, which a phone in American English starts with.
    #[default]
    Imperial,
    /// Kilometres and metres.
    Metric,
}

impl Units {
    /// All of them, with their names.
    pub const ALL: [(Units, &'static str); 2] = [
        (Units::Metric, "Metric (km, m)"),
        (Units::Imperial, "Imperial (mi, ft)"),
    ];

    /// Those that the app's preferences name.
    pub fn load(files: &Files) -> Units {
        match Preferences::load_default(files, PACKAGE).text(UNITS) {
            Some("METRIC") => Units::Metric,
            _ => Units::Imperial,
        }
    }

    /// Writes them into the app's preferences.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn store(self, files: &Files) -> Result<(), PhoneError> {
        let mut stored = Preferences::load_default(files, PACKAGE);
        let name = match self {
            Units::Imperial => "IMPERIAL",
            Units::Metric => "METRIC",
        };
        stored.put(UNITS, name);
        stored.save(files)
    }

    /// Metres of the large unit, and its name.
    fn large(self) -> (f64, &'static str) {
        match self {
            Units::Imperial => (MILE, "mi"),
            Units::Metric => (KILOMETRE, "km"),
        }
    }

    /// Metres of the small unit, and its name.
    fn small(self) -> (f64, &'static str) {
        match self {
            Units::Imperial => (FOOT, "ft"),
            Units::Metric => (1.0, "m"),
        }
    }

    /// A distance in metres, and its unit.
    pub fn distance(self, metres: f64) -> (String, &'static str) {
        let (length, name) = self.large();
        let (length, name) = if metres > THRESHOLD * length {
            (length, name)
        } else {
            self.small()
        };
        (decimal(metres / length, 2), name)
    }

    /// A difference of heights in metres, and its unit.
    pub fn height(self, metres: f64) -> (String, &'static str) {
        let (length, name) = self.small();
        (decimal(metres / length, 0), name)
    }

    /// A speed in metres a second as speed or pace, and its unit.
    pub fn rate(self, speed: f64, pace: bool) -> (String, &'static str) {
        let (length, _) = self.large();
        let unit = match (self, pace) {
            (Units::Imperial, false) => "mph",
            (Units::Imperial, true) => "min/mi",
            (Units::Metric, false) => "km/h",
            (Units::Metric, true) => "min/km",
        };
        if !pace {
            return (decimal(speed * 3_600.0 / length, 1), unit);
        }
        let seconds = if speed > 0.0 { length / speed } else { 0.0 };
        // Standing still for years is no pace that anyone reads.
        let seconds = seconds.min(1e9) as i64;
        (format!("{:02}:{:02}", seconds / 60, seconds % 60), unit)
    }
}

/// A number with so many decimals and commas between thousands.
fn decimal(value: f64, places: usize) -> String {
    let text = format!("{value:.places$}");
    let whole = text.find('.').unwrap_or(text.len());
    let first = usize::from(text.starts_with('-'));
    let mut grouped = String::with_capacity(text.len() + whole / 3);
    for (index, character) in text.char_indices() {
        if index > first && index < whole && (whole - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(character);
    }
    grouped
}

/// `MM:SS`, from an hour on `H:MM:SS`.
pub fn elapsed(millis: i64) -> String {
    match lengths::parts(millis) {
        (0, minutes, seconds) => format!("{minutes:02}:{seconds:02}"),
        (hours, minutes, seconds) => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

/// An instant in milliseconds as a clock so many seconds east of Greenwich shows it.
pub fn local(millis: i64, offset: i64) -> ZonedDateTime {
    let at = Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH);
    let offset = i32::try_from(offset)
        .ok()
        .and_then(|seconds| Offset::from_seconds(seconds).ok())
        .unwrap_or(Offset::UTC);
    at.to_zoned_datetime(offset.to_time_zone())
}

/// The day in a list: as near ones are called, else day and month.
pub fn day(system: &System, at: &ZonedDateTime) -> String {
    let today = system.clock.now().date();
    let ago = at
        .date()
        .until(today)
        .map_or(i32::MAX, |span| span.get_days());
    match ago {
        0 => "Today".to_owned(),
        1 => "Yesterday".to_owned(),
        ..7 => at.strftime("%A").to_string(),
        _ if at.year() == today.year() => at.strftime("%-d %b").to_string(),
        _ => at.strftime("%-d %b %Y").to_string(),
    }
}

/// Date and time in full length, `Oct 9, 2023, 8:00:00 AM`.
pub fn moment(at: &ZonedDateTime) -> String {
    at.strftime("%b %-d, %Y, %-I:%M:%S %p").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_change_their_unit_at_half_a_mile() {
        let shown = |metres| Units::Imperial.distance(metres);
        assert_eq!(shown(4_007.0), ("2.49".to_owned(), "mi"));
        assert_eq!(shown(804.0), ("2,637.80".to_owned(), "ft"));
        assert_eq!(shown(0.0), ("0.00".to_owned(), "ft"));
        assert_eq!(Units::Metric.distance(500.0), ("500.00".to_owned(), "m"));
        assert_eq!(Units::Metric.distance(12_000.0), ("12.00".to_owned(), "km"));
    }

    #[test]
    fn speeds_are_told_as_speed_or_pace() {
        let rate = |pace| Units::Imperial.rate(MILE / 600.0, pace);
        assert_eq!(rate(false), ("6.0".to_owned(), "mph"));
        assert_eq!(rate(true), ("10:00".to_owned(), "min/mi"));
        assert_eq!(Units::Metric.rate(0.0, true).0, "00:00");
    }

    #[test]
    fn times_have_hours_only_when_there_are_some() {
        assert_eq!(elapsed(75 * 60_000), "1:15:00");
        assert_eq!(elapsed(45 * 60_000 + 999), "45:00");
        assert_eq!(elapsed(-5), "00:00");
    }

    #[test]
    fn thousands_are_separated() {
        assert_eq!(decimal(-1_234_567.891, 2), "-1,234,567.89");
        assert_eq!(decimal(999.0, 0), "999");
        assert_eq!(decimal(-999.0, 0), "-999");
    }
}
