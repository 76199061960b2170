//! The folders of the phone as VLC lists them.

use super::database::Video;
use crate::phone::providers::media::mime_type;
use crate::phone::system::{Files, paths};

/// The root of the shared storage.
pub const STORAGE: &str = "/storage/emulated/0";

/// One row of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A folder: name, path, how many folders and media it has.
    Folder(String, String, usize, usize),
    /// A video or song.
    File(Video),
}

fn is_media(name: &str) -> bool {
    let mime = mime_type(name);
    mime.starts_with("video/") || mime.starts_with("audio/")
}

/// What a folder has: folders, then media, by name; hidden names are left out.
pub fn entries(files: &Files, folder: &str, library: &[Video]) -> Vec<Entry> {
    let mut folders = Vec::new();
    let mut media = Vec::new();
    let listed = files.list(folder).unwrap_or_default();
    for entry in listed
        .into_iter()
        .filter(|entry| !entry.name.starts_with('.'))
    {
        let path = paths::child(folder, &entry.name);
        if let Ok(inside) = files.list(&path) {
            let shown = || inside.iter().filter(|one| !one.name.starts_with('.'));
            let count = shown().filter(|one| is_media(&one.name)).count();
            let below = shown()
                .filter(|one| files.is_dir(&paths::child(&path, &one.name)))
                .count();
            folders.push(Entry::Folder(entry.name, path, below, count));
        } else if let Some(known) = library.iter().find(|video| video.path == path) {
            media.push(Entry::File(known.clone()));
        }
    }
    folders.append(&mut media);
    folders.sort_by_key(|entry| match entry {
        Entry::Folder(name, ..) => (false, name.to_lowercase()),
        Entry::File(video) => (true, video.filename.to_lowercase()),
    });
    folders
}
