//! Names of files on the phone: normalising, fixed links, limits. Pure text; touches no disk.

/// Longest path, as Linux has it.
pub const MAX_PATH: usize = 4096;
/// Longest name of one entry.
pub const MAX_NAME: usize = 255;

/// The links of a Pixel image that clients meet: name, where it really leads, and the target that
/// `ls -l` prints.
pub const LINKS: &[(&str, &str, &str)] = &[
    ("/sdcard", "/storage/emulated/0", "/storage/self/primary"),
    (
        "/mnt/sdcard",
        "/storage/emulated/0",
        "/storage/self/primary",
    ),
    (
        "/storage/self/primary",
        "/storage/emulated/0",
        "/storage/emulated/0",
    ),
    (
        "/data/media/0",
        "/storage/emulated/0",
        "/storage/emulated/0",
    ),
    ("/data/user/0", "/data/data", "/data/data"),
    ("/bin", "/system/bin", "/system/bin"),
    ("/etc", "/system/etc", "/system/etc"),
];

/// Makes a path absolute and canonical: relative to `directory`, without `.`, `..` and double
/// slashes, links followed. `..` at the root stays at the root, so nothing leaves the phone.
/// `None` for an empty path, a NUL byte or a name that is too long.
pub fn normalize(directory: &str, path: &str) -> Option<String> {
    follow(&join(directory, path)?)
}

/// Like [`normalize`], but a link in the last place is not followed.
pub fn normalize_link(directory: &str, path: &str) -> Option<String> {
    let plain = join(directory, path)?;
    if link_target(&plain).is_some() {
        return Some(plain);
    }
    follow(&plain)
}

/// What `ls -l` prints behind the arrow, when the path is one of the phone's links.
pub fn link_target(path: &str) -> Option<&'static str> {
    LINKS
        .iter()
        .find(|(name, _, _)| *name == path)
        .map(|(_, _, shown)| *shown)
}

/// The directory that holds the path, and its last name; `None` for the root.
pub fn split(path: &str) -> Option<(&str, &str)> {
    let (parent, name) = path.rsplit_once('/')?;
    if name.is_empty() {
        return None;
    }
    Some((if parent.is_empty() { "/" } else { parent }, name))
}

/// Puts a name under a directory.
pub fn child(directory: &str, name: &str) -> String {
    if directory.ends_with('/') {
        format!("{directory}{name}")
    } else {
        format!("{directory}/{name}")
    }
}

/// Whether `path` is `directory` or lies below it.
pub fn is_within(path: &str, directory: &str) -> bool {
    match path.strip_prefix(directory) {
        Some(rest) => rest.is_empty() || rest.starts_with('/') || directory.ends_with('/'),
        None => false,
    }
}

/// Makes a path absolute, without `.`, `..` and double slashes; links are not followed.
pub fn join(directory: &str, path: &str) -> Option<String> {
    if path.is_empty() || path.contains('\0') || path.len() > MAX_PATH {
        return None;
    }
    let base = if path.starts_with('/') { "" } else { directory };
    let mut names: Vec<&str> = Vec::new();
    for name in base.split('/').chain(path.split('/')) {
        match name {
            "" | "." => {}
            ".." => {
                names.pop();
            }
            _ if name.len() > MAX_NAME => return None,
            _ => names.push(name),
        }
    }
    Some(format!("/{}", names.join("/")))
}

fn follow(path: &str) -> Option<String> {
    let mut path = path.to_owned();
    // The table has chains of at most two; anything longer would be a loop.
    for _ in 0..4 {
        let Some((name, real, _)) = LINKS.iter().find(|(name, _, _)| is_within(&path, name)) else {
            return Some(path);
        };
        path = format!("{real}{}", &path[name.len()..]);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn links_and_dots_are_resolved() {
        for (directory, path, expected) in [
            ("/", "/sdcard/DCIM/", "/storage/emulated/0/DCIM"),
            ("/sdcard", "../data/./user/0/a", "/data/data/a"),
            ("/", "../../etc/passwd", "/system/etc/passwd"),
            ("/", "/sdcardx", "/sdcardx"),
            ("/", "/data/media/0/Android", "/storage/emulated/0/Android"),
            ("/a", ".", "/a"),
            ("/a", "//b//c", "/b/c"),
        ] {
            assert_eq!(normalize(directory, path).as_deref(), Some(expected));
        }
        assert_eq!(normalize("/", ""), None);
        assert_eq!(normalize("/", "a\0b"), None);
        assert_eq!(normalize("/", &"a".repeat(256)), None);
        assert_eq!(normalize_link("/", "/sdcard").as_deref(), Some("/sdcard"));
    }

    proptest! {
        #[test]
        fn nothing_leaves_the_root(path in "[a-c./]{1,40}", directory in "(/[a-c.]{1,3}){0,3}") {
            if let Some(path) = normalize(&directory, &path) {
                prop_assert!(path.starts_with('/'));
                prop_assert!(!path.split('/').any(|name| name == ".." || name == "."));
                prop_assert_eq!(normalize("/", &path), Some(path.clone()));
            }
        }
    }
}
