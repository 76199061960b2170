//! The media scanner: what media files say of themselves. Nothing is kept: whoever asks reads the file,
//! no more than a bounded part of it. Uses the files only.
//!
//! One file for each format; [`read`] chooses it by the MIME type. The media provider is built on it.

mod id3;
mod mp3;

use std::io::Read;

use super::system::Files;

/// What a file says of itself; what it does not say is empty or 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tags {
    /// Title.
    pub title: String,
    /// Who plays.
    pub artist: String,
    /// The album's name.
    pub album: String,
    /// Whose album it is.
    pub album_artist: String,
    /// Who wrote it.
    pub composer: String,
    /// Kind of music.
    pub genre: String,
    /// Year.
    pub year: i32,
    /// Number on the album.
    pub track: i32,
    /// Length in milliseconds.
    pub duration_millis: i64,
}

/// Reads a file's tags; of a format that is not known, or of a broken file, there are none.
pub fn read(files: &Files, path: &str, mime: &str) -> Tags {
    match mime {
        "audio/mpeg" => mp3::read(files, path).unwrap_or_default(),
        _ => Tags::default(),
    }
}

/// Reads until the end of a source or until so many bytes.
fn read_up_to(source: &mut impl Read, limit: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}
