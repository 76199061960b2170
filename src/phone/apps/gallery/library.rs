//! The pictures and videos of the phone, as the gallery finds them: in folders of the shared storage and in
//! its own bin; and small pictures of them.

use std::collections::HashMap;

use super::PACKAGE;
use crate::domain::Frame;
use crate::phone::apps::entries::{self, name_of, parent_of};
use crate::phone::providers::media;
use crate::phone::system::{Files, PhoneError, data_directory, paths};
use crate::pixels;

/// The root of the shared storage.
pub const STORAGE: &str = "/storage/emulated/0";
/// The name that the bin goes by where a folder is asked for.
pub const BIN: &str = "recycle_bin";
/// Small pictures kept by one screen; what lies further down a folder is shown without.
const MAX_THUMBNAILS: usize = 60;
/// Pixels of a small picture.
const THUMBNAIL_PIXELS: u64 = 200 * 200;
/// Pixels of a picture that is looked at.
const SCREEN_PIXELS: u64 = 2 << 20;
/// Bytes of a file that is decoded.
const MAX_BYTES: u64 = 24 << 20;

/// A picture or video.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Medium {
    /// The phone's path.
    pub path: String,
    /// The last name of it.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Last change, in seconds of the Unix epoch.
    pub modified: i64,
    /// A video.
    pub video: bool,
}

/// A folder with media.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Album {
    /// The phone's path, or [`BIN`].
    pub path: String,
    /// What it is called on the screen.
    pub name: String,
    /// How many media it has.
    pub count: usize,
    /// The newest of them.
    pub newest: Medium,
}

/// What a folder is called on the screen.
pub fn folder_name(path: &str) -> &str {
    match path {
        STORAGE => "Internal",
        BIN => "Recycle Bin",
        path => name_of(path),
    }
}

/// Where the bin keeps a file.
fn bin_root() -> String {
    format!("{}/files", data_directory(PACKAGE))
}

fn bin_path(path: &str) -> String {
    format!("{}{path}", bin_root())
}

fn sorted(mut media: Vec<Medium>) -> Vec<Medium> {
    media.sort_by(|a, b| b.modified.cmp(&a.modified).then(a.path.cmp(&b.path)));
    media
}

/// All media of the shared storage, newest first; hidden ones and those of apps are left out.
pub fn media(files: &Files) -> Vec<Medium> {
    let app_data = format!("{STORAGE}/Android");
    let found = media::list(files, "file").into_iter().filter(|file| {
        let shown = !file.path.contains("/.") && !paths::is_within(&file.path, &app_data);
        shown && is_medium(file.mime)
    });
    sorted(found.map(medium).collect())
}

fn is_medium(mime: &str) -> bool {
    mime.starts_with("image/") || mime.starts_with("video/")
}

fn medium(file: media::MediaFile) -> Medium {
    Medium {
        video: file.mime.starts_with("video/"),
        path: file.path,
        name: file.name,
        size: file.size,
        modified: file.modified,
    }
}

/// What was thrown away, newest first.
pub fn bin(files: &Files) -> Vec<Medium> {
    let walked = files.walk(&bin_root()).unwrap_or_default().into_iter();
    let found = walked.filter(|(path, found)| {
        !found.is_directory() && is_medium(media::mime_type(name_of(path)))
    });
    sorted(
        found
            .map(|(path, found)| Medium {
                name: name_of(&path).to_owned(),
                video: media::mime_type(&path).starts_with("video/"),
                size: found.size,
                modified: found.modified_seconds(),
                path,
            })
            .collect(),
    )
}

/// The media of one folder, or of [`BIN`].
pub fn media_in(files: &Files, folder: &str) -> Vec<Medium> {
    if folder == BIN {
        return bin(files);
    }
    let mut all = media(files);
    all.retain(|medium| parent_of(&medium.path) == Some(folder));
    all
}

