//! A track: a row of the table `tracks`.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::super::answers::Subject;
use super::super::database::AppDatabase;
use super::super::pools;
use super::super::table::Row;
use super::words;

/// A mile in metres, as the benchmark has it.
const MILE: f64 = 1609.34;
const MINUTE: i64 = 60_000;
/// Sun Oct 8 00:00:00 UTC 2023 in milliseconds.
const MIDDLE: i64 = 1_696_723_200_000;
/// The other tracks begin at most that many minutes before or after.
const AROUND: i64 = 7 * 24 * 60;

/// One row, as far as a question fills it (catalogue section 4.8).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Track {
    /// Row id; 0 for one that is not stored.
    #[serde(rename = "_id", default)]
    pub id: i64,
    /// Name.
    pub name: String,
    /// Description.
    pub description: String,
    /// Type.
    pub category: String,
    /// Milliseconds of the Unix epoch.
    pub starttime: i64,
    /// Milliseconds of the Unix epoch.
    pub stoptime: i64,
    /// Metres.
    pub totaldistance: f64,
    /// Metres.
    pub elevationgain: i64,
    /// Metres.
    pub elevationloss: i64,
    /// What tells it from all others.
    pub uuid: [u8; 16],
}

/// A distance in metres as it is left by showing it in miles with two decimals.
pub(super) fn as_shown(metres: f64) -> f64 {
    let miles = (metres / MILE * 100.0).round_ties_even() / 100.0;
    (miles * MILE).round_ties_even()
}

impl Track {
    /// A track that begins at a moment and lasts so many minutes.
    pub fn new(start: DateTime, minutes: f64, rng: &mut ChaCha8Rng) -> Track {
        let zoned = start.to_zoned_datetime(TimeZone::UTC);
        let starttime = zoned.map_or(MIDDLE, |zoned| zoned.timestamp().as_millisecond());
        Track {
            id: 0,
            name: String::new(),
            description: String::new(),
            category: String::new(),
            starttime,
            stoptime: starttime.saturating_add((minutes * MINUTE as f64) as i64),
            totaldistance: 0.0,
            elevationgain: 0,
            elevationloss: 0,
            uuid: rng.random(),
        }
    }

    /// Draws one that a question is not about.
    fn random(rng: &mut ChaCha8Rng) -> Track {
        let category = pools::pick(&words::ALL_CATEGORIES, rng);
        let name = pools::pick(&words::OTHER_NAMES, rng);
        let starttime = MIDDLE + rng.random_range(-AROUND..=AROUND) * MINUTE;
        Track {
            id: 0,
            name,
            description: String::new(),
            category,
            starttime,
            stoptime: starttime + rng.random_range(1..300) * MINUTE,
            totaldistance: as_shown(f64::from(rng.random_range(0..=20_000_u32))),
            elevationgain: rng.random_range(0..=500),
            elevationloss: rng.random_range(0..=500),
            uuid: rng.random(),
        }
    }

    /// The day that it begins on.
    pub fn day(&self) -> Date {
        match jiff::Timestamp::from_millisecond(self.starttime) {
            Ok(instant) => TimeZone::UTC.to_datetime(instant).date(),
            Err(_) => Date::ZERO,
        }
    }

    /// Its time in minutes.
    pub fn minutes(&self) -> f64 {
        (self.stoptime - self.starttime) as f64 / MINUTE as f64
    }
}

/// The moment of a day.
pub(super) fn moment(day: Date, time: Time) -> DateTime {
    day.to_datetime(time)
}

impl Subject for Track {
    const OTHERS: usize = 20;

    fn other(rng: &mut ChaCha8Rng, _about: Option<&Track>) -> Track {
        Track::random(rng)
    }
}

impl Row for Track {
    const DATABASE: AppDatabase = super::DATABASE;

    fn id(&self) -> i64 {
        self.id
    }

    fn matches(reference: &Track, row: &Track) -> bool {
        let known = |track: &Track| Track {
            id: 0,
            uuid: [0; 16],
            ..track.clone()
        };
        known(reference) == known(row)
    }

    fn list(connection: &Connection) -> rusqlite::Result<Vec<Track>> {
        let text = |text: Option<String>| text.unwrap_or_default();
        let whole = |number: Option<f64>| number.unwrap_or(0.0) as i64;
        connection
            .prepare(
                "SELECT _id, name, description, category, starttime, stoptime, totaldistance, \
                 elevationgain, elevationloss, uuid FROM tracks",
            )?
            .query_map([], |row| {
                Ok(Track {
                    id: row.get(0)?,
                    name: text(row.get(1)?),
                    description: text(row.get(2)?),
                    category: text(row.get(3)?),
                    starttime: whole(row.get(4)?),
                    stoptime: whole(row.get(5)?),
                    totaldistance: row.get::<_, Option<f64>>(6)?.unwrap_or(0.0),
                    elevationgain: whole(row.get(7)?),
                    elevationloss: whole(row.get(8)?),
                    uuid: row.get::<_, Option<[u8; 16]>>(9)?.unwrap_or_default(),
                })
            })?
            .collect()
    }

    fn replace(connection: &Connection, rows: &[&Track]) -> rusqlite::Result<Vec<Track>> {
        connection.execute("DELETE FROM tracks", [])?;
        let mut statement = connection.prepare(
            "INSERT INTO tracks (name, description, category, activity_type, starttime, stoptime, totaltime, \
             movingtime, totaldistance, avgspeed, avgmovingspeed, maxspeed, minelevation, maxelevation, \
             elevationgain, elevationloss, numpoints, starttime_offset, icon, uuid) \
             VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?6, ?7, ?8, ?8, 0, 0, 0, ?9, ?10, 0, 0, NULL, ?11)",
        )?;
        for row in rows {
            let time = row.stoptime - row.starttime;
            // The benchmark's units, which are none; the app counts for itself.
            let speed = match time {
                0 => 0.0,
                _ => row.totaldistance / (time as f64 * 1_000.0),
            };
            statement.execute(rusqlite::params![
                row.name,
                row.description,
                row.category,
                row.starttime,
                row.stoptime,
                time,
                row.totaldistance,
                speed,
                row.elevationgain,
                row.elevationloss,
                row.uuid,
            ])?;
        }
        Track::list(connection)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::streams::stream;

    #[test]
    fn distances_are_what_two_decimals_of_miles_leave() {
        for (metres, left) in [
            (100.0, 97.0),
            (800.0, 805.0),
            (4_000.0, 4_007.0),
            (0.0, 0.0),
        ] {
            assert_eq!(as_shown(metres), left);
            // Showing it again changes nothing.
            assert_eq!(as_shown(left), left);
        }
    }

    #[test]
    fn other_tracks_lie_around_the_eighth() {
        let mut rng = stream(4, "test", 0);
        for _ in 0..200 {
            let track = Track::random(&mut rng);
            let (first, last) = (
                jiff::civil::date(2023, 10, 1),
                jiff::civil::date(2023, 10, 15),
            );
            assert!((first..=last).contains(&track.day()));
            assert!((1.0..300.0).contains(&track.minutes()));
        }
    }
}
