//! The media provider: the files on the shared storage, seen as rows. Nothing is stored: what is
//! in the files is the truth.

use super::songs::Song;
use crate::phone::system::{FileError, Files};

/// A file that the media provider knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaFile {
    /// Row id: the host's inode.
    pub id: u64,
    /// Absolute path below `/storage/emulated/0`.
    pub path: String,
    /// Last part of the path.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// MIME type by extension.
    pub mime: &'static str,
    /// Change time in seconds.
    pub modified: i64,
}

/// The files of a collection: `downloads`, `images/media`, `audio/media`, `video/media`, `file`.
pub fn list(files: &Files, collection: &str) -> Vec<MediaFile> {
    let root = match collection {
        "downloads" => "/storage/emulated/0/Download",
        _ => "/storage/emulated/0",
    };
    files
        .walk(root)
        .unwrap_or_default()
        .into_iter()
        .filter(|(_, found)| !found.is_directory())
        .map(|(path, found)| {
            let name = path.rsplit('/').next().unwrap_or_default().to_owned();
            MediaFile {
                id: found.inode,
                mime: mime_type(&name),
                size: found.size,
                modified: found.modified_seconds(),
                name,
                path,
            }
        })
        .filter(|file| match collection.split('/').next() {
            Some("images") => file.mime.starts_with("image/"),
            Some("audio") => file.mime.starts_with("audio/"),
            Some("video") => file.mime.starts_with("video/"),
            _ => true,
        })
        .collect()
}

/// The rows of a collection: columns and values, as `content query` prints them.
pub fn rows(files: &Files, collection: &str) -> Vec<Vec<(&'static str, String)>> {
    let sounds = collection.starts_with("audio");
    list(files, collection)
        .into_iter()
        .map(|file| {
            let mut columns = vec![
                ("_id", file.id.to_string()),
                ("_data", file.path.clone()),
                ("_display_name", file.name.clone()),
                ("_size", file.size.to_string()),
                ("mime_type", file.mime.to_owned()),
                ("date_modified", file.modified.to_string()),
            ];
            if sounds {
                columns.extend(Song::of(files, file).columns());
            }
            columns
        })
        .collect()
}

/// Deletes the files of a collection and returns how many there were.
pub fn delete(files: &Files, collection: &str) -> Result<usize, FileError> {
    let found = list(files, collection);
    for file in &found {
        files.remove_file(&file.path)?;
    }
    Ok(found.len())
}

/// The ending that a new file of a MIME type gets when its name has none of that type.
pub fn ending_of(mime: &str) -> Option<&'static str> {
    Some(match mime {
        "audio/mpegurl" | "audio/x-mpegurl" => "m3u",
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "text/plain" => "txt",
        "text/html" => "html",
        "application/pdf" => "pdf",
        "application/zip" => "zip",
        _ => return None,
    })
}

/// The MIME type of a file name.
pub fn mime_type(name: &str) -> &'static str {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension.to_ascii_lowercase().as_str() {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "svg" => "image/svg+xml",
        "m3u" => "audio/x-mpegurl",
        "mp3" => "audio/mpeg",
        "m4a" => "audio/mp4",
        "wav" => "audio/x-wav",
        "ogg" => "audio/ogg",
        "mp4" => "video/mp4",
        "mkv" => "video/x-matroska",
        "pdf" => "application/pdf",
        "txt" | "md" => "text/plain",
        "html" => "text/html",
        "zip" => "application/zip",
        "apk" => "application/vnd.android.package-archive",
        _ => "application/octet-stream",
    }
}
