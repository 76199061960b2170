//! Names that differ only in case: on the shared storage they mean the same entry, which keeps the name
//! it was made with. Looks at the disk, changes nothing.

use std::fs;
use std::path::Path;

/// The shared storage, which is a case-insensitive volume.
const SHARED: &str = "/storage/emulated/0";

/// A normalized path with the names that its entries on the disk have. Names without an entry, and paths
/// elsewhere, stay as they are.
pub fn as_stored(root: &Path, normal: String) -> String {
    let Some(below) = normal
        .strip_prefix(SHARED)
        .and_then(|rest| rest.strip_prefix('/'))
    else {
        return normal;
    };
    let shared = root.join(&SHARED[1..]);
    if fs::symlink_metadata(shared.join(below)).is_ok() {
        return normal;
    }
    let mut host = shared;
    let mut stored = SHARED.to_owned();
    for name in below.split('/') {
        let name = if fs::symlink_metadata(host.join(name)).is_ok() {
            name.to_owned()
        } else {
            same_but_case(&host, name).unwrap_or_else(|| name.to_owned())
        };
        host.push(&name);
        stored.push('/');
        stored.push_str(&name);
    }
    stored
}

/// The entry of a directory whose name differs only in case; the first one, should there be several.
fn same_but_case(directory: &Path, name: &str) -> Option<String> {
    let wanted = name.to_lowercase();
    fs::read_dir(directory)
        .ok()?
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|found| found.to_lowercase() == wanted)
        .min()
}

#[cfg(test)]
mod tests {
    use crate::phone::system::{Clock, ClockMode, FileError, Files};

    #[test]
    fn on_the_shared_storage_case_does_not_matter() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::open(folder.path(), Clock::new(ClockMode::Steps)).unwrap();
        files.make_dirs("/sdcard/Documents/markor").unwrap();
        files
            .write("/sdcard/documents/MARKOR/Note.md", "one")
            .unwrap();
        assert_eq!(
            files.read_text("/sdcard/Documents/markor/note.MD").unwrap(),
            "one"
        );
        files
            .write("/sdcard/Documents/Markor/note.md", "two")
            .unwrap();
        let names = |path: &str| -> Vec<String> {
            let entries = files.list(path).unwrap();
            entries.into_iter().map(|entry| entry.name).collect()
        };
        assert_eq!(names("/sdcard/Documents"), ["markor"]);
        assert_eq!(names("/sdcard/Documents/Markor"), ["Note.md"]);
        assert_eq!(
            files.make_dir("/sdcard/Documents/Markor"),
            Err(FileError::Exists)
        );
        files
            .rename(
                "/sdcard/Documents/Markor/note.md",
                "/sdcard/Documents/markor/NOTE.md",
            )
            .unwrap();
        assert_eq!(names("/sdcard/Documents/markor"), ["NOTE.md"]);
        files
            .remove_file("/sdcard/Documents/Markor/note.md")
            .unwrap();
        assert!(names("/sdcard/Documents/markor").is_empty());
        // Elsewhere it does.
        files.write("/data/local/tmp/a", "a").unwrap();
        assert!(!files.exists("/data/local/tmp/A"));
    }
}
