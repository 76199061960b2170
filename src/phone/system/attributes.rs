//! Modes and owners: what Android gives to a path by default, and their names. Pure.

use super::paths::is_within;

/// Type bits of a regular file, as `stat` has them.
pub const REGULAR: u32 = 0o100_000;
/// Type bits of a directory.
pub const DIRECTORY: u32 = 0o040_000;
/// Type bits of a symbolic link.
pub const LINK: u32 = 0o120_000;

/// Root's id.
pub const ROOT: u32 = 0;
/// The system server's id.
pub const SYSTEM: u32 = 1000;
/// The shell user's id.
pub const SHELL: u32 = 2000;
/// The group of files on the shared storage.
pub const MEDIA_RW: u32 = 1023;
/// The media provider's id, the owner of what lies on the shared storage.
pub const MEDIA_PROVIDER: u32 = 10_158;

/// Permission bits and owner of one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attributes {
    /// Permission bits only.
    pub mode: u32,
    /// Owner.
    pub user: u32,
    /// Group.
    pub group: u32,
}

/// Whether a path lies on the shared storage, where modes and owners cannot be changed.
pub fn is_shared_storage(path: &str) -> bool {
    is_within(path, "/storage/emulated/0")
}

/// What a path gets when nobody said otherwise. `app` gives the user id of a package.
pub fn default_for(path: &str, directory: bool, app: impl Fn(&str) -> Option<u32>) -> Attributes {
    let make = |mode, user, group| Attributes { mode, user, group };
    if is_shared_storage(path) {
        return make(
            if directory { 0o2770 } else { 0o660 },
            MEDIA_PROVIDER,
            MEDIA_RW,
        );
    }
    if let Some(rest) = path.strip_prefix("/data/data/") {
        let package = rest.split('/').next().unwrap_or("");
        return match app(package) {
            Some(user) if rest == package => make(0o700, user, user),
            Some(user) => make(if directory { 0o771 } else { 0o660 }, user, user),
            None => make(if directory { 0o777 } else { 0o666 }, ROOT, ROOT),
        };
    }
    if is_within(path, "/data/local/tmp") {
        return match (path == "/data/local/tmp", directory) {
            (true, _) => make(0o771, SHELL, SHELL),
            // The daemon's shell runs without a mask.
            (false, true) => make(0o777, ROOT, ROOT),
            (false, false) => make(0o666, ROOT, ROOT),
        };
    }
    if is_within(path, "/data") {
        return make(if directory { 0o771 } else { 0o660 }, SYSTEM, SYSTEM);
    }
    if is_within(path, "/system/bin") {
        return make(0o755, ROOT, SHELL);
    }
    make(if directory { 0o755 } else { 0o644 }, ROOT, ROOT)
}

/// The name of a user or group id, as Android's `ls -l` prints it.
pub fn user_name(id: u32) -> String {
    match id {
        0 => "root".to_owned(),
        1000 => "system".to_owned(),
        1001 => "radio".to_owned(),
        1015 => "sdcard_rw".to_owned(),
        1023 => "media_rw".to_owned(),
        2000 => "shell".to_owned(),
        9997 => "everybody".to_owned(),
        10_000..=19_999 => format!("u0_a{}", id - 10_000),
        _ => id.to_string(),
    }
}

/// The id behind a name or a number; the reverse of [`user_name`].
pub fn user_id(name: &str) -> Option<u32> {
    if let Ok(id) = name.parse() {
        return Some(id);
    }
    if let Some(number) = name.strip_prefix("u0_a") {
        return number.parse::<u32>().ok().map(|number| 10_000 + number);
    }
    [0, 1000, 1001, 1015, 1023, 2000, 9997]
        .into_iter()
        .find(|id| user_name(*id) == name)
}

/// `drwxr-xr-x` for type and permission bits.
pub fn mode_text(mode: u32) -> String {
    let mut text = String::with_capacity(10);
    text.push(match mode & 0o170_000 {
        DIRECTORY => 'd',
        LINK => 'l',
        0o020_000 => 'c',
        _ => '-',
    });
    for (shift, special, letter) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
        let bits = mode >> shift;
        text.push(if bits & 4 != 0 { 'r' } else { '-' });
        text.push(if bits & 2 != 0 { 'w' } else { '-' });
        text.push(match (bits & 1 != 0, mode & special != 0) {
            (true, true) => letter,
            (false, true) => letter.to_ascii_uppercase(),
            (true, false) => 'x',
            (false, false) => '-',
        });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_read_as_ls_prints_them() {
        assert_eq!(mode_text(REGULAR | 0o660), "-rw-rw----");
        assert_eq!(mode_text(DIRECTORY | 0o2770), "drwxrws---");
        assert_eq!(mode_text(DIRECTORY | 0o1777), "drwxrwxrwt");
        assert_eq!(mode_text(LINK | 0o777), "lrwxrwxrwx");
    }

    #[test]
    fn users_have_names_and_ids() {
        for id in [0, 1000, 1023, 2000, 10_158, 4242] {
            assert_eq!(user_id(&user_name(id)), Some(id));
        }
        assert_eq!(user_id("nobody-at-all"), None);
    }
}