/// The folders that have media, those with the newest first, and the bin when there is something in it.
pub fn albums(files: &Files) -> Vec<Album> {
    let mut albums: Vec<Album> = Vec::new();
    let thrown = bin(files)
        .into_iter()
        .map(|medium| (BIN.to_owned(), medium));
    let kept = media(files).into_iter().filter_map(|medium| {
        let folder = parent_of(&medium.path)?.to_owned();
        Some((folder, medium))
    });
    for (path, medium) in kept.chain(thrown) {
        match albums.iter_mut().find(|album| album.path == path) {
            Some(album) => album.count += 1,
            None => albums.push(Album {
                name: folder_name(&path).to_owned(),
                path,
                count: 1,
                newest: medium,
            }),
        }
    }
    albums
}

/// Moves files into the bin, or deletes them for good.
///
/// # Errors
/// When a file cannot be moved or deleted.
pub fn throw_away(files: &Files, paths: &[String], for_good: bool) -> Result<(), PhoneError> {
    for path in paths {
        let wrong = |error| PhoneError::file(path, error);
        if for_good || paths::is_within(path, &bin_root()) {
            files.remove_file(path).map_err(wrong)?;
        } else {
            bring(files, path, &bin_path(path))?;
        }
    }
    Ok(())
}

/// Moves files out of the bin to where they came from.
///
/// # Errors
/// When a file cannot be moved.
pub fn restore(files: &Files, paths: &[String]) -> Result<(), PhoneError> {
    for path in paths {
        if let Some(home) = path.strip_prefix(&bin_root()) {
            bring(files, path, home)?;
        }
    }
    Ok(())
}

fn bring(files: &Files, from: &str, to: &str) -> Result<(), PhoneError> {
    let wrong = |error| PhoneError::file(to, error);
    let folder = parent_of(to).unwrap_or("/");
    files.make_dirs(folder).map_err(wrong)?;
    let to = paths::child(folder, &free_name(files, folder, name_of(to)));
    files.rename(from, &to).map_err(wrong)
}

/// A name that is free in a folder: `name(1).jpg` where `name.jpg` is taken.
pub fn free_name(files: &Files, folder: &str, name: &str) -> String {
    entries::free_name(files, folder, name, |stem, number| {
        format!("{stem}({number})")
    })
}

/// The picture in a file, for the whole screen; why there is none in words.
///
/// # Errors
/// When the file is no picture, or too large.
pub fn picture(files: &Files, path: &str) -> Result<Frame, String> {
    decode(files, path, SCREEN_PIXELS)
}

fn decode(files: &Files, path: &str, most: u64) -> Result<Frame, String> {
    let found = files.metadata(path).map_err(|error| error.to_string())?;
    if found.size > MAX_BYTES {
        return Err("The file is too large".to_owned());
    }
    let bytes = files.read(path).map_err(|error| error.to_string())?;
    pixels::decode(&bytes, most).map_err(|error| error.to_string())
}

/// Small pictures, read once as long as their files stay the same.
#[derive(Debug, Default)]
pub struct Thumbnails {
    known: HashMap<String, (i64, u64, Option<Frame>)>,
}

impl Thumbnails {
    /// Reads those that are missing, and forgets those that are not asked for.
    pub fn load<'a>(&mut self, files: &Files, media: impl Iterator<Item = &'a Medium>) {
        let mut known = HashMap::new();
        for medium in media.filter(|medium| !medium.video).take(MAX_THUMBNAILS) {
            let (modified, size) = (medium.modified, medium.size);
            let frame = match self.known.remove(&medium.path) {
                Some((time, bytes, frame)) if (time, bytes) == (modified, size) => frame,
                _ => decode(files, &medium.path, THUMBNAIL_PIXELS).ok(),
            };
            known.insert(medium.path.clone(), (modified, size, frame));
        }
        self.known = known;
    }

    /// The small picture of a file.
    pub fn of(&self, path: &str) -> Option<Frame> {
        self.known.get(path)?.2.clone()
    }
}
