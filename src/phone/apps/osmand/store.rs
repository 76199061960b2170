//! What lasts: favourites and tracks as GPX files in the app's folder on the shared storage, markers in
//! `map_markers_db`.

use rusqlite::params;

use super::PACKAGE;
use super::gpx::{self, Waypoint};
use super::places::{Position, Spot};
use crate::phone::apps::app_database::AppDatabase;
use crate::phone::system::{PhoneError, System, paths};

/// Most points that lie between two waypoints of a route.
const BETWEEN: usize = 8;

fn folder(name: &str) -> String {
    format!("/storage/emulated/0/Android/data/{PACKAGE}/files/{name}")
}

fn favorites_file() -> String {
    folder("favorites/favorites.gpx")
}

fn write(system: &System, path: &str, text: String) -> Result<(), PhoneError> {
    let made = match paths::split(path) {
        Some((parent, _)) => system.files.make_dirs(parent),
        None => Ok(()),
    };
    made.and_then(|()| system.files.write(path, text))
        .map_err(|error| PhoneError::file(path, error))
}

/// The favourites.
pub fn favorites(system: &System) -> Vec<Waypoint> {
    let text = system.files.read_text(&favorites_file());
    text.map(|text| gpx::read_waypoints(&text))
        .unwrap_or_default()
}

/// Writes the favourites.
///
/// # Errors
/// When the file cannot be written.
pub fn save_favorites(system: &System, all: &[Waypoint]) -> Result<(), PhoneError> {
    let time = gpx::time(&system.clock);
    let text = gpx::waypoints("favorites", &time, all);
    write(system, &favorites_file(), text)
}

/// Makes the folder that the app has from its first start on.
///
/// # Errors
/// When it cannot be made.
pub fn make_folder(system: &System) -> Result<(), PhoneError> {
    let path = folder("tracks");
    system
        .files
        .make_dirs(&path)
        .map_err(|error| PhoneError::file(&path, error))
}

/// The names of the tracks, without their ending.
pub fn tracks(system: &System) -> Vec<String> {
    let entries = system.files.list(&folder("tracks")).unwrap_or_default();
    entries
        .into_iter()
        .filter_map(|entry| entry.name.strip_suffix(".gpx").map(str::to_owned))
        .collect()
}

fn track_file(name: &str) -> String {
    folder(&format!("tracks/{name}.gpx"))
}

/// Writes a track through these points; with `road`, points lie between them.
///
/// # Errors
/// When the file cannot be written.
pub fn save_track(
    system: &System,
    name: &str,
    points: &[Position],
    road: bool,
) -> Result<(), PhoneError> {
    let mut all = Vec::new();
    for pair in points.windows(2) {
        let [from, to] = pair else { continue };
        all.push(*from);
        for step in 1..=if road { BETWEEN } else { 0 } {
            let part = step as f64 / (BETWEEN + 1) as f64;
            all.push(Position {
                lat: from.lat + (to.lat - from.lat) * part,
                lon: from.lon + (to.lon - from.lon) * part,
            });
        }
    }
    all.extend(points.last());
    let time = gpx::time(&system.clock);
    write(system, &track_file(name), gpx::track(name, &time, &all))
}

/// Removes a track.
///
/// # Errors
/// When the file cannot be removed.
pub fn delete_track(system: &System, name: &str) -> Result<(), PhoneError> {
    let path = track_file(name);
    system
        .files
        .remove_file(&path)
        .map_err(|error| PhoneError::file(&path, error))
}

/// A marker.
#[derive(Debug, Clone, PartialEq)]
pub struct Marker {
    /// Row id.
    pub id: String,
    /// Where it is, and its name.
    pub spot: Spot,
}

const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS map_markers (marker_id TEXT, marker_lat double, \
    marker_lon double, marker_description TEXT, marker_active int, marker_added long, \
    marker_visited long, group_name TEXT, group_key TEXT, marker_color int, \
    marker_next_key TEXT, marker_disabled int, marker_selected int, \
    marker_map_object_name TEXT, title TEXT);\
    CREATE TABLE IF NOT EXISTS map_markers_groups (group_id TEXT, group_name TEXT, \
    group_type int, group_disabled int, group_categories TEXT);\
    CREATE TABLE IF NOT EXISTS android_metadata (locale TEXT);";

/// The app's database.
const DATABASE: AppDatabase = AppDatabase {
    package: PACKAGE,
    file: "databases/map_markers_db",
    prepare: |connection| connection.execute_batch(SCHEMA),
};

/// The markers that are active, the latest first.
///
/// # Errors
/// When the database cannot be read.
pub fn markers(system: &System) -> Result<Vec<Marker>, PhoneError> {
    DATABASE.with(system, |connection| {
        let mut statement = connection.prepare(
            "SELECT marker_id, CAST(marker_lat AS REAL), CAST(marker_lon AS REAL), \
             coalesce(marker_description, '') FROM map_markers WHERE marker_active = 1 \
             ORDER BY marker_added DESC",
        )?;
        let rows = statement.query_map([], |row| {
            let about: String = row.get(3)?;
            let (kind, name) = about.split_once('#').unwrap_or(("Location", &about));
            Ok(Marker {
                id: row.get(0)?,
                spot: Spot {
                    position: Position {
                        lat: row.get(1)?,
                        lon: row.get(2)?,
                    },
                    name: name.to_owned(),
                    kind: kind.to_owned(),
                },
            })
        })?;
        rows.collect()
    })
}

/// Adds a marker.
///
/// # Errors
/// When the database cannot be written.
pub fn add_marker(system: &System, spot: &Spot) -> Result<(), PhoneError> {
    let now = system.clock.now_millis();
    let Position { lat, lon } = spot.position;
    DATABASE.with(system, |connection| {
        let count: i64 =
            connection.query_row("SELECT count(*) FROM map_markers", [], |row| row.get(0))?;
        connection.execute(
            "INSERT INTO map_markers (marker_id, marker_lat, marker_lon, marker_description, \
             marker_active, marker_added, marker_visited, group_name, group_key, marker_color, \
             marker_next_key, marker_disabled, marker_selected, marker_map_object_name, title) \
             VALUES (?1, ?2, ?3, ?4, 1, ?5, 0, NULL, NULL, ?6, '', 0, 0, NULL, NULL)",
            params![
                format!("{now}{count:03}"),
                lat,
                lon,
                format!("{}#{}", spot.kind, spot.name),
                now,
                count % 7
            ],
        )?;
        Ok(())
    })
}

/// Removes a marker.
///
/// # Errors
/// When the database cannot be written.
pub fn delete_marker(system: &System, id: &str) -> Result<(), PhoneError> {
    DATABASE.with(system, |connection| {
        let sql = "DELETE FROM map_markers WHERE marker_id = ?1";
        connection.execute(sql, [id]).map(drop)
    })
}
