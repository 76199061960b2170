//! Songs: the rows of `content://media/external/audio/media`, found on the shared storage.

use super::media::{self, MediaFile};
use crate::phone::media::{Tags, read};
use crate::phone::system::{Files, paths};

/// Most songs that are known at a time.
const MOST: usize = 2_000;

/// A song.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Song {
    /// The media provider's id.
    pub id: i64,
    /// The file.
    pub path: String,
    /// Title; the file's name without its extension when it has none.
    pub title: String,
    /// Who plays; `<unknown>` when nobody knows.
    pub artist: String,
    /// Number of the artist.
    pub artist_id: i64,
    /// Album; the folder's name when it has none.
    pub album: String,
    /// Number of the album.
    pub album_id: i64,
    /// Whose album it is.
    pub album_artist: String,
    /// Who wrote it.
    pub composer: String,
    /// Year.
    pub year: i32,
    /// Number on the album.
    pub track: i32,
    /// Length in milliseconds.
    pub duration_millis: i64,
    /// Bytes.
    pub size: u64,
    /// MIME type.
    pub mime: &'static str,
    /// Change time in seconds.
    pub modified: i64,
}

/// Folders of the shared storage whose sounds are no music.
const NO_MUSIC: [&str; 6] = [
    "Alarms",
    "Audiobooks",
    "Notifications",
    "Podcasts",
    "Recordings",
    "Ringtones",
];

impl Song {
    /// A file with what it says of itself, completed as the media provider does.
    pub fn of(files: &Files, file: MediaFile) -> Song {
        let tags = read(files, &file.path, file.mime);
        Song::new(file, tags)
    }

    fn new(file: MediaFile, tags: Tags) -> Song {
        let (parent, _) = paths::split(&file.path).unwrap_or(("", ""));
        let stem = file
            .name
            .rsplit_once('.')
            .map_or(&*file.name, |(stem, _)| stem);
        let or = |text: String, other: &str| match text.is_empty() {
            true => other.to_owned(),
            false => text,
        };
        let folder = parent.rsplit('/').next().unwrap_or("");
        let title = or(tags.title, stem);
        let artist = or(tags.artist, "<unknown>");
        let album = or(tags.album, folder);
        Song {
            id: i64::try_from(file.id).unwrap_or(i64::MAX),
            artist_id: number_of(&[&artist]),
            album_id: number_of(&[parent, &album]),
            title,
            artist,
            album,
            album_artist: tags.album_artist,
            composer: tags.composer,
            year: tags.year,
            track: tags.track,
            duration_millis: tags.duration_millis,
            size: file.size,
            mime: file.mime,
            modified: file.modified,
            path: file.path,
        }
    }

    /// The columns that only sounds have.
    pub fn columns(&self) -> Vec<(&'static str, String)> {
        let or_null = |text: &str| match text.is_empty() {
            true => "NULL".to_owned(),
            false => text.to_owned(),
        };
        vec![
            ("title", self.title.clone()),
            ("artist", self.artist.clone()),
            ("artist_id", self.artist_id.to_string()),
            ("album", self.album.clone()),
            ("album_id", self.album_id.to_string()),
            ("album_artist", or_null(&self.album_artist)),
            ("composer", or_null(&self.composer)),
            ("duration", self.duration_millis.to_string()),
            ("track", self.track.to_string()),
            ("year", self.year.to_string()),
            ("is_music", i32::from(self.is_music()).to_string()),
        ]
    }

    /// Whether it is music, and not a sound of the phone.
    pub fn is_music(&self) -> bool {
        let below = self.path.strip_prefix("/storage/emulated/0/").unwrap_or("");
        let folder = below.split('/').next().unwrap_or("");
        !NO_MUSIC.contains(&folder)
    }
}

/// A number that stays the same for the same names (FNV-1a, without its sign).
fn number_of(names: &[&str]) -> i64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in names.join("\0").bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    (hash >> 1) as i64
}

/// The songs on the shared storage, in the order of their paths. Hidden folders and the apps' own
/// folders are not looked into.
pub fn songs(files: &Files) -> Vec<Song> {
    media::list(files, "audio/media")
        .into_iter()
        .filter(|file| {
            let hidden = file.path.split('/').any(|name| name.starts_with('.'));
            !hidden && !file.path.starts_with("/storage/emulated/0/Android/")
        })
        .take(MOST)
        .map(|file| Song::of(files, file))
        .filter(Song::is_music)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::system::{Clock, ClockMode};

    #[test]
    fn files_are_completed_by_their_names() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::open(folder.path(), Clock::new(ClockMode::Steps)).unwrap();
        for path in [
            "Music/One.mp3",
            "Ringtones/Bell.mp3",
            ".trash/Old.mp3",
            "Music/text.txt",
        ] {
            let path = format!("/sdcard/{path}");
            let (parent, _) = paths::split(&path).unwrap();
            files.make_dirs(parent).unwrap();
            files.write(&path, "nothing that sounds").unwrap();
        }
        let songs = songs(&files);
        assert_eq!(songs.len(), 1);
        let song = &songs[0];
        assert_eq!(song.title, "One");
        assert_eq!((&*song.artist, &*song.album), ("<unknown>", "Music"));
        assert_eq!(song.duration_millis, 0);
    }
}
