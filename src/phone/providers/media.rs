//! The media provider: the files on the shared storage, seen as rows. Nothing is stored: what is
//! in the files is the truth.

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

/// Deletes the files of a collection and returns how many there were.
pub fn delete(files: &Files, collection: &str) -> Result<usize, FileError> {
    let found = list(files, collection);
    for file in &found {
        files.remove_file(&file.path)?;
    }
    Ok(found.len())
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
