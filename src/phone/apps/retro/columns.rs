//! Songs as rows: every table of songs has the same values in the same order under names of its own.

use rusqlite::Row;
use rusqlite::types::{Value, ValueRef};

use crate::phone::providers::songs::Song;

/// Names in the tables of `playlist.db`.
pub const ENTITY: &str = "id, title, track_number, year, duration, data, date_modified, album_id, \
    album_name, artist_id, artist_name, composer, album_artist";
/// Names in the tables of the queue, which are those of the media provider.
pub const STORE: &str = "_id, title, track, year, duration, _data, date_modified, album_id, album, \
    artist_id, artist, composer, album_artist";
/// How many there are.
const COUNT: usize = 13;

/// A song's values.
pub fn values(song: &Song) -> [Value; COUNT] {
    let text = |text: &str| Value::Text(text.to_owned());
    [
        Value::Integer(song.id),
        text(&song.title),
        Value::Integer(i64::from(song.track)),
        Value::Integer(i64::from(song.year)),
        Value::Integer(song.duration_millis),
        text(&song.path),
        Value::Integer(song.modified),
        Value::Integer(song.album_id),
        text(&song.album),
        Value::Integer(song.artist_id),
        text(&song.artist),
        text(&song.composer),
        text(&song.album_artist),
    ]
}

/// So many question marks.
pub fn places(count: usize) -> String {
    vec!["?"; count].join(", ")
}

/// The places of a song's values.
pub fn song_places() -> String {
    places(COUNT)
}

/// Reads a song from the columns from `first` on, whatever types they hold.
pub fn song(row: &Row<'_>, first: usize) -> rusqlite::Result<Song> {
    let number = |column: usize| -> rusqlite::Result<i64> {
        Ok(match row.get_ref(first + column)? {
            ValueRef::Integer(number) => number,
            ValueRef::Real(number) => number as i64,
            ValueRef::Text(text) => String::from_utf8_lossy(text).parse().unwrap_or(0),
            _ => 0,
        })
    };
    let small = |column: usize| number(column).map(|number| i32::try_from(number).unwrap_or(0));
    let text = |column: usize| text(row, first + column);
    Ok(Song {
        id: number(0)?,
        title: text(1)?,
        track: small(2)?,
        year: small(3)?,
        duration_millis: number(4)?,
        path: text(5)?,
        modified: number(6)?,
        album_id: number(7)?,
        album: text(8)?,
        artist_id: number(9)?,
        artist: text(10)?,
        composer: text(11)?,
        album_artist: text(12)?,
        size: 0,
        mime: "audio/mpeg",
    })
}

/// A column as text: the queue's tables turn titles that are numbers into numbers.
pub fn text(row: &Row<'_>, column: usize) -> rusqlite::Result<String> {
    Ok(match row.get_ref(column)? {
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        _ => String::new(),
    })
}
