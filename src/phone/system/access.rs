//! What Android's user `shell` may do with a path, as AOSP's `init.rc` gives modes and owners. Pure.

use super::paths::is_within;

/// Where the shared storage is.
const STORAGE: &str = "/storage/emulated/0";
/// The shell user's own directory.
const OWN: &str = "/data/local/tmp";

/// Whether it may reach the path: `/data` and `/data/local` can be passed, what else is in them belongs to others.
pub fn may_use(path: &str) -> bool {
    let passed = ["/data", "/data/local"].contains(&trimmed(path));
    !is_within(path, "/data") || passed || is_within(path, OWN)
}

/// Whether it may list a directory. `/data` and `/data/local` can only be passed.
pub fn may_list(path: &str) -> bool {
    may_use(path) && (!is_within(path, "/data") || is_within(path, OWN))
}

/// Whether it may make, change or remove the entry: on the shared storage and in its own directory.
pub fn may_change(path: &str) -> bool {
    let path = trimmed(path);
    [STORAGE, OWN]
        .iter()
        .any(|place| is_within(path, place) && path != *place)
}

fn trimmed(path: &str) -> &str {
    path.trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shell_user_has_the_shared_storage_and_its_own_directory() {
        for path in [
            "/data/local/tmp/x",
            "/storage/emulated/0/Android/data/a.b/x",
        ] {
            assert!(
                may_use(path) && may_list(path) && may_change(path),
                "{path}"
            );
        }
        for path in ["/data/data", "/data/data/a.b/x", "/data/local/other"] {
            assert!(
                !may_use(path) && !may_list(path) && !may_change(path),
                "{path}"
            );
        }
        for path in ["/data", "/data/local/"] {
            assert!(may_use(path) && !may_list(path) && !may_change(path));
        }
        for path in [
            "/",
            "/system/bin",
            "/storage/emulated/0/",
            "/data/local/tmp",
        ] {
            assert!(may_list(path) && !may_change(path), "{path}");
        }
    }
}
