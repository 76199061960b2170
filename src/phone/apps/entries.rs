//! Names and places of files as the apps for files have them: parts of names, names that are free, and
//! folders copied with everything in them. Uses the system's files.

use crate::phone::system::{Files, PhoneError, paths};

/// What stands behind the last dot of a name.
pub fn extension(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => extension,
        _ => "",
    }
}

/// A name without its extension.
pub fn stem(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    }
}

/// The last name of a path.
pub fn name_of(path: &str) -> &str {
    paths::split(path).map_or("/", |(_, name)| name)
}

/// The folder that a path lies in; `None` for the root.
pub fn parent_of(path: &str) -> Option<&str> {
    paths::split(path).map(|(parent, _)| parent)
}

/// Whether two paths of the shared storage mean the same entry.
pub fn same(left: &str, right: &str) -> bool {
    left.to_lowercase() == right.to_lowercase()
}

/// Whether `path` is `folder` or lies below it, whatever the case.
pub fn is_within(path: &str, folder: &str) -> bool {
    paths::is_within(&path.to_lowercase(), &folder.to_lowercase())
}

/// What can stand in a name of a typed text.
pub fn clean_name(typed: &str) -> String {
    typed
        .chars()
        .filter(|character| {
            !character.is_control()
                && !matches!(
                    character,
                    '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|'
                )
        })
        .collect()
}

/// Whether a name can be that of a file.
pub fn is_name(name: &str) -> bool {
    !name.is_empty() && name != "." && name != ".." && !name.contains('/')
}

/// `name`, or the first name that the folder does not have with a number before the extension, as
/// `numbered` writes it behind the stem.
pub fn free_name(
    files: &Files,
    folder: &str,
    name: &str,
    numbered: impl Fn(&str, u32) -> String,
) -> String {
    let extension = extension(name);
    let end = if extension.is_empty() {
        String::new()
    } else {
        format!(".{extension}")
    };
    std::iter::once(name.to_owned())
        .chain((1u32..).map(|number| format!("{}{end}", numbered(stem(name), number))))
        .find(|name| !files.exists(&paths::child(folder, name)))
        .unwrap_or_else(|| name.to_owned())
}

/// Copies a file, or a folder with everything in it.
///
/// # Errors
/// When something cannot be read or written.
pub fn copy(files: &Files, from: &str, to: &str) -> Result<(), PhoneError> {
    if !files.is_dir(from) {
        return files
            .copy_file(from, to)
            .map_err(|error| PhoneError::file(to, error));
    }
    // Read before the target is made, which may lie inside.
    let entries = files
        .list(from)
        .map_err(|error| PhoneError::file(from, error))?;
    files
        .make_dirs(to)
        .map_err(|error| PhoneError::file(to, error))?;
    for entry in entries {
        copy(
            files,
            &paths::child(from, &entry.name),
            &paths::child(to, &entry.name),
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::system::{Clock, ClockMode};

    #[test]
    fn names_are_split_cleaned_and_made_free() {
        assert_eq!((stem("a.b.md"), extension("a.b.md")), ("a.b", "md"));
        assert_eq!((stem(".x"), extension(".x")), (".x", ""));
        assert_eq!(clean_name("a/b: c?\n"), "ab c");
        assert!(!is_name("..") && !is_name("") && is_name("..."));
        let root = tempfile::tempdir().unwrap();
        let files = Files::open(root.path(), Clock::new(ClockMode::Steps)).unwrap();
        let folder = "/storage/emulated/0/Documents";
        files.write(&format!("{folder}/a.md"), "").unwrap();
        let free = |name: &str| free_name(&files, folder, name, |stem, n| format!("{stem} ({n})"));
        assert_eq!(free("A.md"), "A (1).md");
        assert_eq!(free("b"), "b");
    }
}
