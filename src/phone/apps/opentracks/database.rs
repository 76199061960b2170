//! OpenTracks' database: the tables `tracks`, `trackpoints` and `markers` of `database.db`.

use rand::RngExt;
use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Row, params, params_from_iter};

use super::PACKAGE;
use super::kinds::Kind;
use crate::phone::apps::app_database::AppDatabase;
use crate::phone::system::{PhoneError, System};

/// One recorded track.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Track {
    /// Row id.
    pub id: i64,
    /// Name.
    pub name: String,
    /// Description.
    pub description: String,
    /// Name of its type, which is what the screen shows.
    pub category: String,
    /// Id of its type, which decides the sign in the list.
    pub kind: String,
    /// When it began, in milliseconds of the Unix epoch.
    pub start: i64,
    /// When it ended.
    pub stop: i64,
    /// Seconds east of Greenwich where it began.
    pub offset: i64,
    /// Metres.
    pub distance: f64,
    /// Milliseconds from begin to end.
    pub total_time: i64,
    /// Milliseconds in motion.
    pub moving_time: i64,
    /// Metres a second.
    pub max_speed: f64,
    /// Metres upwards, when known.
    pub gain: Option<f64>,
    /// Metres downwards, when known.
    pub loss: Option<f64>,
    /// How many markers it has.
    pub markers: i64,
}

impl Track {
    /// Metres a second over all its time.
    pub fn average_speed(&self) -> f64 {
        speed(self.distance, self.total_time)
    }

    /// Metres a second while in motion.
    pub fn moving_speed(&self) -> f64 {
        speed(self.distance, self.moving_time)
    }
}

/// Metres a second.
pub fn speed(metres: f64, millis: i64) -> f64 {
    match millis {
        ..=0 => 0.0,
        _ => metres / (millis as f64 / 1_000.0),
    }
}

/// Which tracks to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// All of them.
    All,
    /// Those whose name, description or type holds these words.
    Found(String),
    /// These.
    These(Vec<i64>),
}

/// The schema of version 37.
const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS tracks (_id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, description TEXT, category TEXT, starttime INTEGER, stoptime INTEGER, numpoints INTEGER, totaldistance FLOAT, totaltime INTEGER, movingtime INTEGER, avgspeed FLOAT, avgmovingspeed FLOAT, maxspeed FLOAT, minelevation FLOAT, maxelevation FLOAT, elevationgain FLOAT, icon TEXT, uuid BLOB, elevationloss FLOAT, starttime_offset INTEGER, activity_type TEXT);
CREATE UNIQUE INDEX IF NOT EXISTS tracks_uuid_index ON tracks(uuid);
CREATE TABLE IF NOT EXISTS trackpoints (_id INTEGER PRIMARY KEY AUTOINCREMENT, trackid INTEGER NOT NULL, longitude INTEGER, latitude INTEGER, time INTEGER, elevation FLOAT, accuracy FLOAT, speed FLOAT, bearing FLOAT, sensor_heartrate FLOAT, sensor_cadence FLOAT, sensor_power FLOAT, elevation_gain FLOAT, elevation_loss FLOAT, type TEXT CHECK(type IN (-2, -1, 0, 1, 3)), sensor_distance FLOAT, accuracy_vertical FLOAT, FOREIGN KEY (trackid) REFERENCES tracks(_id) ON UPDATE CASCADE ON DELETE CASCADE);
CREATE INDEX IF NOT EXISTS trackpoints_trackid_index ON trackpoints(trackid);
CREATE TABLE IF NOT EXISTS markers (_id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, description TEXT, category TEXT, icon TEXT, trackid INTEGER NOT NULL, length FLOAT, duration INTEGER, longitude INTEGER, latitude INTEGER, time INTEGER, elevation FLOAT, accuracy FLOAT, bearing FLOAT, photoUrl TEXT, FOREIGN KEY (trackid) REFERENCES tracks(_id) ON UPDATE CASCADE ON DELETE CASCADE);
CREATE INDEX IF NOT EXISTS markers_trackid_index ON markers(trackid);
CREATE TABLE IF NOT EXISTS android_metadata (locale TEXT);
PRAGMA user_version = 37;
";

const COLUMNS: &str = "_id, name, description, category, activity_type, starttime, stoptime, \
    starttime_offset, totaldistance, totaltime, movingtime, maxspeed, elevationgain, elevationloss, \
    (SELECT count(*) FROM markers WHERE trackid = tracks._id)";

/// The app's database.
pub const DATABASE: AppDatabase = AppDatabase {
    package: PACKAGE,
    file: "databases/database.db",
    prepare: |connection| connection.execute_batch(SCHEMA),
};

// Whoever filled the table may have left out anything.
fn read(row: &Row) -> rusqlite::Result<Track> {
    let text = |column| {
        row.get::<_, Option<String>>(column)
            .map(Option::unwrap_or_default)
    };
    let number = |column| -> rusqlite::Result<Option<f64>> { row.get(column) };
    let whole = |column| -> rusqlite::Result<i64> { Ok(number(column)?.unwrap_or(0.0) as i64) };
    Ok(Track {
        id: row.get(0)?,
        name: text(1)?,
        description: text(2)?,
        category: text(3)?,
        kind: text(4)?,
        start: whole(5)?,
        stop: whole(6)?,
        offset: whole(7)?,
        distance: number(8)?.unwrap_or(0.0),
        total_time: whole(9)?,
        moving_time: whole(10)?,
        max_speed: number(11)?.unwrap_or(0.0),
        gain: number(12)?,
        loss: number(13)?,
        markers: row.get(14)?,
    })
}

/// Tracks, the latest first.
///
/// # Errors
/// When the database cannot be read.
pub fn list(system: &System, which: &Which) -> Result<Vec<Track>, PhoneError> {
    let (condition, values) = match which {
        Which::All => (String::new(), Vec::new()),
        Which::Found(words) => (
            "WHERE name LIKE ?1 OR description LIKE ?1 OR category LIKE ?1".to_owned(),
            vec![Value::Text(format!("%{words}%"))],
        ),
        Which::These(ids) => {
            let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
            (format!("WHERE _id IN ({})", ids.join(",")), Vec::new())
        }
    };
    let query = format!("SELECT {COLUMNS} FROM tracks {condition} ORDER BY starttime DESC");
    DATABASE.with(system, |connection| {
        connection
            .prepare(&query)?
            .query_map(params_from_iter(values), read)?
            .collect()
    })
}

/// One track.
///
/// # Errors
/// When the database cannot be read.
pub fn get(system: &System, id: i64) -> Result<Option<Track>, PhoneError> {
    let query = format!("SELECT {COLUMNS} FROM tracks WHERE _id = ?1");
    DATABASE.with(system, |connection| {
        connection.query_row(&query, [id], read).optional()
    })
}

/// Changes what a person wrote about a track: name, type by its name, description.
///
/// # Errors
/// When the database cannot be written.
pub fn describe(
    system: &System,
    id: i64,
    name: &str,
    category: &str,
    kind: Kind,
    description: &str,
) -> Result<(), PhoneError> {
    DATABASE.with(system, |connection| {
        connection
            .execute(
                "UPDATE tracks SET name = ?1, category = ?2, activity_type = ?3, description = ?4 WHERE _id = ?5",
                params![name, category, kind.id, description, id],
            )
            .map(drop)
    })
}

/// Stores a track that begins now; returns its id.
///
/// # Errors
/// When the database cannot be written.
pub fn begin(system: &mut System, name: &str, kind: Kind) -> Result<i64, PhoneError> {
    let uuid: [u8; 16] = system.random.random();
    let now = system.clock.now();
    let start = now.timestamp().as_millisecond();
    let offset = now.offset().seconds();
    DATABASE.with(system, |connection| {
        connection.execute(
            "INSERT INTO tracks (name, description, category, starttime, stoptime, numpoints, totaldistance, \
             totaltime, movingtime, avgspeed, avgmovingspeed, maxspeed, icon, uuid, starttime_offset, activity_type) \
             VALUES (?1, '', ?2, ?3, ?3, 0, 0, 0, 0, 0, 0, 0, '', ?4, ?5, ?6)",
            params![name, kind.name, start, uuid, offset, kind.id],
        )?;
        Ok(connection.last_insert_rowid())
    })
}

/// Adds time without motion to a track that is recorded, up to now.
///
/// # Errors
/// When the database cannot be written.
pub fn end(system: &System, id: i64, total_time: i64) -> Result<(), PhoneError> {
    let now = system.clock.now_millis();
    DATABASE.with(system, |connection| {
        connection
            .execute(
                "UPDATE tracks SET stoptime = ?1, totaltime = ?2 WHERE _id = ?3",
                params![now, total_time, id],
            )
            .map(drop)
    })
}

/// Removes tracks with their points and markers.
///
/// # Errors
/// When the database cannot be written.
pub fn delete(system: &System, ids: &[i64]) -> Result<(), PhoneError> {
    DATABASE.with(system, |connection| {
        let transaction = connection.transaction()?;
        for id in ids {
            transaction.execute("DELETE FROM trackpoints WHERE trackid = ?1", [id])?;
            transaction.execute("DELETE FROM markers WHERE trackid = ?1", [id])?;
            transaction.execute("DELETE FROM tracks WHERE _id = ?1", [id])?;
        }
        transaction.commit()
    })
}
